"""The emulator as AssureSign, over HTTP and by hand-written messages."""

from __future__ import annotations

import base64
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from lxml import etree

from esignwire.emulator import (
    Accounts,
    AssureSignAccount,
    EmulatorServer,
    EmulatorSettings,
    XmlLimits,
)
from tests.support.emulator import (
    ACCOUNT,
    ENVELOPE,
    OTHER,
    SCHEMAS,
    SERVICES,
    TEMPLATE,
    Answer,
    action_of,
    control,
    fault,
    post,
    post_soap,
    read_soap,
    request,
    request_element,
    soap,
    wrapped,
    xsd,
)

NO_GUID = str(UUID(int=0))


def template_document(
    *, account: str = ACCOUNT, metadata: str = "", template: str = TEMPLATE, parameters: str = ""
) -> str:
    return (
        f'<Document ContextIdentifier="{account}">'
        f'<Metadata DocumentName="Contract" OrderNumber="7" {metadata}/>'
        f'<Template Id="{template}"><Parameters>{parameters}</Parameters></Template></Document>'
    )


def submitted(emulator: EmulatorServer, *documents: str) -> list[etree._Element]:
    answer = soap(emulator, "Submit", "Submit", f"<Documents>{''.join(documents)}</Documents>")
    return answer.all("DocumentResult")


def keys(result: etree._Element) -> str:
    return f'Id="{result.get("Id")}" AuthToken="{result.get("AuthToken")}"'


def statuses(emulator: EmulatorServer, *results: etree._Element) -> list[tuple[str, str | None]]:
    questions = "".join(
        f'<DocumentStatusCheck ContextIdentifier="{ACCOUNT}" {keys(result)}/>' for result in results
    )
    answer = soap(
        emulator,
        "CheckStatus",
        "CheckStatus",
        f"<DocumentStatusChecks>{questions}</DocumentStatusChecks>",
    )
    return [
        (item.get("StatusType") or "", item.get("StatusDetails"))
        for item in answer.all("DocumentStatusCheckResult")
    ]


def new_envelope(emulator: EmulatorServer, attributes: str = "") -> str:
    created = soap(
        emulator,
        "Envelopes",
        "CreateEnvelope",
        f'<Request ContextIdentifier="{ACCOUNT}" {attributes}/>',
    ).one("CreateEnvelopeResult")
    return f'EnvelopeId="{created.get("EnvelopeId")}" AuthToken="{created.get("AuthToken")}"'


def on_envelope(emulator: EmulatorServer, operation: str, keys: str, more: str = "") -> Answer:
    return soap(
        emulator,
        "Envelopes",
        operation,
        f'<Request ContextIdentifier="{ACCOUNT}" {keys} {more}/>',
    )


def envelope_id(keys: str) -> str:
    return keys.partition(" ")[0]


def lookup(emulator: EmulatorServer, session: str, account: str = ACCOUNT) -> Answer:
    return soap(
        emulator,
        "LookupSession",
        "LookupSession",
        "<SessionLookups>"
        f'<SessionLookup ContextIdentifier="{account}" SessionId="{session}"/>'
        "</SessionLookups>",
    )


def exceptions(answer: Answer, name: str) -> list[tuple[str, str]]:
    return [(item.get("Severity") or "", item.text or "") for item in answer.all(name)]


def test_an_envelope_holds_its_documents_until_it_is_closed(emulator: EmulatorServer) -> None:
    keys_of_envelope = new_envelope(emulator, 'WorkflowType="Parallel"')
    metadata = envelope_id(keys_of_envelope)
    first, second = submitted(
        emulator, template_document(metadata=metadata), template_document(metadata=metadata)
    )
    assert statuses(emulator, first, second) == [("Created", None), ("Created", None)]

    closing = on_envelope(emulator, "AsyncCloseEnvelope", keys_of_envelope)
    session = closing.one("AsyncCloseEnvelopeResult").get("SessionId") or ""
    pending = lookup(emulator, session).one("SessionLookupResult")
    assert len(pending) == 0
    closed = lookup(emulator, session).one("CloseEnvelopeResult")
    assert closed.tag == f"{{{SERVICES}/Envelopes}}CloseEnvelopeResult"
    assert f'EnvelopeId="{closed.get("EnvelopeId")}"' == metadata
    assert len(closed) == 0
    step_1 = ("SigningStepInProgress", "Step 1")
    assert statuses(emulator, first, second) == [step_1, step_1]
    assert (
        on_envelope(emulator, "CheckEnvelopeStatus", keys_of_envelope)
        .one("CheckEnvelopeStatusResult")
        .get("Status")
        == "InProgress"
    )

    for result in (first, second):
        assert control(emulator, "assuresign/documents/sign", result.get("Id") or "").is_success
    assert statuses(emulator, first, second) == [("Completed", None), ("Completed", None)]
    checked = on_envelope(emulator, "CheckEnvelopeStatus", keys_of_envelope)
    assert checked.one("CheckEnvelopeStatusResult").get("Status") == "Completed"
    assert [item.get("StatusType") for item in checked.all("Status")] == ["Completed"] * 2
    listed = on_envelope(emulator, "ListEnvelopeDocuments", keys_of_envelope)
    assert [
        (item.get("DocumentId"), item.get("AuthToken"), item.get("Name"), item.get("OrderId"))
        for item in listed.all("EnvelopeDocument")
    ] == [(r.get("Id"), r.get("AuthToken"), "Contract", "7") for r in (first, second)]


