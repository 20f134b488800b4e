"""Service of Constellation1 eSign: finds the call, the account and the player, and answers in JSON.

The addresses stand below ``/constellation1/rest``. The OpenAPI document tells the operations and
judges what they are sent. What the vendor publishes of its answers is little; the members of the
answers are those of the document, and a refusal stands in ``Details``.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import NoReturn, cast
from urllib.parse import unquote_to_bytes

from esignwire.emulator._wire import Breach, OpenApiOperation, WireAnswer, WireRequest, plain_answer
from esignwire.emulator.accounts import Constellation1Account
from esignwire.emulator.constellation1 import lists, sessions, signers, tokens, users
from esignwire.emulator.constellation1.context import (
    INVALID_KEY,
    NO_SESSION,
    TOKEN_REFUSED,
    USER_NOT_FOUND,
    Body,
    Call,
    Refused,
    account_id,
)
from esignwire.emulator.constellation1.state import Constellation1State
from esignwire.emulator.faults import Fault, Refusal, TokenExpired
from esignwire.emulator.schemas import Schemas
from esignwire.emulator.settings import EmulatorSettings
from esignwire.emulator.shared import Shared

__all__ = ["PLAYERS", "Constellation1"]

_PREFIX = "/constellation1/rest/"
_VERSIONS = frozenset({"v1", "v2"})
_SESSION_IDS = frozenset({"sessionId", "signingSessionId", "SigningSessionId"})
_LOGGER = logging.getLogger("esignwire.emulator")

PLAYERS: Mapping[str, Callable[[Call], Body]] = {
    "EncryptString": tokens.encrypt_string,
    "GetToken": tokens.get_token,
    "GetTokenUserNamePassword": tokens.get_token_user_name_password,
    "AuthenticateUser": tokens.authenticate_user,
    "GetLandingURL": tokens.get_landing_url,
    "CreateSession": sessions.create_session,
    "UpdateSession": sessions.update_session,
    "EditSession": sessions.edit_session,
    "CopySigningSession": sessions.copy_signing_session,
    "GetSession": sessions.get_session,
    "DeleteSession": sessions.delete_session,
    "StartSession": sessions.start_session,
    "CancelSession": sessions.cancel_session,
    "CloseSession": sessions.close_session,
    "GetSessionActionLogs": sessions.get_session_action_logs,
    "PurgeSessionDocs": sessions.purge_session_docs,
    "CancelPurgingSession": sessions.cancel_purging_session,
    "UpdateTransactionId": sessions.update_transaction_id,
    "GetArchivedSessions": lists.get_archived_sessions,
    "GetDeletedSessions": lists.get_deleted_sessions,
    "GetExpiredSessions": lists.get_expired_sessions,
    "GetSessionsByTransactionId": lists.get_sessions_by_transaction_id,
    "GetSessionsByTransactionIdMetadata": lists.get_sessions_by_transaction_id,
    "GetSessionsLiteByTransactionId": lists.get_sessions_lite_by_transaction_id,
    "GetSignerInviteToken": signers.get_signer_invite_token,
    "SendSignerEmailInvites": signers.send_signer_email_invites,
    "UpdateSigners": signers.update_signers,
    "GetSignerDocuments": signers.get_signer_documents,
    "CreateUser": users.create_user,
    "GetUserById": users.get_user_by_id,
    "GetUserByUsername": users.get_user_by_username,
    "UpdateUser": users.update_user,
    "UpdateUserByUsername": users.update_user_by_username,
    "ProvisionUser": users.provision_user,
    "UpdateGroupUserRole": users.update_group_user_role,
}
"""What plays each operation of the document."""


class _TokenRefused(Exception):
    """The token expired, is used up or was never handed out."""


class Constellation1:
    """Constellation1.

    Args:
        state: What Constellation1 remembers.
        shared: The lock, the clock and the identifiers.
        settings: How the emulator behaves.
        schemas: The document.
    """

    def __init__(
        self,
        state: Constellation1State,
        shared: Shared,
        settings: EmulatorSettings,
        schemas: Schemas,
    ) -> None:
        self._state = state
        self._shared = shared
        self._settings = settings
        self._schemas = schemas

    def answer(self, request: WireRequest) -> WireAnswer:
        """Answer a request, also one that makes no sense."""
        try:
            # The path is split before it is decoded: a key may hold a slash.
            segments = [
                unquote_to_bytes(part).decode("utf-8")
                for part in request.path[len(_PREFIX) :].split("/")
            ]
        except UnicodeDecodeError:
            return plain_answer(400, "The path is not percent-encoded UTF-8.")
        is_below = request.path.lower().startswith(_PREFIX)
        if not is_below or segments[0].lower() not in _VERSIONS:
            return plain_answer(404, f"There is nothing here. The calls are below {_PREFIX}v1/.")
        try:
            return self._dispatch(request, segments)
        except Exception:
            _LOGGER.exception("Constellation1 failed inside the emulator")
            return plain_answer(500, "The emulator failed; its log says more.")

    def _dispatch(self, request: WireRequest, segments: list[str]) -> WireAnswer:
        operations = self._schemas.constellation1.find(segments)
        operation = operations.get(request.method)
        if not operations or (operation is not None and operation.name not in PLAYERS):
            words = "Error: The emulator does not play this call."
            return _json({"ReturnValue": "False", "Details": words}, status=501)
        if operation is None:
            allowed = ", ".join(sorted(operations))
            names = " or ".join(one.name for one in operations.values())
            return plain_answer(405, f"{names} is {allowed}.", Allow=allowed)
        empty: Body = {member: None for member in operation.answer}  # noqa: C420  # typed so
        try:
            _check_ordered(request.fault)
            given = self._play(request, operation, segments)
        except _TokenRefused:
            return self._token_refusal(operation, empty)
        except Refused as refused:
            given = {"Details": str(refused), **refused.members}
            if "ReturnValue" in empty:
                given = {"ReturnValue": "False", **given}
        return _json({**empty, **given}, operation=operation.name)

    def _play(self, request: WireRequest, operation: OpenApiOperation, segments: list[str]) -> Body:
        try:
            query = {name.lower(): value for name, value in request.query_fields()}
        except ValueError:
            raise Refused("Error: The query string is not percent-encoded UTF-8.") from None
        arguments, breach = operation.arguments(segments, query)
        sent = request.headers.get("authorization", "").strip()
        account, secret = self._admitted(operation, arguments, sent)
        if breach is not None:
            _refuse(breach, arguments)
        body: object = {}
        if operation.body is not None:
            body = _read_body(request, self._settings)
            sizes = self._take_files(body)
            try:
                breach = operation.judge(body)
            except RecursionError:
                raise Refused("Error: The body is nested too deep.") from None
            if breach is not None:
                _refuse(breach, cast("Body", body))
            for document, size in sizes:
                document["FileBytes"] = size
        with self._shared.lock:
            return PLAYERS[operation.name](
                Call(
                    state=self._state,
                    shared=self._shared,
                    settings=self._settings,
                    document=self._schemas.constellation1,
                    account=account,
                    arguments={**arguments, **cast("Body", body)},
                    secret=secret,
                    base_url=request.base_url,
                    caller=request.caller or "",
                )
            )

    def _admitted(
        self, operation: OpenApiOperation, arguments: Body, sent: str
    ) -> tuple[Constellation1Account, str]:
        """Look at the header: whose call it is, and the encrypted password in it."""
        match operation.security:
            case ():
                return Constellation1Account(api_key=""), ""
            case ("apiKey",):
                with self._shared.lock:
                    key = self._state.encrypted.get((sent, str(arguments.get("salt"))))
                account = self._settings.accounts.constellation1_account(key) if key else None
                if account is None:
                    raise Refused(INVALID_KEY, ReturnValue=None)
                return account, ""
            case ("password",):
                return self._account_of(str(arguments.get("userName"))), sent
            case ("tokenAndPassword",):
                token, _, password = sent.partition(":")
                return self._account(token), password
            case _:
                return self._account(sent), ""

    def _account_of(self, user_name: str) -> Constellation1Account:
        """Find the account of a user who has no token yet."""
        accounts = self._settings.accounts
        if accounts.constellation1 is None:
            return Constellation1Account(api_key="")
        for account in accounts.constellation1:
            is_created = (account_id(account, accounts), user_name.lower()) in self._state.users
            names = account.user_names
            if is_created or names is None or user_name.lower() in {one.lower() for one in names}:
                return account
        raise Refused(USER_NOT_FOUND)

    def _account(self, text: str) -> Constellation1Account:
        with self._shared.lock:
            tokens_left = self._state.tokens
            token = tokens_left.get(text)
            if token is None:
                raise _TokenRefused
            token.uses -= 1
            is_expired = self._shared.now() >= token.expires
            if is_expired or token.uses <= 0:
                del tokens_left[text]
            if is_expired:
                raise _TokenRefused
            return token.account

    def _token_refusal(self, operation: OpenApiOperation, empty: Body) -> WireAnswer:
        name = operation.name
        match self._settings.token_refusal:
            case "null_body":
                return _json(None, operation=name)
            case "null_return_value":
                return _json(empty, operation=name)
            case "error_text":
                carrier = "ReturnValue" if "ReturnValue" in empty else "Details"
                return _json({**empty, carrier: TOKEN_REFUSED}, operation=name)
            case "http_401":
                body = {"ReturnValue": None, "Details": TOKEN_REFUSED}
                return _json(body, status=401, operation=name)

    def _take_files(self, body: object) -> list[tuple[Body, int]]:
        """Take the bytes of documents out of a body: the schema would go through each number.

        The documents that had bytes come back, with how many.
        """
        types = self._schemas.constellation1.member("Document", "FileBytes")["x-esw-file-types"]
        endings = tuple(cast("list[str]", types))
        sizes: list[tuple[Body, int]] = []
        session = cast("Body", body).get("session") if isinstance(body, dict) else None
        documents = cast("Body", session).get("Documents") if isinstance(session, dict) else None
        for item in cast("list[object]", documents) if isinstance(documents, list) else []:
            if not isinstance(item, dict) or "FileBytes" not in item:
                continue
            document = cast("Body", item)
            size = sessions.file_size(document["FileBytes"])
            name = document.get("FileName")
            if size is None or not (isinstance(name, str) and name.lower().endswith(endings)):
                raise Refused(_not_uploaded(document))
            document["FileBytes"] = ""
            sizes.append((document, size))
        return sizes


def _refuse(breach: Breach, given: Body) -> NoReturn:
    """Refuse a request that breaks a rule of the document, in the vendor's words if it has some."""
    path = breach.path
    last = path[-1] if path else "The body"
    if breach.rule == "format" and (last in _SESSION_IDS or path == ("session", "Id")):
        raise Refused(NO_SESSION)
    match path:
        case ("session", "Documents", int(number), *_):
            documents = cast("list[object]", cast("Body", given["session"])["Documents"])
            raise Refused(_not_uploaded(documents[number]))
        case ("session", "Signers", *_, "LastName" | "EmailAddress"):
            raise Refused(signers.BAD_SIGNERS)
        case _:
            name = f"{path[-2]}/{last}" if isinstance(last, int) else last
            raise Refused(f"Error: {name} {_words(breach)}.")


