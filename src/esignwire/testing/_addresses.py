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


def _parts(path: str) -> tuple[list[str], Call | None]:
    """What the segments of a path are: words in lower case, or arguments of a call in braces."""
    names = [segment.lower().lstrip("{") for segment in path.split("/")]
    for call in calls_of():
        due = call.segments[1:]
        begin = len(names) - len(due)
        if begin < 1 or not all(
            one == name or ("{" in one and name)
            for one, name in zip(due, names[begin:], strict=True)
        ):
            continue
        # Whatever stands in place of a known address, a secret in the path is one.
        if _VERSION.fullmatch(names[begin - 1]) or call.secrets.intersection(due):
            return [*names[:begin], *due], call
    return names, None


def call_at(uri: str) -> Call | None:
    """The call of Constellation1 that an address is for, if it is one."""
    return _parts(urlsplit(uri).path)[1]


def scrub_uri(uri: str, hide: Callable[[str], str]) -> str:
    """Masks what is not known to be harmless in an address, and leaves out what differs each time.

    The vendors' own words stay, and the arguments of a call that are no secret. The port of an
    emulator, which is another each time, is left out.
    """
    parts = urlsplit(uri)
    names, call = _parts(parts.path)
    secrets = frozenset[str]() if call is None else call.secrets
    path: list[str] = []
    for name, segment in zip(names, parts.path.split("/"), strict=True):
        if name == _SALT:
            path.append(MASK)
        elif name in path_literals() or not segment or ("{" in name and name not in secrets):
            path.append(segment)
        else:
            path.append(_hidden(segment, hide))
    host = "127.0.0.1" if parts.hostname in _LOOPBACK else parts.netloc.rpartition("@")[2]
    known = {} if call is None else call.query
    query = [
        (
            name if name.lower() in known else hide(name),
            quote(value) if known.get(name.lower()) is False else _hidden(value, hide),
        )
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    return urlunsplit((parts.scheme, host, "/".join(path), "&".join(map("=".join, query)), ""))


def _hidden(text: str, hide: Callable[[str], str]) -> str:
    plain = unquote(text)
    return hide(plain) if plain else ""


def scrub_header(name: str, value: str, hide: Callable[[str], str]) -> str | None:
    """Decides what is recorded of a header, whose name is in lower case.

    ``Authorization`` and cookies are left out, for which ``None`` stands.
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
