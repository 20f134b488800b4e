"""Tokens of Constellation1, async. The sync twin is derived from this file.

The vendor encrypts the API key for us, since its recipe is not public, and exchanges what comes
back for a token that lives for one call. So the key travels in the path of an address. Neither this
module nor the HTTP client shows an address in a log or an error, and hooks in httpx's transport,
such as those of OpenTelemetry, see one in which the key is masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from esignwire._client import CallDeadline
from esignwire._http import AsyncHttp, HttpRequest
from esignwire._json import Operation
from esignwire.constellation1._replies import Reply, Secrets
from esignwire.constellation1._requests import Request, new_salt, request_of
from esignwire.constellation1.settings import JsonForm
from esignwire_generated.constellation1.calls import ENCRYPT_STRING, GET_TOKEN
from esignwire_generated.constellation1.models import RequestResponse

__all__ = ["AsyncTokens"]


class AsyncTokens:
    """Gets tokens, and sends requests with them, below the address where all calls stand."""

    def __init__(self, http: AsyncHttp, base: str, api_key: str) -> None:
        self._http = http
        self._base = base
        self._api_key = api_key

    async def fresh(self, deadline: CallDeadline) -> str:
        """Gets a token for one call, as it goes into the ``Authorization`` header. It is secret.

        ``deadline`` is that of the call.

        Raises:
            TokenRefused: The API key is not accepted.
            Constellation1Error: The vendor gave another message.
            EsignWireError: No complete answer came.
        """
        salt = new_salt()
        encrypted = await self.encrypt(self._api_key, salt, deadline)
        return await self._ask(GET_TOKEN, {"salt": salt}, encrypted, deadline)

    async def send(self, request: Request, authorization: str, deadline: CallDeadline) -> Reply:
        """Sends a request with what its ``Authorization`` header holds, if it holds anything.

        Raises:
            EsignWireError: No complete answer came, or the vendor refused the call.
        """
        # The vendor's samples send the type with every call, with and without a body.
        headers = {"Content-Type": "application/json"}
        if authorization:
            # The token stands alone, without the name of a scheme before it.
            headers["Authorization"] = authorization
        response = await self._http.send(
            HttpRequest(
                method=request.method,
                url=request.url,
                shown_url=request.shown_url,
                headers=headers,
                content=request.content,
                secrets=(self._api_key,),
            ),
            request.call,
            timeout=deadline.left(request.call),
        )
        secrets = Secrets(self._api_key, *authorization.split(":"), *request.hidden)
        with response:
            return Reply(response, request.call, secrets, is_once=request.is_once)

    async def encrypt(self, text: str, salt: str, deadline: CallDeadline) -> str:
        """Has a text encrypted, such as a password, with a salt of letters and digits.

        Raises:
            EsignWireError: As ``fresh``.
        """
        return await self._ask(ENCRYPT_STRING, {"plain_text": text, "salt": salt}, "", deadline)

    async def _ask(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        authorization: str,
        deadline: CallDeadline,
    ) -> str:
        taken = operation.arguments.of(arguments)
        request = request_of(operation, taken, self._base, JsonForm())
        reply = await self.send(request, authorization, deadline)
        answer = reply.answer(RequestResponse, operation.reading)
        # A text by its reading, which refuses anything else.
        return str(cast("RequestResponse", answer).return_value)
