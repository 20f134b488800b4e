"""The generated codecs: what is written is read back, and it satisfies the schema."""

from __future__ import annotations

import datetime as dt
import types
import typing
import uuid
from enum import Enum
from typing import Any

import pytest
from hypothesis import given

from esignwire._codec import Unreadable, Unwritable
from esignwire_generated.assuresign.types import (
    check_status,
    download,
    download_template,
    envelopes,
    lookup_session,
)
from esignwire_generated.signix.types import common, submit_ajax
from esignwire_generated.signix.types.common import CustInfoType
from tests.support.strategies import (
    ALL_CODECS,
    Codec,
    codec_of,
    instances,
    modest,
    samples,
)

_ID = uuid.UUID(int=7)
_DOWNLOAD_TEMPLATE = "https://www.assuresign.net/Services/DocumentNOW/DownloadTemplate"
_LOOKUP = "https://www.assuresign.net/Services/DocumentNOW/LookupSession"
_SIGNIX = CustInfoType.Meta.namespace
_STATUS = "https://www.assuresign.net/Services/DocumentNOW/CheckStatus"


@pytest.mark.parametrize("codec", ALL_CODECS, ids=lambda codec: codec.name)
def test_what_is_written_is_read_back(codec: Codec) -> None:
    @modest(25)
    @given(instances(codec.kind))
    def check(value: object) -> None:
        found, reader = codec.read(codec.write(value))
        assert found == value
        assert reader.unknown == []

    check()


# --- what cannot be written ---


@pytest.mark.parametrize("point", [0x0, 0xB, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF], ids=hex)
def test_a_text_that_xml_cannot_carry_is_refused_by_name(point: int) -> None:
    character = chr(point)
    codec = codec_of(submit_ajax.SubmitAjaxDataType)
    value = submit_ajax.SubmitAjaxDataType(transaction_id="t", request=f"ab{character}c")
    with pytest.raises(Unwritable, match=rf"U\+{point:04X} \(at position 2\)") as caught:
        codec.write(value)
    assert caught.value.path == "SubmitAjaxDataType/Request"
    exception = lookup_session.SessionLookupException(value="", severity=f"ab{character}c")
    with pytest.raises(Unwritable, match=f"U.{point:04X}") as caught:
        codec_of(lookup_session.SessionLookupException).write(exception)
    assert caught.value.path == "SessionLookupException/@Severity"


class _Loud(str):
    """A text that prints itself as markup."""

    __slots__ = ()

    def __str__(self) -> str:
        return "<evil/>"

    def __format__(self, specification: str) -> str:
        return "<evil/>"


class _Mixed(str, Enum):  # noqa: UP042 - prints itself otherwise than a StrEnum does
    VALUE = "a<b"


@pytest.mark.parametrize("text", [_Loud("a<b"), _Mixed.VALUE])
def test_nothing_is_written_unescaped(text: str) -> None:
    codec = codec_of(submit_ajax.SubmitAjaxDataType)
    found = codec.write(submit_ajax.SubmitAjaxDataType(request=text))
    assert "<Request>a&lt;b</Request>" in found


def _wrong(kind: type[Any], **members: object) -> Any:
    """An instance with members that a type checker would refuse."""
    value = samples(kind)[1]
    return kind(**{name: members.get(name, getattr(value, name)) for name in kind.__slots__})


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (
            _wrong(lookup_session.SessionLookup, session_id=str(_ID)),
            "SessionLookup/@SessionId",
        ),
        (_wrong(lookup_session.SessionLookup, session_id=None), "SessionLookup/@SessionId"),
        (
            _wrong(
                lookup_session.ArrayOfSessionLookup,
                session_lookup=[
                    lookup_session.SessionLookup(context_identifier=_ID, session_id=_ID),
                    _wrong(lookup_session.SessionLookup, context_identifier=5),
                ],
            ),
            "ArrayOfSessionLookup/SessionLookup[2]/@ContextIdentifier",
        ),
        (
            _wrong(lookup_session.ArrayOfSessionLookup, session_lookup="ab"),
            "ArrayOfSessionLookup/SessionLookup",
        ),
        (_wrong(submit_ajax.RequestsType, request="{}"), "RequestsType/Request"),
        (_wrong(lookup_session.LookupSession, session_lookups={}), "LookupSession/SessionLookups"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_path(value: Any, path: str) -> None:
    with pytest.raises(Unwritable) as caught:
        codec_of(type(value)).write(value)
    assert caught.value.path == path


def _place(kind: object) -> tuple[Codec, str]:
    """A codec with a member of one kind, which is not a list."""
    for codec in ALL_CODECS:
        for name, hint in typing.get_type_hints(codec.kind).items():
            if {*(typing.get_args(hint) or (hint,))} - {types.NoneType} == {kind}:
                return codec, name
    raise LookupError(kind)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (bool, 1),
        (bool, "true"),
        (int, True),
        (int, "1"),
        (int, 10**4000),
        (float, "1.0"),
        (float, 10**400),
        (uuid.UUID, str(_ID)),
        (dt.datetime, dt.datetime(2024, 1, 1)),  # without a zone it names no point in time
        (dt.datetime, dt.date(2024, 1, 1)),
        (dt.datetime, dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=23)))),
    ],
)
def test_simple_values_are_refused_unless_of_their_type(kind: object, wrong: object) -> None:
    codec, name = _place(kind)
    value = _wrong(codec.kind) if name in codec.kind.__slots__ else samples(codec.kind)[1]
    setattr(value, name, wrong)
    try:
        with pytest.raises(Unwritable) as caught:
            codec.write(value)
    finally:
        # The sample is shared where the member is inherited.
        setattr(value, name, getattr(samples(codec.kind)[2], name))
    assert caught.value.value is wrong
    assert caught.value.path.count("/") == 1


