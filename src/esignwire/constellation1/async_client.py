"""The Constellation1 client, async. The sync twin is derived from this file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Self, TypeVar
from uuid import UUID

from esignwire._call import Call
from esignwire._client import AsyncClient, CallDeadline, async_pause, now
from esignwire._http import HttpRequest, HttpSettings, call_timeout
from esignwire.constellation1._replies import NotDone, Reply, Secrets
from esignwire.constellation1._requests import (
    Addresses,
    create_session_body,
    require_return_url,
    require_session_id,
    require_user_name,
)
from esignwire.constellation1.async_tokens import AsyncTokens
from esignwire.constellation1.models import Session, check_session
from esignwire.constellation1.names import VENDOR
from esignwire.constellation1.outcomes import (
    CreatedSession,
    RequestResponse,
    SessionResponse,
    StartedSession,
)
from esignwire.constellation1.settings import (
    Constellation1Settings,
    JsonForm,
    StartPolicy,
)
from esignwire.errors import Constellation1Error, SessionNotStarted, TokenRefused

__all__ = ["AsyncConstellation1"]

_T = TypeVar("_T")


class AsyncConstellation1(AsyncClient[Constellation1Settings]):
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
        super().__init__(
            Constellation1Settings(url=url, api_key=api_key, user_name=user_name),
            settings,
            start_policy=start_policy,
            json_form=json_form,
        )
        self._addresses = Addresses(url)
        self._start_policy = start_policy or StartPolicy()
        self._json_form = json_form or JsonForm()
        self._tokens = AsyncTokens(self._http, self._addresses, self._account.api_key)

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
        operation = "CreateSession"
        owner = require_user_name(
            self._account.user_name if user_name is None else user_name, operation
        )
        check_session(session, datetime.now(UTC))
        information = session.session_info
        call = Call(
            vendor=VENDOR,
            operation=operation,
            is_safe=False,
            reference=information.transaction_id or information.title,
        )
        content = create_session_body(owner, session, self._json_form)

        return await self._call(
            "POST",
            self._addresses.sessions(),
            call,
            Reply.created,
            self._deadline(timeout),
            content=content,
        )

    async def get_session(
        self, session_id: UUID | str, *, timeout: float | None = None
    ) -> SessionResponse:
        """Reads a session with its documents and signers.

        GetSession, documented. The members of its answer are mostly inferred.

        Args:
            session_id: The session.
            timeout: Seconds for the whole call, its token included; ``None`` takes the client's
                setting.

        Returns:
            The answer; ``sessions`` holds what is known of the session.

        Raises:
            InvalidRequest: The id is no GUID.
            Constellation1Error: The vendor refuses it.
            TokenRefused: The API key, or two tokens one after the other, were refused.
            EsignWireError: Another failure; see ``esignwire.errors``.
        """
        guid = require_session_id(session_id, "GetSession")
        call = self._session_call("GetSession", guid, is_safe=True)
        return await self._call(
            "GET", self._addresses.session(guid), call, Reply.session, self._deadline(timeout)
        )

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
        guid = require_session_id(session_id, "StartSession")
        address = self._addresses.session_step(
            guid, "start", require_return_url(return_url, "StartSession")
        )
        call = self._session_call("StartSession", guid, is_safe=False)
        policy = policy or self._start_policy
        attempt_seconds = call_timeout(timeout, self._settings)
        end = now() + policy.timeout
        if policy.delay_before_first:
            await async_pause(policy.delay_before_first)
        attempts = 0
        while True:
            attempts += 1
            deadline = CallDeadline(min(attempt_seconds, end - now()))
            answer = await self._call("PUT", address, call, Reply.flag, deadline)
            if isinstance(answer, RequestResponse):
                return StartedSession(session_id=guid, attempts=attempts, details=answer.details)
            if not answer.may_pass:
                raise _refused(answer, call)
            if attempts >= policy.attempts or now() + policy.pause >= end:
                raise _not_started(answer, call, attempts)
            await async_pause(policy.pause)

    async def cancel_session(
        self,
        session_id: UUID | str,
        *,
        return_url: str | None = None,
        timeout: float | None = None,
    ) -> RequestResponse:
        """Cancels a session.

        CancelSession, documented.

        Args:
            session_id: The session.
            return_url: The URL of your host. The vendor's address has a place for it; whether it
                is required is not documented, so that without one it is left out.
            timeout: Seconds for the whole call, its token included; ``None`` takes the client's
                setting.

        Returns:
            The answer, which says True.

        Raises:
            InvalidRequest: The id is no GUID, or the URL is none.
            Constellation1Error: The vendor refuses it.
            TokenRefused: The API key, or two tokens one after the other, were refused.
            OutcomeUnknown: No complete answer came; ``reference`` is the session's id.
            EsignWireError: Another failure; see ``esignwire.errors``.
        """
        return await self._step("CancelSession", "cancel", session_id, return_url, timeout)

    async def close_session(
        self,
        session_id: UUID | str,
        *,
        return_url: str | None = None,
        timeout: float | None = None,
    ) -> RequestResponse:
        """Closes a session.

        CloseSession, documented.

        Args:
            session_id: The session.
            return_url: The URL of your host; see ``cancel_session``.
            timeout: Seconds for the whole call, its token included; ``None`` takes the client's
                setting.

        Returns:
            The answer, which says True.

        Raises:
            InvalidRequest: The id is no GUID, or the URL is none.
            Constellation1Error: The vendor refuses it.
            TokenRefused: The API key, or two tokens one after the other, were refused.
            OutcomeUnknown: No complete answer came; ``reference`` is the session's id.
            EsignWireError: Another failure; see ``esignwire.errors``.
        """
        return await self._step("CloseSession", "close", session_id, return_url, timeout)

    async def delete_session(
        self, session_id: UUID | str, *, timeout: float | None = None
    ) -> RequestResponse:
        """Deletes a session.

        DeleteSession, documented.

        Args:
            session_id: The session.
            timeout: Seconds for the whole call, its token included; ``None`` takes the client's
                setting.

        Returns:
            The answer, which says True.

        Raises:
            InvalidRequest: The id is no GUID.
            Constellation1Error: The vendor refuses it.
            TokenRefused: The API key, or two tokens one after the other, were refused.
            OutcomeUnknown: No complete answer came; ``reference`` is the session's id.
            EsignWireError: Another failure; see ``esignwire.errors``.
        """
        guid = require_session_id(session_id, "DeleteSession")
        call = self._session_call("DeleteSession", guid, is_safe=False)
        return _done(
            await self._call(
                "DELETE", self._addresses.session(guid), call, Reply.flag, self._deadline(timeout)
            ),
            call,
        )

    async def _step(
        self,
        operation: str,
        step: str,
        session_id: UUID | str,
        return_url: str | None,
        timeout: float | None,
    ) -> RequestResponse:
        guid = require_session_id(session_id, operation)
        if return_url is not None:
            require_return_url(return_url, operation)
        call = self._session_call(operation, guid, is_safe=False)
        address = self._addresses.session_step(guid, step, return_url)
        return _done(
            await self._call("PUT", address, call, Reply.flag, self._deadline(timeout)), call
        )

    def _deadline(self, timeout: float | None) -> CallDeadline:
        return CallDeadline(call_timeout(timeout, self._settings))

    def _session_call(self, operation: str, session_id: UUID, *, is_safe: bool) -> Call:
        return Call(
            vendor=VENDOR,
            operation=operation,
            is_safe=is_safe,
            reference=str(session_id),
        )

    async def _call(
        self,
        method: str,
        url: str,
        call: Call,
        read: Callable[[Reply], _T],
        deadline: CallDeadline,
        *,
        content: bytes = b"",
    ) -> _T:
        # The vendor's samples send the type with every call, with and without a body.
        headers = {"Content-Type": "application/json"}
        request = HttpRequest(method=method, url=url, headers=headers, content=content)
        try:
            return read(await self._send(request, call, deadline))
        except TokenRefused as error:
            if error.operation != call.operation:
                # The API key itself was refused; asking again would bring nothing else.
                raise
        # A token lives for so short a time that one may expire on its way. The vendor refused it,
        # so it has done nothing, and to ask once more with a new one does no harm.
        return read(await self._send(request, call, deadline))

    async def _send(self, request: HttpRequest, call: Call, deadline: CallDeadline) -> Reply:
        token = await self._tokens.fresh(deadline)
        # The token stands alone, without the name of a scheme before it.
        headers = {**request.headers, "Authorization": token}
        response = await self._http.send(
            replace(request, headers=headers), call, timeout=deadline.left(call)
        )
        return Reply(response, call, Secrets(self._account.api_key, token))


def _refused(answer: NotDone, call: Call) -> Constellation1Error:
    return Constellation1Error(
        answer.text or "the vendor answered False and gave no reason",
        **call.where,
        http_status=answer.http_status,
        vendor_text=answer.text,
    )


def _done(answer: RequestResponse | NotDone, call: Call) -> RequestResponse:
    if isinstance(answer, NotDone):
        raise _refused(answer, call)
    return answer


def _not_started(answer: NotDone, call: Call, attempts: int) -> SessionNotStarted:
    times = "once" if attempts == 1 else f"{attempts} times"
    return SessionNotStarted(
        f"the vendor answered False {times}, so the session {call.reference} was not started:"
        f" {answer.text or 'it gave no reason'}",
        **call.where,
        http_status=answer.http_status,
        vendor_text=answer.text,
        is_retry_safe=True,
    )
