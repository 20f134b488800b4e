"""Scrubbing of recorded requests and responses by what the schemas know.

What the schemas mark as sensitive is masked, and so is each value whose name they do not know. A
body that is neither XML, JSON, a form nor a package of MTOM is replaced, and so are the documents
of a package. What stays is what a schema declares without that mark.
"""

from __future__ import annotations

import base64
import copy
import html
import json
import re
import threading
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import Protocol, TypeVar, cast
from urllib.parse import unquote, urlencode

from lxml import etree

from esignwire._xml import Element, charset_of
from esignwire.testing._addresses import call_at, scrub_header, scrub_uri
from esignwire.testing._bodies import (
    FORM,
    media_type,
    package,
    parse_form,
    parse_json,
    parse_package,
    parse_xml,
    xml_bytes,
)
from esignwire.testing._masks import MASK, Masks, Series
from esignwire.testing._vocabulary import vocabulary_of
from esignwire_generated.assuresign.names import NAMESPACES as ASSURESIGN
from esignwire_generated.signix.names import NAMESPACES as SIGNIX

__all__ = ["Request", "Response", "Scrubber", "header_of"]

_REPLACED = f"{MASK} a body of another kind than the vendor's messages stood here".encode("ascii")
# How many payloads within payloads are followed: a form field holds XML, which may hold JSON.
_DEEPEST = 4
_MOST_BYTES = 256 * 1024 * 1024
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_XOP = "{http://www.w3.org/2004/08/xop/include}Include"
_FOREIGN_ATTRIBUTES = frozenset(
    {"http://www.w3.org/2001/XMLSchema-instance", "http://schemas.xmlsoap.org/soap/envelope/"}
)
_METHOD = re.compile(r"[A-Za-z]{1,40}")
# Unknown names that may be names; a token is longer.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}", re.ASCII)
# What a link in a text may carry: a user and a password, and a query.
_LINK_USER = re.compile(r"(?<=://)[^\s/?#<>\"'@]*@")
_LINK_QUERY = re.compile(r"(https?://[^\s?#<>\"']*)[?#][^\s<>\"']*", re.IGNORECASE)
_FLAGS = frozenset({"true", "false"})


class Request(Protocol):
    """vcrpy's request."""

    method: str
    uri: str
    body: bytes | None
    headers: Mapping[str, str]


Response = dict[str, object]
"""vcrpy's response: ``status``, ``headers`` with lists of values, and ``body``."""

_Request = TypeVar("_Request", bound=Request)


