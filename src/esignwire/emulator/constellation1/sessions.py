"""Players of the calls on one signing session.

The vendor publishes when a session may be updated, purged and given another transaction id. The
rest is inferred: a paused session may be started again, and a call in the name of a user who does
not own the session is refused. A session that waits to be purged keeps its status, since the
vendor's status for it has no published number.
"""

from __future__ import annotations

import base64
import binascii
import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from esignwire.emulator.constellation1.context import TRUE, Body, Call, Refused, moment
from esignwire.emulator.constellation1.signers import (
    added_signer,
    change_signer,
    check_complete,
    has_begun,
    shown_signer,
    signers_of,
)
from esignwire.emulator.constellation1.state import (
    ENDED,
    LogEntry,
    SessionStatus,
    SigningSession,
)

__all__ = [
    "cancel_purging_session",
    "cancel_session",
    "close_session",
    "copy_signing_session",
    "create_session",
    "delete_session",
    "edit_session",
    "file_size",
    "get_session",
    "get_session_action_logs",
    "purge_session_docs",
    "shown_session",
    "start_session",
    "update_session",
    "update_transaction_id",
]

_PURGE_WAIT = timedelta(hours=72)
_PURGEABLE = frozenset({SessionStatus.COMPLETED, SessionStatus.EXPIRED, SessionStatus.CANCELLED})


def create_session(call: Call) -> Body:
    """CreateSession."""
    user_name = call.acting_user(call.text("userName")).name
    given = call.object("session")
    session = _new_session(call, user_name, {})
    _take_information(call, session, _member(given, "SessionInfo"))
    _add_documents(call, session, _members(given, "Documents"))
    for signer in _members(given, "Signers"):
        session.signers.append(added_signer(call, signer))
    return _kept(call, session, "The session was created.")


def update_session(call: Call) -> Body:
    """UpdateSession. A signer whose role is taken is not added, and the answer says so."""
    given = call.object("session")
    session = call.owned(call.session_by(UUID(str(given["Id"]))), call.text("userName"))
    if session.status in ENDED:
        raise Refused("Error: The session has ended, so that it cannot be updated.")
    # What is refused on the way changes the copy alone.
    session = copy.deepcopy(session)
    _take_information(call, session, _member(given, "SessionInfo"))
    _add_documents(call, session, _members(given, "Documents"))
    signers = _members(given, "Signers")
    changed = [signer for signer in signers if signer.get("SignerId")]
    for known, changes in zip(signers_of(session, changed), changed, strict=True):
        change_signer(call, known, changes)
    roles = {signer.members.get("SignerRole") for signer in session.signers}
    refused: list[str] = []
    for signer in signers:
        if signer.get("SignerId"):
            continue
        check_complete(signer)
        role = signer["SignerRole"]
        if role in roles:
            refused.append(f"Error: {signer['LastName']} was not added: the role {role} is taken.")
        else:
            roles.add(role)
            session.signers.append(added_signer(call, signer))
    _kept(call, session, "The session was updated.")
    return {**_answer(session), "Details": refused or None}


def edit_session(call: Call) -> Body:
    """EditSession: pauses. A session that a signer has begun to sign cannot be paused."""
    session = call.owned(call.session(), call.text("username"))
    if session.status is not SessionStatus.IN_SENT:
        raise Refused("Error: The session was not sent, so that it cannot be paused.")
    if has_begun(session):
        raise Refused("Error: A signer has begun, so that the session cannot be paused.")
    session.status = SessionStatus.IN_PAUSED
    session.note(call.now, "The session was paused.", call.caller)
    return _answer(session)


