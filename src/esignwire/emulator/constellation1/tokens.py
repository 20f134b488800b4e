"""Players of the calls on tokens and sign-in.

The vendor names the algorithm of EncryptString and keeps the recipe to itself. Here the result is a
digest, and the other calls find what was encrypted with the same salt.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

from esignwire.emulator.constellation1.context import (
    INVALID_USER,
    Body,
    Call,
    Refused,
)
from esignwire.emulator.constellation1.state import Token, User, keep
from esignwire.emulator.constellation1.users import shown

__all__ = [
    "authenticate_user",
    "encrypt_string",
    "get_landing_url",
    "get_token",
    "get_token_user_name_password",
]


def encrypt_string(call: Call) -> Body:
    """EncryptString."""
    plain_text, salt = call.text("plainText"), call.text("salt")
    digest = hashlib.sha256(f"{salt}\0{plain_text}".encode()).digest()
    encrypted = base64.b64encode(digest).decode("ascii")
    keep(call.state.encrypted, (encrypted, salt), plain_text)
    return {"ReturnValue": encrypted}


def get_token(call: Call) -> Body:
    """GetToken. The header was looked at before."""
    return _token(call)


def get_token_user_name_password(call: Call) -> Body:
    """GetTokenUserNamePassword. The header holds the encrypted password."""
    _signed_in(call)
    return _token(call)


def authenticate_user(call: Call) -> Body:
    """AuthenticateUser."""
    return {"Users": [shown(_signed_in(call))]}


def get_landing_url(call: Call) -> Body:
    """GetLandingURL. The pages behind the address are not played."""
    return {"ReturnValue": f"{call.base_url}/constellation1/Account/LogMeIn?"}


def _signed_in(call: Call) -> User:
    password = call.decrypted(call.secret)
    user = call.acting_user(call.text("userName"))
    if not user.is_active or user.password not in {None, password}:
        raise Refused(INVALID_USER)
    return user


def _token(call: Call) -> Body:
    text = call.shared.identifiers.token(43)
    token = Token(
        account=call.account,
        uses=call.settings.token_uses,
        expires=call.now + timedelta(seconds=call.settings.token_seconds),
    )
    keep(call.state.tokens, text, token)
    return {"ReturnValue": text}