class Scrubber:
    """Takes the secrets out of what vcrpy records.

    One scrubber knows the secrets of one cassette, so that the same secret has the same mask in
    each request and response, and is found where a vendor quotes it::

        scrubber = Scrubber()
        vcr.VCR(
            before_record_request=scrubber.request,
            before_record_response=scrubber.response,
        )
    """

    def __init__(self) -> None:
        self._masks = Masks()
        # vcrpy gives a response right after its request, in the same thread. pytest-recording
        # copies its settings, and a threading.local cannot be copied.
        self._before: dict[int, str] = {}

    def request(self, request: _Request) -> _Request:
        """Makes the request that is recorded, or compared with recorded ones.

        Args:
            request: The request that was made.

        Returns:
            A copy of it without secrets; the request itself is left as it is.
        """
        scrubbed = copy.copy(request)
        self._before[threading.get_ident()] = request.uri
        scrubbed.uri = scrub_uri(request.uri, self._hide("sent"))
        kind = header_of(request.headers, "content-type")
        scrubbed.body = self._body(_bytes(request.body), kind, "sent", request.uri)
        scrubbed.headers = self._headers(request.headers.items(), "sent")
        return scrubbed

    def response(self, response: Response) -> Response:
        """Makes the response that is recorded.

        Args:
            response: The response to the request that was given last, as vcrpy has it.

        Returns:
            A copy of it without secrets. Its body is not compressed.
        """
        found = cast("Mapping[str, list[str] | str]", response["headers"])
        headers = {
            name.lower(): ", ".join([values] if isinstance(values, str) else values)
            for name, values in found.items()
        }
        content = _bytes(cast("Mapping[str, object]", response["body"])["string"])
        plain = _decompressed(content, headers.get("content-encoding", ""))
        body = _REPLACED
        if plain is not None:
            kind = headers.get("content-type", "")
            body = self._body(plain, kind, "received", self._before.get(threading.get_ident(), ""))
        status = cast("Mapping[str, object]", response["status"])
        return {
            "status": {"code": status["code"], "message": None},
            "headers": {
                name: [value] for name, value in self._headers(headers.items(), "received").items()
            },
            "body": {"string": body},
        }

    def _hide(self, series: Series) -> Callable[[str], str]:
        return partial(self._masks.mask, form="text", series=series)

    def _headers(self, headers: Iterable[tuple[str, str]], series: Series) -> dict[str, str]:
        hide = self._hide(series)
        kept = {name: scrub_header(name.lower(), value, hide) for name, value in sorted(headers)}
        return {name: value for name, value in kept.items() if value is not None}

    def _body(self, content: bytes, content_type: str, series: Series, uri: str) -> bytes:
        if not content.strip():
            return content
        try:
            body = self._known_body(content, content_type, series, uri)
        except RecursionError:
            # Messages in messages, each of them deep.
            body = None
        return _REPLACED if body is None else body

    def _known_body(
        self, content: bytes, content_type: str, series: Series, uri: str
    ) -> bytes | None:
        kind = media_type(content_type)
        if kind == FORM:
            return self._form(content, series)
        if kind.startswith("multipart/"):
            return self._package(content, content_type, series)
        if content.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
            root = parse_xml(content, charset_of(content_type))
            return None if root is None else self._xml(root, series)
        return self._json(content, content_type, series, uri)

    def _xml(self, root: Element, series: Series) -> bytes:
        return _Message(self._masks, series, _vendor_of(root)).xml(root)

    def _json(self, content: bytes, content_type: str, series: Series, uri: str) -> bytes | None:
        try:
            text = content.decode(charset_of(content_type) or "utf-8-sig")
        except (UnicodeDecodeError, LookupError):
            return None
        found = parse_json(text)
        if found is None:
            return None
        message = _Message(self._masks, series, "constellation1", uri)
        return json.dumps(message.json(found[0])).encode("ascii")

    def _form(self, content: bytes, series: Series) -> bytes | None:
        fields = parse_form(content)
        if fields is None:
            return None
        scrubbed: dict[str, str] = {}
        for name, value in fields.items():
            root = parse_xml(value.encode("utf-8", "surrogatepass")) if name == "request" else None
            if root is not None:
                scrubbed[name] = self._xml(root, series).decode("utf-8")
            elif name == "method" and _METHOD.fullmatch(value):
                scrubbed[name] = value
            else:
                hide = self._hide(series)
                scrubbed[name if name in {"method", "request"} else hide(name)] = hide(value)
        return urlencode(scrubbed).encode("ascii")

    def _package(self, content: bytes, content_type: str, series: Series) -> bytes | None:
        parts = parse_package(content, content_type)
        if parts is None:
            return None
        root = parse_xml(parts[0][1])
        if root is None:
            return None
        places = {identifier: number for number, (identifier, _) in enumerate(parts)}
        for include in root.iter(_XOP):
            reference = unquote(str(include.get("href", "")).removeprefix("cid:"))
            if reference not in places:
                return None
            include.set("href", f"cid:part{places[reference]}@esignwire")
        message = _Message(self._masks, series, _vendor_of(root))
        documents = [message.document(part) for _, part in parts[1:]]
        return package([message.xml(root), *documents])


