"""The address of each call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from esignwire._http import check_url
from esignwire.constellation1.names import VENDOR
from esignwire.errors import ConfigurationError

__all__ = ["Addresses"]

_REST_END = re.compile(r"/rest(/v1)?\Z", re.IGNORECASE)


def _segment(text: str) -> str:
    # Everything that has a meaning in an address is encoded, the slash too: a key may hold one.
    return quote(text, safe="")


@dataclass(frozen=True, slots=True, init=False)
class Addresses:
    """Builds the addresses of the calls.

    The vendor's pages give a base that ends in ``/rest`` and paths that begin with ``rest/``; that
    the two overlap, and that it is written once, is inferred from its samples.

    Args:
        url: The vendor's address, with ``/rest`` at its end or without.

    Raises:
        ConfigurationError: The address cannot be used, or has a query.
    """

    base: str

    def __init__(self, url: str) -> None:
        check_url(url, vendor=VENDOR)
        if "?" in url:
            raise ConfigurationError("the URL must not hold a query (?)", vendor=VENDOR)
        host = _REST_END.sub("", url.rstrip("/"))
        object.__setattr__(self, "base", f"{host}/rest/v1")

    def encrypt(self, plain_text: str, salt: str) -> str:
        """EncryptString. The address holds a secret: it must not be shown."""
        return f"{self.base}/encrypt/{_segment(plain_text)}/{_segment(salt)}"

    def get_token(self, salt: str) -> str:
        """GetToken."""
        return f"{self.base}/gettoken/{_segment(salt)}"

    def sessions(self) -> str:
        """CreateSession."""
        return f"{self.base}/sessions"

    def session(self, session_id: UUID) -> str:
        """GetSession and DeleteSession."""
        return f"{self.base}/sessions/{session_id}"

    def session_step(self, session_id: UUID, step: str, return_url: str | None) -> str:
        """StartSession, CancelSession and CloseSession.

        Args:
            session_id: The session.
            step: ``start``, ``cancel`` or ``close``.
            return_url: The value of ``returnURL``, as the vendor's samples spell it.

        Returns:
            The address.
        """
        address = f"{self.base}/sessions/{session_id}/{step}"
        return address if return_url is None else f"{address}?returnURL={_segment(return_url)}"
