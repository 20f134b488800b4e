"""Requests as they would be sent, and messages as they came, with their secrets masked."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from lxml import etree

from esignwire._call import Call
from esignwire._codec import write_request
from esignwire._json import secrets_of
from esignwire._secrets import MASK, QuotedSecrets
from esignwire._xml import Element, local_name
from esignwire.cli._documents import schemas_of
from esignwire.cli.messages import arguments_of, message_of, read_json
from esignwire.cli.operations import json_operation, xml_operation
from esignwire.cli.output import plain

__all__ = [
    "declared_of",
    "json_request",
    "masked_json",
    "masked_xml",
    "sensitive_of",
    "xml_request",
]

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_LONGEST = 2_000


def sensitive_of(vendor: str) -> frozenset[str]:
    """The names whose values a vendor's schemas mark as secret, as the vendor spells them."""
    if vendor == "assuresign":
        from esignwire_generated.assuresign.names import SENSITIVE as ASSURESIGN

        return ASSURESIGN
    if vendor == "signix":
        from esignwire_generated.signix.names import SENSITIVE as SIGNIX

        return SIGNIX
    from esignwire_generated.constellation1.names import SENSITIVE as CONSTELLATION1

    return CONSTELLATION1


@functools.cache
def declared_of(vendor: str) -> frozenset[str]:
    """The names that a vendor's schemas declare, in lower case.

    They are those of elements and attributes, or of members of JSON.
    """
    if vendor == "constellation1":
        from esignwire_generated.constellation1 import models
        from esignwire_generated.constellation1.calls import OPERATIONS

        kinds = [one for one in vars(models).values() if hasattr(one, "model_fields")]
        return frozenset(
            (field.alias or name).casefold()
            for kind in (*kinds, *(one.arguments for one in OPERATIONS))
            for name, field in kind.model_fields.items()
        ) | {"key", "value"}
    return frozenset(
        name.casefold()
        for _, root in schemas_of(vendor)
        for node in root.iter("{*}element", "{*}attribute")
        if (name := node.get("name")) is not None
    )


def masked_xml(
    element: Element, sensitive: frozenset[str], declared: frozenset[str] | None = None
) -> str:
    """Prints an element, indented, with its secrets masked; the element is changed.

    A name that the schemas do not declare may be that of a secret, misspelled; where ``declared``
    is ``None``, that is not looked for.
    """
    folded = {name.casefold() for name in sensitive}

    def is_secret(name: str) -> bool:
        spelled = local_name(name).casefold()
        return spelled in folded or (declared is not None and spelled not in declared)

    # A text may hold a message of its own: a command in JSON, or XML that was escaped twice.
    quoted = re.compile(rf"\b(?:{'|'.join(sensitive)})\b[\"']?\s*[=>:]", re.IGNORECASE)
    # A comment may quote what stands beside it.
    etree.strip_tags(element, etree.Comment, etree.ProcessingInstruction)
    for node in element.iter(etree.Element):
        # A container of that name is no secret; what is secret within it has a name of its own.
        if is_secret(node.tag) and not len(node):
            node.text = MASK if node.text and node.text.strip() else node.text
        elif node.text and quoted.search(node.text):
            node.text = MASK
        elif node.text and len(node.text) > _LONGEST:
            node.text = f"{node.text[:_LONGEST]}... ({len(node.text)} characters)"
        for name, value in node.attrib.items():
            if value and is_secret(str(name)):
                node.set(name, MASK)
    etree.indent(element)
    return etree.tostring(element, encoding="unicode")


