"""Whole messages, readable in the folder golden, against what the clients send and read.

They are built from the vendors' published samples, mended where those are damaged.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import canonicalize

import pytest
from lxml import etree

from esignwire._codec import StrictReading
from esignwire.assuresign import (
    DocumentReference,
    DocumentStatus,
    EnvelopeClosed,
    Session,
    StatusCheckStatusType,
    SubmissionCompleted,
    SubmittedDocument,
    TemplateDocument,
    TermsAndConditions,
)
from esignwire.errors import SignixError
from esignwire.signix import (
    AsyncSignix,
    Failed,
    RolledBack,
    Signix,
    Succeeded,
    TransactionCancel,
    TransactionSaveDeltas,
    TransactionWarning,
)
from esignwire_generated.assuresign.types import envelopes, submit
from tests.support.assuresign import (
    KINDS,
    Driver,
    Kind,
    Script,
    address,
    envelope,
    http,
    message,
)
from tests.support.hostile import hostile
from tests.support.signix import NAMESPACE, SCHEMA, sent

ROOT = Path(__file__).parent
GOLDEN = ROOT / "golden"
SCHEMAS = ROOT.parent.parent / "schemas"

_GUID = re.compile(r"\b[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\b")

KEY = "06C4A84A-693C-46CB-8DF2-40A8215AA056"
ENVELOPES_KEY = "06C4A84F-693C-46CB-8DF2-40A8215AA056"
DOCUMENT = "2CE11EF1-8938-DD11-8735-00065B8CE99B"
TOKEN = "8CC9A84B-693C-46CC-4342-40A8215AD76A"
ENVELOPE = "2CEB1EF1-8938-DD11-8735-00065B8CE99B"
ENVELOPE_TOKEN = "ACF9A84B-693C-46CC-4342-40A8215AD76A"
SESSION = "96059412-2f90-48d5-ba66-8f798f3cbd8d"
TEMPLATE = "DCB79445-4D39-DD11-8735-00065B8CE99B"

TERMS = TermsAndConditions(
    additional_compliance_statement="Shown at the foot of each page.",
    additional_agreement_statement="I have read the terms of sale.",
    additional_extended_disclosures="More about the terms of sale.",
)
PARAMETERS = {
    "Signatory 1 First Name": "John",
    "Signatory 1 Last Name": "Doe",
    "Signatory 1 Email Address": "jdoe@example.com",
    "Signatory 1 Password": "jdoe1234",
}
NAMING = {
    "document_name": "John Doe Contract 2-15-2007",
    "order_number": "7xe-123478",
    "expiration_date": dt.date(2007, 4, 13),
    "culture": "en-US",
    "signature_device_support_enabled": False,
}
# What the vendor repeats of a submission.
REPEATED = submit.Metadata(user_name="jdoe@example.com", **NAMING)
SUBMITTED = SubmittedDocument(
    id=uuid.UUID(DOCUMENT), auth_token=uuid.UUID(TOKEN), metadata=REPEATED
)


def golden(vendor: str, name: str) -> etree._Element:
    return etree.fromstring(content_of(GOLDEN / vendor / f"{name}.xml"))


def content_of(file: Path) -> bytes:
    """The vendor's printed message, in the version of the schema that the client speaks."""
    return re.sub(rb"urn:com:signix:schema:[\w-]+", NAMESPACE.encode(), file.read_bytes())


def canonical(element: etree._Element) -> str:
    """One form for all that says the same: layout, prefixes and the case of GUIDs do not count."""
    text = _GUID.sub(lambda found: found[0].lower(), etree.tostring(element, encoding="unicode"))
    parser = etree.XMLParser(remove_blank_text=True)
    return canonicalize(
        etree.tostring(etree.fromstring(text, parser), encoding="unicode"), rewrite_prefixes=True
    )