def test_a_sequential_envelope_starts_one_document_after_the_other(
    emulator: EmulatorServer,
) -> None:
    keys_of_envelope = new_envelope(emulator, 'WorkflowType="Sequential"')
    metadata = envelope_id(keys_of_envelope)
    results = submitted(emulator, *[template_document(metadata=metadata)] * 3)
    on_envelope(emulator, "CloseEnvelope", keys_of_envelope)
    assert [status for status, _ in statuses(emulator, *results)] == [
        "SigningStepInProgress",
        "Created",
        "Created",
    ]
    control(emulator, "assuresign/documents/sign", results[0].get("Id") or "")
    assert [status for status, _ in statuses(emulator, *results)] == [
        "Completed",
        "SigningStepInProgress",
        "Created",
    ]


@pytest.mark.parametrize(
    ("behavior", "others", "envelope"),
    [
        ("DeclineAll", "Declined", "Declined"),
        ("DeclineSingle", "SigningStepInProgress", "InProgress"),
    ],
)
def test_declining_one_document_follows_the_envelopes_rule(
    emulator: EmulatorServer, behavior: str, others: str, envelope: str
) -> None:
    keys_of_envelope = new_envelope(
        emulator, f'WorkflowType="Parallel" DeclineBehavior="{behavior}"'
    )
    metadata = envelope_id(keys_of_envelope)
    results = submitted(emulator, *[template_document(metadata=metadata)] * 2)
    on_envelope(emulator, "CloseEnvelope", keys_of_envelope)
    control(emulator, "assuresign/documents/decline", results[0].get("Id") or "")
    assert [status for status, _ in statuses(emulator, *results)] == ["Declined", others]
    checked = on_envelope(emulator, "CheckEnvelopeStatus", keys_of_envelope)
    assert checked.one("CheckEnvelopeStatusResult").get("Status") == envelope


def test_async_submit_answers_with_documents_in_the_submit_namespace(
    emulator: EmulatorServer,
) -> None:
    document = (
        f'<Document ContextIdentifier="{ACCOUNT.upper()}">'
        '<Metadata UserName="owner@example.com" DocumentName="A &amp; B" Password="top-secret">'
        "<TermsAndConditions><AdditionalAgreementStatement>I agree."
        "</AdditionalAgreementStatement></TermsAndConditions></Metadata>"
        f'<Template Id="{TEMPLATE}"/></Document>'
    )
    answer = soap(emulator, "Submit", "AsyncSubmit", f"<Documents>{document * 2}</Documents>")
    session = answer.one("AsyncSubmitResult").get("SessionId") or ""
    assert session != NO_GUID
    assert len(lookup(emulator, session).one("SessionLookupResult")) == 0
    looked_up = lookup(emulator, session)
    assert looked_up.one("DocumentResults").tag == f"{{{SERVICES}/LookupSession}}DocumentResults"
    results = looked_up.all("DocumentResult")
    assert [result.tag for result in results] == [f"{{{SERVICES}/Submit}}DocumentResult"] * 2
    assert len({result.get("Id") for result in results}) == 2
    assert [item.get("DocumentName") for item in looked_up.all("Metadata")] == ["A & B"] * 2
    assert [item.text for item in looked_up.all("AdditionalAgreementStatement")] == ["I agree."] * 2
    assert b"top-secret" not in etree.tostring(looked_up.root)
    # The outcome stays.
    assert len(lookup(emulator, session).all("DocumentResult")) == 2
    assert statuses(emulator, results[0]) == [("SigningStepInProgress", "Step 1")]


def test_an_asynchronous_call_that_fails_tells_so_in_its_session(emulator: EmulatorServer) -> None:
    keys_of_envelope = new_envelope(emulator)
    metadata = envelope_id(keys_of_envelope)
    on_envelope(emulator, "CancelEnvelope", keys_of_envelope)
    answer = soap(
        emulator,
        "Submit",
        "AsyncSubmit",
        f"<Documents>{template_document(metadata=metadata)}{template_document()}</Documents>",
    )
    session = answer.one("AsyncSubmitResult").get("SessionId") or ""
    lookup(emulator, session)
    failed, accepted = lookup(emulator, session).all("DocumentResult")
    assert failed.get("Id") is None
    assert failed.get("AuthToken") is None
    assert exceptions(Answer(200, failed), "DocumentException") == [
        ("Error", "The envelope is Cancelled and takes no more documents.")
    ]
    assert accepted.get("Id") is not None
    assert not Answer(200, accepted).all("Exceptions")


