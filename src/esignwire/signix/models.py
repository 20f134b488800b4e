"""Parties, forms and fields of a transaction that is to be submitted.

They say what a submission varies in. What each element means is documented in
``esignwire.signix.types.submit_document``, whose messages carry the rest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from esignwire._documents import DocumentSource
from esignwire_generated.signix.types.submit_document import PostSignatureImageLinkType

__all__ = ["ClientPreference", "Field", "Form", "Party", "PdfField", "Service", "TextTag"]


class Service(StrEnum):
    """How a party proves who it is. SIGNiX sets which of them an account may use (documented).

    The list is open: another value is given as text.

    Attributes:
        SELECT: The kind of 2016 (wire).
        SELECT_ONE_CLICK: One click, without a text message (inferred: reported from live use).
        SMS_ONE_CLICK: A text message (inferred: reported from live use).
        SMS_NO_INTENT: A text message (inferred: named second-hand).
        SMS_NO_PASSWORD: A text message (inferred: named second-hand).
        ID_VERIFY: A proof of identity (inferred: the spelling is not verified).
        ID_VERIFY_BIOMETRIC: A proof of identity (inferred: the spelling is not verified).
        KBA_ID: Questions, for notaries (inferred: the spelling is not verified).
    """

    SELECT = "select"
    SELECT_ONE_CLICK = "SelectOneClick"
    SMS_ONE_CLICK = "SMSOneClick"
    SMS_NO_INTENT = "SMSNoIntent"
    SMS_NO_PASSWORD = "SMSNoPassword"  # noqa: S105 - a kind of authentication
    ID_VERIFY = "IDVerify"
    ID_VERIFY_BIOMETRIC = "IDVerifyBiometric"
    KBA_ID = "KBA-ID"


class ClientPreference(StrEnum):
    """Names of settings of one transaction. The list is open: another name is given as text.

    Attributes:
        AUTO_ADVANCE_TO_NEXT_SIGNATURE: ``yes`` or ``no`` (wire).
        AUTO_ADVANCE_TO_NEXT_DOCUMENT: ``yes`` or ``no`` (wire).
        AUTO_OPEN_FIRST_DOCUMENT: ``yes`` or ``no`` (wire).
        NEXT_PARTY_LINK: ``yes`` or ``no`` (wire).
        NOTIFICATION_SCHEDULE: When to remind, such as ``{5, 10, 15, 20}days`` (wire).
        USE_CLIENT_NOTIFY_VERSION_2: ``yes`` with the next one (inferred: reported from live use).
            The argument ``push_url`` sets both.
        TRANSACTION_CLIENT_NOTIFY_URL: Where this transaction's notifications go (inferred:
            reported from live use).
        ALLOW_SIGNATURE_GRAPHIC: No value is known (inferred: named second-hand).
        DATE_SIGNED_FORMAT: No value is known (inferred: named second-hand).
    """

    AUTO_ADVANCE_TO_NEXT_SIGNATURE = "AutoAdvanceToNextSignature"
    AUTO_ADVANCE_TO_NEXT_DOCUMENT = "AutoAdvanceToNextDocument"
    AUTO_OPEN_FIRST_DOCUMENT = "AutoOpenFirstDocument"
    NEXT_PARTY_LINK = "NextPartyLink"
    NOTIFICATION_SCHEDULE = "NotificationSchedule"
    USE_CLIENT_NOTIFY_VERSION_2 = "UseClientNotifyVersion2"
    TRANSACTION_CLIENT_NOTIFY_URL = "TransactionClientNotifyURL"
    ALLOW_SIGNATURE_GRAPHIC = "AllowSignatureGraphic"
    DATE_SIGNED_FORMAT = "DateSignedFormat"


@dataclass(frozen=True, slots=True)
class Party:
    """A person who signs. Parties sign in the order in which they are given.

    Args:
        ref_id: The caller's own identifier for the party; fields, links, later commands and
            notifications name the party by it. Each party needs its own.
        first_name: The first name, at most 30 characters (inferred).
        last_name: The last name, at most 30 characters (inferred).
        email: One e-mail address.
        middle_name: The middle name, at most 30 characters (inferred).
        service: How the party proves who it is: a ``Service``, or another value as text.
        mobile_number: The mobile number, digits alone; the kinds of ``service`` that begin with
            SMS or SharedSecret need it (inferred).
        sms_count: How many text messages authentication sends. ``None`` fills in what was seen:
            1 with SMSOneClick, 0 with SelectOneClick, and nothing with another kind.
        ssn: The social security number, nine digits; the place-holder where none is needed. All
            known messages carry one or the other.
        dob: The date of birth: a date, or text as MM/DD/YYYY; the place-holder where none is
            needed. All known messages carry one or the other.
        workflow_order: When it is this party's turn, where that is another than the order of the
            parties (inferred).
        questions: Up to two questions, each with the answer that only the party knows (inferred).
        image: A picture to show once the party has signed (inferred).
    """

    ref_id: str
    first_name: str
    last_name: str
    email: str
    middle_name: str | None = field(default=None, kw_only=True)
    service: str = field(default=Service.SELECT_ONE_CLICK, kw_only=True)
    mobile_number: str | None = field(default=None, kw_only=True)
    sms_count: int | None = field(default=None, kw_only=True)
    ssn: str = field(default="910000000", kw_only=True, repr=False)
    dob: dt.date | str = field(default="00/00/0000", kw_only=True, repr=False)
    workflow_order: int | None = field(default=None, kw_only=True)
    questions: Sequence[tuple[str, str]] = field(default=(), kw_only=True, repr=False)
    image: PostSignatureImageLinkType | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class TextTag:
    """A place beside words of the document (documented).

    All measures are points of 1/72 inch.

    Args:
        text: The words to look for. They should occur only once in the document.
        x: How far to the right of the lower left corner of the words.
        y: How far below that corner.
        width: The width; ``None`` takes 180 for a signature, 120 for a text and 90 for a date.
        height: The height; ``None`` takes 30 for a signature and 20 for all else.
    """

    text: str
    x: int = 0
    y: int = 20
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class PdfField:
    """A place that the PDF has itself: one of its form fields (inferred: reported from live use).

    Args:
        name: The field's name in the PDF, unique within the document (documented).
    """

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What is signed or filled in on a form; ``signature`` and ``text`` make one.

    SIGNiX takes places by coordinates of the page too (documented). The names of their elements
    are not public; a submission with them goes through ``call``.

    Attributes:
        at: Where it stands.
        is_required: Whether it must be given.
        ref_id: Who signs; ``None`` for a field that is no signature.
        date_at: Where the date of the signature stands.
        date_format: How that date is written.
        time_zone: The time zone of that date.
        name: The name of a field that is no signature.
        kind: What kind of field it is that is no signature.
    """

    at: TextTag | PdfField
    is_required: bool = True
    ref_id: str | None = None
    date_at: TextTag | PdfField | None = None
    date_format: str | None = None
    time_zone: str | None = None
    name: str | None = None
    kind: str = "TextField"

    @classmethod
    def signature(
        cls,
        ref_id: str,
        *,
        at: str | TextTag | PdfField,
        date_at: str | TextTag | PdfField | None = None,
        date_format: str | None = None,
        time_zone: str | None = None,
        is_required: bool = True,
    ) -> Self:
        """A signature of a party, and the date of it where one is wanted.

        Args:
            ref_id: Who signs, by the ``ref_id`` of its ``Party``.
            at: Where: words of the document as text or as a ``TextTag``, or a ``PdfField``.
            date_at: Where the date of the signature stands, in the same way as ``at``.
            date_format: How the date is written, in Java's letters; ``None`` takes ``MM/dd/yy``.
            time_zone: The time zone of the date, such as ``US/Eastern``, with a ``PdfField``.
            is_required: Whether it must be given. A signature in a ``PdfField`` always must.

        Returns:
            The field.
        """
        return cls(
            ref_id=ref_id,
            at=_place(at),
            date_at=None if date_at is None else _place(date_at),
            date_format=date_format,
            time_zone=time_zone,
            is_required=is_required,
        )

    @classmethod
    def text(
        cls,
        *,
        at: str | TextTag,
        name: str | None = None,
        is_required: bool = True,
        kind: str = "TextField",
    ) -> Self:
        """A field for text, placed beside words of the document (documented).

        Args:
            at: Where: words of the document, as text or as a ``TextTag``.
            name: The field's own name, unique within the document; ``None`` makes one.
            is_required: Whether it must be filled in.
            kind: The vendor's name of another kind of field. Check boxes and notary seals exist;
                their names are not public.

        Returns:
            The field.
        """
        return cls(at=_place(at), name=name, is_required=is_required, kind=kind)


def _place(at: str | TextTag | PdfField) -> TextTag | PdfField:
    return TextTag(at) if isinstance(at, str) else at


@dataclass(frozen=True, slots=True)
class Form:
    """A document to be signed. It is read when it is sent, and must stay as it is until then.

    Args:
        document: The document: bytes, a path (``pathlib.Path``), an open binary file, or one that
            was downloaded.
        fields: What is signed and filled in on it.
        ref_id: The caller's own identifier for the document; a download brings it back. ``None``
            takes ``form1`` for the first form, and so on.
        description: What it is, in words; ``None`` takes the file name.
        file_name: Its file name; ``None`` takes that of the file, and of bytes the ``ref_id`` with
            ``.pdf``.
        mime_type: The kind of content.
        password: The password that opens the document (inferred).
    """

    document: DocumentSource
    fields: Sequence[Field] = field(default=(), kw_only=True)
    ref_id: str | None = field(default=None, kw_only=True)
    description: str | None = field(default=None, kw_only=True)
    file_name: str | None = field(default=None, kw_only=True)
    mime_type: str = field(default="application/pdf", kw_only=True)
    password: str | None = field(default=None, kw_only=True, repr=False)