def test_a_derived_type_does_not_stand_for_its_base() -> None:
    derived = type("Derived", (lookup_session.SessionLookup,), {})
    value = lookup_session.ArrayOfSessionLookup(
        session_lookup=[derived(context_identifier=_ID, session_id=_ID)]
    )
    with pytest.raises(Unwritable, match="a SessionLookup") as caught:
        codec_of(lookup_session.ArrayOfSessionLookup).write(value)
    assert caught.value.path == "ArrayOfSessionLookup/SessionLookup"


# --- what is read all the same ---


def _result(attributes: str, content: str) -> tuple[Any, list[str]]:
    codec = codec_of(lookup_session.SessionLookupResult)
    found, reader = codec.read(
        f'<SessionLookupResult xmlns="{_LOOKUP}" {attributes}>{content}</SessionLookupResult>'
    )
    return found, reader.unknown


def test_unknown_names_are_noted_and_skipped() -> None:
    found, unknown = _result(
        f'SessionId="{_ID}" New="1"', '<Newer>x</Newer><o:Other xmlns:o="urn:o"/><Exceptions/>'
    )
    assert found.session_id == _ID
    assert found.exceptions.session_lookup_exception == []
    assert unknown == [
        "SessionLookupResult/@New",
        "SessionLookupResult/Newer",
        "SessionLookupResult/Other",
    ]


def test_what_stands_beside_a_value_is_noted() -> None:
    codec = codec_of(common.StatusType)
    status = f'<Status xmlns="{_SIGNIX}">{{}}<StatusDesc>success</StatusDesc></Status>'
    found, reader = codec.read(status.format('<StatusCode a="1">0<b/></StatusCode>'))
    assert (found.status_code, found.status_desc) == (0, "success")
    assert reader.unknown == ["Status/StatusCode/@a", "Status/StatusCode/b"]
    # A type that has members with content of their own beside those with a value.
    codec = codec_of(submit_ajax.SubmitAjaxRsDataType)
    data = f'<Data xmlns="{_SIGNIX}">{{}}</Data>'
    found, reader = codec.read(data.format("<Response>{}<b/></Response>"))
    assert found.response == "{}"
    assert reader.unknown == ["Data/Response/b"]
    response = '<Response responseCode="0" responseDesc="success">{}</Response>'
    found, reader = codec.read(data.format(f'<Responses a="1">{response}</Responses>'))
    assert reader.unknown == ["Data/Responses/@a"]


def test_type_attributes_and_comments_mean_nothing() -> None:
    found, unknown = _result(
        f'SessionId="{_ID}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="X"',
        "<!-- note --><?pi?><Exceptions/>",
    )
    assert found.exceptions is not None
    assert unknown == []


def test_the_first_of_repeated_elements_counts_and_the_rest_are_noted() -> None:
    exception = '<SessionLookupException Severity="Odd">x<!-- y -->z</SessionLookupException>'
    found, unknown = _result(
        f'SessionId="{_ID}"', f"<Exceptions>{exception}</Exceptions><Exceptions/>"
    )
    (only,) = found.exceptions.session_lookup_exception
    assert (only.value, only.severity) == ("xz", "Odd")
    assert not isinstance(only.severity, Enum)
    assert unknown == ["SessionLookupResult/Exceptions[2] (repeated)"]


def test_a_missing_member_is_named_with_its_path() -> None:
    with pytest.raises(Unreadable) as caught:
        _result("", "")
    assert caught.value.path == "SessionLookupResult/@SessionId"


def test_nil_items_are_left_out() -> None:
    codec = codec_of(lookup_session.ArrayOfSessionLookupResult)
    nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'
    found, reader = codec.read(
        f'<ArrayOfSessionLookupResult xmlns="{_LOOKUP}"><SessionLookupResult {nil}/>'
        f'<SessionLookupResult SessionId="{_ID}"/></ArrayOfSessionLookupResult>'
    )
    assert [one.session_id for one in found.session_lookup_result] == [_ID]
    assert reader.unknown == []


