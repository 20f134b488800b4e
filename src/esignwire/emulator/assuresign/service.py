"""Service of AssureSign DocumentNOW v2: its addresses, and its operations by name.

The addresses below ``/assuresign`` are the vendor's own, whatever their case:
``Services/DocumentNOW/v2/DocumentNOW.svc/<Contract>/text`` takes SOAP 1.1, ``…/mtom`` the same as
MTOM, and the service file answers ``?wsdl`` and ``?singleWsdl``.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from urllib.parse import unquote

from esignwire.emulator._wire import Element, WireAnswer, WireRequest, plain_answer
from esignwire.emulator.assuresign import (
    accounts,
    documents,
    downloads,
    envelopes,
    links,
    signatories,
    submit,
    templates,
    users,
    validation,
)
from esignwire.emulator.assuresign.context import Context
from esignwire.emulator.assuresign.operations import Operation
from esignwire.emulator.assuresign.soap import (
    Call,
    Fault,
    fault_answer,
    message_answer,
    read_message,
)
from esignwire.emulator.assuresign.state import AssureSignState
from esignwire.emulator.assuresign.wsdl import publish
from esignwire.emulator.faults import SoapFault
from esignwire.emulator.schemas import Schemas
from esignwire.emulator.settings import EmulatorSettings
from esignwire.emulator.shared import Shared

__all__ = ["PLAYERS", "AssureSign"]

_SERVICE = re.compile(
    r"/assuresign/services/documentnow/v2/documentnow\.svc"
    r"(?:/(?P<contract>[a-z]+)/(?P<encoding>[a-z]+))?/?",
    re.IGNORECASE | re.ASCII,
)
_SERVICE_FILE = "/assuresign/Services/DocumentNOW/v2/DocumentNOW.svc"
_LOGGER = logging.getLogger("esignwire.emulator")

PLAYERS: dict[str, Operation] = {
    **accounts.OPERATIONS,
    **documents.OPERATIONS,
    **downloads.OPERATIONS,
    **envelopes.OPERATIONS,
    **links.OPERATIONS,
    **signatories.OPERATIONS,
    **submit.OPERATIONS,
    **templates.OPERATIONS,
    **users.OPERATIONS,
    **validation.OPERATIONS,
}
"""What plays each operation."""


class AssureSign:
    """AssureSign.

    Args:
        state: What AssureSign remembers.
        shared: The lock, the clock and the identifiers.
        settings: How the emulator behaves.
        schemas: What messages are judged by.
    """

    def __init__(
        self, state: AssureSignState, shared: Shared, settings: EmulatorSettings, schemas: Schemas
    ) -> None:
        state.admit(settings.accounts.assuresign)
        self._state = state
        self._shared = shared
        self._settings = settings
        self._schemas = schemas

    def answer(self, request: WireRequest) -> WireAnswer:
        """Answer a request, also one that makes no sense."""
        place = _SERVICE.fullmatch(unquote(request.path, errors="replace"))
        if place is None:
            return plain_answer(404, f"There is nothing here. The service is {_SERVICE_FILE}.")
        contract, encoding = place["contract"], place["encoding"]
        if contract is None:
            return self._service_file(request)
        operations = self._schemas.operations.get(contract.lower())
        if operations is None or encoding.lower() not in {"text", "mtom"}:
            return plain_answer(404, f"There is no such contract. See {_SERVICE_FILE}?wsdl.")
        if request.method != "POST":
            return plain_answer(405, "This address takes POST.", Allow="POST")
        is_mtom = encoding.lower() == "mtom"
        name = "-"
        try:
            call = read_message(request, operations, self._schemas, self._settings, is_mtom=is_mtom)
            if isinstance(call, WireAnswer):
                return call
            name = call.operation.name
            response, context = self._play(call, request)
            answer = message_answer(response, context.sent, name, is_mtom=is_mtom)
            return replace(answer, outcome="refused" if context.is_refused else "done")
        except Fault as fault:
            return fault_answer(fault, name, is_mtom=is_mtom)
        except Exception:
            _LOGGER.exception("AssureSign %s failed inside the emulator", name)
            failed = Fault.internal("The emulator failed; its log says more.")
            return fault_answer(failed, name, is_mtom=is_mtom)

    def _play(self, call: Call, request: WireRequest) -> tuple[Element, Context]:
        if isinstance(request.fault, SoapFault):
            raise Fault.internal(request.fault.text, request.fault.code)
        operation = call.operation
        play = PLAYERS.get(operation.name)
        if play is None:
            raise Fault.action_not_supported(
                f"The emulator does not play {operation.name} of {operation.contract}."
            )
        with self._shared.lock:
            context = Context(
                self._state,
                self._shared,
                self._settings,
                operation,
                call.documents,
                request.base_url,
                self._schemas,
                request.fault,
            )
            response = play(context, call.message)
        violation = self._schemas.judge_assuresign(operation.contract, response)
        if violation is not None:
            raise Fault.internal(f"The emulator's own answer breaks the schema: {violation}")
        return response, context

    def _service_file(self, request: WireRequest) -> WireAnswer:
        if request.method not in {"GET", "HEAD"}:
            return plain_answer(
                405,
                "POST to the address of a contract, such as /CheckStatus/text.",
                Allow="GET, HEAD",
            )
        try:
            query = request.query_fields()
        except ValueError:
            query = []
        published = publish(query, request.base_url + _SERVICE_FILE, self._schemas)
        return published or plain_answer(400, f"Ask for {_SERVICE_FILE}?wsdl.")
