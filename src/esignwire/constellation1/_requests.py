"""Writes what is sent as JSON, in the form that .NET services read."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import cast

from esignwire.constellation1._dates import write_date
from esignwire.constellation1.models import Session
from esignwire.constellation1.settings import JsonForm

__all__ = ["create_session_body"]

_NUMBERS = tuple(b"%d" % number for number in range(256))
_PIECE = 64 * 1024
_DATE = re.compile(r'"/Date\((-?\d+)\)/"')


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


class _Writer:
    def __init__(self, form: JsonForm) -> None:
        self._form = form
        # Nobody can send a text that looks like our mark, because nobody can know it.
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