def test_a_closed_cancelled_or_unknown_envelope_takes_no_documents(
    emulator: EmulatorServer,
) -> None:
    closed, cancelled, open_envelope = (new_envelope(emulator) for _ in range(3))
    submitted(emulator, template_document(metadata=envelope_id(closed)))
    on_envelope(emulator, "CloseEnvelope", closed)
    on_envelope(emulator, "CancelEnvelope", cancelled)
    results = submitted(
        emulator,
        template_document(metadata=envelope_id(closed)),
        template_document(metadata=envelope_id(cancelled)),
        template_document(metadata=f'EnvelopeId="{OTHER}"'),
        template_document(metadata=envelope_id(open_envelope)),
        template_document(),
    )
    texts = [[item.text for item in Answer(200, r).all("DocumentException")] for r in results]
    assert texts == [
        ["The envelope is closed and takes no more documents."],
        ["The envelope is Cancelled and takes no more documents."],
        ["There is no envelope with this EnvelopeId."],
        [],
        [],
    ]
    assert [r.get("Id") is None for r in results] == [True, True, True, False, False]


def test_closing_twice_or_without_documents_is_told(emulator: EmulatorServer) -> None:
    keys_of_envelope = new_envelope(emulator)
    empty = on_envelope(emulator, "CloseEnvelope", keys_of_envelope)
    assert exceptions(empty, "EnvelopeException") == [
        ("Warning", "The envelope holds no documents.")
    ]
    again = on_envelope(emulator, "CloseEnvelope", keys_of_envelope)
    assert exceptions(again, "EnvelopeException") == [("Error", "The envelope is closed already.")]
    session = on_envelope(emulator, "AsyncCloseEnvelope", keys_of_envelope)
    session_id = session.one("AsyncCloseEnvelopeResult").get("SessionId") or ""
    lookup(emulator, session_id)
    late = lookup(emulator, session_id)
    assert exceptions(late, "EnvelopeException") == [("Error", "The envelope is closed already.")]


def test_an_unknown_envelope_is_refused_at_once(emulator: EmulatorServer) -> None:
    keys_of_envelope = f'{envelope_id(new_envelope(emulator))} AuthToken="{OTHER}"'
    for operation in (
        "AsyncCloseEnvelope",
        "CancelEnvelope",
        "CheckEnvelopeStatus",
        "CloseEnvelope",
        "ListEnvelopeDocuments",
    ):
        answer = on_envelope(emulator, operation, keys_of_envelope)
        assert exceptions(answer, "EnvelopeException") == [
            ("Error", "There is no envelope with this EnvelopeId and AuthToken.")
        ]


def test_in_a_batch_each_item_is_answered_for_itself(emulator: EmulatorServer) -> None:
    (good,) = submitted(emulator, template_document())
    questions = "".join(
        f'<DocumentStatusCheck ContextIdentifier="{account}" Id="{document}" AuthToken="{token}"/>'
        for account, document, token in (
            (ACCOUNT, good.get("Id"), OTHER),
            (ACCOUNT, OTHER, good.get("AuthToken")),
            (OTHER, good.get("Id"), good.get("AuthToken")),
            (ACCOUNT.upper(), (good.get("Id") or "").upper(), good.get("AuthToken")),
        )
    )
    answer = soap(
        emulator,
        "CheckStatus",
        "CheckStatus",
        f"<DocumentStatusChecks>{questions}</DocumentStatusChecks>",
    )
    results = answer.all("DocumentStatusCheckResult")
    assert [r.get("StatusType") for r in results] == [None, None, None, "SigningStepInProgress"]
    wrong = ("Error", "There is no document with this Id and AuthToken.")
    assert exceptions(answer, "StatusCheckException") == [wrong] * 3
    assert [r.get("Id") for r in results] == [good.get("Id"), OTHER, good.get("Id"), good.get("Id")]


