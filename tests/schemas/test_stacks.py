"""The emulator and what other SOAP stacks send: the same call in many spellings, by hand."""

from __future__ import annotations

import socket

import pytest
from lxml import etree

from esignwire.emulator import EmulatorServer
from tests.support.emulator import ACCOUNT, ENVELOPE, OTHER, SERVICES, action_of, xsd

ACTION = action_of("CheckStatus", "CheckStatus")
QUESTION = (
    f'<DocumentStatusChecks><DocumentStatusCheck ContextIdentifier="{ACCOUNT}" Id="{OTHER}"'
    f' AuthToken="{OTHER}"/></DocumentStatusChecks>'
)
MESSAGE = f'<CheckStatus xmlns="{SERVICES}/CheckStatus">{QUESTION}</CheckStatus>'


def wrap(content: str = MESSAGE, *, prefix: str = "s", header: str = "") -> str:
    name, declaration = (f"{prefix}:", f"xmlns:{prefix}") if prefix else ("", "xmlns")
    return (
        f'<{name}Envelope {declaration}="{ENVELOPE}">{header}'
        f"<{name}Body>{content}</{name}Body></{name}Envelope>"
    )


def exchange(emulator: EmulatorServer, head: list[str], body: bytes) -> tuple[int, bytes]:
    """Sends bytes as they are; nothing tidies them up."""
    host, _, port = emulator.url.removeprefix("http://").partition(":")
    lines = [
        "POST /assuresign/Services/DocumentNOW/v2/DocumentNOW.svc/CheckStatus/text HTTP/1.1",
        f"Host: {host}:{port}",
        "Connection: close",
        *head,
    ]
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    top, _, content = answer.partition(b"\r\n\r\n")
    return int(top.split(b" ")[1]), content


def ask(
    emulator: EmulatorServer,
    body: bytes | str,
    *,
    action: str | None = f'"{ACTION}"',
    content_type: str = "text/xml; charset=utf-8",
    more: tuple[str, ...] = (),
) -> tuple[int, etree._Element]:
    content = body.encode() if isinstance(body, str) else body
    head = [f"Content-Type: {content_type}", f"Content-Length: {len(content)}", *more]
    if action is not None:
        head.append(f"SOAPAction: {action}")
    code, answer = exchange(emulator, head, content)
    root = etree.fromstring(answer)
    found = root.find(f"{{{ENVELOPE}}}Body")
    assert found is not None
    assert len(found) == 1
    return code, found[0]


def assert_answered(code: int, element: etree._Element) -> None:
    assert code == 200, etree.tostring(element)
    xsd("assuresign/CheckStatus.xsd").assertValid(element)
    (result,) = element.iter("{*}DocumentStatusCheckResult")
    assert result.get("Id") == OTHER


def assert_fault(code: int, element: etree._Element, fault_code: str) -> None:
    assert code == 500
    assert element.tag == f"{{{ENVELOPE}}}Fault"
    assert (element.findtext("faultcode") or "").rpartition(":")[2] == fault_code


