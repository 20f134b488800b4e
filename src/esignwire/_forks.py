"""Locks and connections that a forked child begins anew.

A lock that another thread of the parent held at the fork stays locked in the child, where that
thread does not exist.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

__all__ = ["Lock", "Renewed", "renew_in_children"]

_T = TypeVar("_T")


class _Renewable(Protocol):
    def renew(self) -> None: ...


_known: weakref.WeakSet[_Renewable] = weakref.WeakSet()


def renew_in_children(thing: _Renewable) -> None:
    """Has a thing begin anew in every process forked from this one. It is not kept alive."""
    _known.add(thing)


def _renew_all() -> None:
    for thing in list(_known):
        thing.renew()


# Python calls it in the child before fork() returns there, so that no thread can come before it.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)


class Renewed(Generic[_T]):
    """Holds something that is made anew in each forked child."""

    def __init__(self, make: Callable[[], _T]) -> None:
        self._make = make
        self.renew()
        renew_in_children(self)

    def renew(self) -> None:
        self.held = self._make()


class Lock(Renewed[threading.Lock]):
    """A lock that is free in a forked child; it is used as ``with lock.held:``.

    Entering the standard library's own lock is one step: no interrupt leaves it locked.
    """

    def __init__(self) -> None:
        super().__init__(threading.Lock)
