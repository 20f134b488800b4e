"""A server for one large document, which never holds it: a process of its own for the memory tests.

It says its port on standard output, and for each document that comes its size and SHA-256. What it
sends is the file that it was given, base64 or not.

    python tests/support/large_document_server.py FILE
"""

from __future__ import annotations

import base64
import hashlib
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SERVICES = "https://www.assuresign.net/Services/DocumentNOW"
SCHEMA = min((Path(__file__).resolve().parents[2] / "schemas/signix").glob("sdddc-*.xsd"))
SIGNIX = SCHEMA.read_text("utf-8").partition('targetNamespace="')[2].partition('"')[0]
GUID = "2ce11ef1-8938-dd11-8735-00065b8ce99b"
XOP = "http://www.w3.org/2004/08/xop/include"
BLOCK = 57 * 4096  # whole lines of base64


class Taken:
    """A document that comes: what stands between two marks, decoded as it comes."""

    def __init__(self, start: bytes, end: bytes, *, is_form: bool, is_raw: bool) -> None:
        self._start = start
        self._end = end
        self._is_form = is_form
        self._is_raw = is_raw
        self._buffer = b""
        self._rest = b""
        self._state = 0
        self._digest = hashlib.sha256()
        self._size = 0

    def feed(self, chunk: bytes) -> None:
        self._buffer += chunk
        if self._state == 0:
            before, found, after = self._buffer.partition(self._start)
            if not found:
                self._buffer = before[-len(self._start) :]
                return
            self._buffer = after
            self._state = 1
        if self._state == 1:
            place = self._buffer.find(self._end)
            # An end may have come in part, and so may a percent-encoded character.
            whole = max(0, len(self._buffer) - len(self._end)) if place < 0 else place
            while place < 0 and b"%" in self._buffer[max(0, whole - 2) : whole]:
                whole -= 1
            self._take(self._buffer[:whole])
            self._buffer = self._buffer[whole:]
            if place >= 0:
                self._take(b"", is_last=True)
                self._state = 2
        if self._state == 2:
            self._buffer = b""

    def _take(self, text: bytes, *, is_last: bool = False) -> None:
        if self._is_form:
            text = text.replace(b"%2B", b"+").replace(b"%2F", b"/").replace(b"%3D", b"=")
        if self._is_raw:
            content = text
        else:
            text = self._rest + text
            whole = len(text) if is_last else len(text) // 4 * 4
            self._rest = text[whole:]
            content = base64.b64decode(text[:whole], validate=True)
        self._digest.update(content)
        self._size += len(content)

    def report(self) -> str:
        assert self._state == 2
        return f"{self._size} {self._digest.hexdigest()}"


def soap(contract: str, content: str) -> tuple[str, str]:
    """The two halves of a SOAP message, around what stands where the star is."""
    namespace = f"{SERVICES}/{contract}"
    before, _, after = content.partition("*")
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        + before.replace("@", namespace),
        after + "</s:Body></s:Envelope>",
    )


def in_base64(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield base64.encodebytes(block)


def as_it_is(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def base64_length(size: int) -> int:
    whole, rest = divmod(size, BLOCK)
    return whole * len(base64.encodebytes(bytes(BLOCK))) + len(base64.encodebytes(bytes(rest)))


class Server:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = path.stat().st_size

    def serve(self, connection: socket.socket) -> None:
        with connection, suppress(ConnectionError):
            while self._one(connection):
                pass

    def _one(self, connection: socket.socket) -> bool:
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = connection.recv(65_536)
            if not chunk:
                return False
            data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        target = head.split(b" ", 2)[1].decode()
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        left = int(fields[b"content-length"]) - len(body)
        while len(body) < 1_000 and left:
            more = connection.recv(65_536)
            body += more
            left -= len(more)
        taken: Taken | None = None
        if target.endswith("/Submit/text"):
            taken = Taken(b"<Data>", b"</Data>", is_form=False, is_raw=False)
        elif target.endswith("/Submit/mtom"):
            start = b"Content-ID: <document-1@esignwire>\r\n\r\n"
            taken = Taken(start, b"\r\n--esignwire-", is_form=False, is_raw=True)
        elif body.startswith(b"method=SubmitDocument&"):
            taken = Taken(b"%3C%2FLength%3E%3CData%3E", b"%3C", is_form=True, is_raw=False)
        is_download = body.startswith(b"method=DownloadDocument&") or "/Download/" in target
        if taken is not None:
            taken.feed(body)
        while left:
            chunk = connection.recv(min(left, 262_144))
            if not chunk:
                return False
            left -= len(chunk)
            if taken is not None:
                taken.feed(chunk)
        if taken is not None:
            print(taken.report(), flush=True)  # noqa: T201 - to the test
        self._answer(connection, target, is_download=is_download)
        return True

    def _answer(self, connection: socket.socket, target: str, *, is_download: bool) -> None:
        content_type = "text/xml; charset=utf-8"
        length = 0
        chunks: Iterator[bytes] = iter(())
        before: str | bytes
        after: str | bytes
        if "/Submit/" in target:
            before, after = soap(
                "Submit",
                '<SubmitWithFileResponse xmlns="@"><SubmitWithFileResult/>'
                "</SubmitWithFileResponse>",
            )
        elif "/Download/" in target:
            before, after = soap(
                "Download",
                f'<DownloadResponse xmlns="@"><DownloadResult DocumentId="{GUID}"'
                ' DownloadType="Completed"><FileData>*</FileData></DownloadResult>'
                "</DownloadResponse>",
            )
            if target.endswith("mtom"):
                before = (
                    "--b\r\nContent-ID: <root>\r\nContent-Type: application/xop+xml\r\n\r\n"
                    f'{before}<x:Include xmlns:x="{XOP}" href="cid:file"/>{after}'
                    "\r\n--b\r\nContent-ID: <file>\r\n\r\n"
                )
                after = "\r\n--b--\r\n"
                content_type = 'multipart/related; boundary=b; start="<root>"'
                length, chunks = self._size, as_it_is(self._path)
            else:
                length, chunks = base64_length(self._size), in_base64(self._path)
        else:
            method = "DownloadDocument" if is_download else "SubmitDocument"
            before = (
                f'<{method}Rs xmlns="{SIGNIX}"><Status><StatusCode>0</StatusCode>'
                "<StatusDesc>success</StatusDesc></Status><Data>"
            )
            after = f"</Data></{method}Rs>"
            if is_download:
                before += (
                    "<Form><RefID>FORM1</RefID><Desc>Lease</Desc><FileName>lease.pdf</FileName>"
                    f"<MimeType>application/pdf</MimeType><Length>{self._size}</Length><Data>\n"
                )
                after = "</Data></Form>" + after
                length, chunks = base64_length(self._size), in_base64(self._path)
            else:
                before += f"<DocumentSetID>{GUID}</DocumentSetID>"
        before, after = before.encode(), after.encode()
        length += len(before) + len(after)
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
        )
        connection.sendall(head.encode() + before)
        for chunk in chunks:
            connection.sendall(chunk)
        connection.sendall(after)


def main() -> None:
    server = Server(Path(sys.argv[1]))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)  # noqa: T201 - to the test
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=server.serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
