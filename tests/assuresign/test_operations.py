"""Every compiled method of the clients against the emulator, accepted and refused."""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from esignwire._codec import StrictReading
from esignwire.assuresign import (
    Accepted,
    AssureSign,
    DocumentReference,
    EnvelopeReference,
    Refused,
    Severity,
    exceptions_of,
)
from esignwire.assuresign.types import envelopes, resend_notification, submit, validate_document
from esignwire.emulator import EmulatorServer, EmulatorSettings
from esignwire.errors import AssureSignError, InvalidRequest, OutcomeUnknown
from esignwire_generated.assuresign.async_operations import AsyncOperations
from esignwire_generated.assuresign.sync_operations import Operations
from tests.support.assuresign import KINDS, Driver, Kind, address
from tests.support.directory import ADA, BOB, DAN, KNOWN, NEW_PASSWORD, PASSWORD
from tests.support.emulator import SCHEMAS, TEMPLATE, control, what_is_played
from tests.support.hostile import Connection, hostile

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
UNKNOWN = "00000000-0000-0000-0000-000000000007"
OWNER = "owner@example.com"
FILE = submit.UnderlyingFile(file_type=submit.SupportedFileType.PDF, data=PDF)

METHODS = sorted(name for name in vars(Operations) if not name.startswith("_"))
LISTS = [name for name in METHODS if name.endswith("_all")]
SINGLE = [name for name in METHODS if name not in LISTS]


def signature(name: str) -> inspect.Signature:
    return inspect.signature(getattr(Operations, name))


@dataclass
class World:
    """A client, and the emulator with its things."""

    client: Driver
    server: EmulatorServer

    def submitted(self, **members: Any) -> DocumentReference:
        result = self.client.submit_with_file(
            underlying_file=FILE,
            metadata=submit.Metadata(document_name="Lease", **members),
            template=submit.Template(
                id=uuid.UUID(TEMPLATE),
                parameters=submit.ArrayOfParameter(
                    parameter=[
                        submit.Parameter(name="Signatory 1 Email Address", value="pat@example.com")
                    ]
                ),
            ),
        )
        return DocumentReference(id=str(result.id), auth_token=str(result.auth_token))

    def completed(self) -> DocumentReference:
        document = self.submitted()
        control(self.server, "assuresign/documents/complete", str(document.id))
        return document

    def envelope(self) -> envelopes.CreateEnvelopeResult:
        made: envelopes.CreateEnvelopeResult = self.client.create_envelope(envelope_name="Sale")
        self.submitted(envelope_id=made.envelope_id)
        return made

    def closed(self) -> envelopes.CreateEnvelopeResult:
        made = self.envelope()
        self.client.close_envelope(made.envelope_id, made.auth_token)
        return made

    def finished(self) -> envelopes.CreateEnvelopeResult:
        made = self.closed()
        for one in self.client.list_envelope_documents(made).documents:
            control(self.server, "assuresign/documents/complete", str(one.document_id))
        return made

    def token(self) -> str:
        token: str = self.client.authenticate_user(
            user_name=ADA, password=PASSWORD
        ).authentication_token
        return token

    def question(self, name: str) -> dict[str, Any]:
        """The arguments with which the emulator accepts a call; most follow from their names."""
        match name:
            case "authenticate_user":
                return {"user_name": ADA, "password": PASSWORD}
            case "cancel_envelope" | "get_envelope_document_values":
                return {"envelope": self.closed()}
            case "create_account":
                return {"name": "New", "display_name": "New", "account_group": "West"}
            case "create_envelope":
                return {"envelope_name": "Sale"}
            case "update_account":
                return {"name": "Old"}
            case "create_user":
                return {
                    "user_name": DAN,
                    "first_name": "Dan",
                    "last_name": "Deer",
                    "role": "Clerk",
                    "password": NEW_PASSWORD,
                }
            case "delete_envelope":
                envelope = self.finished()
                return {"envelope": envelope}
            case "download" | "authenticate_download" | "get_document_values":
                return {"document": self.completed()}
            case "download_envelope_documents":
                return {"envelope": self.finished()}
            case "get_access_link" | "get_signing_links" | "list_notifications":
                return {"document": self.submitted()}
            case "resend_notification":
                document = self.submitted()
                sent = self.client.list_notifications(document=document).email_notifications[0]
                again = resend_notification.EmailNotification(notification_id=sent.notification_id)
                return {"document": document, "email_notification": again}
            case "get_user" | "update_user" | "delete_user":
                return {"user_name": BOB}
            case "submit" | "submit_with_file" | "submit_with_file_retrieval":
                made: dict[str, Any] = {
                    "template": submit.Template(id=uuid.UUID(TEMPLATE)),
                    "metadata": submit.Metadata(document_name="Lease", order_number=name),
                }
                if name == "submit_with_file":
                    made["underlying_file"] = FILE
                if name == "submit_with_file_retrieval":
                    made["underlying_file_metadata"] = submit.UnderlyingFileMetadata(
                        url="https://example.com/lease.pdf",
                        file_type=submit.SupportedFileType.PDF,
                        retrieval_method=submit.FileRetrievalMethod.BASIC_HTTP,
                    )
                return made
            case "update_signatory":
                return {
                    "document": self.submitted(),
                    "signatory_email": "pat@example.com",
                    "updated_signatory_info": _new_address(),
                }
            case "validate_document":
                return {"data": PDF, "file_type": validate_document.SupportedFileType.PDF}
            case _:
                return {}

    def arguments(self, name: str) -> dict[str, Any]:
        given = self.question(name)
        parameters = signature(name).parameters
        if "document" not in given and _is_required(parameters.get("document")):
            given["document"] = self.submitted()
        if "envelope" not in given and _is_required(parameters.get("envelope")):
            given["envelope"] = self.envelope()
        if "template_id" in parameters:
            given["template_id"] = TEMPLATE
        if "authentication_token" in parameters:
            given["authentication_token"] = self.token()
        if name.startswith("async_submit"):
            kind = {
                "async_submit_with_file": submit.FileDocument,
                "async_submit_with_file_retrieval": submit.FileRetrievalDocument,
            }[name]
            given["documents"] = [
                kind(
                    context_identifier=self.client.client.context_identifier,
                    **self.question(name.removeprefix("async_")),
                )
            ]
        return given


