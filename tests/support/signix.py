"""What the tests of the SIGNiX client share: a client of either kind, and answers by hand."""

from __future__ import annotations

import asyncio
import inspect
import pickle
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from lxml import etree

from esignwire.signix import AsyncSignix, HttpSettings, Signix
from esignwire_generated.signix.services.flex_api import SUBMIT_AJAX
from esignwire_generated.signix.types.common import CustInfoType
from esignwire_generated.signix.types.submit_document import (
    FormType,
    MemberInfoType,
    SubmitDocumentDataType,
    SubmitDocumentRq,
)
from tests.support.hostile import Received

# The schema that the client's own methods speak.
NAMESPACE = CustInfoType.Meta.namespace
SCHEMA = SUBMIT_AJAX.schema
PASSWORD = "S3cr$t&Pa55"
DOCUMENT_SET_ID = "-147fb68b:1043a5db9ca:-7f5fid11or"
TRANSACTION_ID = "orders 2026-11-23 06:48:36:001 #0042"
PDF = b"%PDF-1.4\n\xff\xfe\x00 made for a test\n%%EOF"

Kind = Literal["async", "sync"]
KINDS: tuple[Kind, ...] = ("async", "sync")


def drive(
    kind: Kind,
    url: str,
    act: Callable[[Any], Any],
    *,
    settings: HttpSettings | None = None,
    workgroup: str | None = "SDD",
) -> Any:
    """Does something with a client of either kind; what is awaitable is awaited."""
    arguments: dict[str, Any] = {
        "sponsor": "acme",
        "client": "acmeclient",
        "user_id": "acmeuser",
        "password": PASSWORD,
        "url": url,
        "workgroup": workgroup,
        "settings": settings,
    }
    if kind == "sync":
        with Signix(**arguments) as client:
            return act(client)

    async def main() -> Any:
        async with AsyncSignix(**arguments) as client:
            result = act(client)
            return await result if inspect.isawaitable(result) else result

    return asyncio.run(main())


def pickled(value: Any) -> Any:
    """The same value after a journey through pickle."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own pickle


def message(method: str, data: str | None, code: object = 0, text: str | None = "success") -> bytes:
    """An answer, as the vendor lays it out."""
    description = "" if text is None else f"<StatusDesc>{escape(text)}</StatusDesc>"
    content = "" if data is None else f"<Data>{data}</Data>"
    return (
        f'<?xml version="1.0" ?>\n<{method}Rs xmlns="{NAMESPACE}">\n'
        f"<Status>\n<StatusCode>{code}</StatusCode>\n{description}</Status>\n{content}\n"
        f"</{method}Rs>\n\n"
    ).encode()


def single(json_text: str | None, code: object = 0, text: str | None = "success") -> bytes:
    data = None if json_text is None else f"<Response>{escape(json_text)}</Response>"
    return message("SubmitAjax", data, code, text)


def multi(
    *responses: tuple[object, str] | tuple[object, str, str],
    code: object = 0,
    text: str | None = "success",
) -> bytes:
    """An answer to a multi-request; each response is its code, its JSON and its description."""
    lines = []
    for response in responses:
        description = response[2] if len(response) > 2 else "success"
        number = "" if response[0] is None else f' responseCode="{response[0]}"'
        quoted = escape(description, {'"': "&quot;"})
        lines.append(f'<Response{number} responseDesc="{quoted}">{escape(response[1])}</Response>')
    data = f"<Responses><!-- a remark -->{''.join(lines)}</Responses>"
    return message("SubmitAjax", data, code, text)


def form_of(received: Received) -> dict[str, str]:
    """The fields of a form that came, percent-decoded as UTF-8."""
    fields = parse_qsl(
        received.body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict"
    )
    assert len(fields) == len(dict(fields))
    return dict(fields)


def sent(received: Received) -> etree._Element:
    """The message in a form that came."""
    return etree.fromstring(form_of(received)["request"].encode("utf-8"))


def text_of(root: etree._Element, path: str) -> str | None:
    steps = "/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/"))
    return root.findtext(steps)


def submission(client: Any, **changes: Any) -> SubmitDocumentRq:
    """A whole SubmitDocument; ``changes`` replace members of its Data."""
    data: dict[str, Any] = {
        "transaction_id": TRANSACTION_ID,
        "doc_set_description": "Lease",
        "submitter_email": "submitter@example.com",
        "contact_info": "",
        "delivery_type": "SDDDC",
        "suspend_on_start": False,
        "member_info": [
            MemberInfoType(
                ref_id=ref_id,
                ssn="910000000",
                dob="00/00/0000",
                first_name="Ann",
                last_name="Example",
                email=f"{ref_id.lower()}@example.com",
                service="SelectOneClick",
                mobile_number="1112223333",
            )
            for ref_id in ("REF1", "REF2")
        ],
        "form": [
            FormType(
                ref_id="FORM1",
                desc="Lease",
                file_name="lease.pdf",
                mime_type="application/pdf",
                length=len(PDF),
                data=PDF,
            )
        ],
    }
    return SubmitDocumentRq(
        cust_info=client.submit_document_cust_info(demo=True),
        data=SubmitDocumentDataType(**{**data, **changes}),
    )
