"""Requests to Constellation1: addresses, headers, and JSON as .NET services read it."""

from __future__ import annotations

import base64
import json
import re
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import NoReturn, cast
from urllib.parse import unquote
from uuid import UUID

from esignwire._call import Call
from esignwire._http import check_url
from esignwire._json import (
    Arguments,
    Authorization,
    MapForm,
    Operation,
    Reading,
    Sent,
    secrets_of,
    write_date,
)
from esignwire.constellation1.settings import JsonForm
from esignwire.errors import ConfigurationError, InvalidRequest
from esignwire_generated.constellation1.models import AuthenticationMethod
from esignwire_generated.constellation1.names import SENSITIVE, VENDOR

__all__ = [
    "Request",
    "base_of",
    "new_salt",
    "raw_request",
    "request_of",
    "require_kind",
    "take_arguments",
]

_NUMBERS = tuple(b"%d" % number for number in range(256))
_PIECE = 64 * 1024
_DEEPEST = 100
_SHOWN_PATH = 60
_REST_END = re.compile(r"/rest(/v\d+)?\Z", re.IGNORECASE)
_RAW_PATH = re.compile(r"/?(?P<path>v\d+/[A-Za-z0-9._~!$&'()*+,;=:@%/-]+(?:\?[^\s#]*)?)", re.ASCII)
_METHODS = frozenset({"DELETE", "GET", "PATCH", "POST", "PUT"})
_SALT_CHARACTERS = string.ascii_letters + string.digits
# As long as the salt in the vendor's sample.
_SALT_LENGTH = 43


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that waits for its token.

    Args:
        call: The call.
        method: The HTTP method.
        url: The address. It may hold secrets.
        shown_url: The address with its secrets masked; ``None`` where none are known.
        content: The body.
        reading: How the answer is read.
        authorization: What the header holds.
        is_once: Whether a second call would make a second thing.
        hidden: What holds its secrets: models, and texts that are secret as a whole.
        salt: What secrets in the header are encrypted with.
        password: The password in the header.
    """

    call: Call
    method: str
    url: str = field(repr=False)
    shown_url: str | None = None
    content: bytes = field(repr=False)
    reading: Reading
    authorization: Authorization = "token"
    is_once: bool
    hidden: tuple[Sent | str, ...] = field(repr=False)
    salt: str = field(repr=False, default="")
    password: str = field(repr=False, default="")


def base_of(url: str) -> str:
    """The address below which all calls stand, which ends in ``/rest``.

    The vendor's pages give a base that ends in ``/rest`` and paths that begin with ``rest/``; that
    the two overlap, and that it is written once, is inferred from its samples.

    Raises:
        ConfigurationError: The address cannot be used, or has a query.
    """
    check_url(url, vendor=VENDOR)
    if "?" in url:
        raise ConfigurationError("the URL must not hold a query (?)", vendor=VENDOR)
    return f"{_REST_END.sub('', url.rstrip('/'))}/rest"


def new_salt() -> str:
    """A new salt: letters and digits, as in the vendor's sample."""
    return "".join(secrets.choice(_SALT_CHARACTERS) for _ in range(_SALT_LENGTH))


def take_arguments(
    operation: Operation, arguments: Mapping[str, object], user_name: str
) -> Arguments:
    """Takes the arguments of a call, and fills in what the client knows.

    Raises:
        InvalidRequest: An argument is missing or cannot be sent.
    """
    filled = {
        name: new_salt() if what == "salt" else user_name
        for name, what in operation.account.items()
        if arguments.get(name) is None
    }
    taken = operation.arguments.of({**arguments, **filled})
    taken.check_days(datetime.now(UTC), operation.name)
    return taken


