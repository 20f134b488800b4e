"""The AssureSign client, async. The sync twin is derived from this file."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self, overload

from esignwire._client import (
    AsyncClient,
    Resolution,
    async_pause,
    check_unknown,
    now,
    require_option,
)
from esignwire._codec import Given, Handle
from esignwire._documents import Progress, ReceivedDocument
from esignwire._http import HttpSettings
from esignwire._soap import AsyncSoap, SoapService
from esignwire.assuresign import _replies, _requests
from esignwire.assuresign._refusals import refusal
from esignwire.assuresign.async_submission import AsyncSubmission
from esignwire.assuresign.models import (
    DocumentReference,
    DownloadKind,
    NewDocument,
)
from esignwire.assuresign.outcomes import (
    ClosingSession,
    DocumentOutcome,
    EnvelopeClosed,
    Session,
    SessionOutcome,
    SessionPending,
    SigningLink,
    StatusOutcome,
    StatusRejected,
    SubmissionCompleted,
    SubmissionSession,
    SubmittedDocument,
)
from esignwire.assuresign.settings import (
    PRODUCTION_URL,
    VENDOR,
    AssureSignSettings,
    WaitPolicy,
    plugins_of,
)
from esignwire.errors import OutcomeUnknown, WaitTimeout
from esignwire_generated.assuresign import types
from esignwire_generated.assuresign.async_operations import AsyncOperations
from esignwire_generated.assuresign.names import EXCEPTIONS, NAMESPACES, SENSITIVE
from esignwire_generated.assuresign.services import AsyncServices, contract

if TYPE_CHECKING:
    from esignwire.assuresign.async_envelope import AsyncEnvelope

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
        given = plugins_of(plugins)
        require_option(VENDOR, WaitPolicy, wait_policy=wait_policy)
        super().__init__(
            AssureSignSettings.of(context_identifier, user_name, url),
            settings,
            wait_policy=wait_policy,
            plugins=given,
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
                exceptions=EXCEPTIONS,
                contract=contract,
                refusal=refusal,
                max_response_bytes=self._settings.max_response_bytes,
                plugins=given,
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
        """Every operation, one service a contract.

        Messages of your own name the account themselves: see ``context_identifier``.
        """
        return self._services

    # --- Submissions ----------------------------------------------------------------------------

    async def submit(
        self,
        document: NewDocument,
        *,
        timeout: float | None = None,
        progress: Progress | None = None,
    ) -> SubmittedDocument:
        """Starts a document and waits until the vendor has processed it.

        Each kind has an operation of its own (documented): a ``TemplateDocument`` goes by Submit,
        a ``FileDocument`` by SubmitWithFile, a ``FileRetrievalDocument`` by
        SubmitWithFileRetrieval.

        Args:
            document: The document.
            timeout: Seconds for the whole call.
            progress: Is told how much of the message has gone.

        Returns:
            The document, a handle for every later call about it. Keep its ``id`` and
            ``auth_token``.

        Raises:
            InvalidRequest: The document breaks a rule; nothing was sent.
            AssureSignError: The vendor refused the document.
            OutcomeUnknown: No complete answer came. The document may have been sent: look for
                ``reference``, its order number or name, in AssureSign's web pages before you
                submit again, since no operation searches by them.
            EsignWireError: Any other failure.
        """
        submission = AsyncSubmission(self._soap, self._account)
        return await submission.single(document, timeout, progress)

    async def submit_all(
        self,
        documents: Sequence[NewDocument],
        *,
        timeout: float | None = None,
        progress: Progress | None = None,
    ) -> tuple[DocumentOutcome, ...]:
        """Starts several documents of one kind in one call, and waits for them.

        Args:
            documents: The documents, all of one kind.
            timeout: Seconds for the whole call.
            progress: Is told how much of the message has gone.

        Returns:
            One outcome a document, in the order of the documents. A refused document hides no
            other: its outcome is a ``RejectedDocument``, without exceptions where the answer
            leaves the document out. Answers are matched by order number and document name
            (documented); among documents that share both, by order.

        Raises:
            InvalidRequest: No document is given, the kinds differ, or one breaks a rule.
            OutcomeUnknown: As for ``submit``.
            EsignWireError: Any other failure.
        """
        submission = AsyncSubmission(self._soap, self._account)
        return await submission.complete(documents, timeout, progress)

    async def async_submit(
        self,
        *documents: NewDocument,
        timeout: float | None = None,
        progress: Progress | None = None,
    ) -> SubmissionSession:
        """Starts one or more documents of one kind, without waiting for the outcome.

        The vendor answers at once with a session; ``wait_for_session`` tells how it ended
        (AsyncSubmit, AsyncSubmitWithFile and AsyncSubmitWithFileRetrieval, documented).

        Args:
            documents: The documents; all go into one session.
            timeout: Seconds for the whole call.
            progress: Is told how much of the message has gone.

        Returns:
            The session.

        Raises:
            InvalidRequest: No document is given, the kinds differ, or one breaks a rule.
            AssureSignError: The vendor did not take the submission on.
            OutcomeUnknown: No complete answer came. The documents may have been sent: look for
                ``reference``, their order numbers or names, in AssureSign's web pages before you
                submit again, since no operation searches by them.
            EsignWireError: Any other failure.
        """
        submission = AsyncSubmission(self._soap, self._account)
        return await submission.begin(documents, timeout, progress)

    # --- Sessions -------------------------------------------------------------------------------

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
        from esignwire_generated.assuresign.services.lookup_session import LOOKUP_SESSION

        session_id = _requests.session_identifier(session)
        request = _requests.lookup_session(self._account, session_id)
        answered = await self._soap.exchange(LOOKUP_SESSION, request, timeout)
        return _replies.session_outcome(answered, session_id)

    @overload
    async def wait_for_session(
        self,
        session: SubmissionSession,
        *,
        policy: WaitPolicy | None = None,
        timeout: float | None = None,
    ) -> SubmissionCompleted: ...

    @overload
    async def wait_for_session(
        self,
        session: ClosingSession,
        *,
        policy: WaitPolicy | None = None,
        timeout: float | None = None,
    ) -> EnvelopeClosed: ...

    @overload
    async def wait_for_session(
        self,
        session: Session | uuid.UUID | str,
        *,
        policy: WaitPolicy | None = None,
        timeout: float | None = None,
    ) -> SubmissionCompleted | EnvelopeClosed: ...

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
            How the session ended: a submission's in a ``SubmissionCompleted``, a closing's in an
            ``EnvelopeClosed``. An identifier alone does not tell which it is.

        Raises:
            UnexpectedResponse: It ended in what its kind does not promise.
            WaitTimeout: The deadline passed first, a look under way then being finished. The
                session goes on; look again later.
            InvalidRequest: The identifier is no GUID.
            AssureSignError: The session is not known, or closing the envelope failed.
            EsignWireError: Any other failure.
        """
        session_id = _requests.session_identifier(session)
        policy = Given(VENDOR, "LookupSession").structure(
            self._wait_policy if policy is None else policy, WaitPolicy, "policy"
        )
        end = now() + policy.deadline
        for pause_seconds in policy.pauses():
            await async_pause(pause_seconds)
            outcome = await self.lookup_session(session_id, timeout=timeout)
            if not isinstance(outcome, SessionPending):
                return _replies.as_promised(outcome, session)
            if now() >= end:
                break
        raise WaitTimeout(
            f"session {session_id} had not ended after {policy.deadline:g} seconds; it goes on:"
            " look again later with lookup_session",
            session_id=str(session_id),
            vendor=VENDOR,
            operation="LookupSession",
        )

    # --- Envelopes ------------------------------------------------------------------------------

    def envelope(
        self,
        name: str | None = None,
        *,
        order_number: str | None = None,
        workflow_type: types.envelopes.EnvelopeWorkflowType | None = None,
        decline_behavior: types.envelopes.EnvelopeDeclineBehaviorType | None = None,
        view_behavior: types.envelopes.EnvelopeViewBehaviorType | None = None,
        template_id: uuid.UUID | str | None = None,
        password: str | None = None,
        redirect_url: str | None = None,
        expiration_date: dt.date | dt.datetime | None = None,
        attachments: Sequence[types.envelopes.EnvelopeAttachment] = (),
        user_name: str | None = None,
        timeout: float | None = None,
    ) -> AsyncEnvelope:
        """Makes an envelope that is filled and closed in one block.

        Entering the block creates the envelope, leaving it closes the envelope without waiting,
        and an exception cancels it; see the class of the result. Nothing is sent before.

        Args:
            name: The envelope's name, for lists and reports.
            order_number: A reference of your own.
            workflow_type: Whether documents are signed one after the other or at the same time;
                the vendor probably takes Sequential (inferred).
            decline_behavior: What a declined document means to the others; the vendor probably
                takes DeclineAll (inferred).
            view_behavior: Which documents a signer sees; the vendor probably takes
                ViewSignatoryOnly (inferred).
            template_id: An envelope template.
            password: A password that guards the completed envelope.
            redirect_url: Where signers are sent after signing.
            expiration_date: The last day for signing. A date is the safe choice.
            attachments: Files that go with the envelope beside its documents.
            user_name: The owner, where it is another than the client's.
            timeout: Seconds for each call of entering and leaving.

        Returns:
            The envelope, for a ``with`` block.

        Raises:
            InvalidRequest: ``template_id`` is no GUID, or ``attachments`` no list.
        """
        from esignwire.assuresign.async_envelope import AsyncEnvelope

        given = Given(VENDOR, "CreateEnvelope")
        attached = given.optional_items(attachments, "attachments")
        request = types.envelopes.CreateEnvelopeRequest(
            context_identifier=self._account.context_identifier,
            envelope_name=name,
            envelope_order_number=order_number,
            workflow_type=workflow_type,
            decline_behavior=decline_behavior,
            view_behavior=view_behavior,
            envelope_template_id=(
                None if template_id is None else given.identifier(template_id, "template_id")
            ),
            envelope_password=password,
            redirect_url=redirect_url,
            expiration_date=expiration_date,
            attachments=(
                types.envelopes.ArrayOfEnvelopeAttachment(envelope_attachment=attached)
                if attached
                else None
            ),
            user_name=self._account.user_name if user_name is None else user_name,
        )
        return AsyncEnvelope(self._soap, self._account, request, timeout)

    async def close_envelope(
        self,
        envelope_id: Handle | uuid.UUID | str,
        auth_token: uuid.UUID | str | None = None,
        *,
        timeout: float | None = None,
    ) -> EnvelopeClosed:
        """Closes an envelope and starts signing; nothing can be added afterwards (documented).

        The vendor processes every document before it answers. With more than a few, prefer
        ``async_close_envelope``.

        Args:
            envelope_id: The envelope: what ``create_envelope`` returned, another handle, or its
                identifier.
            auth_token: Its token, where only the identifier is given.
            timeout: Seconds for the whole call.

        Returns:
            The closed envelope.

        Raises:
            InvalidRequest: An identifier is no GUID, or the token is missing; nothing was sent.
            AssureSignError: The envelope was not closed.
            OutcomeUnknown: No complete answer came; CheckEnvelopeStatus tells whether it was
                closed.
            EsignWireError: Any other failure.
        """
        from esignwire_generated.assuresign.services.envelopes import CLOSE_ENVELOPE

        message = _requests.close_envelope(self._account, envelope_id, auth_token, "CloseEnvelope")
        answered = await self._soap.call(
            CLOSE_ENVELOPE, types.envelopes.CloseEnvelope(request=message), timeout
        )
        return _replies.envelope_closed(answered)

    async def async_close_envelope(
        self,
        envelope_id: Handle | uuid.UUID | str,
        auth_token: uuid.UUID | str | None = None,
        *,
        timeout: float | None = None,
    ) -> ClosingSession:
        """Closes an envelope without waiting for its documents (AsyncCloseEnvelope, documented).

        Args:
            envelope_id: The envelope: what ``create_envelope`` returned, another handle, or its
                identifier.
            auth_token: Its token, where only the identifier is given.
            timeout: Seconds for the whole call.

        Returns:
            The session; ``wait_for_session`` tells how it ended.

        Raises:
            InvalidRequest: An identifier is no GUID, or the token is missing; nothing was sent.
            AssureSignError: The vendor did not take the call on.
            OutcomeUnknown: No complete answer came; CheckEnvelopeStatus tells whether it was
                closed.
            EsignWireError: Any other failure.
        """
        from esignwire_generated.assuresign.services.envelopes import ASYNC_CLOSE_ENVELOPE

        message = _requests.close_envelope(
            self._account, envelope_id, auth_token, "AsyncCloseEnvelope"
        )
        answered = await self._soap.call(
            ASYNC_CLOSE_ENVELOPE, types.envelopes.AsyncCloseEnvelope(request=message), timeout
        )
        return _replies.closing_taken_on(answered)

    async def resolve(
        self, error: OutcomeUnknown, about: Handle | None = None, *, timeout: float | None = None
    ) -> Resolution:
        """Asks the vendor what became of a call whose outcome is unknown.

        CheckEnvelopeStatus tells of CloseEnvelope, AsyncCloseEnvelope and CancelEnvelope;
        CheckStatus of Cancel and Expire. No operation finds a submitted document.

        Args:
            error: The error of the call.
            about: The envelope or the document that the call was about. Its token is needed, and
                an error holds none.
            timeout: Seconds for the whole call.

        Returns:
            What the vendor shows.

        Raises:
            InvalidRequest: ``error`` is no ``OutcomeUnknown``, or ``about`` is missing or names
                another thing than the error does; nothing was sent.
            AssureSignError: The vendor refused to tell.
            EsignWireError: Any other failure.
        """
        check_unknown(error, VENDOR)
        kind = _requests.resolvable(error)
        if kind is None:
            return Resolution.CANNOT_BE_TOLD
        named = _requests.resolved_handle(error, about)
        if kind == "envelope":
            envelope = await self.check_envelope_status(named, timeout=timeout)
            return _replies.resolution(error.operation, envelope.status)
        (outcome,) = await self.check_status(named, timeout=timeout)
        if isinstance(outcome, StatusRejected):
            return Resolution.CANNOT_BE_TOLD
        return _replies.resolution(error.operation, outcome.status_type)

    # --- Documents ------------------------------------------------------------------------------

    async def check_status(
        self,
        *documents: Handle,
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
            InvalidRequest: No document is given, one is no handle, or an identifier is no GUID.
            UnexpectedResponse: The answer holds none of the documents that were asked about.
            EsignWireError: Any other failure.
        """
        request, document_ids = _requests.check_status(self._account, documents)
        answer = await self._services.check_status.check_status(request, timeout=timeout)
        return _replies.status_outcomes(answer, document_ids)

    async def signing_links(
        self,
        document: Handle,
        *,
        redirect_url: str | None = None,
        only_current_signers: bool = False,
        skips_landing_page: bool = False,
        expiration_date: dt.datetime | None = None,
        timeout: float | None = None,
    ) -> tuple[SigningLink, ...]:
        """Makes links by which the signers of a document sign, each with its signer.

        Calls GetSigningLinks and ListSignatories (documented).

        Args:
            document: The document.
            redirect_url: Where a signer is sent after signing.
            only_current_signers: Whether only the signers of the current step get a link.
            skips_landing_page: Whether the links lead straight to signing; the account must be set
                up to allow it.
            expiration_date: When the links shall cease to work, with a time zone. Left out, the
                vendor's own default holds, which is not documented.
            timeout: Seconds for each of the two calls.

        Returns:
            The links, in the vendor's order. They are secrets.

        Raises:
            InvalidRequest: An argument cannot be sent, such as an ``expiration_date`` without time
                zone; nothing was sent.
            AssureSignError: The vendor refused one of the calls, such as where nothing is to be
                signed.
            OutcomeUnknown: No complete answer to GetSigningLinks came; to ask again does no harm
                beyond further links.
            EsignWireError: Any other failure.
        """
        named = DocumentReference.of(document)
        links = await self.get_signing_links(
            document=named,
            redirect_url=redirect_url,
            include_only_current_signers=_requests.flag(
                only_current_signers, "only_current_signers"
            ),
            is_authenticated=_requests.flag(skips_landing_page, "skips_landing_page"),
            link_expiration_date=expiration_date,
            timeout=timeout,
        )
        signatories = await self.list_signatories(named, timeout=timeout)
        return _replies.signing_links(links, signatories)

    async def download(
        self,
        document: Handle,
        kind: DownloadKind = "completed",
        *,
        password: str | None = None,
        timeout: float | None = None,
        progress: Progress | None = None,
    ) -> ReceivedDocument:
        """Fetches a file of a document (Download, documented).

        Args:
            document: The document.
            kind: ``completed``, as signed and concluded; ``interim``, as signed so far, while
                signing goes on; ``original``, as submitted; or ``completion report``.
            password: The document's password, where its submission set one.
            timeout: Seconds for the whole call.
            progress: Is told how much of the answer has come.

        Returns:
            The file; ``save`` writes it to a path.

        Raises:
            InvalidRequest: The document is no handle, or there is no such kind.
            AssureSignError: The vendor refused it, such as before the document is completed.
            UnexpectedResponse: The answer holds no such file.
            EsignWireError: Any other failure.
        """
        request = _requests.download(self._account, document, kind, password)
        answer = await self._services.download.download(request, timeout=timeout, progress=progress)
        return _replies.downloaded(answer, kind)

    async def resend_email(
        self, document: Handle, address: str, *, timeout: float | None = None
    ) -> types.resend_notification.ResendNotificationResult:
        """Sends the last e-mail about a document that went to an address there again.

        Calls ListNotifications and ResendNotification (documented). Other receivers of the same
        e-mail get nothing.

        Args:
            document: The document.
            address: The receiver's e-mail address, in any case.
            timeout: Seconds for each of the two calls.

        Returns:
            The vendor's answer.

        Raises:
            InvalidRequest: The document is no handle, or no e-mail about it went to the address.
            AssureSignError: The vendor refused one of the calls.
            OutcomeUnknown: No complete answer to ResendNotification came: the e-mail may have
                been sent.
            EsignWireError: Any other failure.
        """
        _requests.require_address(address)
        named = DocumentReference.of(document)
        notifications = await self.list_notifications(document=named, timeout=timeout)
        email = _replies.email_to_resend(notifications, address)
        return await self.resend_notification(
            document=named, email_notification=email, timeout=timeout
        )

    async def history(
        self, document: Handle, *, timeout: float | None = None
    ) -> tuple[types.view_history.DocumentEvent, ...]:
        """Tells what happened to a document (ViewHistory, documented).

        Args:
            document: The document.
            timeout: Seconds for the whole call.

        Returns:
            The events, each with ``date`` and ``details``, in the vendor's order.

        Raises:
            InvalidRequest: The document is no handle.
            AssureSignError: The vendor refused the call.
            EsignWireError: Any other failure.
        """
        viewed = await self.view_history(document, timeout=timeout)
        return tuple(viewed.events)

    async def template_parameters(
        self, template_id: uuid.UUID | str, *, timeout: float | None = None
    ) -> tuple[
        types.list_parameters.TypedParameterItem | types.list_parameters.DrawnParameterItem, ...
    ]:
        """Tells the parameters of a template (ListParameters, documented).

        Args:
            template_id: The template.
            timeout: Seconds for the whole call.

        Returns:
            The parameters, in the vendor's order. A submission may use the ``name`` of each, or
            the ``system_name`` of a typed one; a drawn one no submission can fill.

        Raises:
            InvalidRequest: The identifier is no GUID.
            AssureSignError: The vendor refused the call.
            EsignWireError: Any other failure.
        """
        listed = await self.list_parameters(template_id, timeout=timeout)
        return tuple(listed.parameters.items)
