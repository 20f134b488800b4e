"""Constellation1 eSign: create signing sessions over REST, and send them to their signers.

::

    from esignwire.constellation1 import STAGE_URL, Constellation1, Session, SessionInfo

    with Constellation1(api_key=..., user_name="owner@example.com", url=STAGE_URL) as client:
        created = client.create_session(Session(session_info=SessionInfo(title="Lease")))
        client.start_session(created.session_id, "https://example.com/done")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from esignwire._json import Answer
from esignwire._lazy import later as _later
from esignwire.constellation1.async_client import AsyncConstellation1
from esignwire.constellation1.outcomes import CreatedSession, StartedSession
from esignwire.constellation1.settings import (
    PRODUCTION_URL,
    STAGE_URL,
    JsonForm,
    StartPolicy,
)
from esignwire.constellation1.webhooks import (
    SessionStatusChanged,
    SignerStatusChanged,
    Webhook,
    webhook,
)
from esignwire_generated.constellation1.models import (
    ActionLog,
    ActionLogResponse,
    AuthenticationMethod,
    AuthenticationSettings,
    CopyOptions,
    Document,
    EmailOptions,
    GenericResponse,
    GroupRole,
    NewUser,
    ReceivedDocument,
    ReceivedSession,
    ReceivedSessionInfo,
    ReceivedSigner,
    ReceivedUser,
    RequestResponse,
    ResponseSessionInfoLiteView,
    Session,
    SessionCopy,
    SessionInfo,
    SessionInfoCopy,
    SessionInfoUpdate,
    SessionLite,
    SessionLiteBucketView,
    SessionResponse,
    SessionStatus,
    SessionUpdate,
    Signer,
    SignerCopy,
    SignerDocument,
    SignerDocumentResponseView,
    SignerInvite,
    SignerStatus,
    SignerUpdate,
    SortColumn,
    SortOrder,
    UpdateSignersView,
    User,
    UserResponse,
    UserStatus,
    UseSequence,
)
from esignwire_generated.constellation1.names import FILE_TYPES

if TYPE_CHECKING:
    from esignwire_generated.constellation1.sync_client import Constellation1

__all__ = [
    "FILE_TYPES",
    "PRODUCTION_URL",
    "STAGE_URL",
    "ActionLog",
    "ActionLogResponse",
    "Answer",
    "AsyncConstellation1",
    "AuthenticationMethod",
    "AuthenticationSettings",
    "Constellation1",
    "CopyOptions",
    "CreatedSession",
    "Document",
    "EmailOptions",
    "GenericResponse",
    "GroupRole",
    "JsonForm",
    "NewUser",
    "ReceivedDocument",
    "ReceivedSession",
    "ReceivedSessionInfo",
    "ReceivedSigner",
    "ReceivedUser",
    "RequestResponse",
    "ResponseSessionInfoLiteView",
    "Session",
    "SessionCopy",
    "SessionInfo",
    "SessionInfoCopy",
    "SessionInfoUpdate",
    "SessionLite",
    "SessionLiteBucketView",
    "SessionResponse",
    "SessionStatus",
    "SessionStatusChanged",
    "SessionUpdate",
    "Signer",
    "SignerCopy",
    "SignerDocument",
    "SignerDocumentResponseView",
    "SignerInvite",
    "SignerStatus",
    "SignerStatusChanged",
    "SignerUpdate",
    "SortColumn",
    "SortOrder",
    "StartPolicy",
    "StartedSession",
    "UpdateSignersView",
    "UseSequence",
    "User",
    "UserResponse",
    "UserStatus",
    "Webhook",
    "webhook",
]

if not TYPE_CHECKING:
    __getattr__ = _later(
        __name__,
        {
            "esignwire_generated.constellation1.sync_client": "Constellation1",
        },
    )

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
