"""The redactor, which masks what the schemas mark as sensitive in XML, JSON and form bodies.

XML and forms are scanned and cut, not parsed and written anew: what is not masked stays byte for
byte as it was, and what is not well-formed is masked all the same. JSON is written anew where
something in it is masked. A name marks the value that it carries, which is the text of an element,
an attribute, a JSON member or a form field. An element or a JSON object that only holds others is
left to them, because one name may stand for both: SIGNiX calls the whole of a message ``Data``, and
a document's bytes within it too.
"""

from __future__ import annotations

import codecs
import html
import json
import re
import urllib.parse
from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias, cast
from xml.sax.saxutils import escape

__all__ = ["MASK", "Redactor"]

MASK = "***"

# How many payloads within payloads are followed: a form field may hold XML that holds JSON that
# holds XML.
_DEEPEST = 4

_XML_TOKEN = re.compile(
    r"(?P<comment><!--.*?(?:-->|\Z))"
    r"|(?P<cdata><!\[CDATA\[.*?(?:\]\]>|\Z))"
    r"|(?P<other><[!?][^>]*(?:>|\Z))"
    r"|(?P<close></[^<>]*(?:>|\Z))"
    r"|(?P<open><[^\s<>/=\"'!?](?:\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|[^<>\"'])*(?:>|(?=<)|\Z))"
    r"|(?P<text>[^<]+|<)",
    re.DOTALL,
)
_TAG_NAME = re.compile(r"</?([^\s<>/=\"']+)")
# A name is matched from its beginning and as a whole, so that the time stays linear for any text.
_ATTRIBUTE = re.compile(
    r"(?<![^\s<>/=\"'])(?P<name>[^\s<>/=\"']++)(?P<equals>\s*+=\s*+)"
    r"(?:\"(?P<double>[^\"]*)(?:\"|\Z)|'(?P<single>[^']*)(?:'|\Z)|(?P<bare>[^\s<>\"']+))"
)
_JSON_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")
_FORM = re.compile(r"[A-Za-z0-9_.~+%\-\[\]]+=[^\s<>{}\"]*")

_BOMS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

_Masks: TypeAlias = Mapping[str, str]


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Open:
    """An element that was opened.

    Args:
        name: Its name without a prefix.
        begin: Where its content begins in what is written.
    """

    __slots__ = ("begin", "has_text", "name")

    def __init__(self, name: str, begin: int) -> None:
        self.name = name
        self.begin = begin
        # Whether it holds text of its own, so that it is a value and not only a container.
        self.has_text = False


