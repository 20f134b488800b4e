"""The messages that are measured: what is asked, and the bytes that answer it."""

from __future__ import annotations

import json
import uuid
from base64 import b64encode
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.server import Answer
from esignwire_generated.signix.types.common import CustInfoType

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
CHECK_STATUS = "https://www.assuresign.net/Services/DocumentNOW/CheckStatus"
SUBMIT = "https://www.assuresign.net/Services/DocumentNOW/Submit"
CHECK_STATUS_ACTION = f"{CHECK_STATUS}/ICheckStatusService/CheckStatus"
FLEX_API = CustInfoType.Meta.namespace
SERVICE = "/Services/DocumentNOW/v2/DocumentNOW.svc"
ACCOUNT = uuid.UUID(int=0x06C4A84F693C46CB8DF240A8215AA056)
TOKEN = uuid.UUID(int=0x8CC9A84B693C46CC434240A8215AD76A)

_XML = '<?xml version="1.0" encoding="utf-8"?>'
# Random bytes use every character of base64 as often as a compressed PDF does.
_BLOCK_BYTES = 3 * 64 * 1024


def block() -> bytes:
    """Bytes like those of a compressed document, the same each time."""
    import random

    return random.Random(1).randbytes(_BLOCK_BYTES)


def document(path: Path, mebibytes: int) -> Path:
    """Writes a file of that size, unless it is there."""
    size = mebibytes * 1024 * 1024
    if not path.exists() or path.stat().st_size != size:
        piece = block()
        with path.open("wb") as file:
            file.write(b"%PDF-1.7\n")
            while file.tell() < size:
                file.write(piece[: size - file.tell()])
    return path


def item_id(number: int) -> uuid.UUID:
    return uuid.UUID(int=0x2CE11EF18938DD11873500065B000000 + number)


def _soap(body: str) -> Answer:
    return Answer(
        content_type="text/xml; charset=utf-8",
        head=f'{_XML}<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body></s:Envelope>',
    )


def check_status_answer(items: int) -> Answer:
    """Answers for so many documents, printed as on the vendor's page: seven fraction digits.

    Every second one waits for a signing step, every fiftieth was refused.
    """

    def result(number: int) -> str:
        beginning = f'<DocumentStatusCheckResult Id="{item_id(number)}"'
        if number % 50 == 49:
            return (
                f'{beginning}><Exceptions><StatusCheckException Severity="Error">Not found.'
                "</StatusCheckException></Exceptions></DocumentStatusCheckResult>"
            )
        date = f"2026-03-{number % 28 + 1:02}T11:{number % 60:02}:08.5231954-04:00"
        status = (
            'StatusType="Completed"'
            if number % 2
            else f'StatusType="SigningStepInProgress" StatusDetails="Step {number % 5 + 1}"'
        )
        return f'{beginning} StatusDate="{date}" {status} />'

    results = "".join(result(number) for number in range(items))
    return _soap(
        f'<CheckStatusResponse xmlns="{CHECK_STATUS}"><DocumentStatusCheckResults>{results}'
        "</DocumentStatusCheckResults></CheckStatusResponse>"
    )


def check_status_request(items: int) -> bytes:
    """The bytes of a request, for clients that only post them."""
    checks = "".join(
        f'<DocumentStatusCheck ContextIdentifier="{ACCOUNT}" Id="{item_id(number)}"'
        f' AuthToken="{TOKEN}"/>'
        for number in range(items)
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><CheckStatus xmlns="{CHECK_STATUS}">'
        f"<DocumentStatusChecks>{checks}</DocumentStatusChecks></CheckStatus></soap:Body>"
        "</soap:Envelope>"
    ).encode()


def _status(root: str, data: str) -> str:
    return (
        f'{_XML}<{root} xmlns="{FLEX_API}"><Status><StatusCode>0</StatusCode>'
        f"<StatusDesc>success</StatusDesc></Status>{data}</{root}>"
    )


