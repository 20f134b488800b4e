"""Control addresses: what a test or a demonstration does instead of waiting for people.

They stand below ``/_esignwire`` and answer JSON.

=========================================================  =======================================
``GET state``                                              what is remembered, without secrets
``POST reset``                                             forget everything
``POST assuresign/documents/{sign|complete|decline|expire}?id=``   a document, by its Id
``POST assuresign/envelopes/{expire|stale}?id=``           an envelope, by its EnvelopeId
``POST assuresign/users/{expire|renew}?id=``               a user's password, by the UserName
``POST signix/transactions/{sign|complete|expire}?id=``    a transaction, by either of its ids
``POST constellation1/sessions/{complete|expire}?id=``     a session, by its SigningSessionId
=========================================================  =======================================

``sign`` lets the next signer sign; the last one completes. ``expire`` puts a user's password out of
date, and ``renew`` is what the user then does at ExpiredPasswordUrl; the password stays. A change
that does not fit where the thing stands answers 409, an unknown id 404. Callers from other machines
are refused with 403, unless the settings say otherwise.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from esignwire.emulator._wire import WireAnswer, WireRequest
from esignwire.emulator.assuresign import AssureSignState, Directory, Document, DocumentStatus
from esignwire.emulator.constellation1 import (
    Constellation1State,
    SessionStatus,
    SigningSession,
)
from esignwire.emulator.settings import EmulatorSettings
from esignwire.emulator.shared import NotPossible
from esignwire.emulator.signix import SignixState, Transaction
from esignwire.emulator.state import State

__all__ = ["Control"]

_PREFIX = "/_esignwire/"
_Change = Callable[[datetime], None]


class Control:
    """The control addresses.

    Args:
        state: What the vendors remember.
        settings: How the emulator behaves.
    """

    def __init__(self, state: State, settings: EmulatorSettings) -> None:
        self._state = state
        self._settings = settings

    def answer(self, request: WireRequest) -> WireAnswer:
        """Answer a request, also one that makes no sense."""
        if not self._settings.is_control_public and not _is_from_here(request):
            return _answer(403, error="The control addresses answer this machine alone.")
        if "origin" in request.headers or "sec-fetch-site" in request.headers:
            return _answer(403, error="The control addresses answer no web page.")
        name = request.path.removeprefix(_PREFIX)
        if (request.method, name) == ("GET", "state"):
            with self._state.lock:
                return _answer(200, **self._state.summary())
        if request.method != "POST":
            return _answer(405, error="GET state, or POST to one of the others.")
        if name == "reset":
            self._state.reset()
            return _answer(200, done="reset")
        try:
            identifier = dict(request.query_fields()).get("id", "")
        except ValueError:
            identifier = ""
        with self._state.lock:
            return self._change(name, identifier)

    def _change(self, name: str, identifier: str) -> WireAnswer:
        collection, _, action = name.rpartition("/")
        try:
            match collection:
                case "assuresign/documents":
                    changes = _document_changes(self._state.assuresign, identifier)
                case "assuresign/envelopes":
                    changes = _envelope_changes(self._state.assuresign, identifier)
                case "assuresign/users":
                    changes = _user_changes(self._state.assuresign.directory, identifier)
                case "signix/transactions":
                    changes = _transaction_changes(self._state.signix, identifier)
                case "constellation1/sessions":
                    changes = _session_changes(self._state.constellation1, identifier)
                case _:
                    return _answer(404, error="There is no such control address.")
            if changes is None:
                return _answer(404, error="Nothing has this id.")
            change = changes.get(action)
            if change is None:
                known = ", ".join(sorted(changes))
                return _answer(404, error=f"There is no such action; there are {known}.")
            change(self._state.now())
        except NotPossible as refusal:
            return _answer(409, error=str(refusal))
        return _answer(200, done=action)


def _document_changes(records: AssureSignState, identifier: str) -> dict[str, _Change] | None:
    document = records.documents.get(_guid(identifier))
    if document is None:
        return None

    def complete(now: datetime) -> None:
        document.end(DocumentStatus.COMPLETED, now, "The document was completed.")

    def decline(now: datetime) -> None:
        _check_started(document)
        document.end(DocumentStatus.DECLINED, now, "A signer declined to sign.")

    def expire(now: datetime) -> None:
        document.end(DocumentStatus.EXPIRED, now, "The document expired.")

    return {"sign": document.sign, "complete": complete, "decline": decline, "expire": expire}


def _check_started(document: Document) -> None:
    if document.status is DocumentStatus.CREATED:
        raise NotPossible("The document cannot be declined: its signing has not begun.")


def _envelope_changes(records: AssureSignState, identifier: str) -> dict[str, _Change] | None:
    envelope = records.envelopes.get(_guid(identifier))
    return None if envelope is None else {"expire": envelope.expire, "stale": envelope.stale}


def _user_changes(directory: Directory, user_name: str) -> dict[str, _Change] | None:
    user = directory.find_user(user_name)
    if user is None:
        return None

    def expire(now: datetime) -> None:  # noqa: ARG001  # a user keeps no history
        if user.must_change_password:
            raise NotPossible("The password has expired already.")
        user.must_change_password = True

    def renew(now: datetime) -> None:  # noqa: ARG001  # a user keeps no history
        if not user.must_change_password:
            raise NotPossible("The password has not expired.")
        user.must_change_password = False

    return {"expire": expire, "renew": renew}


def _transaction_changes(records: SignixState, identifier: str) -> dict[str, _Change] | None:
    transaction: Transaction | None = records.find(identifier)
    if transaction is None:
        return None
    return {
        "sign": transaction.sign,
        "complete": transaction.complete,
        "expire": transaction.expire,
    }


def _session_changes(records: Constellation1State, identifier: str) -> dict[str, _Change] | None:
    session = records.sessions.get(_guid(identifier))
    if session is None:
        return None
    return {
        "complete": _session_change(session, SessionStatus.COMPLETED),
        "expire": _session_change(session, SessionStatus.EXPIRED),
    }


def _session_change(session: SigningSession, status: SessionStatus) -> _Change:
    def change(now: datetime) -> None:  # noqa: ARG001  # a session keeps no history
        if session.status is not SessionStatus.IN_SENT:
            raise NotPossible("The session is not under way.")
        session.status = status

    return change


def _guid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _is_from_here(request: WireRequest) -> bool:
    """Tell whether a caller is on this machine, and no web page that has come by a name of its own.

    The owner of a domain can point a name of it to 127.0.0.1, so that a browser takes the emulator
    for a part of the owner's site. The Host is that name then, which has a dot.
    """
    name = urlsplit(request.base_url).hostname or ""
    is_domain = "." in name and not name.endswith(".localhost") and _address(name) is None
    caller = _address(request.caller or "")
    return caller is not None and caller.is_loopback and not is_domain


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _answer(status: int, **content: object) -> WireAnswer:
    return WireAnswer(
        status=status,
        media_type="application/json; charset=utf-8",
        content=json.dumps(content, indent=2).encode("utf-8"),
        operation="control",
    )