def request_of(operation: Operation, arguments: Arguments, base: str, form: JsonForm) -> Request:
    """Writes the request of a call; ``form`` says how values are written that are not documented.

    Raises:
        InvalidRequest: A value has no form in JSON.
    """
    members = operation.content(arguments)
    return Request(
        call=Call(
            vendor=VENDOR,
            operation=operation.name,
            is_safe=operation.is_safe,
            reference=operation.reference_of(arguments),
        ),
        method=operation.method,
        url=operation.address(base, arguments),
        shown_url=operation.address(base, arguments, is_masked=True),
        content=_write(members, form, operation.name) if members else b"",
        reading=operation.reading,
        authorization=operation.authorization,
        is_once=operation.is_once,
        hidden=(arguments,),
        salt=str(getattr(arguments, "salt", "")),
        password=str(getattr(arguments, "password", "")),
    )


def require_kind(value: object, kinds: tuple[type, ...], name: str, operation: str | None) -> None:
    """Refuses an argument of another kind; it may be left out.

    Args:
        value: What the caller gave.
        kinds: What it must be.
        name: The argument.
        operation: The operation, for the error.

    Raises:
        InvalidRequest: It is something else.
    """
    if value is not None and not isinstance(value, kinds):
        due = " or a ".join(kind.__name__ for kind in kinds)
        rule = f"must be a {due}; a {type(value).__name__} was given"
        raise _refused(name, rule, None, operation)


def raw_request(
    method: str, path: str, members: Mapping[str, object] | None, base: str, form: JsonForm
) -> Request:
    """Writes the request of a call that the schema does not know.

    ``path`` stands below the vendor's address, with its query, such as ``v1/clientgroups``.

    Raises:
        InvalidRequest: The method, the path or a value of the body cannot be sent.
    """
    name = "call"
    for argument, text in (("method", method), ("path", path)):
        if not isinstance(cast("object", text), str):
            raise _refused(argument, "must be a text", None, name)
    if members is not None and not isinstance(cast("object", members), Mapping):
        rule = f"must be a mapping of the members of the body; a {type(members).__name__} was given"
        raise _refused("json", rule, None, name)
    if method not in _METHODS:
        raise _refused("method", f"must be one of {' '.join(sorted(_METHODS))}", method, name)
    found = _RAW_PATH.fullmatch(path)
    if found is None or any(unquote(part) in {".", ".."} for part in path.split("/")):
        rule = "must be a percent-encoded path below the vendor's address, such as v1/clientgroups"
        raise _refused("path", rule, None, name)
    is_safe = method == "GET"
    return Request(
        call=Call(
            vendor=VENDOR,
            operation=f"{method} {found['path'].partition('?')[0]}",
            is_safe=is_safe,
        ),
        method=method,
        url=f"{base}/{found['path']}",
        content=b"" if members is None else _write(members, form, name),
        reading="list",
        is_once=not is_safe,
        hidden=tuple(_named_secrets(members)),
    )


def _named_secrets(value: object, *, is_secret: bool = False) -> list[str]:
    """The secrets of a raw body: those of the models in it, and those that bear a secret's name."""
    found = list(secrets_of(value, is_secret=is_secret))
    if isinstance(value, Mapping):
        for name, held in cast("Mapping[str, object]", value).items():
            found += _named_secrets(held, is_secret=is_secret or name in SENSITIVE)
    elif isinstance(value, list | tuple):
        for held in cast("list[object]", value):
            found += _named_secrets(held, is_secret=is_secret)
    return found


def _write(members: Mapping[str, object], form: JsonForm, operation: str) -> bytes:
    """Writes a body: JSON in UTF-8. Members that were not given are left out."""
    body = bytearray()
    _Writer(body, form, operation).append(members, None, "")
    return bytes(body)


