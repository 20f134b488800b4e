"""A server on loopback that answers as badly as a network allows.

Each answer is written byte by byte as the test says it; no HTTP library tidies it up.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

LONGEST_CONNECTION = 20.0


@dataclass
class Received:
    """One request as it came."""

    head: bytes
    body: bytes


class Connection:
    """One connection, seen from the server."""

    def __init__(self, server: HostileServer, connection: socket.socket) -> None:
        self._server = server
        self._socket = connection

    @property
    def is_stopping(self) -> bool:
        return self._server.stopping.is_set()

    def wait(self, seconds: float) -> None:
        """Waits, but no longer than the test runs."""
        self._server.stopping.wait(seconds)

    def receive(self) -> Received | None:
        """Reads one request, or None when the client has gone."""
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = self._socket.recv(65536)
            if not chunk:
                return None
            data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            chunk = self._socket.recv(65536)
            if not chunk:
                return None
            body += chunk
        received = Received(head, body)
        self._server.received.append(received)
        return received

    def receive_some(self) -> None:
        """Reads whatever comes first."""
        self._socket.recv(65536)

    def receive_head(self) -> None:
        """Reads a request's head byte by byte, and nothing of its body."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._socket.recv(1)

    def receive_rest(self, size: int) -> None:
        """Reads so many bytes."""
        while size:
            size -= len(self._socket.recv(min(size, 65536)))

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)
        self._server.sent += len(data)

    def send_together(self, *pieces: bytes) -> None:
        """Sends some pieces in one packet where the system allows that."""
        cork: int | None = getattr(socket, "TCP_CORK", None)
        if cork is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, cork, 1)
        for piece in pieces:
            self.send(piece)
        if cork is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, cork, 0)

    def drip(self, data: bytes, pause: float) -> None:
        """Sends one byte at a time until all is sent, the client goes, or the test ends."""
        for index in range(len(data)):
            if self._server.stopping.wait(pause):
                return
            self.send(data[index : index + 1])

    def hold(self) -> None:
        """Says nothing until the client goes or the test ends."""
        self._socket.settimeout(0.05)
        while not self.is_stopping:
            try:
                if not self._socket.recv(65536):
                    return
            except TimeoutError:
                continue

    @contextmanager
    def secured(self, tls: ssl.SSLContext) -> Iterator[Connection]:
        """The same connection with TLS, as behind a proxy's tunnel."""
        with tls.wrap_socket(self._socket, server_side=True) as secured:
            yield Connection(self._server, secured)

    def secured_twice(self, tls: ssl.SSLContext) -> Connection:
        """The same connection with TLS within its TLS, as behind a proxy reached by https."""
        return Connection(self._server, cast("socket.socket", _Nested(self._socket, tls)))

    def reset(self) -> None:
        """Breaks the connection without a farewell."""
        self._socket.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
        )
        self._socket.close()


class _Nested:
    """A socket of TLS upon another, which the standard library's sockets cannot be."""

    def __init__(self, outer: socket.socket, tls: ssl.SSLContext) -> None:
        self._outer = outer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = tls.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._do(self._tls.do_handshake)
        self.settimeout, self.setsockopt = outer.settimeout, outer.setsockopt

    def _do(self, step: Callable[[], Any]) -> Any:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._flush()
                if data := self._outer.recv(65536):
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            finally:
                self._flush()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._outer.sendall(self._outgoing.read())

    def recv(self, size: int) -> bytes:
        found: bytes = self._do(lambda: self._tls.read(size))
        return found

    def sendall(self, data: bytes) -> None:
        self._do(lambda: self._tls.write(data))


Behaviour = Callable[[Connection], None]


