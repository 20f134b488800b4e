"""Texts as a terminal and a program take them: without what would steer a terminal."""

from __future__ import annotations

import json
import sys

__all__ = ["json_text", "printable"]


def printable(text: str) -> str:
    """A text, perhaps a vendor's, without what would steer a terminal.

    A replacement character stands for each control and format character but line ends and tabs.
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in "\n\t" else "\N{REPLACEMENT CHARACTER}" for one in text
    )


def json_text(value: object) -> str:
    """Writes a JSON document for standard output, indented.

    What would steer a terminal, or what the output cannot encode, is escaped.
    """
    # There is no stdout where the shell has closed it.
    encoding: str | None = getattr(sys.stdout, "encoding", None)
    is_unicode = (encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, indent=2, ensure_ascii=not is_unicode)
    return "\n".join(line if line.isprintable() else _escaped(line) for line in text.split("\n"))


def _escaped(line: str) -> str:
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in line)