QUALIFIED = (
    f'<q1:CheckStatus xmlns:q1="{SERVICES}/CheckStatus"><q1:DocumentStatusChecks>'
    f'<q1:DocumentStatusCheck ContextIdentifier="{ACCOUNT.upper()}" Id="{OTHER.upper()}"'
    f' AuthToken="{OTHER.upper()}"></q1:DocumentStatusCheck>'
    "</q1:DocumentStatusChecks></q1:CheckStatus>"
)
# gSOAP and others declare at the envelope whatever they may need.
AT_ENVELOPE = wrap(QUALIFIED.replace(f' xmlns:q1="{SERVICES}/CheckStatus"', "")).replace(
    "<s:Envelope ",
    f'<s:Envelope xmlns:q1="{SERVICES}/CheckStatus" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/" ',
)
WSSE = (
    '<s:Header><o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-'
    'wssecurity-secext-1.0.xsd"><o:UsernameToken><o:Username>x</o:Username></o:UsernameToken>'
    '</o:Security><b xmlns="urn:b" s:mustUnderstand="0"/></s:Header>'
)
SPELLINGS = {
    "prefix s": wrap(),
    "prefix SOAP-ENV": wrap(prefix="SOAP-ENV"),
    "prefix soapenv": wrap(prefix="soapenv"),
    "prefix of other letters": wrap(prefix="Ünicode_1"),
    "no prefix": wrap(prefix=""),
    "prefixed message": wrap(QUALIFIED),
    "declared at the envelope": AT_ENVELOPE,
    "declaration": '<?xml version="1.0" encoding="UTF-8"?>' + wrap(),
    "declaration in single quotes": "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\r\n"
    + wrap(),
    "byte order mark": "\ufeff" + wrap(),
    "header": wrap(header=WSSE),
    "empty header": wrap(header="<s:Header/>"),
    "comments": f"<!-- a -->{wrap(f'<!-- b -->{MESSAGE}<!-- c -->')}<!-- d -->",
    "layout": wrap(f"\n    {MESSAGE}\n  ").replace("><s:Body", ">\r\n\t<s:Body"),
    "instruction": f"<?p q?>{wrap()}",
    "type hint": wrap(
        MESSAGE.replace(
            "<DocumentStatusCheck ",
            '<DocumentStatusCheck xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            ' xsi:type="DocumentStatusCheck" ',
        )
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=list(SPELLINGS))
def test_every_spelling_of_a_call_is_answered(emulator: EmulatorServer, spelling: str) -> None:
    assert_answered(*ask(emulator, spelling))


@pytest.mark.parametrize("action", [ACTION, f'"{ACTION}"', f'  "{ACTION}"  '])
def test_the_action_may_stand_with_or_without_quotes(emulator: EmulatorServer, action: str) -> None:
    assert_answered(*ask(emulator, wrap(), action=action))


@pytest.mark.parametrize(
    "action", [None, "", '""', f"'{ACTION}'", f'"{ACTION}', ACTION.lower(), f"{ACTION}Response"]
)
def test_another_action_is_not_supported(emulator: EmulatorServer, action: str | None) -> None:
    assert_fault(*ask(emulator, wrap(), action=action), "ActionNotSupported")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/xml",
        "text/xml;charset=UTF-8",
        'text/xml; charset="utf-8"',
        "Text/XML;  Charset=Utf-8",
        f'text/xml; charset=utf-8; action="{ACTION}"',
    ],
)
def test_every_spelling_of_the_content_type_is_taken(
    emulator: EmulatorServer, content_type: str
) -> None:
    assert_answered(*ask(emulator, wrap(), content_type=content_type))


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-16", "", "text/xml"),
        ("utf-16", "utf-16", "text/xml; charset=utf-16"),
        ("utf-16-le", "utf-16", "text/xml; charset=utf-16le"),
        ("utf-16-be", "", "text/xml; charset=utf-16be"),
        ("utf-16", "utf-8", "text/xml; charset=utf-16"),
        ("utf-8-sig", "utf-8", "text/xml"),
        ("us-ascii", "us-ascii", "text/xml"),
    ],
)
def test_encodings_are_understood(
    emulator: EmulatorServer, encoding: str, declared: str, content_type: str
) -> None:
    beginning = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = (beginning + wrap()).encode(encoding)
    assert_answered(*ask(emulator, body, content_type=content_type))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (wrap().encode("utf-16"), "text/xml; charset=iso-8859-1"),
        (wrap("<é/>").encode("latin-1"), "text/xml; charset=utf-8"),
        (wrap().encode("utf-16-le")[:-1], "text/xml; charset=utf-16le"),
        (b"\xff\xfe\x00", "text/xml"),
    ],
)
def test_a_wrong_encoding_is_never_guessed(
    emulator: EmulatorServer, body: bytes, content_type: str
) -> None:
    code, element = ask(emulator, body, content_type=content_type)
    if body == wrap().encode("utf-16"):
        # A byte order mark says more surely what the bytes are.
        assert_answered(code, element)
    else:
        assert_fault(code, element, "DeserializationFailed")


