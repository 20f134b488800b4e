"""SOAP faults of both versions, with the vendor's words masked."""

from __future__ import annotations

from lxml import etree

from esignwire._call import Call
from esignwire._secrets import QuotedSecrets, Redactor
from esignwire._xml import Element, local_name
from esignwire.errors import SoapFault

__all__ = ["read_fault"]

_LONGEST_DETAIL = 4_000
# So much of a detail is looked at: what may be shown of it stands at its beginning. Where the rest
# was cut off, half a secret may stand before it.
_LONGEST_MASKED = 64 * 1024
_HALF_MASKED = 10_000
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
    secrets = QuotedSecrets.of(sent)
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
        shown = _shown(etree.tostring(detail, encoding="unicode", with_tail=False), call, secrets)
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


def _shown(detail: str, call: Call, secrets: QuotedSecrets) -> str:
    content = detail[:_LONGEST_MASKED].encode("utf-8", "surrogatepass")
    masked = Redactor(call.sensitive).redact(content).decode("utf-8", "replace")
    masked = secrets.mask(masked)
    if len(detail) > _LONGEST_MASKED:
        masked = masked[:-_HALF_MASKED]
    return masked[:_LONGEST_DETAIL]


def _text(node: Element | None, secrets: QuotedSecrets) -> str | None:
    if node is None:
        return None
    text = "".join(str(part) for part in node.itertext()).strip()
    return secrets.mask(text, _LONGEST_TEXT) or None


def _child(node: Element, *names: str) -> Element | None:
    """Finds a child by local name: SOAP 1.1 has no namespace there, some servers add one."""
    for child in node.iterchildren("*"):
        if local_name(child.tag) in names:
            return child
    return None
