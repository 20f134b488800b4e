"""Notifications that the emulator sends as the vendors do, each when something changes.

SIGNiX's go to the address of the transaction (``TransactionClientNotifyURL``) or the account's,
Constellation1's to one address, AssureSign's by the designs of the settings. What changed is found
by comparing what a call touched with what was told of it before. Chosen here, since the vendors
publish nothing of it: how often and how soon a failed one is sent again, that Constellation1 takes
any 2xx for received, and which fields of a design have values.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import logging
import queue
import re
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from esignwire.emulator.assuresign import Document, DocumentStatus, Envelope, EnvelopeStatus
from esignwire.emulator.constellation1 import (
    SessionSigner,
    SessionStatus,
    SignerStatus,
    SigningSession,
)
from esignwire.emulator.settings import DocumentTrakDesign, EmulatorSettings
from esignwire.emulator.signix import Transaction, TransactionStatus
from esignwire.emulator.state import State

__all__ = ["Courier", "Delivery", "Telling"]

_LOGGER = logging.getLogger("esignwire.emulator")
_SECONDS = 5.0
_MOST_WAITING = 10_000
_MOST_KEPT = 1_000
_SHORTEST_ALARM = 0.05
_STOP_SECONDS = 1.0
_MOST_ANSWER = 64 * 1024
_MERGE_FIELD = re.compile(r"\[([^\[\]]+)\]")
_TOLD = frozenset({SignerStatus.COMPLETED, SignerStatus.DECLINED})
_ACTIONS = {
    TransactionStatus.SUSPENDED: "suspend",
    TransactionStatus.COMPLETE: "complete",
    TransactionStatus.CANCELLED: "cancel",
    TransactionStatus.EXPIRED: "expire",
}
_ENDS = {
    "Completed": "Document_Completed",
    "Expired": "Document_Expired",
    "Declined": "Document_Declined",
    "Cancelled": "Document_Cancelled",
    "SignerAuthenticationFailed": "Document_SignerAuthFailure",
}
_ENVELOPE_EVENTS = {
    EnvelopeStatus.IN_PROGRESS: "Envelope_Closure",
    EnvelopeStatus.COMPLETED: "Envelope_Complete",
    EnvelopeStatus.EXPIRED: "Envelope_Expire",
    EnvelopeStatus.DECLINED: "Envelope_Decline",
    EnvelopeStatus.CANCELLED: "Envelope_Cancel",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A notification that was sent, or could not be.

    Args:
        vendor: The vendor.
        event: What it tells, such as ``partyComplete`` or ``Document_Completed``.
        url: Where it went. It may hold a secret, so that no representation shows it.
        body: What it carried; ``None`` where all stands in the address.
        expected: What must stand in the body of the answer; ``None`` where that does not count.
        is_exact: Whether nothing else may stand there.
        attempts: How often it was sent.
        is_received: Whether the last answer said so.
    """

    vendor: str
    event: str
    url: str = field(repr=False)
    body: str | None = field(default=None, repr=False)
    expected: str | None = None
    is_exact: bool = False
    attempts: int = 0
    is_received: bool = False


@dataclass(slots=True)
class _Told:
    """Where things stood when it was last told of them."""

    # Whether Send was told, which parties had signed, and the status.
    transactions: dict[str, tuple[bool, tuple[bool, ...], TransactionStatus]] = field(
        default_factory=dict[str, tuple[bool, tuple[bool, ...], TransactionStatus]]
    )
    sessions: dict[UUID, SessionStatus] = field(default_factory=dict[UUID, SessionStatus])
    signers: dict[UUID, SignerStatus] = field(default_factory=dict[UUID, SignerStatus])
    documents: dict[UUID, tuple[DocumentStatus, int]] = field(
        default_factory=dict[UUID, tuple[DocumentStatus, int]]
    )
    envelopes: dict[UUID, EnvelopeStatus] = field(default_factory=dict[UUID, EnvelopeStatus])


