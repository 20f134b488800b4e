"""Checks what a caller gives, before anything is sent."""

from __future__ import annotations

import urllib.parse
from uuid import UUID

from esignwire.constellation1.names import VENDOR
from esignwire.errors import InvalidRequest

__all__ = ["require_return_url", "require_session_id", "require_user_name"]


def _refused(name: str, rule: str, value: str | None, operation: str) -> InvalidRequest:
    return InvalidRequest(
        f"{name} {rule}; nothing was sent",
        path=name,
        value=value,
        rule=rule,
        vendor=VENDOR,
        operation=operation,
    )


def require_session_id(value: UUID | str, operation: str) -> UUID:
    """Takes the id of a session.

    Args:
        value: The id; as a text in any form of a GUID.
        operation: The operation, for the error.

    Returns:
        The id.

    Raises:
        InvalidRequest: It is no GUID, or all zeros.
    """
    try:
        guid = value if isinstance(value, UUID) else UUID(value.strip())
    except ValueError:
        raise _refused(
            "session_id", "must be a GUID, such as CreateSession returns", str(value), operation
        ) from None
    if guid.int == 0:
        raise _refused("session_id", "must not be all zeros", str(guid), operation)
    return guid


def require_return_url(value: str, operation: str) -> str:
    """Takes the host URL.

    Args:
        value: The URL.
        operation: The operation, for the error.

    Returns:
        The same URL.

    Raises:
        InvalidRequest: It is no http or https address. The message does not repeat it: it may hold
            a token.
    """
    try:
        parts = urllib.parse.urlsplit(value)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_usable = False
    if not is_usable or any(character.isspace() for character in value) or not value.isprintable():
        raise _refused(
            "return_url", "must be the URL of your host, with http:// or https://", None, operation
        )
    return value


def require_user_name(value: str, operation: str) -> str:
    """Takes the e-mail address of an owner.

    Args:
        value: The address.
        operation: The operation, for the error.

    Returns:
        The same address.

    Raises:
        InvalidRequest: It is blank.
    """
    if not value.strip():
        raise _refused("user_name", "must not be blank", value, operation)
    return value
