"""Secrets that a vendor quotes back in its own words, and their mask.

What a schema marks as sensitive is masked wherever its name stands beside it. In the text of a
fault or an exception there is no name, so there the values that were sent are looked for.
"""

from __future__ import annotations

import base64
import functools
import re
import uuid
from binascii import a2b_base64
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import cast

from esignwire._documents import upload_of

__all__ = ["MASK", "QuotedSecrets"]

MASK = "***"
"""What stands in place of a secret."""

# A vendor quotes no more than this in a sentence; a longer value is a document.
_LONGEST = 10_000
# A pattern for a longer secret takes seconds to make, so it is only found as it was sent.
_MOST_PIECES = 400
# Secrets up to this length are masked as whole words only, so that other words stay readable.
_SHORT = 7
# Letters at random, decoded, hold some secrets up to this length by chance.
_CHANCE = 3

_GUID_LENGTHS = frozenset({32, 36})
# A lookahead, since one GUID may begin within digits that look like another.
_GUID = re.compile(
    r"(?=([0-9a-f]{8}(-?)(?:[0-9a-f]{4}\2){3}[0-9a-f]{12}))", re.IGNORECASE | re.ASCII
)
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{10,}")
_IN_HEX = re.compile(r"[0-9A-Fa-f]{10,}")
_STANDARD = str.maketrans("-_", "+/")
_WORD = re.compile(r"[A-Za-z0-9]+")
_PIECES = re.compile(r"[A-Za-z0-9]+|\\+|.", re.DOTALL)
_ENTITIES = {"<": "lt", ">": "gt", '"': "quot", "'": "apos"}
# What escapes a character may be escaped by what stands around it, as XML in a form is.
_BACKSLASH = r"(?:\\|%(?>(?:25)*)5c)"
_BACKSLASHES = rf"(?>{_BACKSLASH}*)"
_SEMICOLON = r"(?:;|%(?>(?:25)*)3b)"
_NUMBER_SIGN = r"(?:\#|%(?>(?:25)*)23)"
_AMPERSAND = "(?:&|%(?>(?:25)*)26)"
_LETTERS = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}


