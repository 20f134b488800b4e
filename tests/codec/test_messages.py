"""Messages between dataclasses and the wire: what is refused, what is forgiven, what is hidden."""

from __future__ import annotations

import logging
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from lxml import etree

from esignwire._call import Call
from esignwire._codec import Message, Operation, StrictReading, read_response, write_request
from esignwire.errors import InvalidRequest, UnexpectedResponse
from esignwire_generated.assuresign.names import NAMESPACES, SENSITIVE
from esignwire_generated.assuresign.services.check_status import CHECK_STATUS
from esignwire_generated.assuresign.services.envelopes import CREATE_ENVELOPE
from esignwire_generated.assuresign.services.submit import SUBMIT, SUBMIT_WITH_FILE
from esignwire_generated.assuresign.types import check_status, envelopes, submit
from tests.support.assuresign import DOCUMENT, SERVICES, xsd

KEY = uuid.UUID("06c4a84a-693c-46cb-8df2-40a8215aa056")


def call_of(operation: Operation[Any, Any]) -> Call:
    return Call(
        vendor="AssureSign",
        operation=operation.name,
        is_safe=operation.is_safe,
        sensitive=SENSITIVE,
    )


def write(operation: Operation[Any, Any], request: object) -> tuple[Message, etree._Element]:
    return write_request(operation, request, call_of(operation), "assuresign")


def read(text: str, operation: Operation[Any, Any] = CHECK_STATUS) -> Any:
    return read_response(operation, etree.fromstring(text), call_of(operation), NAMESPACES, 200)


def submission(**metadata: Any) -> submit.Submit:
    return submit.Submit(
        documents=submit.ArrayOfDocument(
            document=[submit.Document(context_identifier=KEY, metadata=submit.Metadata(**metadata))]
        )
    )


def answer(content: str, namespace: str = f"{SERVICES}/CheckStatus") -> str:
    return (
        f'<CheckStatusResponse xmlns="{namespace}"><DocumentStatusCheckResults>{content}'
        "</DocumentStatusCheckResults></CheckStatusResponse>"
    )


RESULT = f'<DocumentStatusCheckResult Id="{DOCUMENT}"/>'


def test_a_request_is_text_and_the_same_as_an_element() -> None:
    message, element = write(SUBMIT, submission(document_name='"<&>\t\n\r\u2028é'))
    assert etree.tostring(etree.fromstring(message.text), method="c14n") == etree.tostring(
        element, method="c14n"
    )
    assert element.find(".//{*}Metadata").get("DocumentName") == '"<&>\t\n\r\u2028é'
    xsd("Submit").assertValid(element)


