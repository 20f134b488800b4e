"""MTOM as WCF speaks it: documents beside the XML, as parts of a multipart/related body (XOP).

An answer at an MTOM address is a package whatever it holds, a fault too, and every document in it
is a part of its own. Content-IDs are URIs as WCF makes them, so that the references to them are
percent-encoded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote
from uuid import uuid4

from lxml import etree

from esignwire.emulator._wire import (
    Blob,
    Element,
    MediaType,
    MultipartRefused,
    Part,
    Piece,
    Stream,
    Tokens,
    Vocabulary,
    XmlRefused,
    elements,
    local_name,
    read_media_type,
    read_parts,
)

__all__ = [
    "Package",
    "extract_parts",
    "is_package",
    "read_package",
    "resolve_includes",
    "write_package",
]

_XOP = Vocabulary("http://www.w3.org/2004/08/xop/include")
_INCLUDE = _XOP.name("Include")
_ROOT_TYPE = "application/xop+xml"
_SOAP_TYPE = "text/xml"
_ROOT_ID = "http://tempuri.org/0"
# Those that leave the bytes of a part as they are; XOP asks for the last of them.
_PLAIN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})


@dataclass(frozen=True, slots=True)
class Package:
    """An envelope with its encoding, and the documents beside it by their Content-IDs."""

    root: Blob
    charset: str | None
    parts: Mapping[str, Blob]


def is_package(media_type: MediaType) -> bool:
    """Tell whether a body is a SOAP 1.1 message as MTOM."""
    return (
        media_type.name == "multipart/related"
        and media_type.parameters.get("type", "").lower() == _ROOT_TYPE
        and _names(media_type.parameters.get("start-info", _SOAP_TYPE), _SOAP_TYPE)
    )


def read_package(media_type: MediaType, body: Blob) -> Package:
    """Take a package apart.

    Raises:
        MultipartRefused: It is malformed or cut off, or lacks its envelope.
    """
    parts = read_parts(body, media_type.parameters.get("boundary", ""))
    by_id: dict[str, Part] = {}
    for part in parts:
        if part.headers.get("content-transfer-encoding", "").lower() not in _PLAIN_ENCODINGS:
            raise MultipartRefused("A part is encoded: send it as it is (binary).")
        identifier = _identifier(part.headers.get("content-id", ""))
        if identifier:
            if identifier in by_id:
                raise MultipartRefused("Two parts have the same Content-ID.")
            by_id[identifier] = part
    start = _identifier(media_type.parameters.get("start", ""))
    root = by_id.get(start) if start else next(iter(parts), None)
    if root is None:
        raise MultipartRefused("The part that the Content-Type calls the start is missing.")
    kind = read_media_type(root.headers.get("content-type", ""))
    if kind.name != _ROOT_TYPE or not _names(kind.parameters.get("type", _SOAP_TYPE), _SOAP_TYPE):
        raise MultipartRefused(f'The start is no {_ROOT_TYPE}; type="{_SOAP_TYPE}".')
    return Package(
        root.content,
        kind.parameters.get("charset", "").lower() or None,
        {name: part.content for name, part in by_id.items() if part is not root},
    )


def resolve_includes(
    envelope: Element, parts: Mapping[str, Blob], tokens: Tokens, names: frozenset[str]
) -> None:
    """Put tokens for parts where the envelope refers to them.

    Raises:
        XmlRefused: A reference is malformed, stands in a wrong place or leads nowhere.
    """
    for include in list(envelope.iter(_INCLUDE)):
        holder = include.getparent()
        if holder is None or local_name(holder) not in names:
            raise XmlRefused("An xop:Include stands in an element that holds no document.")
        texts = (holder.text, include.tail, include.text)
        if len(list(elements(holder))) > 1 or len(include) or any((t or "").strip() for t in texts):
            raise XmlRefused("An xop:Include must be all that its element holds.")
        reference = include.get("href", "")
        if not reference.lower().startswith("cid:"):
            raise XmlRefused("The href of an xop:Include must be a cid: URI.")
        part = parts.get(unquote(reference[4:], errors="replace"))
        if part is None:
            raise XmlRefused("An xop:Include refers to a part that is not there.")
        holder.remove(include)
        holder.text = tokens.token(part)


def extract_parts(message: Element, tokens: Tokens) -> list[tuple[str, Blob]]:
    """Put references to parts where tokens stand for documents."""
    parts: list[tuple[str, Blob]] = []
    for element in list(message.iter(etree.Element)):
        blob = tokens.find(element)
        if blob is None:
            continue
        identifier = f"http://tempuri.org/{len(parts) + 1}/{uuid4().int % 10**18:018d}"
        include = etree.SubElement(element, _INCLUDE, nsmap={"xop": _XOP.namespace})
        include.set("href", f"cid:{quote(identifier, safe='')}")
        element.text = None
        parts.append((identifier, blob))
    return parts


def write_package(envelope: bytes, parts: Sequence[tuple[str, Blob]]) -> tuple[str, Stream]:
    """Put a package together."""
    boundary = f"uuid:{uuid4()}+id=1"
    pieces: list[bytes | Piece] = []
    kind = f'{_ROOT_TYPE}; charset=utf-8; type="{_SOAP_TYPE}"'
    pieces += [_head(boundary, _ROOT_ID, "8bit", kind), envelope]
    for identifier, blob in parts:
        pieces += [_head(boundary, identifier, "binary", "application/octet-stream"), blob]
    pieces.append(f"\r\n--{boundary}--\r\n".encode("ascii"))
    media_type = (
        f'multipart/related; type="{_ROOT_TYPE}"; start="<{_ROOT_ID}>"; boundary="{boundary}";'
        f' start-info="{_SOAP_TYPE}"'
    )
    return media_type, Stream(tuple(pieces))


def _head(boundary: str, identifier: str, encoding: str, media_type: str) -> bytes:
    return (
        f"\r\n--{boundary}\r\nContent-ID: <{identifier}>\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\nContent-Type: {media_type}\r\n\r\n"
    ).encode("ascii")


def _names(value: str, media_type: str) -> bool:
    return value.partition(";")[0].strip().lower() == media_type


def _identifier(value: str) -> str:
    value = value.strip()
    return value[1:-1] if value.startswith("<") and value.endswith(">") else value
