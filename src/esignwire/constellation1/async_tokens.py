"""Tokens of Constellation1, async. The sync twin is derived from this file.

The vendor encrypts the API key for us, since its recipe is not public, and exchanges what comes
back for a token that lives for one call. So the key travels in the path of an address, and neither
this module nor the HTTP client shows an address in a log or an error.
"""

from __future__ import annotations

import secrets
import string

from esignwire._call import Call
from esignwire._client import CallDeadline
from esignwire._http import AsyncHttp, HttpRequest
from esignwire.constellation1._replies import Reply, Secrets
from esignwire.constellation1._requests import Addresses
from esignwire.constellation1.names import VENDOR

__all__ = ["AsyncTokens"]

_SALT_CHARACTERS = string.ascii_letters + string.digits
# As long as the salt in the vendor's sample.
_SALT_LENGTH = 43

# Both are safe to repeat: what they make expires by itself.
_ENCRYPT = Call(vendor=VENDOR, operation="EncryptString", is_safe=True)
_GET_TOKEN = Call(vendor=VENDOR, operation="GetToken", is_safe=True)


class AsyncTokens:
    """Gets tokens.

    Args:
        http: What sends the requests.
        addresses: Where the calls are.
        api_key: The API key.
    """

    def __init__(self, http: AsyncHttp, addresses: Addresses, api_key: str) -> None:
        self._http = http
        self._addresses = addresses
        self._api_key = api_key

    async def fresh(self, deadline: CallDeadline) -> str:
        """Gets a token for one call.

        Args:
            deadline: When the call that it is for must end.

        Returns:
            The token, as it goes into the ``Authorization`` header. Secret.

        Raises:
            TokenRefused: The API key is not accepted.
            Constellation1Error: The vendor gave another message.
            EsignWireError: No complete answer came.
        """
        api_key = self._api_key
        salt = "".join(secrets.choice(_SALT_CHARACTERS) for _ in range(_SALT_LENGTH))
        encrypted = await self._ask(
            self._addresses.encrypt(api_key, salt), _ENCRYPT, None, Secrets(api_key), deadline
        )
        return await self._ask(
            self._addresses.get_token(salt),
            _GET_TOKEN,
            encrypted,
            Secrets(api_key, encrypted),
            deadline,
        )

    async def _ask(
        self,
        url: str,
        call: Call,
        authorization: str | None,
        hidden: Secrets,
        deadline: CallDeadline,
    ) -> str:
        headers = {"Content-Type": "application/json"}
        if authorization is not None:
            headers["Authorization"] = authorization
        response = await self._http.send(
            HttpRequest(method="GET", url=url, headers=headers),
            call,
            timeout=deadline.left(call),
        )
        return Reply(response, call, hidden).secret()