@pytest.mark.parametrize(
    ("operation", "item", "exception", "status"),
    [
        ("Cancel", "DocumentCancellation", "CancellationException", "Cancelled"),
        ("Expire", "DocumentExpiration", "ExpirationException", "Expired"),
    ],
)
def test_ending_a_document_shows_and_cannot_be_repeated(
    emulator: EmulatorServer, operation: str, item: str, exception: str, status: str
) -> None:
    (result,) = submitted(emulator, template_document())
    content = (
        f'<{item}s><{item} ContextIdentifier="{ACCOUNT}" {keys(result)} Remarks="Sold &lt;out>"/>'
        f'<{item} ContextIdentifier="{ACCOUNT}" Id="{OTHER}" AuthToken="{OTHER}"/></{item}s>'
    ).replace('>"', '&gt;"')
    first = soap(emulator, operation, operation, content)
    assert exceptions(first, exception) == [
        ("Error", "There is no document with this Id and AuthToken.")
    ]
    assert statuses(emulator, result) == [(status, None)]
    assert exceptions(soap(emulator, operation, operation, content), exception)[0] == (
        "Error",
        f"The document is {status} already.",
    )
    history = soap(
        emulator,
        "ViewHistory",
        "ViewHistory",
        f'<DocumentHistoryViews><DocumentHistoryView ContextIdentifier="{ACCOUNT}" {keys(result)}/>'
        f'<DocumentHistoryView ContextIdentifier="{ACCOUNT}" Id="{OTHER}" AuthToken="{OTHER}"/>'
        "</DocumentHistoryViews>",
    )
    details = [event.get("Details") or "" for event in history.all("DocumentEvent")]
    assert len(details) == 3
    assert details[-1].endswith("Remarks: Sold <out>")
    assert exceptions(history, "HistoryViewException") == [
        ("Error", "There is no document with this Id and AuthToken.")
    ]


def test_cancelling_an_envelope_spares_what_has_ended(emulator: EmulatorServer) -> None:
    keys_of_envelope = new_envelope(emulator, 'WorkflowType="Parallel"')
    metadata = envelope_id(keys_of_envelope)
    results = submitted(emulator, *[template_document(metadata=metadata)] * 2)
    on_envelope(emulator, "CloseEnvelope", keys_of_envelope)
    control(emulator, "assuresign/documents/complete", results[0].get("Id") or "")
    long = on_envelope(emulator, "CancelEnvelope", keys_of_envelope, f'Remarks="{"x" * 129}"')
    assert exceptions(long, "EnvelopeException") == [
        ("Error", "Remarks has more than 128 characters.")
    ]
    cancelled = on_envelope(emulator, "CancelEnvelope", keys_of_envelope, f'Remarks="{"x" * 128}"')
    assert not cancelled.all("Exceptions")
    assert [status for status, _ in statuses(emulator, *results)] == ["Completed", "Cancelled"]
    again = on_envelope(emulator, "CancelEnvelope", keys_of_envelope)
    assert exceptions(again, "EnvelopeException") == [
        ("Error", "The envelope cannot be cancelled: it is Cancelled.")
    ]


def test_signers_come_from_the_parameters_and_sign_in_turn(emulator: EmulatorServer) -> None:
    parameters = "".join(
        f'<Parameter Name="{name}" Value="{value}"/>'
        for name, value in (
            ("Signatory 2 Email Address", "second@example.com"),
            ("Signatory 1 First Name", "Ada"),
            ("signatory 1 last name", "Lovelace"),
            ("Signatory 1 Mobile Phone", "5551234567"),
            ("Something else", "kept to itself"),
        )
    )
    (result,) = submitted(emulator, template_document(parameters=parameters))
    answer = soap(
        emulator,
        "ListSignatories",
        "ListSignatories",
        f'<SignatoryListQuery ContextIdentifier="{ACCOUNT}" {keys(result)}/>',
    )
    assert [
        (item.get("FirstName"), item.get("LastName"), item.get("EmailAddress"))
        for item in answer.all("SignatoryItem")
    ] == [("Ada", "Lovelace", None), (None, None, "second@example.com")]
    document = result.get("Id") or ""
    assert statuses(emulator, result) == [("SigningStepInProgress", "Step 1")]
    control(emulator, "assuresign/documents/sign", document)
    assert statuses(emulator, result) == [("SigningStepInProgress", "Step 2")]
    control(emulator, "assuresign/documents/sign", document)
    assert statuses(emulator, result) == [("Completed", None)]
    assert control(emulator, "assuresign/documents/sign", document).status_code == 409
    refused = soap(
        emulator,
        "ListSignatories",
        "ListSignatories",
        f'<SignatoryListQuery ContextIdentifier="{ACCOUNT}" Id="{document}" AuthToken="{OTHER}"/>',
    )
    assert exceptions(refused, "SignatoryListException") == [
        ("Error", "There is no document with this Id and AuthToken.")
    ]


def file_document(content: str) -> str:
    return (
        f'<FileDocument ContextIdentifier="{ACCOUNT}"><Metadata DocumentName="File"/>'
        f"{content}</FileDocument>"
    )


