"""What the tests of the emulator share: raw messages over real HTTP, judged by the XSDs.

Nothing of the package's clients is used: requests are written by hand, and each answer is judged
here by libxml2, independently of what the emulator does.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx
from lxml import etree

from esignwire.emulator import EmulatorServer

SCHEMAS = Path(__file__).parent.parent / "schemas"
SERVICES = "https://www.assuresign.net/Services/DocumentNOW"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
SIGNIX = "urn:com:signix:schema:sdddc-1-1"
ACCOUNT = "06c4a84f-693c-46cb-8df2-40a8215aa056"
OTHER = "8cc9a84b-693c-46cc-4342-40a8215ad76a"
TEMPLATE = "dcb79445-4d39-dd11-8735-00065b8ce99b"
INTERFACES = {"Envelopes": "IEnvelopeService"}
TIMEOUT = 30.0
# Reading the certificates of the system for each call takes longer than the call.
_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def request(
    method: str,
    url: str,
    *,
    content: bytes | str | Iterable[bytes] | None = None,
    data: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Send a request on a connection of its own."""
    return httpx.request(
        method,
        url,
        content=content,
        data=data,
        params=params,
        headers=headers,
        timeout=TIMEOUT,
        verify=_TLS,
    )


def get(url: str, *, headers: Mapping[str, str] | None = None) -> httpx.Response:
    return request("GET", url, headers=headers)


def post(
    url: str,
    *,
    content: bytes | str | Iterable[bytes] | None = None,
    data: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    return request("POST", url, content=content, data=data, params=params, headers=headers)


@cache
def xsd(path: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMAS / path)))


@dataclass(frozen=True)
class Answer:
    """An answer whose message has been judged, with easy access by local names."""

    status: int
    root: etree._Element

    def all(self, name: str) -> list[etree._Element]:
        return [e for e in self.root.iter(etree.Element) if etree.QName(e).localname == name]

    def one(self, name: str) -> etree._Element:
        found = self.all(name)
        assert len(found) == 1, etree.tostring(self.root)
        return found[0]

    def text(self, name: str) -> str:
        return self.one(name).text or ""


def action_of(contract: str, operation: str) -> str:
    interface = INTERFACES.get(contract, f"I{contract}Service")
    return f"{SERVICES}/{contract}/{interface}/{operation}"


def wrapped(body: str) -> str:
    return f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body>{body}</s:Body></s:Envelope>'


def request_element(contract: str, operation: str, content: str = "") -> str:
    return f'<{operation} xmlns="{SERVICES}/{contract}">{content}</{operation}>'


def post_soap(
    emulator: EmulatorServer,
    contract: str,
    content: bytes | str,
    *,
    action: str | None,
    content_type: str = "text/xml; charset=utf-8",
) -> httpx.Response:
    headers = {"Content-Type": content_type}
    if action is not None:
        headers["SOAPAction"] = action
    return post(
        f"{emulator.assuresign_url}/{contract}/text",
        content=content.encode() if isinstance(content, str) else content,
        headers=headers,
    )


def read_soap(response: httpx.Response) -> etree._Element:
    """Take the one element out of the body of an answer, which is always an envelope."""
    assert response.headers["content-type"] == "text/xml; charset=utf-8", response.text
    envelope = etree.fromstring(response.content)
    assert envelope.tag == f"{{{ENVELOPE}}}Envelope"
    body = envelope.find(f"{{{ENVELOPE}}}Body")
    assert body is not None
    assert len(body) == 1
    return body[0]


def soap(emulator: EmulatorServer, contract: str, operation: str, content: str = "") -> Answer:
    """Call an operation that is to succeed, and judge the answer."""
    message = wrapped(request_element(contract, operation, content))
    response = post_soap(emulator, contract, message, action=f'"{action_of(contract, operation)}"')
    assert response.status_code == 200, response.text
    root = read_soap(response)
    assert root.tag == f"{{{SERVICES}/{contract}}}{operation}Response"
    xsd(f"assuresign/{contract}.xsd").assertValid(root)
    return Answer(response.status_code, root)


def fault(response: httpx.Response) -> tuple[str, str]:
    """Read a fault: the local part of its code, whose prefix must be declared, and its text."""
    assert response.status_code == 500, response.text
    element = read_soap(response)
    assert element.tag == f"{{{ENVELOPE}}}Fault"
    code = element.find("faultcode")
    words = element.find("faultstring")
    assert code is not None
    assert words is not None
    prefix, _, local = (code.text or "").partition(":")
    assert prefix in code.nsmap
    return local, words.text or ""


def post_signix(
    emulator: EmulatorServer, method: str, message: str, **headers: str
) -> httpx.Response:
    return post(
        emulator.signix_url,
        data={"method": method, "request": message},
        headers=headers,
    )


def signix(emulator: EmulatorServer, method: str, message: str) -> Answer:
    """Call a method, whatever it says, and judge the answer."""
    response = post_signix(emulator, method, message)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/xml")
    root = etree.fromstring(response.content)
    assert root.tag == f"{{{SIGNIX}}}{method}Rs"
    xsd("signix/sdddc-1-1.xsd").assertValid(root)
    return Answer(response.status_code, root)


def control(emulator: EmulatorServer, path: str, identifier: str = "") -> httpx.Response:
    return post(
        f"{emulator.url}/_esignwire/{path}",
        params={"id": identifier},
    )
