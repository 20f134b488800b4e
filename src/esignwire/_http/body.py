"""The body of an answer, read within its limits."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from esignwire._call import Call, unusable
from esignwire._documents import Progress
from esignwire._http.failures import TOO_MANY_FILES, is_out_of_files
from esignwire._http.messages import Received, Receiver
from esignwire._http.progress import tell
from esignwire.errors import EncodingError, ResponseError, ResponseTooLarge, TruncatedResponse

__all__ = ["BodyReader"]

# How much is decompressed at once.
_STEP = 1024 * 1024
# What zlib is told for each Content-Encoding: 16 more than the window's size means gzip; 0 here
# means that nothing is compressed.
_GZIP = 16 + zlib.MAX_WBITS
_WINDOW_BITS = {
    "": 0,
    "identity": 0,
    "gzip": _GZIP,
    "x-gzip": _GZIP,
    "deflate": zlib.MAX_WBITS,
}


class BodyReader:
    """Collects a body chunk by chunk and never holds more than it is allowed to.

    We ask for no compression. A server that compresses all the same is understood, and what comes
    out is counted as well as what goes in, so that a small answer cannot unfold into a huge one.

    Args:
        headers: The answer's headers under lower-case names.
        limit: The largest body in bytes, before and after decompression.
        limit_name: The setting that holds the limit, for errors.
        call: The call, for errors.
        http_status: The answer's HTTP status, for errors.
        receiver: What takes the body; ``None`` collects it.
        progress: Is told how much the receiver has taken.

    Raises:
        ResponseTooLarge: ``Content-Length`` announces more than the limit.
        EncodingError: The body is compressed in a way that the request did not ask for.
    """

    def __init__(
        self,
        headers: Mapping[str, str],
        *,
        limit: int,
        limit_name: str = "max_response_bytes",
        call: Call,
        http_status: int,
        receiver: Receiver | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._limit = limit
        self._limit_name = limit_name
        self._call = call
        self._http_status = http_status
        self._received = 0
        self.produced = 0
        """How many bytes the body had so far, decompressed."""
        self._content = bytearray()
        self._receiver = receiver
        self._progress = progress
        text = headers.get("content-length", "")
        length = int(text) if text.isascii() and text.isdecimal() and len(text) <= 20 else None
        if length is not None and length > limit:
            raise self._too_large()
        coding = headers.get("content-encoding", "").strip().lower()
        if coding not in _WINDOW_BITS:
            raise self._unreadable("it is compressed in a way that was not asked for")
        self._window_bits = _WINDOW_BITS[coding]
        self._decompressor = zlib.decompressobj(self._window_bits) if self._window_bits else None
        # The length of a compressed answer says nothing about what is in it.
        self._total = None if self._window_bits else length

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes off the wire.

        Raises:
            ResponseTooLarge: The limit is passed.
            EncodingError: The compressed bytes are damaged.
            ResponseError: A document in the answer cannot be stored.
            ProgressFailed: The caller's function raised an exception.
        """
        self._received += len(chunk)
        if self._received > self._limit:
            raise self._too_large()
        if self._decompressor is None:
            self._take(chunk)
        else:
            self._decompress(chunk)

    def discard(self) -> None:
        """Drops what came so far, temporary files included: the rest will not come."""
        self._content.clear()
        if self._receiver is not None:
            self._receiver.discard()

    def finish(self) -> tuple[bytes, Received | None]:
        """Ends the body: its bytes, decompressed, or what its receiver made of it.

        Raises:
            TruncatedResponse: The compressed body ends before it is complete.
        """
        if self._decompressor is not None and self._received and not self._decompressor.eof:
            raise unusable(
                TruncatedResponse,
                "the compressed answer ends before it is complete",
                self._call,
                self._http_status,
            )
        if self._receiver is not None:
            return b"", self._receiver.finish()
        return bytes(self._content), None

    def _take(self, chunk: bytes) -> None:
        self.produced += len(chunk)
        if self._receiver is None:
            self._content += chunk
            return
        try:
            self._receiver.feed(chunk)
        except OSError as error:
            advice = TOO_MANY_FILES
            if not is_out_of_files(error):
                advice = (
                    "see that the folder for temporary files (TMPDIR) has room and can be written"
                )
            raise unusable(
                ResponseError,
                f"a document in the answer cannot be stored ({error.strerror or error}): {advice}",
                self._call,
                self._http_status,
            ) from error
        tell(self._progress, self.produced, self._total)

    def _decompress(self, chunk: bytes) -> None:
        data = chunk
        while data:
            decompressor = self._decompressor
            if decompressor is None or decompressor.eof:
                # A gzip body may consist of several members, one after the other.
                decompressor = self._decompressor = zlib.decompressobj(self._window_bits)
            # One byte more than is allowed tells "just enough" from "too much".
            room = min(self._limit - self.produced + 1, _STEP)
            try:
                produced = decompressor.decompress(data, room)
            except zlib.error as error:
                raise self._unreadable("its compressed bytes are damaged") from error
            if self.produced + len(produced) > self._limit:
                raise self._too_large()
            self._take(produced)
            data = decompressor.unused_data if decompressor.eof else decompressor.unconsumed_tail

    def _too_large(self) -> ResponseTooLarge:
        return unusable(
            ResponseTooLarge,
            f"the answer is larger than {self._limit:,} bytes; raise {self._limit_name} if that is"
            " expected",
            self._call,
            self._http_status,
        )

    def _unreadable(self, why: str) -> EncodingError:
        return unusable(
            EncodingError, f"the answer cannot be read: {why}", self._call, self._http_status
        )
