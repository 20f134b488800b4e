"""Downloads: the files of a transaction, wherever the vendor puts them in its answer."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from esignwire._documents import ReceivedDocument, discard_documents, path_of
from esignwire.errors import UnexpectedResponse
from esignwire.signix._file_names import folded, numbered, safe_name
from esignwire.signix.settings import VENDOR
from esignwire_generated.signix.types.common import FileType
from esignwire_generated.signix.types.download_document import (
    DownloadDocumentFormType,
    DownloadDocumentRs,
)

__all__ = ["Download", "discard_files"]

# What file systems say that have no links, such as FAT.
_WITHOUT_LINKS = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
)


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

    def save_all(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Saves every file under the name that SIGNiX gives it, all of them or none.

        A file without a name is called by its ``ref_id`` or by what it is. A name is made safe: it
        holds no separator of folders and no control character, is none that Windows keeps for a
        device, and is not too long. Nothing is overwritten: a name that is taken, in whatever case,
        gets a number. Each file appears when it is complete.

        It waits for the disk: in asyncio call it as ``await asyncio.to_thread(download.save_all,
        folder)``.

        Args:
            folder: Where to; it is made, with the folders above it, where it is not there.

        Returns:
            The paths: the signed files in the order of their submission, then the audit report,
            then the certificate of completion.

        Raises:
            InvalidRequest: The folder is no path.
            OSError: A file cannot be written. None of this download is left behind.
        """
        target = path_of(folder, "folder", VENDOR)
        target.mkdir(parents=True, exist_ok=True)
        taken = {folded(path.name) for path in target.iterdir()}
        partial: list[Path] = []
        saved: list[Path] = []
        try:
            for _, document in self._files():
                partial.append(target / f".{secrets.token_hex(8)}.part")
                document.save(partial[-1])
            for path, (name, _) in zip(partial, self._files(), strict=True):
                saved.append(_publish(path, target, name, taken))
        except BaseException:
            for path in saved:
                path.unlink(missing_ok=True)
            raise
        finally:
            for path in partial:
                path.unlink(missing_ok=True)
        return saved

    def _files(self) -> Iterator[tuple[str, ReceivedDocument]]:
        files: list[tuple[str, DownloadDocumentFormType | FileType | None]] = [
            *((f"{form.ref_id}.pdf", form) for form in self.forms),
            ("AuditReport.pdf", self.audit_report),
            ("CertificateOfCompletion.pdf", self.certificate_of_completion),
        ]
        for name, one in files:
            if one is not None:
                yield safe_name(name if one.file_name is None else one.file_name), one.data


def _publish(partial: Path, folder: Path, name: str, taken: set[str]) -> Path:
    """Gives a complete file the first name that is free, in one step."""
    number = 0
    while True:
        number += 1
        target = folder / numbered(name, number)
        if folded(target.name) in taken:
            continue
        taken.add(folded(target.name))
        try:
            # Unlike a renaming, a link never replaces what another process has put there.
            os.link(partial, target)
        except FileExistsError:
            continue
        except OSError as error:
            if error.errno not in _WITHOUT_LINKS:
                raise
            if os.path.lexists(target):
                continue
            partial.rename(target)
        return target


def discard_files(answer: DownloadDocumentRs) -> None:
    """Drops the files of an answer that cannot be used, since its error may live long."""
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
        if one is not None and one.length not in {None, one.data.size}:
            raise _unusable(
                f"{one.file_name or 'a file'} has {one.data.size} bytes where its Length says"
                f" {one.length}: download it again",
                "DownloadDocumentRs/Data",
            )


def _unusable(what: str, path: str) -> UnexpectedResponse:
    return UnexpectedResponse(
        what, path=path, vendor=VENDOR, operation="DownloadDocument", is_retry_safe=True
    )
