"""SubmitDocument's message, made of parties and forms and checked before anything is sent.

The schema checks each value by itself. Checked here is what a value means for another:

- each party and each form has an identifier of its own, and a signature is that of a party;
- the place of a date is of the same kind as that of its signature;
- the kinds of authentication that send text messages need a mobile number, and SMSCount is 1 with
  SMSOneClick and 0 with SelectOneClick (inferred);
- a transaction that starts at once has something to sign (inferred);
- a field has a name of its own (documented), and the TextTagField of a date comes before the
  signature that names it (inferred).
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import urlsplit

from esignwire.errors import InvalidRequest
from esignwire.signix._requests import kind_shown, shown
from esignwire.signix.forms import length_of
from esignwire.signix.models import (
    ClientPreference,
    Field,
    Form,
    Party,
    PdfField,
    Service,
    TextTag,
)
from esignwire.signix.settings import VENDOR
from esignwire_generated.signix.types.submit_document import (
    ClientPreferenceType,
    FormType,
    MemberInfoType,
    SignatureLineType,
    TextTagFieldType,
    TextTagSignatureType,
)

__all__ = [
    "check_email",
    "check_texts",
    "emails",
    "forms_of",
    "members_of",
    "preferences_of",
    "ref_ids",
]

_T = TypeVar("_T")

_DATE_FORMAT = "MM/dd/yy"
_SMS_COUNTS: Mapping[str, int] = {Service.SMS_ONE_CLICK: 1, Service.SELECT_ONE_CLICK: 0}
_NEED_MOBILE_NUMBER = ("SMS", "SharedSecret")
_MOST_QUESTIONS = 2
_LONGEST_VALUE = 60

_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")

_SIGNATURE_SIZE, _TEXT_SIZE, _DATE_SIZE = (180, 30), (120, 20), (90, 20)


def check_texts(**arguments: object) -> None:
    """Refuses an argument that is no text.

    Raises:
        InvalidRequest: One of them is no ``str``.
    """
    for name, value in arguments.items():
        if not isinstance(value, str):
            raise _refused(name, "must be a str", value)


def check_email(argument: str, address: object) -> None:
    """Refuses a text that is no e-mail address.

    Raises:
        InvalidRequest: It is none, or more than one.
    """
    if not isinstance(address, str) or _EMAIL.fullmatch(address) is None:
        rule = "must be one e-mail address, such as signer@example.com, without a name"
        raise _refused(argument, rule, address)


def emails(argument: str, addresses: Iterable[str]) -> str | None:
    """Joins e-mail addresses with semicolons, as the vendor takes them; ``None`` without any.

    Raises:
        InvalidRequest: One of them is no e-mail address.
    """
    listed = _listed(argument, addresses, str)
    for number, address in enumerate(listed):
        check_email(f"{argument}[{number}]", address)
    return ";".join(listed) or None


def members_of(parties: Sequence[Party]) -> list[MemberInfoType]:
    """Makes the MemberInfo of each party, in the order in which they sign.

    Raises:
        InvalidRequest: There is no party, two have one identifier, or one breaks a rule.
    """
    listed = _listed("parties", parties, Party)
    if not listed:
        raise _refused("parties", "must hold one Party at least", 0)
    members = [_member(f"parties[{number}]", party) for number, party in enumerate(listed)]
    _check_unique("parties", "ref_id", [party.ref_id for party in listed])
    return members


def ref_ids(members: Iterable[MemberInfoType]) -> list[str]:
    """The RefID of each party; ``members_of`` has given each one."""
    return [member.ref_id or "" for member in members]


def forms_of(
    forms: Sequence[Form], members: Sequence[MemberInfoType], *, is_suspended: bool
) -> list[FormType]:
    """Makes the Form of each document, in the same order.

    Raises:
        InvalidRequest: There is no form, a document cannot be read, or a field breaks a rule.
    """
    listed = _listed("forms", forms, Form)
    if not listed:
        raise _refused("forms", "must hold one Form at least", 0)
    fields = [
        _listed(f"forms[{number}].fields", form.fields, Field) for number, form in enumerate(listed)
    ]
    if not is_suspended and not any(one.ref_id is not None for form in fields for one in form):
        rule = "must hold a Field.signature, unless suspend_on_start=True"
        raise _refused("forms", rule, "no signature")
    numbers = {ref_id: number for number, ref_id in enumerate(ref_ids(members), 1)}
    # A signature finds its date by name, so that each name that is made is new in the message.
    taken = {
        name for number, form in enumerate(fields) for name in _names(f"forms[{number}]", form)
    }
    made = [
        _form(number, form, fields[number], numbers, taken) for number, form in enumerate(listed)
    ]
    _check_unique("forms", "ref_id", [form.ref_id for form in made])
    return made


def preferences_of(
    preferences: Mapping[str, str | bool] | None, push_url: str | None, url: str
) -> list[ClientPreferenceType]:
    """Makes the client preferences, those of the address for notifications included.

    A ``bool`` is written yes or no. ``url`` is the address of FlexAPI.

    Raises:
        InvalidRequest: A value is neither text nor a ``bool``, the address cannot be used, or it
            is given twice.
    """
    chosen = _mapping("preferences", {} if preferences is None else preferences)
    if push_url is not None:
        _check_push_url(push_url, url)
        own: dict[object, object] = {
            ClientPreference.USE_CLIENT_NOTIFY_VERSION_2: True,
            ClientPreference.TRANSACTION_CLIENT_NOTIFY_URL: push_url,
        }
        for name in own:
            if name in chosen:
                raise _refused("push_url", f"must be None where preferences hold {name}", push_url)
        chosen = {**chosen, **own}
    made: list[ClientPreferenceType] = []
    for name, value in chosen.items():
        text = ("yes" if value else "no") if isinstance(value, bool) else value
        if not isinstance(name, str) or not isinstance(text, str):
            raise _refused(f"preferences[{name!r}]", "must be a str or a bool", value)
        made.append(ClientPreferenceType(name=name, value=text))
    return made


def _member(argument: str, party: Party) -> MemberInfoType:
    names = ("ref_id", "first_name", "last_name", "service")
    check_texts(**{f"{argument}.{name}": getattr(party, name) for name in names})
    for name in ("ref_id", "service"):
        if not getattr(party, name).strip():
            raise _refused(f"{argument}.{name}", "must not be blank", "")
    check_email(f"{argument}.email", party.email)
    # The text of a constant is written, not its name.
    service = str(party.service)
    if party.mobile_number is None and service.startswith(_NEED_MOBILE_NUMBER):
        raise _refused(f"{argument}.mobile_number", f"must be given for {service}", None)
    known = _SMS_COUNTS.get(service)
    if known is not None and party.sms_count not in (None, known):
        rule = f"must be {known} for {service}"
        raise _refused(f"{argument}.sms_count", rule, party.sms_count)
    questions = cast(
        "list[tuple[str, str]]",
        _listed(f"{argument}.questions", cast("object", party.questions), tuple),
    )
    if len(questions) > _MOST_QUESTIONS or any(len(one) != 2 for one in questions):
        raise _refused(f"{argument}.questions", "must be at most two pairs", len(questions))
    (q1, a1), (q2, a2) = [*questions, (None, None), (None, None)][:2]
    return MemberInfoType(
        ref_id=party.ref_id,
        workflow_order=party.workflow_order,
        ssn=party.ssn,
        dob=_date_of_birth(f"{argument}.dob", party.dob),
        first_name=party.first_name,
        middle_name=party.middle_name,
        last_name=party.last_name,
        email=party.email,
        service=service,
        mobile_number=party.mobile_number,
        sms_count=known if party.sms_count is None else party.sms_count,
        q1=q1,
        a1=a1,
        q2=q2,
        a2=a2,
        post_signature_image_link=party.image,
    )


def _date_of_birth(argument: str, value: dt.date | str) -> str:
    given = cast("object", value)
    if isinstance(given, str):
        return given
    if isinstance(given, dt.date) and not isinstance(given, dt.datetime):
        # Years before 1000 have four digits too, which strftime leaves to the system.
        return f"{given.month:02}/{given.day:02}/{given.year:04}"
    raise InvalidRequest(
        f"{argument} must be a date or text as MM/DD/YYYY, and {kind_shown(given)} came; nothing"
        " was sent",
        path=argument,
        rule="must be a date or text as MM/DD/YYYY",
        vendor=VENDOR,
        operation="SubmitDocument",
    )


def _form(
    number: int,
    form: Form,
    fields: Sequence[Field],
    numbers: Mapping[str, int],
    taken: set[str],
) -> FormType:
    argument = f"forms[{number}]"
    ref_id = f"form{number + 1}" if form.ref_id is None else form.ref_id
    check_texts(**{f"{argument}.ref_id": ref_id})
    file_name = _file_name(form) or f"{ref_id}.pdf"
    return FormType(
        ref_id=ref_id,
        desc=file_name if form.description is None else form.description,
        file_name=file_name,
        mime_type=form.mime_type,
        form_password=form.password,
        items=list(_items(argument, fields, numbers, taken)),
        length=length_of(form.document, f"{argument}.document"),
        data=form.document,
    )


def _file_name(form: Form) -> str | None:
    if form.file_name is not None:
        return form.file_name
    # An open file has the name that it was opened by, or the number of its descriptor.
    path: object = getattr(form.document, "name", None)
    if isinstance(form.document, os.PathLike):
        path = os.fsdecode(form.document)
    return Path(path).name if isinstance(path, str) else None


def _names(argument: str, fields: Sequence[Field]) -> list[str]:
    """The names that the fields of a form are given, each once only."""
    for number, one in enumerate(fields):
        for name in ("ref_id", "name"):
            if getattr(one, name) is not None:
                check_texts(**{f"{argument}.fields[{number}].{name}": getattr(one, name)})
    names = [one.name for one in fields if one.name is not None]
    _check_unique(f"{argument}.fields", "name", names)
    return names


def _items(
    argument: str, fields: Sequence[Field], numbers: Mapping[str, int], taken: set[str]
) -> Iterator[TextTagFieldType | TextTagSignatureType | SignatureLineType]:
    signatures: list[TextTagSignatureType | SignatureLineType] = []
    for number, one in enumerate(fields):
        where = f"{argument}.fields[{number}]"
        _check_places(where, one)
        if one.ref_id is None:
            if isinstance(one.at, TextTag):  # which was checked
                name = _new_name("Field", taken) if one.name is None else one.name
                yield _tag_field(one.at, one.kind, name, _TEXT_SIZE, is_required=one.is_required)
            continue
        if one.ref_id not in numbers:
            known = ", ".join(map(repr, numbers))
            raise _refused(f"{where}.ref_id", f"must be that of a party: {known}", one.ref_id)
        if isinstance(one.at, PdfField):
            signatures.append(_signature_line(one, one.at, numbers[one.ref_id]))
            continue
        date_name = None
        if isinstance(one.date_at, TextTag):
            date_name = _new_name("DateSigned", taken)
            yield _tag_field(one.date_at, "DateSigned", date_name, _DATE_SIZE, is_required=True)
        signatures.append(
            TextTagSignatureType(
                member_info_number=numbers[one.ref_id],
                anchor_text=one.at.text,
                anchor_x_offset=one.at.x,
                anchor_y_offset=one.at.y,
                width=_SIGNATURE_SIZE[0] if one.at.width is None else one.at.width,
                height=_SIGNATURE_SIZE[1] if one.at.height is None else one.at.height,
                is_required=one.is_required,
                date_signed_tag_name=date_name,
                date_signed_format=None if date_name is None else one.date_format or _DATE_FORMAT,
            )
        )
    yield from signatures


def _check_places(where: str, one: Field) -> None:
    places = cast("dict[str, object]", {"at": one.at, "date_at": one.date_at})
    for name, place in places.items():
        if not isinstance(place, TextTag | PdfField) and (name == "at" or place is not None):
            raise _refused(
                f"{where}.{name}", "must be words of the document, a TextTag or a PdfField", place
            )
        text = place.text if isinstance(place, TextTag) else getattr(place, "name", "")
        if place is not None and (not isinstance(text, str) or not text.strip()):
            raise _refused(f"{where}.{name}", "must not be blank", text)
    if one.ref_id is None and isinstance(one.at, PdfField):
        raise _refused(f"{where}.at", "must be words of the document", one.at)
    if one.date_at is not None and type(one.date_at) is not type(one.at):
        kind = type(one.at).__name__
        raise _refused(f"{where}.date_at", f"must be a {kind} like at", one.date_at)
    if one.date_at is None and (one.date_format, one.time_zone) != (None, None):
        raise _refused(f"{where}.date_at", "must be given with date_format and time_zone", None)
    if one.time_zone is not None and not isinstance(one.at, PdfField):
        raise _refused(f"{where}.time_zone", "must be None but with a PdfField", one.time_zone)
    if not one.is_required and isinstance(one.at, PdfField):
        raise _refused(f"{where}.is_required", "must be True with a PdfField", one.is_required)


def _tag_field(
    at: TextTag, kind: str, name: str, size: tuple[int, int], *, is_required: bool
) -> TextTagFieldType:
    return TextTagFieldType(
        type=kind,
        anchor_text=at.text,
        anchor_x_offset=at.x,
        anchor_y_offset=at.y,
        width=size[0] if at.width is None else at.width,
        height=size[1] if at.height is None else at.height,
        is_required=is_required,
        tag_name=name,
    )


def _signature_line(one: Field, at: PdfField, number: int) -> SignatureLineType:
    date = one.date_at.name if isinstance(one.date_at, PdfField) else None
    return SignatureLineType(
        member_info_number=number,
        sign_field=at.name,
        date_signed_field=date,
        date_signed_format=None if date is None else one.date_format or _DATE_FORMAT,
        date_signed_time_zone=one.time_zone,
    )


def _new_name(kind: str, taken: set[str]) -> str:
    number = 1
    while f"{kind}{number}" in taken:
        number += 1
    name = f"{kind}{number}"
    taken.add(name)
    return name


def _check_push_url(push_url: object, url: str) -> None:
    try:
        parts = urlsplit(push_url if isinstance(push_url, str) else "")
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_url = False
    if not is_url:
        raise _refused("push_url", "must be an address that begins with https://", push_url)
    host = urlsplit(url).hostname or ""
    is_production = host == "signix.net" or host.endswith(".signix.net")
    if is_production and not str(push_url).startswith("https"):
        raise _refused("push_url", "must be https, which production wants", push_url)


def _check_unique(argument: str, name: str, values: Sequence[str]) -> None:
    for number, value in enumerate(values):
        if value in values[:number]:
            raise _refused(f"{argument}[{number}].{name}", "must be given once only", value)


def _listed(argument: str, values: object, kind: type[_T]) -> list[_T]:
    """The items of a list, each of one kind."""
    is_one = isinstance(values, str | bytes) or (isinstance(values, kind) and kind is not tuple)
    if is_one or not isinstance(values, Iterable):
        raise _refused(argument, f"must be a list of {kind.__name__}", values)
    listed = list(cast("Iterable[object]", values))
    for number, value in enumerate(listed):
        if not isinstance(value, kind):
            raise _refused(f"{argument}[{number}]", f"must be a {kind.__name__}", value)
    return cast("list[_T]", listed)


def _mapping(argument: str, value: object) -> dict[object, object]:
    if not isinstance(value, Mapping):
        raise _refused(argument, "must be a mapping of names and values", value)
    return dict(cast("Mapping[object, object]", value))


def _refused(argument: str, rule: str, given: object) -> InvalidRequest:
    value = given if isinstance(given, str) and len(given) <= _LONGEST_VALUE else None
    return InvalidRequest(
        f"{argument} {rule}, and {shown(given)} came: correct it and call again; nothing was sent",
        path=argument,
        value=value,
        rule=rule,
        vendor=VENDOR,
        operation="SubmitDocument",
    )
