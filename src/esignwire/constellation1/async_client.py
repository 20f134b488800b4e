"""The Constellation1 client, async. The sync twin is derived from this file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Self, TypeVar
from uuid import UUID

from esignwire._call import Call, unexpected
from esignwire._client import (
    AsyncClient,
    CallDeadline,
    Resolution,
    async_pause,
    check_unknown,
    now,
    require_option,
)
from esignwire._http import HttpSettings, call_timeout
from esignwire._json import Answer, Operation, Sent
from esignwire.constellation1._replies import NotDone, Reply
from esignwire.constellation1._requests import (
    Request,
    base_of,
    raw_request,
    request_of,
    require_kind,
    take_arguments,
)
from esignwire.constellation1.async_tokens import AsyncTokens
from esignwire.constellation1.outcomes import CreatedSession, StartedSession
from esignwire.constellation1.settings import (
    Constellation1Settings,
    JsonForm,
    StartPolicy,
)
from esignwire.errors import (
    EsignWireError,
    OutcomeUnknown,
    SessionNotFound,
    SessionNotStarted,
    TokenRefused,
)
from esignwire_generated.constellation1.calls import (
    CANCEL_SESSION,
    COPY_SIGNING_SESSION,
    CREATE_SESSION,
    DELETE_SESSION,
    START_SESSION,
    AsyncCalls,
)
from esignwire_generated.constellation1.models import (
    CopyOptions,
    RequestResponse,
    Session,
    SessionCopy,
    SessionResponse,
    SessionStatus,
)
from esignwire_generated.constellation1.names import VENDOR

__all__ = ["AsyncConstellation1"]

_Answer = TypeVar("_Answer", bound=Answer)

# Where a session stands after a call that was carried out.
_DONE = {
    START_SESSION.name: {*SessionStatus} - {SessionStatus.IN_DRAFT},
    CANCEL_SESSION.name: {SessionStatus.CANCELLED},
    DELETE_SESSION.name: {SessionStatus.DELETED},
}


class AsyncConstellation1(AsyncCalls, AsyncClient[Constellation1Settings]):
    """A client of Constellation1 eSign. Use it as a context manager, or close it.

    Each call gets a token of its own first, because the vendor's tokens live for one call; so a
    call takes three requests. ``HttpSettings.total_timeout`` bounds them together.

    Making one does no I/O. Any number of threads may share a sync client.

    An async client belongs to one event loop, and serves any number of tasks.

    A client can be pickled, and arrives as a new one that has not connected yet. The pickle holds
    the credentials: where that is not wanted, make the client there with ``from_environment``.

    Args:
        api_key: The API key. Secret.
        user_name: The e-mail address of the user who owns the sessions that are created.
        url: The vendor's address, with ``/rest`` at its end or without, such as
            ``STAGE_URL``.
        settings: How to reach the vendor.
        start_policy: How long ``start_session`` tries again.
        json_form: How values are written whose form is not documented.

    Raises:
        ConfigurationError: The API key or the user name is blank, or the URL cannot be used.
    """

    _VENDOR = VENDOR

    def __init__(
        self,
        *,
        api_key: str,
        user_name: str,
        url: str,
        settings: HttpSettings | None = None,
        start_policy: StartPolicy | None = None,
        json_form: JsonForm | None = None,
    ) -> None:
        require_option(VENDOR, StartPolicy, start_policy=start_policy)
        require_option(VENDOR, JsonForm, json_form=json_form)
        super().__init__(
            Constellation1Settings(url=url, api_key=api_key, user_name=user_name),
            settings,
            start_policy=start_policy,
            json_form=json_form,
        )
        self._base = base_of(url)
        self._start_policy = start_policy or StartPolicy()
        self._json_form = json_form or JsonForm()
        self._tokens = AsyncTokens(self._http, self._base, self._account.api_key)

    @classmethod
    def from_environment(
        cls,
        *,
        settings: HttpSettings | None = None,
        start_policy: StartPolicy | None = None,
        json_form: JsonForm | None = None,
    ) -> Self:
        """Makes a client of what the environment says.

        Reads ``ESIGNWIRE_CONSTELLATION1_URL``, ``ESIGNWIRE_CONSTELLATION1_API_KEY`` and
        ``ESIGNWIRE_CONSTELLATION1_USER_NAME``.

        Args:
            settings: How to reach the vendor.
            start_policy: How long ``start_session`` tries again.
            json_form: How values are written whose form is not documented.

        Returns:
            The client.

        Raises:
            ConfigurationError: A variable is missing, which the message names, or cannot be used.
        """
        return cls(
            **cls._arguments(Constellation1Settings.from_environment()),
            settings=settings,
            start_policy=start_policy,
            json_form=json_form,
        )

    async def create_session(
        self,
        session: Session,
        *,
        user_name: str | None = None,
        timeout: float | None = None,
    ) -> CreatedSession:
        """Creates a session as a draft; ``start_session`` sends it to its signers.

        CreateSession, documented. The names of most members and their form in JSON are inferred
        from the vendor's samples.

        Args:
            session: The session.
            user_name: The e-mail address of its owner; by default the client's.
            timeout: Seconds for the whole call, its token included; ``None`` takes the client's
                setting.

        Returns:
            The id of the session, and the whole answer.

        Raises:
            InvalidRequest: The session is refused before anything is sent.
            Constellation1Error: The vendor refuses it. Where its answer names a session all the
                same, so do the message and ``session_id``; the call is not repeated then.
            TokenRefused: The API key, or two tokens one after the other, were refused.
            OutcomeUnknown: No complete answer came; ``reference`` is the session's transaction id,
                or else its title.
            EsignWireError: Another failure; see ``esignwire.errors``.
        """
        response = await self._answer(
            CREATE_SESSION, {"session": session, "user_name": user_name}, SessionResponse, timeout
        )
        info = session.session_info
        return _created(response, CREATE_SESSION, info.transaction_id or info.title)

    async def resolve(
        self,
        error: OutcomeUnknown,
        about: Session | SessionCopy | None = None,
        *,
        timeout: float | None = None,
    ) -> Resolution:
        """Asks the vendor what became of a call whose outcome is unknown.

        A session that was to be made is looked for by its transaction id
        (GetSessionsLiteByTransactionId). GetSession tells whether a session was started, cancelled
        or deleted. The other calls have none that tells.

        Args:
            error: The error of the call.
            about: The session that was to be made: the error does not say whether its
                ``reference`` is a transaction id. Without one, no call finds a session.
            timeout: Seconds for each call; ``None`` takes the client's setting.

        Returns:
            What the vendor shows.

        Raises:
            InvalidRequest: ``error`` is no ``OutcomeUnknown``; nothing was sent.
            Constellation1Error: The vendor refuses to tell.
            EsignWireError: Another failure; see ``esignwire.errors``.
        """
        check_unknown(error, VENDOR)
        require_kind(about, (Session, SessionCopy), "about", error.operation)
        if error.reference is None:
            return Resolution.CANNOT_BE_TOLD
        if error.operation in {CREATE_SESSION.name, COPY_SIGNING_SESSION.name}:
            if about is None or _transaction_id(about) != error.reference:
                return Resolution.CANNOT_BE_TOLD
            async for _ in self.all_sessions_lite_by_transaction_id(
                error.reference, timeout=timeout
            ):
                return Resolution.HAPPENED
            return Resolution.DID_NOT_HAPPEN
        if error.operation not in _DONE:
            return Resolution.CANNOT_BE_TOLD
        try:
            answer = await self.get_session(error.reference, timeout=timeout)
        except SessionNotFound:
            # What is deleted may be shown no more (inferred).
            if error.operation != DELETE_SESSION.name:
                raise
            return Resolution.HAPPENED
        statuses = [one.status for one in answer.sessions]
        if len(statuses) != 1 or not isinstance(statuses[0], SessionStatus):
            return Resolution.CANNOT_BE_TOLD
        is_done = statuses[0] in _DONE[error.operation]
        return Resolution.HAPPENED if is_done else Resolution.DID_NOT_HAPPEN

    async def copy_signing_session(
        self,
        session: SessionCopy,
        *,
        copy_options: CopyOptions | None = None,
        timeout: float | None = None,
    ) -> CreatedSession:
        """Creates a draft from another session; an archived one can be copied too.

        CopySigningSession, documented. The new session does not expire by itself. Each call makes
        a new session, so that it is sent a second time only where the vendor said in so many words
        that it refused the token.

        Args:
            session: The session to copy, and what becomes of its signers.
            copy_options: How it is copied; by default as the vendor's sample does, with its fields.
            timeout: Seconds for the whole call, its token included; ``None`` takes the client's
                setting.

        Returns:
            The id of the new session, and the whole answer.

        Raises:
            InvalidRequest: An argument is refused before anything is sent.
            Constellation1Error: The vendor refuses it.
            TokenRefused: The API key, or two tokens one after the other, were refused.
            OutcomeUnknown: No complete answer came; ``reference`` is the transaction id of the
                copy, or else the id of the session that is copied.
            EsignWireError: Another failure; see ``esignwire.errors``.
        """
        response = await self._answer(
            COPY_SIGNING_SESSION,
            {
                "session": session,
                "copy_options": CopyOptions() if copy_options is None else copy_options,
            },
            SessionResponse,
            timeout,
        )
        return _created(response, COPY_SIGNING_SESSION, str(session.signing_session_id))

    async def start_session(
        self,
        session_id: UUID | str,
        return_url: str,
        *,
        policy: StartPolicy | None = None,
        timeout: float | None = None,
    ) -> StartedSession:
        """Sends a session to its signers.

        StartSession, documented, as is that a start soon after CreateSession may be refused until
        the vendor has worked on the anchor tags. So a start that is answered with False is tried
        again as the policy says. Nothing else is: not a refused API key, not a session that the
        vendor does not know, and never an attempt whose outcome is unknown.

        Args:
            session_id: The session.
            return_url: The URL of your host.
            policy: How long to try again; by default the client's policy.
            timeout: Seconds for each attempt, its token included; ``None`` takes the client's
                setting. The policy's own time bounds them all.

        Returns:
            How many attempts it took, and what the vendor said besides.

        Raises:
            InvalidRequest: The id is no GUID, or the URL is none.
            SessionNotStarted: The vendor went on answering False; ``vendor_text`` holds its words,
                which say what to fix.
            Constellation1Error: The vendor refuses it in another way.
            TokenRefused: The API key, or two tokens one after the other, were refused.
            OutcomeUnknown: No complete answer came; ``reference`` is the session's id. Look with
                ``get_session`` whether it was started: what a second start does is not
                documented.
            EsignWireError: Another failure; see ``esignwire.errors``.
        """
        taken = take_arguments(
            START_SESSION,
            {"session_id": session_id, "return_url": return_url},
            self._account.user_name,
        )
        request = request_of(START_SESSION, taken, self._base, self._json_form)
        guid = UUID(str(request.call.reference))
        require_kind(policy, (StartPolicy,), "policy", START_SESSION.name)
        policy = self._start_policy if policy is None else policy
        attempt_seconds = call_timeout(timeout, self._settings)
        end = now() + policy.timeout
        if policy.delay_before_first:
            await async_pause(policy.delay_before_first)
        attempts = 0
        while True:
            attempts += 1
            deadline = CallDeadline(min(attempt_seconds, end - now()))
            answer = await self._exchange(request, RequestResponse, deadline)
            if isinstance(answer, RequestResponse):
                return StartedSession(session_id=guid, attempts=attempts, details=answer.details)
            if not answer.may_pass:
                raise answer.error
            if attempts >= policy.attempts or now() + policy.pause >= end:
                raise _not_started(answer.error, request.call, attempts)
            await async_pause(policy.pause)

    async def call(
        self,
        method: str,
        path: str,
        json: Mapping[str, object] | None = None,
        *,
        timeout: float | None = None,
    ) -> Answer:
        """Makes a call that has no method here, with a token, masked errors and bounds.

        The vendor's pages name calls whose addresses are not public, such as GetClientGroups.

        Args:
            method: ``GET``, ``POST``, ``PUT``, ``PATCH`` or ``DELETE``. Only a GET is repeated
                after a broken connection.
            path: The path with its query, percent-encoded, below the vendor's address, such as
                ``v1/clientgroups``. It must hold no secret.
            json: The members of the body by the vendor's names. Beside what JSON knows, they may
                be dates, bytes, GUIDs and the models of this package.
            timeout: Seconds for the whole call, its token included; ``None`` takes the client's
                setting.

        Returns:
            The answer; ``raw`` holds the JSON object as it came.

        Raises:
            InvalidRequest: An argument is refused before anything is sent.
            Constellation1Error: The vendor refuses it.
            TokenRefused: The API key, or two tokens one after the other, were refused.
            OutcomeUnknown: No complete answer came, and it was no GET.
            EsignWireError: Another failure; see ``esignwire.errors``.
        """
        request = raw_request(method, path, json, self._base, self._json_form)
        return _done(await self._exchange(request, Answer, self._deadline(timeout)))

    async def _answer(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        kind: type[_Answer],
        timeout: float | None,
    ) -> _Answer:
        deadline = self._deadline(timeout)
        request = await self._prepared(operation, arguments, deadline)
        return _done(await self._exchange(request, kind, deadline))

    async def _text(
        self, operation: Operation, arguments: Mapping[str, object], timeout: float | None
    ) -> str:
        answer = await self._answer(operation, arguments, RequestResponse, timeout)
        return str(answer.return_value)

    def _deadline(self, timeout: float | None) -> CallDeadline:
        return CallDeadline(call_timeout(timeout, self._settings))

    async def _prepared(
        self, operation: Operation, arguments: Mapping[str, object], deadline: CallDeadline
    ) -> Request:
        """Writes a request. The vendor encrypts the passwords in its body first."""
        given = taken = take_arguments(operation, arguments, self._account.user_name)
        salt = str(getattr(taken, "salt", ""))
        for name, held in given:
            if not isinstance(held, Sent) or not held.ENCRYPTED:
                continue
            encrypted = {
                member: await self._tokens.encrypt(str(text), salt, deadline)
                for member in held.ENCRYPTED
                if (text := getattr(held, member)) is not None
            }
            taken = taken.model_copy(update={name: held.model_copy(update=encrypted)})
        request = request_of(operation, taken, self._base, self._json_form)
        return replace(request, hidden=(*request.hidden, given, taken))

    async def _exchange(
        self, request: Request, kind: type[_Answer], deadline: CallDeadline
    ) -> _Answer | NotDone:
        try:
            return (await self._send(request, deadline)).answer(kind, request.reading)
        except TokenRefused as error:
            if error.operation != request.call.operation or "token" not in request.authorization:
                # The API key itself was refused; asking again would bring nothing else.
                raise
        # A token lives for so short a time that one may expire on its way. The vendor refused it,
        # so it has done nothing, and to ask once more with a new one does no harm.
        return (await self._send(request, deadline)).answer(kind, request.reading)

    async def _send(self, request: Request, deadline: CallDeadline) -> Reply:
        parts: list[str] = []
        if "token" in request.authorization:
            parts.append(await self._tokens.fresh(deadline))
        if "password" in request.authorization:
            parts.append(await self._tokens.encrypt(request.password, request.salt, deadline))
        if request.authorization == "api_key":
            parts.append(await self._tokens.encrypt(self._account.api_key, request.salt, deadline))
        return await self._tokens.send(request, ":".join(parts), deadline)


def _transaction_id(made: Session | SessionCopy) -> str | None:
    return None if made.session_info is None else made.session_info.transaction_id


def _done(answer: _Answer | NotDone) -> _Answer:
    if isinstance(answer, NotDone):
        raise answer.error
    return answer


def _created(response: SessionResponse, operation: Operation, reference: str) -> CreatedSession:
    if response.session_id is None:
        raise unexpected(
            "the answer has no SigningSessionId, or one that is no GUID",
            "SigningSessionId",
            Call(VENDOR, operation.name, is_safe=False, reference=reference),
            None,
        )
    return CreatedSession(session_id=response.session_id, response=response)


def _not_started(error: EsignWireError, call: Call, attempts: int) -> SessionNotStarted:
    times = "once" if attempts == 1 else f"{attempts} times"
    return SessionNotStarted(
        f"the vendor answered False {times}, so the session {call.reference} was not started:"
        f" {error.vendor_text or 'it gave no reason'}",
        **call.where,
        http_status=error.http_status,
        vendor_text=error.vendor_text,
        is_retry_safe=True,
    )
