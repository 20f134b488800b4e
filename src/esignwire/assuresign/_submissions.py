"""Messages that submit documents, made of what a caller gave."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import PurePath, PurePosixPath
from typing import Any, NamedTuple, NoReturn, TypeVar, cast
from urllib.parse import urlsplit

from esignwire._codec import Given, Operation, name_of_kind
from esignwire._documents import DocumentSource, upload_of
from esignwire.assuresign.models import (
    FileDocument,
    FileRetrievalDocument,
    NewDocument,
    TemplateDocument,
)
from esignwire.assuresign.settings import VENDOR, AssureSignSettings
from esignwire.errors import InvalidRequest
from esignwire_generated.assuresign import types

__all__ = ["Submission", "check_document", "kind_of", "submission"]

_KINDS = (TemplateDocument, FileDocument, FileRetrievalDocument)
_Kind = TypeVar("_Kind", TemplateDocument, FileDocument, FileRetrievalDocument)
# Both limits together, where the file is searched (documented).
_MOST_PARSED_PAGES = 250


def kind_of(documents: object, operation: str) -> type[NewDocument]:
    """Checks that there are documents, and that all are of one kind.

    Raises:
        InvalidRequest: There is no document, one is something else, or the kinds differ: each kind
            has an operation of its own.
    """
    if not isinstance(documents, list | tuple):
        _refuse(
            "documents",
            f"must be a list of documents; {name_of_kind(documents)} was given",
            operation,
        )
    given = cast("Sequence[object]", documents)
    if not given:
        raise InvalidRequest(
            "give at least one document", path="documents", vendor=VENDOR, operation=operation
        )
    for number, one in enumerate(given):
        check_document(one, f"documents[{number}]", operation)
    kinds = {type(one) for one in cast("Sequence[NewDocument]", given)}
    if len(kinds) > 1:
        names = " and ".join(sorted(kind.__name__ for kind in kinds))
        _refuse(
            "documents", f"must be of one kind; {names} were given: submit each apart", operation
        )
    return kinds.pop()


def check_document(document: object, path: str, operation: str) -> None:
    """Checks that something is a document to submit.

    Raises:
        InvalidRequest: It is something else.
    """
    if not isinstance(document, _KINDS):
        _refuse(
            path,
            "must be a TemplateDocument, a FileDocument or a FileRetrievalDocument;"
            f" {name_of_kind(document)} was given",
            operation,
        )


class Submission(NamedTuple):
    """A message that submits documents of one kind, and the member of its answer that counts."""

    operation: Operation[Any, Any]
    message: object
    result: str


# For each kind: the operation, the type of its message, and the member of its answer that counts.
_Forms = Mapping[type[NewDocument], tuple[Operation[Any, Any], Callable[..., object], str]]


def submission(
    account: AssureSignSettings, documents: Sequence[NewDocument], *, in_session: bool
) -> Submission:
    """Makes the message that submits documents, and waits for the outcomes or begins a session.

    Raises:
        InvalidRequest: A document cannot be sent as it is, or the kinds differ.
    """
    # The codecs of a contract are imported by the first call that needs them.
    from esignwire_generated.assuresign.services import submit as of

    sent = types.submit
    at_once: _Forms = {
        TemplateDocument: (of.SUBMIT, sent.Submit, "document_results"),
        FileDocument: (of.SUBMIT_WITH_FILE, sent.SubmitWithFile, "submit_with_file_result"),
        FileRetrievalDocument: (
            of.SUBMIT_WITH_FILE_RETRIEVAL,
            sent.SubmitWithFileRetrieval,
            "submit_with_file_retrieval_result",
        ),
    }
    later: _Forms = {
        TemplateDocument: (of.ASYNC_SUBMIT, sent.AsyncSubmit, "async_submit_result"),
        FileDocument: (
            of.ASYNC_SUBMIT_WITH_FILE,
            sent.AsyncSubmitWithFile,
            "async_submit_with_file_result",
        ),
        FileRetrievalDocument: (
            of.ASYNC_SUBMIT_WITH_FILE_RETRIEVAL,
            sent.AsyncSubmitWithFileRetrieval,
            "async_submit_with_file_retrieval_result",
        ),
    }
    kind = kind_of(documents, "AsyncSubmit" if in_session else "Submit")
    operation, message, result = (later if in_session else at_once)[kind]
    listed = _LISTS[kind](account, documents, operation.name)
    return Submission(operation, message(documents=listed), result)


def _template_documents(
    account: AssureSignSettings, documents: Sequence[NewDocument], operation: str
) -> types.submit.ArrayOfDocument:
    return types.submit.ArrayOfDocument(
        document=[
            types.submit.Document(
                context_identifier=account.context_identifier,
                metadata=_metadata(account, one, path, operation),
                template=_template(one, path, operation),
            )
            for path, one in _numbered(documents, TemplateDocument)
        ]
    )


def _file_documents(
    account: AssureSignSettings, documents: Sequence[NewDocument], operation: str
) -> types.submit.ArrayOfFileDocument:
    made: list[types.submit.FileDocument] = []
    for path, one in _numbered(documents, FileDocument):
        _check_file(one.file, f"{path}.file", operation)
        _check_parsing(one, path, operation)
        made.append(
            types.submit.FileDocument(
                context_identifier=account.context_identifier,
                metadata=_metadata(account, one, path, operation),
                template=_template(one, path, operation),
                underlying_file=types.submit.UnderlyingFile(
                    data=one.file,
                    file_type=_file_type(one.file_type, _name_of(one.file), path, operation),
                ),
                jot_blocks=_jot_blocks(one, path, operation),
                signer_attachments=_attachments(one, path, operation),
                parse_document=one.parse_document,
                initial_pages_to_parse=one.initial_pages_to_parse,
                final_pages_to_parse=one.final_pages_to_parse,
            )
        )
    return types.submit.ArrayOfFileDocument(file_document=made)


def _file_retrieval_documents(
    account: AssureSignSettings, documents: Sequence[NewDocument], operation: str
) -> types.submit.ArrayOfFileRetrievalDocument:
    made: list[types.submit.FileRetrievalDocument] = []
    for path, one in _numbered(documents, FileRetrievalDocument):
        url = cast("object", one.url)
        if not isinstance(url, str) or not url.strip():
            _refuse(f"{path}.url", "must be the address of the file as text", operation)
        _check_parsing(one, path, operation)
        needs_log_in = one.requires_authentication
        if needs_log_in is None and one.credential is not None:
            needs_log_in = True
        made.append(
            types.submit.FileRetrievalDocument(
                context_identifier=account.context_identifier,
                metadata=_metadata(account, one, path, operation),
                template=_template(one, path, operation),
                underlying_file_metadata=types.submit.UnderlyingFileMetadata(
                    url=one.url,
                    file_type=_member(
                        types.submit.SupportedFileType,
                        _type_in(one.url) if one.file_type is None else one.file_type,
                        f"{path}.file_type",
                        operation,
                    ),
                    retrieval_method=_member(
                        types.submit.FileRetrievalMethod,
                        one.retrieval_method,
                        f"{path}.retrieval_method",
                        operation,
                    ),
                    requires_authentication=needs_log_in,
                    credential=one.credential,
                ),
                jot_blocks=_jot_blocks(one, path, operation),
                signer_attachments=_attachments(one, path, operation),
                parse_document=one.parse_document,
                initial_pages_to_parse=one.initial_pages_to_parse,
                final_pages_to_parse=one.final_pages_to_parse,
            )
        )
    return types.submit.ArrayOfFileRetrievalDocument(file_retrieval_document=made)


_LISTS: Mapping[type[NewDocument], Callable[..., Any]] = {
    TemplateDocument: _template_documents,
    FileDocument: _file_documents,
    FileRetrievalDocument: _file_retrieval_documents,
}


def _numbered(documents: Sequence[NewDocument], kind: type[_Kind]) -> Iterable[tuple[str, _Kind]]:
    for number, one in enumerate(documents):
        if isinstance(one, kind):
            yield f"documents[{number}]", one


def _metadata(
    account: AssureSignSettings, document: NewDocument, path: str, operation: str
) -> types.submit.Metadata:
    return types.submit.Metadata(
        user_name=account.user_name if document.user_name is None else document.user_name,
        document_name=document.document_name,
        order_number=document.order_number,
        password=document.password,
        expiration_date=document.expiration_date,
        culture=document.culture,
        signature_device_support_enabled=document.signature_device_support_enabled,
        envelope_id=(
            None
            if document.envelope_id is None
            else Given(VENDOR, operation).identifier(document.envelope_id, f"{path}.envelope_id")
        ),
        terms_and_conditions=document.terms_and_conditions,
    )


def _template(document: NewDocument, path: str, operation: str) -> types.submit.Template:
    given = cast("object", document.parameters)
    if not isinstance(given, Mapping):
        _refuse(
            f"{path}.parameters",
            f"must be a mapping of names to values; {name_of_kind(given)} was given",
            operation,
        )
    parameters = [
        types.submit.Parameter(name=name, value=value)
        for name, value in document.parameters.items()
    ]
    return types.submit.Template(
        id=Given(VENDOR, operation).identifier(document.template_id, f"{path}.template_id"),
        parameters=types.submit.ArrayOfParameter(parameter=parameters) if parameters else None,
    )


def _jot_blocks(
    document: FileDocument | FileRetrievalDocument, path: str, operation: str
) -> types.submit.ArrayOfJotBlock | None:
    # Most submissions have none, and need not wait for the module.
    from esignwire.assuresign.jot_blocks import check_jot_block, plain_jot_block

    given = cast("object", document.jot_blocks)
    if not isinstance(given, list | tuple):
        _refuse(
            f"{path}.jot_blocks",
            f"must be a list of JotBlocks; {name_of_kind(given)} was given",
            operation,
        )
    blocks = [
        check_jot_block(one, f"{path}.jot_blocks[{number}]", operation)
        for number, one in enumerate(document.jot_blocks)
    ]
    for number, block in enumerate(blocks):
        _check_signer(
            block.signatory_email,
            document.parameters.values(),
            f"{path}.jot_blocks[{number}].signatory_email",
            operation,
        )
    if not blocks:
        return None
    return types.submit.ArrayOfJotBlock(jot_block=[plain_jot_block(one) for one in blocks])


def _check_signer(address: str | None, values: Iterable[object], path: str, operation: str) -> None:
    """Refuses an address that differs from a signer's in upper and lower case alone.

    The vendor compares them as they are (documented). A signer may also be fixed in the template,
    so an address that no parameter holds is let pass.
    """
    if address is None:
        return
    known = {value for value in values if isinstance(value, str)}
    if address not in known and address.casefold() in {one.casefold() for one in known}:
        _refuse(path, "must be written as in the parameters, upper and lower case too", operation)


def _attachments(
    document: FileDocument | FileRetrievalDocument, path: str, operation: str
) -> types.submit.ArrayOfSignerAttachment | None:
    given = Given(VENDOR, operation).items(
        document.signer_attachments, f"{path}.signer_attachments"
    )
    return types.submit.ArrayOfSignerAttachment(signer_attachment=given) if given else None


def _check_parsing(
    document: FileDocument | FileRetrievalDocument, path: str, operation: str
) -> None:
    pages = (document.initial_pages_to_parse, document.final_pages_to_parse)
    for name, count in zip(("initial_pages_to_parse", "final_pages_to_parse"), pages, strict=True):
        if count is not None and (type(count) is not int or count < 0):
            _refuse(f"{path}.{name}", "must be a number of pages, 0 or more", operation)
    if sum(count or 0 for count in pages) > _MOST_PARSED_PAGES:
        _refuse(
            path,
            "initial_pages_to_parse and final_pages_to_parse must be"
            f" {_MOST_PARSED_PAGES} together at most",
            operation,
        )


def _check_file(source: DocumentSource, path: str, operation: str) -> None:
    try:
        upload_of(source)
    except ValueError as error:
        _refuse(path, f"must be {error}; {name_of_kind(source)} was given", operation)
    except OSError as error:
        name = f": {os.fsdecode(source)!r}" if isinstance(source, os.PathLike) else ""
        reason = error.strerror or type(error).__name__
        _refuse(path, f"must be a file that can be read{name} ({reason})", operation)


def _name_of(source: DocumentSource) -> str:
    if isinstance(source, os.PathLike):
        return os.fsdecode(source)
    # The name of an open file may be the number of its descriptor.
    name: object = getattr(source, "name", None)
    return name if isinstance(name, str) else ""


def _type_in(url: str) -> str | None:
    """The format that an address ends in; many addresses end in something else."""
    try:
        suffix = _suffix(PurePosixPath(urlsplit(url).path))
    except ValueError:
        return None
    return suffix if suffix in set(types.submit.SupportedFileType) else None


def _suffix(name: PurePath) -> str:
    return name.suffix.removeprefix(".").upper()


def _file_type(
    given: object, name: str, path: str, operation: str
) -> types.submit.SupportedFileType | None:
    kinds = types.submit.SupportedFileType
    suffix = _suffix(PurePath(name)) or kinds.PDF
    if given is None and suffix not in set(kinds):
        _refuse(
            f"{path}.file_type",
            f"must be given: the name of the file ends in .{suffix.lower()}, which is none of"
            f" {', '.join(kinds)}",
            operation,
        )
    return _member(kinds, suffix if given is None else given, f"{path}.file_type", operation)


_Member = TypeVar("_Member", bound=StrEnum)


def _member(kind: type[_Member], given: object, path: str, operation: str) -> _Member | None:
    if given is None:
        return None
    if not isinstance(given, str) or given not in set(kind):
        _refuse(
            path, f"must be one of {', '.join(kind)}; {name_of_kind(given)} was given", operation
        )
    return kind(given)


def _refuse(path: str, rule: str, operation: str) -> NoReturn:
    raise InvalidRequest(f"{path} {rule}", path=path, rule=rule, vendor=VENDOR, operation=operation)