def ajax_answer() -> Answer:
    said = json.dumps({"objectType": "Status", "statusCode": 0, "statusMessage": "success"})
    text = said.replace('"', "&quot;")
    return Answer(
        content_type="text/xml",
        head=_status("SubmitAjaxRs", f"<Data><Response>{text}</Response></Data>"),
    )


def ajax_request() -> bytes:
    """The form of a request, for clients that only post it."""
    command = json.dumps({"objectType": "Transaction_Suspend"}).replace('"', "&quot;")
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><SubmitAjaxRq xmlns="{FLEX_API}"><CustInfo>'
        "<Sponsor>s</Sponsor><Client>c</Client><UserId>u</UserId><Pswd>p</Pswd></CustInfo><Data>"
        f"<DocumentSetID>abc123</DocumentSetID><Request>{command}</Request></Data></SubmitAjaxRq>"
    )
    return urlencode({"method": "SubmitAjax", "request": text}).encode()


def submit_document_request(size: int) -> tuple[str, str]:
    """What stands before and behind the document, for clients that only post it."""
    head, tail = (
        f'<?xml version="1.0" encoding="UTF-8"?><SubmitDocumentRq xmlns="{FLEX_API}"><CustInfo>'
        "<Sponsor>s</Sponsor><Client>c</Client><UserId>u</UserId><Pswd>p</Pswd>"
        "<Workgroup>SDD</Workgroup><Demo>yes</Demo><DelDocsAfter>1</DelDocsAfter>"
        "<EmailContent></EmailContent><ExpireAfter>2</ExpireAfter></CustInfo><Data>"
        f"<TransactionID>{ACCOUNT}</TransactionID><DocSetDescription>A document"
        "</DocSetDescription><FileName>document.pdf</FileName><SubmitterEmail>a@example.com"
        "</SubmitterEmail><ContactInfo>a@example.com</ContactInfo><DeliveryType>SDDDC"
        "</DeliveryType><SuspendOnStart>no</SuspendOnStart><MemberInfo><RefID>signer1</RefID>"
        "<SSN>910000000</SSN><DOB>00/00/0000</DOB><FirstName>Pat</FirstName><MiddleName>"
        "</MiddleName><LastName>Example</LastName><Email>pat@example.com</Email><Service>"
        "SelectOneClick</Service></MemberInfo><Form><RefID>document1</RefID><Desc>A document"
        "</Desc><FileName>document.pdf</FileName><MimeType>application/pdf</MimeType>"
        f"<Length>{size}</Length><Data>~</Data></Form></Data></SubmitDocumentRq>"
    ).split("~")
    return head, tail


def submit_document_answer() -> Answer:
    return Answer(
        content_type="text/xml",
        head=_status(
            "SubmitDocumentRs",
            "<Data><DocumentSetID>abc123</DocumentSetID></Data>",
        ),
    )


def download_answer(mebibytes: int) -> Answer:
    """A file of about that size, in base64."""
    text = b64encode(block()).decode("ascii")
    blocks = mebibytes * 1024 * 1024 // _BLOCK_BYTES
    head, tail = _status(
        "DownloadDocumentRs",
        "<Data><Form><RefID>document1</RefID><Desc>A file</Desc><FileName>a.pdf</FileName>"
        f"<MimeType>application/pdf</MimeType><Length>{blocks * _BLOCK_BYTES}</Length>"
        "<Data>~</Data></Form></Data>",
    ).split("~")
    return Answer(content_type="text/xml", head=head, block=text, blocks=blocks, tail=tail)


def submit_with_file_answer() -> Answer:
    return _soap(
        f'<SubmitWithFileResponse xmlns="{SUBMIT}"><SubmitWithFileResult><DocumentResult'
        f' Id="{item_id(1)}" AuthToken="{TOKEN}"/></SubmitWithFileResult></SubmitWithFileResponse>'
    )
