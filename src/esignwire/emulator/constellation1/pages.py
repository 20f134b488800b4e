"""Pages of lists; the first is 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

__all__ = ["page_of"]

_Item = TypeVar("_Item")


def page_of(items: Sequence[_Item], size: int, number: int) -> list[_Item]:
    """Cut a page out of a list; the first is 0, and behind the last there is nothing."""
    return list(items[size * number : size * (number + 1)])
