"""Explanation of a captured message: its operation, its violations, and what it says, masked."""

from __future__ import annotations

import base64
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs, parse_qsl

from lxml import etree

from esignwire._call import Call
from esignwire._json import Operation as JsonOperation
from esignwire._secrets import MASK
from esignwire._xml import Element, local_name, refusal, schema
from esignwire.cli._rendering import declared_of, masked_json, masked_xml, sensitive_of
from esignwire.cli.files import content_of
from esignwire.cli.messages import normal, with_bytes
from esignwire.cli.operations import XmlOperation, xml_operations
from esignwire.errors import InvalidRequest

__all__ = ["Explanation", "explain"]

_HEAD = re.compile(
    rb"\A(?:(?P<method>[A-Z]+) (?P<target>\S+) HTTP/[\d.]+|HTTP/[\d.]+ \d{3}[^\r\n]*)\r?\n"
)
_BLANK = re.compile(rb"\r?\n\r?\n")
# Within an MTOM package.
_ENVELOPE = re.compile(rb"<([\w.-]+:)?Envelope[\s>].*?</\1?Envelope\s*>", re.DOTALL)
_XOP = "{http://www.w3.org/2004/08/xop/include}Include"
_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_ENVELOPES = (
    "http://schemas.xmlsoap.org/soap/envelope/",
    "http://www.w3.org/2003/05/soap-envelope",
)
_PAIR = {"Key", "Value"}
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
    """Explains a captured message: XML, a form, or JSON, with HTTP's headers or without.

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
    if head is not None and head["method"]:
        called = _call_of(head["method"].decode("ascii"), head["target"].decode("utf-8", "replace"))
        if called is not None and body[:1] in {b"", b"{"}:
            return _called(*called, _object_of(path, body) if body else {})
    if body[:1] in {b"{", b"["}:
        return _json(path, body, is_answer=head is not None and not head["method"])
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
    envelope = _ENVELOPE.search(body)
    if envelope is not None:
        return _xml(path, envelope[0])
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
    # The document is another part of the package; any base64 stands for it.
    for holder in [one.getparent() for one in message.iter(_XOP)]:
        if holder is not None:
            holder[:] = []
            holder.text = "AAAA"
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
        message=masked_xml(message, sensitive, declared_of(found.vendor)),
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


def _object_of(path: Path, body: bytes) -> dict[str, object]:
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
    return cast("dict[str, object]", value)


def _json(path: Path, body: bytes, *, is_answer: bool) -> Explanation:
    members = _object_of(path, body)
    if "objectType" in members:
        return _command(body.decode("utf-8"), members)
    sensitive = sensitive_of("constellation1")
    shown = _shown(members, sensitive)
    request = None if is_answer else _request_of(members)
    answer = _answer_of(members)
    if request is not None and (answer is None or request[0] <= answer[0]):
        return Explanation(
            vendor="constellation1",
            operation=request[1].name,
            kind="request",
            violations=_broken(request[1], members),
            message=shown,
        )
    if answer is None:
        return Explanation(
            vendor=None,
            operation=None,
            kind="message",
            violations=("no call of Constellation1 has such a message",),
            message=shown,
        )
    # An answer may be that to a call whose ReturnValue is a token.
    if isinstance(members.get("ReturnValue"), str):
        shown = _shown(members, sensitive | {"ReturnValue"})
    return Explanation(
        vendor="constellation1",
        operation=answer[1],
        kind="answer",
        says=_told(members),
        message=shown,
    )


def _shown(members: dict[str, object], sensitive: frozenset[str]) -> str:
    return json.dumps(masked_json(members, sensitive, declared_of("constellation1")), indent=2)


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


def _call_of(method: str, target: str) -> tuple[JsonOperation, str] | None:
    """The call of Constellation1 with this address, and the address with its secrets masked."""
    from esignwire_generated.constellation1.calls import OPERATIONS

    path, _, query = target.partition("?")
    # Of two that fit, the one with fewer arguments in its path says more of it.
    for one in sorted(OPERATIONS, key=lambda one: one.path.count("{")):
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(one.path))
        found = re.search(rf"/rest{pattern}/?\Z", path)
        if found is None or one.method != method:
            continue
        fields = one.arguments.model_fields
        parts = {
            name: value if fields[name].repr else MASK for name, value in found.groupdict().items()
        }
        sensitive = {name.casefold() for name in sensitive_of("constellation1")}
        pairs = [
            f"{name}={MASK if name.casefold() in sensitive else value}"
            for name, value in parse_qsl(query, keep_blank_values=True)
        ]
        address = f"/rest{one.path.format_map(parts)}"
        return one, f"{method} {address}{'?' if pairs else ''}{'&'.join(pairs)}"
    return None


def _called(operation: JsonOperation, address: str, members: dict[str, object]) -> Explanation:
    """A request with its address."""
    shown = _shown(members, sensitive_of("constellation1"))
    return Explanation(
        vendor="constellation1",
        operation=operation.name,
        kind="request",
        violations=_broken(operation, members),
        message=f"{address}\n\n{shown}" if members else address,
    )


def _request_of(members: dict[str, object]) -> tuple[int, JsonOperation] | None:
    """The call whose body has these members, behind how many of them it does not know."""
    from esignwire_generated.constellation1.calls import OPERATIONS

    names = {normal(name) for name in members}
    best: tuple[int, int, JsonOperation] | None = None
    for one in OPERATIONS:
        body = _body_of(one).keys()
        score = (len(names - body), len(body - names))
        if names & body and (best is None or score < best[:2]):
            best = (*score, one)
    return None if best is None else (best[0], best[2])


def _body_of(operation: JsonOperation) -> dict[str, str]:
    """The arguments in the body of a call, by what they are called there."""
    fields = operation.arguments.model_fields
    return {normal(fields[name].alias or name): name for name in operation.body}


def _broken(operation: JsonOperation, members: dict[str, object]) -> tuple[str, ...]:
    """What is wrong with the body of a call."""
    fields = operation.arguments.model_fields
    body = _body_of(operation)
    found: list[str] = []
    for spelled, held in members.items():
        name = body.get(normal(spelled))
        if name is None:
            found.append(f"{spelled}: is not known")
            continue
        try:
            kind = fields[name].annotation
            value = with_bytes(kind, _of_wire(held), spelled, operation.name)
            # Only what stands in the body can be judged: the rest is in the address.
            operation.arguments.of({name: value})
        except InvalidRequest as error:
            others = {other for other in fields if other != name}
            others |= {fields[other].alias or other for other in others}
            if (error.path or "").split("/")[0] not in others:
                found.append(f"{error.path}: {error.rule}")
    return tuple(found)


def _of_wire(value: object) -> object:
    """The JSON of .NET as the models take it: its bytes, its maps and its dates."""
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {name: _of_wire(held) for name, held in members.items()}
    if isinstance(value, list):
        items = cast("list[object]", value)
        if items and all(type(one) is int and 0 <= one < 256 for one in items):
            return base64.b64encode(bytes(cast("list[int]", items))).decode("ascii")
        pairs = [cast("dict[str, object]", one) for one in items if isinstance(one, dict)]
        if items and len(pairs) == len(items) and all(one.keys() == _PAIR for one in pairs):
            return {str(one["Key"]): _of_wire(one["Value"]) for one in pairs}
        return [_of_wire(one) for one in items]
    date = _DATE.fullmatch(value) if isinstance(value, str) else None
    if date is not None:
        with suppress(OverflowError):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(date[1]))
    return value


def _answer_of(members: dict[str, object]) -> tuple[int, str] | None:
    """The kind of answer that has these members, behind how many of them it does not know."""
    from esignwire._json import Answer
    from esignwire_generated.constellation1 import models

    names = {normal(name) for name in members}
    best: tuple[int, int, str] | None = None
    for kind in vars(models).values():
        if not isinstance(kind, type) or not issubclass(kind, Answer) or kind is Answer:
            continue
        known = {normal(field.alias or name) for name, field in kind.model_fields.items()}
        score = (len(names - known), len(known - names))
        if names & known and (best is None or score < best[:2]):
            best = (*score, kind.__name__)
    return None if best is None else (best[0], best[2])


def _told(members: dict[str, object]) -> tuple[str, ...]:
    """What an answer says of success or failure."""
    return tuple(
        f"{name}: {json.dumps(value)}"
        for name, value in members.items()
        if isinstance(value, bool)
        or (normal(name) in {"message", "details", "errors", "error"} and value)
    )
