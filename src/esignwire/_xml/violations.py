"""Violations that libxml2 finds, in words that help: where, what, and what to do.

There are no namespaces in the way and no secret in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from esignwire._call import Call
from esignwire._xml.elements import Element, local_name, path_of
from esignwire.errors import InvalidRequest

__all__ = ["Violation", "refusal"]

_LONGEST_VALUE = 200
_LONGEST_RULE = 500

# Not the braces around the values of an enumeration.
_NAMESPACE = re.compile(r"\{[^{}\s']+\}(?=\w)")
_STEP = re.compile(r"(?P<name>[^\[\]]+)(?:\[(?P<number>\d+)\])?")
# How each of libxml2's sentences begins. Names hold no quotes, so nothing of a value can slip in.
_SUBJECT = re.compile(
    r"Element '(?P<element>[^']*)'(?:, attribute '(?P<attribute>[^']*)')?:"
    r" (?:\[facet '(?P<facet>[^']*)'\] )?"
)
_MISSING_ATTRIBUTE = re.compile(r"The attribute '(?P<name>[^']*)' is required but missing\.")
# How some of them end. Only the schema's own words stand there.
_ALLOWED_LENGTH = re.compile(r"the allowed (?P<kind>(?:minimum |maximum )?length of '\d+')\.$")
_TYPE = re.compile(r"type '(?P<type>[^']*)'\.$")

# libxml2's error codes (xmlerror.h).
_UNEXPECTED_OR_MISSING_ELEMENT = 1871
_MISSING_ATTRIBUTE_CODE = 1868
_UNKNOWN_ATTRIBUTE = {1866, 1867}
_WRONG_TYPE = range(1824, 1827)
_FACETS = range(1829, 1842)
_ABOUT_VALUES = {*_WRONG_TYPE, *_FACETS}
# What is said about these holds names and never a value.
_ABOUT_NAMES = {
    1828,  # an element within a simple value
    1843,  # text between elements
    1845,  # an unknown root element
    1847,  # xsi:nil where it is not allowed
    _UNEXPECTED_OR_MISSING_ELEMENT,
    _MISSING_ATTRIBUTE_CODE,
    *_UNKNOWN_ATTRIBUTE,
}


class Violation(NamedTuple):
    """One broken rule, as libxml2 tells it."""

    code: int
    path: str
    words: str


def refusal(violations: Sequence[Violation], element: Element, call: Call) -> InvalidRequest:
    """Makes the error about the first violation, with its place, value and rule."""
    violation = violations[0]
    subject = _SUBJECT.match(violation.words)
    attribute = local_name(subject["attribute"]) if subject and subject["attribute"] else None
    missing = _MISSING_ATTRIBUTE.search(violation.words)
    if missing:
        attribute = local_name(missing["name"])
    node = _find(element, violation.path)
    path = path_of(node, element)
    if attribute:
        path += f"/@{attribute}"
    name = attribute or local_name(node.tag)
    is_secret = name in call.sensitive
    value = None
    if violation.code in _ABOUT_VALUES and not is_secret:
        value = _shorten(_attribute_value(node, attribute) if attribute else node.text or "")
    rule = _secret_rule(violation) if is_secret else _open_rule(violation)
    others = len(violations) - 1
    more = f" ({others} more of the kind)" if others else ""
    return InvalidRequest(
        f"{path}: {rule}; {_advice(violation)}{more}; nothing was sent",
        path=path,
        value=value,
        rule=rule,
        **call.where,
    )


def _find(root: Element, path: str) -> Element:
    """Follows libxml2's path, in which an element without a prefix is a ``*``."""
    steps = [step for step in path.split("/") if step]
    node = root
    for step in steps[1:]:
        found = _STEP.fullmatch(step)
        if found is None:
            return node
        name, number = found["name"], int(found["number"] or 1)
        same = [child for child in node.iterchildren("*") if name in {"*", _prefixed_name(child)}]
        if number > len(same):
            return node
        node = same[number - 1]
    return node


def _prefixed_name(element: Element) -> str:
    name = local_name(element.tag)
    return f"{element.prefix}:{name}" if element.prefix else name


def _attribute_value(element: Element, local: str) -> str:
    for name, value in element.attrib.items():
        if local_name(str(name)) == local:
            return str(value)
    return ""


def _shorten(text: str, longest: int = _LONGEST_VALUE) -> str:
    return text if len(text) <= longest else text[:longest] + "..."


def _open_rule(violation: Violation) -> str:
    """libxml2's words without what the path already says."""
    words = _NAMESPACE.sub("", _SUBJECT.sub("", violation.words, count=1)).strip()
    return _shorten(words.removesuffix("."), _LONGEST_RULE)


def _secret_rule(violation: Violation) -> str:
    """The rule for a secret value: nothing is taken from words that could quote it."""
    if violation.code in _ABOUT_NAMES:
        return _open_rule(violation)
    length = _ALLOWED_LENGTH.search(violation.words)
    if length:
        return f"The value does not have the allowed {length['kind']}"
    type_name = _TYPE.search(violation.words)
    if type_name and violation.code in _WRONG_TYPE:
        return f"The value is not valid for the type '{local_name(type_name['type'])}'"
    subject = _SUBJECT.match(violation.words)
    if subject and subject["facet"]:
        return f"The value breaks the rule '{subject['facet']}' of its type"
    return "The value breaks a rule of its type"


def _advice(violation: Violation) -> str:
    if violation.code == _MISSING_ATTRIBUTE_CODE:
        return "give it a value"
    if violation.code in _UNKNOWN_ATTRIBUTE:
        return "leave it out"
    if violation.code == _UNEXPECTED_OR_MISSING_ELEMENT:
        if "Missing child" in violation.words:
            return "give what is missing"
        return "leave it out, or give what must stand before it"
    if violation.code in _ABOUT_VALUES:
        return "give a value that fits"
    return "correct it"
