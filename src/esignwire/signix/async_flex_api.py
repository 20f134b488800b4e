"""The caller of FlexAPI's web methods, async. The sync twin is derived from this file."""

from __future__ import annotations

from typing import TypeVar

from esignwire._codec import Answered, Operation
from esignwire._documents import Progress
from esignwire._http import AsyncHttp
from esignwire.signix._envelope import call_of, form_request, read_answer, receiver_of
from esignwire.signix.settings import VENDOR

__all__ = ["AsyncFlexApi"]

_Request = TypeVar("_Request")
_Response = TypeVar("_Response")


class AsyncFlexApi:
    """Posts messages to FlexAPI and reads the answers.

    Args:
        http: What sends the requests.
        url: The address of FlexAPI.
        max_response_bytes: The largest answer that is read.
    """

    __slots__ = ("_http", "_max_response_bytes", "_url")

    def __init__(self, http: AsyncHttp, url: str, max_response_bytes: int) -> None:
        self._http = http
        self._url = url
        self._max_response_bytes = max_response_bytes

    @property
    def vendor(self) -> str:
        """The vendor, for errors."""
        return VENDOR

    async def call(
        self,
        operation: Operation[_Request, _Response],
        request: _Request,
        timeout: float | None,
        *,
        progress: Progress | None = None,
    ) -> Answered[_Response]:
        """Performs one call.

        The status of the answer is 0 or 1; for SubmitAjax also 2.

        Raises:
            InvalidRequest: The message does not satisfy the schema; nothing was sent.
            TransportError: No complete answer came.
            OutcomeUnknown: No complete answer came and the vendor may have acted. Its reference
                is the DocumentSetID or the TransactionID of the message.
            ResponseError: The answer cannot be used.
            SignixError: The vendor's status means failure.
        """
        call = call_of(operation, request)
        outgoing = form_request(operation, request, call, self._url, progress)
        receiver = receiver_of(operation, call, self._max_response_bytes)
        response = await self._http.send(
            outgoing, call, timeout=timeout, receiver=receiver, progress=progress
        )
        with response:
            answer = read_answer(operation, response, call, request, self._max_response_bytes)
        return Answered(answer, call, response.status, request)
