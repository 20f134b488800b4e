"""Faults that are ordered: in Python, by the control address and by a header."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal, cast

import httpx
import pytest

from esignwire.emulator import (
    CommandRefused,
    CommandsReordered,
    ConnectionClosed,
    EmulatorServer,
    Fault,
    HttpStatus,
    Latency,
    Refusal,
    SoapFault,
    TokenExpired,
    Truncated,
    Warned,
    WrongContentType,
)
from esignwire.errors import ConfigurationError
from tests.emulator.constellation1.test_service import with_token
from tests.emulator.signix.test_service import (
    codes,
    command,
    emails,
    member,
    message,
    phones,
    run_many,
    status,
    submission,
    submitted,
    update,
)
from tests.support.emulator import (
    ACCOUNT,
    TEMPLATE,
    action_of,
    fault,
    get,
    mtom,
    post,
    request_element,
    signix,
    soap,
    wrapped,
)

SUBMIT = (
    f'<Documents><Document ContextIdentifier="{ACCOUNT}"><Template Id="{TEMPLATE}"/></Document>'
    "</Documents>"
)


def sent(emulator: EmulatorServer, timeout: float = 30, **headers: str) -> httpx.Response:
    """Submit a document."""
    return httpx.post(
        f"{emulator.assuresign_url}/Submit/text",
        content=wrapped(request_element("Submit", "Submit", SUBMIT)),
        headers={
            "Content-Type": "text/xml",
            "SOAPAction": action_of("Submit", "Submit"),
            **headers,
        },
        timeout=timeout,
    )


def documents(emulator: EmulatorServer) -> int:
    state = get(f"{emulator.url}/_esignwire/state").json()
    return len(state["assuresign"]["documents"])


# --- what the HTTP server does -------------------------------------------------------------------


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("while", 0), ("after", 1)])
def test_the_connection_is_closed(
    emulator: EmulatorServer, when: Literal["before", "while", "after"], made: int
) -> None:
    emulator.next("assuresign", "Submit", fault=ConnectionClosed(when=when))
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)):
        sent(emulator)
    assert documents(emulator) == made
    assert sent(emulator).status_code == 200


@pytest.mark.parametrize("when", ["before", "while", "after"])
def test_signix_names_its_operation_in_the_body(
    emulator: EmulatorServer, when: Literal["before", "while", "after"]
) -> None:
    closed = ConnectionClosed(when=when)
    emulator.next("signix", "SubmitDocument", fault=closed)
    assert status(signix(emulator, "SubmitAjax", message("SubmitAjax", ""))) != (0, "success")
    assert len(emulator.state.faults.summary()) == 1
    large = submission() + " " * 200_000
    for fields in (
        {"method": "SubmitDocument", "request": large},
        {"request": large, "method": "SubmitDocument"},
    ):
        if not emulator.state.faults.summary():
            emulator.next("signix", "SubmitDocument", fault=closed)
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)):
            post(emulator.signix_url, data=fields)
    state = get(f"{emulator.url}/_esignwire/state").json()
    assert len(state["signix"]["transactions"]) == (when == "after")


@pytest.mark.parametrize("size", [None, 0, 10])
def test_an_answer_is_cut_off(emulator: EmulatorServer, size: int | None) -> None:
    emulator.next("assuresign", "Submit", fault=Truncated(size=size))
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        sent(emulator)
    assert documents(emulator) == 1


def test_a_page_of_another_server(emulator: EmulatorServer) -> None:
    emulator.next("assuresign", "Submit", fault=HttpStatus(status=429, text="Slow", retry_after=7))
    emulator.next("assuresign", "Submit", fault=HttpStatus(status=502, is_played=True))
    refused = sent(emulator)
    assert (refused.status_code, refused.text) == (429, "Slow")
    assert refused.headers["retry-after"] == "7"
    assert documents(emulator) == 0
    assert sent(emulator).status_code == 502
    assert documents(emulator) == 1


def test_a_wrong_content_type(emulator: EmulatorServer) -> None:
    emulator.next("assuresign", fault=WrongContentType(media_type="application/json"))
    answer = sent(emulator)
    assert answer.headers["content-type"] == "application/json"
    assert b"Envelope" in answer.content


def test_a_late_answer_is_carried_out_before(emulator: EmulatorServer) -> None:
    emulator.next("assuresign", "Submit", fault=Latency(seconds=3600))
    with pytest.raises(httpx.ReadTimeout):
        sent(emulator, timeout=0.5)
    assert documents(emulator) == 1


# --- what the vendors say ------------------------------------------------------------------------


def test_assuresign_refuses(emulator: EmulatorServer) -> None:
    emulator.next("assuresign", "Submit", fault=Refusal(text="No & never", severity="Fatal"))
    answer = soap(emulator, "Submit", "Submit", SUBMIT)
    (refusal,) = answer.all("DocumentException")
    assert (refusal.text, refusal.get("Severity")) == ("No & never", "Fatal")
    assert answer.one("DocumentResult").get("Id") is None
    assert documents(emulator) == 0


def test_assuresign_warns(emulator: EmulatorServer) -> None:
    emulator.next("assuresign", "Submit", fault=Warned(text="Careful"))
    answer = soap(emulator, "Submit", "Submit", SUBMIT)
    (warning,) = answer.all("DocumentException")
    assert (warning.text, warning.get("Severity")) == ("Careful", "Warning")
    assert answer.one("DocumentResult").get("Id")


@pytest.mark.parametrize("play", [soap, mtom])
@pytest.mark.parametrize(
    ("contract", "operation", "content"),
    [
        ("Submit", "AsyncSubmit", SUBMIT),
        ("Envelopes", "CreateEnvelope", f'<Request ContextIdentifier="{ACCOUNT}"/>'),
        (
            "RetrieveTemplateInfo",
            "RetrieveTemplateInfo",
            f'<TemplateInfoQuery ContextIdentifier="{ACCOUNT}" TemplateId="{TEMPLATE}"/>',
        ),
        ("ListTemplates", "ListTemplates", f'<TemplateListQuery ContextIdentifier="{ACCOUNT}"/>'),
        (
            "Users",
            "AuthenticateUser",
            '<Request UserName="owner@example.com" Password="secret"/>',
        ),
        ("ValidateDocument", "ValidateDocument", "<ValidateDocumentQuery/>"),
    ],
)
def test_every_shape_of_an_answer_refuses_and_warns_by_its_schema(
    emulator: EmulatorServer,
    play: Callable[[EmulatorServer, str, str, str], object],
    contract: str,
    operation: str,
    content: str,
) -> None:
    for ordered in (Refusal(), Warned()):
        emulator.next("assuresign", operation, fault=ordered)
        play(emulator, contract, operation, content)
    assert emulator.state.faults.summary() == []


def test_a_refusal_waits_in_the_session(emulator: EmulatorServer) -> None:
    emulator.next("assuresign", "AsyncSubmit", fault=Refusal(text="Later", in_session=True))
    made = soap(emulator, "Submit", "AsyncSubmit", SUBMIT).one("AsyncSubmitResult")
    question = (
        f'<SessionLookups><SessionLookup ContextIdentifier="{ACCOUNT}"'
        f' SessionId="{made.get("SessionId")}"/></SessionLookups>'
    )
    soap(emulator, "LookupSession", "LookupSession", question)
    answer = soap(emulator, "LookupSession", "LookupSession", question)
    assert answer.text("DocumentException") == "Later"


@pytest.mark.parametrize("operation", ["CloseEnvelope", "AsyncCloseEnvelope"])
def test_an_envelope_is_not_closed(emulator: EmulatorServer, operation: str) -> None:
    made = soap(
        emulator, "Envelopes", "CreateEnvelope", f'<Request ContextIdentifier="{ACCOUNT}"/>'
    ).one("CreateEnvelopeResult")
    named = (
        f'<Request ContextIdentifier="{ACCOUNT}" EnvelopeId="{made.get("EnvelopeId")}"'
        f' AuthToken="{made.get("AuthToken")}"/>'
    )
    emulator.next("assuresign", operation, fault=Refusal(text="Broken", in_session=True))
    soap(emulator, "Envelopes", operation, named)
    status = soap(emulator, "Envelopes", "CheckEnvelopeStatus", named)
    assert status.one("CheckEnvelopeStatusResult").get("Status") == "Created"


def test_assuresign_answers_with_a_soap_fault(emulator: EmulatorServer) -> None:
    emulator.next("assuresign", "Submit", fault=SoapFault(text="Out of order", code="Broken"))
    assert fault(sent(emulator)) == ("Broken", "Out of order")
    assert documents(emulator) == 0


def test_ping_fails(emulator: EmulatorServer) -> None:
    emulator.next("assuresign", "Ping", fault=Refusal())
    assert soap(emulator, "Ping", "Ping").one("PingResult").get("Success") == "false"


def test_signix_refuses_and_warns(emulator: EmulatorServer) -> None:
    emulator.next("signix", "SubmitDocument", fault=Refusal(text="cvc-elt.1: no"))
    emulator.next("signix", "SubmitDocument", fault=Warned(text="Careful"))
    assert status(signix(emulator, "SubmitDocument", submission())) == (101, "cvc-elt.1: no")
    assert status(signix(emulator, "SubmitDocument", submission())) == (1, "Careful")


def test_signix_refuses_a_command_of_several(emulator: EmulatorServer) -> None:
    document_set = submitted(emulator)
    emulator.next("signix", "SubmitAjax", fault=CommandRefused(number=2, response_code=104))
    change = update("P01", emailAddressTable=emails("new@example.com"))
    answer = run_many(emulator, document_set, change, change, change)
    assert codes(answer) == ["0", "104"]
    assert status(answer)[0] == 2
    assert member(emulator, 0)[0] == "P01@example.com"


def test_signix_runs_commands_in_another_order(emulator: EmulatorServer) -> None:
    document_set = submitted(emulator)
    first, second = (
        update("P01", emailAddressTable=emails(f"{name}@example.com")) for name in ("a", "b")
    )
    third = update("P01", phoneTable=phones("5556667777"))
    emulator.next("signix", "SubmitAjax", fault=CommandsReordered())
    answer = run_many(emulator, document_set, first, second, third)
    assert codes(answer) == ["0", "0", "0"]
    assert member(emulator, 0) == ("a@example.com", "5556667777")


def test_a_batch_that_fails_leaves_no_trace(emulator: EmulatorServer) -> None:
    document_set = submitted(emulator)
    before = get(f"{emulator.url}/_esignwire/state").json()
    answer = run_many(emulator, document_set, command("Transaction_Suspend"), "no JSON")
    assert codes(answer) == ["0", "2"]
    assert get(f"{emulator.url}/_esignwire/state").json() == before
    transaction = emulator.state.signix.transactions[document_set]
    assert [event for _, event in transaction.history] == ["InProgress"]


def test_constellation1_refuses(emulator: EmulatorServer) -> None:
    emulator.next("constellation1", "GetSession", fault=Refusal(text="Error: no"))
    emulator.next("constellation1", "GetSession", fault=TokenExpired())
    path = f"sessions/{ACCOUNT}"
    assert with_token(emulator, "GET", path).json()["Details"] == "Error: no"
    assert with_token(emulator, "GET", path).json() is None
    assert with_token(emulator, "GET", path).json()["Details"].startswith("Error: There is no")


def test_the_token_of_a_sign_in_has_expired(emulator: EmulatorServer) -> None:
    signed_in = soap(
        emulator,
        "Users",
        "AuthenticateUser",
        '<Request UserName="owner@example.com" Password="secret"/>',
    ).one("AuthenticateUserResult")
    question = (
        f'<Request ContextIdentifier="{ACCOUNT}"'
        f' AuthenticationToken="{signed_in.get("AuthenticationToken")}"/>'
    )
    emulator.next("assuresign", "ListUsers", fault=TokenExpired())
    for success in ("false", "true"):
        answer = soap(emulator, "Users", "ListUsers", question)
        assert answer.one("ListUsersResult").get("Success") == success


# --- how they are ordered ------------------------------------------------------------------------


def test_orders_are_taken_in_turn_and_as_often_as_said(emulator: EmulatorServer) -> None:
    emulator.next("assuresign", "Ping", fault=HttpStatus(status=500))
    emulator.next("assuresign", "Submit", fault=HttpStatus(status=501), times=2)
    emulator.next("assuresign", fault=HttpStatus(status=502))
    assert [sent(emulator).status_code for _ in range(4)] == [501, 501, 502, 200]
    emulator.state.reset()
    assert emulator.state.faults.summary() == []


def test_by_the_control_address(emulator: EmulatorServer) -> None:
    url = f"{emulator.url}/_esignwire/faults"
    ordered = {
        "vendor": "assuresign",
        "operation": "Submit",
        "fault": {"kind": "http_status", "status": 503, "retry_after": 1},
        "times": 2,
    }
    assert post(url, content=json.dumps(ordered)).json() == {"done": "faults"}
    (waiting,) = get(url).json()["faults"]
    assert waiting["fault"]["status"] == 503
    assert waiting["times"] == 2
    assert sent(emulator).status_code == 503
    assert emulator.state.faults.summary()[0]["times"] == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "JSON object"),
        ("[]", "JSON object"),
        ("{}", "A fault must be a JSON object"),
        ('{"fault":{"kind":"none"}}', "kind of a fault is one of refusal, warned"),
        ('{"vendor":"signix","fault":{"kind":"soap_fault"}}', "signix has no SoapFault"),
        (
            '{"vendor":"signix","operation":"Nope","fault":{"kind":"refusal"}}',
            "no operation 'Nope'",
        ),
        ('{"vendor":"other","fault":{"kind":"refusal"}}', "no vendor 'other'"),
        ('{"vendor":"signix","fault":{"kind":"refusal","x":1}}', "x"),
        ('{"vendor":"signix","fault":{"kind":"refusal","code":"7"}}', "code"),
        ('{"vendor":"signix","fault":{"kind":"refusal","code":1}}', "Refusal.code must be 2 to"),
        ('{"vendor":"signix","fault":{"kind":"refusal","severity":"Mild"}}', "severity"),
        ('{"vendor":"signix","fault":{"kind":"latency"}}', "seconds"),
        ('{"vendor":"signix","fault":{"kind":"refusal"},"times":0}', "times must be 1 to"),
        ('{"vendor":"signix","fault":{"kind":"refusal"},"times":true}', "whole number"),
        ('{"vendor":"signix","fault":{"kind":"refusal"},"more":1}', "An order has vendor"),
        (
            '{"vendor":"signix","operation":"SubmitDocument","fault":{"kind":"command_refused"}}',
            "befalls SubmitAjax alone",
        ),
    ],
)
def test_an_order_that_makes_no_sense(emulator: EmulatorServer, content: str, words: str) -> None:
    answer = post(f"{emulator.url}/_esignwire/faults", content=content)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert emulator.state.faults.summary() == []


def test_by_a_header(emulator: EmulatorServer) -> None:
    assert sent(emulator, **{"X-Esignwire-Fault": '{"kind":"http_status"}'}).status_code == 503
    refused = sent(emulator, **{"X-Esignwire-Fault": '{"kind":"command_refused"}'})
    assert (refused.status_code, refused.text) == (
        400,
        "x-esignwire-fault: assuresign has no CommandRefused; signix has.",
    )
    refused = sent(emulator, **{"X-Esignwire-Fault": '{"kind":"late_notification"}'})
    assert (refused.status_code, refused.text) == (
        400,
        "x-esignwire-fault: LateNotification befalls notifications alone.",
    )
    assert sent(emulator).status_code == 200


@pytest.mark.parametrize(
    "make",
    [
        lambda: Refusal(text=""),
        lambda: Refusal(text="a\x00b"),
        lambda: Refusal(code=1),
        lambda: SoapFault(code="a:b"),
        lambda: HttpStatus(status=200),
        lambda: HttpStatus(retry_after=-1),
        lambda: Latency(seconds=float("nan")),
        lambda: ConnectionClosed(when=cast("str", "never")),
        lambda: Truncated(size=-1),
        lambda: WrongContentType(media_type="a\nb"),
        lambda: CommandRefused(number=0),
        lambda: CommandRefused(response_code=1),
    ],
)
def test_a_fault_out_of_range_is_refused(make: Callable[[], Fault]) -> None:
    with pytest.raises(ConfigurationError):
        make()


def test_too_many_orders_are_refused(emulator: EmulatorServer) -> None:
    for _ in range(1000):
        emulator.next("signix", fault=Refusal())
    with pytest.raises(ConfigurationError, match="1000 faults wait already"):
        emulator.next("signix", fault=Refusal())
