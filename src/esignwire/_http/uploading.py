"""Bodies of requests, read while they are sent, with and without asyncio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import ParamSpec, TypeVar

from esignwire._call import Call
from esignwire._documents import SplicedBody
from esignwire._http.failures import TOO_MANY_FILES, is_out_of_files
from esignwire._http.progress import tell
from esignwire.errors import InvalidRequest, TransportError

__all__ = ["async_chunks", "async_measure", "chunks", "measure"]

_P = ParamSpec("_P")
_Result = TypeVar("_Result")


def _unreadable(call: Call, error: Exception) -> InvalidRequest:
    why = "or changed after the message was made: see that it stays as it is until the call ends"
    if is_out_of_files(error):
        why = f"for {TOO_MANY_FILES}"
    failure = InvalidRequest(
        f"a document cannot be read, {why}; nothing was sent",
        **call.where,
    )
    failure.__cause__ = error
    return failure


def _cut_off(call: Call, error: Exception) -> TransportError:
    failure = TransportError(
        "a document could not be read to its end or changed meanwhile, so that the request was cut"
        " off; the vendor cannot have acted on it: see that the file stays as it is until the call"
        " ends, then repeat the call",
        **call.where,
        is_retry_safe=True,
    )
    failure.__cause__ = error
    return failure


def measure(body: SplicedBody, call: Call) -> int:
    """Finds out how many bytes a body has, before anything is sent.

    Raises:
        InvalidRequest: A file cannot be read.
    """
    try:
        return body.measure()
    except (OSError, ValueError) as error:
        raise _unreadable(call, error) from error


async def async_measure(body: SplicedBody, call: Call) -> int:
    """The same, in a thread where a file has to be read for it."""
    return await _aside(body, measure, body, call)


async def _aside(
    body: SplicedBody, function: Callable[_P, _Result], /, *args: _P.args, **kwargs: _P.kwargs
) -> _Result:
    """Calls a function that reads a body, in a thread where a file may keep it waiting.

    Bytes need no thread: those that asyncio has may all be busy with work of the program's own.
    """
    import asyncio

    if body.is_in_memory:
        await asyncio.sleep(0)  # other tasks have their turn
        return function(*args, **kwargs)
    return await asyncio.to_thread(function, *args, **kwargs)


def _pieces(body: SplicedBody, call: Call) -> Iterator[bytes]:
    try:
        yield from body.chunks()
    except (OSError, ValueError) as error:
        raise _cut_off(call, error) from error


def chunks(body: SplicedBody, call: Call) -> Iterator[bytes]:
    """Yields a body piece by piece, and tells how far it has gone.

    Raises:
        TransportError: A file cannot be read to its end.
        ProgressFailed: The caller's function raised an exception.
    """
    total = measure(body, call)  # known by now
    gone = 0
    for piece in _pieces(body, call):
        yield piece
        gone += len(piece)
        tell(body.progress, gone, total)


async def async_chunks(body: SplicedBody, call: Call) -> AsyncIterator[bytes]:
    """The same; files are read in a thread, so that the loop goes on."""
    total = measure(body, call)  # known by now
    gone = 0
    pieces = _pieces(body, call)
    while (piece := await _aside(body, next, pieces, None)) is not None:
        yield piece
        gone += len(piece)
        tell(body.progress, gone, total)