class QuotedSecrets:
    """The secrets of a call, looked for in what the vendor says.

    They are found in whatever case they stand, and however often XML, JSON or a form escaped them
    on the way: a vendor quotes messages within messages. So they are in base64 or in hexadecimal
    digits, alone or within something longer.

    Args:
        values: The secrets.
    """

    def __init__(self, values: Iterable[str]) -> None:
        guids: set[str] = set()
        others: set[str] = set()
        for value in values:
            found = _GUID.match(value) if len(value) in _GUID_LENGTHS else None
            if found is not None and found.end(1) == len(value):
                guids.add(_digits(value))
            elif value:
                others.add(value)
        self._guids = guids
        # The longest first, since a short secret may be part of a long one.
        self._others = [_Other(one) for one in sorted(others, key=len, reverse=True)]
        # How many characters hold the shortest secret in base64, which needs the fewest.
        lengths = [one.least for one in self._others if one.least > _CHANCE]
        if guids:
            lengths.append(min(_GUID_LENGTHS))
        self._least_encoded = -(-min(lengths) * 4 // 3) if lengths else None

    @classmethod
    def of(cls, message: object) -> QuotedSecrets:
        """Collects the secrets of a message.

        Args:
            message: A dataclass. Members that the schema marks as sensitive are those that its
                representation leaves out.

        Returns:
            Their values; of documents only short ones.
        """
        return cls(_values(message))

    def mask(self, text: str, longest: int | None = None) -> str:
        """Masks the secrets in a vendor's words.

        Args:
            text: The words.
            longest: The most characters to return; ``None`` for all of them.

        Returns:
            The words with the secrets masked.
        """
        if longest is None or len(text) <= longest + _LONGEST:
            return self._masked(text)[:longest]
        # A secret that is cut in two at the end is not recognised, so the end is dropped.
        masked = self._masked(text[: longest + _LONGEST])
        return masked[: max(0, len(masked) - _LONGEST)][:longest]

    def _masked(self, text: str) -> str:
        text = self._plain(text)
        least = self._least_encoded
        if least is None:
            return text
        runs = [run for run in _ENCODED.findall(text) if len(run) >= least]
        # All of them at once first: hardly an answer holds an encoded secret.
        if runs and self._is_in(b"\0".join(map(_decoded, runs))):
            return _ENCODED.sub(self._without_encoded, text)
        return text

    def _without_encoded(self, found: re.Match[str]) -> str:
        return MASK if self._is_in(_decoded(found[0])) else found[0]

    def _is_in(self, octets: bytes) -> bool:
        text = octets.decode("utf-8", "replace")
        return self._plain(text, _CHANCE) != text

    def _plain(self, text: str, beyond: int = 0) -> str:
        """Masks the secrets of more characters than ``beyond``."""
        if self._guids:
            text = self._without_guids(text)
        folded = text.casefold()
        for secret in self._others:
            # Comparing words first saves most patterns: a vendor quotes few of many secrets.
            for word in secret.words:
                if word not in folded:
                    break
            else:
                if secret.least > beyond:
                    text = secret.pattern.sub(MASK, text)
        return text

    def _without_guids(self, text: str) -> str:
        pieces: list[str] = []
        end = 0
        for found in _GUID.finditer(text):
            if found.start() >= end and _digits(found[1]) in self._guids:
                pieces += (text[end : found.start()], MASK)
                end = found.end(1)
        return "".join([*pieces, text[end:]])


def _decoded(run: str) -> bytes:
    """What a run of characters may mean, wherever in it a group of base64 or a byte may begin."""
    octets: list[bytes] = []
    digits = run.replace("-", "")
    for part in _IN_HEX.findall(digits):
        octets += [bytes.fromhex(part[start:][: (len(part) - start) // 2 * 2]) for start in (0, 1)]
    run = run.translate(_STANDARD)
    for start in range(4):
        # Of a group that is cut, a character alone holds no byte.
        end = len(run) - ((len(run) - start) % 4 == 1)
        octets.append(a2b_base64(run[start:end] + "=="))
    return b"\0".join(octets)


def _digits(guid: str) -> str:
    return guid.replace("-", "").lower()


class _Other:
    """A secret that is no GUID, with the pattern that finds it in all its spellings.

    Attributes:
        words: Its letters and digits between other characters, which every spelling has.
        least: The fewest characters of any spelling.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._compiled: re.Pattern[str] | None = None
        self.words = [word.casefold() for word in _WORD.findall(secret)]
        self.least = len(secret) - secret.count("\\")

    @property
    def pattern(self) -> re.Pattern[str]:
        # Not cached_property: Python 3.11's has a lock, which a fork could leave locked.
        if self._compiled is None:
            self._compiled = re.compile(_pattern(self._secret), re.IGNORECASE)
        return self._compiled


def _pattern(secret: str) -> str:
    """A pattern for a secret in all its spellings. It never tries one place in two ways."""
    pieces: list[str] = _PIECES.findall(secret)
    if len(pieces) > _MOST_PIECES:
        return re.escape(secret)
    pattern = "".join(map(_spellings, pieces, ["", *pieces]))
    return rf"(?<!\w){pattern}(?!\w)" if len(secret) <= _SHORT else pattern


# Groups are repeated within atomic groups: after ``(...)++`` Python 3.11.2 goes on behind a part of
# one more repetition.
def _spellings(piece: str, before: str) -> str:
    if piece.isascii() and piece.isalnum():
        return piece
    # JSON in JSON doubles backslashes. A run of them is matched from its beginning, and belongs to
    # the piece before where that is a backslash itself.
    backslashes = rf"(?>{_BACKSLASH}+)" if before else rf"(?<!\\)(?<![%5]5c)(?>{_BACKSLASH}+)"
    if before.startswith("\\"):
        backslashes = ""
    if piece[0] == "\\":
        return backslashes or f"(?>{_BACKSLASH}+)"
    code = ord(piece)
    octets = piece.encode("utf-8", "surrogatepass")
    # JSON writes a character as its UTF-16 code units.
    units = piece.encode("utf-16-be", "surrogatepass").hex(" ", 2).split()
    escaped = [backslashes + "u" + rf"(?>{_BACKSLASH}+)u".join(units)]
    if piece in _LETTERS:
        escaped.append(backslashes + _LETTERS[piece])
    named = f"|{_ENTITIES[piece]}" if piece in _ENTITIES else ""
    entity = f"(?:{_NUMBER_SIGN}(?:0*+{code}|x0*+{code:x}){named}){_SEMICOLON}"
    entity = f"(?>(?:amp{_SEMICOLON})*){entity}"
    if piece == "&":
        entity = f"(?:{entity}|(?>(?:amp{_SEMICOLON})+))"
    escaped.append(f"{backslashes}u0026{entity}")
    plain = [re.escape(piece), f"{_AMPERSAND}{entity}"]
    if piece == " ":
        plain.append(r"\+|%(?:25)*2b")
    plain.append("".join(f"%(?:25)*{octet:02x}" for octet in octets))
    return f"(?:{'|'.join(escaped)}|{_BACKSLASHES if before else ''}(?:{'|'.join(plain)}))"


@functools.cache
def _members(kind: type) -> tuple[tuple[str, bool], ...] | None:
    """The names of a dataclass's members, and whether each is secret; ``None`` of other types."""
    if not is_dataclass(kind):
        return None
    return tuple((one.name, not one.repr) for one in fields(kind))


def _values(holder: object, *, is_secret: bool = False) -> list[str]:
    found: list[str] = []
    kind: type = type(holder)
    members = _members(kind)
    if members is not None:
        for name, is_hidden in members:
            held: object = getattr(holder, name, None)
            # Most members are absent, or texts that are no secrets.
            if held is not None and (is_hidden or is_secret or not isinstance(held, str)):
                found += _values(held, is_secret=is_hidden or is_secret)
    elif isinstance(holder, list | tuple):
        for item in cast("Iterable[object]", holder):
            found += _values(item, is_secret=is_secret)
    elif is_secret and (text := _text(holder)):
        found.append(text)
    return found


def _text(value: object) -> str:
    """The value as the message holds it; nothing where it is too long to be quoted."""
    if isinstance(value, str):
        # A class derived from str may print itself otherwise.
        text = str.__str__(value).strip()
    elif isinstance(value, uuid.UUID):
        text = str(value)
    else:
        try:
            document = upload_of(value)
            is_short = document.size <= _LONGEST
            content = b"".join(document.chunks()) if is_short else b""
        except (OSError, ValueError):
            # It is no document, or the file is gone.
            return ""
        text = base64.b64encode(content).decode("ascii")
    return text if len(text) <= _LONGEST else ""
