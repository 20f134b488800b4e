"""Typed clients for three e-signature vendors: AssureSign, SIGNiX and Constellation1.

::

    from esignwire import AssureSign, EsignWireError

    with AssureSign.from_environment() as client:
        (outcome,) = client.check_status(document)

Each vendor has a package of its own with everything that its calls take and return:
``esignwire.assuresign``, ``esignwire.signix`` and ``esignwire.constellation1``. All
failures are in ``esignwire.errors``. The names here are loaded when they are first used, so that
a program pays for the vendors that it calls and no other.
"""

from __future__ import annotations

from esignwire._lazy import later as _later

# Type checkers take it for true. The module typing takes longer to import than all else here.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from esignwire import assuresign, constellation1, errors, signix
    from esignwire._client import Resolution
    from esignwire._documents import DocumentSource, Progress, ReceivedDocument
    from esignwire._http import HttpSettings, RequestEvent, ResponseEvent, RetryEvent
    from esignwire._version import __version__
    from esignwire.assuresign import AssureSign, AsyncAssureSign
    from esignwire.constellation1 import AsyncConstellation1, Constellation1
    from esignwire.errors import EsignWireError
    from esignwire.signix import AsyncSignix, Signix

__all__ = [
    "AssureSign",
    "AsyncAssureSign",
    "AsyncConstellation1",
    "AsyncSignix",
    "Constellation1",
    "DocumentSource",
    "EsignWireError",
    "HttpSettings",
    "Progress",
    "ReceivedDocument",
    "RequestEvent",
    "Resolution",
    "ResponseEvent",
    "RetryEvent",
    "Signix",
    "__version__",
    "assuresign",
    "constellation1",
    "errors",
    "signix",
]

_load = _later(
    __name__,
    {
        "esignwire._client": "Resolution",
        "esignwire._documents": "DocumentSource Progress ReceivedDocument",
        "esignwire._version": "__version__",
        "esignwire._http": "HttpSettings RequestEvent ResponseEvent RetryEvent",
        "esignwire.assuresign": "AssureSign AsyncAssureSign assuresign",
        "esignwire.constellation1": "AsyncConstellation1 Constellation1 constellation1",
        "esignwire.errors": "EsignWireError errors",
        "esignwire.signix": "AsyncSignix Signix signix",
    },
)


if not TYPE_CHECKING:
    # Type checkers read the imports above instead, and so notice a name that is misspelt.

    __getattr__ = _load


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
