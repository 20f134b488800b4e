"""Models of what a caller gives: documents to submit, and handles of what exists."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Literal

from esignwire._codec import Given
from esignwire._documents import DocumentSource
from esignwire.assuresign.settings import VENDOR

if TYPE_CHECKING:
    from esignwire._codec import Handle
    from esignwire_generated.assuresign.types.submit import (
        FileRetrievalCredential,
        FileRetrievalMethod,
        JotBlock,
        SignerAttachment,
        SupportedFileType,
        TermsAndConditions,
    )

__all__ = [
    "DocumentReference",
    "DownloadKind",
    "EnvelopeReference",
    "FileDocument",
    "FileRetrievalDocument",
    "NewDocument",
    "TemplateDocument",
]


DownloadKind = Literal["completed", "interim", "original", "completion report"]
"""A file of a document: signed and concluded, signed so far, as submitted, or the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReference:
    """Names an existing document.

    Attributes:
        id: The document.
        auth_token: Its token.
    """

    id: uuid.UUID | str
    auth_token: uuid.UUID | str = field(repr=False)

    @classmethod
    def of(cls, document: Handle) -> DocumentReference:
        """Takes a reference as it is, and makes one of any other handle.

        Args:
            document: The handle, such as a document that was just submitted.

        Returns:
            The reference.

        Raises:
            InvalidRequest: It is no handle, or one of its two values is no GUID.
        """
        if isinstance(document, DocumentReference):
            return document
        document_id, token = Given(VENDOR, None).handle(document, "document")
        return cls(id=document_id, auth_token=token)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeReference:
    """Names an existing envelope.

    Attributes:
        id: The envelope.
        auth_token: Its token.
    """

    id: uuid.UUID | str
    auth_token: uuid.UUID | str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDocument:
    """A document to start from a template.

    Attributes:
        template_id: The template, as ListTemplates tells it.
        parameters: The template's parameters by name: those that its author defined, and system
            ones such as ``Signatory 1 Email Address``. The vendor accepts unknown names silently
            (documented). Values may be passwords, so they are never shown.
        document_name: The name that people see.
        order_number: A reference of your own. It tells you in AssureSign's web pages whether a
            submission whose outcome is unknown was taken.
        password: A password that the document's readers must give.
        expiration_date: The last day for signing. A date is the safe choice; the vendor's own
            samples print one. A datetime must have a time zone.
        culture: The language, such as ``en-US``.
        signature_device_support_enabled: Whether signature pads may be used.
        envelope_id: An open envelope that takes the document. It is then neither parsed nor sent
            until the envelope is closed (documented).
        terms_and_conditions: Statements for this document beside those of the account.
        user_name: The owner, where it is another than the client's.
    """

    template_id: uuid.UUID | str
    parameters: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    document_name: str | None = None
    order_number: str | None = None
    password: str | None = field(default=None, repr=False)
    expiration_date: dt.date | dt.datetime | None = None
    culture: str | None = None
    signature_device_support_enabled: bool | None = None
    envelope_id: uuid.UUID | str | None = None
    terms_and_conditions: TermsAndConditions | None = None
    user_name: str | None = None


@dataclass(frozen=True, slots=True)
class FileDocument:
    """A document to start from a template, with a file of its own.

    Attributes:
        file: The file: bytes, a ``pathlib.Path``, an open binary file, or a document that was
            received before. It is read when it is sent.
        template_id: As in ``TemplateDocument``, like the next nine.
        parameters: See there.
        document_name: See there.
        order_number: See there.
        password: See there.
        expiration_date: See there.
        culture: See there.
        signature_device_support_enabled: See there.
        envelope_id: See there.
        terms_and_conditions: See there.
        user_name: See there.
        jot_blocks: Places to sign or to fill in, beside those of the template. A block that bears
            the name of one of the template's overrides it (documented).
        signer_attachments: Files that signers are asked for.
        file_type: The format. ``None`` takes it from the name of the file, PDF where it has none.
        parse_document: Whether the file is searched for text tags that define blocks. Left out,
            it is not (documented).
        initial_pages_to_parse: How many pages are searched from the start.
        final_pages_to_parse: How many are searched at the end; both together 250 at most
            (documented).
    """

    file: DocumentSource = field(repr=False)
    _: KW_ONLY
    template_id: uuid.UUID | str
    parameters: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    document_name: str | None = None
    order_number: str | None = None
    password: str | None = field(default=None, repr=False)
    expiration_date: dt.date | dt.datetime | None = None
    culture: str | None = None
    signature_device_support_enabled: bool | None = None
    envelope_id: uuid.UUID | str | None = None
    terms_and_conditions: TermsAndConditions | None = None
    user_name: str | None = None
    jot_blocks: Sequence[JotBlock] = ()
    signer_attachments: Sequence[SignerAttachment] = ()
    file_type: SupportedFileType | str | None = None
    parse_document: bool | None = None
    initial_pages_to_parse: int | None = None
    final_pages_to_parse: int | None = None


@dataclass(frozen=True, slots=True)
class FileRetrievalDocument:
    """A document to start from a template, with a file that the vendor fetches.

    Attributes:
        url: The address of the file. It may carry a key, so it is never shown.
        template_id: As in ``TemplateDocument``, like the next nine.
        parameters: See there.
        document_name: See there.
        order_number: See there.
        password: See there.
        expiration_date: See there.
        culture: See there.
        signature_device_support_enabled: See there.
        envelope_id: See there.
        terms_and_conditions: See there.
        user_name: See there.
        jot_blocks: As in ``FileDocument``.
        signer_attachments: As in ``FileDocument``.
        file_type: The format. ``None`` takes it from the address, or leaves it to the vendor.
        parse_document: As in ``FileDocument``.
        initial_pages_to_parse: As in ``FileDocument``.
        final_pages_to_parse: As in ``FileDocument``.
        retrieval_method: The protocol. ``None`` sends none; the vendor then probably takes
            BasicHttp (inferred).
        credential: The log-in for the place where the file lies. ``None`` leaves it to the
            account's default, where one is set (documented).
        requires_authentication: Whether the file can be fetched with a credential only. ``None``
            says so where ``credential`` is given.
    """

    url: str = field(repr=False)
    _: KW_ONLY
    template_id: uuid.UUID | str
    parameters: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    document_name: str | None = None
    order_number: str | None = None
    password: str | None = field(default=None, repr=False)
    expiration_date: dt.date | dt.datetime | None = None
    culture: str | None = None
    signature_device_support_enabled: bool | None = None
    envelope_id: uuid.UUID | str | None = None
    terms_and_conditions: TermsAndConditions | None = None
    user_name: str | None = None
    jot_blocks: Sequence[JotBlock] = ()
    signer_attachments: Sequence[SignerAttachment] = ()
    file_type: SupportedFileType | str | None = None
    parse_document: bool | None = None
    initial_pages_to_parse: int | None = None
    final_pages_to_parse: int | None = None
    retrieval_method: FileRetrievalMethod | str | None = None
    credential: FileRetrievalCredential | None = field(default=None, repr=False)
    requires_authentication: bool | None = None


NewDocument = TemplateDocument | FileDocument | FileRetrievalDocument
"""A document to submit, of any of the three kinds."""
