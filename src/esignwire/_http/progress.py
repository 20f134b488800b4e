"""Progress of a message: the caller is told, and gets back what its function raises."""

from __future__ import annotations

from esignwire._documents import Progress

__all__ = ["ProgressFailed", "tell"]


class ProgressFailed(Exception):
    """What the caller's function raised, wrapped so that it is taken for no broken connection."""

    def __init__(self, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.error = error


def tell(progress: Progress | None, done: int, total: int | None) -> None:
    """Tells the caller's function how many bytes have gone, of how many where that is known.

    Raises:
        ProgressFailed: The function raised an exception.
    """
    if progress is not None:
        try:
            progress(done, total)
        except Exception as error:
            raise ProgressFailed(error) from error