def _new_address() -> Any:
    from esignwire.assuresign.types import update_signatory

    return update_signatory.SignatoryInfo(email_address="new@example.com")


def _is_required(parameter: inspect.Parameter | None) -> bool:
    return parameter is not None and parameter.default is inspect.Parameter.empty


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatorServer]:
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, accounts=KNOWN)) as running:
        yield running


@pytest.fixture
def world(kind: Kind, server: EmulatorServer) -> Iterator[World]:
    server.state.reset()
    with StrictReading(), Driver(kind, server.assuresign_url) as client:
        yield World(client, server)


each_kind = pytest.mark.parametrize("kind", KINDS)


def test_both_clients_have_the_same_methods() -> None:
    assert sorted(name for name in vars(AsyncOperations) if not name.startswith("_")) == METHODS
    assert set(METHODS) <= set(dir(AssureSign))
    for name in METHODS:
        ours, theirs = getattr(Operations, name), getattr(AsyncOperations, name)
        assert inspect.signature(ours) == inspect.signature(theirs)
        assert inspect.iscoroutinefunction(theirs)
        assert not inspect.iscoroutinefunction(ours)
        for part in ("Args:", "Returns:", "Raises:"):
            assert part in (inspect.getdoc(ours) or "")
        for parameter in signature(name).parameters:
            assert parameter == "self" or f"{parameter}:" in (inspect.getdoc(ours) or "")


@each_kind
@pytest.mark.parametrize("name", SINGLE)
def test_each_method_is_accepted(world: World, name: str) -> None:
    with what_is_played():
        result = getattr(world.client, name)(**world.arguments(name), timeout=30)
    assert result is not None
    assert all(one.is_warning for one in exceptions_of(result))


@each_kind
@pytest.mark.parametrize("name", SINGLE)
def test_each_method_is_refused(world: World, name: str) -> None:
    arguments = world.arguments(name)
    if "context_identifier" in signature(name).parameters:
        arguments["context_identifier"] = UNKNOWN
    elif name == "authenticate_user":
        arguments["password"] = "something else"
    elif name == "validate_document":
        arguments["file_type"] = validate_document.SupportedFileType.DOC
    elif name.startswith("async_submit"):
        arguments["documents"][0].context_identifier = uuid.UUID(UNKNOWN)
    else:
        pytest.skip("there is nothing to refuse")
    with what_is_played(), pytest.raises(AssureSignError) as caught:
        getattr(world.client, name)(**arguments)
    error = caught.value
    assert error.vendor == "AssureSign"
    assert error.operation is not None
    assert error.operation.lower() == name.replace("_", "")
    assert error.http_status == 200
    assert error.vendor_text
    assert UNKNOWN not in str(error)


def is_safe(name: str) -> bool:
    return "Reads only" in (inspect.getdoc(getattr(Operations, name)) or "")


def cut(connection: Connection) -> None:
    connection.receive()


@each_kind
@pytest.mark.parametrize("name", [name for name in METHODS if not is_safe(name)])
def test_each_change_can_be_looked_up(world: World, name: str) -> None:
    arguments = world.arguments(name.removesuffix("_all"))
    asked, named = ([[arguments] * 2], {}) if name in LISTS else ([], arguments)
    with (
        hostile(cut) as server,
        Driver(world.client.kind, address(server)) as client,
        pytest.raises(OutcomeUnknown) as caught,
    ):
        getattr(client, name)(*asked, **named)
    reference = caught.value.reference
    assert reference
    assert reference in str(caught.value)
    assert not any(str(one.auth_token) in reference for one in arguments.values() if is_handle(one))
    if name in LISTS:
        first, _, second = reference.partition(", ")
        assert first == second


