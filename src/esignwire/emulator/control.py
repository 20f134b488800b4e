"""Control addresses: what a test or a demonstration does instead of waiting for people.

They stand below ``/_esignwire`` and answer JSON.

=============================================================  ====================================
``GET state``                                                  what is remembered, without secrets
``POST reset``                                                 forget everything
``POST faults``, ``GET faults``                                a fault for coming calls, as JSON
``POST assuresign/documents/{action}?id=``                     sign, complete, decline, expire or
                                                               fail-authentication, by the Id
``POST assuresign/envelopes/{complete|expire|stale}?id=``      an envelope, by its EnvelopeId
``POST assuresign/users/{expire|renew}?id=``                   a user's password, by the UserName
``POST signix/transactions/{sign|complete|expire}?id=``        a transaction, by either of its ids
``POST constellation1/sessions/{action}?id=``                  sign, complete, decline, expire or
                                                               archive, by the SigningSessionId
=============================================================  ====================================

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
from esignwire.emulator.assuresign import Document, DocumentStatus
from esignwire.emulator.faults import read_order
from esignwire.emulator.settings import EmulatorSettings
from esignwire.emulator.shared import NotPossible
from esignwire.emulator.state import State
from esignwire.errors import ConfigurationError, InvalidRequest

__all__ = ["Control", "change_handled", "changes_of", "is_welcome"]

_PREFIX = "/_esignwire/"
_LARGEST_ORDER = 100_000
_Change = Callable[[datetime], None]
# What the clients' handles call their identifiers. A document of AssureSign has an id, an envelope
# too; a Transaction has one of two, and what Constellation1 created has a session_id.
_IDENTIFIERS = ("id", "document_set_id", "transaction_id", "session_id")


class Control:
    """The control addresses."""

    def __init__(self, state: State, settings: EmulatorSettings) -> None:
        self._state = state
        self._settings = settings

    def answer(self, request: WireRequest) -> WireAnswer:
        """Answer a request, also one that makes no sense."""
        if not is_welcome(request, self._settings):
            return _answer(403, error="The control addresses answer this machine alone.")
        if "origin" in request.headers or "sec-fetch-site" in request.headers:
            return _answer(403, error="The control addresses answer no web page.")
        name = request.path.removeprefix(_PREFIX)
        if (request.method, name) == ("GET", "state"):
            with self._state.lock:
                return _answer(200, **self._state.summary())
        if (request.method, name) == ("GET", "faults"):
            return _answer(200, faults=self._state.faults.summary())
        if request.method != "POST":
            return _answer(405, error="GET state or faults, or POST to one of the others.")
        if name == "reset":
            self._state.reset()
            return _answer(200, done="reset")
        try:
            identifier = dict(request.query_fields()).get("id", "")
        except ValueError:
            identifier = ""
        if name == "faults":
            return self._order(request)
        with self._state.lock:
            return self._change(name, identifier)

    def _order(self, request: WireRequest) -> WireAnswer:
        if request.content.size > _LARGEST_ORDER:
            return _answer(413, error="An order has at most 100,000 bytes.")
        try:
            self._state.faults.add(*read_order(request.content.read()))
        except ConfigurationError as error:
            return _answer(400, error=str(error))
        return _answer(200, done="faults")

    def _change(self, name: str, identifier: str) -> WireAnswer:
        collection, _, action = name.rpartition("/")
        if collection not in _COLLECTIONS:
            return _answer(404, error="There is no such control address.")
        changes = changes_of(self._state, collection, identifier)
        if changes is None:
            return _answer(404, error="Nothing has this id.")
        change = changes.get(action)
        if change is None:
            known = ", ".join(sorted(changes))
            return _answer(404, error=f"There is no such action; there are {known}.")
        try:
            change(self._state.now())
        except NotPossible as refusal:
            return _answer(409, error=str(refusal))
        return _answer(200, done=action)


def changes_of(
    state: State, collection: str, identifier: str
) -> dict[str, Callable[[datetime], None]] | None:
    """Find what can be done to the thing with an identifier; ``None`` where there is none.

    ``collection`` is the path of the control addresses, such as ``assuresign/documents``.
    """
    find = _COLLECTIONS.get(collection)
    return None if find is None else find(state, identifier)


def is_welcome(request: WireRequest, settings: EmulatorSettings) -> bool:
    """Tell whether the emulator's own addresses answer a caller: of this machine, or any."""
    return settings.is_control_public or _is_from_here(request)


