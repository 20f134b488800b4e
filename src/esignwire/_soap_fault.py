"""SOAP faults of both versions, with the vendor's words masked."""

from __future__ import annotations

from lxml import etree

from esignwire._call import Call
from esignwire._quoted_secrets import secrets_of, without_secrets
from esignwire._redaction import Redactor
from esignwire.errors import SoapFault
from esignwire_generated._values import Element, local_name

__all__ = ["read_fault"]

_LONGEST_DETAIL = 4_000
_LONGEST_TEXT = 2_000


def read_fault(fault: Element, call: Call, http_status: int, sent: object) -> SoapFault:
    """Reads a fault.

    Args:
        fault: The ``Fault`` element, of SOAP 1.1 or 1.2.
        call: The call that it answers.
        http_status: The HTTP status of the answer.
        sent: The message that was sent, whose secrets the fault may quote.

    Returns:
        The error.
    """
    secrets = secrets_of(sent)
    code_node = _child(fault, "faultcode", "Code")
    if code_node is not None and len(code_node):
        # SOAP 1.2 nests the code, and the inner one says more.
        values = [node for node in code_node.iter("*") if local_name(node.tag) == "Value"]
        code_node = values[-1] if values else code_node
    reason = _child(fault, "faultstring", "Reason")
    if reason is not None and len(reason):
        reason = _child(reason, "Text")
    code = _text(code_node, secrets)
    if code is not None:
        code = code.rpartition(":")[2]
    text = _text(reason, secrets)
    detail = _child(fault, "detail", "Detail")
    shown: str | None = None
    if detail is not None:
        content = etree.tostring(detail, encoding="utf-8", with_tail=False)
        masked = Redactor(call.sensitive).redact(content)
        shown = without_secrets(masked.decode("utf-8", "replace"), secrets)[:_LONGEST_DETAIL]
    return SoapFault(
        f"the vendor answered with a SOAP fault: {text or 'without a reason'}",
        fault_code=code,
        fault_string=text,
        fault_actor=_text(_child(fault, "faultactor", "Role"), secrets),
        detail=shown,
        vendor=call.vendor,
        operation=call.operation,
        http_status=http_status,
    )


def _text(node: Element | None, secrets: frozenset[str]) -> str | None:
    if node is None:
        return None
    text = "".join(str(part) for part in node.itertext()).strip()
    # Masked before it is cut, lest half a secret remain.
    return without_secrets(text, secrets)[:_LONGEST_TEXT] or None


def _child(node: Element, *names: str) -> Element | None:
    """Finds a child by local name: SOAP 1.1 has no namespace there, some servers add one."""
    for child in node.iterchildren("*"):
        if local_name(child.tag) in names:
            return child
    return None
