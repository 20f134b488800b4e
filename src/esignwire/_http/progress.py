"""Tells a caller how far a message has gone, and brings back what the caller's function raises."""

from __future__ import annotations

from esignwire._documents import Progress

__all__ = ["ProgressFailed", "tell"]


class ProgressFailed(Exception):
    """What the caller's function raised, wrapped so that nobody takes it for a broken connection.

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
