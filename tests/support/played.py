"""Every operation, method and call that was compiled, asked for once by a client.

What exists before a call, such as a document to cancel, is made in the emulator first, by calls
that no cassette holds.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import typing
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal

from esignwire import _codec, _json
from esignwire.assuresign import AssureSign, AsyncAssureSign, DocumentReference
from esignwire.constellation1 import AsyncConstellation1, Constellation1
from esignwire.emulator import EmulatorServer
from esignwire.errors import EsignWireError
from esignwire.signix import AsyncSignix, Signix
from esignwire_generated.assuresign.services import CONTRACT_MODULES
from esignwire_generated.constellation1 import calls
from esignwire_generated.signix.services import flex_api
from tests.support.filling import Values, filled, told

Kind = Literal["sync", "async"]
KINDS: tuple[Kind, ...] = ("sync", "async")

ACCOUNT = uuid.UUID("06c4a84f-693c-46cb-8df2-40a8215aa056")
TEMPLATE = uuid.UUID("dcb79445-4d39-dd11-8735-00065b8ce99b")
OWNER = "owner@example.com"
PASSWORD = "CANARY-password"
API_KEY = "CANARY-api-key"
PDF = b"%PDF-1.4 a document\n%%EOF"
URLS = {
    "assuresign": "https://replay.invalid/assuresign/Services/DocumentNOW/v2/DocumentNOW.svc",
    "signix": "https://replay.invalid/signix/sdd/b2b/sdddc_ns.jsp",
    "constellation1": "https://replay.invalid/constellation1/rest",
}
CREDENTIALS: dict[str, dict[str, Any]] = {
    "assuresign": {"context_identifier": ACCOUNT, "user_name": OWNER},
    "signix": {
        "sponsor": "demo",
        "client": "democlient",
        "user_id": "demouser",
        "password": PASSWORD,
        "workgroup": "SDD",
    },
    "constellation1": {"api_key": API_KEY, "user_name": OWNER},
}
CLIENTS: dict[tuple[str, Kind], type[Any]] = {
    ("assuresign", "sync"): AssureSign,
    ("assuresign", "async"): AsyncAssureSign,
    ("signix", "sync"): Signix,
    ("signix", "async"): AsyncSignix,
    ("constellation1", "sync"): Constellation1,
    ("constellation1", "async"): AsyncConstellation1,
}


@dataclass(frozen=True)
class Called:
    """An operation that was compiled.

    Attributes:
        vendor: The vendor's package.
        contract: AssureSign's contract, as a module is named.
        name: The operation, as the vendor spells it.
        method: The client's method.
    """

    vendor: str
    contract: str
    name: str
    method: str
    request: type[Any] | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.vendor}-{self.name}"

    def ask(self, client: Any, values: Values) -> Any:
        """Makes the call; the result may have to be awaited."""
        if self.request is not None:
            services = client.services
            holder = getattr(services, self.contract)
            return getattr(holder, self.method)(filled(self.request, values))
        method = getattr(client, self.method)
        hints = typing.get_type_hints(method)
        return method(
            **{
                name: filled(hints[name], values, name)
                for name, parameter in inspect.signature(method).parameters.items()
                if parameter.default is parameter.empty
            }
        )

    def outcome(self, kind: Kind, url: str, values: Values) -> object:
        """Makes the call with a client of its own; an error of the package's is an outcome too."""
        make = CLIENTS[self.vendor, kind]
        credentials = {**CREDENTIALS[self.vendor], "url": url}
        try:
            if kind == "sync":
                with make(**credentials) as client:
                    return self.ask(client, values)
            return asyncio.run(self._awaited(make, credentials, values))
        except EsignWireError as error:
            return error

    async def _awaited(
        self, make: type[Any], credentials: dict[str, Any], values: Values
    ) -> object:
        async with make(**credentials) as client:
            return await self.ask(client, values)


def _operations(module: ModuleType, kind: type[Any]) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        if isinstance(value, kind):
            yield name.lower(), value


def all_calls() -> list[Called]:
    """Everything that was compiled from the schemas."""
    found: list[Called] = []
    contracts = [
        (
            "assuresign",
            name,
            importlib.import_module(f"esignwire_generated.assuresign.services.{name}"),
        )
        for name in CONTRACT_MODULES.values()
    ]
    for vendor, contract, module in [*contracts, ("signix", "flex_api", flex_api)]:
        for method, operation in _operations(module, _codec.Operation):
            hints = typing.get_type_hints(operation.encode)
            request = next(hint for name, hint in hints.items() if name != "return")
            found.append(Called(vendor, contract, operation.name, method, request))
    for method, operation in _operations(calls, _json.Operation):
        found.append(Called("constellation1", "", operation.name, method))
    return found


BY_NAME = {str(one): one for one in all_calls()}


def prepared(called: Called, emulator: EmulatorServer) -> Values:
    """Makes what the call needs, and tells the values of its message."""
    prepare: dict[str, Callable[[str, EmulatorServer], dict[str, object]]] = {
        "assuresign": _assuresign,
        "signix": _signix,
        "constellation1": _constellation1,
    }
    return prepare[called.vendor](called.name, emulator)