class Courier:
    """Finds what there is to tell, and sends it, one after the other, in a thread of its own."""

    def __init__(self, state: State, settings: EmulatorSettings) -> None:
        self._state = state
        self._settings = settings
        self._told = _Told()
        self._waiting: queue.Queue[Delivery | None] = queue.Queue(_MOST_WAITING)
        self._sent: deque[Delivery] = deque(maxlen=_MOST_KEPT)
        # Those that are to be late, with the times when they are due, and what wakes up for them.
        self._late: list[tuple[datetime, Delivery]] = []
        self._alarm: threading.Timer | None = None
        self._is_closed = threading.Event()
        self._thread: threading.Thread | None = None
        # What a state file brought back was told before.
        for thing in (
            *state.signix.transactions.values(),
            *state.constellation1.sessions.values(),
            *state.assuresign.documents.values(),
            *state.assuresign.envelopes.values(),
        ):
            for _ in self._changes(thing):
                pass

    @property
    def has_news(self) -> bool:
        """Whether calls have touched anything since the last time, or something is late."""
        return bool(self._state.touched or self._late)

    @property
    def sent(self) -> tuple[Delivery, ...]:
        """The last notifications that were sent, the oldest first."""
        return tuple(self._sent)

    def tell(self) -> None:
        """Send what has changed since the last time, and what was late and is due now."""
        with self._state.lock:
            now = self._state.now()
            touched, self._state.touched = self._state.touched, []
            for one in (one for thing in touched for one in self._changes(thing)):
                fault = self._state.faults.take_late(one.vendor.lower())
                copies = [one] * (self._settings.notification_copies * fault.copies)
                if fault.seconds:
                    due = now + timedelta(seconds=fault.seconds)
                    room = max(0, _MOST_WAITING - len(self._late))
                    self._late += [(due, copy) for copy in copies[:room]]
                    continue
                for copy in copies:
                    self.send(copy)
            waiting, self._late = self._late, []
            for due, one in waiting:
                if due <= now:
                    self.send(one)
                else:
                    self._late.append((due, one))
            self._set_alarm(now)

    def _set_alarm(self, now: datetime) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._late and not self._is_closed.is_set():
            seconds = (min(due for due, _ in self._late) - now).total_seconds()
            # The clock may be a test's, which stands still.
            self._alarm = threading.Timer(max(seconds, _SHORTEST_ALARM), self.tell)
            self._alarm.daemon = True
            self._alarm.start()

    def send(self, delivery: Delivery) -> None:
        """Send a notification, also one that was sent before."""
        if self._is_closed.is_set():
            return
        if not self._settings.notifies_elsewhere and not _is_here(delivery.url):
            _LOGGER.warning("%s: no notification leaves this machine", delivery.vendor)
            return
        try:
            self._waiting.put_nowait(replace(delivery, attempts=0, is_received=False))
        except queue.Full:
            _LOGGER.warning("%s: too many notifications wait", delivery.vendor)
            return
        with self._state.lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="esignwire emulator's notifications", daemon=True
                )
                self._thread.start()

    def wait(self) -> None:
        """Wait until all has been sent, or given up, but for what is late and not due yet."""
        self._waiting.join()

    def close(self) -> None:
        """Send nothing more."""
        with self._state.lock:
            self._is_closed.set()
            if self._alarm is not None:
                self._alarm.cancel()
        if self._thread is not None:
            with contextlib.suppress(queue.Full):
                self._waiting.put_nowait(None)
            # One that is being sent may have to wait for its answer; it ends with the process.
            self._thread.join(_STOP_SECONDS)
            self._thread = None

    def _work(self) -> None:
        while (delivery := self._waiting.get()) is not None:
            try:
                for attempt in range(1, self._settings.notification_attempts + 1):
                    if self._is_closed.is_set():
                        break
                    delivery = replace(
                        delivery, attempts=attempt, is_received=_is_received(delivery)
                    )
                    if delivery.is_received:
                        break
                    if attempt < self._settings.notification_attempts:
                        self._is_closed.wait(self._settings.notification_seconds)
                self._sent.append(delivery)
            except Exception:
                _LOGGER.exception("a notification failed inside the emulator")
            finally:
                self._waiting.task_done()
        self._waiting.task_done()

    def _changes(self, thing: object) -> Iterator[Delivery]:
        match thing:
            case State():
                self._told = _Told()
                self._late.clear()
            case Transaction():
                # A command may have put another in its place.
                place = thing.document_set_id
                yield from self._of_transaction(self._state.signix.transactions.get(place, thing))
            case SigningSession():
                yield from self._of_session(thing)
            case Document() if self._settings.designs:
                if thing.envelope is not None:
                    yield from self._changes(thing.envelope)
                else:
                    yield from self._of_document(thing)
            case Envelope() if self._settings.designs:
                for document in thing.documents:
                    yield from self._of_document(document)
                if self._told.envelopes.get(thing.id) is not thing.status:
                    self._told.envelopes[thing.id] = thing.status
                    yield from self._by_design(_ENVELOPE_EVENTS.get(thing.status), None, thing)
            case _:
                pass

    def _of_transaction(self, one: Transaction) -> Iterator[Delivery]:
        url = one.preferences.get("TransactionClientNotifyURL") or self._settings.signix_notify_url
        if not url:
            return
        signed = tuple(member.has_signed for member in one.members)
        was_sent, before, status = self._told.transactions.get(
            one.document_set_id, (False, (False,) * len(signed), TransactionStatus.IN_PROGRESS)
        )
        is_sent = was_sent or one.status is TransactionStatus.IN_PROGRESS
        self._told.transactions[one.document_set_id] = (is_sent, signed, one.status)
        events: list[tuple[str, int | None]] = [("Send", None)] if is_sent and not was_sent else []
        events += [
            ("partyComplete", place)
            for place, (now, then) in enumerate(zip(signed, before, strict=True))
            if now and not then
        ]
        if one.status is not status and one.status in _ACTIONS:
            events.append((_ACTIONS[one.status], None))
        for action, place in events:
            query = {
                "action": action,
                "id": one.document_set_id,
                "extid": one.transaction_id,
            }
            if place is not None:
                query["pid"] = f"P{place + 1:02}"
                ref_id = one.members[place].ref_id
                query |= {"refid": ref_id} if ref_id else {}
            query["ts"] = f"{self._state.now():%Y-%m-%dT%H:%M:%S}"
            yield Delivery(
                vendor="SIGNiX",
                event=action,
                url=f"{url}{'&' if '?' in url else '?'}{urlencode(query)}",
                expected="OK",
                is_exact=True,
            )

    def _of_session(self, one: SigningSession) -> Iterator[Delivery]:
        url = self._settings.constellation1_webhook_url
        status = self._told.sessions.get(one.id, SessionStatus.IN_DRAFT)
        self._told.sessions[one.id] = one.status
        changed: list[tuple[str, SessionSigner | None, int]] = []
        for signer in one.signers:
            before = self._told.signers.get(signer.id)
            self._told.signers[signer.id] = signer.status
            if signer.status is not before and signer.status in _TOLD:
                changed.append(("SignerStatus", signer, int(signer.status)))
        if one.status is not status:
            changed.append(("SessionStatus", None, int(one.status)))
        if not url:
            return
        for kind, told, number in changed:
            data = {
                "SigningSessionId": str(one.id),
                "NewSigningSessionId": None,
                "SignerId": str(told.id) if told else None,
                "Type": kind,
                "Status": number,
                "Title": one.information.get("Title"),
                "DeclinedReason": told.declined_reason if told else None,
            }
            yield Delivery(
                vendor="Constellation1",
                event=f"{kind} {number}",
                url=url,
                body=json.dumps({"Data": data}),
            )

    def _of_document(self, one: Document) -> Iterator[Delivery]:
        status, step = self._told.documents.get(one.id, (DocumentStatus.CREATED, 0))
        self._told.documents[one.id] = (one.status, one.step)
        events: list[str | None] = []
        if step == 0 < one.step:
            events.append("Document_Started")
        is_completed = one.status is DocumentStatus.COMPLETED is not status
        if step and (one.step > step or is_completed):
            events.append("SigningStep_Completed")
        if one.step > step:
            events.append("SigningStep_Started")
        if one.status is not status:
            events.append(_ENDS.get(one.status))
        for event in events:
            yield from self._by_design(event, one, one.envelope)

    def _by_design(
        self, event: str | None, document: Document | None, envelope: Envelope | None
    ) -> Iterator[Delivery]:
        for design in self._settings.designs:
            if design.event == event:
                yield Delivery(
                    vendor="AssureSign",
                    event=design.event,
                    url=design.url,
                    body=_filled(design, document, envelope),
                    expected=design.expected,
                )


