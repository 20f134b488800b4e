"""Forms of SubmitDocument: documents with their lengths, and the checks of a whole message."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from esignwire._documents import DocumentSource, upload_of
from esignwire.errors import InvalidRequest
from esignwire.signix.settings import VENDOR
from esignwire_generated.signix.types.submit_document import (
    FormStructureType,
    FormType,
    SignatureLineType,
    SubmitDocumentRq,
    TextTagFieldType,
    TextTagSignatureType,
    ViewType,
)

__all__ = ["check_lengths", "check_signatures", "form_of", "length_of"]

_PATH = "SubmitDocumentRq/Data/Form"
_LONGEST_VALUE = 200

_Item = FormStructureType | TextTagFieldType | TextTagSignatureType | SignatureLineType | ViewType


def form_of(
    source: DocumentSource,
    *,
    ref_id: str,
    desc: str,
    file_name: str | None = None,
    mime_type: str = "application/pdf",
    form_password: str | None = None,
    items: Iterable[_Item] = (),
) -> FormType:
    """Makes a form of a document: its length, and where it is a file its name, are filled in.

    The document itself is read when it is sent, and must stay as it is until then.

    Args:
        source: The document: bytes, a path, an open binary file, or one that was downloaded.
        ref_id: The caller's own identifier for the document; a download brings it back.
        desc: What the document is, in words.
        file_name: Its file name, at most 255 characters; ``None`` takes that of a path.
        mime_type: The kind of content.
        form_password: The password that opens the document (inferred).
        items: The fields and signatures, in the order of the message.

    Returns:
        The form.

    Raises:
        InvalidRequest: The document cannot be read, is none of these, or has no name.
    """
    length = length_of(source, "source")
    if file_name is None:
        if not isinstance(source, os.PathLike):
            raise _refused(
                "file_name is missing: only a path has a name of its own",
                f"{_PATH}/FileName",
                "must be given where the document is no path",
            )
        file_name = Path(os.fsdecode(source)).name
    return FormType(
        ref_id=ref_id,
        desc=desc,
        file_name=file_name,
        mime_type=mime_type,
        form_password=form_password,
        items=list(items),
        length=length,
        data=source,
    )


def check_lengths(request: SubmitDocumentRq, sizes: Iterable[int]) -> None:
    """Refuses a form whose Length is not the number of bytes of its document (documented).

    Raises:
        InvalidRequest: A length is wrong.
    """
    for number, (form, size) in enumerate(zip(request.data.form, sizes, strict=True), 1):
        if form.length != size:
            raise _refused(
                f"Length is {form.length} where the document has {size} bytes before Base64:"
                " correct it, or make the form with esignwire.signix.form_of; nothing was sent",
                f"{_PATH}[{number}]/Length",
                "must be the number of bytes of the document",
                str(form.length),
            )


def check_signatures(request: SubmitDocumentRq) -> None:
    """Refuses a signature whose party or field is not there.

    MemberInfoNumber is the position of a MemberInfo in the message (inferred, seen in client code
    and reported from live use). The TextTagField that a signature names must come before it
    (reported from live use). The schema can say neither: XML Schema counts no positions, and what
    it lets refer to a name asks for a name that is unique, which is not known of these.

    Whether a field may stand in an earlier form is not known: there it counts too. Nothing is
    said about names in the PDF or of sections.

    Raises:
        InvalidRequest: A number is beyond the parties, or a name is that of no field before.
    """
    parties = len(request.data.member_info)
    fields: set[str] = set()
    for number, form in enumerate(request.data.form, 1):
        for index, item in enumerate(form.items):
            if isinstance(item, TextTagFieldType):
                fields.add(item.tag_name)
            if not isinstance(item, TextTagSignatureType | SignatureLineType):
                continue
            if item.member_info_number > parties:
                path = f"{_PATH}[{number}]/{_step(form.items, index)}/MemberInfoNumber"
                raise _refused(
                    f"{path}: MemberInfoNumber is {item.member_info_number} where the message has"
                    f" {parties} MemberInfo: correct it and call again; nothing was sent",
                    path,
                    "must be the position of a MemberInfo, 1 being the first",
                    str(item.member_info_number),
                )
            if not isinstance(item, TextTagSignatureType) or item.date_signed_tag_name is None:
                continue
            if item.date_signed_tag_name not in fields:
                path = f"{_PATH}[{number}]/{_step(form.items, index)}/DateSignedTagName"
                raise _refused(
                    f"{path}: DateSignedTagName is the TagName of no TextTagField before the"
                    " signature: correct it and call again; nothing was sent",
                    path,
                    "must be the TagName of a TextTagField before the signature",
                    item.date_signed_tag_name[:_LONGEST_VALUE],
                )


def _step(items: Sequence[_Item], index: int) -> str:
    """The name of an item's element, with its place among namesakes."""
    kind = type(items[index])
    place = sum(type(one) is kind for one in items[: index + 1])
    return f"{kind.__name__.removesuffix('Type')}[{place}]"


def _refused(message: str, path: str, rule: str, value: str | None = None) -> InvalidRequest:
    return InvalidRequest(
        message, path=path, value=value, rule=rule, vendor=VENDOR, operation="SubmitDocument"
    )


def length_of(source: DocumentSource, argument: str) -> int:
    """Finds out how many bytes a document has; an error calls it ``argument``.

    Raises:
        InvalidRequest: It cannot be read, or is no document.
    """
    try:
        return upload_of(source).size
    except (OSError, ValueError) as error:
        rule, came = str(error), f"an object of type {type(source).__name__}"
        if isinstance(source, os.PathLike):
            came = ascii(os.fsdecode(source))
        if isinstance(error, OSError):
            # Only the operating system's words are shown: other words may quote the file.
            why = f" ({error.strerror})" if error.strerror else ""
            rule = f"a file that can be read{why}"
        raise _refused(
            f"{argument} must be {rule}, and {came} came; nothing was sent",
            f"{_PATH}/Data",
            f"must be {rule}",
        ) from error
