"""The AssureSign client, async. The sync twin is derived from this file."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Self

from esignwire._client import AsyncClient, async_pause, now
from esignwire._http import HttpSettings
from esignwire._soap import AsyncSoap, SoapService
from esignwire.assuresign import _replies, _requests
from esignwire.assuresign._refusals import refusal
from esignwire.assuresign.models import DocumentReference, TemplateDocument
from esignwire.assuresign.outcomes import (
    EnvelopeClosed,
    Session,
    SessionOutcome,
    SessionPending,
    StatusOutcome,
    SubmissionCompleted,
    SubmittedDocument,
)
from esignwire.assuresign.settings import (
    PRODUCTION_URL,
    VENDOR,
    AssureSignSettings,
    WaitPolicy,
)
from esignwire.errors import WaitTimeout
from esignwire_generated.assuresign import types
from esignwire_generated.assuresign.async_operations import AsyncOperations
from esignwire_generated.assuresign.names import NAMESPACES, SENSITIVE
from esignwire_generated.assuresign.services import AsyncServices, contract

__all__ = ["AsyncAssureSign"]


class AsyncAssureSign(AsyncClient[AssureSignSettings], AsyncOperations):
    """A client of AssureSign DocumentNOW. Use it as a context manager, or close it.

    The account's key and the owner are given once. Every operation is a method, with the vendor's
    name in Python's case; a refusal raises ``AssureSignError``. ``services`` takes and returns
    whole messages.

    Making one does no I/O.

    An async client belongs to one event loop, and serves any number of tasks.

    A client can be pickled, and arrives as a new one that has not connected yet. The pickle holds
    the credentials: where that is not wanted, make the client there with ``from_environment``.

    Args:
        context_identifier: The account's API key, from the account's settings page.
        user_name: The e-mail address of the user who owns what is submitted.
        url: The address of ``DocumentNOW.svc``, without a contract behind it.
        settings: Time-outs, limits, TLS and proxy.
        wait_policy: How ``wait_for_session`` waits.
        plugins: zeep plugins, applied to every message. They see credentials.
        uses_mtom: Whether documents travel as they are (MTOM) to the contracts that take them so
            (Submit, Envelopes, Download, DownloadTemplate; documented), and not in base64, which
            is a third larger.

    Raises:
        ConfigurationError: A value is missing or cannot be used.
    """

    _VENDOR = VENDOR

    def __init__(
        self,
        *,
        context_identifier: uuid.UUID | str,
        user_name: str,
        url: str = PRODUCTION_URL,
        settings: HttpSettings | None = None,
        wait_policy: WaitPolicy | None = None,
        plugins: Sequence[object] = (),
        uses_mtom: bool = False,
    ) -> None:
        super().__init__(
            AssureSignSettings.of(context_identifier, user_name, url),
            settings,
            wait_policy=wait_policy,
            plugins=tuple(plugins),
            uses_mtom=uses_mtom,
        )
        self._wait_policy = wait_policy
        self._soap = AsyncSoap(
            self._http,
            SoapService(
                vendor=VENDOR,
                folder="assuresign",
                url=self._account.url,
                namespaces=NAMESPACES,
                sensitive=SENSITIVE,
                contract=contract,
                refusal=refusal,
                max_response_bytes=self._settings.max_response_bytes,
                plugins=tuple(plugins),
                uses_mtom=uses_mtom,
            ),
        )
        self._caller = self._soap
        self._owner = self._account
        self._services = AsyncServices(self._soap)

    @classmethod
    def from_environment(
        cls,
        *,
        settings: HttpSettings | None = None,
        wait_policy: WaitPolicy | None = None,
        plugins: Sequence[object] = (),
        uses_mtom: bool = False,
    ) -> Self:
        """Makes a client from the environment.

        The variables are ``ESIGNWIRE_ASSURESIGN_URL``, ``ESIGNWIRE_ASSURESIGN_CONTEXT_IDENTIFIER``
        and ``ESIGNWIRE_ASSURESIGN_USER_NAME``.

        Args:
            settings: Time-outs, limits, TLS and proxy.
            wait_policy: How ``wait_for_session`` waits.
            plugins: zeep plugins, applied to every message. They see credentials.
            uses_mtom: Whether documents travel as they are to the contracts that take them so.

        Returns:
            The client.

        Raises:
            ConfigurationError: A variable is missing (all such are named) or cannot be used.
        """
        return cls(
            **cls._arguments(AssureSignSettings.from_environment()),
            settings=settings,
            wait_policy=wait_policy,
            plugins=plugins,
            uses_mtom=uses_mtom,
        )

    @property
    def context_identifier(self) -> uuid.UUID:
        """The account's API key, for messages of your own to ``services``. It is a secret."""
        return self._account.context_identifier

    @property
    def user_name(self) -> str:
        """The owner of what is submitted."""
        return self._account.user_name

    @property
    def services(self) -> AsyncServices:
        """Every operation of the 23 contracts, one service a contract.

        Messages of your own name the account themselves: see ``context_identifier``.
        """
        return self._services

    async def async_submit(
        self, *documents: TemplateDocument, timeout: float | None = None
    ) -> Session:
        """Starts one or more documents from templates, without waiting for the outcome.

        The vendor answers at once with a session; ``wait_for_session`` tells how it ended
        (AsyncSubmit, documented).

        Args:
            documents: The documents; all go into one session.
            timeout: Seconds for the whole call.

        Returns:
            The session.

        Raises:
            InvalidRequest: No document is given, or one does not satisfy the schema.
            AssureSignError: The vendor did not take the submission on.
            OutcomeUnknown: No complete answer came. The documents may have been sent: look for
                ``reference``, their order numbers or names, in AssureSign's web pages before you
                submit again, since no operation searches by them.
            EsignWireError: Any other failure.
        """
        # The codecs of a contract are imported by the first call that needs them.
        from esignwire_generated.assuresign.services.submit import ASYNC_SUBMIT

        request, reference = _requests.async_submit(self._account, documents)
        answer = await self._soap.call(ASYNC_SUBMIT, request, timeout, reference=reference)
        return _replies.submission_taken_on(answer, request)

    async def lookup_session(
        self, session: Session | uuid.UUID | str, *, timeout: float | None = None
    ) -> SessionOutcome:
        """Looks once how an asynchronous call stands (LookupSession, documented).

        Args:
            session: The session, or its identifier.
            timeout: Seconds for the whole call.

        Returns:
            What became of it: still pending, a submission with one outcome a document, or a closed
            envelope. That a session without any result is pending is inferred; the vendor does
            not document it.

        Raises:
            AssureSignError: The session is not known, or closing the envelope failed.
            EsignWireError: Any other failure.
        """
        session_id = _requests.session_identifier(session)
        request = _requests.lookup_session(self._account, session_id)
        answer = await self._services.lookup_session.lookup_session(request, timeout=timeout)
        return _replies.session_outcome(answer, session_id, request)

    async def wait_for_session(
        self,
        session: Session | uuid.UUID | str,
        *,
        policy: WaitPolicy | None = None,
        timeout: float | None = None,
    ) -> SubmissionCompleted | EnvelopeClosed:
        """Waits until an asynchronous call has ended, looking with growing pauses.

        There is no such method for the status of a document: a session ends in seconds, while a
        document waits for people. See ``check_status``.

        Args:
            session: The session, or its identifier.
            policy: How to wait; ``None`` takes the client's.
            timeout: Seconds for each single look.

        Returns:
            How the session ended.

        Raises:
            WaitTimeout: The deadline passed first, a look under way then being finished. The
                session goes on; look again later.
            InvalidRequest: The identifier is no GUID.
            AssureSignError: The session is not known, or closing the envelope failed.
            EsignWireError: Any other failure.
        """
        session_id = _requests.session_identifier(session)
        policy = policy or self._wait_policy or WaitPolicy()
        end = now() + policy.deadline
        for pause_seconds in policy.pauses():
            await async_pause(pause_seconds)
            outcome = await self.lookup_session(session_id, timeout=timeout)
            if not isinstance(outcome, SessionPending):
                return outcome
            if now() >= end:
                break
        raise WaitTimeout(
            f"session {session_id} had not ended after {policy.deadline:g} seconds; it goes on:"
            " look again later with lookup_session",
            session_id=str(session_id),
            vendor=VENDOR,
            operation="LookupSession",
        )

    async def close_envelope(
        self,
        envelope_id: uuid.UUID | str,
        auth_token: uuid.UUID | str,
        *,
        timeout: float | None = None,
    ) -> EnvelopeClosed:
        """Closes an envelope and starts signing; nothing can be added afterwards (documented).

        The vendor processes every document before it answers. With more than a few, prefer
        ``async_close_envelope``.

        Args:
            envelope_id: The envelope, as CreateEnvelope returned it.
            auth_token: Its token.
            timeout: Seconds for the whole call.

        Returns:
            The closed envelope.

        Raises:
            AssureSignError: The envelope was not closed.
            OutcomeUnknown: No complete answer came; CheckEnvelopeStatus tells whether it was
                closed.
            EsignWireError: Any other failure.
        """
        from esignwire_generated.assuresign.services.envelopes import CLOSE_ENVELOPE

        message = _requests.close_envelope(self._account, envelope_id, auth_token, "CloseEnvelope")
        answer = await self._soap.call(
            CLOSE_ENVELOPE,
            types.envelopes.CloseEnvelope(request=message),
            timeout,
            reference=str(message.envelope_id),
        )
        return _replies.envelope_closed(answer, message)

    async def async_close_envelope(
        self,
        envelope_id: uuid.UUID | str,
        auth_token: uuid.UUID | str,
        *,
        timeout: float | None = None,
    ) -> Session:
        """Closes an envelope without waiting for its documents (AsyncCloseEnvelope, documented).

        Args:
            envelope_id: The envelope, as CreateEnvelope returned it.
            auth_token: Its token.
            timeout: Seconds for the whole call.

        Returns:
            The session; ``wait_for_session`` tells how it ended.

        Raises:
            AssureSignError: The vendor did not take the call on.
            OutcomeUnknown: No complete answer came; CheckEnvelopeStatus tells whether it was
                closed.
            EsignWireError: Any other failure.
        """
        from esignwire_generated.assuresign.services.envelopes import ASYNC_CLOSE_ENVELOPE

        message = _requests.close_envelope(
            self._account, envelope_id, auth_token, "AsyncCloseEnvelope"
        )
        answer = await self._soap.call(
            ASYNC_CLOSE_ENVELOPE,
            types.envelopes.AsyncCloseEnvelope(request=message),
            timeout,
            reference=str(message.envelope_id),
        )
        return _replies.closing_taken_on(answer, message)

    async def check_status(
        self,
        *documents: DocumentReference | SubmittedDocument,
        timeout: float | None = None,
    ) -> tuple[StatusOutcome, ...]:
        """Tells where one or many documents stand, in one call (CheckStatus, documented).

        Do not call this in a loop, and do not ask for a helper that does: the vendor calls
        continuous polling poor design. It reports each change by a DocumentTRAK web hook.

        Args:
            documents: The documents.
            timeout: Seconds for the whole call.

        Returns:
            One outcome a document, in the order of the arguments. A document that the vendor
            refuses or leaves out does not hide the others: its outcome is a
            ``StatusRejected``.

        Raises:
            InvalidRequest: No document is given, or an identifier is no GUID.
            UnexpectedResponse: The answer holds none of the documents that were asked about.
            EsignWireError: Any other failure.
        """
        request, document_ids = _requests.check_status(self._account, documents)
        answer = await self._services.check_status.check_status(request, timeout=timeout)
        return _replies.status_outcomes(answer, document_ids, request)
