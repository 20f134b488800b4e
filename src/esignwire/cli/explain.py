"""Explanation of a captured message: its operation, its violations, and what it says, masked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs

from lxml import etree

from esignwire._call import Call
from esignwire._xml import Element, local_name, refusal, schema
from esignwire.cli._rendering import masked_json, masked_xml, sensitive_of
from esignwire.cli.files import content_of
from esignwire.cli.messages import normal
from esignwire.cli.operations import XmlOperation, xml_operations
from esignwire.errors import InvalidRequest

__all__ = ["Explanation", "explain"]

_HEAD = re.compile(rb"\A(?:[A-Z]+ \S+ HTTP/[\d.]+|HTTP/[\d.]+ \d{3}[^\r\n]*)\r?\n")
_BLANK = re.compile(rb"\r?\n\r?\n")
_ENVELOPES = (
    "http://schemas.xmlsoap.org/soap/envelope/",
    "http://www.w3.org/2003/05/soap-envelope",
)
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a captured message is.

    Attributes:
        vendor: The vendor; ``None`` where that cannot be told.
        operation: The operation; ``None`` where that cannot be told.
        kind: ``request``, ``answer``, ``fault`` or ``command``.
        violations: What breaks the schema.
        says: What the vendor tells of success or failure, where the message is an answer.
        message: The message, with its secrets masked.
    """

    vendor: str | None
    operation: str | None
    kind: str
    violations: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    message: str