@pytest.mark.parametrize(
    "request_message",
    [None, "text", {}, check_status.DocumentStatusCheck, submission(), etree.Element("a")],
)
def test_another_message_than_was_due_is_refused(request_message: object) -> None:
    with pytest.raises(InvalidRequest, match="must be a CheckStatus") as caught:
        write(CHECK_STATUS, request_message)
    assert caught.value.operation == "CheckStatus"
    assert "nothing was sent" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("document_name", 5, "5"),
        ("document_name", True, "True"),
        ("document_name", b"S3CRET", None),
        ("document_name", ["S3CRET"], "a list"),
        ("document_name", "\ud800", "'\\ud800'"),
        ("document_name", "x" * 500 + "\x01", "'" + "x" * 57 + "...'"),
        ("password", 5, None),
        ("password", "S3CRET\x01", None),
        ("expiration_date", "2031-05-12", "'2031-05-12'"),
        ("signature_device_support_enabled", "true", "'true'"),
        ("signature_device_support_enabled", 1, "1"),
    ],
)
def test_a_refused_value_is_shown_unless_it_is_secret(
    name: str, value: object, shown: str | None
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        write(SUBMIT, submission(**{name: value}))
    assert caught.value.value == shown
    assert (caught.value.path or "").startswith("Submit/Documents/Document/Metadata/@")
    assert "S3CRET" not in str(caught.value) + repr(vars(caught.value))
    assert caught.value.__cause__ is None
    assert len(str(caught.value)) < 400


def test_the_place_among_namesakes_is_named() -> None:
    request = submission()
    assert request.documents is not None
    bad: Any = submit.Document(context_identifier=KEY, metadata=submit.Metadata(culture=5))  # type: ignore[arg-type]  # what a caller may do
    request.documents.document.append(bad)
    with pytest.raises(InvalidRequest) as caught:
        write(SUBMIT, request)
    assert caught.value.path == "Submit/Documents/Document[2]/Metadata/@Culture"


def test_a_rule_of_the_schema_is_named_with_value_and_place() -> None:
    request = envelopes.CreateEnvelope(
        request=envelopes.CreateEnvelopeRequest(
            context_identifier=KEY,
            envelope_password="S3CRET",
            decline_behavior="Shrug",  # type: ignore[arg-type]  # what a caller may do
        )
    )
    with pytest.raises(InvalidRequest) as caught:
        write(CREATE_ENVELOPE, request)
    assert caught.value.path == "CreateEnvelope/Request/@DeclineBehavior"
    assert caught.value.value == "Shrug"
    assert "DeclineAll" in (caught.value.rule or "")
    assert "S3CRET" not in str(caught.value)
    assert str(KEY) not in str(caught.value)


def test_a_document_stands_beside_its_message() -> None:
    request = submit.SubmitWithFile(
        documents=submit.ArrayOfFileDocument(
            file_document=[
                submit.FileDocument(
                    context_identifier=KEY,
                    underlying_file=submit.UnderlyingFile(
                        file_type=submit.SupportedFileType.PDF, data=data
                    ),
                )
                for data in (bytes(12 * 1024 * 1024), b"%PDF" * 1024 * 1024)
            ]
        )
    )
    message, element = write(SUBMIT_WITH_FILE, request)
    assert len(message.text) < 2_000
    tokens = [node.text for node in element.iter("{*}Data")]
    assert list(message.uploads) == tokens
    assert len(set(tokens)) == 2
    xsd("Submit").assertValid(element)


# --- answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "namespace",
    [f"{SERVICES}/CheckStatus", f"{SERVICES}/Envelopes", "http://microsoft.com/wsdl/types/", ""],
)
def test_a_message_is_known_by_its_name_in_any_namespace_of_the_vendor(namespace: str) -> None:
    with StrictReading():
        found = read(answer(RESULT, namespace))
    results = found.document_status_check_results
    assert [one.id for one in results.document_status_check_result] == [uuid.UUID(DOCUMENT)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (answer(RESULT, "urn:other"), "CheckStatusResponse"),
        (f'<CancelResponse xmlns="{SERVICES}/CheckStatus"/>', "CancelResponse"),
        (f'<checkStatusResponse xmlns="{SERVICES}/CheckStatus"/>', "checkStatusResponse"),
    ],
)
def test_another_answer_than_was_due_is_unexpected(text: str, name: str) -> None:
    with pytest.raises(UnexpectedResponse, match="where a CheckStatusResponse") as caught:
        read(text)
    assert caught.value.path == name
    assert caught.value.http_status == 200
    assert caught.value.is_retry_safe


def test_a_value_that_cannot_be_read_is_not_repeated() -> None:
    with pytest.raises(UnexpectedResponse) as caught:
        read(answer('<DocumentStatusCheckResult Id="S3CRET"/>'))
    place = "CheckStatusResponse/DocumentStatusCheckResults/DocumentStatusCheckResult/@Id"
    assert caught.value.path == place
    assert "GUID" in str(caught.value)
    assert "S3CRET" not in str(caught.value)
    # Which of many it was:
    with pytest.raises(UnexpectedResponse) as caught:
        read(answer(RESULT + '<DocumentStatusCheckResult Id="S3CRET"/>'))
    assert "DocumentStatusCheckResult[2]/@Id" in (caught.value.path or "")


