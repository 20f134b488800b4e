"""Tells a caller how far a message has gone, and brings back what the caller's function raises."""

from __future__ import annotations

from collections.abc import Mapping

from esignwire._documents import Progress
from esignwire._http.messages import Received, Receiver

__all__ = ["ProgressFailed", "tell", "watched"]


class ProgressFailed(Exception):
    """What the caller's function raised, wrapped so that it is not taken for a broken connection.

    Args:
        error: What it raised.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.error = error


def tell(progress: Progress, done: int, total: int | None) -> None:
    """Tells how far a message has gone.

    Args:
        progress: The caller's function.
        done: How many bytes have gone.
        total: How many there are; ``None`` where that is not known.

    Raises:
        ProgressFailed: The function raised an exception.
    """
    try:
        progress(done, total)
    except Exception as error:
        raise ProgressFailed(error) from error


class _Watched:
    """A receiver whose progress is told."""

    def __init__(self, receiver: Receiver, progress: Progress, total: int | None) -> None:
        self._receiver = receiver
        self._progress = progress
        self._total = total
        self._come = 0

    def feed(self, chunk: bytes) -> None:
        self._receiver.feed(chunk)
        self._come += len(chunk)
        tell(self._progress, self._come, self._total)

    def discard(self) -> None:
        self._receiver.discard()

    def finish(self) -> Received:
        return self._receiver.finish()


def watched(receiver: Receiver, progress: Progress | None, headers: Mapping[str, str]) -> Receiver:
    """Has the caller told how far an answer has come.

    Args:
        receiver: What takes the answer.
        progress: The caller's function; ``None`` where there is none.
        headers: The headers of the answer.

    Returns:
        The receiver that tells.
    """
    if progress is None:
        return receiver
    length = headers.get("content-length", "")
    # The length of a compressed answer says nothing about what is in it.
    is_known = length.isascii() and length.isdecimal() and "content-encoding" not in headers
    return _Watched(receiver, progress, int(length) if is_known else None)