def _assuresign(name: str, emulator: EmulatorServer) -> dict[str, object]:
    values: dict[str, object] = {
        "AccountGroup": "West",
        "ContextIdentifier": ACCOUNT,
        "Data": PDF,
        "DisplayName": "Brand new",
        "DocumentName": "Lease",
        "EmailAddress": "pat@example.com",
        "EndpointUrl": "https://files.example/lease.pdf",
        "FirstName": "Pat",
        "LastName": "Example",
        "Name": "Signatory 1 Email Address",
        "OrderNumber": "7",
        "Password": PASSWORD,
        "Role": "Administrator",
        "TemplateId": TEMPLATE,
        "Url": "https://files.example/lease.pdf",
        "UserName": OWNER,
        "Value": "signer@example.com",
    }
    ask = _Asking("assuresign", emulator.assuresign_url)

    def submit(**more: object) -> DocumentReference:
        document = ask("Submit", {**values, "Id": TEMPLATE, **more})
        return DocumentReference(id=document["Id"], auth_token=document["AuthToken"])

    document = submit()
    values |= {
        "Id": document.id,
        "AuthToken": document.auth_token,
        "DocumentId": document.id,
        "DocumentAuthToken": document.auth_token,
    }
    if name.startswith(("Submit", "AsyncSubmit")):
        values["Id"] = TEMPLATE
    if "Envelope" in name and name not in {"CreateEnvelope", "ListEnvelopeTemplates"}:
        made = ask("CreateEnvelope", values)
        inside = submit(EnvelopeId=made["EnvelopeId"])
        del values["DocumentId"], values["DocumentAuthToken"]
        values |= {
            "EnvelopeId": made["EnvelopeId"],
            "AuthToken": made["AuthToken"],
            "EnvelopeAuthToken": made["AuthToken"],
        }
        if name in {"DownloadEnvelopeDocuments", "DeleteEnvelope"}:
            ask("CloseEnvelope", values)
            emulator.complete(inside)
    elif "Download" in name or name in {"GetDocumentValues", "ValidateDocument"}:
        emulator.complete(document)
    elif name == "LookupSession":
        values["SessionId"] = ask("AsyncSubmit", {**values, "Id": TEMPLATE})["SessionId"]
        ask(name, values)
    elif name == "ResendNotification":
        values["NotificationId"] = ask("ListNotifications", values)["NotificationId"]
    elif name == "UpdateSignatory":
        listed = ask("ListSignatories", values)
        values |= {name: listed[name] for name in listed if name.startswith("Signatory")}
    if name.endswith(("User", "Users", "Account", "Accounts", "Tag", "Password")):
        signed_in = ask("AuthenticateUser", values)
        values["AuthenticationToken"] = signed_in["AuthenticationToken"]
        values["UserName"] = "pat@example.com"
        if name in {"DeleteUser", "GetUser", "UpdateUser"}:
            ask("CreateUser", values)
    return values


def _signix(name: str, emulator: EmulatorServer) -> dict[str, object]:
    values: dict[str, object] = {
        "Client": "democlient",
        "Data": PDF,
        "DeliveryType": "SDDDC",
        "Email": "pat@example.com",
        "FileName": "lease.pdf",
        "Length": len(PDF),
        "MemberInfoNumber": 1,
        "MimeType": "application/pdf",
        "Pswd": PASSWORD,
        "RefID": "signer1",
        "Request": '{"objectType": "Transaction_Suspend"}',
        "SSN": "910000000",
        "Service": "SelectOneClick",
        "Sponsor": "demo",
        "SubmitterEmail": OWNER,
        "SuspendOnStart": False,
        "TransactionID": "5a1cdaf2-3af5-5a04-9e4f-b4bdf5c41f2f",
        "UserId": "demouser",
        "Workgroup": "SDD",
    }
    if name != "SubmitDocument":
        submitted = _Asking("signix", emulator.signix_url)("SubmitDocument", values)
        if name == "GetAccessLink":
            return values
        del values["TransactionID"]
        values["DocumentSetID"] = submitted["DocumentSetID"]
        if "Download" in name:
            emulator.complete(values["DocumentSetID"])
    return values


def _constellation1(name: str, emulator: EmulatorServer) -> dict[str, object]:
    values: dict[str, object] = {
        "EmailAddress": "pat@example.com",
        "FileBytes": PDF,
        "FileName": "lease.pdf",
        "LastName": "Example",
        "Title": "Lease",
        "TransactionId": "order-7",
        "Username": "pat@example.com",
        "page_size": 10,
        "password": PASSWORD,
        "return_url": "https://example.com/signed",
        "salt": "salt",
        "transaction_id": "order-7",
        "user_name": OWNER,
    }
    ask = _Asking("constellation1", emulator.constellation1_url)
    created = ask("CreateSession", values)
    session = created["session_id"]
    values |= {"Id": session, "SigningSessionId": session, "session_id": session}
    if "SignerId" in created:
        values |= {"SignerId": created["SignerId"], "signer_id": created["SignerId"]}
    if "Purg" in name or name in {"CloseSession", "EditSession", "SendSignerEmailInvites"}:
        ask("StartSession", values)
    if "Purg" in name:
        emulator.complete(session)
    if name == "CancelPurgingSession":
        ask("PurgeSessionDocs", values)
    if name != "CreateUser" and "User" in name and name != "AuthenticateUser":
        user = ask("CreateUser", {**values, "Password": PASSWORD}).get("SystemUserId", "17")
        values |= {"SystemUserId": user, "system_user_id": user}
        values |= dict.fromkeys(("group_user", "old_user_name", "user_name"), "pat@example.com")
    return values


class _Asking:
    """Makes calls that no cassette holds, and tells their answers; nothing of what was refused."""

    def __init__(self, vendor: str, url: str) -> None:
        self._vendor = vendor
        self._url = url

    def __call__(self, name: str, values: Values) -> dict[str, Any]:
        called = BY_NAME[f"{self._vendor}-{name}"]
        return told(called.outcome("sync", self._url, values))
