"""The clients manage users and accounts of the emulator, and validate documents there."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from esignwire._codec import StrictReading
from esignwire.emulator import EmulatorServer, EmulatorSettings
from esignwire.errors import AssureSignError
from esignwire_generated.assuresign.types import accounts as account_types
from esignwire_generated.assuresign.types import users as user_types
from esignwire_generated.assuresign.types import validate_document
from tests.support.assuresign import KINDS, Driver, Kind
from tests.support.directory import (
    ADA,
    BAD_TOKEN,
    BOB,
    DAN,
    KNOWN,
    NEW_PASSWORD,
    PASSWORD,
    WRONG,
    sign_in,
)
from tests.support.emulator import ACCOUNT, SCHEMAS, control, soap

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"


@pytest.fixture
def known() -> Iterator[EmulatorServer]:
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, accounts=KNOWN)) as emulator:
        yield emulator


@pytest.fixture
def client(kind: Kind, known: EmulatorServer) -> Iterator[Driver]:
    with StrictReading(), Driver(kind, known.assuresign_url) as driver:
        yield driver


@pytest.mark.parametrize("kind", KINDS)
def test_the_client_manages_users(client: Driver) -> None:
    def call(operation: str, request: object, **wrapper: Any) -> Any:
        answer = client.service("users", operation, request, **wrapper)
        return getattr(answer, f"{operation}_result")

    with pytest.raises(AssureSignError) as wrong:
        call(
            "authenticate_user",
            user_types.AuthenticateUser(
                request=user_types.AuthenticateUserRequest(user_name=ADA, password="not mine")
            ),
        )
    assert wrong.value.exceptions == (("Error", WRONG),)
    assert wrong.value.vendor_text == WRONG
    assert wrong.value.http_status == 200
    ada = call(
        "authenticate_user",
        user_types.AuthenticateUser(
            request=user_types.AuthenticateUserRequest(user_name=ADA, password=PASSWORD)
        ),
    )
    assert ada.success is True
    assert [one.context_identifier for one in ada.accounts.user_account] == [UUID(ACCOUNT)]
    assert PASSWORD not in repr(ada)
    keys: dict[str, Any] = {
        "context_identifier": ada.accounts.user_account[0].context_identifier,
        "authentication_token": ada.authentication_token,
    }
    created = call(
        "create_user",
        user_types.CreateUser(
            request=user_types.CreateUserRequest(
                **keys,
                user_name=DAN,
                first_name="Dan",
                last_name="Deer",
                role="Clerk",
                password=NEW_PASSWORD,
                require_password_change=True,
                tags=user_types.ArrayOfUserTag(
                    user_tag=[user_types.UserTag(name="Desk", value="7")]
                ),
            )
        ),
    )
    assert created.success is True
    updated = call(
        "update_user",
        user_types.UpdateUser(
            request=user_types.UpdateUserRequest(
                **keys,
                user_name=DAN,
                new_user_name="deer@example.com",
                require_password_change=False,
            )
        ),
    )
    assert updated.success is True
    got = call(
        "get_user",
        user_types.GetUser(request=user_types.GetUserRequest(**keys, user_name="deer@example.com")),
    )
    assert (got.first_name, got.role, got.require_password_change) == ("Dan", "Clerk", False)
    assert [(tag.name, tag.value) for tag in got.tags.user_tag] == [("Desk", "7")]

    def names() -> list[str]:
        listed = call(
            "list_users", user_types.ListUsers(request=user_types.ListUsersRequest(**keys))
        )
        assert listed.success is True
        return [one.user_name for one in listed.users.user]

    assert names() == [ADA, BOB, "owner@example.com", "deer@example.com"]
    deleting = user_types.DeleteUser(
        request=user_types.DeleteUserRequest(**keys, user_name="deer@example.com")
    )
    assert call("delete_user", deleting).success is True
    with pytest.raises(AssureSignError) as again:
        call("delete_user", deleting)
    assert again.value.vendor_text == "The account has no user with this UserName."
    assert names() == [ADA, BOB, "owner@example.com"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_client_manages_accounts(client: Driver, known: EmulatorServer) -> None:
    def call(operation: str, request: object) -> Any:
        answer = client.service("accounts", operation, request)
        return getattr(answer, f"{operation}_result")

    token = sign_in(known).token
    above: dict[str, Any] = {
        "context_identifier": UUID(ACCOUNT),
        "authentication_token": token,
    }
    created = call(
        "create_account",
        account_types.CreateAccount(
            request=account_types.CreateAccountRequest(
                **above, name="New", display_name="Brand new", account_group="West"
            )
        ),
    )
    assert created.success is True
    keys = above | {"context_identifier": created.context_identifier}
    updated = call(
        "update_account",
        account_types.UpdateAccount(
            request=account_types.UpdateAccountRequest(**keys, inactive=True, name="Old")
        ),
    )
    assert updated.success is True
    got = call(
        "get_account",
        account_types.GetAccount(request=account_types.GetAccountRequest(**keys)),
    )
    assert (got.name, got.display_name, got.inactive) == ("Old", "Brand new", True)
    assert got.roles.role == ["Administrator", "Clerk"]
    assert got.account_groups.account_group == ["East", "West"]
    listed = call(
        "list_accounts",
        account_types.ListAccounts(request=account_types.ListAccountsRequest(**above)),
    )
    assert [(one.context_identifier, one.name) for one in listed.accounts.account] == [
        (created.context_identifier, "Old")
    ]
    with pytest.raises(AssureSignError) as refused:
        call(
            "get_account",
            account_types.GetAccount(
                request=account_types.GetAccountRequest(
                    context_identifier=UUID(ACCOUNT), authentication_token="nonsense"
                )
            ),
        )
    assert refused.value.vendor_text == BAD_TOKEN


@pytest.mark.parametrize("kind", KINDS)
def test_the_client_validates_documents(client: Driver, known: EmulatorServer) -> None:
    data = base64.b64encode(PDF).decode()
    submitted = soap(
        known,
        "Submit",
        "SubmitWithFile",
        f'<Documents><FileDocument ContextIdentifier="{ACCOUNT}">'
        f'<Metadata DocumentName="Contract" UserName="{BOB}"/>'
        f'<UnderlyingFile FileType="PDF"><Data>{data}</Data></UnderlyingFile>'
        "</FileDocument></Documents>",
    )
    document = submitted.one("DocumentResult").get("Id") or ""
    control(known, "assuresign/documents/complete", document)

    def ask(data: bytes, kind: str = "PDF") -> validate_document.ValidationResult:
        request = validate_document.ValidateDocument(
            validate_document_query=validate_document.ValidateDocumentQuery(
                file_document=validate_document.FileDocument(
                    data=data, file_type=validate_document.SupportedFileType(kind)
                )
            )
        )
        answer = client.service("validate_document", "validate_document", request)
        result = answer.validate_document_result
        told: validate_document.ValidationResult = result.validation_result
        return told

    valid = ask(PDF)
    assert valid.code is validate_document.ResultCode.COV
    assert valid.document_name == "Contract"
    assert valid.originator == BOB
    assert valid.date_completed is not None
    assert ask(PDF + b"more\n%%EOF\n").code is validate_document.ResultCode.COI
    assert ask(PDF[:-9]).code is validate_document.ResultCode.CPT
    with pytest.raises(AssureSignError, match="Only files of type PDF"):
        ask(PDF, "DOC")
