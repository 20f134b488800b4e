"""How the vendor is called, and which of its members are secret or personal."""

from __future__ import annotations

__all__ = ["SENSITIVE", "TOKEN_SENSITIVE", "VENDOR"]

VENDOR = "Constellation1"

# JSON members. No schema says it for this vendor, so this table does.
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
