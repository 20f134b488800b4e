"""Addresses and headers of recordings: what is known to hold no secret stays, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from esignwire.testing._bodies import PACKAGE_TYPE, media_type
from esignwire.testing._masks import MASK
from esignwire.testing._vocabulary import Call, calls_of, path_literals
from esignwire_generated.assuresign.names import NAMESPACES

__all__ = ["call_at", "scrub_header", "scrub_uri"]

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_VERSION = re.compile(r"v[0-9]")
# A salt is another one in each call, so that it is not worth a number.
_SALT = "{salt}"
_MEDIA_TYPES = frozenset(
    {
        "application/json",
        "application/octet-stream",
        "application/pdf",
        "application/soap+xml",
        "application/x-www-form-urlencoded",
        "application/xml",
        "text/html",
        "text/plain",
        "text/xml",
    }
)
_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT|[0-9]{1,9}")
_ACTION = re.compile(r"(?P<namespace>.+?)/\w+/\w+", re.ASCII)


def _found(path: str) -> tuple[int, Call] | None:
    """Where in a path the call of Constellation1 begins, and which it is."""
    segments = path.lower().split("/")
    for call in calls_of():
        version, *names = call.segments
        begin = len(segments) - len(names)
        tail = segments[begin:]
        if begin < 0 or not all(
            name == one or ("{" in name and one) for name, one in zip(names, tail, strict=True)
        ):
            continue
        # Whatever stands in place of a known address, a secret in the path is one.
        is_versioned = begin > 0 and _VERSION.fullmatch(segments[begin - 1]) and version
        if is_versioned or call.secrets.intersection(names):
            return begin, call
    return None


def call_at(uri: str) -> Call | None:
    """The call of Constellation1 that an address is for, if it is one."""
    found = _found(urlsplit(uri).path)
    return None if found is None else found[1]


def scrub_uri(uri: str, hide: Callable[[str], str]) -> str:
    """Masks what is not known to be harmless in an address, and leaves out what differs each time.

    Args:
        uri: The address.
        hide: Makes the mask of a secret.

    Returns:
        The address. The vendors' own words stay, and the arguments of a call that are no secret.
        The port of an emulator, which is another each time, is left out.
    """
    parts = urlsplit(uri)
    segments = parts.path.split("/")
    found = _found(parts.path)
    begin, names = (len(segments), ()) if found is None else (found[0], found[1].segments[1:])
    secrets = frozenset[str]() if found is None else found[1].secrets
    path = [
        one if one.lower() in path_literals() | {""} else _hidden(one, hide) for one in segments
    ]
    for number, name in enumerate(names, begin):
        if name == _SALT:
            path[number] = MASK
        elif name in secrets:
            path[number] = _hidden(segments[number], hide)
        else:
            path[number] = segments[number]
    host = "127.0.0.1" if parts.hostname in _LOOPBACK else parts.netloc.rpartition("@")[2]
    known = frozenset[str]() if found is None else found[1].query
    query = "&".join(
        f"{name}={quote(value)}"
        if name.lower() in known
        else f"{hide(name)}={_hidden(value, hide)}"
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    )
    return urlunsplit((parts.scheme, host, "/".join(path), query, ""))


def _hidden(text: str, hide: Callable[[str], str]) -> str:
    plain = unquote(text)
    return hide(plain) if plain else ""


def scrub_header(name: str, value: str, hide: Callable[[str], str]) -> str | None:
    """Decides on a header.

    Args:
        name: Its name, in lower case.
        value: Its value.
        hide: Makes the mask of a secret.

    Returns:
        What is recorded; ``None`` where the header is left out. ``Authorization`` and cookies are.
    """
    match name:
        case "content-type":
            kind = media_type(value)
            if kind == "multipart/related":
                return PACKAGE_TYPE
            return f"{kind}; charset=utf-8" if kind in _MEDIA_TYPES else "application/octet-stream"
        case "location":
            return scrub_uri(value, hide)
        case "retry-after":
            return value if _DATE.fullmatch(value) else None
        case "soapaction":
            action = _ACTION.fullmatch(value.strip('"'))
            is_known = action is not None and action["namespace"] in NAMESPACES
            return value if is_known else MASK
        case _:
            return None
