"""Every compiled method of the clients against the emulator, accepted and refused."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from esignwire._codec import StrictReading
from esignwire.emulator import Accounts, EmulatorServer, EmulatorSettings, SignixAccount
from esignwire.errors import ConfigurationError, InvalidRequest, SignixError
from esignwire.signix import Signix
from esignwire_generated.signix.async_operations import AsyncOperations
from esignwire_generated.signix.sync_operations import Operations
from tests.support.emulator import control, what_is_played
from tests.support.signix import (
    KINDS,
    PASSWORD,
    PDF,
    TRANSACTION_ID,
    Kind,
    drive,
    submission,
)

METHODS = sorted(name for name in vars(Operations) if not name.startswith("_"))
each_kind = pytest.mark.parametrize("kind", KINDS)
each_method = pytest.mark.parametrize("name", METHODS)


def account(password: str) -> EmulatorSettings:
    known = SignixAccount(
        sponsor="acme", client="acmeclient", user_id="acmeuser", password=password
    )
    return EmulatorSettings(accounts=Accounts(signix=(known,)))


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatorServer]:
    with EmulatorServer(account(PASSWORD)) as running:
        yield running


@pytest.fixture(scope="module")
def refusing() -> Iterator[EmulatorServer]:
    with EmulatorServer(account("another")) as running:
        yield running


@pytest.fixture(autouse=True)
def _strict_reading() -> Iterator[None]:
    with StrictReading():
        yield


def submitted(kind: Kind, server: EmulatorServer) -> str:
    control(server, "reset")
    document_set_id: str = drive(
        kind, server.signix_url, lambda client: client.submit_document(**members(client))
    ).document_set_id
    return document_set_id


def members(client: Any) -> dict[str, Any]:
    """What a submission is made of, as arguments."""
    data = submission(client).data
    return {
        one.name: getattr(data, one.name)
        for one in dataclasses.fields(data)
        if getattr(data, one.name) not in (None, [])
    }


def arguments(name: str, client: Any, document_set_id: str) -> dict[str, Any]:
    if name == "submit_document":
        return {**members(client), "transaction_id": TRANSACTION_ID[::-1], "demo": True}
    given: dict[str, Any] = {"document_set_id": document_set_id}
    if name == "get_access_link":
        given["transaction_role"] = "submitter"
    if name == "submit_ajax":
        given["request"] = '{"objectType":"transaction_suspend"}'
    return given


def test_both_clients_have_the_same_methods() -> None:
    assert sorted(name for name in vars(AsyncOperations) if not name.startswith("_")) == METHODS
    assert set(METHODS) <= set(dir(Signix))
    for name in METHODS:
        ours, theirs = getattr(Operations, name), getattr(AsyncOperations, name)
        assert inspect.signature(ours) == inspect.signature(theirs)
        for parameter in inspect.signature(ours).parameters:
            assert parameter == "self" or f"{parameter}:" in (inspect.getdoc(ours) or "")
            # The client alone says who calls.
            assert parameter not in {"sponsor", "client", "user_id", "pswd", "password"}


@each_kind
@each_method
def test_each_method_is_accepted(kind: Kind, name: str, server: EmulatorServer) -> None:
    document_set_id = submitted(kind, server)
    if name in {"download_document", "confirm_download"}:
        control(server, "signix/transactions/complete", document_set_id)
    with what_is_played():
        result = drive(
            kind,
            server.signix_url,
            lambda client: getattr(client, name)(
                **arguments(name, client, document_set_id), timeout=30
            ),
        )
    assert result is not None
    match name:
        case "download_document":
            assert bytes(result.data.form[0].data).startswith(PDF[:8])
        case "get_access_link":
            assert result.access_link.startswith("http")
        case "get_access_token":
            assert result.access_token
        case "submit_document":
            assert result.document_set_id


@each_kind
@each_method
def test_each_method_is_refused(kind: Kind, name: str, refusing: EmulatorServer) -> None:
    with pytest.raises(SignixError) as caught:
        drive(
            kind,
            refusing.signix_url,
            lambda client: getattr(client, name)(**arguments(name, client, "unknown")),
        )
    if caught.value.vendor_code == "199":
        pytest.skip("the emulator does not play it")
    assert caught.value.vendor_code == "102"
    assert caught.value.operation is not None
    assert caught.value.operation.lower() == name.replace("_", "")
    assert PASSWORD not in str(caught.value)


@each_kind
def test_what_breaks_a_rule_is_not_sent(kind: Kind, server: EmulatorServer) -> None:
    def act(client: Any) -> Any:
        return client.submit_document(**{**members(client), "member_info": "Ann"})

    with pytest.raises(InvalidRequest, match="member_info must be a list; a str was given"):
        drive(kind, server.signix_url, act)
    with pytest.raises(ConfigurationError, match="workgroup is missing"):
        drive(
            kind,
            server.signix_url,
            lambda client: client.submit_document(**_without_workgroup(client)),
            workgroup=None,
        )


def _without_workgroup(client: Any) -> dict[str, Any]:
    return members(_Named(client))


class _Named:
    """A client that names a workgroup where the message of the test is made, and nowhere else."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def submit_document_cust_info(self, **options: Any) -> Any:
        return self._client.submit_document_cust_info(workgroup="SDD", **options)
