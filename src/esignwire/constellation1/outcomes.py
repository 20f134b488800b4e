"""Outcomes of the calls, and the vendor's answers as models that refuse no JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Self, cast
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictBool,
    StrictStr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from esignwire.constellation1._json import read_date
from esignwire.constellation1.names import SessionStatus, SignerStatus, vendor_name

__all__ = [
    "CreatedSession",
    "ReceivedDocument",
    "ReceivedSession",
    "ReceivedSessionInfo",
    "ReceivedSigner",
    "RequestResponse",
    "SessionResponse",
    "StartedSession",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedSession:
    """A draft that the vendor created. Its signers are invited when it is started.

    Args:
        session_id: Its id.
        response: The whole answer.
    """

    session_id: UUID
    response: SessionResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedSession:
    """A session that was started.

    Args:
        session_id: Its id.
        attempts: How many attempts it took.
        details: What the vendor said besides.
    """

    session_id: UUID
    attempts: int
    details: tuple[str, ...] = ()


def _date(value: object) -> object:
    return read_date(value) if isinstance(value, str) else value


def _id(value: object) -> object:
    """.NET writes a GUID that was never set as zeros."""
    if isinstance(value, str):
        guid = UUID(value.strip())
        return None if guid.int == 0 else guid
    return value


def _details(value: object) -> object:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,) if value.strip() else ()
    if isinstance(value, list):
        items = cast("list[object]", value)
        return tuple(item if isinstance(item, str) else json.dumps(item) for item in items if item)
    return value


def _none_is_empty(value: object) -> object:
    if value is None:
        return ()
    if isinstance(value, list):
        # One item that is no object must not hide the others.
        items = cast("list[object]", value)
        return [cast("object", item) for item in items if isinstance(item, dict)]
    return value


_Date = Annotated[datetime | None, BeforeValidator(_date)]

_Id = Annotated[UUID | None, BeforeValidator(_id)]

_Details = Annotated[tuple[str, ...], BeforeValidator(_details)]

_SessionStatus = Annotated[SessionStatus | int | str | None, Field(union_mode="left_to_right")]

_SignerStatus = Annotated[SignerStatus | int | str | None, Field(union_mode="left_to_right")]


class _Received(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=vendor_name,
        coerce_numbers_to_str=True,
        extra="allow",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _respell(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        members = cast("Mapping[str, object]", value)
        known = {
            (field.alias or name).lower(): field.alias or name
            for name, field in cls.model_fields.items()
        }
        respelled: dict[str, object] = {}
        for name, content in members.items():
            spelling = known.get(name.lower(), name)
            # Where the answer has both spellings, the one that holds a value counts.
            if respelled.get(spelling) is None:
                respelled[spelling] = content
        return respelled

    @field_validator("*", mode="wrap")
    @classmethod
    def _leave_out(cls, value: object, handler: ValidatorFunctionWrapHandler) -> object:
        try:
            return handler(value)
        except ValidationError:
            return handler(None)

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        # An unknown member may be a secret, so only the known ones are shown.
        return [
            (name, getattr(self, name))
            for name, field in type(self).model_fields.items()
            if field.repr and getattr(self, name) not in (None, ())
        ]


class ReceivedSessionInfo(_Received):
    """What the vendor says of a session: the members of ``SessionInfo`` that are known.

    Attributes:
        title: The title.
        transaction_id: The client's own id.
        description: The message to the signers.
        owner_email: The owner's e-mail address.
        expires_on: When it expires; without a zone where the vendor sent none.
        status_code: Where it stands. That it stands here is inferred.
    """

    title: str | None = None
    transaction_id: str | None = None
    description: str | None = None
    owner_email: str | None = None
    expires_on: _Date = None
    status_code: _SessionStatus = None


class ReceivedDocument(_Received):
    """A document as the vendor describes it.

    Attributes:
        file_name: The file's name.
        form_id: The id of the template.
        sequence: Its place.
    """

    file_name: str | None = None
    form_id: str | None = None
    sequence: int | None = None


class ReceivedSigner(_Received):
    """A signer as the vendor describes them.

    Attributes:
        signer_id: The id, by which a link for the signer is asked for.
        first_name: The first name.
        last_name: The last name.
        full_name: The full name.
        email_address: The e-mail address.
        signer_role: The role.
        sequence: Their place.
        status_code: Where they stand. That the numbers are those of the webhook is inferred.
        declined_reason: Why they declined. The name is the webhook's; inferred for other calls.
    """

    signer_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    full_name: str | None = None
    email_address: str | None = None
    signer_role: str | None = None
    sequence: int | None = None
    status_code: _SignerStatus = None
    declined_reason: str | None = None


class ReceivedSession(_Received):
    """A session as the vendor describes it.

    Attributes:
        id: Its id.
        signing_session_id: Its id under the other name that the vendor uses.
        session_info: What it is called and how it behaves.
        documents: Its documents.
        signers: Its signers.
        status_code: Where it stands. That it stands here is inferred.
    """

    id: _Id = None
    signing_session_id: _Id = None
    session_info: ReceivedSessionInfo | None = None
    documents: Annotated[tuple[ReceivedDocument, ...], BeforeValidator(_none_is_empty)] = ()
    signers: Annotated[tuple[ReceivedSigner, ...], BeforeValidator(_none_is_empty)] = ()
    status_code: _SessionStatus = None

    @property
    def status(self) -> SessionStatus | int | str | None:
        """Where the session stands, wherever in the answer that was said."""
        if self.status_code is not None or self.session_info is None:
            return self.status_code
        return self.session_info.status_code


class Answer(_Received):
    """An answer of the vendor's."""

    _raw: Mapping[str, object] = PrivateAttr(default_factory=dict[str, object])

    @property
    def raw(self) -> Mapping[str, object]:
        """The JSON object as it came. It may hold personal data."""
        return self._raw

    @classmethod
    def read(cls, members: Mapping[str, object]) -> Self:
        """Reads an answer.

        Args:
            members: The JSON object.

        Returns:
            The answer. No JSON object is refused.
        """
        answer = cls.model_validate(members)
        answer._raw = members  # noqa: SLF001 - of this very class
        return answer


class RequestResponse(Answer):
    """The vendor's general answer.

    Attributes:
        return_value: What the call returns: a text, or ``True`` or ``False`` in any spelling.
        details: What the vendor says besides.
    """

    return_value: StrictStr | StrictBool | None = Field(default=None, repr=False)
    details: _Details = ()


class SessionResponse(Answer):
    """The vendor's answer about sessions.

    Attributes:
        signing_session_id: The session's id; ``None`` also where the vendor sent zeros.
        sessions: The sessions. The member's name is inferred.
        details: What the vendor says besides. That it stands here is inferred.
    """

    signing_session_id: _Id = None
    sessions: Annotated[tuple[ReceivedSession, ...], BeforeValidator(_none_is_empty)] = ()
    details: _Details = ()

    @property
    def session_id(self) -> UUID | None:
        """The session's id, wherever in the answer it stands."""
        if self.signing_session_id is not None or len(self.sessions) != 1:
            return self.signing_session_id
        return self.sessions[0].signing_session_id or self.sessions[0].id
