"""Each operation over HTTP, with messages that were made from the XSDs alone."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import canonicalize

import pytest
from lxml import etree

from esignwire._codec import Operation, Reader, StrictReading
from esignwire.assuresign import exceptions_of
from esignwire.errors import AssureSignError
from esignwire_generated.assuresign.names import NAMESPACES
from tests.support.assuresign import (
    KINDS,
    SCHEMAS,
    SERVICES,
    Driver,
    Kind,
    Script,
    address,
    envelope,
    header,
    http,
    judged,
    path,
    xsd,
)
from tests.support.hostile import hostile
from tests.support.xsd_samples import samples

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
WSDL_SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"


@dataclass(frozen=True)
class Declared:
    """One operation as a WSDL declares it."""

    contract: str
    name: str
    action: str

    def __str__(self) -> str:
        return f"{self.contract}-{self.name}"

    def message(self, suffix: str, *, turn: int, is_full: bool) -> etree._Element:
        file = SCHEMAS / f"{self.contract}.xsd"
        tag = f"{{{SERVICES}/{self.contract}}}{self.name}{suffix}"
        made = samples(file).make(tag, turn=turn, is_full=is_full)
        if not suffix:
            # What the vendor says quotes no secret of the request.
            for node in made.iter():
                if node.text:
                    node.text = _of_requests(node.text)
                for name, value in node.items():
                    node.set(name, _of_requests(value))
        xsd(self.contract).assertValid(made)
        return made


def _of_requests(text: str) -> str:
    return text.replace("Ann", "Eve").replace("two", "six")


def declared() -> Iterator[Declared]:
    for file in sorted(SCHEMAS.glob("*.wsdl")):
        if file.stem == "DocumentNOW":
            continue
        for binding in etree.parse(str(file)).iter(f"{WSDL}binding"):
            for operation in binding.iter(f"{WSDL}operation"):
                (soap,) = operation.iter(f"{WSDL_SOAP}operation")
                yield Declared(file.stem, operation.get("name") or "", soap.get("soapAction") or "")


OPERATIONS = list(declared())
# The vendor names these by what they are about; all others after the contract.
INTERFACES = {
    "Accounts": "IAccountService",
    "Envelopes": "IEnvelopeService",
    "Links": "ILinkService",
    "Users": "IUserService",
}
VARIANTS = [(0, True), (1, True), (2, True), (3, True), (0, False)]


def snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def generated(one: Declared) -> Operation[Any, Any]:
    module = importlib.import_module(
        f"esignwire_generated.assuresign.services.{snake_case(one.contract)}"
    )
    operation = getattr(module, snake_case(one.name).upper())
    assert isinstance(operation, Operation)
    return operation


def codec(one: Declared) -> Any:
    return importlib.import_module(
        f"esignwire_generated.assuresign.codecs.{snake_case(one.contract)}"
    )


def canonical(element: etree._Element | str) -> str:
    """The canonical form, whatever prefixes were chosen."""
    text = element if isinstance(element, str) else etree.tostring(element, encoding="unicode")
    return canonicalize(text, rewrite_prefixes=True)


def test_each_operation_has_an_action_of_its_own() -> None:
    assert len(OPERATIONS) == len({one.action for one in OPERATIONS})


def refusing(operation: Operation[Any, Any], answer: Any) -> AbstractContextManager[object]:
    """Expects an error where the one result of an answer is a refusal."""
    result = None if operation.result is None else getattr(answer, operation.result)
    is_refused = getattr(result, "success", None) is False or any(
        not one.is_warning for one in exceptions_of(result)
    )
    return pytest.raises(AssureSignError) if is_refused else nullcontext()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("one", OPERATIONS, ids=str)
def test_each_operation_is_called_and_answered(kind: Kind, one: Declared) -> None:
    operation = generated(one)
    requests, answers = [
        [one.message(suffix, turn=turn, is_full=is_full) for turn, is_full in VARIANTS]
        for suffix in ("", "Response")
    ]
    replies = [http(envelope(etree.tostring(answer, encoding="unicode"))) for answer in answers]
    read = getattr(codec(one), f"decode_{snake_case(one.name)}")
    write = getattr(codec(one), f"write_{snake_case(one.name)}_response")
    with (
        StrictReading(),
        hostile(Script(*replies)) as server,
        Driver(kind, address(server)) as client,
    ):
        for request, answer in zip(requests, answers, strict=True):
            message = read(request, Reader(NAMESPACES))
            expected = operation.decode(answer, Reader(NAMESPACES))
            assert canonical(write(expected).text) == canonical(answer)
            with refusing(operation, expected):
                response = client.service(
                    snake_case(one.contract), snake_case(one.name), message, timeout=20
                )
                assert response == expected
    assert len(server.received) == len(requests)
    for received, request in zip(server.received, requests, strict=True):
        assert path(received) == f"/DocumentNOW.svc/{one.contract}/text"
        assert header(received, "SOAPAction") == f'"{one.action}"'
        assert header(received, "Content-Type") == "text/xml; charset=utf-8"
        assert canonical(judged(received)) == canonical(request)


@pytest.mark.parametrize("one", OPERATIONS, ids=str)
def test_each_operation_knows_itself(one: Declared) -> None:
    operation = generated(one)
    interface = INTERFACES.get(one.contract, f"I{one.contract}Service")
    assert operation.name == one.name
    assert operation.contract == one.contract
    assert operation.soap_action == one.action
    assert one.action == f"{SERVICES}/{one.contract}/{interface}/{one.name}"
    assert operation.request_tag == f"{{{SERVICES}/{one.contract}}}{one.name}"
    assert operation.response_tag == f"{{{SERVICES}/{one.contract}}}{one.name}Response"
