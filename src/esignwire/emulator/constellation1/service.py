"""Service of Constellation1 eSign: the token calls and the calls on signing sessions, in JSON.

The addresses stand below ``/constellation1/rest/v1``. What the vendor publishes of its answers is
little; members that are not attested are kept to ``Details`` of an error and ``Sessions`` of a
session answer.

The vendor names the algorithm of EncryptString and keeps the recipe to itself. Here the result is a
digest, and GetToken finds what was encrypted with the same salt.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar, cast
from urllib.parse import unquote_to_bytes
from uuid import UUID

from esignwire.emulator._wire import WireAnswer, WireRequest, plain_answer
from esignwire.emulator.accounts import Constellation1Account
from esignwire.emulator.constellation1.state import (
    Constellation1State,
    SessionStatus,
    SigningSession,
    Token,
)
from esignwire.emulator.faults import Fault, Refusal, TokenExpired
from esignwire.emulator.settings import EmulatorSettings
from esignwire.emulator.shared import Shared

__all__ = ["Constellation1"]

_PREFIX = "/constellation1/rest/v1/"
_MOST_REMINDER_DAYS = 30
_MOST_RECORDS = 10_000
_FILE_TYPES = (
    ".bmp .gif .jpg .png .tiff .xls .xlsx .doc .docx .rtf .pdf .txt".split()  # noqa: SIM905  # one line
)
_INVALID_TOKEN = "Error: Bad Token Information. Please authenticate."  # noqa: S105  # a message
_E_MAIL_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
_LOGGER = logging.getLogger("esignwire.emulator")

_Body = dict[str, object]
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class _Refused(Exception):
    """A call is refused; the text is for Details."""


class _TokenRefused(Exception):
    """The token expired, is used up or was never handed out."""


class Constellation1:
    """Constellation1.

    Args:
        state: What Constellation1 remembers.
        shared: The lock, the clock and the identifiers.
        settings: How the emulator behaves.
    """

    def __init__(
        self, state: Constellation1State, shared: Shared, settings: EmulatorSettings
    ) -> None:
        self._state = state
        self._shared = shared
        self._settings = settings

    def answer(self, request: WireRequest) -> WireAnswer:
        """Answer a request.

        Args:
            request: The request.

        Returns:
            The answer; also to a request that makes no sense.
        """
        if not request.path.lower().startswith(_PREFIX):
            return plain_answer(404, f"There is nothing here. The calls are below {_PREFIX}.")
        try:
            # The path is split before it is decoded: a key may hold a slash.
            parts = [
                unquote_to_bytes(part).decode("utf-8")
                for part in request.path[len(_PREFIX) :].split("/")
            ]
        except UnicodeDecodeError:
            return plain_answer(400, "The path is not percent-encoded UTF-8.")
        try:
            with self._shared.lock:
                return self._dispatch(request, parts)
        except Exception:
            _LOGGER.exception("Constellation1 failed inside the emulator")
            return plain_answer(500, "The emulator failed; its log says more.")

    def _dispatch(self, request: WireRequest, parts: list[str]) -> WireAnswer:
        names = [part.lower() for part in parts]
        match names:
            case ["encrypt", _, _]:
                return self._routed(request, "EncryptString", GET=lambda: self._encrypt(*parts[1:]))
            case ["gettoken", _]:
                return self._routed(
                    request, "GetToken", GET=lambda: self._get_token(request, parts[1])
                )
            case ["sessions"]:
                return self._routed(
                    request, "CreateSession", POST=lambda: self._create_session(request)
                )
            case ["sessions", _]:
                if request.method == "DELETE":
                    return self._routed(
                        request,
                        "DeleteSession",
                        DELETE=lambda: self._change(request, parts[1], self._delete),
                    )
                return self._routed(
                    request, "GetSession", GET=lambda: self._get_session(request, parts[1])
                )
            case ["sessions", _, "start"]:
                return self._routed(
                    request,
                    "StartSession",
                    PUT=lambda: self._change(request, parts[1], self._start),
                )
            case ["sessions", _, "cancel"]:
                return self._routed(
                    request,
                    "CancelSession",
                    PUT=lambda: self._change(request, parts[1], self._cancel),
                )
            case ["sessions", _, "close"]:
                return self._routed(
                    request,
                    "CloseSession",
                    PUT=lambda: self._change(request, parts[1], self._close),
                )
            case _:
                body = _false("Error: The emulator does not play this call yet.")
                return _json(body, status=501)

    def _routed(
        self, request: WireRequest, operation: str, **players: Callable[[], object]
    ) -> WireAnswer:
        play = players.get(request.method)
        if play is None:
            allowed = ", ".join(players)
            return plain_answer(405, f"{operation} is {allowed}.", Allow=allowed)
        is_about_session = operation in {"CreateSession", "GetSession"}
        try:
            _check_ordered(request.fault)
            return _json(play(), operation=operation)
        except _TokenRefused:
            return self._token_refusal(operation, is_about_session=is_about_session)
        except _Refused as refused:
            text = str(refused)
            body = _no_session(text) if is_about_session else _false(text)
            return _json(body, operation=operation)

    def _token_refusal(self, operation: str, *, is_about_session: bool) -> WireAnswer:
        match self._settings.token_refusal:
            case "null_body":
                return _json(None, operation=operation)
            case "null_return_value":
                body = _no_session(None) if is_about_session else _returned(None)
                return _json(body, operation=operation)
            case "error_text":
                body = (
                    _no_session(_INVALID_TOKEN) if is_about_session else _returned(_INVALID_TOKEN)
                )
                return _json(body, operation=operation)
            case "http_401":
                return _json(_returned(None, _INVALID_TOKEN), status=401, operation=operation)

    def _encrypt(self, plain_text: str, salt: str) -> _Body:
        if not plain_text or not salt:
            raise _Refused("Error: The text or the salt is empty.")
        digest = hashlib.sha256(f"{salt}\0{plain_text}".encode()).digest()
        encrypted = base64.b64encode(digest).decode("ascii")
        _keep(self._state.encrypted, (encrypted, salt), plain_text)
        return _returned(encrypted)

    def _get_token(self, request: WireRequest, salt: str) -> _Body:
        sent = request.headers.get("authorization", "").strip()
        api_key = self._state.encrypted.get((sent, salt))
        account = None
        if api_key is not None:
            account = self._settings.accounts.constellation1_account(api_key)
        if account is None:
            return _returned(None, "Error: Invalid API key")
        text = self._shared.identifiers.token(43)
        token = Token(
            account=account,
            uses=self._settings.token_uses,
            expires=self._shared.now() + timedelta(seconds=self._settings.token_seconds),
        )
        _keep(self._state.tokens, text, token)
        return _returned(text)

    def _account(self, request: WireRequest) -> Constellation1Account:
        tokens = self._state.tokens
        text = request.headers.get("authorization", "").strip()
        token = tokens.get(text)
        if token is None:
            raise _TokenRefused
        token.uses -= 1
        is_expired = self._shared.now() >= token.expires
        if is_expired or token.uses <= 0:
            del tokens[text]
        if is_expired:
            raise _TokenRefused
        return token.account

    def _create_session(self, request: WireRequest) -> _Body:
        account = self._account(request)
        if request.media_type != "application/json":
            raise _Refused("Error: The body must be application/json.")
        if request.content.size > self._settings.max_message_bytes:
            raise _Refused("Error: The body is too large.")
        try:
            body: object = json.loads(request.content.read().decode("utf-8"))
        except (ValueError, RecursionError):
            raise _Refused("Error: The body is not JSON.") from None
        content = _object(body, "The body")
        user_name = content.get("userName")
        if not isinstance(user_name, str) or not user_name:
            raise _Refused("Error: userName is missing.")
        known = account.user_names
        if known is not None and user_name.lower() not in {name.lower() for name in known}:
            raise _Refused("Error: Username not found.")
        session = _object(content.get("session"), "session")
        information = dict(_object(session.get("SessionInfo"), "SessionInfo"))
        title = information.get("Title")
        if not isinstance(title, str) or not title:
            raise _Refused("Error: Title is missing.")
        days = information.get("ReminderFrequencyDays")
        if isinstance(days, int) and days > _MOST_REMINDER_DAYS:
            information["ReminderFrequencyDays"] = _MOST_REMINDER_DAYS
        information.pop("Password", None)
        documents = [_document(item) for item in _list(session.get("Documents"), "Documents")]
        signers = [self._signer(item) for item in _list(session.get("Signers"), "Signers")]
        has_anchor_tags = any(document.get("HasAnchorTags") is True for document in documents)
        created = SigningSession(
            id=self._shared.identifiers.guid(),
            user_name=user_name,
            information=information,
            documents=documents,
            signers=signers,
            early_starts=self._settings.early_starts if has_anchor_tags else 0,
        )
        self._state.sessions[created.id] = created
        return _session_answer(created)

    def _signer(self, value: object) -> _Body:
        signer = dict(_object(value, "A signer"))
        address = signer.get("EmailAddress")
        if (
            not isinstance(signer.get("LastName"), str)
            or not signer["LastName"]
            or not isinstance(address, str)
            or not _E_MAIL_ADDRESS.fullmatch(address)
        ):
            raise _Refused("Error: All signers must have a last name and valid email address.")
        if not isinstance(signer.get("SignerRole"), str) or not signer["SignerRole"]:
            raise _Refused("Error: SignerRole is missing.")
        signer.pop("AuthenticationSettings", None)
        signer.pop("Authenticationsettings", None)
        signer["SignerId"] = str(self._shared.identifiers.guid())
        return signer

    def _get_session(self, request: WireRequest, text: str) -> _Body:
        self._account(request)
        return _session_answer(self._session(text))

    def _change(
        self,
        request: WireRequest,
        text: str,
        change: Callable[[SigningSession, str | None], None],
    ) -> _Body:
        self._account(request)
        session = self._session(text)
        change(session, _return_url(request))
        return _returned("True")

    def _session(self, text: str) -> SigningSession:
        try:
            session = self._state.sessions.get(UUID(text))
        except ValueError:
            session = None
        if session is None or session.status is SessionStatus.DELETED:
            raise _Refused("Error: There is no session with this id.")
        return session

    def _start(self, session: SigningSession, return_url: str | None) -> None:
        if not return_url:
            raise _Refused("Error: returnURL is missing.")
        if session.status is not SessionStatus.IN_DRAFT:
            raise _Refused("Error: The session is not a draft, so that it cannot be started.")
        if not session.documents:
            raise _Refused("Error: The session has no documents.")
        if not session.signers:
            raise _Refused("Error: The session has no signers.")
        if session.early_starts > 0:
            session.early_starts -= 1
            raise _Refused("Error: The anchor tags of the documents are still being processed.")
        session.status = SessionStatus.IN_SENT
        session.return_url = return_url

    def _cancel(self, session: SigningSession, return_url: str | None) -> None:
        cancellable = {SessionStatus.IN_DRAFT, SessionStatus.IN_SENT, SessionStatus.IN_PAUSED}
        if session.status not in cancellable:
            raise _Refused("Error: The session has ended, so that it cannot be cancelled.")
        session.status = SessionStatus.CANCELLED
        session.return_url = return_url or session.return_url

    def _close(self, session: SigningSession, return_url: str | None) -> None:
        if session.status is not SessionStatus.IN_SENT:
            raise _Refused("Error: The session was not sent, so that it cannot be closed.")
        session.status = SessionStatus.COMPLETED
        session.return_url = return_url or session.return_url

    def _delete(self, session: SigningSession, return_url: str | None) -> None:  # noqa: ARG002  # it takes none
        session.status = SessionStatus.DELETED


def _check_ordered(fault: Fault | None) -> None:
    if isinstance(fault, Refusal):
        raise _Refused(fault.text)
    if isinstance(fault, TokenExpired):
        raise _TokenRefused


def _json(body: object, *, status: int = 200, operation: str = "-") -> WireAnswer:
    return WireAnswer(
        status=status,
        media_type="application/json; charset=utf-8",
        content=json.dumps(body).encode("utf-8"),
        operation=operation,
    )


def _returned(value: str | None, details: str | None = None) -> _Body:
    return {"ReturnValue": value, "Details": details}


def _false(details: str) -> _Body:
    return _returned("False", details)


def _no_session(details: str | None) -> _Body:
    return {"SigningSessionId": None, "Sessions": None, "Details": details}


def _session_answer(session: SigningSession) -> _Body:
    return {
        "SigningSessionId": str(session.id),
        "Sessions": [
            {
                "Id": str(session.id),
                "StatusCode": int(session.status),
                "SessionInfo": session.information,
                "Documents": session.documents,
                "Signers": session.signers,
            }
        ],
    }


def _object(value: object, what: str) -> _Body:
    if not isinstance(value, dict):
        raise _Refused(f"Error: {what} is missing or not a JSON object.")
    return cast("_Body", value)


def _list(value: object, what: str) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _Refused(f"Error: {what} is not a JSON array.")
    return cast("list[object]", value)


def _document(value: object) -> _Body:
    document = dict(_object(value, "A document"))
    name = document.get("FileName")
    content = document.pop("FileBytes", None)
    if content is None:
        # A document may name a template instead of bringing its bytes.
        if not isinstance(document.get("FormId"), str) or not document["FormId"]:
            raise _Refused(f"Error: {name if isinstance(name, str) else ''} did not upload.")
        return document
    is_named = isinstance(name, str) and name.lower().endswith(tuple(_FILE_TYPES))
    if not is_named or not _are_bytes(content):
        raise _Refused(f"Error: {name if isinstance(name, str) else ''} did not upload.")
    return document


def _are_bytes(value: object) -> bool:
    """Tell whether a value is a file in either of the forms that are likely: numbers or base64."""
    if isinstance(value, list):
        numbers = cast("list[object]", value)
        return bool(numbers) and all(type(n) is int and 0 <= n <= 255 for n in numbers)
    if isinstance(value, str):
        try:
            return bool(base64.b64decode(value, validate=True))
        except (binascii.Error, ValueError):
            return False
    return False


def _return_url(request: WireRequest) -> str | None:
    try:
        fields = request.query_fields()
    except ValueError:
        raise _Refused("Error: The query string is not percent-encoded UTF-8.") from None
    # The vendor prints both returnURL and returnUrl.
    return next((value for name, value in fields if name.lower() == "returnurl"), None)


def _keep(records: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Keep a record; the oldest ones make room for it."""
    while len(records) >= _MOST_RECORDS:
        del records[next(iter(records))]
    records[key] = value
