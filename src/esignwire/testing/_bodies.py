"""Bodies as people read them: indented XML, JSON, the fields of a form, the parts of a package.

Indentation is the one thing that is added, and only between elements that hold no text.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from email import message_from_bytes
from email.message import Message
from typing import TypeAlias, cast
from urllib.parse import parse_qsl, urlencode

from lxml import etree

from esignwire._xml import Element

__all__ = [
    "FORM",
    "PACKAGE_TYPE",
    "Readable",
    "canonical",
    "from_readable",
    "media_type",
    "package",
    "parse_form",
    "parse_json",
    "parse_package",
    "parse_xml",
    "to_readable",
    "xml_bytes",
]

Readable: TypeAlias = "str | dict[str, object]"
"""Text as it is, or one of ``{"xml": text}``, ``{"json": value}``, ``{"form": fields}``,
``{"package": parts}`` and ``{"base64": text}``."""

FORM = "application/x-www-form-urlencoded"
_PACKAGE = "multipart/related"
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_BOUNDARY = "esignwire"
# Clients read nothing that is nested deeper either.
_DEEPEST = 100
PACKAGE_TYPE = (
    f'{_PACKAGE}; type="application/xop+xml"; start="<part0@{_BOUNDARY}>";'
    f' start-info="text/xml"; boundary="{_BOUNDARY}"'
)
"""The Content-Type of what ``package`` makes."""


def media_type(content_type: str) -> str:
    """The media type of a Content-Type, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def parse_xml(content: bytes, charset: str | None = None) -> Element | None:
    """Parses XML that has no DTD; ``None`` where it is none.

    Comments, processing instructions and the blanks between elements are left out.
    """
    try:
        if charset is not None:
            # libxml2 knows fewer names of encodings than Python does.
            content = content.decode(charset).lstrip("\ufeff").encode("utf-8")
        parser = etree.XMLParser(
            encoding=None if charset is None else "utf-8",
            resolve_entities=False,
            no_network=True,
            huge_tree=True,
            remove_comments=True,
            remove_pis=True,
        )
        root = etree.fromstring(content.lstrip(b" \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None
    if root.getroottree().docinfo.internalDTD is not None:
        return None
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _DEEPEST:
            return None
    for element in root.iter("*"):
        children = list(element)
        texts = (element.text, *(child.tail for child in children))
        if children and not any((text or "").strip() for text in texts):
            element.text = None
            for child in children:
                child.tail = None
    return root


def xml_bytes(root: Element) -> bytes:
    """Writes XML in UTF-8, with a declaration."""
    return (_DECLARATION + etree.tostring(root, encoding="unicode")).encode("utf-8")


def parse_json(content: bytes | str) -> tuple[object] | None:
    """Parses JSON in UTF-8; the value comes in a tuple, ``None`` where it is none."""
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    level = [value]
    for _ in range(_DEEPEST):
        level = [one for held in level for one in _held(held)]
        if not level:
            return (value,)
    return None


def _held(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return cast("dict[str, object]", value).values()
    return cast("list[object]", value) if isinstance(value, list) else ()


def parse_form(content: bytes) -> dict[str, str] | None:
    """Parses a form whose fields have names of their own; ``None`` where it is none."""
    try:
        fields = parse_qsl(
            content.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict"
        )
    except ValueError:
        return None
    names = dict(fields)
    return names if len(names) == len(fields) else None


def parse_package(content: bytes, content_type: str) -> list[tuple[str, bytes]] | None:
    """Takes a multipart/related body apart; ``None`` where it is none.

    The Content-IDs of the parts come with their contents, the root first.
    """
    head = f"Content-Type: {content_type}\r\n\r\n".encode("utf-8", "replace")
    message = message_from_bytes(head + content)
    if not message.is_multipart() or message.defects:
        return None
    parts: list[tuple[str, bytes]] = []
    for part in cast("list[Message]", message.get_payload()):
        body = part.get_payload(decode=True)
        if not isinstance(body, bytes):
            return None
        parts.append((str(part.get("Content-ID", "")).strip().strip("<>"), body))
    start = str(message.get_param("start") or "").strip().strip("<>")
    # Python keeps the order of what is equal.
    return sorted(parts, key=lambda part: bool(start) and part[0] != start) if parts else None


def package(parts: list[bytes]) -> bytes:
    """Makes a multipart/related body, whose n-th part has the Content-ID ``partN@esignwire``.

    The root comes first. The Content-Type is ``PACKAGE_TYPE``.
    """
    body = b""
    for number, content in enumerate(parts):
        kind = "application/octet-stream"
        if number == 0:
            kind = 'application/xop+xml; charset=utf-8; type="text/xml"'
        body += (
            f"--{_BOUNDARY}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: binary\r\n"
            f"Content-ID: <part{number}@{_BOUNDARY}>\r\n\r\n"
        ).encode("ascii")
        body += content + b"\r\n"
    return body + f"--{_BOUNDARY}--\r\n".encode("ascii")


def to_readable(content: bytes, content_type: str = "") -> Readable:
    """Writes a body in UTF-8 for people, which ``from_readable`` turns back into a body."""
    kind = media_type(content_type)
    if kind == FORM and (fields := parse_form(content)) is not None:
        return {"form": {name: _text_to_readable(value) for name, value in fields.items()}}
    if kind == _PACKAGE and (parts := parse_package(content, content_type)) is not None:
        return {"package": [to_readable(part) for _, part in parts]}
    try:
        return _text_to_readable(content.decode("utf-8"))
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode("ascii")}


def _text_to_readable(text: str) -> Readable:
    begin = text.lstrip("\ufeff \t\r\n")[:1]
    if begin == "<" and b"<!--" not in (content := text.encode("utf-8", "surrogatepass")):
        root = parse_xml(content)
        if root is not None:
            etree.indent(root)
            return {"xml": etree.tostring(root, encoding="unicode") + "\n"}
    if begin in {"{", "["} and (found := parse_json(text)) is not None:
        return {"json": found[0]}
    return text


def from_readable(readable: Readable) -> bytes:
    """Makes a body in UTF-8 of what was written for people.

    Raises:
        ValueError: It is nothing of the kind.
    """
    if isinstance(readable, str):
        return readable.encode("utf-8")
    match readable:
        case {"xml": str(text)}:
            return (_DECLARATION + text.rstrip("\n")).encode("utf-8")
        case {"json": value}:
            return json.dumps(value).encode("ascii")
        case {"base64": str(text)}:
            return base64.b64decode(text, validate=True)
        case {"form": fields}:
            values = [(name, from_readable(value)) for name, value in _fields(fields).items()]
            return urlencode(values).encode("ascii")
        case {"package": parts}:
            return package([from_readable(part) for part in _parts(parts)])
        case _:
            raise ValueError("a body must be text, or one of xml, json, form, package and base64")


def _fields(form: object) -> dict[str, Readable]:
    if not isinstance(form, dict):
        raise ValueError("a form must have fields")  # noqa: TRY004 - it was read from a file
    return cast("dict[str, Readable]", form)


def _parts(parts: object) -> list[Readable]:
    if not isinstance(parts, list):
        raise ValueError("a package must have parts")  # noqa: TRY004 - it was read from a file
    return cast("list[Readable]", parts)


def canonical(content: bytes, content_type: str = "") -> str:
    """Makes bytes comparable: those of one meaning become equal.

    They become canonical XML without the blanks between elements, JSON with sorted members, or the
    fields of a form or the parts of a package in these forms.
    """
    return _canonical(to_readable(content, content_type))


def _canonical(readable: Readable) -> str:
    if isinstance(readable, str):
        return readable
    match readable:
        case {"xml": str(text)}:
            root = parse_xml(text.encode("utf-8"))
            return text if root is None else etree.tostring(root, method="c14n2").decode("utf-8")
        case {"form": fields}:
            lines = [f"{name}={_canonical(value)}" for name, value in _fields(fields).items()]
            return "\n".join(lines)
        case {"package": parts}:
            texts = [_canonical(one) for one in _parts(parts)]
            # In base64 the mask of a document is another than that of a text with the same number.
            coded = (base64.b64encode(one.encode("utf-8")).decode("ascii") for one in texts[1:])
            return "\n".join([*texts[:1], *coded])
        case _:
            return json.dumps(readable, sort_keys=True, ensure_ascii=False)
