"""Names a transaction in a message, in one of the two ways that the vendor takes."""

from __future__ import annotations

from dataclasses import dataclass

from esignwire.errors import InvalidRequest
from esignwire.signix.settings import VENDOR

__all__ = ["TransactionKey"]

_TRANSACTION_ID_LENGTH = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionKey:
    """A transaction, by exactly one of its identifiers.

    Args:
        document_set_id: The identifier that SIGNiX gave it.
        transaction_id: The identifier that its submitter chose: exactly 36 characters of any kind
            (documented).

    Raises:
        InvalidRequest: Both or neither is given, or one cannot be right.
    """

    document_set_id: str | None = None
    transaction_id: str | None = None

    def __post_init__(self) -> None:
        if (self.document_set_id is None) is (self.transaction_id is None):
            given = "neither is" if self.document_set_id is None else "both are"
            raise _refused(
                "name the transaction by its document_set_id or by its transaction_id, exactly one"
                f" of them; {given} given",
                "SubmitAjaxRq/Data",
                None,
                "exactly one of DocumentSetID and TransactionID",
            )
        for name, value in (
            ("document_set_id", self.document_set_id),
            ("transaction_id", self.transaction_id),
        ):
            if value is not None and not _is_text(value):
                raise _refused(
                    f"{name} must be a str and is of type {type(value).__name__}: give it as text,"
                    " such as str(uuid)",
                    "SubmitAjaxRq/Data",
                    None,
                    "a str",
                )
        if self.document_set_id is not None and not self.document_set_id.strip():
            raise _refused(
                "document_set_id is empty: give the DocumentSetID that SubmitDocument returned",
                "SubmitAjaxRq/Data/DocumentSetID",
                self.document_set_id,
                "not empty",
            )
        transaction_id = self.transaction_id
        if transaction_id is not None and len(transaction_id) != _TRANSACTION_ID_LENGTH:
            raise _refused(
                f"transaction_id must have exactly {_TRANSACTION_ID_LENGTH} characters and has"
                f" {len(transaction_id)}: give the TransactionID as it was submitted, blanks"
                " included",
                "SubmitAjaxRq/Data/TransactionID",
                transaction_id if len(transaction_id) <= 2 * _TRANSACTION_ID_LENGTH else None,
                f"exactly {_TRANSACTION_ID_LENGTH} characters",
            )


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _refused(what: str, path: str, value: str | None, rule: str) -> InvalidRequest:
    return InvalidRequest(
        f"{what}; nothing was sent", path=path, value=value, rule=rule, vendor=VENDOR
    )
