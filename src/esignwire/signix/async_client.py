"""The SIGNiX client, async. The sync twin is derived from this file."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Self

from esignwire._client import AsyncClient, Resolution, check_unknown
from esignwire._documents import Progress
from esignwire._http import HttpSettings
from esignwire.errors import ConfigurationError, OutcomeUnknown, SignixError
from esignwire.signix.async_flex_api import AsyncFlexApi
from esignwire.signix.settings import VENDOR, SignixSettings
from esignwire_generated.signix import types
from esignwire_generated.signix.async_operations import AsyncOperations
from esignwire_generated.signix.services import AsyncServices
from esignwire_generated.signix.types.common import CustInfoType

if TYPE_CHECKING:
    from esignwire.signix._raw import RawAnswer
    from esignwire.signix.async_transaction import AsyncTransaction
    from esignwire.signix.models import Form, Party

__all__ = ["AsyncSignix"]


class AsyncSignix(AsyncClient[SignixSettings], AsyncOperations):
    """A client of SIGNiX FlexAPI. Use it as a context manager, or close it.

    Making one does no I/O. ``submit`` makes a transaction, and ``transaction`` takes hold of one.
    Every web method is reachable, typed, through ``services``, and others through ``call``. SIGNiX
    wants the password in each
    call, so that calls must come from a server, never from a browser page (documented).

    A client can be pickled, and arrives as a new one that has not connected yet. The pickle holds
    the credentials: where that is not wanted, make the client there with ``from_environment``.

    Args:
        sponsor: The sponsor under which the account was set up. SIGNiX assigns all four; upper
            and lower case count.
        client: The account.
        user_id: The corporate user that makes the calls.
        password: The password of that user. It is in no representation, log or error.
        url: The address of FlexAPI: ``TEST_URL``, ``PRODUCTION_URL`` or another.
        workgroup: The workgroup of new transactions, typically ``SDD``.
        settings: Time-outs, sizes and connections; ``None`` takes the defaults.

    Raises:
        ConfigurationError: A value is blank, or the address cannot be used.
    """

    __slots__ = ("_caller", "_owner", "_services")

    _VENDOR = VENDOR

    def __init__(
        self,
        *,
        sponsor: str,
        client: str,
        user_id: str,
        password: str,
        url: str,
        workgroup: str | None = None,
        settings: HttpSettings | None = None,
    ) -> None:
        account = SignixSettings(
            sponsor=sponsor,
            client=client,
            user_id=user_id,
            password=password,
            url=url,
            workgroup=workgroup,
        )
        super().__init__(account, settings)
        self._caller = AsyncFlexApi(self._http, url, self._settings.max_response_bytes)
        self._owner = account
        self._services = AsyncServices(self._caller)

    @classmethod
    def from_environment(cls, *, settings: HttpSettings | None = None) -> Self:
        """Makes a client from environment variables.

        ``ESIGNWIRE_SIGNIX_URL``, ``_SPONSOR``, ``_CLIENT``, ``_USER_ID`` and ``_PASSWORD`` must be
        set; ``_WORKGROUP`` may be.

        Args:
            settings: Time-outs, sizes and connections; ``None`` takes the defaults.

        Returns:
            The client.

        Raises:
            ConfigurationError: A variable is missing (all such are named) or cannot be used.
        """
        return cls(**cls._arguments(SignixSettings.from_environment()), settings=settings)

    @property
    def services(self) -> AsyncServices:
        """Every web method of FlexAPI, typed, such as ``services.flex_api.submit_document``."""
        return self._services

    def cust_info(self, *, include_workgroup: bool = False) -> CustInfoType:
        """Fills in who is calling, for every web method but SubmitDocument.

        Args:
            include_workgroup: Whether to name the client's workgroup as well, where it has one.
                The known messages of DownloadDocument and ConfirmDownload do, the others do not.

        Returns:
            The credentials.
        """
        return self._account.cust_info(include_workgroup=include_workgroup)

    def submit_document_cust_info(
        self,
        *,
        workgroup: str | None = None,
        billing_ref: str | None = None,
        demo: bool | None = None,
        del_docs_after: int | None = None,
        expire_after: int | None = None,
        email_content: str | None = None,
    ) -> types.submit_document.SubmitDocumentCustInfoType:
        """Fills in who is calling, for SubmitDocument.

        Args:
            workgroup: The workgroup of the transaction; ``None`` takes the client's.
            billing_ref: A reference of the caller's for billing, at most 50 characters.
            demo: Whether this is a demonstration, whose signatures do not count.
            del_docs_after: After how many days SIGNiX deletes its copy of the documents.
            expire_after: After how many days an unfinished transaction expires.
            email_content: Text for the e-mail to the signers, 1 to 10,000 characters.

        Returns:
            The credentials and these settings.

        Raises:
            ConfigurationError: Neither the call nor the client has a workgroup.
        """
        account = self._account
        workgroup = account.workgroup if workgroup is None else workgroup
        if workgroup is None:
            raise ConfigurationError(
                "SubmitDocument needs a workgroup: give it here or to the client, or set"
                " ESIGNWIRE_SIGNIX_WORKGROUP",
                vendor=VENDOR,
                operation="SubmitDocument",
            )
        return types.submit_document.SubmitDocumentCustInfoType(
            sponsor=account.sponsor,
            client=account.client,
            user_id=account.user_id,
            pswd=account.password,
            billing_ref=billing_ref,
            workgroup=workgroup,
            demo=demo,
            del_docs_after=del_docs_after,
            expire_after=expire_after,
            email_content=email_content,
        )

    async def submit(
        self,
        description: str,
        *,
        parties: Sequence[Party],
        forms: Sequence[Form],
        submitter_email: str,
        submitter_name: str | None = None,
        contact_info: str = "",
        transaction_id: str | None = None,
        suspend_on_start: bool = False,
        workgroup: str | None = None,
        demo: bool = False,
        del_docs_after: int | None = None,
        expire_after: int | None = None,
        email_content: str | None = None,
        billing_ref: str | None = None,
        push_url: str | None = None,
        preferences: Mapping[str, str | bool] | None = None,
        use_my_do_x: str | None = None,
        distribute_to_submitter: bool | None = None,
        distribution_emails: Iterable[str] = (),
        distribution_email_content: str | None = None,
        timeout: float | None = None,
        progress: Progress | None = None,
    ) -> AsyncTransaction:
        """Makes a transaction and, unless it is to wait, sends it out for signing (wire).

        It is repeated only where nothing was sent.

        Args:
            description: What it is about, at most 100 characters (inferred). It shows in e-mails;
                keep to ASCII, since a long dash came out garbled (inferred).
            parties: Who signs, in this order.
            forms: The documents.
            submitter_email: The e-mail address of the submitter.
            submitter_name: The name of the submitter (inferred).
            contact_info: Whom signers ask when they have a question, at most 1,000 characters
                (inferred).
            transaction_id: The caller's own identifier: exactly 36 characters of any kind, each
                transaction its own (documented). ``None`` makes a UUID.
            suspend_on_start: Whether the transaction waits until it is resumed. Then forms may
                come without fields: the submitter can place them on the page of
                ``submitter_link``.
            workgroup: The workgroup of the transaction; ``None`` takes the client's.
            demo: Whether this is a demonstration, whose signatures do not count.
            del_docs_after: After how many days SIGNiX deletes its copy of the documents.
            expire_after: After how many days an unfinished transaction expires.
            email_content: Text for the e-mail to the signers, 1 to 10,000 characters.
            billing_ref: A reference for billing, at most 50 characters (inferred).
            push_url: Where the notifications of this transaction go (inferred: reported from live
                use); in production an https address (documented).
            preferences: Settings of this transaction by their names, such as those of
                ``ClientPreference``; a ``bool`` is written yes or no.
            use_my_do_x: The version of the vendor's preparation pages, such as ``latest``.
            distribute_to_submitter: Whether the submitter receives the signed documents.
            distribution_emails: Who else receives them (inferred).
            distribution_email_content: Text for the e-mail that brings them (inferred).
            timeout: Seconds for the whole call; ``None`` takes the client's setting.
            progress: Is told how much of the message has gone.

        Returns:
            The transaction. Store its two identifiers.

        Raises:
            InvalidRequest: An argument breaks a rule or a document cannot be read; nothing was
                sent.
            ConfigurationError: Neither the call nor the client has a workgroup.
            SignixError: SIGNiX refused the transaction.
            OutcomeUnknown: It was sent and no complete answer came; ``reference`` is its
                TransactionID.
            EsignWireError: See ``esignwire.errors``.
        """
        # The types of SubmitDocument take long to import, so only this call imports them.
        from esignwire.signix import _submission
        from esignwire.signix._requests import TransactionKey
        from esignwire.signix.async_transaction import AsyncTransaction

        _submission.check_texts(description=description, contact_info=contact_info)
        _submission.check_email("submitter_email", submitter_email)
        if transaction_id is None:
            transaction_id = str(uuid.uuid4())
        TransactionKey(transaction_id=transaction_id)
        members = _submission.members_of(parties)
        submitted = types.submit_document.SubmitDocumentDataType(
            transaction_id=transaction_id,
            doc_set_description=description,
            submitter_email=submitter_email,
            submitter_name=submitter_name,
            contact_info=contact_info,
            delivery_type="SDDDC",
            suspend_on_start=suspend_on_start,
            use_my_do_x=use_my_do_x,
            distribution_email_content=distribution_email_content,
            distribute_to_submitter=distribute_to_submitter,
            distribution_email_list=_submission.emails("distribution_emails", distribution_emails),
            client_preference=_submission.preferences_of(preferences, push_url, self._account.url),
            member_info=members,
            form=_submission.forms_of(forms, members, is_suspended=suspend_on_start),
        )
        cust_info = self.submit_document_cust_info(
            workgroup=workgroup,
            billing_ref=billing_ref,
            demo=demo,
            del_docs_after=del_docs_after,
            expire_after=expire_after,
            email_content=email_content,
        )
        answer = await self._services.flex_api.submit_document(
            types.submit_document.SubmitDocumentRq(cust_info=cust_info, data=submitted),
            timeout=timeout,
            progress=progress,
        )
        return AsyncTransaction.of(
            self._services, self._account, answer, transaction_id, _submission.ref_ids(members)
        )

    async def call(
        self, method: str, xml: str, *, is_safe: bool = False, timeout: float | None = None
    ) -> RawAnswer:
        """Calls a web method whose structure is not public, such as QueryTransactionStatus.

        Nothing is checked against a schema. The credentials are filled in where the XML has none.

        Args:
            method: The web method, as the vendor spells it.
            xml: Its ``Data`` element, or the whole request, as strict XML. Elements without a
                namespace are put into the vendor's.
            is_safe: Whether the method only reads, so that it may be repeated after bytes were
                sent.
            timeout: Seconds for the whole call; ``None`` takes the client's setting.

        Returns:
            The answer, whose status is 0 or 1.

        Raises:
            InvalidRequest: The method is no name, or the XML is not well-formed or no such
                element; nothing was sent.
            SignixError: The vendor's status means failure.
            OutcomeUnknown: The call was sent and no complete answer came; ``reference`` is the
                DocumentSetID or the TransactionID in the XML.
            EsignWireError: See ``esignwire.errors``.
        """
        from esignwire.signix import _raw

        request = _raw.request_of(method, xml, self._account.cust_info())
        operation = _raw.operation_of(method, request, is_safe=is_safe)
        return (await self._caller.call(operation, request, timeout)).message

    async def resolve(self, error: OutcomeUnknown, *, timeout: float | None = None) -> Resolution:
        """Asks SIGNiX what became of a call whose outcome is unknown.

        GetAccessLink by the TransactionID tells of SubmitDocument: a link means that the
        transaction is there. A refusal leaves the question open, since SIGNiX publishes no code
        for a transaction that is not there. The other methods have no call that tells.

        Args:
            error: The error of the call.
            timeout: Seconds for the whole call; ``None`` takes the client's setting.

        Returns:
            What SIGNiX shows.

        Raises:
            InvalidRequest: ``error`` is no ``OutcomeUnknown``; nothing was sent.
            EsignWireError: SIGNiX could not be asked; see ``esignwire.errors``.
        """
        check_unknown(error, VENDOR)
        if error.operation != "SubmitDocument" or error.reference is None:
            return Resolution.CANNOT_BE_TOLD
        try:
            await self.transaction(transaction_id=error.reference).submitter_link(timeout=timeout)
        except SignixError:
            return Resolution.CANNOT_BE_TOLD
        return Resolution.HAPPENED

    def transaction(
        self,
        *,
        document_set_id: str | None = None,
        transaction_id: str | None = None,
        parties: Iterable[str] = (),
    ) -> AsyncTransaction:
        """Takes hold of a transaction, by exactly one of its identifiers. It does no I/O.

        Args:
            document_set_id: The identifier that SIGNiX gave it, from the answer to SubmitDocument.
            transaction_id: The identifier that its submitter chose: exactly 36 characters.
            parties: The RefID of each party, in the order of the submission, so that
                ``signing_link`` knows them.

        Returns:
            The transaction.

        Raises:
            InvalidRequest: Both or neither is given, or the TransactionID has another length.
        """
        # They import pydantic, which programs that make other calls do without.
        from esignwire.signix._requests import TransactionKey
        from esignwire.signix.async_transaction import AsyncTransaction

        key = TransactionKey(document_set_id=document_set_id, transaction_id=transaction_id)
        return AsyncTransaction(self._services, self._account, key, parties=parties)