@pytest.mark.parametrize("sizes", [[1], [7, 4096], [10_000]])
def test_a_request_may_come_in_chunks(emulator: EmulatorServer, sizes: list[int]) -> None:
    content = wrap().encode()
    body = b""
    turn = 0
    while content:
        piece, content = content[: sizes[turn % len(sizes)]], content[sizes[turn % len(sizes)] :]
        body += f"{len(piece):x};note=1\r\n".encode() + piece + b"\r\n"
        turn += 1
    head = [
        "Content-Type: text/xml; charset=utf-8",
        f'SOAPAction: "{ACTION}"',
        "Transfer-Encoding: chunked",
    ]
    code, answer = exchange(emulator, head, body + b"0\r\n\r\n")
    assert code == 200
    assert b"DocumentStatusCheckResult" in answer


@pytest.mark.parametrize("value", ["1", "true"])
@pytest.mark.parametrize("prefix", ["s", "SOAP-ENV"])
def test_a_header_that_must_be_understood_is_refused(
    emulator: EmulatorServer, value: str, prefix: str
) -> None:
    header = (
        f'<{prefix}:Header><t:Trace xmlns:t="urn:t" {prefix}:mustUnderstand="{value}"/>'
        f"</{prefix}:Header>"
    )
    code, element = ask(emulator, wrap(prefix=prefix, header=header))
    assert_fault(code, element, "MustUnderstand")


def test_another_version_of_soap_is_told_apart(emulator: EmulatorServer) -> None:
    body = wrap().replace(ENVELOPE, "http://www.w3.org/2003/05/soap-envelope")
    assert_fault(*ask(emulator, body), "VersionMismatch")


def test_the_media_type_of_soap_1_2_is_refused(emulator: EmulatorServer) -> None:
    body = wrap().encode()
    head = [
        f'Content-Type: application/soap+xml; charset=utf-8; action="{ACTION}"',
        f"Content-Length: {len(body)}",
    ]
    code, _ = exchange(emulator, head, body)
    assert code == 415


def test_the_header_names_of_http_have_no_case(emulator: EmulatorServer) -> None:
    body = wrap().encode()
    head = [
        "cOnTeNt-TyPe: text/xml; charset=utf-8",
        f"CONTENT-LENGTH: {len(body)}",
        f"soapaction: {ACTION}",
    ]
    code, answer = exchange(emulator, head, body)
    assert code == 200
    assert b"DocumentStatusCheckResult" in answer


def test_a_client_that_asks_before_it_sends_is_served(emulator: EmulatorServer) -> None:
    """PHP and curl announce long bodies with Expect: 100-continue."""
    code, element = _expect(emulator)
    assert_answered(code, element)


def _expect(emulator: EmulatorServer) -> tuple[int, etree._Element]:
    content = wrap().encode()
    host, _, port = emulator.url.removeprefix("http://").partition(":")
    head = (
        "POST /assuresign/Services/DocumentNOW/v2/DocumentNOW.svc/CheckStatus/text HTTP/1.1\r\n"
        f"Host: {host}:{port}\r\nConnection: close\r\nExpect: 100-continue\r\n"
        f'Content-Type: text/xml; charset=utf-8\r\nSOAPAction: "{ACTION}"\r\n'
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head.encode())
        interim = connection.recv(65536)
        assert interim.startswith(b"HTTP/1.1 100")
        connection.sendall(content)
        answer = interim.partition(b"\r\n\r\n")[2]
        while chunk := connection.recv(65536):
            answer += chunk
    top, _, body = answer.partition(b"\r\n\r\n")
    found = etree.fromstring(body).find(f"{{{ENVELOPE}}}Body")
    assert found is not None
    return int(top.split(b" ")[1]), found[0]
