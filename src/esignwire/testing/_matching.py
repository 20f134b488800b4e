"""Matchers of scrubbed requests. vcrpy tells their names, and what they raise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from esignwire.testing._bodies import canonical
from esignwire.testing._masks import comparable
from esignwire.testing._scrubbing import Request, header_of

__all__ = ["MATCHERS"]

# How many characters of a difference are shown on either side.
_CONTEXT = 80


def match_method(one: Request, other: Request) -> None:
    _require_same("method", one.method, other.method)


def match_path(one: Request, other: Request) -> None:
    paths = (comparable(urlsplit(each.uri).path, is_numbered=False) for each in (one, other))
    _require_same("path", *paths)


def match_query(one: Request, other: Request) -> None:
    queries = (comparable(urlsplit(each.uri).query, is_numbered=False) for each in (one, other))
    _require_same("query", *queries)


def match_soap_action(one: Request, other: Request) -> None:
    actions = (header_of(request.headers, "soapaction").strip('"') for request in (one, other))
    _require_same("SOAPAction", *actions)


def match_body(one: Request, other: Request) -> None:
    bodies = (
        comparable(canonical(request.body or b"", header_of(request.headers, "content-type")))
        for request in (one, other)
    )
    _require_same("body", *bodies)


MATCHERS: Mapping[str, Callable[[Request, Request], None]] = {
    "esignwire_method": match_method,
    "esignwire_path": match_path,
    "esignwire_query": match_query,
    "esignwire_soap_action": match_soap_action,
    "esignwire_body": match_body,
}
"""What two scrubbed requests must have in common, by the names that vcrpy tells. Each raises
``AssertionError``, which says where they differ."""


def _require_same(what: str, first: str, second: str) -> None:
    if first != second:
        pairs = enumerate(zip(first, second, strict=False))
        begin = next((place for place, (one, other) in pairs if one != other), 0)
        shown = slice(max(0, begin - _CONTEXT), begin + _CONTEXT)
        # vcrpy tells a match from a mismatch by this exception.
        raise AssertionError(f"the {what} differs: {first[shown]!r} and {second[shown]!r}")
