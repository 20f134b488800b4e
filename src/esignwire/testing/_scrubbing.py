"""Scrubbing of recorded requests and responses: secrets go, by the tables of the schemas.

What is masked keeps its form, a GUID that of a GUID and base64 that of base64, so that a masked
answer can still be read by a client.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit, urlunsplit

from esignwire._secrets import MASK
from esignwire.testing._redaction import Redactor
from esignwire_generated.assuresign.names import SENSITIVE as ASSURESIGN
from esignwire_generated.constellation1.names import SECRET_ANSWERS
from esignwire_generated.constellation1.names import SENSITIVE as CONSTELLATION1
from esignwire_generated.signix.names import SENSITIVE as SIGNIX

__all__ = ["scrub_body", "scrub_headers", "scrub_uri"]

# Headers are kept by name; everything else, Authorization and Set-Cookie above all, is left out.
_KEPT_HEADERS = frozenset({"content-type", "location", "retry-after", "soapaction"})

_GUID_MASK = "00000000-0000-4000-8000-000000000000"
_BASE64_MASK = "Kioq"
_ENCRYPT = re.compile(r"(?P<before>/encrypt)/[^/]*/[^/]*\Z", re.IGNORECASE)
_SALT = re.compile(
    r"(?P<before>/(?:gettoken|(?:tokenusernamepassword|authenticateuser)/[^/]*))/[^/]*\Z",
    re.IGNORECASE,
)
# EncryptString and its like answer with a secret where other calls answer "True".
_SECRET_ANSWER = re.compile(
    "(?:" + "|".join(re.sub(r"\{\w+\}", "[^/]*", path) for path in SECRET_ANSWERS) + r")\Z",
    re.IGNORECASE,
)
_WITH_ANSWER = CONSTELLATION1 | {"ReturnValue"}
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def scrub_uri(uri: str) -> str:
    """Masks what is secret in an address, and leaves out what differs from run to run.

    Args:
        uri: The address.

    Returns:
        The address. Constellation1's API key and salt are masked; an emulator's port, which is
        another each time, is left out.
    """
    parts = urlsplit(uri)
    path = _SALT.sub(rf"\g<before>/{MASK}", parts.path)
    path = _ENCRYPT.sub(rf"\g<before>/{MASK}/{MASK}", path)
    host = "127.0.0.1" if parts.hostname in _LOOPBACK else parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, path, parts.query, ""))


def scrub_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Keeps the headers that matter and hold no secret.

    Args:
        headers: The headers.

    Returns:
        Those that are kept, in the order of their names.
    """
    return {name: value for name, value in sorted(headers.items()) if name.lower() in _KEPT_HEADERS}


def scrub_body(content: bytes, uri: str) -> bytes:
    """Masks what the schemas mark as sensitive.

    Args:
        content: The body of a request or of a response.
        uri: The address that it was sent to or comes from, which tells the vendor.

    Returns:
        The body, with masks in place of secrets.
    """
    path = urlsplit(uri).path.lower()
    if "/rest/v1/" in path or "/rest/v2/" in path:
        is_secret = _SECRET_ANSWER.search(path) is not None
        names = _WITH_ANSWER if is_secret else CONSTELLATION1
        return Redactor(names, masks_objects=True).redact(content)
    if ".svc" in path:
        return _redactor("assuresign").redact(content)
    if "sdddc" in path:
        return _redactor("signix").redact(content)
    return _redactor("").redact(content)


@functools.cache
def _redactor(vendor: str) -> Redactor:
    match vendor:
        case "assuresign":
            return Redactor(ASSURESIGN, _masks("assuresign", ASSURESIGN))
        case "signix":
            return Redactor(SIGNIX, _masks("signix", SIGNIX))
        case _:
            return Redactor(ASSURESIGN | SIGNIX | _WITH_ANSWER)


def _masks(vendor: str, sensitive: frozenset[str]) -> dict[str, str]:
    masks: dict[str, str] = {}
    for field in _fields(vendor):
        name = str(field.metadata.get("name", ""))
        if name not in sensitive:
            continue
        # Where a name has several types, the mask of a GUID wins over that of base64.
        if "UUID" in str(field.type):
            masks[name] = _GUID_MASK
        elif field.metadata.get("format") == "base64":
            masks.setdefault(name, _BASE64_MASK)
    return masks


def _fields(vendor: str) -> Iterator[dataclasses.Field[object]]:
    """Each member of each message."""
    package = importlib.import_module(f"esignwire_generated.{vendor}.types")
    for module_info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{module_info.name}")
        for kind in vars(module).values():
            if isinstance(kind, type) and dataclasses.is_dataclass(kind):
                yield from dataclasses.fields(kind)