class _Writer:
    """Writes one body."""

    def __init__(self, body: bytearray, form: JsonForm, operation: str) -> None:
        self._body = body
        self._form = form
        self._operation = operation

    def append(self, value: object, mark: MapForm | None, path: str) -> None:
        if path.count("/") > _DEEPEST:
            self._refuse(f"{path[:_SHOWN_PATH]}...", "is nested too deeply")
        match value:
            case None | bool():
                self._body += json.dumps(value).encode()
            case Enum():
                self._append_enumeration(value, path)
            case str() | UUID():
                self._append_text(str(value), path)
            case int() | float():
                try:
                    self._body += json.dumps(value, allow_nan=False).encode()
                except ValueError:
                    self._refuse(path, "must be a finite number")
            case bytes():
                self._append_file(value)
            case datetime():
                self._append_date(value, path)
            case Sent():
                self._append_object(value, path)
            case Mapping():
                self._append_mapping(cast("Mapping[object, object]", value), mark, path)
            case tuple() | list():
                for index, item in enumerate(cast("list[object]", value)):
                    self._body += b"," if index else b"["
                    self.append(item, None, f"{path}/{index}")
                self._body += b"]" if value else b"[]"
            case _:
                self._refuse(path, f"has no form in JSON: {type(value).__name__}")

    def _append_enumeration(self, value: Enum, path: str) -> None:
        if isinstance(value, AuthenticationMethod) and self._form.enumerations == "numbers":
            self._refuse(
                path,
                "must be the number of the method, which the vendor does not document, since"
                " json_form writes enumerations as numbers",
            )
        self.append(cast("object", value.value), None, path)

    def _append_text(self, text: str, path: str) -> None:
        try:
            self._body += json.dumps(text, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            self._refuse(path, "holds a lone surrogate, which is no character")

    def _append_date(self, moment: datetime, path: str) -> None:
        if moment.tzinfo is None:
            self._refuse(path, "must have a time zone")
        text = write_date(moment, self._form.dates)
        if self._form.dates == "milliseconds":
            # .NET tells a date from a text by the escaped slashes; to other readers they are plain.
            text = text.replace("/", r"\/")
        self._body += f'"{text}"'.encode()

    def _append_object(self, model: Sent, path: str) -> None:
        fields = type(model).model_fields
        separator = b"{"
        for name, held in model:
            if held is None:
                continue
            known = fields.get(name)
            alias = name if known is None else known.alias or name
            metadata = [] if known is None else known.metadata
            mark = next((one for one in metadata if isinstance(one, MapForm)), None)
            self._append_member(separator, alias, held, mark, path)
            separator = b","
        self._body += b"{}" if separator == b"{" else b"}"

    def _append_mapping(
        self, value: Mapping[object, object], mark: MapForm | None, path: str
    ) -> None:
        form = {"properties": self._form.properties, "mapping": self._form.mappings}
        if mark is not None and form[mark.kind] == "pairs":
            self.append([_pair(key, held) for key, held in value.items()], None, path)
            return
        separator = b"{"
        for key, held in value.items():
            if not isinstance(key, str):
                self._refuse(path, "must have texts as the names of its members")
            self._append_member(separator, key, held, None, path)
            separator = b","
        self._body += b"{}" if separator == b"{" else b"}"

    def _append_member(
        self, separator: bytes, name: str, value: object, mark: MapForm | None, path: str
    ) -> None:
        self._body += separator
        inner = f"{path}/{name}" if path else name
        self._append_text(name, path)
        self._body += b":"
        self.append(value, mark, inner)

    def _append_file(self, content: bytes) -> None:
        if self._form.file_bytes == "base64":
            self._body += b'"' + base64.b64encode(content) + b'"'
            return
        self._body += b"["
        # Piece by piece: a list of all the numbers would take many times the size of the file.
        for start in range(0, len(content), _PIECE):
            if start:
                self._body += b","
            self._body += b",".join([_NUMBERS[byte] for byte in content[start : start + _PIECE]])
        self._body += b"]"

    def _refuse(self, path: str, rule: str) -> NoReturn:
        shown = path.encode("utf-8", "replace").decode() or "json"
        raise _refused(shown, rule, None, self._operation)


def _pair(key: object, value: object) -> dict[str, object]:
    return {"Key": key, "Value": value}


def _refused(name: str, rule: str, value: str | None, operation: str | None) -> InvalidRequest:
    return InvalidRequest(
        f"{name} {rule}; nothing was sent",
        path=name,
        value=value,
        rule=rule,
        vendor=VENDOR,
        operation=operation,
    )
