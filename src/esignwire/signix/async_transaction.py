"""The transaction to act on, async. The sync twin is derived from this file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from esignwire._documents import Progress
from esignwire.signix._replies import read_batch, read_single
from esignwire.signix._requests import (
    TransactionKey,
    member_number,
    ref_ids_of,
    require_texts,
    write_batch,
    write_command,
)
from esignwire.signix.commands import (
    Command,
    TransactionCancel,
    TransactionResume,
    TransactionSaveDeltas,
    TransactionSendPartyEmail,
    TransactionSuspend,
)
from esignwire.signix.downloads import Download, discard_files
from esignwire.signix.outcomes import Outcome, SingleOutcome
from esignwire.signix.settings import SignixSettings
from esignwire_generated.signix.services import AsyncServices
from esignwire_generated.signix.types.confirm_download import (
    ConfirmDownloadDataType,
    ConfirmDownloadRq,
)
from esignwire_generated.signix.types.download_document import (
    DownloadDocumentDataType,
    DownloadDocumentRq,
)
from esignwire_generated.signix.types.get_access_link import (
    GetAccessLinkDataType,
    GetAccessLinkRq,
)
from esignwire_generated.signix.types.get_access_token import (
    GetAccessTokenDataType,
    GetAccessTokenRq,
)
from esignwire_generated.signix.types.submit_ajax import (
    RequestsType,
    SubmitAjaxDataType,
    SubmitAjaxRq,
)

if TYPE_CHECKING:
    from esignwire_generated.signix.types.submit_document import SubmitDocumentRs

__all__ = ["AsyncTransaction"]


class AsyncTransaction:
    """A transaction at SIGNiX; ``AsyncSignix.submit`` and ``AsyncSignix.transaction`` make one.

    A call that changes the transaction is repeated only where nothing was sent. Each such method
    can raise:

    - ``InvalidRequest``: refused here; nothing was sent.
    - ``SignixError``: SIGNiX refused the call before it ran any command.
    - ``OutcomeUnknown``: the call was sent and no complete answer came; its ``reference`` is the
      identifier of this transaction.
    - ``ResponseError``: an answer came that cannot be used; an ``UnexpectedResponse`` says that it
      contradicts itself, so that nothing is claimed.

    A command that SIGNiX ran and refused raises nothing: its outcome is ``Failed``.

    Args:
        services: What sends the calls.
        account: Who is calling.
        key: The transaction's identifier.
        parties: The RefID of each party, in the order of the submission, where they are known.
    """

    __slots__ = ("_account", "_key", "_parties", "_pickup_link", "_services", "_transaction_id")

    def __init__(
        self,
        services: AsyncServices,
        account: SignixSettings,
        key: TransactionKey,
        *,
        parties: Iterable[str] = (),
    ) -> None:
        self._services = services
        self._account = account
        self._key = key
        self._parties = ref_ids_of(parties)
        self._transaction_id = key.transaction_id
        self._pickup_link: str | None = None

    @classmethod
    def of(
        cls,
        services: AsyncServices,
        account: SignixSettings,
        answer: SubmitDocumentRs,
        transaction_id: str,
        parties: Iterable[str],
    ) -> Self:
        """Makes the handle of a transaction that was submitted.

        Args:
            services: What sends the calls.
            account: Who is calling.
            answer: The answer to SubmitDocument.
            transaction_id: The TransactionID that was submitted.
            parties: The RefID of each party, in the order of the submission.

        Returns:
            The transaction, by its DocumentSetID.
        """
        # An answer without Data was refused before.
        data = answer.data
        key = TransactionKey(document_set_id=None if data is None else data.document_set_id)
        transaction = cls(services, account, key, parties=parties)
        transaction._transaction_id = transaction_id
        transaction._pickup_link = None if data is None else data.pickup_link
        return transaction

    def __repr__(self) -> str:
        name, value = ("document_set_id", self._key.document_set_id)
        if value is None:
            name, value = ("transaction_id", self._key.transaction_id)
        return f"{type(self).__name__}({name}={value!r})"

    @property
    def document_set_id(self) -> str | None:
        """The DocumentSetID; ``None`` where the transaction was named by its TransactionID."""
        return self._key.document_set_id

    @property
    def transaction_id(self) -> str | None:
        """The TransactionID; ``None`` where the transaction was named by its DocumentSetID."""
        return self._transaction_id

    @property
    def pickup_link(self) -> str | None:
        """The URL at which the first party signs, as the answer to the submission had it.

        A person who holds it can sign. It is missing where the transaction starts suspended (wire).
        """
        return self._pickup_link

    async def signing_link(
        self,
        party: str | int,
        *,
        permanent: bool | None = None,
        timeout: float | None = None,
    ) -> str:
        """Asks for the URL at which a party signs (inferred: the request is known second-hand).

        Each call makes a new link, which lives for a short time; ask for one at a time. A person
        who holds it can sign.

        Args:
            party: The party: its RefID, or its position in the submission, 1 being the first.
            permanent: Whether the link is to last (inferred); ``None`` leaves it unsaid.
            timeout: Seconds for the whole call; ``None`` takes the client's setting.

        Returns:
            The URL.

        Raises:
            InvalidRequest: The handle knows no such party.
            EsignWireError: See the class.
        """
        number = member_number(party, self._parties)
        return await self._link(
            GetAccessLinkDataType(
                document_set_id=self._key.document_set_id,
                transaction_id=self._key.transaction_id,
                member_info_number=number,
                permanent_link=permanent,
            ),
            timeout,
        )

    async def submitter_link(
        self,
        *,
        allow_transaction_status_viewing: bool | None = None,
        allow_transaction_context_editing: bool | None = None,
        allow_document_field_and_task_editing: bool | None = None,
        allow_document_editing: bool | None = None,
        allow_participant_editing: bool | None = None,
        use_my_do_x_wizard: bool | None = None,
        skin_id: str | None = None,
        finish_url: str | None = None,
        timeout: float | None = None,
    ) -> str:
        """Asks for the URL at which the submitter watches or prepares the transaction (wire).

        Each call makes a new link, which lives for a short time. A person who holds it can open the
        transaction.

        Args:
            allow_transaction_status_viewing: Whether it shows where the transaction stands.
            allow_transaction_context_editing: Whether general settings may be changed there.
            allow_document_field_and_task_editing: Whether fields and tasks may be changed.
            allow_document_editing: Whether documents may be changed.
            allow_participant_editing: Whether parties may be changed.
            use_my_do_x_wizard: Whether it opens the vendor's step-by-step preparation.
            skin_id: The look of the pages, such as ``Twilight``.
            finish_url: Where the browser goes when the submitter is done.
            timeout: Seconds for the whole call; ``None`` takes the client's setting.

        Returns:
            The URL.

        Raises:
            EsignWireError: See the class.
        """
        return await self._link(
            GetAccessLinkDataType(
                document_set_id=self._key.document_set_id,
                transaction_id=self._key.transaction_id,
                transaction_role="submitter",
                allow_transaction_status_viewing=allow_transaction_status_viewing,
                allow_transaction_context_editing=allow_transaction_context_editing,
                allow_document_field_and_task_editing=allow_document_field_and_task_editing,
                allow_document_editing=allow_document_editing,
                allow_participant_editing=allow_participant_editing,
                use_my_do_x_wizard=use_my_do_x_wizard,
                skin_id=skin_id,
                finish_url=finish_url,
            ),
            timeout,
        )

    async def _link(self, data: GetAccessLinkDataType, timeout: float | None) -> str:
        request = GetAccessLinkRq(cust_info=self._account.cust_info(), data=data)
        answer = await self._services.flex_api.get_access_link(request, timeout=timeout)
        # An answer without Data was refused before.
        return "" if answer.data is None else answer.data.access_link

    async def access_token(self, *, timeout: float | None = None) -> str:
        """Asks for a token that opens the transaction (inferred: seen in client code).

        Args:
            timeout: Seconds for the whole call; ``None`` takes the client's setting.

        Returns:
            The token. A person who holds it can open the transaction.

        Raises:
            InvalidRequest: The transaction is named by its TransactionID, which this web method
                is not known to take.
            EsignWireError: See the class.
        """
        request = GetAccessTokenRq(
            cust_info=self._account.cust_info(),
            data=GetAccessTokenDataType(document_set_id=self._key.of_vendor("GetAccessToken")),
        )
        answer = await self._services.flex_api.get_access_token(request, timeout=timeout)
        # An answer without Data was refused before.
        return "" if answer.data is None else answer.data.access_token

    async def cancel(self, *, timeout: float | None = None) -> SingleOutcome:
        """Cancels (voids) the transaction (documented).

        Args:
            timeout: Seconds for the whole call; ``None`` takes the client's setting.

        Returns:
            ``Succeeded`` or ``Failed``. A warning says that the transaction has expired, was
            cancelled before or is complete, and that it was left as it was.

        Raises:
            EsignWireError: See the class.
        """
        return await self.run(TransactionCancel(), timeout=timeout)

    async def suspend(self, *, timeout: float | None = None) -> SingleOutcome:
        """Suspends the transaction: its parties cannot sign until it is resumed (documented).

        Args:
            timeout: Seconds for the whole call; ``None`` takes the client's setting.

        Returns:
            ``Succeeded`` or ``Failed``. A warning says that the transaction is suspended already
            or complete, and that it was left as it was.

        Raises:
            EsignWireError: See the class.
        """
        return await self.run(TransactionSuspend(), timeout=timeout)

    async def resume(self, *, timeout: float | None = None) -> SingleOutcome:
        """Resumes the suspended transaction (documented).

        Args:
            timeout: Seconds for the whole call; ``None`` takes the client's setting.

        Returns:
            ``Succeeded`` or ``Failed``. A warning says that the transaction is complete, and that
            it was left as it was.

        Raises:
            EsignWireError: See the class.
        """
        return await self.run(TransactionResume(), timeout=timeout)

    async def change_email(
        self,
        ref_id: str,
        email: str,
        *,
        timeout: float | None = None,
    ) -> SingleOutcome:
        """Changes the e-mail address of a signer, for this transaction only (documented).

        SIGNiX does not write to the new address by itself: ``send_pickup_email`` follows.

        Args:
            ref_id: The RefID of the signer, as it was submitted.
            email: The new address.
            timeout: Seconds for the whole call; ``None`` takes the client's setting.

        Returns:
            ``Succeeded`` or ``Failed``.

        Raises:
            EsignWireError: See the class.
        """
        require_texts(ref_id=ref_id, email=email)
        command = TransactionSaveDeltas.change_email(ref_id, email)
        return await self.run(command, timeout=timeout)

    async def send_pickup_email(
        self,
        ref_id: str,
        *,
        subject: str | None = None,
        message: str | None = None,
        timeout: float | None = None,
    ) -> SingleOutcome:
        """Sends a signer the e-mail with the link for signing again (documented).

        Args:
            ref_id: The RefID of the signer, as it was submitted.
            subject: The subject, on one line; ``None`` for the standard one.
            message: The text; ``None`` for the standard one.
            timeout: Seconds for the whole call; ``None`` takes the client's setting.

        Returns:
            ``Succeeded`` or ``Failed``.

        Raises:
            EsignWireError: See the class.
        """
        require_texts(
            ref_id=ref_id,
            subject="" if subject is None else subject,
            message="" if message is None else message,
        )
        command = TransactionSendPartyEmail.to_party(ref_id, subject, message)
        return await self.run(command, timeout=timeout)

    async def change_mobile_number(
        self,
        ref_id: str,
        number: str,
        *,
        timeout: float | None = None,
    ) -> SingleOutcome:
        """Changes the mobile number of a signer, for this transaction only (documented).

        Args:
            ref_id: The RefID of the signer, as it was submitted.
            number: The new number: exactly 10 digits, without a country code.
            timeout: Seconds for the whole call; ``None`` takes the client's setting.

        Returns:
            ``Succeeded`` or ``Failed``.

        Raises:
            EsignWireError: See the class.
        """
        require_texts(ref_id=ref_id, number=number)
        command = TransactionSaveDeltas.change_mobile_number(ref_id, number)
        return await self.run(command, timeout=timeout)

    async def run(
        self,
        command: Command,
        *,
        timeout: float | None = None,
    ) -> SingleOutcome:
        """Runs one command, in the single form (documented).

        Args:
            command: The command.
            timeout: Seconds for the whole call; ``None`` takes the client's setting.

        Returns:
            ``Succeeded`` or ``Failed``. What the JSON of an answer looks like is not documented:
            a failure is known by evident marks only, and the answer is kept as it came.

        Raises:
            EsignWireError: See the class.
        """
        data = SubmitAjaxDataType(
            document_set_id=self._key.document_set_id,
            transaction_id=self._key.transaction_id,
            request=write_command(command),
        )
        request = SubmitAjaxRq(cust_info=self._account.cust_info(), data=data)
        answer = await self._services.flex_api.submit_ajax(request, timeout=timeout)
        return read_single(answer, command, request)

    async def run_all(
        self,
        commands: Iterable[Command],
        *,
        timeout: float | None = None,
    ) -> tuple[Outcome, ...]:
        """Runs several commands, in the multi form: all are saved or none is (documented).

        SIGNiX may run them in any order, so that commands whose order matters are refused.

        Args:
            commands: The commands, at least one.
            timeout: Seconds for the whole call; ``None`` takes the client's setting.

        Returns:
            How each command ended, in the order given: all ``Succeeded``, or ``RolledBack`` before
            the one that ``Failed`` and ``NotRun`` after it.

        Raises:
            EsignWireError: See the class.
        """
        batch, texts = write_batch(commands)
        data = SubmitAjaxDataType(
            document_set_id=self._key.document_set_id,
            transaction_id=self._key.transaction_id,
            requests=RequestsType(request=texts),
        )
        request = SubmitAjaxRq(cust_info=self._account.cust_info(), data=data)
        answer = await self._services.flex_api.submit_ajax(request, timeout=timeout)
        return read_batch(answer, batch, request)

    async def download(
        self,
        *,
        include_audit_data: bool = True,
        audit_data_format: str = "pdf",
        include_certificate_of_completion: bool = True,
        use_confirm_download: bool | None = None,
        timeout: float | None = None,
        progress: Progress | None = None,
    ) -> Download:
        """Fetches the signed files once the transaction is complete (inferred).

        It only reads, so that it is repeated where the connection breaks. To find a transaction
        by its TransactionID is likely to work here; all known messages have the DocumentSetID.

        Args:
            include_audit_data: Whether to fetch the audit report.
            audit_data_format: The format of the audit report: ``pdf``; very likely also ``xml``.
            include_certificate_of_completion: Whether to fetch the certificate of completion.
            use_confirm_download: Whether ``confirm_download`` follows once the files are safe;
                ``None`` leaves it unsaid.
            timeout: Seconds for the whole call, retries included; ``None`` takes the client's
                setting.
            progress: Is told how many bytes of the answer have come, and how many there are where
                that is known. It begins again with each attempt.

        Returns:
            The files. Large ones lie in temporary files until they are saved.

        Raises:
            SignixError: SIGNiX refused, for example since the transaction is not complete.
            EsignWireError: See the class.
        """
        request = DownloadDocumentRq(
            cust_info=self._account.cust_info(include_workgroup=True),
            data=DownloadDocumentDataType(
                document_set_id=self._key.document_set_id,
                transaction_id=self._key.transaction_id,
                include_audit_data=include_audit_data or None,
                audit_data_format=audit_data_format if include_audit_data else None,
                use_confirm_download=use_confirm_download,
                include_certificate_of_completion=include_certificate_of_completion or None,
            ),
        )
        answer = await self._services.flex_api.download_document(
            request, timeout=timeout, progress=progress
        )
        try:
            return Download.of(answer)
        except BaseException:
            discard_files(answer)
            raise

    async def confirm_download(self, *, timeout: float | None = None) -> None:
        """Tells SIGNiX that the files are stored safely (inferred).

        It is said to start the days of DelDocsAfter, at whose end SIGNiX deletes its copy: call it
        only once the files are safe.

        Args:
            timeout: Seconds for the whole call; ``None`` takes the client's setting.

        Raises:
            InvalidRequest: The transaction is named by its TransactionID, which this web method
                is not known to take.
            EsignWireError: See the class.
        """
        document_set_id = self._key.of_vendor("ConfirmDownload")
        request = ConfirmDownloadRq(
            cust_info=self._account.cust_info(include_workgroup=True),
            data=ConfirmDownloadDataType(document_set_id=document_set_id),
        )
        await self._services.flex_api.confirm_download(request, timeout=timeout)
