"""Texts that match an ``xs:pattern``: a few examples, made by walking through the pattern.

They are tried by libxml2 before they are used. So a construct that is not known here costs an
example, and never makes a wrong one.
"""

from __future__ import annotations

import string
from collections.abc import Callable

_Make = Callable[[int], str]

_LETTERS = string.ascii_letters
_ANY = _LETTERS + string.digits + " !#$%()*+,-./:;=?@_"
_CLASSES = {
    "d": string.digits,
    "w": _LETTERS + string.digits,
    "s": " ",
    "i": _LETTERS + "_",
    "c": _LETTERS + string.digits + "._-",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}
_PROPERTIES = {"L": _LETTERS, "Lu": string.ascii_uppercase, "Ll": string.ascii_lowercase}
_NUMBERS = {"N": string.digits, "Nd": string.digits}


class _Walk:
    """One walk through a pattern.

    Args:
        pattern: The pattern, as XML Schema writes it.
    """

    def __init__(self, pattern: str) -> None:
        self._rest = pattern

    def _next(self) -> str:
        if not self._rest:
            raise ValueError("the pattern ends too early")
        taken, self._rest = self._rest[0], self._rest[1:]
        return taken

    def branches(self) -> _Make:
        """Reads alternatives; which one an example takes goes by its number."""
        found = [self._branch()]
        while self._rest.startswith("|"):
            self._next()
            found.append(self._branch())
        return lambda turn: found[turn % len(found)](turn // len(found))

    def _branch(self) -> _Make:
        pieces: list[_Make] = []
        while self._rest and self._rest[0] not in "|)":
            pieces.append(self._piece())
        return lambda turn: "".join(piece(turn) for piece in pieces)

    def _piece(self) -> _Make:
        atom = self._atom()
        least, most = self._times()
        return lambda turn: "".join(
            atom(turn + index) for index in range(least + turn % (most - least + 1))
        )

    def _times(self) -> tuple[int, int]:
        sign = self._rest[:1]
        if not sign or sign not in "?*+{":
            return 1, 1
        self._next()
        if sign != "{":
            return {"?": (0, 1), "*": (0, 2), "+": (1, 3)}[sign]
        inside, _, self._rest = self._rest.partition("}")
        least, comma, most = inside.partition(",")
        first = int(least)
        return first, first if not comma else min(int(most or first + 2), first + 2)

    def _atom(self) -> _Make:
        taken = self._next()
        if taken == "(":
            inner = self.branches()
            self._next()
            return inner
        if taken == "[":
            return _one_of(self._set())
        if taken == "\\":
            return _one_of(self._escape())
        return _one_of(_ANY if taken == "." else taken)

    def _escape(self) -> str:
        taken = self._next()
        if taken in "pP":
            self._next()
            name, _, self._rest = self._rest.partition("}")
            known = _PROPERTIES.get(name) or _NUMBERS.get(name) or _ANY
            return known if taken == "p" else _without(known)
        if taken.lower() in _CLASSES:
            known = _CLASSES[taken.lower()]
            return known if taken.islower() else _without(known)
        return taken

    def _set(self) -> str:
        is_negative = self._rest.startswith("^")
        if is_negative:
            self._next()
        found = ""
        while not self._rest.startswith("]"):
            if self._rest.startswith("-["):
                self._rest = self._rest[2:]
                taken_out = self._set()
                found = "".join(one for one in found if one not in taken_out)
                continue
            taken = self._next()
            if taken == "\\":
                found += self._escape()
            elif self._rest.startswith("-") and self._rest[1:2] not in {"]", "["}:
                self._next()
                end = self._next()
                end = self._escape() if end == "\\" else end
                found += "".join(map(chr, range(ord(taken), min(ord(end), ord(taken) + 255) + 1)))
            else:
                found += taken
        self._next()
        return _without(found) if is_negative else found


def _without(characters: str) -> str:
    return "".join(one for one in _ANY if one not in characters)


def _one_of(characters: str) -> _Make:
    if not characters:
        raise ValueError("no character fits")
    return lambda turn: characters[turn % len(characters)]


def examples(pattern: str, count: int = 6) -> list[str]:
    """Makes texts that should match an ``xs:pattern``, each once; none where it is beyond this."""
    try:
        make = _Walk(pattern).branches()
        return list(dict.fromkeys(make(turn) for turn in range(count)))
    except (ValueError, RecursionError):
        return []
