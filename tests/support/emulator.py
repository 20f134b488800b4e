"""What the tests of the emulator share: raw messages over real HTTP, judged by the XSDs.

Nothing of the package's clients is used: requests are written by hand, and each answer is judged
here by libxml2, independently of what the emulator does.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from lxml import etree

from esignwire.emulator import EmulatorServer
from esignwire.errors import VendorError

SCHEMAS = Path(__file__).parents[2] / "schemas"
SERVICES = "https://www.assuresign.net/Services/DocumentNOW"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
# The schema that the client's own methods speak: the first, where there are several.
SIGNIX_SCHEMA = min((SCHEMAS / "signix").glob("sdddc-*.xsd"))
SIGNIX = etree.parse(str(SIGNIX_SCHEMA)).getroot().get("targetNamespace", "")
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
ACCOUNT = "06c4a84f-693c-46cb-8df2-40a8215aa056"
OTHER = "8cc9a84b-693c-46cc-4342-40a8215ad76a"
TEMPLATE = "dcb79445-4d39-dd11-8735-00065b8ce99b"
INTERFACES = {
    "Accounts": "IAccountService",
    "Envelopes": "IEnvelopeService",
    "Links": "ILinkService",
    "Users": "IUserService",
}
TIMEOUT = 30.0
# Documents of the tests pass libxml2's usual limit of ten million characters.
HUGE = etree.XMLParser(huge_tree=True)
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


@contextmanager
def what_is_played() -> Iterator[None]:
    """Skips a test of an operation that the emulator says it does not play."""
    try:
        yield
    except VendorError as error:
        if "does not play" not in str(error):
            raise
        pytest.skip("the emulator does not play it")


def operations_of_assuresign() -> list[tuple[str, str]]:
    """The contracts and operations that the WSDL files declare."""
    return [
        (path.stem, node.get("name", ""))
        for path in sorted((SCHEMAS / "assuresign").glob("*.wsdl"))
        for node in etree.parse(str(path)).iterfind(f"{WSDL}portType/{WSDL}operation")
    ]


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
    envelope = etree.fromstring(response.content, HUGE)
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


MTOM = (
    'multipart/related; type="application/xop+xml"; start="<root@test>"; start-info="text/xml";'
    ' boundary="=_a boundary"'
)
ROOT_TYPE = 'application/xop+xml; charset=utf-8; type="text/xml"'


def package(message: str, **parts: bytes) -> bytes:
    """Put a message and its parts together by hand; a part's Content-ID is ``<name/1@test>``."""
    body = (
        f"A preamble.\r\n--=_a boundary\r\nContent-Type: {ROOT_TYPE}\r\n"
        f"Content-ID: <root@test>\r\nContent-Transfer-Encoding: binary\r\n\r\n{message}"
    ).encode()
    for name, content in parts.items():
        body += f"\r\n--=_a boundary \r\nContent-ID:\r\n <{name}/1@test>\r\n\r\n".encode()
        body += content
    return body + b"\r\n--=_a boundary--\r\nAn epilogue."


def include(name: str) -> str:
    return (
        f'<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:{name}%2F1%40test"/>'
    )


def post_mtom(
    emulator: EmulatorServer,
    contract: str,
    operation: str,
    content: bytes,
    content_type: str = MTOM,
) -> httpx.Response:
    return post(
        f"{emulator.assuresign_url}/{contract}/mtom",
        content=content,
        headers={"Content-Type": content_type, "SOAPAction": action_of(contract, operation)},
    )


def read_package(response: httpx.Response) -> etree._Element:
    """Take an answer's message out of its package, with the parts put in as base64."""
    kind = Message()
    kind["Content-Type"] = response.headers["content-type"]
    assert kind.get_content_type() == "multipart/related"
    assert kind.get_param("type") == "application/xop+xml"
    assert kind.get_param("start-info") == "text/xml"
    pieces = (b"\r\n" + response.content).split(f"\r\n--{kind.get_param('boundary')}".encode())
    assert pieces[-1] == b"--\r\n"
    parts: dict[str, bytes] = {}
    for piece in pieces[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        headers = message_from_bytes(head.lstrip())
        parts[headers["Content-ID"]] = content
    envelope = etree.fromstring(parts.pop(str(kind.get_param("start"))))
    for reference in envelope.iter("{http://www.w3.org/2004/08/xop/include}Include"):
        holder = reference.getparent()
        assert holder is not None
        content = parts.pop(f"<{unquote(reference.get('href', '').removeprefix('cid:'))}>")
        holder.remove(reference)
        holder.text = base64.b64encode(content).decode()
    assert not parts
    body = envelope.find(f"{{{ENVELOPE}}}Body")
    assert body is not None
    assert len(body) == 1
    return body[0]


def mtom(
    emulator: EmulatorServer, contract: str, operation: str, content: str = "", **parts: bytes
) -> Answer:
    """Call an operation as MTOM that is to succeed, and judge the answer."""
    message = wrapped(request_element(contract, operation, content))
    response = post_mtom(emulator, contract, operation, package(message, **parts))
    assert response.status_code == 200, response.text
    root = read_package(response)
    assert root.tag == f"{{{SERVICES}/{contract}}}{operation}Response"
    xsd(f"assuresign/{contract}.xsd").assertValid(root)
    return Answer(response.status_code, root)


def fault(response: httpx.Response) -> tuple[str, str]:
    """Read a fault: the local part of its code, whose prefix must be declared, and its text."""
    assert response.status_code == 500, response.text
    is_package = response.headers["content-type"].startswith("multipart/")
    element = read_package(response) if is_package else read_soap(response)
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
    root = etree.fromstring(response.content, HUGE)
    assert root.tag == f"{{{SIGNIX}}}{method}Rs"
    xsd(f"signix/{SIGNIX_SCHEMA.name}").assertValid(root)
    return Answer(response.status_code, root)


def control(emulator: EmulatorServer, path: str, identifier: str = "") -> httpx.Response:
    return post(
        f"{emulator.url}/_esignwire/{path}",
        params={"id": identifier},
    )
