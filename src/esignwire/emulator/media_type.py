"""Reads the value of a Content-Type header."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["MediaType", "read_media_type"]

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105  # the word is RFC 9110's
_TYPE = re.compile(rf"\s*({_TOKEN}/{_TOKEN})\s*", re.ASCII)
_PARAMETER = re.compile(rf';\s*(?:({_TOKEN})=(?:({_TOKEN})|"((?:[^"\\]|\\.)*+)")\s*)?', re.ASCII)


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type.

    Args:
        name: Type and subtype in lower case; empty where the header cannot be read.
        parameters: The parameters; names in lower case.
    """

    name: str
    parameters: dict[str, str]


def read_media_type(header: str) -> MediaType:
    """Read the value of a Content-Type header.

    Args:
        header: The value.

    Returns:
        What it says; nothing where it is malformed.
    """
    kind = _TYPE.match(header)
    if kind is None:
        return MediaType("", {})
    parameters: dict[str, str] = {}
    place = kind.end()
    while place < len(header):
        found = _PARAMETER.match(header, place)
        if found is None:
            return MediaType("", {})
        if found[1] is not None:
            quoted = found[3]
            value = found[2] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            parameters.setdefault(found[1].lower(), value)
        place = found.end()
    return MediaType(kind[1].lower(), parameters)
