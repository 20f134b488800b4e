"""Names of Constellation1: members as the vendor spells them, which are secret, and its codes."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from pydantic.alias_generators import to_pascal

__all__ = [
    "SENSITIVE",
    "TOKEN_SENSITIVE",
    "VENDOR",
    "AuthenticationMethod",
    "EmailOptions",
    "SessionStatus",
    "SignerStatus",
    "UseSequence",
    "vendor_name",
]

VENDOR = "Constellation1"

# JSON members. This vendor has no schema that says which are secret.
SENSITIVE = frozenset(
    {
        "EncryptedPassword",
        "FileBytes",
        "InitialsImageBase64",
        "Password",
        "SignatureImageBase64",
    }
)

# EncryptString and GetToken answer with a secret where other calls answer "True".
TOKEN_SENSITIVE = SENSITIVE | {"ReturnValue"}

# Where the vendor's spelling is not plain PascalCase.
_SPELLINGS = {
    "client_id": "ClientID",
    "owner_id": "OwnerID",
    "return_url": "ReturnURL",
}


def vendor_name(name: str) -> str:
    """How the vendor spells a member.

    Args:
        name: Our name, such as ``first_name``.

    Returns:
        The vendor's name, such as ``FirstName``. Where its tables and its samples differ
        (``SignerID`` and ``SignerId``), the spelling of the samples, since those are compiled code.
    """
    return _SPELLINGS.get(name) or to_pascal(name)


class SessionStatus(IntEnum):
    """Where a session stands. Documented for the webhook; that other calls use it is inferred."""

    IN_DRAFT = 1
    IN_SENT = 2
    COMPLETED = 3
    CANCELLED = 4
    DELETED = 5
    IN_PAUSED = 6
    EXPIRED = 7
    PURGED = 8
    ARCHIVED = 9


class SignerStatus(IntEnum):
    """Where a signer stands. Documented for the webhook; that other calls use it is inferred."""

    PENDING_INVITE = 1
    INVITED = 2
    IN_PROGRESS = 3
    COMPLETED = 4
    CANCELLED = 5
    DECLINED = 6
    DELEGATED = 7
    AUTHENTICATION_FAILED = 8


class UseSequence(IntEnum):
    """Whether signers sign one after the other. Documented."""

    NON_SEQUENTIAL = 0
    SEQUENTIAL = 1
    SUSPENDED = 2
    """Invitations are held back."""


class EmailOptions(IntEnum):
    """What those in ``copy_to`` get. Documented; nothing is known of 1 and 2."""

    LINKS = 0
    ATTACHMENTS = 3


class AuthenticationMethod(StrEnum):
    """How a signer proves who they are. The names are documented; their numbers are not."""

    KBA = "KBA"
    KBA_PLUS_PASSWORD = "KBAPlusPassword"  # noqa: S105 - the name of a method
    NONE = "None"
    PASSWORD = "Password"  # noqa: S105 - the name of a method
    SMS = "SMS"
