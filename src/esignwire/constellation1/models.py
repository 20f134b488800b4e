"""Models of what is sent: a session with its documents and signers.

Attributes are the vendor's members in snake_case; the vendor's own names are their aliases. What a
model refuses is an ``InvalidRequest`` on construction, before anything is
sent. Rules that depend on the day are checked when a session is sent: see ``check_session``.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import ClassVar, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)

from esignwire.constellation1.names import (
    SENSITIVE,
    VENDOR,
    AuthenticationMethod,
    EmailOptions,
    UseSequence,
    vendor_name,
)
from esignwire.errors import InvalidRequest

__all__ = [
    "FILE_TYPES",
    "AuthenticationSettings",
    "Document",
    "Session",
    "SessionInfo",
    "Signer",
    "check_session",
]

FILE_TYPES = (
    ".bmp",
    ".doc",
    ".docx",
    ".gif",
    ".jpg",
    ".pdf",
    ".png",
    ".rtf",
    ".tiff",
    ".txt",
    ".xls",
    ".xlsx",
)
"""The types of files that the vendor converts. A PDF with XFA forms is refused by it."""

_LONGEST_LIFE = timedelta(days=90)
_MOST_REMINDER_DAYS = 30
# The vendor says 100 MB. We refuse only what is too much by either meaning of MB.
_MOST_DOCUMENT_BYTES = 100 * 1024 * 1024


def _refused(model: type[BaseModel], error: ValidationError) -> InvalidRequest:
    first = error.errors(include_url=False, include_context=False)[0]
    parts = [str(part) for part in first["loc"]]
    if parts and parts[0] in model.model_fields:
        # The path has the vendor's names, also where the caller gave the Python names.
        parts[0] = vendor_name(parts[0])
    path = "/".join([model.__name__, *parts])
    rule = first["msg"].removeprefix("Value error, ")
    given = first["input"]
    # The value of an unknown member may be a secret, such as a misspelt password.
    is_secret = bool(SENSITIVE.intersection(parts)) or first["type"] == "extra_forbidden"
    # A long text may be a document or a message to the signer, so only a short one is shown.
    is_short = isinstance(given, int | float | datetime) or (
        isinstance(given, str) and len(given) <= 100
    )
    value = str(given) if is_short and not is_secret else None
    shown = "" if value is None else f"; {value!r} was given"
    return _broken(path, rule, value, shown)


def _broken(path: str, rule: str, value: str | None = None, shown: str = "") -> InvalidRequest:
    return InvalidRequest(
        f"{path}: {rule}{shown}", path=path, value=value, rule=rule, vendor=VENDOR
    )


class _Sent(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=vendor_name,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    @model_validator(mode="wrap")
    @classmethod
    def _refuse(cls, value: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            model = handler(value)
        except ValidationError as error:
            # Without the cause: it holds what was given, which may be a password or a document.
            raise _refused(cls, error) from None
        rule = model._broken_rule()  # noqa: SLF001 - of this very class
        if rule is not None:
            raise _broken(cls.__name__, rule)
        return model

    def _broken_rule(self) -> str | None:
        """Which rule about several members together is broken, if any."""
        return None


def _require_text(value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise ValueError("must not be blank")
    return value


class SessionInfo(_Sent):
    r"""What a session is called and how it behaves.

    Args:
        title: The title. Required.
        allow_delegation: Whether a signer may delegate.
        client_id: The client's id.
        copy_to: Who gets a copy: e-mail addresses, separated by commas.
        description: A message to the signers; a literal ``\n`` begins a new line.
        email_options: What those in ``copy_to`` get.
        expires_on: When the session expires, with its zone: at most 90 days ahead.
        first_signer: Whether the owner signs first.
        owner_email: The owner's e-mail address.
        owner_id: The owner's id.
        owner_name: The owner's name.
        owner_signature: The owner's signature.
        password: A password for the session. Secret.
        reminder_frequency_days: Days between two reminders, at most 30. The vendor silently takes
            30 for more, so that more is refused here.
        return_url: The host URL. The vendor's table requires it, no sample of its has it.
        send_session_redirect_url: Where the sender goes after sending, in eSign 2.0.
        send_signer_invites: Whether signers are mailed; the vendor's default is that they are.
        transaction_id: An id of the client's own.
        use_sequence: Whether signers sign one after the other.
    """

    title: str
    allow_delegation: bool | None = None
    client_id: str | None = None
    copy_to: str | None = None
    description: str | None = None
    email_options: EmailOptions | None = None
    expires_on: AwareDatetime | None = None
    first_signer: bool | None = None
    owner_email: str | None = None
    owner_id: str | None = None
    owner_name: str | None = None
    owner_signature: str | None = None
    password: str | None = Field(default=None, repr=False)
    reminder_frequency_days: int | None = Field(default=None, ge=0)
    return_url: str | None = None
    send_session_redirect_url: str | None = None
    send_signer_invites: bool | None = None
    transaction_id: str | None = None
    use_sequence: UseSequence | None = None

    _not_blank = field_validator("title", "transaction_id")(_require_text)

    @field_validator("reminder_frequency_days")
    @classmethod
    def _check_reminders(cls, value: int | None) -> int | None:
        if value is not None and value > _MOST_REMINDER_DAYS:
            raise ValueError(
                f"must be at most {_MOST_REMINDER_DAYS}; the vendor would silently take"
                f" {_MOST_REMINDER_DAYS} instead"
            )
        return value


class Document(_Sent):
    """A document of a session: a file, or a template of the vendor's.

    Args:
        file_name: The file's name, ending in one of ``FILE_TYPES``. Required with a file.
        file_bytes: The file. At most 100 MB for all documents of a session together.
        form_id: The id of a template.
        form_tag: A tag of the template. Only the vendor's samples show it.
        has_anchor_tags: Whether the vendor looks for anchor tags in the text. That takes it a
            while, and a session cannot be started meanwhile.
        anchor_tags_adjustment_category: Only the vendor's samples show it.
        sequence: The document's place among the others.
    """

    file_name: str | None = None
    file_bytes: bytes | None = Field(default=None, repr=False)
    form_id: str | None = None
    form_tag: str | None = None
    has_anchor_tags: bool | None = None
    anchor_tags_adjustment_category: str | None = None
    sequence: int | None = None

    def _broken_rule(self) -> str | None:
        if self.file_bytes is None:
            return "needs file_bytes, or form_id for a template" if self.form_id is None else None
        if not self.file_bytes:
            return "file_bytes must not be empty"
        if PurePath(self.file_name or "").suffix.lower() not in FILE_TYPES:
            return f"file_name must end in one of {' '.join(FILE_TYPES)}"
        return None


class AuthenticationSettings(_Sent):
    """How a signer proves who they are.

    The vendor also describes a switch for signing in person and a phone number for SMS, but not
    their names. Callers who know them add them under the vendor's names:
    ``AuthenticationSettings.model_validate({"Password": ..., ...})``.

    Args:
        password: The password that the signer must give. Secret.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")

    password: str | None = Field(default=None, repr=False)

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        # A member that the caller added may be a phone number.
        return []


