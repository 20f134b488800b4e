"""Chooses how the body of an answer is taken in, where it may hold documents."""

from __future__ import annotations

from collections.abc import Mapping

from esignwire._call import Call
from esignwire._document_cutter import DocumentCutter
from esignwire._http import Receiver, ReceiverFactory
from esignwire._mtom import MtomReader, media_type
from esignwire._progress import tell
from esignwire_generated._documents import Progress, ReceivedDocument

__all__ = ["document_receiver"]


class _Watched:
    """Tells how far an answer has come."""

    def __init__(self, receiver: Receiver, progress: Progress, total: int | None) -> None:
        self._receiver = receiver
        self._progress = progress
        self._total = total
        self._come = 0

    def feed(self, chunk: bytes) -> None:
        self._receiver.feed(chunk)
        self._come += len(chunk)
        tell(self._progress, self._come, self._total)

    def discard(self) -> None:
        self._receiver.discard()

    def finish(self) -> tuple[bytes, dict[str, ReceivedDocument]]:
        return self._receiver.finish()


def document_receiver(
    call: Call, *, max_kept_bytes: int, progress: Progress | None
) -> ReceiverFactory:
    """Makes what takes in the answers to one call.

    Args:
        call: The call.
        max_kept_bytes: How large an answer may be beside its documents.
        progress: Is told how far an answer has come.

    Returns:
        The factory. MTOM answers are taken apart, documents are cut out of XML.
    """

    def make(http_status: int, headers: Mapping[str, str]) -> Receiver:
        receiver: Receiver
        content_type = headers.get("content-type", "")
        kind, parameters = media_type(content_type) if content_type else ("", {})
        if kind == "multipart/related":
            receiver = MtomReader(
                call, parameters, max_kept_bytes=max_kept_bytes, http_status=http_status
            )
        else:
            receiver = DocumentCutter(call, max_kept_bytes=max_kept_bytes, http_status=http_status)
        if progress is None:
            return receiver
        length = headers.get("content-length", "")
        # The length of a compressed answer says nothing about what is in it.
        is_known = length.isascii() and length.isdecimal() and "content-encoding" not in headers
        total = int(length) if is_known else None
        return _Watched(receiver, progress, total)

    return make