def _words(breach: Breach) -> str:
    match breach.rule, breach.bound:
        case ("required" | "minLength" | "minItems", _) | ("pattern", r"\S"):
            return "is missing"
        case "type", "object":
            return "is missing or not a JSON object"
        case "type", "array":
            return "is not a JSON array"
        case "type", kind:
            return f"is no {kind}"
        case (("maximum" | "minimum"), bound):
            return f"is beyond the {breach.rule} of {bound}"
        case "additionalProperties", _:
            return "is not known"
        case "unevaluatedProperties", _:
            return "holds a member that is not known"
        case rule, _:
            return f"breaks the rule {rule}"


def _not_uploaded(document: object) -> str:
    """The vendor's text, which is documented."""
    name = cast("Body", document).get("FileName") if isinstance(document, dict) else None
    return f"Error: {name if isinstance(name, str) else ''} did not upload."


def _read_body(request: WireRequest, settings: EmulatorSettings) -> object:
    if request.media_type != "application/json":
        raise Refused("Error: The body must be application/json.")
    if request.content.size > settings.max_message_bytes:
        raise Refused("Error: The body is too large.")
    try:
        body: object = json.loads(
            request.content.read().decode("utf-8"), parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError):
        raise Refused("Error: The body is not JSON.") from None
    return body


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _check_ordered(fault: Fault | None) -> None:
    if isinstance(fault, Refusal):
        raise Refused(fault.text)
    if isinstance(fault, TokenExpired):
        raise _TokenRefused


def _json(body: object, *, status: int = 200, operation: str = "-") -> WireAnswer:
    return WireAnswer(
        status=status,
        media_type="application/json; charset=utf-8",
        content=json.dumps(body).encode("utf-8"),
        operation=operation,
    )
