"""Raw calls: web methods whose structure is not public, XML in and XML out."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from esignwire._codec import Lookup, Message, Operation, Reader
from esignwire._secrets import MASK, QuotedSecrets
from esignwire._xml import Element, local_name, parse_given, to_text
from esignwire.errors import InvalidRequest
from esignwire.signix._envelope import child_of, description_of, text_of
from esignwire.signix.settings import VENDOR
from esignwire_generated.signix.names import NAMESPACES, SENSITIVE
from esignwire_generated.signix.types.common import CustInfoType

__all__ = ["RawAnswer", "RawRequest", "operation_of", "request_of"]

_NAMESPACE = CustInfoType.Meta.namespace

_METHOD = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
# A text that is itself XML or JSON may hold a secret under a name of its own.
_NESTED = re.compile(r"\s*[<{\[]")
_LONGEST_SHOWN = 2000
_LONGEST_MASKED = 100_000


@dataclass(frozen=True, slots=True, repr=False)
class RawRequest:
    """A request as XML.

    Attributes:
        namespace: The namespace of the web method.
        text: The whole XML, the password included.
        reference: What names the transaction in it.
        secrets: The secrets in it.
    """

    namespace: str
    text: str
    reference: str | None
    # QuotedSecrets takes the members that no representation shows.
    secrets: tuple[str, ...] = field(repr=False)

    def __repr__(self) -> str:
        return f"RawRequest({len(self.text)} characters)"


@dataclass(frozen=True, slots=True, repr=False)
class RawAnswer:
    """The answer to a raw call. Its representation masks secrets.

    Attributes:
        method: The web method.
        status_code: The vendor's status: 0 for success, 1 for success with a warning.
        status_text: The status in the vendor's words.
        xml: The whole answer, as the text of its root element.
    """

    method: str
    status_code: int
    status_text: str | None
    xml: str
    shown: str = field(compare=False)

    def __repr__(self) -> str:
        return (
            f"RawAnswer(method={self.method!r}, status_code={self.status_code},"
            f" status_text={self.status_text!r}, xml={self.shown!r})"
        )


def request_of(method: str, xml: str, cust_info: CustInfoType) -> RawRequest:
    """Makes the request of a web method of its ``Data`` element, or of the whole request.

    The credentials are filled in where the XML has none.

    Raises:
        InvalidRequest: The method is no name, or the XML is not well-formed or another element.
    """
    name = cast("object", method)
    if not isinstance(name, str) or _METHOD.fullmatch(name) is None:
        raise _refused("method", "must be the name of a web method", None)
    given = _parsed(xml)
    # The version of the schema that the XML names, or that of the client's own methods.
    namespace = given.tag.rpartition("}")[0][1:] or _NAMESPACE
    given_name = local_name(given.tag)
    if namespace not in NAMESPACES or given_name not in {"Data", f"{method}Rq"}:
        raise _refused("xml", f"must be the element Data or {method}Rq", method)
    root = parse_given(f'<{method}Rq xmlns="{namespace}"/>')
    if given_name == "Data":
        root.append(given)
    else:
        root.extend(list(given))
        for key, value in given.items():
            root.set(key, value)
    for node in root.iter("*"):
        if not node.tag.startswith("{"):
            node.tag = f"{{{namespace}}}{node.tag}"
    if root.find(f"{{{namespace}}}CustInfo") is None:
        root.insert(0, _cust_info(root, namespace, cust_info))
    return RawRequest(
        namespace=namespace,
        text=to_text(root),
        reference=_first(root, namespace, "DocumentSetID")
        or _first(root, namespace, "TransactionID"),
        secrets=tuple(_secrets(root)),
    )


def operation_of(
    method: str, request: RawRequest, *, is_safe: bool
) -> Operation[RawRequest, RawAnswer]:
    """Describes a web method that no schema describes; its answer may quote the request."""
    return Operation(
        name=method,
        contract="FlexApi",
        request_tag=f"{{{request.namespace}}}{method}Rq",
        response_tag=f"{{{request.namespace}}}{method}Rs",
        is_safe=is_safe,
        documents=frozenset(),
        schema="",
        encode=_written,
        decode=partial(_answer, method, request),
        lookup=Lookup("", ("reference",)),
    )


def _written(request: RawRequest) -> Message:
    return Message(request.text, {})


def _answer(method: str, request: RawRequest, root: Element, reader: Reader) -> RawAnswer:  # noqa: ARG001 - nothing is decoded
    secrets = QuotedSecrets.of(request)
    # It was read before, and means success.
    status = child_of(root, "Status")
    code = None if status is None else text_of(child_of(status, "StatusCode"))
    text = None if status is None else description_of(status)
    xml = to_text(root)
    return RawAnswer(
        method=method,
        status_code=int(code or "0"),
        status_text=None if text is None else secrets.mask(text),
        xml=xml,
        shown=_shown(root, secrets) if len(xml) <= _LONGEST_MASKED else f"{len(xml)} characters",
    )


def _shown(root: Element, secrets: QuotedSecrets) -> str:
    copied = copy.deepcopy(root)
    for node in [*copied.iter("*")]:
        for name, value in node.items():
            if local_name(str(name)) in SENSITIVE or _NESTED.match(str(value)):
                node.set(name, MASK)
        if _is_secret(node) or _NESTED.match(node.text or ""):
            for child in [*node]:
                node.remove(child)
            node.text = MASK
    text = to_text(copied)
    masked = secrets.mask(text, _LONGEST_SHOWN + 1)
    return masked if len(masked) <= _LONGEST_SHOWN else masked[:_LONGEST_SHOWN] + "..."


def _parsed(xml: object) -> Element:
    if not isinstance(xml, str):
        raise _refused("xml", f"must be a str, and {type(xml).__name__} came", None)
    try:
        return parse_given(xml)
    except ValueError as error:
        rule = str(error)
    raise _refused("xml", rule, None)


def _cust_info(root: Element, namespace: str, cust_info: CustInfoType) -> Element:
    made = root.makeelement(f"{{{namespace}}}CustInfo", {}, None)
    values = (cust_info.sponsor, cust_info.client, cust_info.user_id, cust_info.pswd)
    for name, value in zip(("Sponsor", "Client", "UserId", "Pswd"), values, strict=True):
        node = root.makeelement(f"{{{namespace}}}{name}", {}, None)
        try:
            node.text = value
        except ValueError:
            raise _refused(name, "must be text that XML can carry", None) from None
        made.append(node)
    return made


def _first(root: Element, namespace: str, name: str) -> str | None:
    text = root.findtext(f"{{{namespace}}}Data/{{{namespace}}}{name}")
    return (text or "").strip() or None


def _is_secret(node: Element) -> bool:
    parent = node.getparent()
    # A document is called Data, and so is what every message holds below its root.
    is_body = parent is not None and parent.getparent() is None and local_name(node.tag) == "Data"
    return local_name(node.tag) in SENSITIVE and not is_body


def _secrets(root: Element) -> list[str]:
    texts: list[str] = []
    for node in root.iter("*"):
        if _is_secret(node):
            texts.append("".join(str(part) for part in node.itertext()))
        texts += [str(value) for name, value in node.items() if local_name(str(name)) in SENSITIVE]
    return texts


def _refused(argument: str, rule: str, method: str | None) -> InvalidRequest:
    return InvalidRequest(
        f"{argument} {rule}; nothing was sent",
        path=argument,
        rule=rule,
        vendor=VENDOR,
        operation=method,
    )
