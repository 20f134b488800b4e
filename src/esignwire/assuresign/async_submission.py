"""Submission of documents of any kind, async. The sync twin is derived from this file."""

from __future__ import annotations

from collections.abc import Sequence

from esignwire._codec import Answered
from esignwire._documents import Progress
from esignwire._soap import AsyncSoap
from esignwire.assuresign import _replies, _submissions
from esignwire.assuresign.models import NewDocument
from esignwire.assuresign.outcomes import DocumentOutcome, SubmissionSession, SubmittedDocument
from esignwire.assuresign.settings import AssureSignSettings

__all__ = ["AsyncSubmission"]


class AsyncSubmission:
    """Submits documents of one kind, alone or into an envelope."""

    __slots__ = ("_account", "_soap")

    def __init__(self, soap: AsyncSoap, account: AssureSignSettings) -> None:
        self._soap = soap
        self._account = account

    async def single(
        self, document: NewDocument, timeout: float | None, progress: Progress | None
    ) -> SubmittedDocument:
        """Submits one document and waits for it.

        Raises:
            EsignWireError: See ``submit`` of the client.
        """
        _submissions.check_document(document, "document", "Submit")
        (outcome,), answered = await self._exchange([document], timeout, progress)
        return _replies.submitted_document(answered, outcome)

    async def complete(
        self,
        documents: Sequence[NewDocument],
        timeout: float | None,
        progress: Progress | None,
    ) -> tuple[DocumentOutcome, ...]:
        """Submits documents and waits for the outcomes, one a document, in the same order.

        Raises:
            EsignWireError: See ``submit_all`` of the client.
        """
        outcomes, _ = await self._exchange(documents, timeout, progress)
        return outcomes

    async def begin(
        self,
        documents: Sequence[NewDocument],
        timeout: float | None,
        progress: Progress | None,
    ) -> SubmissionSession:
        """Submits documents without waiting for the outcomes, in one session.

        Raises:
            EsignWireError: See ``async_submit`` of the client.
        """
        made = _submissions.submission(self._account, documents, in_session=True)
        answered = await self._soap.call(made.operation, made.message, timeout, progress=progress)
        return _replies.submission_taken_on(answered, getattr(answered.message, made.result))

    async def _exchange(
        self,
        documents: Sequence[NewDocument],
        timeout: float | None,
        progress: Progress | None,
    ) -> tuple[tuple[DocumentOutcome, ...], Answered[object]]:
        """Submits documents; returns the outcomes, and the answer."""
        made = _submissions.submission(self._account, documents, in_session=False)
        answered = await self._soap.exchange(
            made.operation, made.message, timeout, progress=progress
        )
        results = getattr(answered.message, made.result)
        return _replies.document_outcomes(answered, results, documents), answered
