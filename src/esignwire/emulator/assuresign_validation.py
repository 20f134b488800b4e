"""AssureSign: telling whether a document is genuine.

Documented: the operation takes a PDF and no credentials; its codes; that the names of the document,
of the user who sent it and of the company are told, and when signing was completed.

Chosen here. The vendor knows its own files by what it writes into them. The emulator writes into no
file, so that it knows a file by its bytes, which are the same before and after signing:

- A file that is no PDF cannot be loaded (ERL), one that is not whole is corrupt (CPT), and nothing
  can be read out of an encrypted one (EGA).
- A file that a document here has is told by where the document stands: COV, INC, CAN, DCN or EXP.
  Of several documents with the same file a completed one counts, otherwise the youngest.
- A file that has more at its end than a document's, or the document's permanent identifier
  (ISO 32000) and other bytes, is a changed one: COI where the document is completed, and where it
  is not the code for where it stands.
- A file of a document that was deleted matches none (NMD); any other does not come from here (NAS),
  nor do completion reports and merged files. There is one instance, hence never DFI.
- Another file type than PDF is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from esignwire.emulator.assuresign_desk import Desk
from esignwire.emulator.assuresign_state import Document, DocumentStatus
from esignwire.emulator.blob import Blob
from esignwire.emulator.markup import Element, timestamp
from esignwire.emulator.refusal import NotPossible

if TYPE_CHECKING:
    from esignwire.emulator.pdf_reader import PdfFacts

__all__ = ["validate_document"]

_EXCEPTION = "ValidateDocumentException"
_CODES = {
    DocumentStatus.CREATED: ("INC", "The document is not completed."),
    DocumentStatus.SIGNING_STEP_IN_PROGRESS: ("INC", "The document is not completed."),
    DocumentStatus.COMPLETED: ("COV", "The document is completed and valid."),
    DocumentStatus.EXPIRED: ("EXP", "The document expired."),
    DocumentStatus.DECLINED: ("DCN", "The document was declined."),
    DocumentStatus.CANCELLED: ("CAN", "The document was cancelled."),
}
_CHANGED = ("COI", "The document is completed, but the file is not as it was.")


def validate_document(desk: Desk, request: Element) -> Element:
    """Play ValidateDocument."""
    query = desk.words.child(request, "ValidateDocumentQuery")
    if query is None:
        return desk.response()
    try:
        content = [_validated(desk, _file(desk, query))]
    except NotPossible as refusal:
        content = desk.exceptions(_EXCEPTION, [str(refusal)])
    return desk.response(desk.words.element("ValidateDocumentResult", *content))


def _file(desk: Desk, query: Element) -> Blob:
    document = desk.words.child(query, "FileDocument")
    data = desk.words.child(document, "Data")
    if document is None or data is None:
        raise NotPossible("The query holds no file.")
    # What is left out falls to the first value of its enumeration.
    if document.get("FileType", "PDF") != "PDF":
        raise NotPossible("Only files of type PDF can be validated.")
    return desk.documents.document(data)


def _validated(desk: Desk, file: Blob) -> Element:
    # Importing what reads PDFs takes a while, which the start of the emulator is spared.
    from esignwire.emulator.pdf_reader import NotPdf, PdfDamaged, look_at_pdf

    try:
        facts = look_at_pdf(file)
    except NotPdf as problem:
        return _result(desk, "ERL", f"The file cannot be loaded. {problem}")
    except PdfDamaged as problem:
        return _result(desk, "CPT", f"The file is corrupt. {problem}")
    if facts.is_encrypted:
        return _result(desk, "EGA", "Nothing can be read out of the file: it is encrypted.")
    found = _same(desk, file)
    if found is not None:
        return _result(desk, *_CODES[found.status], found)
    found = _changed(desk, file, facts)
    if found is not None:
        is_completed = found.status is DocumentStatus.COMPLETED
        return _result(desk, *(_CHANGED if is_completed else _CODES[found.status]), found)
    if file.digest() in desk.records.forgotten:
        return _result(desk, "NMD", "There is no such document any more.")
    return _result(desk, "NAS", "The file does not come from this service.")


def _same(desk: Desk, file: Blob) -> Document | None:
    return _chosen(
        [
            document
            for document in desk.records.documents.values()
            if document.content.size == file.size and file.begins_with(document.content)
        ]
    )


def _changed(desk: Desk, file: Blob, facts: PdfFacts) -> Document | None:
    from esignwire.emulator.pdf_reader import permanent_id

    return _chosen(
        [
            document
            for document in desk.records.documents.values()
            if (document.content.size and file.begins_with(document.content))
            or (facts.permanent_id and facts.permanent_id == permanent_id(document.content))
        ]
    )


def _chosen(documents: list[Document]) -> Document | None:
    return max(
        documents,
        key=lambda one: (one.status is DocumentStatus.COMPLETED, one.history[0].date),
        default=None,
    )


def _result(desk: Desk, code: str, description: str, document: Document | None = None) -> Element:
    attributes: dict[str, str | None] = {"Code": code, "Description": description}
    if document is not None:
        account = desk.directory.account(document.context_identifier)
        owner = desk.directory.find_user(document.owner or "")
        attributes |= {
            "DocumentName": document.name,
            "Originator": document.owner if owner is None else owner.full_name,
            "OriginatingCompany": None if account is None else account.display_name,
        }
        if document.status is DocumentStatus.COMPLETED:
            attributes["DateCompleted"] = timestamp(document.status_date)
    return desk.words.element("ValidationResult", attributes=attributes)