def test_a_file_of_any_size_is_a_document_and_nothing_is_none(emulator: EmulatorServer) -> None:
    # Past ten million characters libxml2 stops by default.
    data = base64.b64encode(b"%PDF" + bytes(9_000_000)).decode()
    for operation, result_name in (
        ("SubmitWithFile", "SubmitWithFileResult"),
        ("AsyncSubmitWithFile", "AsyncSubmitWithFileResult"),
    ):
        answer = soap(
            emulator,
            "Submit",
            operation,
            "<Documents>"
            + file_document(f'<UnderlyingFile FileType="PDF"><Data>{data}</Data></UnderlyingFile>')
            + file_document("")
            + "</Documents>",
        )
        result = answer.one(result_name)
        if operation == "AsyncSubmitWithFile":
            lookup(emulator, result.get("SessionId") or "")
            answer = lookup(emulator, result.get("SessionId") or "")
        accepted, refused = answer.all("DocumentResult")
        assert statuses(emulator, accepted) == [("SigningStepInProgress", "Step 1")]
        assert refused.get("Id") is None
        assert exceptions(answer, "DocumentException") == [
            ("Error", "The document has neither a template nor a file.")
        ]


def test_ping_succeeds(emulator: EmulatorServer) -> None:
    assert soap(emulator, "Ping", "Ping").one("PingResult").get("Success") == "true"


def test_a_session_belongs_to_its_account(emulator: EmulatorServer) -> None:
    answer = soap(
        emulator, "Submit", "AsyncSubmit", f"<Documents>{template_document()}</Documents>"
    )
    session = answer.one("AsyncSubmitResult").get("SessionId") or ""
    wrong = [("Error", "There is no session with this SessionId.")]
    assert exceptions(lookup(emulator, session, OTHER), "SessionLookupException") == wrong
    assert exceptions(lookup(emulator, OTHER), "SessionLookupException") == wrong
    # The lookups that failed did not use up the pending one.
    assert not lookup(emulator, session).all("DocumentResults")


def test_an_async_call_without_documents_is_refused_at_once(emulator: EmulatorServer) -> None:
    answer = soap(emulator, "Submit", "AsyncSubmit", "<Documents/>")
    assert answer.one("AsyncSubmitResult").get("SessionId") == NO_GUID
    assert exceptions(answer, "DocumentException") == [("Error", "The call holds no documents.")]


def test_how_long_and_in_which_form_a_session_is_pending_can_be_set() -> None:
    settings = EmulatorSettings(schemas=SCHEMAS, pending_lookups=2, pending_form="warning")
    with EmulatorServer(settings) as emulator:
        answer = soap(
            emulator, "Submit", "AsyncSubmit", f"<Documents>{template_document()}</Documents>"
        )
        session = answer.one("AsyncSubmitResult").get("SessionId") or ""
        for _ in range(2):
            pending = lookup(emulator, session)
            assert exceptions(pending, "SessionLookupException") == [
                ("Warning", "The session is still being processed.")
            ]
        assert lookup(emulator, session).all("DocumentResult")


def test_accounts_users_and_templates_can_be_limited() -> None:
    accounts = Accounts(
        assuresign=(
            AssureSignAccount(
                context_identifier=UUID(ACCOUNT),
                user_names=frozenset({"owner@example.com"}),
                templates=frozenset({UUID(TEMPLATE)}),
            ),
        )
    )
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, accounts=accounts)) as emulator:
        results = submitted(
            emulator,
            template_document(metadata='UserName="Owner@Example.com"'),
            template_document(account=OTHER),
            template_document(metadata='UserName="stranger@example.com"'),
            template_document(template=OTHER),
        )
        texts = [[item.text for item in Answer(200, r).all("DocumentException")] for r in results]
        assert texts == [
            [],
            ["The ContextIdentifier is not valid."],
            ["The UserName is not a user of the account."],
            ["The account has no template with this Id."],
        ]
        refused = soap(
            emulator,
            "Submit",
            "AsyncSubmit",
            f"<Documents>{template_document(account=OTHER)}</Documents>",
        )
        assert refused.one("AsyncSubmitResult").get("SessionId") == NO_GUID
        created = soap(
            emulator, "Envelopes", "CreateEnvelope", f'<Request ContextIdentifier="{OTHER}"/>'
        )
        assert created.one("CreateEnvelopeResult").get("EnvelopeId") == NO_GUID
        assert exceptions(created, "EnvelopeException") == [
            ("Error", "The ContextIdentifier is not valid.")
        ]


# --- SOAP ---------------------------------------------------------------------------------------

PING = wrapped(request_element("Ping", "Ping"))
PING_ACTION = action_of("Ping", "Ping")


def test_the_action_may_be_quoted_or_not_and_the_path_in_any_case(emulator: EmulatorServer) -> None:
    for action in (PING_ACTION, f'"{PING_ACTION}"'):
        response = post_soap(emulator, "Ping", PING, action=action)
        assert response.status_code == 200
    lower = emulator.assuresign_url.replace("Services/DocumentNOW", "services/documentnow")
    response = post(
        f"{lower.replace('DocumentNOW.svc', 'documentnow.SVC')}/ping/TEXT",
        content=PING,
        headers={"SOAPAction": PING_ACTION, "Content-Type": "text/xml"},
    )
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(
    "action",
    [None, "", '""', '"', "nonsense", action_of("Cancel", "Cancel"), PING_ACTION.lower()],
)
def test_another_action_than_those_of_the_address_is_not_supported(
    emulator: EmulatorServer, action: str | None
) -> None:
    response = post_soap(emulator, "Ping", PING, action=action)
    code, text = fault(response)
    assert code == "ActionNotSupported"
    assert PING_ACTION in text


