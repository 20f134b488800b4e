"""Masks of secrets, by which two secrets stay two.

A mask has the form of what it hides: a GUID, base64, a link or text. Secrets that a program sends
of its own, such as a password, are numbered in one series (``***``, ``***2``); those that a vendor
hands out, such as a token, in another (``***A``, ``***A2``). A program that replays a cassette
sends the second kind back as it got it, but may have other secrets of the first kind, in another
order.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from typing import Literal, TypeAlias

from esignwire._secrets import MASK, QuotedSecrets
from esignwire.testing._vocabulary import Form

__all__ = ["MASK", "Masks", "Series", "comparable"]

Series: TypeAlias = Literal["sent", "received"]

_LETTERS: dict[Series, str] = {"sent": "", "received": "A"}
_VARIANTS: dict[Series, str] = {"sent": "8", "received": "9"}
_LINK = "https://masked.invalid/"
_GUID = re.compile(r"00000000-0000-4000-[89]000-([0-9a-f]{12})")
_TEXT = re.compile(r"\*\*\*A?(\d*)")
# Base64 of a mask that has a number, or none, and no letter.
_SENT = re.compile(
    r"00000000-0000-4000-8000-[0-9a-f]{12}"
    r"|(?:https://masked\.invalid/)?\*\*\*(?!A)\d*"
    r"|Kioq(?:[MNO][A-Za-z0-9+/]*=*)?(?![A-Za-z0-9+/=])"
)
# Shorter ones are words of any text.
_SHORTEST_QUOTED = 4
# What stands in such members is data, which an answer may rightly hold in another place.
_DATA = frozenset({"Value", "MergeFieldMapping", "FileBytes", "FileData", "Data"})


class Masks:
    """The masks of one recording."""

    def __init__(self) -> None:
        self._masks: dict[tuple[Form, str], str] = {}
        self._numbers: Counter[tuple[Series, Form]] = Counter()
        self._quotable: set[str] = set()
        self._quoted: QuotedSecrets | None = None

    def mask(self, value: str, form: Form, series: Series, name: str = "") -> str:
        """Hides a secret: the same secret gets the same mask, and a mask stays.

        ``series`` is where the secret comes from, unless it has a mask already.
        """
        if form == "text" and value.startswith(("https://", "http://")):
            form = "link"
        if (number := _number_of(value, form)) is not None:
            # A cassette was loaded, and recording may go on.
            where: Series = "received" if _is_received(value, form) else "sent"
            self._numbers[where, form] = max(self._numbers[where, form], number)
            return value
        key = (form, value.lower() if form == "guid" else value)
        if key not in self._masks:
            self._numbers[series, form] += 1
            self._masks[key] = _mask_of(self._numbers[series, form], form, series)
            if len(value) >= _SHORTEST_QUOTED and name not in _DATA:
                self._quotable.add(value)
                self._quoted = None
        return self._masks[key]

    def hide_quoted(self, text: str) -> str:
        """Puts masks in place of hidden secrets that a vendor quotes in its own words."""
        if self._quoted is None:
            self._quoted = QuotedSecrets(self._quotable)
        return self._quoted.mask(text)


def _mask_of(number: int, form: Form, series: Series) -> str:
    if form == "guid":
        return f"00000000-0000-4000-{_VARIANTS[series]}000-{number - 1:012x}"
    text = f"{MASK}{_LETTERS[series]}{'' if number == 1 else number}"
    match form:
        case "base64":
            return base64.b64encode(text.encode("ascii")).decode("ascii")
        case "link":
            return f"{_LINK}{text}"
        case "text":
            return text


def _plain(value: str, form: Form) -> str:
    if form == "link":
        return value.removeprefix(_LINK)
    if form != "base64" or not value.startswith("Kioq"):
        return value
    try:
        return base64.b64decode(value, validate=True).decode("ascii")
    except ValueError:
        return value


def _number_of(value: str, form: Form) -> int | None:
    if (guid := _GUID.fullmatch(value)) is not None:
        return int(guid[1], 16) + 1
    text = _TEXT.fullmatch(_plain(value, form))
    return None if text is None else int(text[1] or "1")


def _is_received(value: str, form: Form) -> bool:
    return value.startswith("00000000-0000-4000-9") or _plain(value, form).startswith("***A")


def comparable(text: str, *, is_numbered: bool = True) -> str:
    """Makes masked texts of one meaning equal.

    The secrets that the program has of its own are numbered by their first appearance in the text:
    they may be others than when the cassette was recorded. Without numbers two secrets need not
    stay two: in the address of a token's call, an API key and a salt stand side by side, and the
    salt has no number.
    """
    if not is_numbered:
        return _SENT.sub(MASK, text)
    numbers: dict[str, str] = {}
    return _SENT.sub(lambda found: numbers.setdefault(found[0], f"***{len(numbers) + 1}"), text)
