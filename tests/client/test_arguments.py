"""Mistakes in arguments: each parameter of each public method is given what it cannot take.

Nothing answers at the address of the clients, so that a call whose arguments pass ends in
``ConnectionFailed``.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from esignwire import (
    AssureSign,
    Constellation1,
    HttpSettings,
    ReceivedDocument,
    Signix,
    bulk,
)
from esignwire._client import SkippedPauses
from esignwire.assuresign import (
    DocumentReference,
    FileDocument,
    JotBlock,
    TemplateDocument,
    WaitPolicy,
)
from esignwire.constellation1 import (
    Document,
    Session,
    SessionCopy,
    SessionInfo,
    SessionUpdate,
    Signer,
    SignerUpdate,
)
from esignwire.errors import (
    ConfigurationError,
    EsignWireError,
    InvalidRequest,
    OutcomeUnknown,
)
from esignwire.signix import Field, Form, Party, Transaction, TransactionCancel

GUID = "dcb79445-4d39-dd11-8735-00065b8ce99b"
NOWHERE = "http://127.0.0.1:9"
ONCE = HttpSettings(attempts=1)
NAMED = DocumentReference(id=GUID, auth_token=GUID)
WRONG: dict[str, Any] = {
    "None": None,
    "an int": 7,
    "a huge int": 10**5000,
    "half a character": "\ud800",
    "an object": object(),
    "bytes": b"\xff",
    "a list in a list": [[None]],
    "a mapping": {1: object()},
    "no time zone": dt.datetime(2031, 1, 1),
    "no such file": Path("/no/such/file.pdf"),
}


def assuresign(**given: Any) -> AssureSign:
    values: dict[str, Any] = {"context_identifier": GUID, "user_name": "owner@example.com"}
    return AssureSign(**{**values, "url": f"{NOWHERE}/DocumentNOW.svc", "settings": ONCE, **given})


def signix(**given: Any) -> Signix:
    values: dict[str, Any] = {"sponsor": "s", "client": "c", "user_id": "u", "password": "p"}
    return Signix(**{**values, "url": NOWHERE, "workgroup": "w", "settings": ONCE, **given})


def constellation1(**given: Any) -> Constellation1:
    values: dict[str, Any] = {"api_key": "key", "user_name": "owner@example.com"}
    return Constellation1(**{**values, "url": NOWHERE, "settings": ONCE, **given})


def transaction() -> Transaction:
    return signix().transaction(document_set_id="set", parties=["buyer"])


def lost(vendor: str) -> OutcomeUnknown:
    return OutcomeUnknown("lost", vendor=vendor, operation="Cancel", reference=GUID)


# What is right, by the names of the parameters.
RIGHT: dict[str, dict[str, Any]] = {
    "AssureSign": {
        "document": NAMED,
        "documents": NAMED,
        "envelope": NAMED,
        "envelope_id": NAMED,
        "questions": [NAMED],
        "template_id": GUID,
        "session": GUID,
        "address": "pat@example.com",
        "error": lost("AssureSign"),
        "submit.document": TemplateDocument(template_id=GUID),
        "submit_all.documents": [TemplateDocument(template_id=GUID)],
        "async_submit.documents": TemplateDocument(template_id=GUID),
    },
    "Signix": {
        "error": lost("SIGNiX"),
        "method": "QueryTransactionStatus",
        "xml": "<Data/>",
        "document_set_id": "set",
        "parties": [Party("buyer", "Pat", "Example", "pat@example.com")],
        "forms": [Form(b"%PDF", fields=[Field.signature("buyer", at="Signs:")])],
        "submitter_email": "owner@example.com",
        "description": "Lease",
    },
    "Transaction": {
        "ref_id": "buyer",
        "party": "buyer",
        "email": "pat@example.com",
        "number": "5555550100",
        "command": TransactionCancel(),
        "commands": [TransactionCancel()],
    },
    "Constellation1": {
        "session": Session(
            session_info=SessionInfo(title="Offer"),
            documents=[Document(file_name="a.pdf", file_bytes=b"%PDF")],
            signers=[Signer(last_name="Example", signer_role="Buyer", email_address="p@e.com")],
        ),
        "copy_signing_session.session": SessionCopy(signing_session_id=GUID),
        "update_session.session": SessionUpdate(id=GUID),
        "update_signers.signers": [SignerUpdate(signer_id="7")],
        "error": lost("Constellation1"),
        "method": "GET",
        "path": "v1/things",
        "session_id": GUID,
        "page_size": 10,
        "page_num": 1,
        "page_number": 1,
        "user_name": "pat@example.com",
        "old_user_name": "pat@example.com",
        "return_url": "https://example.com/",
    },
}


def methods(client: object) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, _ in inspect.getmembers(type(client), inspect.isfunction):
        if not name.startswith("_") and name not in {"close", "with_options"}:
            yield name, getattr(client, name)


def called(method: Callable[..., Any], given: dict[str, Any]) -> None:
    """Calls a method, and does what its result is for: reads the pages, enters the block."""
    positional: list[Any] = []
    for one in inspect.signature(method).parameters.values():
        if one.kind is one.VAR_POSITIONAL:
            positional = [given.pop(one.name)]
    result = method(*positional, **given)
    if isinstance(result, Iterator):
        list(result)
    elif hasattr(result, "__enter__"):
        with result:
            pass


def mistakes(client: object) -> Iterator[tuple[str, Callable[[], None]]]:
    right = RIGHT[type(client).__name__]
    for name, method in methods(client):
        parameters = inspect.signature(method).parameters
        given = {
            one: right.get(f"{name}.{one}", right.get(one, "text"))
            for one, parameter in parameters.items()
            if parameter.default is parameter.empty
        }
        for parameter in parameters:
            for what, wrong in WRONG.items():
                yield (
                    f"{name}({parameter}: {what})",
                    lambda method=method, given={**given, parameter: wrong}: called(method, given),
                )


@pytest.mark.parametrize("make", [assuresign, signix, transaction, constellation1])
def test_no_mistake_ends_in_an_error_that_is_not_ours(make: Callable[[], object]) -> None:
    client = make()
    others: list[str] = []
    with SkippedPauses():
        for where, call in mistakes(client):
            try:
                call()
            except EsignWireError:
                continue
            except Exception as error:  # noqa: BLE001 - any is a defect
                others.append(f"{where}: {type(error).__name__}: {error}")
    assert others == []


def wrong(value: object) -> Any:
    return value


def _block(**given: Any) -> None:
    JotBlock.checkbox(
        "Agrees", signatory_email="p@e.com", page=1, x=0, y=0, width=0.1, height=0.1, **given
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: assuresign().wait_for_session(GUID, policy=wrong(3)),
            "policy must be a WaitPolicy",
        ),
        (
            lambda: constellation1().start_session(GUID, "https://a.b/", policy=wrong(3)),
            "policy must be",
        ),
        (
            lambda: constellation1().resolve(lost("C"), about=wrong("x")),
            "about must be a Session or a",
        ),
        (
            lambda: constellation1().call("POST", "v1/a", wrong(["x"])),
            "json must be a mapping .* a list",
        ),
        (
            lambda: assuresign().close_envelope(NAMED, GUID.replace("d", "e")),
            "auth_token is another than that of the envelope_id",
        ),
        (
            lambda: assuresign().signing_links(NAMED, skips_landing_page=wrong(1)),
            "skips_landing_page must be a bool",
        ),
        (
            lambda: assuresign().submit(
                FileDocument(b"x", template_id=GUID, signer_attachments=wrong(3))
            ),
            r"documents\[0\].signer_attachments must be a list; an int was given",
        ),
        (lambda: _block(options=[None]), r"options\[0\] must be a text .* None was given"),
        (lambda: _block(look="blue"), "look must be a TypedJotBlockProperties; a str was given"),
        (
            lambda: transaction().change_email(wrong(None), "p@e.com"),
            "ref_id must be a str, and None",
        ),
        (lambda: transaction().send_pickup_email("b", subject="\ud800"), "subject holds a lone"),
        (
            lambda: signix().submit(
                "d",
                parties=[Party("b", "P", "E", "p@e.com")],
                forms=[
                    Form(
                        b"x",
                        fields=[Field.signature("b", at="S"), Field.text(at="T", kind=wrong(None))],
                    )
                ],
                submitter_email="p@e.com",
            ),
            "/Type must be a str; None was given",
        ),
        (lambda: Document.from_file(wrong(None)), "source must be a path, and None came"),
        (lambda: ReceivedDocument(b"x").save("a\0b"), "path must be a path, and a name that no"),
        (lambda: constellation1().get_archived_sessions(10**5000, 1), "page_size must be a number"),
    ],
)
def test_a_mistake_is_told_by_the_name_of_the_argument(
    call: Callable[[], object], words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        call()


def test_what_is_no_handle_is_a_failure_of_its_own() -> None:
    (outcome,) = bulk.check_statuses(assuresign(), [wrong("lease")])
    assert isinstance(outcome, bulk.Failed)
    assert isinstance(outcome.error, InvalidRequest)


def test_a_body_that_holds_itself_is_refused() -> None:
    body: dict[str, object] = {}
    body["again"] = [body]
    with pytest.raises(InvalidRequest, match="is nested too deeply"):
        constellation1().call("POST", "v1/things", body)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: assuresign(url=None), "URL"),
        (lambda: assuresign(context_identifier=3), "context_identifier must be a GUID"),
        (lambda: assuresign(user_name=None), "user_name must be a text"),
        (lambda: assuresign(plugins=[3]), "plugins must be a list of zeep plugins"),
        (lambda: assuresign(wait_policy=3), "wait_policy must be a WaitPolicy; a int was given"),
        (lambda: constellation1(start_policy=3), "start_policy must be a StartPolicy"),
        (lambda: constellation1(json_form={}), "json_form must be a JsonForm"),
        (
            lambda: bulk.check_statuses(assuresign(), [NAMED], chunk_size=wrong("5")),
            "chunk_size must",
        ),
        (lambda: WaitPolicy(deadline=10**400), "deadline must be a positive, finite number"),
        (lambda: WaitPolicy(growth=wrong(None)), "growth must be a positive, finite number"),
        (lambda: HttpSettings(proxy=wrong(3)), "proxy must be the address of a proxy"),
    ],
)
def test_a_client_is_not_made_of_what_it_cannot_use(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        make()
