"""ValidateDocument of AssureSign, by a glance at the file and by its bytes.

Documented: the operation takes a PDF and no credentials; its codes; that the names of the document,
of the user who sent it and of the company are told, and when signing was completed.

Chosen here. The vendor knows its own files by what it writes into them. The emulator writes into no
file, so that it knows a file by its bytes, which are the same before and after signing:

- A file without ``%PDF-`` at its beginning cannot be loaded (ERL), one without ``%%EOF`` at its end
  is corrupt (CPT), and nothing can be read out of one whose trailer names ``/Encrypt`` (EGA).
- A file that was submitted is told by where its document stands: COV, INC, CAN, DCN or EXP. Of
  several documents with the same file a completed one counts, otherwise the youngest.
- A file that was submitted and has more at its end is a changed one: COI where the document is
  completed, and otherwise the code for where it stands.
- The file of a deleted document matches none (NMD); any other does not come from here (NAS).
- Another file type than PDF is refused.

Not told: damage inside a file, and changes that rewrite it. There is one instance, hence never DFI.
"""

from __future__ import annotations

import re

from esignwire.emulator._wire import Blob, Element, timestamp
from esignwire.emulator.assuresign.context import Context
from esignwire.emulator.assuresign.operations import Answer, One, Operation
from esignwire.emulator.assuresign.state import Document, DocumentStatus
from esignwire.emulator.shared import NotPossible

__all__ = ["OPERATIONS"]

# Readers of PDFs look for the first and the last line of a file within so many bytes.
_MARGIN = 1024
_GLANCE = 4096
_TABLE_PLACE = re.compile(rb"startxref\s+(\d{1,18})")
_ENCRYPTED = re.compile(rb"/Encrypt\b")
_CODES = {
    DocumentStatus.CREATED: ("INC", "The document is not completed."),
    DocumentStatus.SIGNING_STEP_IN_PROGRESS: ("INC", "The document is not completed."),
    DocumentStatus.COMPLETED: ("COV", "The document is completed and valid."),
    DocumentStatus.EXPIRED: ("EXP", "The document expired."),
    DocumentStatus.DECLINED: ("DCN", "The document was declined."),
    DocumentStatus.CANCELLED: ("CAN", "The document was cancelled."),
    DocumentStatus.SIGNER_AUTHENTICATION_FAILED: ("INC", "The document is not completed."),
}


def _file(context: Context, query: Element) -> Blob:
    document = context.words.child(query, "FileDocument")
    data = context.words.child(document, "Data")
    if document is None or data is None:
        raise NotPossible("The query holds no file.")
    # What is left out falls to the first value of its enumeration.
    if document.get("FileType", "PDF") != "PDF":
        raise NotPossible("Only files of type PDF can be validated.")
    return context.documents.document(data)


def _validated(context: Context, question: Element) -> Answer:
    file = _file(context, question)
    problem = _problem(file)
    if problem is not None:
        return _result(context, *problem)
    found = max(
        (one for one in context.records.documents.values() if _holds(file, one.content)),
        key=lambda one: (
            one.content.size,
            one.status is DocumentStatus.COMPLETED,
            one.history[0].date,
        ),
        default=None,
    )
    if found is not None:
        code, description = _CODES[found.status]
        if code == "COV" and file.size > found.content.size:
            code, description = "COI", "The document is completed, but the file was changed."
        return _result(context, code, description, found)
    if file.digest() in context.records.forgotten:
        return _result(context, "NMD", "There is no such document any more.")
    return _result(context, "NAS", "The file does not come from this service.")


def _problem(file: Blob) -> tuple[str, str] | None:
    """Glance at a file: a code and a description where it is no PDF, not whole or encrypted."""
    if b"%PDF-" not in file.slice(0, _MARGIN).read():
        return "ERL", "The file cannot be loaded: it does not begin as a PDF does."
    end = file.slice(file.size - _GLANCE, file.size).read()
    if b"%%EOF" not in end[-_MARGIN:]:
        return "CPT", "The file is corrupt: it has no end."
    # Trailers stand before the last startxref, or where it points to.
    places = _TABLE_PLACE.findall(end)
    place = int(places[-1]) if places else file.size
    if _ENCRYPTED.search(end) or _ENCRYPTED.search(file.slice(place, place + _GLANCE).read()):
        return "EGA", "Nothing can be read out of the file: it is encrypted."
    return None


def _holds(file: Blob, submitted: Blob) -> bool:
    """Tell whether a file is a submitted PDF, or begins with one."""
    return file.begins_with(submitted) and _problem(submitted) is None


def _result(
    context: Context, code: str, description: str, document: Document | None = None
) -> Answer:
    attributes: dict[str, str | None] = {"Code": code, "Description": description}
    if document is not None:
        account = context.directory.find_account(document.context_identifier)
        owner = context.directory.find_user(document.owner or "")
        attributes |= {
            "DocumentName": document.name,
            "Originator": document.owner if owner is None else owner.full_name,
            "OriginatingCompany": None if account is None else account.display_name,
        }
        if document.status is DocumentStatus.COMPLETED:
            attributes["DateCompleted"] = timestamp(document.status_date)
    return Answer([context.words.element("ValidationResult", attributes=attributes)])


OPERATIONS: dict[str, Operation] = {
    "ValidateDocument": One(
        "ValidateDocumentQuery",
        "ValidateDocumentResult",
        "ValidateDocumentException",
        _validated,
        is_exception_first=True,
    ),
}
