"""Submission of documents of any kind, async. The sync twin is derived from this file."""

from __future__ import annotations

from collections.abc import Sequence

from esignwire._codec import Answered
from esignwire._documents import Progress
from esignwire._soap import AsyncSoap
from esignwire.assuresign import _replies, _submissions
from esignwire.assuresign.models import FileDocument, NewDocument, TemplateDocument
from esignwire.assuresign.outcomes import DocumentOutcome, SubmissionSession, SubmittedDocument
from esignwire.assuresign.settings import AssureSignSettings
from esignwire_generated.assuresign import types

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

    async def _exchange(
        self,
        documents: Sequence[NewDocument],
        timeout: float | None,
        progress: Progress | None,
    ) -> tuple[tuple[DocumentOutcome, ...], Answered[object]]:
        """Submits documents; returns the outcomes, and the answer."""
        # The codecs of a contract are imported by the first call that needs them.
        from esignwire_generated.assuresign.services import submit as operations

        kind = _submissions.kind_of(documents, "Submit")
        operation = _submissions.operation_of(kind)
        reference = _submissions.reference_of(documents)
        if kind is TemplateDocument:
            request = types.submit.Submit(
                documents=_submissions.template_documents(self._account, documents, operation)
            )
            answer = await self._soap.exchange(
                operations.SUBMIT, request, timeout, progress=progress, reference=reference
            )
            results = answer.message.document_results
            return _replies.document_outcomes(answer, results, documents), answer
        if kind is FileDocument:
            with_file = types.submit.SubmitWithFile(
                documents=_submissions.file_documents(self._account, documents, operation)
            )
            filed = await self._soap.exchange(
                operations.SUBMIT_WITH_FILE,
                with_file,
                timeout,
                progress=progress,
                reference=reference,
            )
            results = filed.message.submit_with_file_result
            return _replies.document_outcomes(filed, results, documents), filed
        to_fetch = types.submit.SubmitWithFileRetrieval(
            documents=_submissions.file_retrieval_documents(self._account, documents, operation)
        )
        fetched = await self._soap.exchange(
            operations.SUBMIT_WITH_FILE_RETRIEVAL,
            to_fetch,
            timeout,
            progress=progress,
            reference=reference,
        )
        results = fetched.message.submit_with_file_retrieval_result
        return _replies.document_outcomes(fetched, results, documents), fetched

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
        from esignwire_generated.assuresign.services import submit as operations

        kind = _submissions.kind_of(documents, "AsyncSubmit")
        operation = "Async" + _submissions.operation_of(kind)
        reference = _submissions.reference_of(documents)
        if kind is TemplateDocument:
            request = types.submit.AsyncSubmit(
                documents=_submissions.template_documents(self._account, documents, operation)
            )
            answer = await self._soap.call(
                operations.ASYNC_SUBMIT, request, timeout, progress=progress, reference=reference
            )
            return _replies.submission_taken_on(answer, answer.message.async_submit_result)
        if kind is FileDocument:
            with_file = types.submit.AsyncSubmitWithFile(
                documents=_submissions.file_documents(self._account, documents, operation)
            )
            filed = await self._soap.call(
                operations.ASYNC_SUBMIT_WITH_FILE,
                with_file,
                timeout,
                progress=progress,
                reference=reference,
            )
            return _replies.submission_taken_on(filed, filed.message.async_submit_with_file_result)
        to_fetch = types.submit.AsyncSubmitWithFileRetrieval(
            documents=_submissions.file_retrieval_documents(self._account, documents, operation)
        )
        fetched = await self._soap.call(
            operations.ASYNC_SUBMIT_WITH_FILE_RETRIEVAL,
            to_fetch,
            timeout,
            progress=progress,
            reference=reference,
        )
        return _replies.submission_taken_on(
            fetched, fetched.message.async_submit_with_file_retrieval_result
        )