def test_every_file_is_used() -> None:
    listed = {
        *(f"assuresign/{one}.request" for one, *_ in ASSURESIGN),
        *(f"assuresign/{one}.response" for _, one, *_ in ASSURESIGN),
        *(f"signix/SubmitAjax.{one}.request" for one, *_ in SIGNIX),
        *(f"signix/SubmitAjax.{one}.response" for _, one, *_ in SIGNIX),
    }
    found = {str(file.relative_to(GOLDEN))[: -len(".xml")] for file in GOLDEN.rglob("*.xml")}
    assert found == listed


@pytest.mark.parametrize("file", sorted(GOLDEN.rglob("*.xml")), ids=lambda file: file.stem)
def test_every_file_satisfies_its_schema(file: Path) -> None:
    root = etree.fromstring(content_of(file))
    namespace = etree.QName(root).namespace or ""
    name = f"{namespace.rpartition('/')[2]}.xsd" if file.parent.name == "assuresign" else SCHEMA
    schema = etree.XMLSchema(etree.parse(str(SCHEMAS / file.parent.name / name)))
    # The vendor's page prints all of one message in one namespace, which its WSDL rules out.
    is_valid = "as-printed" not in file.name
    assert schema.validate(root) is is_valid, schema.error_log


# --- AssureSign -------------------------------------------------------------------------------


def submission() -> submit.ArrayOfDocument:
    return submit.ArrayOfDocument(
        document=[
            submit.Document(
                context_identifier=uuid.UUID(KEY),
                metadata=submit.Metadata(
                    user_name="jdoe@example.com",
                    password="",
                    envelope_id=uuid.UUID("EBB73445-AB39-CD1F-8AF5-BC06AB44E93A"),
                    terms_and_conditions=TERMS,
                    **NAMING,
                ),
                template=submit.Template(
                    id=uuid.UUID(TEMPLATE),
                    parameters=submit.ArrayOfParameter(
                        parameter=[
                            submit.Parameter(name=name, value=value)
                            for name, value in PARAMETERS.items()
                        ]
                    ),
                ),
            )
        ]
    )


def async_submit(client: Driver) -> Any:
    return client.async_submit(
        TemplateDocument(
            template_id=TEMPLATE,
            parameters=PARAMETERS,
            password="",
            envelope_id="EBB73445-AB39-CD1F-8AF5-BC06AB44E93A",
            terms_and_conditions=TERMS,
            **NAMING,
        )
    )


def submit_now(client: Driver) -> Any:
    return client.service("submit", "submit", submit.Submit(documents=submission()))


def create_envelope(client: Driver) -> Any:
    request = envelopes.CreateEnvelopeRequest(
        context_identifier=client.client.context_identifier,
        workflow_type=envelopes.EnvelopeWorkflowType.PARALLEL,
        decline_behavior=envelopes.EnvelopeDeclineBehaviorType.DECLINE_SINGLE,
        view_behavior=envelopes.EnvelopeViewBehaviorType.VIEW_ALL,
        user_name=client.client.user_name,
        envelope_name="Sale to John Doe",
        envelope_order_number="7xe-123478",
        expiration_date=dt.date(2007, 4, 13),
    )
    return client.service("envelopes", "create_envelope", envelopes.CreateEnvelope(request=request))


def create_envelope_by_arguments(client: Driver) -> Any:
    return client.create_envelope(
        workflow_type=envelopes.EnvelopeWorkflowType.PARALLEL,
        decline_behavior=envelopes.EnvelopeDeclineBehaviorType.DECLINE_SINGLE,
        view_behavior=envelopes.EnvelopeViewBehaviorType.VIEW_ALL,
        envelope_name="Sale to John Doe",
        envelope_order_number="7xe-123478",
        expiration_date=dt.date(2007, 4, 13),
    )


def check_status(client: Driver) -> Any:
    return client.check_status(DocumentReference(id=DOCUMENT, auth_token=TOKEN))


def lookup_session(client: Driver) -> Any:
    return client.lookup_session(SESSION)


_EASTERN = dt.timezone(dt.timedelta(hours=-4))

