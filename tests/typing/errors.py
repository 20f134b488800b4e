"""What type checkers must infer and refuse about errors. It is only checked, never run."""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import assert_type

from esignwire import EsignWireError, Signix
from esignwire.errors import (
    AssureSignError,
    InvalidRequest,
    OutcomeUnknown,
    SignixError,
    SoapFault,
    VendorError,
    WaitTimeout,
)


def caught(client: Signix) -> None:
    try:
        client.transaction(document_set_id="an id").cancel()
    except InvalidRequest as error:
        assert_type(error.path, str | None)
        assert_type(error.rule, str | None)
    except OutcomeUnknown as error:
        assert_type(error.reference, str | None)
    except SignixError as error:
        assert_type(error.vendor_code, str | None)
    except EsignWireError as error:
        assert_type(error.message, str)
        assert_type(error.is_retry_safe, bool)
        assert_type(error.http_status, int | None)


def attributes(fault: SoapFault, refusal: AssureSignError, timeout: WaitTimeout) -> None:
    assert_type(fault.fault_code, str | None)
    assert_type(refusal.exceptions, tuple[tuple[str, str], ...])
    assert_type(timeout.session_id, str | None)
    vendor_error: VendorError = fault
    vendor_error = timeout  # type: ignore[assignment]
    assert_type(vendor_error.vendor_text, str | None)
    EsignWireError()  # type: ignore[call-arg]
    EsignWireError("what", http_status="500")  # type: ignore[arg-type]
    SoapFault("what", fault_code="Client", vendor="AssureSign", http_status=500)
    SoapFault("what", http_status="500")  # type: ignore[arg-type]
    WaitTimeout("what", is_retry_safe=False)  # type: ignore[call-arg]
