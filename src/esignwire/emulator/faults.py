"""Faults that a test orders for coming calls, and the list of those that wait.

A fault is a plain object, or a JSON object with the same members and ``kind``::

    {"kind": "connection_closed", "when": "after"}
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar, Literal, TypeAlias, cast

from pydantic import ConfigDict, TypeAdapter, ValidationError

from esignwire.errors import ConfigurationError

__all__ = [
    "CommandRefused",
    "CommandsReordered",
    "ConnectionClosed",
    "Fault",
    "FaultOrders",
    "HttpStatus",
    "LateNotification",
    "Latency",
    "Refusal",
    "SoapFault",
    "TokenExpired",
    "Truncated",
    "Vendor",
    "Warned",
    "WrongContentType",
    "read_fault",
    "read_order",
]

Vendor: TypeAlias = Literal["assuresign", "signix", "constellation1"]

_VENDORS: frozenset[str] = frozenset({"assuresign", "signix", "constellation1"})
_ANY = "*"
_MOST_WAITING = 1000
_LONGEST_SECONDS = 3600
_LONGEST_TEXT = 10_000


class _Kind:
    """What all faults share: which vendors and which operation have such a fault."""

    __slots__ = ()

    # A name that is not of this class is a mistake of the caller, so pydantic refuses it.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    vendors: ClassVar[frozenset[str]] = _VENDORS
    operation: ClassVar[str | None] = None
    # Whether the vendor's own module plays it, rather than the HTTP server.
    is_of_vendor: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(_Kind):
    """The vendor refuses the call and does not carry it out.

    Args:
        text: The vendor's words.
        severity: AssureSign: the severity of the exception.
        code: SIGNiX: the status code, 2 or more; 101 is what breaks its schema.
        in_session: AssureSign: the refusal of an asynchronous call waits in its session.
    """

    is_of_vendor: ClassVar[bool] = True

    text: str = "The emulator was told to refuse this call."
    severity: Literal["Error", "Fatal"] = "Error"
    code: int = 101
    in_session: bool = False

    def __post_init__(self) -> None:
        _check_text(self.text, "Refusal.text")
        _check_range(self.code, 2, 999_999, "Refusal.code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned(_Kind):
    """The call succeeds, and the vendor adds a warning.

    Args:
        text: The vendor's words.
    """

    vendors: ClassVar[frozenset[str]] = frozenset({"assuresign", "signix"})
    is_of_vendor: ClassVar[bool] = True

    text: str = "The emulator was told to warn."

    def __post_init__(self) -> None:
        _check_text(self.text, "Warned.text")


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapFault(_Kind):
    """AssureSign answers with a SOAP fault and HTTP 500; the call is not carried out.

    Args:
        text: The fault string.
        code: The local part of the fault code, one of WCF's dispatcher's.
    """

    vendors: ClassVar[frozenset[str]] = frozenset({"assuresign"})
    is_of_vendor: ClassVar[bool] = True

    text: str = "The emulator was told to answer with a fault."
    code: str = "InternalServiceFault"

    def __post_init__(self) -> None:
        _check_text(self.text, "SoapFault.text")
        if not self.code.isascii() or not self.code.isidentifier():
            raise ConfigurationError("SoapFault.code must be a name of ASCII letters and digits.")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpStatus(_Kind):
    """A server in between answers with a page of its own.

    Args:
        status: The HTTP status, 400 to 599.
        text: The page.
        retry_after: The seconds that the header Retry-After names; ``None`` for no such header.
        is_played: Whether the call is carried out nevertheless.
    """

    status: int = 503
    text: str = "<html><body>The service is unavailable.</body></html>"
    retry_after: int | None = None
    is_played: bool = False

    def __post_init__(self) -> None:
        _check_range(self.status, 400, 599, "HttpStatus.status")
        if self.retry_after is not None:
            _check_range(self.retry_after, 0, 86_400, "HttpStatus.retry_after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency(_Kind):
    """The answer is right and late.

    Args:
        seconds: How long the answer waits once the call is carried out, up to an hour.
    """

    seconds: float

    def __post_init__(self) -> None:
        if not 0 <= self.seconds <= _LONGEST_SECONDS:
            raise ConfigurationError(f"Latency.seconds must be 0 to {_LONGEST_SECONDS}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionClosed(_Kind):
    """The connection is closed without an answer.

    Args:
        when: ``before`` the body of the request is read, ``while`` it is read (its first piece has
            arrived), or ``after`` the call was read and carried out. Of SIGNiX, whose body names
            the operation, a piece of the body is read in any case where a fault is ordered for
            one operation.
    """

    when: Literal["before", "while", "after"] = "after"

    def __post_init__(self) -> None:
        _check_choice(self.when, ("before", "while", "after"), "ConnectionClosed.when")


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncated(_Kind):
    """The call is carried out; the answer ends after some bytes, and the connection closes.

    Args:
        size: How many bytes of the body are sent; ``None`` for the half of it.
    """

    size: int | None = None

    def __post_init__(self) -> None:
        if self.size is not None:
            _check_range(self.size, 0, 2**40, "Truncated.size")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongContentType(_Kind):
    """The call is carried out, and its answer is said to be something else.

    Args:
        media_type: The Content-Type.
    """

    media_type: str = "text/html; charset=utf-8"

    def __post_init__(self) -> None:
        if not self.media_type.isascii() or not self.media_type.isprintable():
            raise ConfigurationError("WrongContentType.media_type must be printable ASCII.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenExpired(_Kind):
    """The token of the call is answered as an expired one.

    Constellation1 has a token for each call; of AssureSign only the operations on users and
    accounts take one.
    """

    vendors: ClassVar[frozenset[str]] = frozenset({"assuresign", "constellation1"})
    is_of_vendor: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRefused(_Kind):
    """SIGNiX: one command of a SubmitAjax with several is refused, and the batch is rolled back.

    Args:
        number: Which command, counted from 1.
        response_code: Its responseCode; the vendor uses 0 to 2, and 100 and more are not published.
        text: The vendor's words.
    """

    vendors: ClassVar[frozenset[str]] = frozenset({"signix"})
    operation: ClassVar[str | None] = "SubmitAjax"
    is_of_vendor: ClassVar[bool] = True

    number: int = 1
    response_code: int = 100
    text: str = "The emulator was told to refuse this command."

    def __post_init__(self) -> None:
        _check_range(self.number, 1, 1000, "CommandRefused.number")
        _check_range(self.response_code, 2, 999_999, "CommandRefused.response_code")
        _check_text(self.text, "CommandRefused.text")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandsReordered(_Kind):
    """SIGNiX: the commands of a SubmitAjax run from the last to the first.

    The vendor says that they may run in any order and that the responses keep the order of the
    commands.
    """

    vendors: ClassVar[frozenset[str]] = frozenset({"signix"})
    operation: ClassVar[str | None] = "SubmitAjax"
    is_of_vendor: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LateNotification(_Kind):
    """The vendor's next notification comes late, so that others overtake it, or several times.

    It is ordered for any operation: people bring about notifications too.

    Args:
        seconds: How late, by the emulator's clock, up to an hour.
        copies: How many times it comes.
    """

    operation: ClassVar[str | None] = _ANY

    seconds: float = 0.0
    copies: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.seconds <= _LONGEST_SECONDS:
            raise ConfigurationError(f"LateNotification.seconds must be 0 to {_LONGEST_SECONDS}.")
        _check_range(self.copies, 1, 100, "LateNotification.copies")


Fault: TypeAlias = (
    Refusal
    | Warned
    | SoapFault
    | HttpStatus
    | Latency
    | ConnectionClosed
    | Truncated
    | WrongContentType
    | TokenExpired
    | CommandRefused
    | CommandsReordered
    | LateNotification
)

_KINDS: dict[str, type[Fault]] = {
    "refusal": Refusal,
    "warned": Warned,
    "soap_fault": SoapFault,
    "http_status": HttpStatus,
    "latency": Latency,
    "connection_closed": ConnectionClosed,
    "truncated": Truncated,
    "wrong_content_type": WrongContentType,
    "token_expired": TokenExpired,
    "command_refused": CommandRefused,
    "commands_reordered": CommandsReordered,
    "late_notification": LateNotification,
}


@dataclass(slots=True, kw_only=True)
class _Order:
    vendor: str
    operation: str
    fault: Fault
    times: int

    def fits(self, vendor: str, operation: str | None) -> bool:
        return self.vendor == vendor and self.operation in {_ANY, operation}


class FaultOrders:
    """The faults that wait for calls, the oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Order] = []
        self._operations: dict[str, frozenset[str]] = {}

    def know(self, vendor: Vendor, operations: Iterable[str]) -> None:
        """Tell the names of a vendor's operations, so that a wrong one is refused."""
        self._operations[vendor] = frozenset(operations)

    def add(self, vendor: str, operation: str, fault: Fault, times: int = 1) -> None:
        """Order a fault for the next calls of an operation.

        Args:
            vendor: The vendor.
            operation: The operation as the vendor spells it, or ``*`` for any.
            fault: The fault.
            times: How many calls it befalls.

        Raises:
            ConfigurationError: There is no such vendor or operation, the vendor has no such fault,
                or too many wait.
        """
        if vendor not in _VENDORS:
            raise ConfigurationError(
                f"There is no vendor {vendor!r}; there are {', '.join(sorted(_VENDORS))}."
            )
        check_fits(fault, vendor, operation)
        known = self._operations.get(vendor)
        if operation != _ANY and known is not None and operation not in known:
            raise ConfigurationError(
                f"{vendor} has no operation {operation!r}; there are {', '.join(sorted(known))}."
            )
        _check_range(times, 1, _MOST_WAITING, "times")
        with self._lock:
            if len(self._waiting) >= _MOST_WAITING:
                raise ConfigurationError(f"{_MOST_WAITING} faults wait already.")
            self._waiting.append(
                _Order(vendor=vendor, operation=operation, fault=fault, times=times)
            )

    def waits(self, vendor: str) -> bool:
        """Tell whether any fault waits for a vendor."""
        return any(order.vendor == vendor for order in self._waiting)

    def take(self, vendor: str, operation: str | None) -> Fault | None:
        """Take the oldest fault that waits for an operation, if one does.

        An operation that is not known takes a fault of any operation alone.
        """
        return self._take(vendor, operation, is_late=False)

    def take_late(self, vendor: str) -> LateNotification:
        """Take the oldest fault that waits for a notification; where none waits, it is on time."""
        fault = self._take(vendor, None, is_late=True)
        return fault if isinstance(fault, LateNotification) else LateNotification()

    def _take(self, vendor: str, operation: str | None, *, is_late: bool) -> Fault | None:
        with self._lock:
            for order in self._waiting:
                is_of_kind = isinstance(order.fault, LateNotification) is is_late
                if is_of_kind and order.fits(vendor, operation):
                    order.times -= 1
                    if not order.times:
                        self._waiting.remove(order)
                    return order.fault
        return None

    def clear(self) -> None:
        """Forget all orders."""
        with self._lock:
            self._waiting.clear()

    def summary(self) -> list[dict[str, object]]:
        """Describe the faults that wait."""
        names = {kind: name for name, kind in _KINDS.items()}
        with self._lock:
            return [
                {
                    "vendor": order.vendor,
                    "operation": order.operation,
                    "fault": {"kind": names[type(order.fault)], **asdict(order.fault)},
                    "times": order.times,
                }
                for order in self._waiting
            ]