class _Message:
    """One message, while its secrets are taken out.

    Args:
        masks: The masks.
        series: Whether it was sent or received.
        vendor: The vendor's package; empty where the message is of no vendor.
        uri: The address that it was sent to or comes from.
    """

    def __init__(self, masks: Masks, series: Series, vendor: str, uri: str = "") -> None:
        self._masks = masks
        self._series: Series = series
        self._vendor = vendor
        self._words = vocabulary_of(vendor)
        self._call = call_at(uri) if vendor == "constellation1" else None

    def document(self, content: bytes) -> bytes:
        """Hides a document that stands beside the message."""
        value = base64.b64encode(content).decode("ascii")
        return base64.b64decode(self._masks.mask(value, "base64", self._series, "Data"))

    def _hidden(self, value: str) -> str:
        return self._masks.mask(value, "text", self._series)

    def _mask(self, value: str, name: str) -> str:
        form = self._words.forms.get(name, "text")
        return self._masks.mask(value.strip(), form, self._series, name)

    def xml(self, root: Element, depth: int = 0) -> bytes:
        """Hides what is secret in XML, and writes it anew."""
        self._element(root, depth)
        return xml_bytes(root)

    def _element(self, element: Element, depth: int) -> None:
        name = etree.QName(element).localname
        for attribute, value in cast("list[tuple[str, str]]", element.attrib.items()):
            what = etree.QName(attribute)
            if what.namespace in _FOREIGN_ATTRIBUTES or element.tag == _XOP:
                continue
            if what.localname in self._words.known:
                new = self._value(value, what.localname, depth)
            else:
                new = self._hidden(value)
            element.set(attribute, new)
        children = list(element)
        text = _text_of(element)
        own = "".join([element.text or "", *(child.tail or "" for child in children)])
        if name not in self._words.known:
            # Whatever it holds is not known either.
            if children or text.strip() or len(element.attrib):
                _set_text(element, self._hidden(text))
        elif name in self._words.sensitive and own.strip():
            masked = self._mask(text, name)
            _set_text(element, masked)
            self._correct_length(element, masked)
        elif children:
            if own.strip():
                element.text = None
                for child in children:
                    child.tail = None
            for child in children:
                self._element(child, depth)
        elif text.strip():
            element.text = self._value(text, name, depth)

    def _correct_length(self, element: Element, masked: str) -> None:
        """The length of a document beside it is that of what stands in its place."""
        parent = element.getparent()
        if parent is None or self._words.forms.get(etree.QName(element).localname) != "base64":
            return
        # A request is only compared, and another document must not make it another one.
        is_read = self._series == "received"
        length = len(base64.b64decode(masked)) if is_read else len(MASK)
        for sibling in parent:
            if etree.QName(sibling).localname == "Length":
                sibling.text = str(length)

    def _value(self, text: str, name: str, depth: int) -> str:
        if name in self._words.sensitive:
            return self._mask(text, name) if text.strip() else text
        return self._known(text, depth)

    def _known(self, text: str, depth: int) -> str:
        """Scrubs a value that is no secret, but may hold a message that holds some."""
        begin = text.lstrip("\ufeff \t\r\n")[:1]
        if begin in {"<", "{"} or (begin == "[" and parse_json(text) is not None):
            nested = self._nested(text, begin, depth)
            return self._hidden(text) if nested is None else nested
        if _mentions(self._words.sensitive).search(html.unescape(html.unescape(text))):
            return self._hidden(text)
        text = _LINK_QUERY.sub(rf"\1?{MASK}", _LINK_USER.sub("", text))
        return self._masks.hide_quoted(text) if self._series == "received" else text

    def _nested(self, text: str, begin: str, depth: int) -> str | None:
        if depth >= _DEEPEST:
            return None
        if begin == "<":
            root = parse_xml(text.encode("utf-8", "surrogatepass"))
            if root is None:
                return None
            self._element(root, depth + 1)
            return etree.tostring(root, encoding="unicode")
        found = parse_json(text)
        if found is None:
            return None
        masked = self.json(found[0], depth + 1)
        return text if masked == found[0] else json.dumps(masked)

    def json(self, value: object, depth: int = 0) -> object:
        """Hides what is secret in a JSON value."""
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return self._hidden(str(value))
        return self._json(value, "", depth)

    def _json(self, value: object, name: str, depth: int) -> object:
        if isinstance(value, list):
            if name in self._words.sensitive and value:
                # A document may be an array of numbers, and becomes one mask.
                return self._mask(json.dumps(value), name)
            return [self._json(one, name, depth) for one in cast("list[object]", value)]
        if isinstance(value, dict):
            members = cast("dict[str, object]", value)
            if name in self._words.sensitive and self._words.masks_objects and members:
                return self._mask(json.dumps(members, sort_keys=True), name)
            is_free = name in self._words.maps
            return {
                key if is_free or _NAME.fullmatch(key) else self._hidden(key): self._member(
                    one, key, depth, is_free=is_free
                )
                for key, one in members.items()
            }
        if value is None or isinstance(value, bool):
            return value
        if name in self._words.sensitive:
            return self._mask(str(value), name) if value != "" else value
        return self._known(value, depth) if isinstance(value, str) else value

    def _member(self, value: object, name: str, depth: int, *, is_free: bool) -> object:
        if name == "ReturnValue" and isinstance(value, str):
            return self._return_value(value, depth)
        if is_free or name in self._words.known:
            return self._json(value, name, depth)
        if value in (None, "", [], {}) or isinstance(value, bool):
            return value
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        return self._hidden(text)

    def _return_value(self, value: str, depth: int) -> str:
        """Constellation1 returns flags, error texts and secrets under one name."""
        is_told = self._call is not None and not self._call.is_secret
        if value == "" or value.lower() in _FLAGS or value.lower().startswith("error"):
            return self._known(value, depth)
        return self._known(value, depth) if is_told else self._mask(value, "ReturnValue")