def change_handled(state: State, handle: object, action: str) -> None:
    """Does to something what people would do, by the handle that a client gave out.

    A handle has ``id``, ``document_set_id``, ``transaction_id`` or ``session_id``, or is the
    identifier itself.

    Raises:
        InvalidRequest: Nothing has such an identifier, there is no such action for it, or the
            action does not fit where it stands.
    """
    names = [handle, *(getattr(handle, name, None) for name in _IDENTIFIERS)]
    identifiers = [str(name) for name in names if isinstance(name, str | UUID)]
    with state.lock:
        for identifier in identifiers:
            for find in _COLLECTIONS.values():
                changes = find(state, identifier)
                if changes is None:
                    continue
                if action not in changes:
                    known = ", ".join(sorted(changes))
                    raise InvalidRequest(f"this cannot be made to {action}; there are {known}")
                try:
                    changes[action](state.now())
                except NotPossible as refusal:
                    raise InvalidRequest(str(refusal)) from None
                state.save()
                return
    raise InvalidRequest(
        f"the emulator knows nothing by this handle, a {type(handle).__name__}: give it what"
        " submit, client.transaction or create_session returned",
        path="handle",
    )


def _document_changes(state: State, identifier: str) -> dict[str, _Change] | None:
    document = state.assuresign.documents.get(_guid(identifier))
    if document is None:
        return None
    state.touched.append(document)

    def complete(now: datetime) -> None:
        document.end(DocumentStatus.COMPLETED, now, "The document was completed.")

    def decline(now: datetime) -> None:
        _check_started(document)
        document.end(DocumentStatus.DECLINED, now, "A signer declined to sign.")

    def expire(now: datetime) -> None:
        document.end(DocumentStatus.EXPIRED, now, "The document expired.")

    def fail(now: datetime) -> None:
        _check_started(document)
        status = DocumentStatus.SIGNER_AUTHENTICATION_FAILED
        document.end(status, now, "A signer could not prove who they are.")

    return {
        "sign": document.sign,
        "complete": complete,
        "decline": decline,
        "expire": expire,
        "fail-authentication": fail,
    }


def _check_started(document: Document) -> None:
    if document.status is DocumentStatus.CREATED:
        raise NotPossible("No signer has the document: its signing has not begun.")


def _envelope_changes(state: State, identifier: str) -> dict[str, _Change] | None:
    envelope = state.assuresign.envelopes.get(_guid(identifier))
    if envelope is None:
        return None
    state.touched.append(envelope)
    return {"complete": envelope.complete, "expire": envelope.expire, "stale": envelope.stale}


def _user_changes(state: State, user_name: str) -> dict[str, _Change] | None:
    user = state.assuresign.directory.find_user(user_name)
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


def _transaction_changes(state: State, identifier: str) -> dict[str, _Change] | None:
    transaction = state.signix.find(identifier)
    if transaction is None:
        return None
    state.touched.append(transaction)
    return {
        "sign": transaction.sign,
        "complete": transaction.complete,
        "expire": transaction.expire,
    }


def _session_changes(state: State, identifier: str) -> dict[str, _Change] | None:
    session = state.constellation1.sessions.get(_guid(identifier))
    if session is None:
        return None
    state.touched.append(session)
    return {
        "sign": session.sign,
        "complete": session.complete,
        "decline": session.decline,
        "expire": session.expire,
        "archive": session.archive,
    }


_COLLECTIONS: dict[str, Callable[[State, str], dict[str, _Change] | None]] = {
    "assuresign/documents": _document_changes,
    "assuresign/envelopes": _envelope_changes,
    "assuresign/users": _user_changes,
    "signix/transactions": _transaction_changes,
    "constellation1/sessions": _session_changes,
}


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