# The request's file, the response's file, the account, the call and what comes of it.
AssureSignCase = tuple[str, str, str, Callable[[Driver], Any], object]
CREATED = envelopes.CreateEnvelopeResult(
    envelope_id=uuid.UUID(ENVELOPE),
    auth_token=uuid.UUID(ENVELOPE_TOKEN),
    expiration_date=dt.datetime(2007, 4, 13, tzinfo=_EASTERN),
    # Of the vendor's seven fraction digits, six are kept.
    stale_date=dt.datetime(2007, 3, 15, 11, 24, 8, 523195, tzinfo=_EASTERN),
)
ASSURESIGN: list[AssureSignCase] = [
    ("AsyncSubmit", "AsyncSubmit", KEY, async_submit, Session(id=uuid.UUID(SESSION))),
    (
        "Submit",
        "Submit",
        KEY,
        submit_now,
        submit.SubmitResponse(
            document_results=submit.ArrayOfDocumentResult(
                document_result=[
                    submit.DocumentResult(
                        id=uuid.UUID(DOCUMENT), auth_token=uuid.UUID(TOKEN), metadata=REPEATED
                    ),
                    submit.DocumentResult(
                        metadata=submit.Metadata(order_number="7xe-123479"),
                        exceptions=submit.ArrayOfDocumentException(
                            document_exception=[
                                submit.DocumentException(
                                    severity=submit.ExceptionSeverity.ERROR,
                                    value="The template is not known.",
                                )
                            ]
                        ),
                    ),
                ]
            )
        ),
    ),
    (
        "AsyncCloseEnvelope",
        "AsyncCloseEnvelope",
        ENVELOPES_KEY,
        lambda client: client.async_close_envelope(ENVELOPE, ENVELOPE_TOKEN),
        Session(id=uuid.UUID("b31959af-b130-4d96-a9c6-dc0bb5d61de9")),
    ),
    (
        "CloseEnvelope",
        "CloseEnvelope",
        ENVELOPES_KEY,
        lambda client: client.close_envelope(ENVELOPE, ENVELOPE_TOKEN),
        EnvelopeClosed(envelope_id=uuid.UUID(ENVELOPE)),
    ),
    (
        "CreateEnvelope",
        "CreateEnvelope",
        ENVELOPES_KEY,
        create_envelope,
        envelopes.CreateEnvelopeResponse(create_envelope_result=CREATED),
    ),
    # The same message, made of arguments, and its result without the wrapper.
    ("CreateEnvelope", "CreateEnvelope", ENVELOPES_KEY, create_envelope_by_arguments, CREATED),
    *(
        (
            "LookupSession",
            name,
            KEY,
            lookup_session,
            SubmissionCompleted(session_id=uuid.UUID(SESSION), outcomes=(SUBMITTED,)),
        )
        for name in ("LookupSession", "LookupSession.as-printed")
    ),
    (
        "LookupSession",
        "LookupSession.closed",
        KEY,
        lookup_session,
        EnvelopeClosed(envelope_id=uuid.UUID(ENVELOPE), session_id=uuid.UUID(SESSION)),
    ),
    (
        "CheckStatus",
        "CheckStatus",
        KEY,
        check_status,
        (
            DocumentStatus(
                id=uuid.UUID(DOCUMENT),
                status_type=StatusCheckStatusType.COMPLETED,
                status_date=dt.datetime(2008, 3, 19, 11, 24, 8, 523195, tzinfo=_EASTERN),
            ),
        ),
    ),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "case", ASSURESIGN, ids=[f"{one[1]}-{one[3].__name__}" for one in ASSURESIGN]
)
def test_assuresign(kind: Kind, case: AssureSignCase) -> None:
    request_name, response_name, key, call, expected = case
    response = golden("assuresign", f"{response_name}.response")
    reply = http(envelope(etree.tostring(response, encoding="unicode")))
    with (
        StrictReading(),
        hostile(Script(reply)) as server,
        Driver(
            kind, address(server), context_identifier=key, user_name="jdoe@example.com"
        ) as client,
    ):
        assert call(client) == expected
    request = golden("assuresign", f"{request_name}.request")
    assert canonical(message(server.received[0])) == canonical(request)


# --- SIGNiX -----------------------------------------------------------------------------------

