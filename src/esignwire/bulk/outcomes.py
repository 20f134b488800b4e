"""The outcomes of a bulk run: ``Done`` or ``Failed`` for each item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

__all__ = ["Done", "Failed", "Outcome"]

# Covariant: the attributes cannot be assigned to.
_Item_co = TypeVar("_Item_co", covariant=True)
_Result_co = TypeVar("_Result_co", covariant=True)
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


# Without slots: with them, Python 3.11 cannot make a frozen one as Done[str, int](...).
@dataclass(frozen=True)
class Done(Generic[_Item_co, _Result_co]):
    """A call that succeeded.

    Attributes:
        key: The item's key.
        item: The item.
        result: What the call returned.
    """

    key: str
    item: _Item_co
    result: _Result_co


@dataclass(frozen=True)
class Failed(Generic[_Item_co]):
    """A call that failed, or that was not made because it must not be repeated.

    Attributes:
        key: The item's key.
        item: The item.
        error: What the call raised; an ``EsignWireError`` that says why where no call was made.
    """

    key: str
    item: _Item_co
    error: Exception


Outcome: TypeAlias = Done[_Item, _Result] | Failed[_Item]
