"""How a client travels to another process: as the arguments that it was made with.

Its connections and locks stay behind; what arrives is a new client, which has not connected yet.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from esignwire._http import HttpSettings
from esignwire.errors import ConfigurationError

__all__ = ["reduce_client"]


def reduce_client(
    kind: Callable[..., object], vendor: str, settings: HttpSettings, **arguments: object
) -> tuple[Callable[[], object], tuple[()]]:
    """Says how to make a client again, for ``__reduce__``.

    Args:
        kind: The client's class.
        vendor: The vendor, for the error.
        settings: How the client reaches the vendor.
        **arguments: The other arguments of its constructor.

    Returns:
        What ``__reduce__`` must return. It holds the credentials.

    Raises:
        ConfigurationError: The settings hold a TLS context, which belongs to its process.
    """
    if settings.ssl_context is not None:
        raise ConfigurationError(
            "a client with a TLS context of its own cannot be pickled or copied: make it where it"
            " is used",
            vendor=vendor,
        )
    return partial(kind, settings=settings, **arguments), ()
