"""CheckStatus with xsdata, which reads and writes the same dataclasses by reflection."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from lxml import etree
from xsdata.formats.converter import Converter, converter
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.handlers import LxmlEventHandler
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.formats.dataclass.serializers.writers import LxmlEventWriter

from benchmarks.messages import CHECK_STATUS, SOAP
from esignwire_generated.assuresign.types.check_status import CheckStatus, CheckStatusResponse


class _Uuids(Converter):
    def serialize(self, value: uuid.UUID, **_: Any) -> str:
        return str(value)

    def deserialize(self, value: Any, **_: Any) -> uuid.UUID:
        return uuid.UUID(value)


class _Moments(Converter):
    def serialize(self, value: dt.datetime, **_: Any) -> str:
        return value.isoformat()

    def deserialize(self, value: Any, **_: Any) -> dt.datetime:
        return dt.datetime.fromisoformat(value)


class Codec:
    """xsdata's two halves, into the standard library's types as ours are."""

    def __init__(self) -> None:
        converter.register_converter(uuid.UUID, _Uuids())
        converter.register_converter(dt.datetime, _Moments())
        context = XmlContext()
        self._serializer = XmlSerializer(
            context=context, config=SerializerConfig(), writer=LxmlEventWriter
        )
        self._parser = XmlParser(context=context, handler=LxmlEventHandler)

    def encode(self, message: CheckStatus) -> bytes:
        return self._serializer.render(message).encode("utf-8")

    def decode(self, content: bytes) -> CheckStatusResponse:
        # Strictly, as ours: its own parser repairs what is broken.
        envelope = etree.fromstring(content, etree.XMLParser(resolve_entities=False))
        response = envelope.find(f"{{{SOAP}}}Body/{{{CHECK_STATUS}}}CheckStatusResponse")
        return self._parser.parse(response, CheckStatusResponse)
