"""Commands in JSON that SubmitAjax runs on a transaction (documented, but for the quotes).

Each command is a frozen model with the vendor's own names, and its JSON has the vendor's order.
The vendor's page prints cancel, suspend and resume with single quotes and without an end; what is
sent is JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self, TypeAlias, cast, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    ModelWrapValidatorHandler,
    RootModel,
    Tag,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, PydanticSerializationError

from esignwire.errors import InvalidRequest
from esignwire.signix.settings import VENDOR

__all__ = [
    "Command",
    "EmailAddress",
    "EmailAddressTable",
    "EmailChange",
    "MobileNumberChange",
    "PhoneNumber",
    "PhoneTable",
    "RawCommand",
    "TransactionCancel",
    "TransactionResume",
    "TransactionRole",
    "TransactionSaveDeltas",
    "TransactionSendPartyEmail",
    "TransactionSuspend",
    "TransactionUpdateRole",
    "TxRoleAddressee",
    "parse_command",
]

_LONGEST_VALUE = 60
_LONGEST_PATH = 12

# This refuses texts that are no address at all; only the vendor can tell whether an address exists.
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_MOBILE_NUMBER = re.compile(r"[0-9]{10}")


def _refusal(error: ValidationError, name: str) -> InvalidRequest:
    first = error.errors(include_url=False, include_context=False)[0]
    steps = [str(step) for step in first["loc"]]
    if len(steps) > _LONGEST_PATH:
        steps = [*steps[:_LONGEST_PATH], "..."]
    path = "/".join([name, *steps])
    given = first["input"]
    value = given if isinstance(given, str) else None
    if value is not None and len(value) > _LONGEST_VALUE:
        value = value[: _LONGEST_VALUE - 3] + "..."
    shown = "" if value is None else f"; {value!a} was given"
    rule = first["msg"].replace("Input should be", "must be")
    if value is None and first["type"] != "missing":
        kind = type(cast("object", given)).__name__
        shown = "; None was given" if given is None else f"; an object of type {kind} was given"
    return _unusable(path, rule, value, shown)


class _Part(BaseModel):
    """A JSON object of the vendor's."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=to_camel,
        defer_build=True,  # most programs send one or two of the commands
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        strict=True,
    )

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_in_our_terms(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            failure = _refusal(error, cls.__name__)
        # Outside of the clause: pydantic's error holds what was given.
        raise failure


class _Command(_Part):
    def to_json(self) -> str:
        """Writes the command as the vendor prints it.

        Returns:
            The JSON text, without blanks between its parts.

        Raises:
            InvalidRequest: It holds half a character, which JSON cannot carry.
        """
        try:
            return self.model_dump_json(by_alias=True)
        except PydanticSerializationError as error:
            raise _unusable(type(self).__name__, "a value cannot be written as JSON") from error


class TransactionCancel(_Command):
    """Cancels (voids) the transaction.

    A transaction that has expired, was cancelled or is complete is answered with a warning.

    Attributes:
        object_type: The vendor's name of the command.
    """

    object_type: Literal["Transaction_Cancel"] = "Transaction_Cancel"


class TransactionSuspend(_Command):
    """Suspends the transaction; resume it with ``TransactionResume``.

    A transaction that is suspended already or complete is answered with a warning.

    Attributes:
        object_type: The vendor's name of the command.
    """

    object_type: Literal["Transaction_Suspend"] = "Transaction_Suspend"


class TransactionResume(_Command):
    """Resumes a suspended transaction. One that is complete is answered with a warning.

    Attributes:
        object_type: The vendor's name of the command.
    """

    object_type: Literal["Transaction_Resume"] = "Transaction_Resume"


class EmailAddress(_Part):
    """An e-mail address, the new one.

    Attributes:
        address: The address.
        object_type: The vendor's name of the part.
        type: What kind of address it is; the vendor's page knows ``Home`` alone.
    """

    address: str
    object_type: Literal["EmailAddress"] = "EmailAddress"
    type: str = "Home"

    @field_validator("address")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if _EMAIL.fullmatch(value) is None:
            raise PydanticCustomError(
                "email", "must be one e-mail address, such as signer@example.com, without a name"
            )
        return value


class EmailAddressTable(_Part):
    """The one e-mail address that is changed, under the key that the vendor's page has: the RefID.

    Attributes:
        ref_id: The RefID of the party.
        email_address: The new address.
    """

    ref_id: str = Field(min_length=1)
    email_address: EmailAddress

    @model_validator(mode="before")
    @classmethod
    def _from_table(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        table = cast("Mapping[str, object]", data)
        if {"ref_id", "refId", "email_address", "emailAddress"} & set(table):
            return table
        if len(table) != 1:
            raise PydanticCustomError("one_address", "must hold exactly one e-mail address")
        ((ref_id, address),) = table.items()
        return {"ref_id": ref_id, "email_address": address}

    @model_serializer
    def _to_table(self) -> dict[str, EmailAddress]:
        return {self.ref_id: self.email_address}


class EmailChange(_Part):
    """What is changed of a party: its e-mail address.

    Attributes:
        object_type: The vendor's name of the part.
        email_address_table: The new address.
    """

    object_type: Literal["PersonData"] = "PersonData"
    email_address_table: EmailAddressTable


class PhoneNumber(_Part):
    """A mobile number, the new one.

    Attributes:
        object_type: The vendor's name of the part.
        id: What the vendor calls a mobile number.
        type: Empty on the vendor's page.
        number: The number: exactly 10 digits, without a country code, blanks or punctuation.
    """

    object_type: Literal["PhoneNumber"] = "PhoneNumber"
    id: Literal["Mobile"] = "Mobile"
    type: str = ""
    number: str

    @field_validator("number")
    @classmethod
    def _has_ten_digits(cls, value: str) -> str:
        if _MOBILE_NUMBER.fullmatch(value) is None:
            raise PydanticCustomError(
                "mobile_number",
                "must be exactly 10 digits, without a country code, blanks or punctuation",
            )
        return value


class PhoneTable(_Part):
    """The one mobile number that is changed.

    Attributes:
        mobile1: The new number, under the key ``Mobile1``.
    """

    mobile1: PhoneNumber = Field(validation_alias="Mobile1", serialization_alias="Mobile1")


class MobileNumberChange(_Part):
    """What is changed of a party: its mobile number.

    Attributes:
        object_type: The vendor's name of the part.
        phone_table: The new number.
    """

    object_type: Literal["PersonData"] = "PersonData"
    phone_table: PhoneTable


def _kind_of_change(value: object) -> str:
    if isinstance(value, Mapping):
        # Where both are given, the model of the e-mail refuses the other.
        names = set(cast("Mapping[str, object]", value))
        return "mobile number" if names <= {"objectType", "phoneTable"} else "e-mail"
    return "mobile number" if isinstance(value, MobileNumberChange) else "e-mail"


class TransactionRole(_Part):
    """A party and the one thing of it that is changed.

    Attributes:
        id: The RefID of the party, as it was submitted.
        object_type: The vendor's name of the part.
        party: The change: an e-mail address or a mobile number, never both.
    """

    id: str = Field(min_length=1)
    object_type: Literal["TransactionRole"] = "TransactionRole"
    party: Annotated[
        Annotated[EmailChange, Tag("e-mail")] | Annotated[MobileNumberChange, Tag("mobile number")],
        Discriminator(_kind_of_change),
    ]


class TransactionUpdateRole(_Part):
    """One change of one party.

    Attributes:
        object_type: The vendor's name of the part.
        role: The party and its change.
    """

    object_type: Literal["Transaction_UpdateRole"] = "Transaction_UpdateRole"
    role: TransactionRole


class TransactionSaveDeltas(_Command):
    """Changes one element of one party, for this transaction only.

    The vendor allows one element of a party in a request; there is no place for a second.

    Attributes:
        object_type: The vendor's name of the command.
        deltas: The one change.
    """

    object_type: Literal["Transaction_SaveDeltas"] = "Transaction_SaveDeltas"
    # JSON has lists where Python has tuples.
    deltas: tuple[TransactionUpdateRole] = Field(strict=False)

    @classmethod
    def change_email(cls, ref_id: str, email: str) -> Self:
        """Changes the e-mail address of a party.

        Args:
            ref_id: The RefID of the party, as it was submitted.
            email: The new address.

        Returns:
            The command.

        Raises:
            InvalidRequest: The address is none, or the RefID is empty.
        """
        table = EmailAddressTable(ref_id=ref_id, email_address=EmailAddress(address=email))
        return cls._of(ref_id, EmailChange(email_address_table=table))

    @classmethod
    def change_mobile_number(cls, ref_id: str, number: str) -> Self:
        """Changes the mobile number of a party.

        Args:
            ref_id: The RefID of the party, as it was submitted.
            number: The new number: exactly 10 digits.

        Returns:
            The command.

        Raises:
            InvalidRequest: The number does not have 10 digits, or the RefID is empty.
        """
        table = PhoneTable(mobile1=PhoneNumber(number=number))
        return cls._of(ref_id, MobileNumberChange(phone_table=table))

    @classmethod
    def _of(cls, ref_id: str, change: EmailChange | MobileNumberChange) -> Self:
        role = TransactionRole(id=ref_id, party=change)
        return cls(deltas=(TransactionUpdateRole(role=role),))


class TxRoleAddressee(_Part):
    """A party that an e-mail goes to.

    Attributes:
        object_type: The vendor's name of the part.
        id: The RefID of the party, as it was submitted. The vendor spells it ``Id`` here and
            ``id`` elsewhere.
        name: Empty on the vendor's page.
        email_address: Empty on the vendor's page: the party's own address is used.
    """

    object_type: Literal["TxRoleAddressee"] = "TxRoleAddressee"
    id: str = Field(min_length=1, validation_alias="Id", serialization_alias="Id")
    name: str = ""
    email_address: str = ""


class TransactionSendPartyEmail(_Command):
    """Sends the pick-up e-mail again, best used after a change of the address.

    Attributes:
        object_type: The vendor's name of the command.
        include_link: Whether the e-mail holds the link for signing.
        subject: The subject, on one line; empty for the standard one.
        message: The text; empty for the standard one.
        transaction_id: Empty on the vendor's page.
        to: Whom it goes to, at least one party.
    """

    object_type: Literal["Transaction_SendPartyEmail"] = "Transaction_SendPartyEmail"
    include_link: bool = True
    subject: str = ""
    message: str = ""
    transaction_id: str = ""
    to: tuple[TxRoleAddressee, ...] = Field(strict=False, min_length=1)

    @field_validator("subject")
    @classmethod
    def _is_one_line(cls, value: str) -> str:
        if len(value.splitlines()) > 1 or value != value.rstrip("\r\n"):
            raise PydanticCustomError("one_line", "must be one line")
        return value

    @classmethod
    def to_party(cls, ref_id: str, subject: str | None = None, message: str | None = None) -> Self:
        """Sends the pick-up e-mail to one party.

        Args:
            ref_id: The RefID of the party, as it was submitted.
            subject: The subject, on one line; ``None`` for the standard one.
            message: The text; ``None`` for the standard one.

        Returns:
            The command.

        Raises:
            InvalidRequest: The RefID is empty, or the subject has more than one line.
        """
        return cls(subject=subject or "", message=message or "", to=(TxRoleAddressee(id=ref_id),))


class RawCommand(RootModel[dict[str, JsonValue]]):
    """Any other command, as a JSON object: ``RawCommand({"objectType": "...", ...})``.

    Args:
        root: The object, with a text ``objectType``. It is sent in its own order.

    Raises:
        InvalidRequest: It is no JSON object, or has no ``objectType``.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, strict=True)

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_in_our_terms(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            command = handler(data)
            command.to_json()
        except ValidationError as error:
            failure = _refusal(error, cls.__name__)
        else:
            return command
        raise failure

    @property
    def object_type(self) -> str:
        """The vendor's name of the command."""
        return str(self.root["objectType"])

    def to_json(self) -> str:
        """Writes the command.

        Returns:
            The JSON text, without blanks between its parts.

        Raises:
            InvalidRequest: It has no ``objectType``, or a value that JSON cannot carry.
        """
        name = self.root.get("objectType")
        if not isinstance(name, str) or not name:
            raise _unusable("RawCommand", "objectType must be the vendor's name of the command")
        try:
            # pydantic would write null for a number that JSON does not have.
            text = json.dumps(self.root, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
            text.encode("utf-8")
        except (ValueError, RecursionError):
            text = ""
        if not text:  # outside of the clause: the error of an encoder holds the text
            raise _unusable("RawCommand", "a value cannot be written as JSON")
        return text


def _unusable(path: str, rule: str, value: str | None = None, shown: str = "") -> InvalidRequest:
    return InvalidRequest(
        f"{path}: {rule}{shown}: correct it and call again; nothing was sent",
        path=path,
        value=value,
        rule=rule,
        vendor=VENDOR,
        operation="SubmitAjax",
    )


_Known: TypeAlias = (
    TransactionCancel
    | TransactionSuspend
    | TransactionResume
    | TransactionSaveDeltas
    | TransactionSendPartyEmail
)

Command: TypeAlias = _Known | RawCommand
"""A command that SubmitAjax runs."""

_KNOWN: TypeAdapter[_Known] = TypeAdapter(
    Annotated[_Known, Field(discriminator="object_type")], config=ConfigDict(defer_build=True)
)
_KNOWN_TYPES = {one.model_fields["object_type"].default for one in get_args(_Known)}


def parse_command(text: str) -> Command:
    """Reads a command from its JSON.

    Args:
        text: The JSON text of one object.

    Returns:
        The command: by its ``objectType`` one of those known, else a ``RawCommand``.

    Raises:
        InvalidRequest: The text is not JSON, or no such command.
    """
    name = "RawCommand"
    try:
        command = RawCommand.model_validate_json(text)
        if command.object_type not in _KNOWN_TYPES:
            return command
        name = command.object_type
        return _KNOWN.validate_json(text)
    except ValidationError as error:
        failure = _refusal(error, name)
    raise failure
