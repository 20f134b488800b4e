"""The SIGNiX client, async. The sync twin is derived from this file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from esignwire._client import AsyncClient
from esignwire._http import HttpSettings
from esignwire.errors import ConfigurationError
from esignwire.signix.async_flex_api import AsyncFlexApi
from esignwire.signix.settings import VENDOR, SignixSettings
from esignwire_generated.signix import types
from esignwire_generated.signix.async_operations import AsyncOperations
from esignwire_generated.signix.services import AsyncServices
from esignwire_generated.signix.types.common import CustInfoType

if TYPE_CHECKING:
    from esignwire.signix.async_transaction import AsyncTransaction

__all__ = ["AsyncSignix"]


class AsyncSignix(AsyncClient[SignixSettings], AsyncOperations):
    """A client of SIGNiX FlexAPI. Use it as a context manager, or close it.

    Making one does no I/O. Every web method is reachable, typed, through ``services``; what
    is done to one transaction stands at ``transaction``. SIGNiX wants the password in each
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
        workgroup = workgroup or account.workgroup
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

    def transaction(
        self, *, document_set_id: str | None = None, transaction_id: str | None = None
    ) -> AsyncTransaction:
        """Takes hold of a transaction, by exactly one of its identifiers. It does no I/O.

        Args:
            document_set_id: The identifier that SIGNiX gave it, from the answer to SubmitDocument.
            transaction_id: The identifier that its submitter chose: exactly 36 characters.

        Returns:
            The transaction.

        Raises:
            InvalidRequest: Both or neither is given, or the TransactionID has another length.
        """
        # They import pydantic, which programs that make other calls do without.
        from esignwire.signix._requests import TransactionKey
        from esignwire.signix.async_transaction import AsyncTransaction

        key = TransactionKey(document_set_id=document_set_id, transaction_id=transaction_id)
        return AsyncTransaction(self._services, self._account, key)
