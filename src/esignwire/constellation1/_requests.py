"""Requests to Constellation1: addresses, checked arguments, and JSON as .NET services read it."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import cast
from urllib.parse import quote, urlsplit
from uuid import UUID

from esignwire._http import check_url
from esignwire.constellation1._json import write_date
from esignwire.constellation1.models import Session
from esignwire.constellation1.names import VENDOR
from esignwire.constellation1.settings import JsonForm
from esignwire.errors import ConfigurationError, InvalidRequest

__all__ = [
    "Addresses",
    "create_session_body",
    "require_return_url",
    "require_session_id",
    "require_user_name",
]

_NUMBERS = tuple(b"%d" % number for number in range(256))

_PIECE = 64 * 1024

_DATE = re.compile(r'"/Date\((-?\d+)\)/"')

_REST_END = re.compile(r"/rest(/v1)?\Z", re.IGNORECASE)


class Addresses:
    """The addresses of the calls.

    The vendor's pages give a base that ends in ``/rest`` and paths that begin with ``rest/``; that
    the two overlap, and that it is written once, is inferred from its samples.

    Args:
        url: The vendor's address, with ``/rest`` at its end or without.

    Raises:
        ConfigurationError: The address cannot be used, or has a query.
    """

    def __init__(self, url: str) -> None:
        check_url(url, vendor=VENDOR)
        if "?" in url:
            raise ConfigurationError("the URL must not hold a query (?)", vendor=VENDOR)
        host = _REST_END.sub("", url.rstrip("/"))
        self.base: str = f"{host}/rest/v1"

    def encrypt(self, plain_text: str, salt: str) -> str:
        """EncryptString. The address holds a secret: it must not be shown."""
        return f"{self.base}/encrypt/{_segment(plain_text)}/{_segment(salt)}"

    def get_token(self, salt: str) -> str:
        """GetToken."""
        return f"{self.base}/gettoken/{_segment(salt)}"

    def sessions(self) -> str:
        """CreateSession."""
        return f"{self.base}/sessions"

    def session(self, session_id: UUID) -> str:
        """GetSession and DeleteSession."""
        return f"{self.base}/sessions/{session_id}"

    def session_step(self, session_id: UUID, step: str, return_url: str | None) -> str:
        """StartSession, CancelSession and CloseSession.

        Args:
            session_id: The session.
            step: ``start``, ``cancel`` or ``close``.
            return_url: The value of ``returnURL``, as the vendor's samples spell it.

        Returns:
            The address.
        """
        address = f"{self.base}/sessions/{session_id}/{step}"
        return address if return_url is None else f"{address}?returnURL={_segment(return_url)}"


def require_session_id(value: UUID | str, operation: str) -> UUID:
    """Takes the id of a session.

    Args:
        value: The id; as a text in any form of a GUID.
        operation: The operation, for the error.

    Returns:
        The id.

    Raises:
        InvalidRequest: It is no GUID, or all zeros.
    """
    try:
        guid = value if isinstance(value, UUID) else UUID(value.strip())
    except ValueError:
        raise _refused(
            "session_id", "must be a GUID, such as CreateSession returns", str(value), operation
        ) from None
    if guid.int == 0:
        raise _refused("session_id", "must not be all zeros", str(guid), operation)
    return guid


def require_return_url(value: str, operation: str) -> str:
    """Takes the host URL.

    Args:
        value: The URL.
        operation: The operation, for the error.

    Returns:
        The same URL.

    Raises:
        InvalidRequest: It is no http or https address. The message does not repeat it: it may hold
            a token.
    """
    try:
        parts = urlsplit(value)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_usable = False
    if not is_usable or any(character.isspace() for character in value) or not value.isprintable():
        raise _refused(
            "return_url", "must be the URL of your host, with http:// or https://", None, operation
        )
    return value


def require_user_name(value: str, operation: str) -> str:
    """Takes the e-mail address of an owner.

    Args:
        value: The address.
        operation: The operation, for the error.

    Returns:
        The same address.

    Raises:
        InvalidRequest: It is blank.
    """
    if not value.strip():
        raise _refused("user_name", "must not be blank", value, operation)
    return value


def create_session_body(user_name: str, session: Session, form: JsonForm) -> bytes:
    """Writes the body of CreateSession.

    Args:
        user_name: The e-mail address of the owner.
        session: The session.
        form: How values are written whose form is not documented.

    Returns:
        JSON in UTF-8. Members that were not given are left out.
    """
    members = session.model_dump(by_alias=True, exclude_none=True)
    return _Writer(form).write({"userName": user_name, "session": members})


class _Writer:
    """Writes one body. Files are put in afterwards, where JSON holds a mark."""

    def __init__(self, form: JsonForm) -> None:
        self._form = form
        # The mark is random, so that no text of a session can look like it.
        self._mark = secrets.token_hex(16)
        self._files: list[bytes] = []

    def write(self, body: Mapping[str, object]) -> bytes:
        text = json.dumps(self._plain(body, ""), ensure_ascii=False)
        # .NET tells a date from a text by the escaped slashes; to any other reader they are plain.
        text = _DATE.sub(r'"\\/Date(\1)\\/"', text)
        result = bytearray()
        pieces = text.split(f'"{self._mark}"')
        for piece, file in zip(pieces, [None, *self._files], strict=True):
            if file is not None:
                _append_file(result, file, self._form)
            result += piece.encode("utf-8", errors="replace")
        return bytes(result)

    def _plain(self, value: object, name: str) -> object:
        match value:
            case bytes():
                self._files.append(value)
                return self._mark
            case datetime():
                return write_date(value, self._form.dates)
            case Enum():
                return cast("object", value.value)
            case Mapping():
                members = cast("Mapping[str, object]", value)
                plain = {key: self._plain(content, key) for key, content in members.items()}
                is_pairs = name == "Properties" or (
                    name == "MergeFieldMapping" and self._form.mappings == "pairs"
                )
                if is_pairs:
                    return [{"Key": key, "Value": content} for key, content in plain.items()]
                return plain
            case tuple() | list():
                return [self._plain(item, "") for item in cast("list[object]", value)]
            case _:
                return value


def _append_file(body: bytearray, content: bytes, form: JsonForm) -> None:
    if form.file_bytes == "base64":
        body += b'"' + base64.b64encode(content) + b'"'
        return
    body += b"["
    # Piece by piece: a list of all the numbers would take many times the size of the file.
    for start in range(0, len(content), _PIECE):
        if start:
            body += b","
        body += b",".join([_NUMBERS[byte] for byte in content[start : start + _PIECE]])
    body += b"]"


def _segment(text: str) -> str:
    # Everything that has a meaning in an address is encoded, the slash too: a key may hold one.
    return quote(text, safe="")


def _refused(name: str, rule: str, value: str | None, operation: str) -> InvalidRequest:
    return InvalidRequest(
        f"{name} {rule}; nothing was sent",
        path=name,
        value=value,
        rule=rule,
        vendor=VENDOR,
        operation=operation,
    )
