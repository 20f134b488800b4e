"""Bodies into which documents are put while they are sent: base64 in XML, or raw parts beside it.

A message holds a random token for each document. Here the tokens are exchanged for the bytes, as
they are read, and the length of the whole is known before the first byte is sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence

from esignwire._call import Call
from esignwire._documents.sources import Progress, Upload
from esignwire.errors import InvalidRequest

__all__ = ["SplicedBody", "splice_base64", "splice_form", "splice_mtom"]

_XOP = "http://www.w3.org/2004/08/xop/include"


class _Text:
    is_in_memory = True

    def __init__(self, content: bytes) -> None:
        self.content = content

    def measure(self) -> int:
        return len(self.content)

    def chunks(self) -> Iterator[bytes]:
        yield self.content


class _Raw:
    """A document as it is."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self.is_in_memory: bool = getattr(upload, "is_in_memory", False)

    def measure(self) -> int:
        return self._upload.size

    def chunks(self) -> Iterator[bytes]:
        return self._upload.chunks()


class _Base64(_Raw):
    def measure(self) -> int:
        return (self._upload.size + 2) // 3 * 4

    def chunks(self) -> Iterator[bytes]:
        # pybase64 is imported by the first message with a document. The base64 module of the
        # standard library takes sixty times as long.
        from pybase64 import b64encode

        return map(b64encode, self._upload.chunks())


class _FormBase64(_Raw):
    """Base64 in a form field, where ``+``, ``/`` and ``=`` take three characters each.

    How many there are shows only when the document is read, so it is read twice.
    """

    def measure(self) -> int:
        from pybase64 import b64encode

        def length(chunk: bytes) -> int:
            # With "+" in both places there is one character to count.
            text = b64encode(chunk, b"++")
            return len(text) + 2 * (text.count(b"+") + text[-2:].count(b"="))

        return sum(map(length, self._upload.chunks()))

    def chunks(self) -> Iterator[bytes]:
        from pybase64 import b64encode

        for chunk in self._upload.chunks():
            text = b64encode(chunk).replace(b"+", b"%2B").replace(b"/", b"%2F")
            # Only the end of a document has padding.
            yield text.replace(b"=", b"%3D") if text.endswith(b"=") else text


class SplicedBody:
    """A body made of texts and documents, which tells how far it has gone."""

    def __init__(self, parts: Sequence[_Text | _Raw], progress: Progress | None) -> None:
        self._parts = tuple(parts)
        self._lengths: tuple[int, ...] | None = None
        self.progress = progress

    @property
    def is_in_memory(self) -> bool:
        """Whether no file has to be read for it."""
        return all(part.is_in_memory for part in self._parts)

    @property
    def text(self) -> bytes:
        """The text around the documents."""
        return b" ".join(part.content for part in self._parts if isinstance(part, _Text))

    def measure(self) -> int:
        """How many bytes it has; files may be read for that, but only once.

        Raises:
            OSError: A file cannot be read.
        """
        if self._lengths is None:
            self._lengths = tuple(part.measure() for part in self._parts)
        return sum(self._lengths)

    def chunks(self) -> Iterator[bytes]:
        """Yields the bytes, from the beginning each time.

        Raises:
            OSError: A file cannot be read, or is not what it was when it was measured.
        """
        self.measure()
        for part, length in zip(self._parts, self._lengths or (), strict=True):
            left = length
            for chunk in part.chunks():
                left -= len(chunk)
                if left < 0:
                    break
                yield chunk
            if left:
                raise OSError("a document changed while it was sent")


def _splice(
    content: bytes,
    uploads: Mapping[str, Upload],
    make: Callable[[Upload], _Raw],
    progress: Progress | None,
    call: Call,
) -> bytes | SplicedBody:
    if not uploads and progress is None:
        return content
    parts: list[_Text | _Raw] = []
    rest = content
    # In the order of the message, in which they were registered.
    for token, upload in uploads.items():
        before, found, rest = rest.partition(token.encode("ascii"))
        if not found:
            raise _lost(call)
        parts += [_Text(before), make(upload)]
    parts.append(_Text(rest))
    return SplicedBody(parts, progress)


def _lost(call: Call) -> InvalidRequest:
    return InvalidRequest(
        "a document has lost its place in the message: a plugin may add to the message, but must"
        " leave the documents where they are; nothing was sent",
        **call.where,
    )


def splice_base64(
    content: bytes, uploads: Mapping[str, Upload], call: Call, progress: Progress | None = None
) -> bytes | SplicedBody:
    """Puts documents into XML, in base64, where their tokens stand.

    Where there is nothing to stream and no progress to tell, the same bytes come back.

    Raises:
        InvalidRequest: The place of a document is not there any more.
    """
    return _splice(content, uploads, _Base64, progress, call)


def splice_form(
    content: bytes, uploads: Mapping[str, Upload], call: Call, progress: Progress | None = None
) -> bytes | SplicedBody:
    """The same where the XML is a form field, in which base64 is percent-encoded."""
    return _splice(content, uploads, _FormBase64, progress, call)


def splice_mtom(
    content: bytes, uploads: Mapping[str, Upload], call: Call, progress: Progress | None = None
) -> tuple[str, SplicedBody]:
    """Makes an MTOM message: the envelope first, each document as a part of its own (XOP).

    The Content-Type comes back with it.

    Raises:
        InvalidRequest: The place of a document is not there any more.
    """
    boundary = f"esignwire-{secrets.token_hex(16)}"
    envelope = content
    parts: list[_Text | _Raw] = []
    for number, (token, upload) in enumerate(uploads.items(), 1):
        identifier = f"document-{number}@esignwire"
        include = f'<xop:Include xmlns:xop="{_XOP}" href="cid:{identifier}"/>'
        before, found, after = envelope.partition(token.encode("ascii"))
        if not found:
            raise _lost(call)
        envelope = before + include.encode("ascii") + after
        head = (
            f"\r\n--{boundary}\r\n"
            "Content-Type: application/octet-stream\r\n"
            "Content-Transfer-Encoding: binary\r\n"
            f"Content-ID: <{identifier}>\r\n\r\n"
        )
        parts += [_Text(head.encode("ascii")), _Raw(upload)]
    start = (
        f"--{boundary}\r\n"
        'Content-Type: application/xop+xml; charset=UTF-8; type="text/xml"\r\n'
        "Content-Transfer-Encoding: binary\r\n"
        "Content-ID: <envelope@esignwire>\r\n\r\n"
    )
    end = f"\r\n--{boundary}--\r\n"
    parts = [_Text(start.encode("ascii") + envelope), *parts, _Text(end.encode("ascii"))]
    content_type = (
        'multipart/related; type="application/xop+xml"; start="<envelope@esignwire>"; '
        f'start-info="text/xml"; boundary="{boundary}"'
    )
    return content_type, SplicedBody(parts, progress)