def copy_signing_session(call: Call) -> Body:
    """CopySigningSession. The signers of the copy are those that are named, or else all."""
    given = call.object("session")
    source = call.session_by(UUID(str(given["SigningSessionId"])))
    if source.status is SessionStatus.PURGED:
        raise Refused("Error: The documents of the session were purged.")
    information = {**source.information}
    information.pop("ExpiresOn", None)
    names = _member(given, "SessionInfo")
    if "TransactionTitle" in names:
        information["Title"] = names["TransactionTitle"]
    if "TransactionId" in names:
        information["TransactionId"] = names["TransactionId"]
    session = _new_session(call, source.user_name, information)
    session.documents = [dict(document) for document in source.documents]
    session.document_bytes = source.document_bytes
    known = {str(one.id): one.members for one in source.signers}
    wanted = _members(given, "Signers") if "Signers" in given else [{"SignerId": k} for k in known]
    for signer in wanted:
        identifier = str(signer.get("SignerId", "")).lower()
        if identifier and identifier not in known:
            raise Refused("Error: There is no signer with this id.")
        session.signers.append(added_signer(call, {**known.get(identifier, {}), **signer}))
    return _kept(call, session, f"The session was copied from {source.id}.")


def get_session(call: Call) -> Body:
    """GetSession."""
    return _answer(call.session())


def get_session_action_logs(call: Call) -> Body:
    """GetSessionActionLogs."""
    return {"ActionLog": [_shown_entry(entry) for entry in call.session().log]}


def start_session(call: Call) -> Body:
    """StartSession."""
    session = call.session()
    if session.status not in {SessionStatus.IN_DRAFT, SessionStatus.IN_PAUSED}:
        raise Refused("Error: The session is not a draft, so that it cannot be started.")
    if not session.documents:
        raise Refused("Error: The session has no documents.")
    if not session.signers:
        raise Refused("Error: The session has no signers.")
    for signer in session.signers:
        check_complete(signer.members)
    if session.early_starts > 0:
        session.early_starts -= 1
        raise Refused("Error: The anchor tags of the documents are still being processed.")
    session.status = SessionStatus.IN_SENT
    session.invite()
    return _done(call, session, "The session was sent.")


def cancel_session(call: Call) -> Body:
    """CancelSession."""
    session = call.session()
    if session.status in ENDED:
        raise Refused("Error: The session has ended, so that it cannot be cancelled.")
    session.status = SessionStatus.CANCELLED
    session.end_signers()
    return _done(call, session, "The session was cancelled.")


def close_session(call: Call) -> Body:
    """CloseSession. What it does is not described; here it completes a session that was sent."""
    session = call.session()
    if session.status is not SessionStatus.IN_SENT:
        raise Refused("Error: The session was not sent, so that it cannot be closed.")
    session.status = SessionStatus.COMPLETED
    session.end_signers()
    return _done(call, session, "The session was closed.")


def delete_session(call: Call) -> Body:
    """DeleteSession."""
    session = call.session()
    session.status = SessionStatus.DELETED
    session.purges = None
    return _done(call, session, "The session was deleted.")


def purge_session_docs(call: Call) -> Body:
    """PurgeSessionDocs: at once, or after 72 hours."""
    session = call.session()
    if session.status not in _PURGEABLE:
        raise Refused("Error: The session has not ended, so that it cannot be purged.")
    if call.arguments.get("purgeNow") is True:
        session.purge(call.now)
        return dict(TRUE)
    session.purges = session.purges or call.now + _PURGE_WAIT
    return _done(call, session, "The documents will be purged.")


def cancel_purging_session(call: Call) -> Body:
    """CancelPurgingSession."""
    session = call.session()
    if session.purges is None:
        raise Refused("Error: The session does not wait to be purged.")
    session.purges = None
    return _done(call, session, "The documents will not be purged.")


def update_transaction_id(call: Call) -> Body:
    """UpdateTransactionId."""
    session = call.owned(call.session("signingSessionId"), call.text("userName"))
    if session.status in ENDED:
        raise Refused("Error: The session has ended, so that its transaction id stays.")
    session.information["TransactionId"] = call.text("newTransactionId")
    return _done(call, session, "The session was given another transaction id.")


def shown_session(session: SigningSession) -> Body:
    """Describe a session without secrets and without the bytes of its documents."""
    return {
        "Id": str(session.id),
        "StatusCode": int(session.status),
        "SessionInfo": session.information,
        "Documents": session.documents,
        "Signers": [shown_signer(signer) for signer in session.signers],
    }


