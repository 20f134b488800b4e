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
  is not the code for where it stands. Only a document's file that is a whole PDF can be told so.
- A file of a document that was deleted matches none (NMD); any other does not come from here (NAS),
  nor do completion reports and merged files. There is one instance, hence never DFI.
- Another file type than PDF is refused.

Looking at files takes long, and is done while others are served: the lock of the state is held only
to take the documents, and to tell what was found. What was seen of a document's file is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from esignwire.emulator._wire import Blob, Element, timestamp
from esignwire.emulator.assuresign.context import Context
from esignwire.emulator.assuresign.state import Document, DocumentStatus, Unseen
from esignwire.emulator.shared import NotPossible

if TYPE_CHECKING:
    from esignwire.emulator.assuresign.pdf import Allowance, PdfFacts

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


def validate_document(context: Context, request: Element) -> Element:
    """Play ValidateDocument. The lock is not held when this is called."""
    query = context.words.child(request, "ValidateDocumentQuery")
    if query is None:
        return context.response()
    try:
        content = [_validated(context, _file(context, query))]
    except NotPossible as refusal:
        content = context.exceptions(_EXCEPTION, [str(refusal)])
    return context.response(context.words.element("ValidateDocumentResult", *content))


def _file(context: Context, query: Element) -> Blob:
    document = context.words.child(query, "FileDocument")
    data = context.words.child(document, "Data")
    if document is None or data is None:
        raise NotPossible("The query holds no file.")
    # What is left out falls to the first value of its enumeration.
    if document.get("FileType", "PDF") != "PDF":
        raise NotPossible("Only files of type PDF can be validated.")
    return context.documents.document(data)


def _validated(context: Context, file: Blob) -> Element:
    # Importing what reads PDFs takes a while, which the start of the emulator is spared.
    from esignwire.emulator.assuresign.pdf import Allowance, NotPdf, PdfDamaged, look_at_pdf

    allowance = Allowance()
    try:
        facts = look_at_pdf(file, allowance)
    except NotPdf as problem:
        return _result(context, "ERL", f"The file cannot be loaded. {problem}")
    except PdfDamaged as problem:
        return _result(context, "CPT", f"The file is corrupt. {problem}")
    if facts.is_encrypted:
        return _result(context, "EGA", "Nothing can be read out of the file: it is encrypted.")
    with context.shared.lock:
        documents = list(context.records.documents.values())
    same = [
        document
        for document in documents
        if document.content.size == file.size and file.begins_with(document.content)
    ]
    changed = [] if same else list(_changed(context, file, facts, documents, allowance))
    digest = file.digest()
    with context.shared.lock:
        return _told(context, same, changed, digest)


def _changed(
    context: Context,
    file: Blob,
    facts: PdfFacts,
    documents: Iterable[Document],
    allowance: Allowance,
) -> Iterable[Document]:
    """Find the documents that a file is a changed version of."""
    for document in documents:
        is_beginning = file.begins_with(document.content)
        if not is_beginning and not facts.permanent_id:
            continue
        seen = _seen(context, document, allowance)
        if seen is not None and (is_beginning or seen.permanent_id == facts.permanent_id):
            yield document


def _seen(context: Context, document: Document, allowance: Allowance) -> PdfFacts | None:
    """Look at a document's file, unless it was looked at before."""
    from esignwire.emulator.assuresign.pdf import NotPdf, PdfDamaged, look_at_pdf

    if isinstance(document.seen, Unseen):
        try:
            seen = look_at_pdf(document.content, allowance)
        except (NotPdf, PdfDamaged):
            if allowance.is_spent:
                # The file may be a good one, which others left no time for.
                raise NotPossible(
                    "There was no time to look at every document. Ask again: what was seen is kept."
                ) from None
            seen = None
        with context.shared.lock:
            document.seen = seen
        return seen
    return document.seen


def _told(
    context: Context, same: list[Document], changed: list[Document], digest: bytes
) -> Element:
    found = _chosen(context, same)
    if found is not None:
        return _result(context, *_CODES[found.status], found)
    found = _chosen(context, changed)
    if found is not None:
        is_completed = found.status is DocumentStatus.COMPLETED
        return _result(context, *(_CHANGED if is_completed else _CODES[found.status]), found)
    if digest in context.records.forgotten:
        return _result(context, "NMD", "There is no such document any more.")
    return _result(context, "NAS", "The file does not come from this service.")


def _chosen(context: Context, documents: list[Document]) -> Document | None:
    return max(
        # Some may have been deleted while files were looked at.
        (one for one in documents if context.records.documents.get(one.id) is one),
        key=lambda one: (one.status is DocumentStatus.COMPLETED, one.history[0].date),
        default=None,
    )


def _result(
    context: Context, code: str, description: str, document: Document | None = None
) -> Element:
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
    return context.words.element("ValidationResult", attributes=attributes)
