"""SOAP faults of both versions, with the secrets in them masked."""

from __future__ import annotations

import functools
import html
import re
from urllib.parse import unquote_plus

from lxml import etree

from esignwire._call import Call
from esignwire._secrets import MASK, QuotedSecrets
from esignwire._xml import Element, local_name
from esignwire.errors import SoapFault

__all__ = ["read_fault"]

_LONGEST_DETAIL = 4_000
# Only the beginning of a detail is shown, so only so much of it is masked. A secret that was cut in
# two at the end of that part is not recognised, so the last characters are dropped.
_LONGEST_MASKED = 64 * 1024
_HALF_MASKED = 10_000
_LONGEST_TEXT = 2_000

_JSON_ESCAPE = re.compile(r"\\+u([0-9A-Fa-f]{4})")
# So often at most is a text unescaped: it may hold XML that holds JSON that holds XML.
_DEEPEST = 8


def read_fault(fault: Element, call: Call, http_status: int, sent: object) -> SoapFault:
    """Reads a fault of SOAP 1.1 or 1.2, which may quote the secrets of what was sent."""
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
    return SoapFault(
        f"the vendor answered with a SOAP fault: {text or 'without a reason'}",
        fault_code=code,
        fault_string=text,
        fault_actor=_text(_child(fault, "faultactor", "Role"), secrets),
        detail=None if detail is None else _shown(detail, call, secrets),
        **call.where,
        http_status=http_status,
    )


def _shown(detail: Element, call: Call, secrets: QuotedSecrets) -> str:
    written = etree.tostring(detail, encoding="unicode", with_tail=False)
    # A copy, since the answer belongs to the plugins too. The parser closes what was cut off.
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    copy: Element | None = etree.fromstring(written[:_LONGEST_MASKED], parser)
    if copy is None:
        return MASK
    for node in [*copy.iter("*")]:
        _mask(node, call.sensitive)
    masked = secrets.mask(etree.tostring(copy, encoding="unicode"))
    if len(written) > _LONGEST_MASKED:
        masked = masked[:-_HALF_MASKED]
    return masked[:_LONGEST_DETAIL]


def _mask(node: Element, sensitive: frozenset[str]) -> None:
    """Masks one element of a detail.

    Where its name is sensitive, its content becomes one mask; so does a text or an attribute that
    itself looks like markup and holds a sensitive name. The names have no prefixes.
    """
    for name, value in ((str(key), str(one)) for key, one in node.items()):
        if value and (local_name(name) in sensitive or _holds_names(value, sensitive)):
            node.set(name, MASK)
    text = "".join([node.text or "", *(child.tail or "" for child in node)])
    is_sensitive = local_name(node.tag) in sensitive and (len(node) or text.strip())
    if is_sensitive or _holds_names(text, sensitive):
        for child in [*node]:
            node.remove(child)
        node.text = MASK


def _holds_names(text: str, sensitive: frozenset[str]) -> bool:
    """Whether a text looks like markup, JSON or a form, and holds a sensitive name."""
    for _ in range(_DEEPEST):
        letters = _JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)), html.unescape(text))
        plain = unquote_plus(letters)
        if plain == text:
            break
        text = plain
    else:
        return True  # since what it holds cannot be told
    return _names(sensitive).search(text) is not None


@functools.cache
def _names(sensitive: frozenset[str]) -> re.Pattern[str]:
    """Matches the names as tags, as members of JSON objects, and before an equals sign."""
    names = "|".join(map(re.escape, sorted(sensitive)))
    return re.compile(
        rf"</?(?:[^\s<>/]*:)?(?:{names})\b"
        rf'|"(?:{names})\\*"'
        rf"|[{{,]\s*(?:{names})\s*:"
        rf"|\b(?:{names})\s*="
    )


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