SET = {"document_set_id": "-147fb68b:1043a5db9ca:-7f5fid11or"}
TRANSACTION = {"transaction_id": "aefd45aa-6a36-4ab5-8cc8-4dc6e895fa21"}
EMAIL = TransactionSaveDeltas.change_email("REF112233", "AAAAAAAAAAAAA@test.com")
NUMBER = TransactionSaveDeltas.change_mobile_number("P01", "2221231234")

Told = list[tuple[type, TransactionWarning | None]]

DONE: Told = [(Succeeded, None)]

# The request's name, the response's name, the transaction, the call and how its commands ended.
SignixCase = tuple[str, str, dict[str, str], Callable[[Any], Any], Told | type[Exception]]
SIGNIX: list[SignixCase] = [
    ("cancel", "single", SET, lambda one: one.cancel(), DONE),
    ("suspend", "single", TRANSACTION, lambda one: one.suspend(), DONE),
    (
        "suspend",
        "warning",
        TRANSACTION,
        lambda one: one.suspend(),
        [(Succeeded, TransactionWarning.ALREADY_SUSPENDED)],
    ),
    ("suspend", "refused", TRANSACTION, lambda one: one.suspend(), SignixError),
    ("resume", "single", SET, lambda one: one.resume(), DONE),
    (
        "change-email",
        "single",
        TRANSACTION,
        lambda one: one.change_email("REF112233", "AAAAAAAAAAAAA@test.com"),
        DONE,
    ),
    (
        "change-mobile-number",
        "single",
        SET,
        lambda one: one.change_mobile_number("P01", "2221231234"),
        DONE,
    ),
    (
        "send-pickup-email",
        "single",
        SET,
        lambda one: one.send_pickup_email("First Signer"),
        DONE,
    ),
    ("multi", "multi", SET, lambda one: one.run_all([EMAIL, NUMBER]), DONE * 2),
    (
        "multi",
        "multi-failed",
        SET,
        lambda one: one.run_all([EMAIL, NUMBER]),
        [(RolledBack, None), (Failed, None)],
    ),
]


def commands(root: etree._Element) -> list[object]:
    """The JSON of a SubmitAjaxRq, members in their order; its text is taken out of the message."""
    found: list[object] = []
    for node in root.iter("{*}Request"):
        found.append(json.loads(node.text or "", object_pairs_hook=list))
        node.text = None
    return found


def perform(kind: Kind, url: str, case: SignixCase) -> Any:
    _, _, key, call, _ = case
    account: dict[str, Any] = {
        "url": url,
        "sponsor": "oem",
        "client": "oemclient",
        "user_id": "oemclient",
        "password": "your-password-here",
        "workgroup": "SDD",
    }
    if kind == "sync":
        with Signix(**account) as client:
            return call(client.transaction(**key))

    async def act() -> Any:
        async with AsyncSignix(**account) as client:
            return await call(client.transaction(**key))

    return asyncio.run(act())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", SIGNIX, ids=[f"{one[0]}-{one[1]}" for one in SIGNIX])
def test_signix(kind: Kind, case: SignixCase) -> None:
    request_name, response_name, _, _, expected = case
    reply = http(content_of(GOLDEN / "signix" / f"SubmitAjax.{response_name}.response.xml"))
    with StrictReading(), hostile(Script(reply)) as server:
        url = f"http://127.0.0.1:{server.port}/sdddc_ns.jsp"
        if isinstance(expected, list):
            outcome = perform(kind, url, case)
            outcomes = outcome if isinstance(outcome, tuple) else (outcome,)
            assert [(type(one), getattr(one, "warning", None)) for one in outcomes] == expected
        else:
            with pytest.raises(expected):
                perform(kind, url, case)
    (received,) = server.received
    ours = sent(received)
    theirs = golden("signix", f"SubmitAjax.{request_name}.request")
    assert commands(ours) == commands(theirs)
    assert canonical(ours) == canonical(theirs)


def test_a_command_of_ones_own_making_is_the_same() -> None:
    theirs = commands(golden("signix", "SubmitAjax.cancel.request"))
    assert theirs == [json.loads(TransactionCancel().to_json(), object_pairs_hook=list)]
