"""DocumentTRAK of AssureSign: designs of web notifications, and what comes in by them.

AssureSign gives a notification no form of its own. An administrator writes a body with names in
square brackets, which AssureSign replaces by values (documented)::

    design = documenttrak.template(
        [MergeField.ENVELOPE_ID, MergeField.TRANSACTION_NAME, "Signatory 1 Email Address"],
        event="Document_Completed",
    )
    print(design.body)            # what the administrator pastes
    design.parse(body).values     # what came
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NoReturn, Protocol, cast
from urllib.parse import parse_qsl

from esignwire._client import Incoming
from esignwire._xml import parse_given
from esignwire.errors import InvalidRequest

__all__ = ["Declared", "Design", "MergeField", "Notification", "Template", "declare", "template"]

_VENDOR = "AssureSign"
_KIND = "DocumentTRAK"
_MOST_BYTES = 1024 * 1024
_NAME = re.compile(r"[^\[\]\x00-\x1f\x7f]{1,200}")
_EVENT = re.compile(r"[A-Za-z0-9_]{1,100}")
_XML_PLACE = re.compile(r"(?:[\w.-]+/)*(?:@?[\w.-]+)")
_Form = Literal["json", "xml", "form"]


class MergeField(StrEnum):
    """Names that AssureSign replaces in a design (documented).

    The list is not whole, since the vendor's pages are stored in part. The names of a template's
    parameters, such as ``Signatory 1 Email Address``, serve as well.

    Attributes:
        COMPANY_NAME: The company of the account.
        CUSTOM_MESSAGE: A message of the sender.
        ENVELOPE_ID: The envelope.
        LINK_FINAL_DOCUMENT: Where the signed document can be fetched: a secret.
        RECIPIENT_NAME: Who is told.
        TRANSACTION_NAME: The name of the document or the envelope.
        TRANSACTION_TYPE_NAME: ``Document`` or ``Envelope``.
        USERNAME: The user who sent it.
        USER_FULL_NAME: That user's name.
    """

    COMPANY_NAME = "Company Name"
    CUSTOM_MESSAGE = "Custom Message"
    ENVELOPE_ID = "Envelope ID"
    LINK_FINAL_DOCUMENT = "Link - Final Document"
    RECIPIENT_NAME = "Recipient Name"
    TRANSACTION_NAME = "Transaction Name"
    TRANSACTION_TYPE_NAME = "Transaction Type Name"
    USERNAME = "Username"
    USER_FULL_NAME = "User Full Name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What came by a design. Nothing proves that it comes from AssureSign.

    Attributes:
        event: The event that the design is for, such as ``Document_Completed``; ``None`` where
            the design names none.
        values: The values by the names of their merge fields. No representation shows them.
        unfilled: The merge fields that AssureSign left as they were, because it does not know
            them, and those that a body lacks.
    """

    event: str | None
    values: Mapping[str, str] = field(repr=False, hash=False)
    unfilled: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A digest that is the same for a repeated notification: of the event and all values."""
        return _incoming().key(self.event, sorted(self.values.items()))


class Design(Protocol):
    """A design that bodies can be read by."""

    @property
    def event(self) -> str | None:
        """The event that it is for."""
        ...

    def parse(self, body: str | bytes) -> Notification:
        """Reads what came by it.

        Args:
            body: The body of the request.

        Returns:
            The notification.

        Raises:
            InvalidNotification: The body is none of this design.
        """
        ...


@dataclass(frozen=True, slots=True)
class Template:
    """A design whose body is ours; see ``template``.

    Attributes:
        fields: The merge fields.
        event: The event that it is for.
        most_bytes: The most bytes that a body may have.
    """

    fields: tuple[str, ...]
    event: str | None = None
    most_bytes: int = _MOST_BYTES

    @property
    def body(self) -> str:
        """What an administrator pastes as the body of the design, as plain text."""
        lines = [
            line
            for mark, name in zip(self._marks(), self.fields, strict=False)
            for line in (mark, f"[{name}]")
        ]
        return "\n".join([*lines, self._marks()[-1]])

    def __str__(self) -> str:
        return self.body

    def _marks(self) -> list[str]:
        """What stands before each value, and behind the last."""
        told = json.dumps([self.event, *self.fields])
        code = hashlib.sha256(told.encode("utf-8")).hexdigest()[:16]
        names = [f"{number} {name}" for number, name in enumerate(self.fields, 1)]
        return [f"--{code} {name}--" for name in [*names, f"end {self.event or ''}".strip()]]

    def parse(self, body: str | bytes) -> Notification:
        """Reads what came by it. A value may hold whatever it likes but the marks of the design.

        Args:
            body: The body of the request, in UTF-8.

        Returns:
            The notification.

        Raises:
            InvalidNotification: The body is too long, or none of this design.
        """
        incoming = _incoming(self.most_bytes)
        rest = incoming.text(body).strip()
        marks = self._marks()
        if any(rest.count(mark) != 1 for mark in marks):
            raise incoming.refused(
                "the body has not the marks of this design, each once: paste the design anew where"
                " its fields or its event have changed"
            )
        parts: list[str] = []
        for mark in marks:
            before, _, rest = rest.partition(mark)
            parts.append(before.strip())
        if len(parts) != len(marks) or parts[0] or rest:
            raise incoming.refused("the marks of the design stand in another order")
        return _notification(self.event, dict(zip(self.fields, parts[1:], strict=True)))


@dataclass(frozen=True, slots=True)
class Declared:
    """A design whose body is someone's own; see ``declare``.

    Attributes:
        form: What the body is.
        places: Where each merge field stands.
        event: The event that it is for.
        most_bytes: The most bytes that a body may have.
    """

    form: _Form
    places: Mapping[str, str]
    event: str | None = None
    most_bytes: int = _MOST_BYTES

    def parse(self, body: str | bytes) -> Notification:
        """Reads what came by it.

        Args:
            body: The body of the request, in UTF-8.

        Returns:
            The notification. What stands at no place is left aside.

        Raises:
            InvalidNotification: The body is too long, is not what it is declared to be, or holds
                none of the values.
        """
        incoming = _incoming(self.most_bytes)
        text = incoming.text(body)
        try:
            found = _READERS[self.form](text, self.places)
        except (ValueError, RecursionError):
            # Without the cause, which may hold the whole body.
            raise incoming.refused(f"the body is not well-formed {self.form}") from None
        if not found:
            raise incoming.refused("the body has nothing at any of the places")
        return _notification(self.event, {name: found.get(name, "") for name in self.places}, found)


def template(fields: Sequence[MergeField | str], *, event: str | None = None) -> Template:
    """Makes a design, whose body an administrator pastes.

    Its body is plain text with a mark before each value, so that a value may hold quotes, angle
    brackets and lines: whether AssureSign escapes values in XML or JSON is not published.

    Args:
        fields: The merge fields, without brackets; each once.
        event: The event that the design will be assigned to, as AssureSign's API spells it
            (``NotificationTimingType``), such as ``Document_Completed``. The vendor has no merge
            field for it: make a design for each.

    Returns:
        The design. The same arguments make the same one.

    Raises:
        InvalidRequest: There is no field, or one cannot be the name of a merge field.
    """
    names = tuple(map(str, fields))
    if isinstance(fields, str) or not names or len(set(names)) < len(names):
        raise _refused("fields", "must be a list of at least one name, each once")
    _check(names, event)
    return Template(names, event)


def declare(
    form: Literal["json", "xml", "form"],
    places: Mapping[str, str],
    *,
    event: str | None = None,
) -> Declared:
    """Declares a design that is there already, or that another system wants.

    Args:
        form: What its body is: JSON, XML, or a form (``application/x-www-form-urlencoded``).
        places: Where the value of each merge field stands: in JSON the names of members, with
            ``/`` between them and numbers for the items of a list, such as ``data/0/id``; in XML
            the names of elements below the root, whatever their namespaces, such as
            ``Envelope/Id`` or ``Envelope/@id``; in a form the name of the field.
        event: The event that the design is assigned to.

    Returns:
        The design.

    Raises:
        InvalidRequest: An argument cannot be used.
    """
    if form not in _READERS:
        raise _refused("form", "must be json, xml or form")
    if not places or not all(places.values()):
        raise _refused("places", "must name a place for at least one merge field")
    if form == "xml" and not all(map(_XML_PLACE.fullmatch, places.values())):
        raise _refused("places", "must be names with / between them; the last may be an @attribute")
    _check(tuple(map(str, places)), event)
    return Declared(form, {str(name): place for name, place in places.items()}, event)


def _check(names: tuple[str, ...], event: str | None) -> None:
    if not all(_NAME.fullmatch(name) and name == name.strip() for name in names):
        raise _refused("fields", "must be names without square brackets and blanks around them")
    if event is not None and not _EVENT.fullmatch(event):
        raise _refused("event", "must be a name such as Document_Completed")


def _refused(path: str, rule: str) -> InvalidRequest:
    return InvalidRequest(f"{path} {rule}", path=path, rule=rule, vendor=_VENDOR, operation=_KIND)


def _incoming(most_bytes: int = _MOST_BYTES) -> Incoming:
    return Incoming(_VENDOR, _KIND, most_bytes)


def _notification(
    event: str | None, values: Mapping[str, str], found: Mapping[str, str] | None = None
) -> Notification:
    unfilled = tuple(
        name
        for name, value in values.items()
        if value == f"[{name}]" or (found is not None and name not in found)
    )
    filled = {name: value for name, value in values.items() if name not in unfilled}
    return Notification(event=event, values=filled, unfilled=unfilled)


def _read_json(text: str, places: Mapping[str, str]) -> dict[str, str]:
    root: object = json.loads(text, parse_constant=_refuse_constant)
    found: dict[str, str] = {}
    for name, place in places.items():
        value = root
        for step in place.split("/"):
            if isinstance(value, dict):
                value = cast("dict[str, object]", value).get(step)
            elif isinstance(value, list) and step.isdecimal() and len(step) < 10:
                items = cast("list[object]", value)
                value = items[int(step)] if int(step) < len(items) else None
            else:
                value = None
        if value is not None:
            found[name] = value if isinstance(value, str) else json.dumps(value)
    return found


def _read_xml(text: str, places: Mapping[str, str]) -> dict[str, str]:
    root = parse_given(text)
    found: dict[str, str] = {}
    for name, place in places.items():
        path, _, attribute = place.partition("@")
        steps = [f"{{*}}{step}" for step in path.split("/") if step]
        element = root.find("/".join(steps)) if steps else root
        if element is None:
            continue
        value = element.get(attribute) if attribute else "".join(map(str, element.itertext()))
        if value is not None:
            found[name] = value.strip()
    return found


def _read_form(text: str, places: Mapping[str, str]) -> dict[str, str]:
    sent = dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=1000))
    return {name: sent[place] for name, place in places.items() if place in sent}


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


_READERS = {"json": _read_json, "xml": _read_xml, "form": _read_form}
