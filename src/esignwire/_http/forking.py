"""Gives a forked process connections of its own.

Both processes would write to the same connections and read each other's answers. A child forgets
what its parent had open, and the locks of threads that it does not have.
"""

from __future__ import annotations

import os
import socket
import weakref
from collections.abc import Iterable
from typing import Protocol

from esignwire._http.inside import network_of

__all__ = ["close_descriptors", "forget_when_forked"]


class _Forgetful(Protocol):
    def forget(self) -> None:
        """Begins anew, without a word on the connections that there were."""
        ...


_known: weakref.WeakSet[_Forgetful] = weakref.WeakSet()


def forget_when_forked(client: _Forgetful) -> None:
    """Has a client forget its connections in every process that is forked from this one.

    Args:
        client: The client, which is not kept alive.
    """
    _known.add(client)


def _forget_all() -> None:
    for client in list(_known):
        client.forget()


# Called in the child. Asking for the process's number in each call would be a system call in each.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def close_descriptors(connections: Iterable[object]) -> None:
    """Lets go of connections that somebody else goes on using.

    Nothing is sent, no end of TLS either, and nothing is shut down: both would reach the other's
    server.

    Args:
        connections: Connections of the HTTP library's.
    """
    for connection in connections:
        stream = network_of(connection)
        found = None if stream is None else stream.get_extra_info("socket")
        if isinstance(found, socket.socket):
            found.close()
        elif found is not None and found.fileno() >= 0:
            # asyncio keeps its sockets to itself and may have registered this number with a
            # selector that is shared too. So the number remains and leads nowhere.
            nowhere = os.open(os.devnull, os.O_RDWR)
            try:
                os.dup2(nowhere, found.fileno(), inheritable=False)
            finally:
                os.close(nowhere)