class Redactor:
    """Masks the values of sensitive names.

    Args:
        sensitive: The names, without prefixes, as the schemas spell them.
        masks: What to write in place of a value, by name; everything else becomes ``***``. It lets
            a masked message keep the form that its reader wants, such as a UUID or base64.
    """

    def __init__(self, sensitive: frozenset[str], masks: _Masks | None = None) -> None:
        self._sensitive = sensitive
        self._masks = dict(masks or {})

    def redact(self, content: bytes) -> bytes:
        """Masks whatever it finds: XML, JSON, a form body, or a text with any of these in it.

        Args:
            content: The bytes, well-formed or not, in an encoding that contains ASCII or in UTF-16.

        Returns:
            The same bytes with the sensitive values masked.
        """
        for mark, encoding in _BOMS:
            if content.startswith(mark):
                text = content[len(mark) :].decode(encoding, "surrogatepass")
                return mark + self._text(text).encode(encoding, "surrogatepass")
        for beginning, encoding in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
            if content.startswith(beginning):
                text = content.decode(encoding, "replace")
                return self._text(text).encode(encoding)
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            # Latin-1 maps each byte to one character and back, whatever the bytes mean; all that
            # is looked for is ASCII.
            text = self._text(content.decode("latin-1"))
            return text.encode("latin-1", "xmlcharrefreplace")
        return self._text(text).encode("utf-8", "surrogatepass")

    def _text(self, text: str, depth: int = 0) -> str:
        if not self._sensitive:
            return text
        if depth >= _DEEPEST:
            return MASK if any(name in text for name in self._sensitive) else text
        begin = text.lstrip("\ufeff \t\r\n")[:1]
        if begin in {"{", "["}:
            return self._json(text, depth)
        if begin != "<" and _FORM.fullmatch(text.strip()):
            return self._form(text, depth)
        if "<" in text:
            return self._xml(text, depth)
        return text

    def _mask(self, name: str) -> str:
        return self._masks.get(name, MASK)

    # XML

    def _xml(self, text: str, depth: int) -> str:
        out: list[str] = []
        opened: list[_Open] = []
        # The number of open elements by name saves a search for tags that close nothing.
        counts: Counter[str] = Counter()
        for token in _XML_TOKEN.finditer(text):
            kind, piece = token.lastgroup, token[0]
            if kind == "open":
                out.append(self._tag(piece, depth))
                if not piece.endswith("/>"):
                    opened.append(_Open(_local(_tag_name(piece)), len(out)))
                    counts[opened[-1].name] += 1
            elif kind == "close":
                name = _local(_tag_name(piece))
                # A closing tag without an opening one is ignored.
                if counts[name]:
                    self._close(name, opened, counts, out)
                out.append(piece)
            else:
                if opened and kind != "other" and piece.strip():
                    opened[-1].has_text = True
                out.append(self._content(kind or "", piece, depth))
        while opened:
            self._mask_content(opened.pop(), out)
        return "".join(out)

    def _close(self, name: str, opened: list[_Open], counts: Counter[str], out: list[str]) -> None:
        element = opened.pop()
        while element.name != name:
            counts[element.name] -= 1
            # What was never closed may be part of a value that was not escaped.
            opened[-1].has_text = opened[-1].has_text or name in self._sensitive
            self._mask_content(element, out)
            element = opened.pop()
        counts[name] -= 1
        self._mask_content(element, out)

    def _mask_content(self, element: _Open, out: list[str]) -> None:
        if element.name in self._sensitive and element.has_text:
            out[element.begin :] = [escape(self._mask(element.name))]

    def _content(self, kind: str, piece: str, depth: int) -> str:
        if kind == "cdata":
            inner = piece[9:].removesuffix("]]>")
            return f"<![CDATA[{self._text(inner, depth + 1)}{piece[9 + len(inner) :]}"
        if kind == "comment":
            inner = piece[4:].removesuffix("-->")
            return f"<!--{self._text(inner, depth + 1)}{piece[4 + len(inner) :]}"
        if kind == "text" and piece.strip():
            return self._nested(piece, depth)
        return piece

    def _nested(self, piece: str, depth: int) -> str:
        """Masks within a payload that stands escaped in a text or an attribute."""
        plain = html.unescape(piece)
        masked = self._text(plain, depth + 1)
        if masked == plain:
            return piece
        return escape(masked, {'"': "&quot;", "'": "&apos;"})

    def _tag(self, piece: str, depth: int) -> str:
        begin = len(_tag_name(piece)) + 1

        def replace(found: re.Match[str]) -> str:
            name = _local(found["name"])
            group = next(
                (group for group in ("double", "single", "bare") if found[group] is not None),
                "bare",
            )
            value = found[group]
            if not value:
                return found[0]
            new = self._mask(name) if name in self._sensitive else self._nested(value, depth)
            start, end = found.span(group)
            return found.string[found.start() : start] + new + found.string[end : found.end()]

        return piece[:begin] + _ATTRIBUTE.sub(replace, piece[begin:])

    # JSON

    def _json(self, text: str, depth: int) -> str:
        try:
            value: object = json.loads(text, strict=False, object_pairs_hook=_members)
        except (ValueError, RecursionError):
            # In broken JSON the end of a value is not known.
            plain = _JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
            return MASK if any(name in plain for name in self._sensitive) else text
        masked = self._json_value(value, "", depth)
        return text if masked == value else json.dumps(masked)

    def _json_value(self, value: object, name: str, depth: int) -> object:
        if isinstance(value, dict):
            members = cast("dict[str, object]", value)
            return {key: self._json_value(one, key, depth) for key, one in members.items()}
        if name in self._sensitive:
            # A document may be an array of numbers: it becomes one mask.
            return value if value in (None, "", []) else self._mask(name)
        if isinstance(value, list):
            return [self._json_value(one, name, depth) for one in cast("list[object]", value)]
        return self._text(value, depth + 1) if isinstance(value, str) else value

    # Forms

    def _form(self, text: str, depth: int) -> str:
        return "&".join(self._field(field, depth) for field in text.split("&"))

    def _field(self, field: str, depth: int) -> str:
        name, equals, value = field.partition("=")
        if not value:
            return field
        if urllib.parse.unquote_plus(name) in self._sensitive:
            return name + equals + urllib.parse.quote_plus(self._mask(name))
        plain = urllib.parse.unquote_plus(value, errors="surrogateescape")
        masked = self._text(plain, depth + 1)
        if masked == plain:
            return field
        return name + equals + urllib.parse.quote_plus(masked, errors="surrogateescape")


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name stands twice, so that a value would be lost")
    return members


def _tag_name(piece: str) -> str:
    found = _TAG_NAME.match(piece)
    return found[1] if found else ""
