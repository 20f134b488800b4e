"""The generated codecs against xsdata, which reads the same dataclasses by their metadata.

Neither side knows of the other: xsdata goes by reflection, the codecs are straight-line code. What
xsdata cannot do is listed here, each with its reason and a test that it is still so.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import typing
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from xsdata.exceptions import ConverterError, XmlContextError
from xsdata.formats.converter import Converter, converter
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.models import builders
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers import LxmlEventHandler
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.formats.dataclass.serializers.writers import LxmlEventWriter

from esignwire._documents import ReceivedDocument
from esignwire_generated.assuresign.types.download_template import DownloadTemplateResult
from esignwire_generated.assuresign.types.lookup_session import LookupSessionResponse
from esignwire_generated.signix.types.confirm_download import ConfirmDownloadRsDataType
from tests.support.strategies import (
    ALL_CODECS,
    Codec,
    canonical,
    codec_of,
    instances,
    modest,
    parse,
    samples,
)


class _Uuids(Converter):
    def serialize(self, value: uuid.UUID, **_: Any) -> str:
        return str(value)

    def deserialize(self, value: Any, **_: Any) -> uuid.UUID:
        return uuid.UUID(value)


class _Moments(Converter):
    """Written from the rules of XML Schema, not from our own code."""

    def serialize(self, value: dt.datetime, **_: Any) -> str:
        offset = value.utcoffset()
        assert offset is not None
        if offset.seconds % 60 or offset.microseconds or abs(offset) > dt.timedelta(hours=14):
            value = value.astimezone(dt.UTC)
        return value.isoformat()

    def deserialize(self, value: Any, **_: Any) -> dt.datetime:
        if "T" not in value:
            raise ConverterError("a date is no point in time")
        return dt.datetime.fromisoformat(value)


class _Documents(Converter):
    def serialize(self, value: ReceivedDocument, **_: Any) -> str:
        return base64.b64encode(bytes(value)).decode("ascii")

    def deserialize(self, value: Any, **_: Any) -> ReceivedDocument:
        return ReceivedDocument(base64.b64decode(value, validate=True))


class _Dates(Converter):
    def serialize(self, value: dt.date, **_: Any) -> str:
        return value.isoformat()

    def deserialize(self, value: Any, **_: Any) -> dt.date:
        return dt.date.fromisoformat(value)


class _Floats(Converter):
    def serialize(self, value: float, **_: Any) -> str:
        return repr(value)

    def deserialize(self, value: Any, **_: Any) -> float:
        return float(value)


class _Booleans(Converter):
    def serialize(self, value: bool, **options: Any) -> str:
        if options.get("format") == "yes-no":
            return "yes" if value else "no"
        return "true" if value else "false"

    def deserialize(self, value: Any, **_: Any) -> bool:
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[
            value
        ]


def _hints(kind: type[Any], **options: Any) -> dict[str, Any]:
    """Type hints as xsdata can take them: one type for a document, and its own for a wildcard."""
    hints = typing.get_type_hints(kind, **options)
    wildcards = {one.name for one in dataclasses.fields(kind) if one.metadata["type"] == "Wildcard"}
    for name, hint in hints.items():
        if name in wildcards:
            hints[name] = list[object]
            continue
        parts = typing.get_args(hint) or (hint,)
        if ReceivedDocument in parts:
            hints[name] = ReceivedDocument | None if type(None) in parts else ReceivedDocument
    return hints


@pytest.fixture(scope="module", autouse=True)
def standard_library_types() -> Iterator[None]:
    """Teaches xsdata our types; its registry is global, so it gets back what it had."""
    before = dict(converter.registry)
    for kind, one in (
        (uuid.UUID, _Uuids()),
        (dt.datetime, _Moments()),
        (dt.date, _Dates()),
        (float, _Floats()),
        (bool, _Booleans()),
        (ReceivedDocument, _Documents()),
    ):
        converter.register_converter(kind, one)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builders, "get_type_hints", _hints)
        yield
    converter.registry.clear()
    converter.registry.update(before)


_CONTEXT = XmlContext()
_SERIALIZER = XmlSerializer(
    context=_CONTEXT, config=SerializerConfig(xml_declaration=False), writer=LxmlEventWriter
)
_PARSER = XmlParser(
    context=_CONTEXT,
    config=ParserConfig(fail_on_unknown_properties=True, fail_on_converter_warnings=True),
    handler=LxmlEventHandler,
)


def _parse(codec: Codec, text: str) -> Any:
    # xsdata gets a tree that was parsed strictly, since its own parser repairs.
    return _PARSER.parse(parse(text), codec.kind)


def _each_field(value: Any, change: Callable[[dataclasses.Field[Any], Any], Any]) -> Any:
    """Changes a tree of dataclasses in a copy."""
    if isinstance(value, list):
        return [_each_field(item, change) for item in value]
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    changed = {
        one.name: _each_field(change(one, getattr(value, one.name)), change)
        for one in dataclasses.fields(value)
    }
    return dataclasses.replace(value, **changed)


def _with_empty_documents(field: dataclasses.Field[Any], held: Any) -> Any:
    """An empty document, where xsdata left the empty text of its element."""
    return ReceivedDocument() if field.metadata.get("format") == "base64" and held == "" else held


def _as_xsdata_takes_it(field: dataclasses.Field[Any], held: Any) -> Any:
    """Nothing, where a schema leaves room for any element: xsdata has another type for it."""
    if isinstance(held, bytearray):
        return bytes(held)
    return [] if field.metadata["type"] == "Wildcard" else held


def _without_empty_arrays(field: dataclasses.Field[Any], held: Any) -> Any:
    """No empty array of an answer: ours leaves its element out, and xsdata would write it."""
    is_array = field.default_factory is not dataclasses.MISSING and not isinstance(held, list)
    return None if is_array and not held else held


@pytest.mark.parametrize("codec", ALL_CODECS, ids=lambda codec: codec.name)
def test_both_sides_agree_in_both_directions(codec: Codec) -> None:
    @modest(5)
    @given(instances(codec.kind))
    def check(drawn: object) -> None:
        value = _each_field(drawn, _as_xsdata_takes_it)
        ours = codec.write(value)
        theirs = _SERIALIZER.render(_each_field(value, _without_empty_arrays))
        assert canonical(ours) == canonical(theirs)
        assert _each_field(_parse(codec, ours), _with_empty_documents) == value
        found, reader = codec.read(theirs)
        assert found == value
        assert reader.unknown == []

    check()


# --- what xsdata cannot do ---


def test_xsdata_leaves_the_text_of_an_empty_document() -> None:
    codec = codec_of(DownloadTemplateResult)
    value = DownloadTemplateResult(file_data=ReceivedDocument(), template_id=uuid.UUID(int=1))
    assert _parse(codec, codec.write(value)).file_data == ""
    assert codec.read(codec.write(value))[0] == value


def test_xsdata_takes_no_texts_for_a_wildcard() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builders, "get_type_hints", typing.get_type_hints)
        with pytest.raises(XmlContextError, match="does not support typing"):
            XmlSerializer().render(ConfirmDownloadRsDataType())


def test_lookup_session_in_either_namespace() -> None:
    """Our reader takes both layouts; xsdata the one of the schema, and both read it alike."""
    codec = codec_of(LookupSessionResponse)
    for value in samples(LookupSessionResponse):
        proper = codec.write(value)
        theirs = "https://www.assuresign.net/Services/DocumentNOW/"
        printed = proper
        for neighbour in ("Submit", "Envelopes"):
            printed = printed.replace(f"{theirs}{neighbour}", f"{theirs}LookupSession")
        assert _parse(codec, proper) == value
        for text in (proper, printed):
            found, reader = codec.read(text)
            assert found == value
            assert reader.unknown == []
    assert printed != proper
