"""The search for secrets in cassettes, in whatever form they stand there."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

import yaml

__all__ = ["leaks"]


def forms_of(secret: str | bytes) -> Iterator[str]:
    """Every form in which a secret might stand in a text."""
    content = secret if isinstance(secret, bytes) else secret.encode("utf-8")
    # Base64 of something longer that holds the secret: the middle is the same at each alignment.
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + content).decode("ascii")
        middle = encoded[4 if shift else 0 : len(encoded) // 4 * 4 - 4]
        if len(middle) >= 8:
            yield middle
            yield middle.replace("+", "-").replace("/", "_")
    yield content.hex()
    if isinstance(secret, bytes):
        yield json.dumps(list(content))[1:-1]
        return
    plain = {secret, secret.lower(), secret.upper()}
    once = {form for text in plain for form in _escaped(text)}
    # A form holds XML, which holds JSON: what is escaped may be escaped again.
    yield from plain | once | {form for text in once for form in _escaped(text)}


def _escaped(text: str) -> Iterator[str]:
    yield urllib.parse.quote(text, safe="")
    yield urllib.parse.quote(text)
    yield urllib.parse.quote_plus(text)
    yield escape(text)
    yield quoteattr(text)[1:-1]
    yield html.escape(text)
    yield json.dumps(text)[1:-1]


def leaks(text: str, secrets: Iterable[str | bytes]) -> list[str]:
    """The forms of secrets that stand in a text, in YAML's own or in another spelling."""
    decoded = "\n".join(_texts(yaml.safe_load(text)))
    places = [text, decoded, urllib.parse.unquote_plus(decoded), html.unescape(decoded)]
    places += [place.lower() for place in places]
    return [
        form
        for secret in secrets
        for form in forms_of(secret)
        if any(form in place for place in places)
    ]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield str(name)
            yield from _texts(member)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    else:
        yield str(value)
