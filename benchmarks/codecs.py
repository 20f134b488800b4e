"""Messages to bytes and back, without a network."""

from __future__ import annotations

from benchmarks.messages import ACCOUNT, TOKEN, check_status_answer, item_id
from esignwire._call import Call
from esignwire._codec import read_response
from esignwire._http import HttpResponse
from esignwire._soap import content_of, open_envelope
from esignwire_generated.assuresign.names import NAMESPACES, SENSITIVE
from esignwire_generated.assuresign.services.check_status import CHECK_STATUS
from esignwire_generated.assuresign.types.check_status import (
    ArrayOfDocumentStatusCheck,
    CheckStatus,
    CheckStatusResponse,
    DocumentStatusCheck,
)

_CALL = Call(vendor="AssureSign", operation="CheckStatus", is_safe=True, sensitive=SENSITIVE)
_MAX_BYTES = 64 * 1024 * 1024


def request(items: int) -> CheckStatus:
    """A request about so many documents."""
    return CheckStatus(
        document_status_checks=ArrayOfDocumentStatusCheck(
            document_status_check=[
                DocumentStatusCheck(context_identifier=ACCOUNT, id=item_id(n), auth_token=TOKEN)
                for n in range(items)
            ]
        )
    )


def encode(message: CheckStatus) -> bytes:
    """Ours: the generated encoder."""
    return CHECK_STATUS.encode(message).text.encode("utf-8")


def decode(content: bytes) -> CheckStatusResponse:
    """Ours, as in a call: strict parsing within limits, the envelope, the generated decoder."""
    response = HttpResponse(status=200, headers={"content-type": "text/xml"}, content=content)
    received = open_envelope(response, _CALL, _MAX_BYTES)
    body = content_of(received.root, response, _CALL, None)
    return read_response(CHECK_STATUS, body, _CALL, NAMESPACES, 200)


def answer(items: int) -> bytes:
    return check_status_answer(items).head.encode()