def test_the_body_must_be_that_of_the_action(emulator: EmulatorServer) -> None:
    body = request_element("Envelopes", "CloseEnvelope")
    response = post_soap(
        emulator,
        "Envelopes",
        wrapped(body),
        action=action_of("Envelopes", "AsyncCloseEnvelope"),
    )
    code, text = fault(response)
    assert code == "DeserializationFailed"
    assert f"{{{SERVICES}/Envelopes}}AsyncCloseEnvelope" in text


@pytest.mark.parametrize(
    ("attributes", "rule"),
    [
        (f"ContextIdentifier='{ACCOUNT}' Id='x' AuthToken='{OTHER}'", "cvc-pattern-valid"),
        (f"Id='{OTHER}' AuthToken='{OTHER}'", "cvc-complex-type-4"),
        (
            f"ContextIdentifier='{ACCOUNT}' Id='{OTHER}' AuthToken='{OTHER}' More='x'",
            "cvc-complex-type-3-2-1",
        ),
        (f"ContextIdentifier='{ACCOUNT}' Id='{OTHER}' AuthToken='{OTHER}'><x", "cvc-"),
    ],
)
def test_what_breaks_the_schema_is_refused_with_the_schemas_words(
    emulator: EmulatorServer, attributes: str, rule: str
) -> None:
    content = (
        f"<DocumentStatusChecks><DocumentStatusCheck {attributes}/>"
        f"{'</DocumentStatusCheck>' if '><' in attributes else ''}</DocumentStatusChecks>"
    )
    message = wrapped(request_element("CheckStatus", "CheckStatus", content))
    response = post_soap(
        emulator, "CheckStatus", message, action=action_of("CheckStatus", "CheckStatus")
    )
    code, text = fault(response)
    assert code == "DeserializationFailed"
    assert text.startswith(rule)
    assert ": Element '{" in text


def all_operations() -> list[tuple[str, str, str]]:
    wsdl = "{http://schemas.xmlsoap.org/wsdl/}"
    operations: list[tuple[str, str, str]] = []
    for path in sorted((SCHEMAS / "assuresign").glob("*.wsdl")):
        root = etree.parse(str(path)).getroot()
        operations.extend(
            (path.stem, operation.get("name", ""), operation[0].get("soapAction", ""))
            for operation in root.iterfind(f"{wsdl}binding/{wsdl}operation")
        )
    return operations


@pytest.mark.parametrize(
    ("contract", "operation", "action"), all_operations(), ids=lambda value: value
)
def test_each_operation_is_played_or_said_not_to_be(
    emulator: EmulatorServer, contract: str, operation: str, action: str
) -> None:
    message = wrapped(request_element(contract, operation))
    response = post_soap(emulator, contract, message, action=action)
    if response.status_code != 200:
        told = f"The emulator does not play {operation} of {contract}."
        assert fault(response) == ("ActionNotSupported", told)
        return
    xsd(f"assuresign/{contract}.xsd").assertValid(read_soap(response))


def test_an_operation_of_other_schemas_is_not_played(tmp_path: Path) -> None:
    shutil.copytree(SCHEMAS, tmp_path / "schemas")
    contract = tmp_path / "schemas/assuresign/Ping.wsdl"
    contract.write_text(
        contract.read_text("utf-8").replace('operation name="Ping"', 'operation name="Pong"'),
        "utf-8",
    )
    with EmulatorServer(EmulatorSettings(schemas=tmp_path / "schemas")) as emulator:
        code, text = fault(post_soap(emulator, "Ping", PING, action=PING_ACTION))
    assert code == "ActionNotSupported"
    assert text == "The emulator does not play Pong of Ping."


