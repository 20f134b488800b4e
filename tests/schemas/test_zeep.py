"""zeep as everybody uses it, with its own messages and none of ours, against the emulator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import zeep

from esignwire.emulator import EmulatorServer, EmulatorSettings
from tests.support.emulator import ACCOUNT, TEMPLATE, operations_of_assuresign

zeep_module: Any = zeep


class Zeep:
    """The operations of every port under their own names."""

    def __init__(self, emulator: EmulatorServer) -> None:
        self._client = zeep_module.Client(f"{emulator.assuresign_url}?wsdl")
        (service,) = self._client.wsdl.services.values()
        self.ports = {
            operation: (service.name, port.name)
            for port in service.ports.values()
            for operation in port.binding.all()
        }

    def __call__(self, operation: str, **content: Any) -> Any:
        return self._client.bind(*self.ports[operation])[operation](**content)


@pytest.fixture(scope="module")
def emulator() -> Iterator[EmulatorServer]:
    with EmulatorServer(EmulatorSettings(pending_lookups=0)) as running:
        yield running


@pytest.fixture(scope="module")
def call(emulator: EmulatorServer) -> Zeep:
    return Zeep(emulator)


def test_zeep_finds_every_operation(call: Zeep) -> None:
    assert set(call.ports) == {operation for _, operation in operations_of_assuresign()}


def test_zeep_completes_a_flow(call: Zeep) -> None:
    # zeep takes the wrapper off an answer that holds nothing but a list.
    created = call("CreateEnvelope", Request={"ContextIdentifier": ACCOUNT})
    keys = {
        "ContextIdentifier": ACCOUNT,
        "EnvelopeId": created.EnvelopeId,
        "AuthToken": created.AuthToken,
    }
    session = call(
        "AsyncSubmit",
        Documents={
            "Document": [
                {
                    "ContextIdentifier": ACCOUNT,
                    "Metadata": {
                        "UserName": "owner@example.com",
                        "OrderNumber": "7",
                        "ExpirationDate": dt.date(2031, 5, 12),
                        "EnvelopeId": created.EnvelopeId,
                    },
                    "Template": {"Id": TEMPLATE},
                }
            ]
        },
    ).SessionId
    question = {"SessionLookup": [{"ContextIdentifier": ACCOUNT, "SessionId": session}]}
    (result,) = call("LookupSession", SessionLookups=question)
    (document,) = result.DocumentResults.DocumentResult
    assert document.Metadata.OrderNumber == "7"
    session = call("AsyncCloseEnvelope", Request=keys).SessionId
    question = {"SessionLookup": [{"ContextIdentifier": ACCOUNT, "SessionId": session}]}
    (result,) = call("LookupSession", SessionLookups=question)
    assert result.CloseEnvelopeResult.EnvelopeId == created.EnvelopeId
    check = {"ContextIdentifier": ACCOUNT, "Id": document.Id, "AuthToken": document.AuthToken}
    (status,) = call("CheckStatus", DocumentStatusChecks={"DocumentStatusCheck": [check]})
    assert status.StatusType == "SigningStepInProgress"
    refused = call("CloseEnvelope", Request=keys)
    (exception,) = refused.Exceptions.EnvelopeException
    assert exception.Severity == "Error"