class Telling:
    """The application, with a courier that tells what a request changed before it is answered."""

    def __init__(self, app: ASGIApp, courier: Courier) -> None:
        self._app = app
        self._courier = courier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        try:
            await self._app(scope, receive, partial(self._send, send))
        finally:
            await self._tell()

    async def _send(self, send: Send, message: Message) -> None:
        # The caller's next request may change the same thing again.
        await self._tell()
        await send(message)

    async def _tell(self) -> None:
        if self._courier.has_news:
            await run_in_threadpool(self._courier.tell)


def _filled(
    design: DocumentTrakDesign, document: Document | None, envelope: Envelope | None
) -> str:
    values = {"Transaction Type Name": "Envelope" if document is None else "Document"}
    if envelope is not None:
        values["Envelope ID"] = str(envelope.id)
    if document is not None:
        values |= dict(document.parameters)
        values["Transaction Name"] = document.name or ""
        values["Username"] = document.owner or ""
        for number, signatory in enumerate(document.signatories, 1):
            values.setdefault(f"Signatory {number} Email Address", signatory.email_address or "")
    # A name that is not known stays as it is.
    return _MERGE_FIELD.sub(lambda match: values.get(match[1], match[0]), design.body)


def _is_received(delivery: Delivery) -> bool:
    """Send a notification once, and tell whether the answer says that it was received."""
    parts = urlsplit(delivery.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    try:
        with contextlib.closing(kind(parts.hostname or "", parts.port, timeout=_SECONDS)) as to:
            if delivery.body is None:
                to.request("GET", target)
            else:
                types = {"{": "application/json", "<": "text/xml"}
                media_type = types.get(delivery.body.lstrip()[:1], "text/plain")
                headers = {"Content-Type": f"{media_type}; charset=utf-8"}
                to.request("POST", target, delivery.body.encode("utf-8"), headers)
            answer = to.getresponse()
            text = answer.read(_MOST_ANSWER).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException, ValueError):
        return False
    if delivery.is_exact:
        return answer.status == 200 and text == delivery.expected
    return 200 <= answer.status < 300 and (delivery.expected or "") in text


def _is_here(url: str) -> bool:
    """Tell whether an address is one of this machine, without asking any name server."""
    try:
        name = urlsplit(url).hostname or ""
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
