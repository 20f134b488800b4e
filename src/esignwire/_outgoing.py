"""Reads a body while it is sent, with and without asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

from esignwire._call import Call
from esignwire._http import StreamedBody
from esignwire.errors import TransportError

__all__ = ["async_chunks", "chunks"]


def _cut_off(call: Call, error: Exception) -> TransportError:
    failure = TransportError(
        "a document could not be read to its end, so that the request was cut off; the vendor"
        " cannot have acted on it: see that the file stays as it is while it is sent",
        vendor=call.vendor,
        operation=call.operation,
    )
    failure.__cause__ = error
    return failure


def chunks(body: StreamedBody, call: Call) -> Iterator[bytes]:
    """Yields a body piece by piece.

    Args:
        body: The body.
        call: The call, for errors.

    Yields:
        The pieces.

    Raises:
        TransportError: A file cannot be read to its end.
    """
    try:
        yield from body.chunks()
    except (OSError, ValueError) as error:
        raise _cut_off(call, error) from error


async def async_chunks(body: StreamedBody, call: Call) -> AsyncIterator[bytes]:
    """Yields a body piece by piece; files are read in a thread, so that the loop goes on.

    Args:
        body: The body.
        call: The call, for errors.

    Yields:
        The pieces.

    Raises:
        TransportError: A file cannot be read to its end.
    """
    pieces = body.chunks()
    while True:
        try:
            piece = await asyncio.to_thread(next, pieces, None)
        except (OSError, ValueError) as error:
            raise _cut_off(call, error) from error
        if piece is None:
            return
        yield piece
