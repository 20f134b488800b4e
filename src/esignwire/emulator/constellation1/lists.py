"""Players of the calls that list sessions."""

from __future__ import annotations

from esignwire.emulator.constellation1.context import Body, Call, moment
from esignwire.emulator.constellation1.pages import page_of
from esignwire.emulator.constellation1.sessions import shown_session
from esignwire.emulator.constellation1.state import SessionStatus, SigningSession

__all__ = [
    "get_archived_sessions",
    "get_deleted_sessions",
    "get_expired_sessions",
    "get_sessions_by_transaction_id",
    "get_sessions_lite_by_transaction_id",
]


def get_archived_sessions(call: Call) -> Body:
    """GetArchivedSessions."""
    return _bucket(call, SessionStatus.ARCHIVED)


def get_deleted_sessions(call: Call) -> Body:
    """GetDeletedSessions."""
    return _bucket(call, SessionStatus.DELETED)


def get_expired_sessions(call: Call) -> Body:
    """GetExpiredSessions."""
    return _bucket(call, SessionStatus.EXPIRED)


def get_sessions_by_transaction_id(call: Call) -> Body:
    """GetSessionsByTransactionId, and GetSessionsByTransactionIdMetadata.

    The vendor's differ in the content of documents, which the emulator shows in neither.
    """
    sessions = _of_transaction(call, call.text("userName"))
    one = str(sessions[0].id) if len(sessions) == 1 else None
    return {"SigningSessionId": one, "Sessions": [shown_session(each) for each in sessions]}


def get_sessions_lite_by_transaction_id(call: Call) -> Body:
    """GetSessionsLiteByTransactionId."""
    column = call.text("colName")
    found = [
        (_sort_key(one, column), _lite(one)) for one in _of_transaction(call, call.text("username"))
    ]
    found.sort(key=lambda pair: pair[0], reverse=call.text("sortOrder") == "desc")
    page = page_of([lite for _, lite in found], call.number("pageSize"), call.number("pageNum"))
    return {"TotalCount": len(found), "Sessions": page}


def _of_transaction(call: Call, user_name: str) -> list[SigningSession]:
    owner = call.acting_user(user_name).name.lower()
    return [
        session
        for session in call.sessions()
        if session.user_name.lower() == owner
        and session.information.get("TransactionId") == call.text("transactionId")
        and session.status is not SessionStatus.DELETED
    ]


def _bucket(call: Call, status: SessionStatus) -> Body:
    found = [session for session in call.sessions() if session.status is status]
    page = page_of(found, call.number("pageSize"), call.number("pageNum"))
    return {"TotalCount": len(found), "Sessions": [_lite(session) for session in page]}


def _lite(session: SigningSession) -> Body:
    return {
        "SigningSessionId": str(session.id),
        "Title": session.information.get("Title"),
        "TransactionId": session.information.get("TransactionId"),
        "StatusCode": int(session.status),
        "CreatedOn": moment(session.created),
    }


def _sort_key(session: SigningSession, column: str) -> tuple[float, str]:
    """What a session is sorted by: a number, or else a text."""
    match column:
        case "StatusCode":
            return int(session.status), ""
        case "CreatedOn":
            return session.created.timestamp(), ""
        case "SigningSessionId":
            return 0, str(session.id)
        case _:
            return 0, str(session.information.get(column) or "")
