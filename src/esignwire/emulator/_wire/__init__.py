"""Bytes, forms, multipart bodies, XML and OpenAPI as they arrive and leave, of no vendor."""

from __future__ import annotations

from esignwire.emulator._wire.blob import Blob, BlobWriter
from esignwire.emulator._wire.documents import LONGEST_INLINE, Tokens
from esignwire.emulator._wire.form import FormField, FormRefused, read_form
from esignwire.emulator._wire.http import (
    MediaType,
    Piece,
    Stream,
    WireAnswer,
    WireRequest,
    plain_answer,
    read_media_type,
)
from esignwire.emulator._wire.markup import (
    Element,
    Vocabulary,
    boolean,
    detached,
    elements,
    local_name,
    new_element,
    not_blank,
    timestamp,
    truth,
)
from esignwire.emulator._wire.multipart import MultipartRefused, Part, read_parts
from esignwire.emulator._wire.openapi import Breach, OpenApi, OpenApiOperation
from esignwire.emulator._wire.pdf import one_page_pdf
from esignwire.emulator._wire.xml import XmlLimits, XmlRefused, checked, read_xml, transcode

__all__ = [
    "LONGEST_INLINE",
    "Blob",
    "BlobWriter",
    "Breach",
    "Element",
    "FormField",
    "FormRefused",
    "MediaType",
    "MultipartRefused",
    "OpenApi",
    "OpenApiOperation",
    "Part",
    "Piece",
    "Stream",
    "Tokens",
    "Vocabulary",
    "WireAnswer",
    "WireRequest",
    "XmlLimits",
    "XmlRefused",
    "boolean",
    "checked",
    "detached",
    "elements",
    "local_name",
    "new_element",
    "not_blank",
    "one_page_pdf",
    "plain_answer",
    "read_form",
    "read_media_type",
    "read_parts",
    "read_xml",
    "timestamp",
    "transcode",
    "truth",
]
