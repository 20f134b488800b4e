"""Bodies as people read them: indented XML, JSON, the fields of a form; and as they compare.

Indentation is the one thing that is added, and only between elements that hold no text. Where a
body is none of these, it is kept as text, and as base64 where it is not even that.
"""

from __future__ import annotations

import base64
import json
from typing import TypeAlias, cast
from urllib.parse import parse_qsl, urlencode

from lxml import etree

from esignwire._xml import Element

__all__ = ["Readable", "canonical", "from_readable", "to_readable"]

Readable: TypeAlias = "str | dict[str, object]"
"""Text as it is, or one of ``{"xml": text}``, ``{"json": value}``, ``{"form": fields}`` and
``{"base64": text}``."""

_FORM = "application/x-www-form-urlencoded"
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def to_readable(content: bytes, content_type: str = "") -> Readable:
    """Writes a body for people.

    Args:
        content: The body.
        content_type: Its Content-Type, which tells a form from other text.

    Returns:
        The body, from which ``from_readable`` makes one of the same meaning.
    """
    if content_type.partition(";")[0].strip().lower() == _FORM:
        try:
            fields = parse_qsl(
                content.decode("ascii"),
                keep_blank_values=True,
                strict_parsing=True,
                errors="strict",
            )
        except ValueError:
            pass
        else:
            if len({name for name, _ in fields}) == len(fields):
                return {"form": {name: _text_to_readable(value) for name, value in fields}}
    root = _xml(content)
    if root is not None:
        etree.indent(root)
        return {"xml": etree.tostring(root, encoding="unicode") + "\n"}
    try:
        return _text_to_readable(content.decode("utf-8"))
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode("ascii")}


def _text_to_readable(text: str) -> Readable:
    root = _xml(text.encode("utf-8", "surrogatepass"))
    if root is not None:
        etree.indent(root)
        return {"xml": etree.tostring(root, encoding="unicode") + "\n"}
    if text.lstrip()[:1] in {"{", "["}:
        try:
            return {"json": json.loads(text)}
        except ValueError:
            pass
    return text


def from_readable(readable: Readable) -> bytes:
    """Makes a body of what was written for people.

    Args:
        readable: What ``to_readable`` wrote.

    Returns:
        A body of the same meaning, in UTF-8.

    Raises:
        ValueError: It is nothing of the kind.
    """
    if isinstance(readable, str):
        return readable.encode("utf-8")
    match readable:
        case {"xml": str(text)}:
            return (_DECLARATION + text.rstrip("\n")).encode("utf-8")
        case {"json": value}:
            return json.dumps(value, ensure_ascii=False).encode("utf-8")
        case {"base64": str(text)}:
            return base64.b64decode(text, validate=True)
        case {"form": fields}:
            pairs = [(name, from_readable(value)) for name, value in _fields(fields).items()]
            return urlencode(pairs).encode("ascii")
        case _:
            raise ValueError("a body must be text, or one of xml, json, form and base64")


def _fields(form: object) -> dict[str, Readable]:
    if not isinstance(form, dict):
        raise ValueError("a form must have fields")  # noqa: TRY004 - it was read from a file
    return cast("dict[str, Readable]", form)


def canonical(content: bytes, content_type: str = "") -> object:
    """Makes bodies comparable: those of one meaning become equal.

    Args:
        content: The body.
        content_type: Its Content-Type.

    Returns:
        Canonical XML without the blanks between elements, a JSON value, the fields of a form, or
        the body as it is.
    """
    readable = to_readable(content, content_type)
    if not isinstance(readable, dict):
        return readable
    match readable:
        case {"xml": str(text)}:
            return _canonical_xml(text)
        case {"form": fields}:
            return {
                name: _canonical_xml(str(value["xml"]))
                if isinstance(value, dict) and "xml" in value
                else value
                for name, value in _fields(fields).items()
            }
        case _:
            return readable


def _canonical_xml(text: str) -> object:
    root = _xml(text.encode("utf-8"))
    return text if root is None else etree.tostring(root, method="c14n2")


def _xml(content: bytes) -> Element | None:
    """Parses XML and takes the blanks between its elements out; ``None`` where it is none."""
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    # Comments and a DTD outside of the root element would be lost.
    if b"<!DOCTYPE" in content or root.getprevious() is not None:
        return None
    for element in root.iter("*"):
        children = list(element)
        if children and not any(
            (text or "").strip() for text in (element.text, *(child.tail for child in children))
        ):
            element.text = None
            for child in children:
                child.tail = None
    return root