class Wrapped(str):
    """As the strings of template engines, which claim to be safe."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{self}>"


def test_a_secret_of_a_class_derived_from_str_is_not_shown() -> None:
    with pytest.raises(InvalidRequest) as caught:
        write(SUBMIT, submission(password=Wrapped("S3CRET\x01")))
    assert caught.value.path == "Submit/Documents/Document/Metadata/@Password"
    assert "S3CRET" not in str(caught.value) + repr(vars(caught.value))
    with pytest.raises(InvalidRequest, match=r"@DocumentName must be .*'open\\x01' was given"):
        write(SUBMIT, submission(document_name=Wrapped("open\x01")))


def test_what_is_a_secret_in_one_place_is_shown_in_none() -> None:
    both = "S3CRET\x01"
    with pytest.raises(InvalidRequest) as caught:
        write(SUBMIT, submission(document_name=both, password=both))
    assert "S3CRET" not in str(caught.value) + repr(vars(caught.value))


UNKNOWN = [
    ('<DocumentStatusCheckResult Id="{}" {}="1"/>', "/@{}"),
    ('<DocumentStatusCheckResult Id="{}"><{}>1</{}></DocumentStatusCheckResult>', "/{}"),
]


@pytest.mark.parametrize(("form", "place"), UNKNOWN)
def test_an_unknown_name_is_told_once_whoever_asks(
    form: str, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    name = f"Told{len(form)}"
    text = answer(form.format(DOCUMENT, name, name))
    barrier = threading.Barrier(8)

    def ask(_: int) -> None:
        barrier.wait(20)
        read(text)

    with caplog.at_level(logging.WARNING, "esignwire"), ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))
    lines = [one.getMessage() for one in caplog.records if name in one.getMessage()]
    assert len(lines) == 1
    assert place.format(name) in lines[0]
    assert DOCUMENT not in lines[0]
    with StrictReading(), pytest.raises(UnexpectedResponse, match=name):
        read(text)


def test_an_unknown_name_is_told_once_for_all_items_of_a_list(
    caplog: pytest.LogCaptureFixture,
) -> None:
    many = f'<DocumentStatusCheckResult Id="{DOCUMENT}" OnEach="1"/>'
    last = f'<DocumentStatusCheckResult Id="{DOCUMENT}" OnTheLast="1"/>'
    with caplog.at_level(logging.WARNING, "esignwire"):
        read(answer(many * 200 + last))
        read(answer(RESULT + many * 3))
    lines = [one.getMessage() for one in caplog.records]
    assert len([one for one in lines if "DocumentStatusCheckResult[1]/@OnEach" in one]) == 1
    assert len([one for one in lines if "DocumentStatusCheckResult[201]/@OnTheLast" in one]) == 1
    assert len([one for one in lines if "/@On" in one]) == 2


def test_strictness_holds_for_its_own_context_alone() -> None:
    text = answer(RESULT.replace("/>", ' NewOne="1"/>'))
    seen: list[str] = []

    def elsewhere() -> None:
        read(text)
        seen.append("read")

    with StrictReading():
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join(20)
        with StrictReading():
            pass
        with pytest.raises(UnexpectedResponse):
            read(text)
    assert seen == ["read"]
    assert read(text) is not None


def test_a_repeated_element_is_told_and_the_first_one_counts() -> None:
    first = f"<DocumentStatusCheckResults>{RESULT}</DocumentStatusCheckResults>"
    text = (
        f'<CheckStatusResponse xmlns="{SERVICES}/CheckStatus">{first}'
        "<DocumentStatusCheckResults/></CheckStatusResponse>"
    )
    results = read(text).document_status_check_results
    assert len(results.document_status_check_result) == 1
    with StrictReading(), pytest.raises(UnexpectedResponse, match="repeated"):
        read(text)


# --- what the schema does not know -------------------------------------------------------------


def test_an_answer_full_of_unknown_names_is_read_in_time(caplog: pytest.LogCaptureFixture) -> None:
    # Were a path made for each of them, this would take hours.
    odd = "".join(f"<Odd{number}/>" for number in range(100_000))
    with caplog.at_level(logging.WARNING, "esignwire"):
        read(answer(RESULT + odd))
    assert len([one for one in caplog.records if "/Odd" in one.getMessage()]) == 100


def test_the_path_of_an_unknown_name_counts_its_namesakes() -> None:
    with StrictReading(), pytest.raises(UnexpectedResponse) as raised:
        read(answer(f"{RESULT}<Odd/><Other/><Odd/><Odd/>"))
    for name in ("Odd[1]", "/Other"):
        assert name in str(raised.value)
    assert "Odd[2]" not in str(raised.value)