def _text_of(element: Element) -> str:
    return "".join(cast("Iterable[str]", element.itertext()))


def _set_text(element: Element, text: str) -> None:
    tail = element.tail
    element.clear()
    element.text, element.tail = text, tail


@cache
def _mentions(sensitive: frozenset[str]) -> re.Pattern[str]:
    """What finds a secret by its name in a text of any kind."""
    names = "|".join(sorted(map(re.escape, sensitive))) or r"(?!)"
    return re.compile(
        rf"<(?:[\w.-]+:)?(?:{names})[\s>]"
        rf"|[\"'\\](?:{names})[\"'\\]+\s*:\s*[^\s\[]"
        rf"|(?<![\w.-])(?:{names})\s*="
    )


def _vendor_of(root: Element) -> str:
    """The vendor whose namespace a message has; SIGNiX's is told by its root too."""
    namespace = etree.QName(root).namespace
    if namespace == _ENVELOPE or namespace in ASSURESIGN:
        return "assuresign"
    name = etree.QName(root).localname
    return "signix" if namespace in SIGNIX or name in vocabulary_of("signix").known else ""


def header_of(headers: Mapping[str, str], wanted: str) -> str:
    """A header by its name in lower case; empty where there is none."""
    return next((value for name, value in headers.items() if name.lower() == wanted), "")


def _bytes(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    return b"" if body is None else str(body).encode("utf-8")


def _decompressed(content: bytes, coding: str) -> bytes | None:
    match coding.strip().lower():
        case "" | "identity":
            return content
        case "gzip" | "x-gzip" | "deflate":
            # 47: gzip or zlib, whatever the header is; -15: deflate without any.
            for window in (47, -15):
                inflater = zlib.decompressobj(window)
                try:
                    plain = inflater.decompress(content, _MOST_BYTES)
                except zlib.error:
                    continue
                return plain if inflater.eof else None
            return None
        case _:
            return None
