"""CheckStatus with lxml, as a competent person writes it for this one message.

It makes the same dataclasses with the same types as the generated code.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from lxml import etree

from benchmarks.messages import CHECK_STATUS, SOAP
from esignwire_generated.assuresign.types.check_status import (
    ArrayOfDocumentStatusCheckResult,
    ArrayOfStatusCheckException,
    CheckStatus,
    CheckStatusResponse,
    DocumentStatusCheckResult,
    StatusCheckException,
    StatusCheckExceptionSeverity,
    StatusCheckStatusType,
)

_NS = f"{{{CHECK_STATUS}}}"


def encode(request: CheckStatus) -> bytes:
    """Writes the message."""
    root = etree.Element(f"{_NS}CheckStatus", nsmap={None: CHECK_STATUS})
    checks = etree.SubElement(root, f"{_NS}DocumentStatusChecks")
    if request.document_status_checks is not None:
        for check in request.document_status_checks.document_status_check:
            etree.SubElement(
                checks,
                f"{_NS}DocumentStatusCheck",
                ContextIdentifier=str(check.context_identifier),
                Id=str(check.id),
                AuthToken=str(check.auth_token),
            )
    return etree.tostring(root, encoding="utf-8")


def decode(content: bytes) -> CheckStatusResponse:
    """Reads the message out of its envelope."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    envelope = etree.fromstring(content, parser)
    response = envelope.find(f"{{{SOAP}}}Body/{_NS}CheckStatusResponse")
    if response is None:
        raise ValueError("no CheckStatusResponse")
    results: list[DocumentStatusCheckResult] = []
    for element in response.iterfind(
        f"{_NS}DocumentStatusCheckResults/{_NS}DocumentStatusCheckResult"
    ):
        date = element.get("StatusDate")
        status = element.get("StatusType")
        exceptions = element.find(f"{_NS}Exceptions")
        results.append(
            DocumentStatusCheckResult(
                exceptions=(
                    ArrayOfStatusCheckException(
                        status_check_exception=[
                            StatusCheckException(
                                value=one.text or "",
                                severity=StatusCheckExceptionSeverity(one.attrib["Severity"]),
                            )
                            for one in exceptions.iterfind(f"{_NS}StatusCheckException")
                        ]
                    )
                    if exceptions is not None
                    else None
                ),
                id=UUID(element.attrib["Id"]),
                status_date=datetime.fromisoformat(date) if date else None,
                status_type=StatusCheckStatusType(status) if status else None,
                status_details=element.get("StatusDetails"),
            )
        )
    return CheckStatusResponse(
        document_status_check_results=ArrayOfDocumentStatusCheckResult(
            document_status_check_result=results
        )
    )