def test_namespaces_are_those_of_the_schemas(tmp_path: Path) -> None:
    """Where one contract speaks another's words too, as LookupSession does with Submit's."""
    shutil.copytree(SCHEMAS, tmp_path / "schemas")
    for path in (tmp_path / "schemas" / "assuresign").iterdir():
        text = re.sub(rf"{SERVICES}/(?!v2/)", "urn:other/", path.read_text("utf-8"))
        path.write_text(text, "utf-8")

    def ask(contract: str, operation: str, content: str) -> etree._Element:
        message = f'<{operation} xmlns="urn:other/{contract}">{content}</{operation}>'
        action = action_of(contract, operation).replace(f"{SERVICES}/", "urn:other/")
        response = post_soap(emulator, contract, wrapped(message), action=action)
        assert response.status_code == 200, response.text
        answer = read_soap(response)
        file = tmp_path / f"schemas/assuresign/{contract}.xsd"
        etree.XMLSchema(etree.parse(str(file))).assertValid(answer)
        return answer

    settings = EmulatorSettings(schemas=tmp_path / "schemas", pending_lookups=0)
    with EmulatorServer(settings) as emulator:
        submitted = ask("Submit", "AsyncSubmit", f"<Documents>{template_document()}</Documents>")
        session = submitted[0].get("SessionId")
        question = f'<SessionLookup ContextIdentifier="{ACCOUNT}" SessionId="{session}"/>'
        looked_up = ask(
            "LookupSession", "LookupSession", f"<SessionLookups>{question}</SessionLookups>"
        )
        (result,) = looked_up.iter("{urn:other/Submit}DocumentResult")
        (metadata,) = result.iter("{urn:other/Submit}Metadata")
        assert metadata.get("OrderNumber") == "7"
        key = f'Id="{result.get("Id")}" AuthToken="{result.get("AuthToken")}"'
        query = f'<NotificationListQuery ContextIdentifier="{ACCOUNT}" {key}/>'
        content = f"<NotificationQueries>{query}</NotificationQueries>"
        listed = ask("ListNotifications", "ListNotifications", content)
        assert list(listed.iter("{urn:other/ResendNotification}Recipients"))


@pytest.mark.parametrize(
    "content_type",
    [
        "application/soap+xml; charset=utf-8",
        "application/json",
        "text/plain",
        'multipart/related; type="application/xop+xml"; boundary=x',
        "",
    ],
)
def test_other_content_than_soap_1_1_is_unsupported(
    emulator: EmulatorServer, content_type: str
) -> None:
    response = post_soap(emulator, "Ping", PING, action=PING_ACTION, content_type=content_type)
    assert response.status_code == 415


def test_compressed_requests_are_unsupported(emulator: EmulatorServer) -> None:
    response = post(
        f"{emulator.assuresign_url}/Ping/text",
        content=PING,
        headers={
            "SOAPAction": PING_ACTION,
            "Content-Type": "text/xml",
            "Content-Encoding": "gzip",
        },
    )
    assert response.status_code == 415


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "", 400),
        ("GET", "?nonsense", 400),
        ("GET", "?wsdl=nonsense.wsdl", 400),
        ("GET", "?wsdl=../../../../etc/passwd", 400),
        ("GET", "?xsd=..%2Fsignix%2Fcommon.xsd", 400),
        ("GET", "?wsdl=%ff", 400),
        ("POST", "", 405),
        ("GET", "/Ping/text", 405),
        ("PUT", "/Ping/text", 405),
        ("POST", "/Nonsense/text", 404),
        ("POST", "/Ping/other", 404),
        ("POST", "/Ping/mtom", 415),
        ("POST", "/Ping/text/more", 404),
        ("POST", "/%FF/text", 404),
    ],
)
def test_what_is_no_call_is_answered_as_a_web_server_does(
    emulator: EmulatorServer, method: str, path: str, status: int
) -> None:
    response = request(method, emulator.assuresign_url + path)
    assert response.status_code == status
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


