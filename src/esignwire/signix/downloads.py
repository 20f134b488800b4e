"""Downloads: the files of a transaction, wherever the vendor puts them in its answer."""

from __future__ import annotations

from dataclasses import dataclass

from esignwire._documents import discard_documents
from esignwire.errors import UnexpectedResponse
from esignwire.signix.settings import VENDOR
from esignwire_generated.signix.types.common import FileType
from esignwire_generated.signix.types.download_document import (
    DownloadDocumentFormType,
    DownloadDocumentRs,
)

__all__ = ["Download", "discard_files"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """The signed files of a transaction, and what SIGNiX wrote about it.

    Attributes:
        forms: The signed files, in the order of their submission, each with its ``ref_id``.
        audit_report: The audit report, where it was asked for.
        certificate_of_completion: The certificate of completion, where it was asked for.
        transaction_id: The TransactionID, where the answer has it.
    """

    forms: tuple[DownloadDocumentFormType, ...]
    audit_report: FileType | None
    certificate_of_completion: FileType | None
    transaction_id: str | None

    @classmethod
    def of(cls, answer: DownloadDocumentRs) -> Download:
        """Reads the answer to a DownloadDocument.

        It is not settled whether the audit report and the certificate stand inside ``Data`` or
        beside it (inferred): both places are looked at.

        Args:
            answer: The answer.

        Returns:
            The files.

        Raises:
            UnexpectedResponse: There is no signed file, or a file is not as long as the answer
                says.
        """
        data = answer.data
        if data is None or not data.form:
            # The decoder takes an empty list as it is. It must not be confirmed: SIGNiX would
            # delete the only copy.
            raise _unusable(
                "the status says success, and no signed file came, where there is one for each Form"
                " that was submitted: do not confirm this download",
                "DownloadDocumentRs/Data/Form",
            )
        audit_report = data.audit_report or answer.audit_report
        certificate = data.certificate_of_completion or answer.certificate_of_completion
        _check_lengths(*data.form, audit_report, certificate)
        return cls(
            forms=tuple(data.form),
            audit_report=audit_report,
            certificate_of_completion=certificate,
            transaction_id=data.transaction_id,
        )


def discard_files(answer: DownloadDocumentRs) -> None:
    """Drops the files of an answer that cannot be used, since its error may live long.

    Args:
        answer: The answer, which has not been handed out.
    """
    found: list[DownloadDocumentFormType | FileType | None] = [
        answer.audit_report,
        answer.certificate_of_completion,
    ]
    if answer.data is not None:
        found += [
            *answer.data.form,
            answer.data.audit_report,
            answer.data.certificate_of_completion,
        ]
    discard_documents(one.data for one in found if one is not None)


def _check_lengths(*files: DownloadDocumentFormType | FileType | None) -> None:
    """Refuses a file that is not as long as SIGNiX says, since a signed document may not be cut."""
    for one in files:
        if one is not None and one.length != one.data.size:
            raise _unusable(
                f"{one.file_name} has {one.data.size} bytes where its Length says {one.length}:"
                " download it again",
                "DownloadDocumentRs/Data",
            )


def _unusable(what: str, path: str) -> UnexpectedResponse:
    return UnexpectedResponse(
        what, path=path, vendor=VENDOR, operation="DownloadDocument", is_retry_safe=True
    )
