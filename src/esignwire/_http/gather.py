"""Sends the head and the body of a small request at once.

The HTTP library writes them one after the other, which costs a second system call, a second packet,
and a server that wakes up twice. What is written is held back until the library turns to reading,
or until there is enough of it. The first piece, which is the head, waits however long it is: not a
byte of a request leaves before its body is asked for.
"""

from __future__ import annotations

import ssl

import httpcore

from esignwire._http.inside import holds_unread_below

__all__ = ["AsyncGatheringStream", "GatheringStream", "has_left", "is_unasked"]

# More than this goes out as it comes: it fills packets of its own.
_ENOUGH = 16 * 1024


class GatheringStream(httpcore.NetworkStream):
    """A connection that sends small pieces together.

    Args:
        stream: The connection.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._is_handed_on = False
        self._held = b""
        # Whether what is written next begins a request: as long as nothing was, or since reading.
        self._is_beginning = True
        self._has_left = False

    def __del__(self) -> None:
        # An interrupt may come between any two steps and leave a connection to nobody.
        if not self._is_handed_on:
            self._stream.close()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Sends what is held back and reads."""
        self._is_beginning = True
        if self._held:
            held, self._held = self._held, b""
            try:  # noqa: SIM105 - suppress() takes longer, in every call
                self._stream.write(held, timeout)
            except httpcore.WriteError:
                # As in the library: a server may refuse early, and its answer tells why.
                pass
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Holds a small piece back, or sends all there is."""
        if self._is_beginning or len(self._held) + len(buffer) <= _ENOUGH:
            if self._is_beginning:
                self._is_beginning = self._has_left = False
            self._held += buffer
            return
        self._has_left = True
        if self._held:
            held, self._held = self._held, b""
            self._stream.write(held, timeout)
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        """Closes the connection; what is held back is not sent."""
        self._held = b""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Begins TLS."""
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout)
        self._is_handed_on = True
        return GatheringStream(secured)

    def get_extra_info(self, info: str) -> object:
        """Tells about the connection."""
        if info == "is_readable" and self._held:
            return True  # as where the server hung up: what is held must not leave later
        return self._stream.get_extra_info(info)

    @property
    def is_unasked(self) -> bool:
        """Whether nothing was read since a request began, though there is an answer."""
        return not self._is_beginning

    @property
    def has_left(self) -> bool:
        """Whether a byte may have left since a request began, if nothing was read since."""
        return self._has_left


class AsyncGatheringStream(httpcore.AsyncNetworkStream):
    """The same for asyncio.

    Args:
        stream: The connection.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._held = b""
        self._is_beginning = True
        self._has_left = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Sends what is held back and reads."""
        self._is_beginning = True
        if self._held:
            held, self._held = self._held, b""
            try:  # noqa: SIM105 - suppress() takes longer, in every call
                await self._stream.write(held, timeout)
            except httpcore.WriteError:
                # As in the library: a server may refuse early, and its answer tells why.
                pass
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Holds a small piece back, or sends all there is."""
        if self._is_beginning or len(self._held) + len(buffer) <= _ENOUGH:
            if self._is_beginning:
                self._is_beginning = self._has_left = False
            self._held += buffer
            return
        self._has_left = True
        if self._held:
            held, self._held = self._held, b""
            await self._stream.write(held, timeout)
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Closes the connection; what is held back is not sent."""
        self._held = b""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Begins TLS."""
        return AsyncGatheringStream(
            await self._stream.start_tls(ssl_context, server_hostname, timeout)
        )

    def get_extra_info(self, info: str) -> object:
        """Tells about the connection."""
        if info == "is_readable" and self._held:
            return True  # as where the server hung up: what is held must not leave later
        if info == "is_readable" and holds_unread_below(self._stream):
            return True
        return self._stream.get_extra_info(info)

    @property
    def is_unasked(self) -> bool:
        """Whether nothing was read since a request began, though there is an answer."""
        return not self._is_beginning

    @property
    def has_left(self) -> bool:
        """Whether a byte may have left since a request began, if nothing was read since."""
        return self._has_left


def is_unasked(stream: object) -> bool:
    """Tells whether an answer was there before its request was complete.

    It is where a server sent more than one answer to the request before and the surplus one waits
    in the library, which then has no need to read. Connections with something left over are not
    used again; this is for what might get past that.

    Args:
        stream: The connection that an answer came on, as the library names it.

    Returns:
        Whether nothing was read from the connection since the request began.
    """
    return isinstance(stream, GatheringStream | AsyncGatheringStream) and stream.is_unasked


def has_left(stream: object) -> bool:
    """Tells whether a part of a request may have left whose answer nobody asked for.

    Args:
        stream: The connection.

    Returns:
        Whether anything was written to it since the request began.
    """
    return not isinstance(stream, GatheringStream | AsyncGatheringStream) or stream.has_left