BOMB = (
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
HEADER = '<s:Header><x s:mustUnderstand="{}"/></s:Header><s:Body>'
SOME_DTD = '<!DOCTYPE x SYSTEM "file:///etc/passwd">'
MANY_ATTRIBUTES = " ".join(f"a{number}=''" for number in range(200_001))
UNREADABLE = {
    "empty": b"",
    "blank": b"   \n",
    "control characters": b"\x00\x01\x02",
    "JSON": b'{"not": "xml"}',
    "HTML": b"<html><body>hello</body></html>",
    "truncated": PING[:-5].encode(),
    "two roots": (PING + "<more/>").encode(),
    "UTF-16 without a mark": PING.encode("utf-16-le"),
    "no UTF-8": PING.encode().replace(b"Ping", b"P\xffng"),
    "entity bomb": ('<?xml version="1.0"?>' + BOMB + PING).encode(),
    "DTD after a comment": ("<!-- c --><?pi?>" + SOME_DTD + PING).encode(),
    "DTD inside": PING.replace("<Ping", "<!DOCTYPE x><Ping").encode(),
    "unknown entity": PING.replace("></Ping>", ">&x;</Ping>").encode(),
    "unending comment": b"<!-- " + PING.encode(),
    "very deep": ("<a>" * 10_000 + "</a>" * 10_000).encode(),
    "too deep": wrapped("<a>" * 101 + "</a>" * 101).encode(),
    "too many elements": wrapped("<a/>" * 200_001).encode(),
    "too many attributes": wrapped(f"<a {MANY_ATTRIBUTES}/>").encode(),
    "empty body": wrapped("").encode(),
    "text in the body": wrapped("just text").encode(),
    "two elements in the body": wrapped(request_element("Ping", "Ping") * 2).encode(),
    "no body": f'<s:Envelope xmlns:s="{ENVELOPE}"/>'.encode(),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_hostile_messages_end_in_a_fault(emulator: EmulatorServer, name: str) -> None:
    response = post_soap(emulator, "Ping", UNREADABLE[name], action=PING_ACTION)
    code, text = fault(response)
    assert code == "DeserializationFailed"
    assert "root:" not in text


@pytest.mark.parametrize("charset", ["utf-7", "ebcdic-cp-us", "rot13", "x" * 100, "base64"])
def test_other_encodings_are_refused(emulator: EmulatorServer, charset: str) -> None:
    by_header = post_soap(
        emulator, "Ping", PING, action=PING_ACTION, content_type=f"text/xml; charset={charset}"
    )
    declared = f'<?xml version="1.0" encoding="{charset}"?>{PING}'
    by_declaration = post_soap(
        emulator, "Ping", declared, action=PING_ACTION, content_type="text/xml"
    )
    for response in (by_header, by_declaration):
        assert fault(response) == (
            "DeserializationFailed",
            "The encoding is not accepted: send UTF-8.",
        )


def test_envelopes_that_are_not_understood_are_told_so(emulator: EmulatorServer) -> None:
    newer = PING.replace(ENVELOPE, SOAP_12)
    assert fault(post_soap(emulator, "Ping", newer, action=PING_ACTION))[0] == "VersionMismatch"
    headed = PING.replace("<s:Body>", HEADER.format(1))
    assert fault(post_soap(emulator, "Ping", headed, action=PING_ACTION))[0] == "MustUnderstand"


UNUSUAL = {
    "UTF-16 by charset": (PING.encode("utf-16"), "text/xml; charset=utf-16"),
    "UTF-16 by its mark": (PING.encode("utf-16"), "text/xml"),
    "UTF-8 with a mark": (b"\xef\xbb\xbf" + PING.encode(), "text/xml; charset=utf-8"),
    "a declaration": (
        f'<?xml version="1.0" encoding="utf-8"?>\n{PING}'.encode(),
        'text/xml; charset="UTF-8"',
    ),
    "comments": (f"<!-- a --><?b c?>{PING}<!-- d -->".encode(), "text/xml"),
    "a header": (PING.replace("<s:Body>", HEADER.format(0)).encode(), "text/xml"),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_but_right_messages_are_read(emulator: EmulatorServer, name: str) -> None:
    content, content_type = UNUSUAL[name]
    response = post_soap(emulator, "Ping", content, action=PING_ACTION, content_type=content_type)
    assert response.status_code == 200, response.text


def test_a_type_named_by_a_prefix_of_the_envelope_is_understood(emulator: EmulatorServer) -> None:
    message = (
        f'<s:Envelope xmlns:s="{ENVELOPE}" xmlns:q="{SERVICES}/CheckStatus"'
        ' xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><s:Body><q:CheckStatus>'
        '<q:DocumentStatusChecks i:type="q:ArrayOfDocumentStatusCheck">'
        '<q:DocumentStatusCheck i:nil="true"'
        f' ContextIdentifier="{ACCOUNT}" Id="{OTHER}" AuthToken="{OTHER}"/>'
        "</q:DocumentStatusChecks></q:CheckStatus></s:Body></s:Envelope>"
    )
    response = post_soap(
        emulator, "CheckStatus", message, action=action_of("CheckStatus", "CheckStatus")
    )
    assert response.status_code == 200, response.text
    assert not Answer(200, read_soap(response)).all("DocumentStatusCheckResult")


def test_the_limits_on_xml_can_be_set() -> None:
    settings = EmulatorSettings(schemas=SCHEMAS, xml_limits=XmlLimits(depth=2, markup=100))
    with EmulatorServer(settings) as emulator:
        code, text = fault(post_soap(emulator, "Ping", PING, action=PING_ACTION))
        assert code == "DeserializationFailed"
        assert "more than 2 levels" in text


def test_an_element_has_so_many_attributes_and_no_more(emulator: EmulatorServer) -> None:
    many = " ".join(f'a{number}=""' for number in range(501))
    code, text = fault(post_soap(emulator, "Ping", wrapped(f"<x {many}/>"), action=PING_ACTION))
    assert code == "DeserializationFailed"
    assert "more than 500 attributes" in text


def test_concurrent_submissions_all_count(emulator: EmulatorServer) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: submitted(emulator, template_document())[0], range(24)))
    assert len({result.get("Id") for result in results}) == 24
    assert statuses(emulator, *results) == [("SigningStepInProgress", "Step 1")] * 24


def test_schemas_come_from_the_package_by_default(tmp_path: Path) -> None:
    with EmulatorServer() as emulator:
        assert soap(emulator, "Ping", "Ping").status == 200
