"""Settings of Constellation1: the account, the address, and what a caller may choose."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Literal, cast, get_args, get_type_hints

from esignwire._client import read_account, require_not_blank
from esignwire.errors import ConfigurationError
from esignwire_generated.constellation1.names import PRODUCTION_URL, STAGE_URL, VENDOR

__all__ = [
    "PRODUCTION_URL",
    "STAGE_URL",
    "Constellation1Settings",
    "JsonForm",
    "StartPolicy",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Constellation1Settings:
    """The account, its user and the address.

    Args:
        url: The vendor's address as it was given.
        api_key: The API key.
        user_name: The e-mail address of the user who owns the sessions that are created.

    Raises:
        ConfigurationError: The API key or the user name is blank.
    """

    url: str
    api_key: str = field(repr=False)
    user_name: str

    def __post_init__(self) -> None:
        require_not_blank(VENDOR, api_key=self.api_key, user_name=self.user_name)

    @classmethod
    def from_environment(cls) -> Constellation1Settings:
        """Reads the environment variables ``ESIGNWIRE_CONSTELLATION1_*``.

        Raises:
            ConfigurationError: A variable is missing (all such are named) or cannot be used.
        """
        values = read_account(VENDOR, "url", "api_key", "user_name")
        return cls(
            url=values["url"].strip(),
            api_key=values["api_key"],
            user_name=values["user_name"].strip(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPolicy:
    """How long StartSession is tried again while the vendor still prepares the session.

    Anchor tags are worked on after CreateSession has answered, and a start that comes too soon is
    refused. The vendor documents that one may try again after a couple of seconds and that errors
    which persist are permanent; it gives no numbers, so the defaults are ours.

    Args:
        delay_before_first: Seconds before the first attempt. A first attempt that comes too soon
            costs nothing, so that by default there is no delay.
        attempts: How many attempts at most, the first included. 1 asks once.
        pause: Seconds between two attempts.
        timeout: Seconds for all attempts and pauses together. No attempt begins after it.

    Raises:
        ConfigurationError: A value is out of its range.
    """

    delay_before_first: float = 0.0
    attempts: int = 5
    pause: float = 2.0
    timeout: float = 60.0

    def __post_init__(self) -> None:
        for name in ("delay_before_first", "pause"):
            seconds: float = getattr(self, name)
            if not (_is_number(seconds) and seconds >= 0):
                raise ConfigurationError(
                    f"StartPolicy.{name} must be zero or a positive, finite number of seconds",
                    vendor=VENDOR,
                )
        if not (_is_number(self.timeout) and self.timeout > self.delay_before_first):
            raise ConfigurationError(
                "StartPolicy.timeout must be a finite number of seconds, more than"
                " delay_before_first",
                vendor=VENDOR,
            )
        if not isinstance(cast("object", self.attempts), int) or self.attempts < 1:
            raise ConfigurationError("StartPolicy.attempts must be at least 1", vendor=VENDOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonForm:
    """How values are written for which the vendor's pages show .NET code and no JSON.

    The defaults are inferred from the platform that the service seems to be built on (WCF). Where
    the real service turns out to want another form, choose it here. ``docs/wires.md`` says which
    reader of .NET takes which form.

    Args:
        file_bytes: ``FileBytes`` as an array of numbers from 0 to 255, or as base64.
        dates: Dates as ``/Date(milliseconds)/``, or in ISO 8601.
        mappings: ``MergeFieldMapping`` as an array of ``Key`` and ``Value``, or as one object.
        properties: ``Properties`` of a signer, in the same two forms.
        enumerations: Methods of authentication by their names, or by their numbers. The vendor
            documents no numbers; so with ``numbers`` each method must be given as one, and a name
            is refused.

    Raises:
        ConfigurationError: There is no such form.
    """

    file_bytes: Literal["numbers", "base64"] = "numbers"
    dates: Literal["milliseconds", "iso8601"] = "milliseconds"
    mappings: Literal["pairs", "object"] = "pairs"
    properties: Literal["pairs", "object"] = "pairs"
    enumerations: Literal["names", "numbers"] = "names"

    def __post_init__(self) -> None:
        for name, hint in get_type_hints(JsonForm).items():
            forms: tuple[object, ...] = get_args(hint)
            if getattr(self, name) not in forms:
                raise ConfigurationError(
                    f"JsonForm.{name} must be {' or '.join(map(repr, forms))}", vendor=VENDOR
                )

    @classmethod
    def of_the_sample(cls) -> JsonForm:
        r"""The form that the vendor's C# sample sends.

        JavaScriptSerializer writes it: numbers for bytes and enumerations, ``\/Date()\/``, and
        objects for both maps. It is also the one form that all common readers of .NET take.

        Returns:
            The form.
        """
        return cls(mappings="object", properties="object", enumerations="numbers")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) <= threading.TIMEOUT_MAX
