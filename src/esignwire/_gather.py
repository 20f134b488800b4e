"""Sends the head and the body of a small request at once.

The HTTP library writes them one after the other, which costs a second system call, a second packet,
and a server that wakes up twice. What is written is held back until the library turns to reading,
or until there is enough of it.
"""

from __future__ import annotations

import contextlib
import ssl

import httpcore

__all__ = ["AsyncGatheringStream", "GatheringStream"]

# More than this goes out as it comes: it fills packets of its own.
_ENOUGH = 16 * 1024


class GatheringStream(httpcore.NetworkStream):
    """A connection that sends small pieces together.

    Args:
        stream: The connection.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._held = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Sends what is held back and reads."""
        if self._held:
            held, self._held = self._held, b""
            # As in the library: a server may refuse early, and its answer tells why.
            with contextlib.suppress(httpcore.WriteError):
                self._stream.write(held, timeout)
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Holds a small piece back, or sends all there is."""
        if len(self._held) + len(buffer) <= _ENOUGH:
            self._held += buffer
            return
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
        return GatheringStream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> object:
        """Tells about the connection."""
        return self._stream.get_extra_info(info)


class AsyncGatheringStream(httpcore.AsyncNetworkStream):
    """The same for asyncio.

    Args:
        stream: The connection.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._held = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Sends what is held back and reads."""
        if self._held:
            held, self._held = self._held, b""
            # As in the library: a server may refuse early, and its answer tells why.
            with contextlib.suppress(httpcore.WriteError):
                await self._stream.write(held, timeout)
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Holds a small piece back, or sends all there is."""
        if len(self._held) + len(buffer) <= _ENOUGH:
            self._held += buffer
            return
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
        return self._stream.get_extra_info(info)