def check_fits(fault: Fault, vendor: str, operation: str | None) -> None:
    """Refuse a fault that a vendor or an operation does not have.

    Raises:
        ConfigurationError: It does not.
    """
    name = type(fault).__name__
    if vendor not in fault.vendors:
        raise ConfigurationError(f"{vendor} has no {name}; {_listed(fault.vendors)} has.")
    if fault.operation is not None and operation not in {fault.operation, _ANY}:
        befallen = "notifications" if fault.operation == _ANY else fault.operation
        raise ConfigurationError(f"{name} befalls {befallen} alone.")


def read_fault(document: object) -> Fault:
    """Read a fault from a JSON object, or from its text.

    Raises:
        ConfigurationError: It is none.
    """
    members = _object(document, "A fault")
    kind = members.pop("kind", None)
    cls = _KINDS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise ConfigurationError(f"The kind of a fault is one of {', '.join(_KINDS)}.")
    try:
        return cast("Fault", TypeAdapter[object](cls).validate_json(json.dumps(members)))
    except ValidationError as refused:
        first = refused.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ConfigurationError(f"The fault {kind}: {place}: {first['msg']}.") from None


def read_order(document: object) -> tuple[str, str, Fault, int]:
    """Read an order from JSON: ``vendor``, ``operation``, ``fault`` and perhaps ``times``.

    Raises:
        ConfigurationError: It is none.
    """
    members = _object(document, "An order")
    vendor, operation = members.pop("vendor", None), members.pop("operation", _ANY)
    fault, times = read_fault(members.pop("fault", None)), members.pop("times", 1)
    if members or not isinstance(vendor, str) or not isinstance(operation, str):
        raise ConfigurationError("An order has vendor, operation, fault and times.")
    if not isinstance(times, int) or isinstance(times, bool):
        raise ConfigurationError("times must be a whole number.")
    return vendor, operation, fault, times


def _object(document: object, what: str) -> dict[str, object]:
    if isinstance(document, str | bytes):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError):
            document = None
    if not isinstance(document, Mapping):
        raise ConfigurationError(f"{what} must be a JSON object.")
    return dict(cast("Mapping[str, object]", document))


def _check_text(text: str, name: str) -> None:
    # XML holds no control characters, and a surrogate has no bytes.
    is_writable = all(letter >= " " and not "\ud800" <= letter <= "\udfff" for letter in text)
    if not text.strip() or len(text) > _LONGEST_TEXT or not is_writable:
        raise ConfigurationError(f"{name} must be a text of one line.")


def _check_range(number: int, least: int, most: int, name: str) -> None:
    if not least <= number <= most:
        raise ConfigurationError(f"{name} must be {least} to {most}.")


def _check_choice(value: str, choices: tuple[str, ...], name: str) -> None:
    if value not in choices:
        raise ConfigurationError(f"{name} must be one of {', '.join(choices)}.")


def _listed(names: Iterable[str]) -> str:
    return " or ".join(sorted(names))