def test_nil_is_none_even_where_the_schema_does_not_allow_it() -> None:
    nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="{}"'
    codec = codec_of(download.DownloadResult)
    result = (
        f'<DownloadResult xmlns="{codec.kind.Meta.namespace}" DocumentId="{_ID}"'
        ' DownloadType="Original"><FileData {}/></DownloadResult>'
    )
    found, reader = codec.read(result.format(nil.format("true")))
    assert found.file_data is None
    assert reader.unknown == []
    # An empty one is none that is missing.
    for empty in ("", nil.format("false")):
        assert codec.read(result.format(empty))[0].file_data == b""
    codec = codec_of(common.StatusType)
    status = f'<Status xmlns="{_SIGNIX}"><StatusCode>0</StatusCode><StatusDesc {{}}/></Status>'
    assert codec.read(status.format(nil.format("1")))[0].status_desc is None
    assert codec.read(status.format(""))[0].status_desc == ""


def test_other_spellings_that_the_schema_lists_are_read() -> None:
    codec = codec_of(envelopes.DeleteEnvelopeResponse)
    proper = codec.write(samples(envelopes.DeleteEnvelopeResponse)[1])
    head, _, tail = proper.partition("<DeleteEnvelopeResult>")
    middle, _, end = tail.rpartition("</DeleteEnvelopeResult>")
    other = f"{head}<DeleteEnvelopeResults>{middle}</DeleteEnvelopeResults>{end}"
    assert other != proper
    found, reader = codec.read(other)
    assert found == codec.read(proper)[0]
    assert reader.unknown == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-06T07:08:09.1234567", dt.datetime(2024, 5, 6, 7, 8, 9, 123456)),
        ("2024-05-06T07:08:09Z", dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC)),
        ("2024-05-06T24:00:00", dt.datetime(2024, 5, 7)),
        (" 2024-05-06T07:08:09 ", dt.datetime(2024, 5, 6, 7, 8, 9)),
        ("0001-01-01T00:00:00", None),
        ("0001-01-01T00:00:00Z", None),
        (" 0001-01-01T00:00:00.0000000-05:00", None),
        ("", None),
    ],
)
def test_dates_as_microsoft_writes_them(text: str, expected: dt.datetime | None) -> None:
    codec = codec_of(check_status.DocumentStatusCheckResult)
    found, reader = codec.read(
        f'<DocumentStatusCheckResult xmlns="{_STATUS}" Id="{_ID}" StatusDate="{text}"/>'
    )
    assert found.status_date == expected
    assert reader.unknown == []


def test_base64_may_have_line_breaks_and_nothing_else_foreign() -> None:
    codec = codec_of(download_template.DownloadTemplateResult)
    namespace = codec.kind.Meta.namespace

    def message(text: str) -> str:
        return (
            f'<DownloadTemplateResult xmlns="{namespace}" TemplateId="{_ID}">'
            f"<FileData>{text}</FileData></DownloadTemplateResult>"
        )

    found, reader = codec.read(message("\r\n aGVs\n bG8= \n"))
    assert found.file_data == b"hello"
    assert reader.unknown == []
    with pytest.raises(Unreadable, match="base64 was due") as caught:
        codec.read(message("@@aGk=!!"))
    assert "aGk" not in str(caught.value)
    for wrong in ("aGVs=", "aGVsbG8", "aGVsbG8==", "aGVs\u00a0bG8=", "aGVs====", "=", "a==="):
        with pytest.raises(Unreadable, match="base64 was due"):
            codec.read(message(wrong))


@pytest.mark.parametrize(
    "attribute",
    ['href="cid:1"', 'xmlns:l="http://www.w3.org/1999/xlink" l:href="cid:1"', 'ref="1"', 'src="x"'],
)
def test_a_document_that_lies_elsewhere_is_no_empty_document(attribute: str) -> None:
    codec = codec_of(download_template.DownloadTemplateResult)

    def message(attributes: str) -> str:
        return (
            f'<DownloadTemplateResult TemplateId="{_ID}" xmlns="{_DOWNLOAD_TEMPLATE}">'
            f"<FileData {attributes}> </FileData></DownloadTemplateResult>"
        )

    rule = "base64 was due, and it is empty beside the attribute"
    with pytest.raises(Unreadable, match=rule) as caught:
        codec.read(message(attribute))
    assert caught.value.path == "DownloadTemplateResult/FileData"
    assert "cid" not in str(caught.value)
    mime = 'xmlns:m="http://www.w3.org/2005/05/xmlmime" m:contentType="application/pdf"'
    found, _ = codec.read(message(mime))
    assert found.file_data.size == 0
