"""Exchanges: the last requests and answers, kept in memory to be looked at, and shown masked."""

from __future__ import annotations

import itertools
import json
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from lxml import etree

from esignwire.emulator._wire import (
    Blob,
    FormRefused,
    MultipartRefused,
    WireAnswer,
    WireRequest,
    XmlLimits,
    XmlRefused,
    elements,
    local_name,
    read_form,
    read_media_type,
    read_parts,
    read_xml,
    transcode,
)

__all__ = ["Exchange", "Exchanges"]

_MASK = "•••"
_MOST = 200
_LARGEST = 64 * 1024
_SHORTEST_SECRET = 4
_LIMITS = XmlLimits()


@dataclass(frozen=True, slots=True)
class _Body:
    media_type: str
    size: int
    # What is large is not kept.
    content: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer.

    Args:
        number: Counted from 1.
        moment: When the request had come.
        vendor: The vendor.
        operation: What was played.
        outcome: How it ended.
        status: The HTTP status; ``None`` where the connection was closed.
        fault: The name of the fault that was ordered.
        request: The body of the request.
        answer: The body of the answer.
    """

    number: int
    moment: datetime
    vendor: str
    operation: str
    outcome: str
    status: int | None
    fault: str | None
    request: _Body
    answer: _Body | None

    def mentions(self, identifier: str) -> bool:
        """Tell whether an identifier stands in either body."""
        wanted = identifier.encode()
        bodies = (self.request, self.answer)
        return any(one is not None and wanted in (one.content or b"") for one in bodies)

    def shown(self, sensitive: frozenset[str]) -> tuple[str, str]:
        """Write request and answer for people, without what the schemas mark as secret.

        ``sensitive`` are the names in lower case.
        """
        mask = _Mask(sensitive)
        request = mask.text(self.request)
        answer = "The connection was closed." if self.answer is None else mask.text(self.answer)
        # A text of the answer may quote a secret of the request.
        return mask.without_secrets(request), mask.without_secrets(answer)


class Exchanges:
    """The last exchanges, the newest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Exchange] = deque(maxlen=_MOST)
        self._numbers = itertools.count(1)

    def add(
        self,
        moment: datetime,
        vendor: str,
        request: WireRequest,
        answer: WireAnswer | None,
        fault: str | None,
    ) -> None:
        """Keep an exchange; the oldest makes room for it. Large bodies are not kept."""
        with self._lock:
            self._kept.appendleft(
                Exchange(
                    number=next(self._numbers),
                    moment=moment,
                    vendor=vendor,
                    operation=answer.operation if answer else "-",
                    outcome=answer.outcome if answer else "closed",
                    status=answer.status if answer else None,
                    fault=fault,
                    request=_Body(
                        request.headers.get("content-type", ""),
                        request.content.size,
                        request.content.read() if request.content.size <= _LARGEST else None,
                    ),
                    answer=_body(answer) if answer else None,
                )
            )

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()

    def find(self, number: int) -> Exchange | None:
        """Find an exchange by its number."""
        return next((one for one in self if one.number == number), None)

    def __iter__(self) -> Iterator[Exchange]:
        with self._lock:
            return iter(list(self._kept))


def _body(answer: WireAnswer) -> _Body:
    content = answer.content
    if answer.size > _LARGEST:
        return _Body(answer.media_type, answer.size, None)
    whole = content if isinstance(content, bytes) else b"".join(content.chunks())
    return _Body(answer.media_type, answer.size, whole)


class _Mask:
    """Writes bodies without secrets, and remembers the secrets."""

    def __init__(self, sensitive: frozenset[str]) -> None:
        self._sensitive = sensitive
        self._secrets: set[str] = set()

    def text(self, body: _Body) -> str:
        """Write a body. What cannot be read cannot be masked and is not shown."""
        if not body.size:
            return "Nothing."
        untold = f"{body.size:,} bytes of {body.media_type or 'no type'}, not shown."
        if body.content is None:
            return untold
        try:
            return self._read(body.media_type, Blob.of(body.content)) or untold
        except (FormRefused, MultipartRefused, XmlRefused, ValueError, RecursionError):
            return untold

    def without_secrets(self, text: str) -> str:
        """Mask the secrets that a text quotes."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, _MASK)
        return text

    def _read(self, media_type: str, content: Blob) -> str | None:
        kind = read_media_type(media_type)
        match kind.name:
            case "text/xml" | "application/xop+xml":
                return self._xml(content)
            case "multipart/related":
                first = next(iter(read_parts(content, kind.parameters.get("boundary", ""))))
                return self._xml(first.content)
            case "application/x-www-form-urlencoded":
                fields = {one.name: one for one in read_form(content)}
                message = Blob.of(b"".join(fields["request"].chunks())) if fields else Blob.of(b"")
                method = fields["method"].text(_LARGEST) if "method" in fields else ""
                return f"method={method}\n\n{self._xml(message)}"
            case "application/json":
                document: object = json.loads(content.read())
                masked = self._json(document)
                return json.dumps(masked, indent=2, ensure_ascii=False)
            case "text/plain" | "text/html":
                return content.read().decode("utf-8", "replace")
            case _:
                return None

    def _xml(self, content: Blob) -> str:
        root, _ = read_xml(transcode(content.chunks()), frozenset(), _LIMITS, _LARGEST)
        for element in list(root.iter(etree.Element)):
            for name, value in element.attrib.items():
                if etree.QName(str(name)).localname.lower() in self._sensitive:
                    element.set(str(name), self._masked(str(value)))
            is_leaf = not list(elements(element))
            if is_leaf and element.text and local_name(element).lower() in self._sensitive:
                element.text = self._masked(element.text)
        etree.indent(root)
        return etree.tostring(root, encoding="unicode")

    def _json(self, value: object) -> object:
        if isinstance(value, list):
            return [self._json(one) for one in cast("list[object]", value)]
        if not isinstance(value, dict):
            return value
        masked: dict[str, object] = {}
        for name, one in cast("dict[str, object]", value).items():
            is_token = name == "ReturnValue" and one not in {"True", "False", None}
            if is_token or (name.lower() in self._sensitive and one is not None):
                masked[name] = self._masked(one if isinstance(one, str) else "")
            else:
                masked[name] = self._json(one)
        return masked

    def _masked(self, value: str) -> str:
        if len(value.strip()) >= _SHORTEST_SECRET:
            self._secrets.add(value.strip())
        return _MASK