def masked_json(
    value: object, sensitive: frozenset[str], declared: frozenset[str] | None = None
) -> object:
    """A JSON value with its secrets masked, and long texts cut short; see ``masked_xml``."""
    folded = {name.casefold() for name in sensitive}
    if isinstance(value, dict):
        return {
            name: MASK
            if (name.casefold() in folded and held is not None)
            or (declared is not None and name.casefold() not in declared and isinstance(held, str))
            else masked_json(held, sensitive, declared)
            for name, held in cast("dict[str, object]", value).items()
        }
    if isinstance(value, list):
        return [masked_json(one, sensitive, declared) for one in cast("list[object]", value)]
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:_LONGEST]}... ({len(value)} characters)"
    return value


def xml_request(
    vendor: str, operation: str, file: Path, account: Mapping[str, str]
) -> dict[str, object]:
    """What a call of AssureSign or SIGNiX would send: method, address, headers and body.

    Raises:
        InvalidRequest: The message cannot be sent.
    """
    found = xml_operation(vendor, operation)
    described = found.description
    message = message_of(vendor, described, found.request, read_json(file), account)
    sensitive = sensitive_of(vendor)
    call = Call(
        vendor=vendor, operation=described.name, is_safe=described.is_safe, sensitive=sensitive
    )
    written, element = write_request(described, message, call, vendor)
    for node in element.iter(etree.Element):
        upload = written.uploads.get(node.text or "")
        if upload is not None:
            node.text = f"(a document of {upload.size} bytes)"
    text = masked_xml(element, sensitive)
    url = account["url"].rstrip("/")
    if vendor == "signix":
        return {
            "vendor": vendor,
            "operation": described.name,
            "method": "POST",
            "url": url,
            "headers": {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"},
            "body": f"method={described.name}&request=\n{text}",
        }
    from esignwire_generated.assuresign.services import contract

    envelope = etree.Element(f"{{{_ENVELOPE}}}Envelope", nsmap={"soap": _ENVELOPE})
    etree.SubElement(envelope, f"{{{_ENVELOPE}}}Body").append(element)
    etree.indent(envelope)
    return {
        "vendor": vendor,
        "operation": described.name,
        "method": "POST",
        "url": f"{url}/{contract(described.contract).address_path}",
        "headers": {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{described.soap_action}"',
        },
        "body": etree.tostring(envelope, encoding="unicode"),
    }


def json_request(operation: str, file: Path, account: Mapping[str, str]) -> dict[str, object]:
    """What a call of Constellation1 would send, after it has fetched a token.

    Raises:
        InvalidRequest: The arguments cannot be sent.
    """
    from esignwire.constellation1 import Constellation1

    found = json_operation(operation)
    given = arguments_of(found, read_json(file), account)
    filled = {
        name: "salt" if what == "salt" else account["user_name"]
        for name, what in found.account.items()
        if name not in given
    }
    arguments = found.arguments.of({**given, **filled})
    # The client refuses an address that cannot be used.
    Constellation1(
        api_key=account["api_key"], user_name=account["user_name"], url=account["url"]
    ).close()
    base = account["url"].rstrip("/").removesuffix("/rest") + "/rest"
    members = {
        name: _by_alias(held) for name, held in found.content(arguments).items() if held is not None
    }
    secrets = QuotedSecrets([*secrets_of(arguments), account["api_key"]])
    body = json.dumps(masked_json(members, sensitive_of("constellation1")), indent=2)
    headers = {"Content-Type": "application/json"}
    if found.authorization != "none":
        headers["Authorization"] = MASK
    return {
        "vendor": "constellation1",
        "operation": found.name,
        "method": found.method,
        "url": secrets.mask(found.address(base, arguments, is_masked=True)),
        "headers": headers,
        "body": secrets.mask(body) if members else "",
    }


def _by_alias(value: object) -> object:
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {
            (fields[name].alias or name) if name in fields else name: _by_alias(held)
            for name, held in value
            if held is not None
        }
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        return {name: _by_alias(held) for name, held in members.items()}
    if isinstance(value, tuple | list):
        return [_by_alias(one) for one in cast("list[object]", value)]
    if isinstance(value, bytes):
        return f"(a document of {len(value)} bytes)"
    return plain(value)
