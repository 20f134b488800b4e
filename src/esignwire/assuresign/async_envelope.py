"""Envelopes that are filled and closed in one block, async. The sync twin is derived from here."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from esignwire._codec import Given, result_of
from esignwire._documents import Progress
from esignwire._soap import AsyncSoap
from esignwire.assuresign import _replies, _requests, _submissions
from esignwire.assuresign._refusals import exceptions_of
from esignwire.assuresign.async_submission import AsyncSubmission
from esignwire.assuresign.models import NewDocument
from esignwire.assuresign.outcomes import (
    ClosingSession,
    DocumentOutcome,
    SubmittedDocument,
    VendorException,
)
from esignwire.assuresign.settings import VENDOR, AssureSignSettings
from esignwire.errors import EsignWireError, InvalidRequest
from esignwire_generated.assuresign.types import envelopes as messages

__all__ = ["AsyncEnvelope"]


class AsyncEnvelope:
    """An envelope that takes documents until its block ends; ``client.envelope`` makes one.

    Entering creates the envelope (CreateEnvelope). Leaving closes it without waiting for its
    documents (AsyncCloseEnvelope); ``session`` then tells how that ended. Where the block raises,
    the envelope is cancelled with all that is in it (CancelEnvelope), and the block's own exception
    reaches the caller; where that fails too, a note on the exception says so.

    It is a handle: ``id`` and ``auth_token`` serve wherever an envelope is due.

    Args:
        soap: What carries the calls.
        account: The account.
        request: What the envelope is to be like.
        timeout: Seconds for each call of entering and leaving.
    """

    __slots__ = ("_account", "_created", "_request", "_session", "_soap", "_timeout")

    def __init__(
        self,
        soap: AsyncSoap,
        account: AssureSignSettings,
        request: messages.CreateEnvelopeRequest,
        timeout: float | None,
    ) -> None:
        self._soap = soap
        self._account = account
        self._request = request
        self._timeout = timeout
        self._created: messages.CreateEnvelopeResult | None = None
        self._session: ClosingSession | None = None

    def __repr__(self) -> str:
        found = None if self._created is None else str(self._created.envelope_id)
        return f"{type(self).__name__}(id={found!r})"

    @property
    def id(self) -> uuid.UUID:
        """The envelope.

        Raises:
            InvalidRequest: The block was not entered.
        """
        return self._entered().envelope_id

    @property
    def auth_token(self) -> uuid.UUID:
        """The envelope's token.

        Raises:
            InvalidRequest: The block was not entered.
        """
        return self._entered().auth_token

    @property
    def expiration_date(self) -> dt.date | dt.datetime | None:
        """When the envelope expires unless it is completed before; ``None`` where it is not said.

        Raises:
            InvalidRequest: The block was not entered.
        """
        return self._entered().expiration_date

    @property
    def warnings(self) -> tuple[VendorException, ...]:
        """What the vendor noted when it created the envelope."""
        return exceptions_of(self._created)

    @property
    def session(self) -> ClosingSession:
        """The session of the closing; ``wait_for_session`` tells how it ended.

        Raises:
            InvalidRequest: The envelope was not closed by leaving the block.
        """
        if self._session is None:
            raise _misused("session is known once the block has ended without an exception")
        return self._session

    async def submit(
        self,
        document: NewDocument,
        *,
        timeout: float | None = None,
        progress: Progress | None = None,
    ) -> SubmittedDocument:
        """Puts a document into the envelope.

        The vendor neither parses nor sends it before the envelope is closed (documented).

        Args:
            document: The document.
            timeout: Seconds for the whole call.
            progress: Is told how much of the message has gone.

        Returns:
            The document, a handle for later calls.

        Raises:
            EsignWireError: See ``submit`` of the client.
        """
        _submissions.check_document(document, "document", "Submit")
        submission = AsyncSubmission(self._soap, self._account)
        return await submission.single(self._taken(document), timeout, progress)

    async def submit_all(
        self,
        documents: Sequence[NewDocument],
        *,
        timeout: float | None = None,
        progress: Progress | None = None,
    ) -> tuple[DocumentOutcome, ...]:
        """Puts several documents of one kind into the envelope, in one call.

        Args:
            documents: The documents.
            timeout: Seconds for the whole call.
            progress: Is told how much of the message has gone.

        Returns:
            One outcome a document, in the order of the documents.

        Raises:
            EsignWireError: See ``submit_all`` of the client.
        """
        _submissions.kind_of(documents, "Submit")
        taken = [self._taken(one) for one in documents]
        return await AsyncSubmission(self._soap, self._account).complete(taken, timeout, progress)

    async def __aenter__(self) -> Self:
        from esignwire_generated.assuresign.services.envelopes import CREATE_ENVELOPE

        if self._created is not None:
            raise _misused("an envelope is entered once; make another with client.envelope")
        answered = await self._soap.call(
            CREATE_ENVELOPE, messages.CreateEnvelope(request=self._request), self._timeout
        )
        self._created = _replies.envelope_created(answered)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            await self._close()
            return
        try:
            await self._cancel()
        except EsignWireError as failure:
            error.add_note(f"Envelope {self.id} was not cancelled and may still be open: {failure}")
        except Exception as failure:  # noqa: BLE001 - a plugin may raise anything
            error.add_note(
                f"Envelope {self.id} was not cancelled and may still be open:"
                f" {type(failure).__name__}"
            )

    async def _close(self) -> None:
        from esignwire_generated.assuresign.services.envelopes import ASYNC_CLOSE_ENVELOPE

        message = _requests.close_envelope(
            self._account, self.id, self.auth_token, "AsyncCloseEnvelope"
        )
        answered = await self._soap.call(
            ASYNC_CLOSE_ENVELOPE, messages.AsyncCloseEnvelope(request=message), self._timeout
        )
        self._session = _replies.closing_taken_on(answered)

    async def _cancel(self) -> None:
        from esignwire_generated.assuresign.services.envelopes import CANCEL_ENVELOPE

        message = _requests.cancel_envelope(
            self._account, self, "The program that filled the envelope failed."
        )
        answered = await self._soap.call(CANCEL_ENVELOPE, message, self._timeout)
        result_of(answered, answered.message.cancel_envelope_result)

    def _entered(self) -> messages.CreateEnvelopeResult:
        if self._created is None:
            raise _misused("the envelope does not exist yet: enter its block first")
        return self._created

    def _taken(self, document: NewDocument) -> NewDocument:
        given = document.envelope_id
        taken = Given(VENDOR, "Submit").optional_identifier(given, "envelope_id")
        if taken not in {None, self.id}:
            raise InvalidRequest(
                "envelope_id must be left out, or name the envelope that takes the document",
                path="envelope_id",
                rule="this envelope",
                vendor=VENDOR,
                operation="Submit",
            )
        return replace(document, envelope_id=self.id)


def _misused(what: str) -> InvalidRequest:
    return InvalidRequest(what, path="envelope", vendor=VENDOR, operation="CreateEnvelope")