@dataclass
class HostileServer:
    """Runs one behaviour for each connection, each in a thread of its own."""

    behaviour: Behaviour
    tls: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list)
    sent: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    _accepted: int = 0
    # Our own connections, by their addresses, and who waits for them to be seen.
    _own: dict[object, threading.Event] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/path-with-SECRETPATH"

    @property
    def connections(self) -> int:
        """How many connections were made until now, those not yet looked at among them."""
        if not self.stopping.is_set():
            self.catch_up()
        return self._accepted

    def catch_up(self) -> None:
        """Waits until all connections made before are accepted: they come in their order."""
        seen = threading.Event()
        with socket.socket() as own:
            own.settimeout(LONGEST_CONNECTION)
            own.bind(("127.0.0.1", 0))
            self._own[own.getsockname()] = seen
            own.connect(("127.0.0.1", self.port))
            assert seen.wait(LONGEST_CONNECTION), "the server accepts no connection any more"

    def run(self, listener: socket.socket) -> None:
        threads: list[threading.Thread] = []
        while True:
            try:
                connection, address = listener.accept()
            except OSError:
                break
            seen = self._own.pop(address, None)
            if seen is not None:
                connection.close()
                seen.set()
                continue
            self._accepted += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            thread.start()
            threads.append(thread)
        for thread in threads:
            thread.join(LONGEST_CONNECTION)

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(LONGEST_CONNECTION)
            # What is sent has gone: it does not wait until the client answers to what went before.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # The client may go at any moment; that is what most of these tests are about.
            with suppress(OSError):
                if self.tls is None:
                    self.behaviour(Connection(self, connection))
                else:
                    with self.tls.wrap_socket(connection, server_side=True) as secured:
                        self.behaviour(Connection(self, secured))


@contextmanager
def hostile(
    behaviour: Behaviour, certificate: tuple[Path, Path] | None = None
) -> Iterator[HostileServer]:
    """A server with one behaviour, on a free port; with TLS where it has a certificate and key."""
    tls = None
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)
    server = HostileServer(behaviour, tls)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.run, args=(listener,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.catch_up()
            server.stopping.set()
            # Wakes accept(), which closing alone does not do everywhere.
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(LONGEST_CONNECTION)


def closed_port() -> int:
    """A port on which no server listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def answer(
    body: bytes,
    *,
    status: str = "200 OK",
    headers: tuple[str, ...] = (),
    length: int | None = None,
) -> Behaviour:
    """Answers every request with the same bytes."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def behave(connection: Connection) -> None:
        while connection.receive() is not None:
            connection.send(head + body)
            if length is not None and length != len(body):
                return

    return behave


def raw(data: bytes) -> Behaviour:
    """Answers each connection's first request with these bytes and closes."""

    def behave(connection: Connection) -> None:
        if connection.receive() is not None:
            connection.send(data)

    return behave


def chunked_without_end(total: int, chunk: bytes) -> Behaviour:
    """Sends chunks until so many bytes are sent or the client goes."""
    frame = f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n"

    def behave(connection: Connection) -> None:
        if connection.receive() is None:
            return
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(total // len(chunk)):
            if connection.is_stopping:
                return
            connection.send(frame)
        connection.send(b"0\r\n\r\n")

    return behave


def long_body(total: int, chunk: bytes) -> Behaviour:
    """Announces so many bytes and sends them until the client goes."""

    def behave(connection: Connection) -> None:
        if connection.receive() is None:
            return
        connection.send(f"HTTP/1.1 200 OK\r\nContent-Length: {total}\r\n\r\n".encode())
        for _ in range(total // len(chunk)):
            if connection.is_stopping:
                return
            connection.send(chunk)

    return behave


def never_answer(connection: Connection) -> None:
    if connection.receive() is not None:
        connection.hold()


def close_at_once(connection: Connection) -> None:
    connection.receive()


def reset_at_once(connection: Connection) -> None:
    connection.receive()
    connection.reset()


def drip_head(connection: Connection) -> None:
    if connection.receive() is not None:
        connection.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 100_000, 0.02)


def drip_body(connection: Connection) -> None:
    if connection.receive() is not None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        connection.drip(b"a" * 100_000, 0.02)


def flood(connection: Connection) -> None:
    """Sends interim answers as fast as the client reads them, and none that counts."""
    if connection.receive() is not None:
        while not connection.is_stopping:
            connection.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def never_read(connection: Connection) -> None:
    """Accepts the connection and takes nothing."""
    while not connection.is_stopping:
        connection.wait(0.05)
