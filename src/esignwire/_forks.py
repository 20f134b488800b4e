"""Locks and connections that a forked child begins anew.

A lock that another thread of the parent held at the fork stays locked in the child, where that
thread does not exist.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Protocol

__all__ = ["Lock", "renew_in_children"]


class _Renewable(Protocol):
    def renew(self) -> None:
        """Begins anew in a forked child."""
        ...


_known: weakref.WeakSet[_Renewable] = weakref.WeakSet()


def renew_in_children(thing: _Renewable) -> None:
    """Has a thing begin anew in every process that is forked from this one.

    Args:
        thing: The thing, which is not kept alive.
    """
    _known.add(thing)


def _renew_all() -> None:
    for thing in list(_known):
        thing.renew()


# Python calls it in the child before fork() returns there, so that no thread can come before it.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)


class Lock:
    """A lock that is free in a forked child, whatever the parent's threads were doing.

    It is used as ``with lock.held:``. Entering the standard library's own lock is one step, so that
    no interrupt leaves it locked.
    """

    __slots__ = ("__weakref__", "held")

    def __init__(self) -> None:
        self.renew()
        renew_in_children(self)

    def renew(self) -> None:
        """Begins anew in a forked child."""
        self.held = threading.Lock()