class Signer(_Sent):
    """A signer.

    Args:
        last_name: The last name. Required.
        signer_role: The role that the documents know them by, such as ``Seller 1``. Required.
        email_address: The e-mail address. The vendor's table does not require it; its list of
            errors does.
        signer_id: The id of a signer whom the vendor knows.
        first_name: The first name.
        full_name: The full name.
        sequence: Their place among the signers.
        authentication_settings: The password and the like.
        auth_method: How they prove who they are.
        auth_methods: The same for several methods. Always sent, even when empty, because the
            vendor requires it. The vendor documents names and no numbers: a number is for those
            who know it.
        properties: Further properties, always sent as well. The only documented one is
            ``DisableEditName`` with ``0`` or ``1``.
        signer_email_subject: The subject of the invitation.
        signer_email_message: The text of the invitation.
        merge_field_mapping: The values of the template's merge fields by their keys.
        signature_image_base64: A picture of the signature, in base64. Personal.
        initials_image_base64: A picture of the initials, in base64. Personal.
        auto_apply_signature: Whether the pictures are put on without the signer's click.
        mandate_doc_upload: Whether the signer must upload documents.
    """

    last_name: str
    signer_role: str
    email_address: str | None = None
    signer_id: str | None = None
    first_name: str | None = None
    full_name: str | None = None
    sequence: int | None = None
    authentication_settings: AuthenticationSettings | None = None
    auth_method: AuthenticationMethod | int | None = None
    auth_methods: tuple[AuthenticationMethod | int, ...] = ()
    properties: Mapping[str, str] = Field(default_factory=dict[str, str])
    signer_email_subject: str | None = None
    signer_email_message: str | None = None
    merge_field_mapping: Mapping[str, str] | None = Field(default=None, repr=False)
    signature_image_base64: str | None = Field(default=None, repr=False)
    initials_image_base64: str | None = Field(default=None, repr=False)
    auto_apply_signature: bool | None = None
    mandate_doc_upload: bool | None = None

    _not_blank = field_validator("last_name", "signer_role")(_require_text)

    @field_validator("email_address")
    @classmethod
    def _check_address(cls, value: str | None) -> str | None:
        if value is not None:
            name, at, host = value.strip().rpartition("@")
            if not (name and at and host) or any(character.isspace() for character in value):
                raise ValueError("must be an e-mail address")
        return value

    @field_validator("signature_image_base64", "initials_image_base64")
    @classmethod
    def _check_image(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                is_empty = not base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError):
                raise ValueError("must be base64") from None
            if is_empty:
                raise ValueError("must not be empty")
        return value


class Session(_Sent):
    """A session to create.

    A draft needs no more than its title. Documents and signers may follow on the vendor's pages.

    Args:
        session_info: What it is called and how it behaves.
        documents: The documents, at most 100 MB together.
        signers: The signers.
    """

    session_info: SessionInfo
    documents: tuple[Document, ...] = ()
    signers: tuple[Signer, ...] = ()

    def _broken_rule(self) -> str | None:
        size = sum(len(document.file_bytes or b"") for document in self.documents)
        if size > _MOST_DOCUMENT_BYTES:
            return f"the documents must not exceed 100 MB together; they have {size:,} bytes"
        return None


def check_session(session: Session, moment: datetime) -> None:
    """Refuses what depends on the day of sending.

    Args:
        session: The session.
        moment: The present moment, with its zone.

    Raises:
        InvalidRequest: The session expires in the past or more than 90 days ahead.
    """
    expires_on = session.session_info.expires_on
    if expires_on is None or moment < expires_on <= moment + _LONGEST_LIFE:
        return
    rule = "must be in the future, at most 90 days ahead"
    raise InvalidRequest(
        f"SessionInfo/ExpiresOn: {rule}; {expires_on.isoformat()} was given",
        path="SessionInfo/ExpiresOn",
        value=expires_on.isoformat(),
        rule=rule,
        vendor=VENDOR,
        operation="CreateSession",
    )
