"""Settings of AssureSign: the account, the address, and how a client waits for a session."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from esignwire._client import read_account, require_not_blank
from esignwire._http import check_url
from esignwire.errors import ConfigurationError

__all__ = [
    "PRODUCTION_URL",
    "SANDBOX_URL",
    "VENDOR",
    "AssureSignSettings",
    "WaitPolicy",
    "plugins_of",
]

VENDOR = "AssureSign"

PRODUCTION_URL = "https://www.assuresign.net/Services/DocumentNOW/v2/DocumentNOW.svc"
"""The vendor's production service in the western United States (documented)."""

SANDBOX_URL = "https://sb.assuresign.net/Services/DocumentNOW/v2/DocumentNOW.svc"
"""The vendor's sandbox (documented host; the path as in production)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssureSignSettings:
    """The account, the user and the address.

    Args:
        context_identifier: The account's API key, from the account's settings page.
        user_name: The e-mail address of the user who owns what is submitted.
        url: The address of ``DocumentNOW.svc``, without a contract behind it.

    Raises:
        ConfigurationError: A value is missing or cannot be used.
    """

    context_identifier: uuid.UUID = field(repr=False)
    user_name: str
    url: str

    @classmethod
    def of(
        cls, context_identifier: uuid.UUID | str, user_name: str, url: str
    ) -> AssureSignSettings:
        """Checks the values that a caller gave.

        Raises:
            ConfigurationError: A value is missing or cannot be used; a secret one is not repeated.
        """
        if not isinstance(context_identifier, uuid.UUID):
            try:
                context_identifier = uuid.UUID(context_identifier.strip())
            except (AttributeError, TypeError, ValueError):
                raise ConfigurationError(
                    "context_identifier must be a GUID: copy it from the account's settings page",
                    vendor=VENDOR,
                ) from None
        require_not_blank(
            VENDOR,
            ": it is the e-mail address of the user who owns the documents",
            user_name=user_name,
        )
        address = url.strip().rstrip("/") if isinstance(cast("object", url), str) else url
        check_url(address, vendor=VENDOR)
        if not address.lower().endswith(".svc"):
            raise ConfigurationError(
                "url must end in DocumentNOW.svc, without a contract behind it", vendor=VENDOR
            )
        return cls(context_identifier=context_identifier, user_name=user_name.strip(), url=address)

    @classmethod
    def from_environment(cls) -> AssureSignSettings:
        """Reads the environment variables ``ESIGNWIRE_ASSURESIGN_*``.

        Raises:
            ConfigurationError: A variable is missing (all such are named) or cannot be used.
        """
        return cls.of(**read_account(VENDOR, "url", "context_identifier", "user_name"))


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitPolicy:
    """Growing pauses up to a deadline. The vendor gives no figures; these are ours.

    Attributes:
        deadline: Seconds after which waiting ends.
        first_pause: Seconds before the first look.
        growth: By what factor each pause is longer than the one before; at least 1.
        longest_pause: Seconds that a pause lasts at most.

    Raises:
        ConfigurationError: A value is not positive and finite.
    """

    deadline: float = 300.0
    first_pause: float = 1.0
    growth: float = 1.6
    longest_pause: float = 20.0

    def __post_init__(self) -> None:
        for name in ("deadline", "first_pause", "growth", "longest_pause"):
            value: float = getattr(self, name)
            if not _is_positive(value) or (name == "growth" and value < 1):
                raise ConfigurationError(
                    f"{name} must be a positive, finite number"
                    + (" of at least 1" if name == "growth" else " of seconds"),
                    vendor=VENDOR,
                )

    def pauses(self) -> Iterator[float]:
        """Yields the pauses in seconds; together they last no longer than the deadline."""
        left = self.deadline
        pause = self.first_pause
        while left > 0:
            taken = min(pause, left)
            yield taken
            left -= taken
            pause = min(pause * self.growth, self.longest_pause)


def plugins_of(plugins: Sequence[object]) -> tuple[object, ...]:
    """Checks zeep plugins that a caller gave.

    Args:
        plugins: The plugins.

    Returns:
        The same.

    Raises:
        ConfigurationError: It is no list, or one of them has no ``egress`` and ``ingress``.
    """
    given = cast("object", plugins)
    if isinstance(given, Sequence) and all(
        callable(getattr(one, "egress", None)) and callable(getattr(one, "ingress", None))
        for one in plugins
    ):
        return tuple(plugins)
    raise ConfigurationError(
        "plugins must be a list of zeep plugins, each with egress and ingress", vendor=VENDOR
    )


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and 0 < value <= threading.TIMEOUT_MAX