def is_handle(value: Any) -> bool:
    return hasattr(value, "auth_token")


@each_kind
@pytest.mark.parametrize("name", LISTS)
def test_each_list_has_one_outcome_for_each_question(world: World, name: str) -> None:
    one = name.removesuffix("_all")
    first, other, last = (world.arguments(one) for _ in range(3))
    other["context_identifier"] = UNKNOWN
    questions: list[Any] = [first, other, last]
    if [*first] == ["document"] and _is_required(signature(one).parameters["document"]):
        # One that needs nothing but a handle.
        questions[0] = first["document"]
    with what_is_played():
        outcomes = getattr(world.client, name)(questions)
    assert [type(outcome) for outcome in outcomes] == [Accepted, Refused, Accepted]
    with pytest.raises(AssureSignError):
        outcomes[1].require()
    assert outcomes[1].error.operation.lower() == one.replace("_", "")
    assert outcomes[1].error.exceptions[0][0] == Severity.ERROR
    assert outcomes[0].require() is outcomes[0].result
    if hasattr(outcomes[0].result, "id") and "document" in first:
        identifiers = [str(question["document"].id) for question in (first, other, last)]
        assert [str(outcome.result.id) for outcome in outcomes] == identifiers


@each_kind
def test_handles_come_from_everywhere(world: World) -> None:
    envelope = world.envelope()
    listed = world.client.list_envelope_documents(envelope).documents
    assert len(listed) == 1
    reference = EnvelopeReference(id=str(envelope.id), auth_token=str(envelope.auth_token))
    assert world.client.list_envelope_documents(reference).documents == listed
    (signatory,) = world.client.list_signatories(listed[0]).signatories
    assert signatory.email_address == "pat@example.com"


@each_kind
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "document must have an id and an auth_token"),
        ("lease", "a str was given"),
        (["a", "b"], "a list was given"),
        (DocumentReference(id="no guid", auth_token=UNKNOWN), "document.id must be a GUID"),
        (DocumentReference(id=UNKNOWN, auth_token="secret!"), "document.auth_token must be a GUID"),
    ],
)
def test_a_wrong_handle_is_named(world: World, value: Any, words: str) -> None:
    for method in (world.client.cancel, world.client.list_signatories):
        with pytest.raises(InvalidRequest, match=words) as caught:
            method(value)
        assert "secret!" not in str(caught.value)


@each_kind
def test_wrong_questions_are_named(world: World) -> None:
    good = DocumentReference(id=UNKNOWN, auth_token=UNKNOWN)
    for questions, words in (
        ("lease", "questions must be a list; a str was given"),
        (None, "questions must be a list; None was given"),
        (good, "questions must be a list"),
        ({"document": good}, "questions must be a list; a dict was given"),
        ([good, None], r"questions\[1\].document must have an id"),
        ([{"document": good, "remark": "x"}], r"questions\[0\].remark is no argument"),
        ([good, {"remarks": "x"}], r"questions\[1\].document is missing"),
    ):
        with pytest.raises(InvalidRequest, match=words):
            world.client.cancel_all(questions)
    with pytest.raises(InvalidRequest, match=r"questions\[0\] must be a dictionary"):
        world.client.delete_envelope_all([good])
    with pytest.raises(InvalidRequest, match="template_id must be a GUID"):
        world.client.list_parameters("no guid")
    with pytest.raises(InvalidRequest, match="context_identifier must be a GUID"):
        world.client.list_templates(context_identifier=7)
    assert world.client.cancel_all([]) == []


@each_kind
def test_wrong_structures_are_named(kind: Kind) -> None:
    with hostile(cut) as server, Driver(kind, address(server)) as client:
        wrong: Any
        for wrong in ("Lease", 7, [submit.Metadata()], {"document_name": "Lease"}):
            for method in (client.submit_with_file, client.submit_with_file_retrieval):
                with pytest.raises(InvalidRequest, match="metadata must be a Metadata") as caught:
                    method(metadata=wrong)
                assert f" {type(wrong).__name__} was given" in str(caught.value)
            with pytest.raises(InvalidRequest, match=r"questions\[0\]\.metadata must be"):
                client.submit_with_file_all([{"metadata": wrong}])
        assert not server.received


@each_kind
@pytest.mark.parametrize("wrong", ["tell", 7, []])
def test_a_progress_that_is_no_function_is_named(kind: Kind, wrong: Any) -> None:
    document = DocumentReference(id=UNKNOWN, auth_token=UNKNOWN)
    with hostile(cut) as server, Driver(kind, address(server)) as client:
        with pytest.raises(InvalidRequest, match="progress must be a function") as caught:
            client.submit_with_file(underlying_file=FILE, progress=wrong)
        assert caught.value.path == "progress"
        with pytest.raises(InvalidRequest, match="progress must be a function"):
            client.download(document, progress=wrong)
        assert not server.received
