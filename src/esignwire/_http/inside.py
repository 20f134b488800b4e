"""Looks where the HTTP library shows nothing; all its private names that we use stand here.

Whatever an answer leaves behind would pass for the beginning of the next one. The socket shows what
has not been fetched from it; what has been fetched waits in buffers of the library's own. Should a
name change, every connection is taken for one that holds something: calls stay right and cost a
connection each, and tests fail.
"""

from __future__ import annotations

import operator

import httpcore

__all__ = ["holds_unread", "holds_unread_below", "network_of"]

_parsed = operator.attrgetter("_connection._h11_state.trailing_data")
_network = operator.attrgetter("_connection._network_stream")
_stream = operator.attrgetter("_stream")
_transport = operator.attrgetter("transport_stream")
_queue = operator.attrgetter("_protocol.read_queue")


def holds_unread(connection: object) -> bool:
    """Tells whether bytes are left over behind an answer.

    Args:
        connection: A connection of the HTTP library's, direct or through a proxy's tunnel, whose
            answer was read to its end.

    Returns:
        Whether its parser holds bytes, or cannot be asked.
    """
    try:
        return bool(_parsed(connection)[0])
    except AttributeError:
        return True


def holds_unread_below(stream: object) -> bool:
    """Tells whether asyncio's side of a connection has fetched more than was asked for.

    It fetches up to a quarter of a megabyte at once, and decrypts one record of TLS at a time.

    Args:
        stream: The HTTP library's stream for asyncio.

    Returns:
        Whether one of its layers holds bytes, or cannot be asked.
    """
    try:
        layer: object = _stream(stream)
        while (encrypted := getattr(layer, "_read_bio", None)) is not None:
            if encrypted.pending:
                return True
            layer = _transport(layer)
        return bool(_queue(layer))
    except AttributeError:
        return True


def network_of(
    connection: object,
) -> httpcore.NetworkStream | httpcore.AsyncNetworkStream | None:
    """Finds what a connection writes to.

    Args:
        connection: A connection of the HTTP library's.

    Returns:
        The stream; ``None`` where it is not open yet, or cannot be asked.
    """
    try:
        found: object = _network(connection)
    except AttributeError:
        return None
    return (
        found if isinstance(found, httpcore.NetworkStream | httpcore.AsyncNetworkStream) else None
    )