def explain(path: Path) -> Explanation:
    """Explains a captured message.

    Args:
        path: The file: XML, a form, or JSON, with HTTP's headers before it or without.

    Returns:
        What it is.

    Raises:
        InvalidRequest: It is none of these, or larger than 64 MiB.
    """
    content = content_of(path, _MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise _unknown(path, "is larger than 64 MiB")
    head = _HEAD.match(content)
    end = _BLANK.search(content)
    if head is not None and end is not None:
        content = content[end.end() :]
    body = content.strip().removeprefix(b"\xef\xbb\xbf").strip()
    if body.startswith(b"<"):
        return _xml(path, body)
    if body[:1] in {b"{", b"["}:
        return _json(path, body)
    text = body.decode("utf-8", "replace")
    form = parse_qs(text, keep_blank_values=True, max_num_fields=100) if "request=" in text else {}
    if "request" in form:
        found = _xml(path, form["request"][0].strip().encode())
        method = form.get("method", [""])[0]
        if found.operation is None or method == found.operation:
            return found
        wrong = f"the form names the method {method!r}, and its message is {found.operation}'s"
        return Explanation(
            vendor=found.vendor,
            operation=found.operation,
            kind=found.kind,
            violations=(wrong, *found.violations),
            says=found.says,
            message=found.message,
        )
    if b"<?xml" in body or b"Envelope" in body:
        # A part of an MTOM package.
        start = body.find(b"<")
        last = body.rfind(b"Envelope>")
        if start >= 0 and last > start:
            return _xml(path, body[start : last + len(b"Envelope>")])
    raise _unknown(path, "holds no XML, no form with a request, and no JSON")


def _unknown(path: Path, why: str) -> InvalidRequest:
    return InvalidRequest(f"{path} {why}: give a message as it went over the wire", path=str(path))


def _xml(path: Path, body: bytes) -> Explanation:
    failure: str | None = None
    root: Element | None = None
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_blank_text=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        # libxml2's words may quote the text, so only the place is told.
        line, column = getattr(error, "position", (0, 0))
        failure = f"is not well-formed XML: line {line}, column {column}"
    if root is None:
        raise _unknown(path, failure or "is not well-formed XML")
    if b"<!DOCTYPE" in body:
        raise _unknown(path, "has a document type, which no vendor sends,")
    message = root
    if etree.QName(root).namespace in _ENVELOPES and local_name(root.tag) == "Envelope":
        inner = next(
            (one for part in root if local_name(str(part.tag)) == "Body" for one in part), None
        )
        if inner is None:
            raise _unknown(path, "is a SOAP envelope with nothing in its body")
        message = inner
    if local_name(message.tag) == "Fault":
        return _fault(message)
    found = _operation_of(message)
    if found is None:
        return Explanation(
            vendor=None,
            operation=None,
            kind="message",
            violations=(f"no operation has the message {local_name(message.tag)}",),
            message=masked_xml(message, _all_sensitive()),
        )
    described = found.description
    is_request = local_name(message.tag) == local_name(described.request_tag)
    sensitive = sensitive_of(found.vendor)
    call = Call(found.vendor, described.name, is_safe=described.is_safe, sensitive=sensitive)
    # The schema knows the message as a document of its own.
    message = etree.fromstring(etree.tostring(message, with_tail=False), parser)
    violations: list[str] = []
    for one in schema(f"{found.vendor}/{described.schema}").violations(message):
        broken = refusal([one], message, call)
        violations.append(f"{broken.path}: {broken.rule}")
    if is_request and described.name == "SubmitAjax":
        violations += _commands(message)
    says = () if is_request else tuple(_said(message))
    return Explanation(
        vendor=found.vendor,
        operation=described.name,
        kind="request" if is_request else "answer",
        violations=tuple(dict.fromkeys(violations)),
        says=says,
        message=masked_xml(message, sensitive),
    )


def _all_sensitive() -> frozenset[str]:
    return sensitive_of("assuresign") | sensitive_of("signix")


def _operation_of(message: Element) -> XmlOperation | None:
    """The operation that has this message: in its own namespace, or else by its name alone."""
    known = [one for vendor in ("assuresign", "signix") for one in xml_operations(vendor)]
    for one in known:
        if message.tag in {one.description.request_tag, one.description.response_tag}:
            return one
    name = local_name(message.tag)
    for one in known:
        tags = (one.description.request_tag, one.description.response_tag)
        if name in {local_name(tag) for tag in tags}:
            return one
    return None


def _fault(fault: Element) -> Explanation:
    words = fault.findtext("faultstring") or fault.findtext("{*}faultstring") or ""
    code = fault.findtext("faultcode") or fault.findtext("{*}faultcode") or ""
    said = " ".join([code, *words.split()]).strip()
    return Explanation(
        vendor="assuresign",
        operation=None,
        kind="fault",
        says=(said,),
        message=masked_xml(fault, _all_sensitive()),
    )


def _said(message: Element) -> list[str]:
    """What an answer says of success or failure: SIGNiX's status, AssureSign's exceptions."""
    found: list[str] = []
    code = message.findtext("{*}Status/{*}StatusCode")
    if code is not None:
        words = (
            message.findtext("{*}Status/{*}StatusDesc")
            or message.findtext("{*}Status/{*}StatusMessage")
            or ""
        )
        meaning = {"0": "success", "1": "success with a warning"}.get(code.strip(), "failure")
        found.append(f"status {code.strip()} ({meaning}): {words}".rstrip(": "))
    for node in message.iter(etree.Element):
        severity = node.get("Severity")
        if severity is not None:
            text = " ".join("".join(str(one) for one in node.itertext()).split())
            text = text or node.get("Message") or node.get("Text") or node.get("Description") or ""
            found.append(f"{severity}: {text}".rstrip(": "))
    return found


def _commands(message: Element) -> list[str]:
    """What is wrong with the JSON commands of a SubmitAjax."""
    from esignwire.signix import parse_command

    found: list[str] = []
    for place, node in enumerate(message.iter("{*}Request"), start=1):
        try:
            parse_command(node.text or "")
        except InvalidRequest as error:
            found.append(f"Request[{place}]: {error.path or ''}: {error.rule or error.message}")
    return found


def _json(path: Path, body: bytes) -> Explanation:
    failure: str | None = None
    value: object = None
    try:
        value = json.loads(body)
    except json.JSONDecodeError as error:
        failure = f"is no JSON: line {error.lineno}, column {error.colno}: {error.msg}"
    except (ValueError, RecursionError):
        failure = "is no JSON in UTF-8"
    if failure is not None:
        raise _unknown(path, failure)
    if not isinstance(value, dict):
        raise _unknown(path, "is JSON, and no object")
    members = cast("dict[str, object]", value)
    if "objectType" in members:
        return _command(body.decode("utf-8"), members)
    sensitive = sensitive_of("constellation1")
    shown = json.dumps(masked_json(members, sensitive), indent=2)
    name, violations = _request_of(members)
    if name is not None:
        return Explanation(
            vendor="constellation1",
            operation=name,
            kind="request",
            violations=violations,
            message=shown,
        )
    answer, says = _answer_of(members)
    if answer is None:
        return Explanation(
            vendor=None,
            operation=None,
            kind="message",
            violations=("no call of Constellation1 has such a message",),
            message=shown,
        )
    # An answer may be that to a call whose ReturnValue is a token.
    text = members.get("ReturnValue")
    if isinstance(text, str):
        shown = json.dumps(masked_json(members, sensitive | {"ReturnValue"}), indent=2)
    return Explanation(
        vendor="constellation1", operation=answer, kind="answer", says=says, message=shown
    )


def _command(text: str, members: dict[str, object]) -> Explanation:
    from esignwire.signix import parse_command

    violations: tuple[str, ...] = ()
    name = members.get("objectType")
    try:
        parse_command(text)
    except InvalidRequest as error:
        violations = (f"{error.path or name}: {error.rule or error.message}",)
    return Explanation(
        vendor="signix",
        operation="SubmitAjax",
        kind="command",
        violations=violations,
        says=(f"the command {name}",),
        message=json.dumps(masked_json(members, sensitive_of("signix")), indent=2),
    )


def _request_of(members: dict[str, object]) -> tuple[str | None, tuple[str, ...]]:
    """The call whose body has these members, and what is wrong with it."""
    from esignwire_generated.constellation1.calls import OPERATIONS

    best: tuple[int, str, tuple[str, ...]] | None = None
    names = {normal(name) for name in members}
    for one in OPERATIONS:
        fields = one.arguments.model_fields
        body = {normal(fields[name].alias or name): name for name in one.body}
        common = names & body.keys()
        if not common:
            continue
        violations: list[str] = []
        for spelled, held in members.items():
            name = body.get(normal(spelled))
            if name is None:
                violations.append(f"{spelled}: is not known")
                continue
            try:
                # Only what stands in the body can be judged: the rest is in the address.
                one.arguments.of({name: held})
            except InvalidRequest as error:
                others = {other for other in fields if other != name}
                others |= {fields[other].alias or other for other in others}
                if (error.path or "").split("/")[0] not in others:
                    violations.append(f"{error.path}: {error.rule}")
        score = 10 * len(common) - len(violations) - len(body.keys() - names)
        if best is None or score > best[0]:
            best = (score, one.name, tuple(violations))
    return (None, ()) if best is None else (best[1], best[2])


def _answer_of(members: dict[str, object]) -> tuple[str | None, tuple[str, ...]]:
    """The kind of answer that has these members, and what it says."""
    from esignwire._json import Answer
    from esignwire_generated.constellation1 import models

    names = {normal(name) for name in members}
    best: tuple[int, str] | None = None
    for kind in vars(models).values():
        if not isinstance(kind, type) or not issubclass(kind, Answer) or kind is Answer:
            continue
        known = {normal(field.alias or name) for name, field in kind.model_fields.items()}
        score = 2 * len(names & known) - len(known - names)
        if names & known and (best is None or score > best[0]):
            best = (score, kind.__name__)
    if best is None:
        return None, ()
    says: list[str] = []
    for name, value in members.items():
        if isinstance(value, bool) or (
            normal(name) in {"message", "details", "errors", "error"} and value
        ):
            says.append(f"{name}: {json.dumps(value)}")
    return best[1], tuple(says)