def _answer(session: SigningSession) -> Body:
    return {"SigningSessionId": str(session.id), "Sessions": [shown_session(session)]}


def _shown_entry(entry: LogEntry) -> Body:
    return {
        "Date": moment(entry.date),
        "IPAddress": entry.address,
        "Description": entry.description,
    }


def _new_session(call: Call, user_name: str, information: Body) -> SigningSession:
    return SigningSession(
        id=call.shared.identifiers.guid(),
        account=call.account_id,
        user_name=user_name,
        created=call.now,
        information=information,
        documents=[],
        signers=[],
    )


def _kept(call: Call, session: SigningSession, description: str) -> Body:
    session.note(call.now, description, call.caller)
    call.state.sessions[session.id] = session
    call.shared.touched.append(session)
    call.state.signers.update({signer.id: session.id for signer in session.signers})
    return _answer(session)


def _done(call: Call, session: SigningSession, description: str) -> Body:
    session.return_url = call.text("returnURL") or session.return_url
    session.note(call.now, description, call.caller)
    return dict(TRUE)


def _take_information(call: Call, session: SigningSession, given: Mapping[str, object]) -> None:
    information = {
        name: value for name, value in given.items() if name not in call.document.sensitive
    }
    if "ExpiresOn" in information:
        session.expires = _expiry(call, str(information["ExpiresOn"]))
        information["ExpiresOn"] = moment(session.expires)
    session.information.update(information)


def _expiry(call: Call, text: str) -> datetime:
    most = cast("int", call.document.member("SessionInfoMembers", "ExpiresOn")["x-esw-days-ahead"])
    try:
        expires = _read_moment(text)
    except (ValueError, OverflowError):
        raise Refused("Error: ExpiresOn is no date.") from None
    if not call.now < expires <= call.now + timedelta(days=most):
        raise Refused(f"Error: ExpiresOn must be ahead, and at most {most} days.")
    return expires


def _read_moment(text: str) -> datetime:
    """Read a moment in either of the two forms that the document allows."""
    if not text.startswith("/Date("):
        return datetime.fromisoformat(text)
    number = text.removeprefix("/Date(").removesuffix(")/")
    # What may stand behind the milliseconds is a zone, which does not change the moment.
    milliseconds = number[:1] + number[1:].partition("+")[0].partition("-")[0]
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(milliseconds))


def _add_documents(call: Call, session: SigningSession, given: Sequence[Body]) -> None:
    size = session.document_bytes
    documents: list[Body] = []
    for one in given:
        document = dict(one)
        # The bytes themselves were taken out before the document judged the rest.
        size += cast("int", document.pop("FileBytes", 0))
        documents.append(document)
    most = cast("int", call.document.member("Session", "Documents")["x-esw-most-bytes"])
    if size > most:
        raise Refused(f"Error: The documents of the session have more than {most} bytes.")
    session.document_bytes = size
    session.documents += documents
    session.documents.sort(key=_place)
    if any(document.get("HasAnchorTags") is True for document in documents):
        session.early_starts = call.settings.early_starts


def _place(document: Body) -> float:
    sequence = document.get("Sequence")
    return sequence if isinstance(sequence, int) else float("inf")


def _member(given: Mapping[str, object], name: str) -> Body:
    return cast("Body", given.get(name, {}))


def _members(given: Mapping[str, object], name: str) -> list[Body]:
    return cast("list[Body]", given.get(name, []))


def file_size(value: object) -> int | None:
    """Count the bytes of a file in either form, numbers or base64; none for an empty file."""
    if isinstance(value, str):
        try:
            return len(base64.b64decode(value, validate=True)) or None
        except (binascii.Error, ValueError):
            return None
    if not isinstance(value, list):
        return None
    numbers = cast("list[object]", value)
    is_file = set(map(type, numbers)) == {int} and all(
        0 <= number <= 255 for number in cast("list[int]", numbers)
    )
    return len(numbers) if is_file else None
