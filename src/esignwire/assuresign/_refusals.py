"""Refusals of AssureSign: what the vendor says in the exceptions of its results.

The schemas mark the members that tell of a refusal, so that a result of any contract is read in the
same way.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import NamedTuple, Protocol, TypeVar, cast

from esignwire._codec import Answered
from esignwire.assuresign.outcomes import Severity, VendorException
from esignwire.assuresign.settings import VENDOR
from esignwire.errors import AssureSignError

__all__ = ["exceptions_of", "refusal", "require_success"]

_Answer = TypeVar("_Answer")

_SEVERITIES = {one.value: one for one in Severity}


class _Item(Protocol):
    """One exception of any contract: each declares its own type of the same shape."""

    @property
    def value(self) -> str: ...

    @property
    def severity(self) -> str: ...


class _Roles(NamedTuple):
    """The members of a type that tell of a refusal."""

    exceptions: str | None
    success: str | None
    session: str | None
    others: tuple[str, ...]

    @property
    def is_result(self) -> bool:
        return self.exceptions is not None or self.success is not None


@functools.cache
def _roles(kind: type) -> _Roles:
    declared = fields(kind)
    found: dict[str, str] = {
        one.metadata["role"]: one.name for one in declared if "role" in one.metadata
    }
    return _Roles(
        exceptions=found.get("exceptions"),
        success=found.get("is_done"),
        session=found.get("lookup"),
        others=tuple(one.name for one in declared),
    )


def _results(value: object) -> Iterator[tuple[object, _Roles]]:
    """Yields the results in a message: what has exceptions, and no part of such a thing."""
    if isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _results(item)
    elif is_dataclass(value) and not isinstance(value, type):
        roles = _roles(type(value))
        if roles.is_result:
            yield value, roles
            return
        for name in roles.others:
            yield from _results(getattr(value, name))


def _said(result: object, roles: _Roles) -> tuple[VendorException, ...]:
    if roles.exceptions is None:
        return ()
    items = cast("Iterable[_Item] | None", getattr(result, roles.exceptions))
    return tuple(
        VendorException(
            severity=_SEVERITIES.get(str(item.severity), str(item.severity)),
            text=item.value.strip(),
        )
        for item in items or ()
    )


def exceptions_of(answer: object) -> tuple[VendorException, ...]:
    """Reads what the vendor says in an answer of any operation: warnings, errors and fatal ones.

    Args:
        answer: The answer, one result of it, or a list of results.

    Returns:
        The exceptions of all results in it, in the vendor's order. What a result says of the
        things in it, such as a session of its documents, is not among them.
    """
    return tuple(one for result, roles in _results(answer) for one in _said(result, roles))


def require_success(answer: _Answer) -> _Answer:
    """Raises where the vendor refused what was asked, in an answer of any operation.

    Args:
        answer: The answer, one result of it, or a list of results.

    Returns:
        The same answer. It may hold warnings.

    Raises:
        AssureSignError: A result in it has an exception of severity Error or Fatal, or says
            ``Success="false"``.
    """
    for result, roles in _results(answer):
        error = _refusal(result, roles)
        if error is not None:
            raise error
    return answer


def refusal(answered: Answered[object], result: object) -> AssureSignError | None:
    """The error for a result that says that the vendor did not do what was asked."""
    errors = (_refusal(one, roles, answered) for one, roles in _results(result))
    return next((error for error in errors if error is not None), None)


def _refusal(
    result: object, roles: _Roles, answered: Answered[object] | None = None
) -> AssureSignError | None:
    exceptions = _said(result, roles)
    has_failed = roles.success is not None and getattr(result, roles.success) is False
    if not has_failed and all(one.is_warning for one in exceptions):
        return None
    words = "; ".join(f"{one.severity}: {one.text}" for one in exceptions)
    session: uuid.UUID | None = None if roles.session is None else getattr(result, roles.session)
    # The schemas require a session: the vendor writes zeros where it began none.
    begun = None if session is None or not session.int else str(session)
    advice = "" if begun is None else f"; look session {begun} up for what was done"
    error = AssureSignError(
        f"the vendor refused the call: {words or 'without a reason'}{advice}",
        exceptions=tuple((str(one.severity), one.text) for one in exceptions),
        session_id=begun,
        vendor=VENDOR,
        operation=None if answered is None else answered.call.operation,
        http_status=None if answered is None else answered.http_status,
    )
    error.result = result
    return error
