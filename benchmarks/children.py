"""What is measured in a process of its own: start, first call, memory.

Run as a script: ``children.py NAME URL [FILE]``. Each function imports what it needs and nothing
else, as a program of the user's would.
"""

from __future__ import annotations

import sys
from collections.abc import Callable


def bare_python(_: str) -> None:
    """Nothing at all."""


def import_esignwire(_: str) -> None:
    import esignwire

    del esignwire


def first_signix(url: str) -> None:
    from esignwire import Signix
    from esignwire_generated.signix.types.common import CustInfoType
    from esignwire_generated.signix.types.submit_ajax import SubmitAjaxDataType, SubmitAjaxRq

    request = SubmitAjaxRq(
        cust_info=CustInfoType(sponsor="s", client="c", user_id="u", pswd="p"),
        data=SubmitAjaxDataType(
            document_set_id="abc123", request='{"objectType":"Transaction_Suspend"}'
        ),
    )
    with Signix(sponsor="s", client="c", user_id="u", password="p", url=f"{url}/flex") as client:
        client.services.flex_api.submit_ajax(request)


def first_signix_command(url: str) -> None:
    from esignwire import Signix

    with Signix(sponsor="s", client="c", user_id="u", password="p", url=f"{url}/flex") as client:
        client.transaction(document_set_id="abc123").suspend()


def first_signix_httpx(url: str) -> None:
    import httpx

    text = (
        '<?xml version="1.0" encoding="UTF-8"?><SubmitAjaxRq xmlns="urn:com:signix:schema:'
        'sdddc-1-1"><CustInfo><Sponsor>s</Sponsor><Client>c</Client><UserId>u</UserId>'
        "<Pswd>p</Pswd></CustInfo><Data><DocumentSetID>abc123</DocumentSetID>"
        "<Request>{&quot;objectType&quot;:&quot;Transaction_Suspend&quot;}</Request></Data>"
        "</SubmitAjaxRq>"
    )
    with httpx.Client() as client:
        response = client.post(f"{url}/flex", data={"method": "SubmitAjax", "request": text})
        response.raise_for_status()
        assert response.text


_SERVICE = "/Services/DocumentNOW/v2/DocumentNOW.svc"
_ACCOUNT = "06c4a84f-693c-46cb-8df2-40a8215aa056"


def first_assuresign(url: str) -> None:
    import uuid

    from esignwire import AssureSign
    from esignwire_generated.assuresign.types.check_status import (
        ArrayOfDocumentStatusCheck,
        CheckStatus,
        DocumentStatusCheck,
    )

    account = uuid.UUID(_ACCOUNT)
    request = CheckStatus(
        document_status_checks=ArrayOfDocumentStatusCheck(
            document_status_check=[
                DocumentStatusCheck(context_identifier=account, id=account, auth_token=account)
            ]
        )
    )
    with AssureSign(
        context_identifier=account, user_name="a@example.com", url=url + _SERVICE
    ) as client:
        client.services.check_status.check_status(request)


def first_assuresign_zeep(url: str) -> None:
    import zeep

    namespace = "https://www.assuresign.net/Services/DocumentNOW/CheckStatus"
    client = zeep.Client(sys.argv[3])
    service = client.create_service(
        f"{{{namespace}}}BasicHttpBinding_ICheckStatusService", f"{url}{_SERVICE}/CheckStatus/text"
    )
    service.CheckStatus(
        DocumentStatusChecks={
            "DocumentStatusCheck": [
                {"ContextIdentifier": _ACCOUNT, "Id": _ACCOUNT, "AuthToken": _ACCOUNT}
            ]
        }
    )


def _memory() -> tuple[int, int]:
    """Memory now, and at its highest, in KiB."""
    values: dict[str, int] = {}
    with open("/proc/self/status") as file:  # noqa: PTH123 - imports nothing
        for line in file:
            name, _, rest = line.partition(":")
            if name in {"VmRSS", "VmHWM"}:
                values[name] = int(rest.split()[0])
    return values["VmRSS"], values["VmHWM"]


def _growth(warm: Callable[[], object], work: Callable[[], object]) -> None:
    """Prints by how many MiB the highest memory rises above that of a warm client."""
    warm()
    before, _ = _memory()
    # Writing 5 there forgets the highest value so far (Linux).
    with open("/proc/self/clear_refs", "w") as file:  # noqa: PTH123 - imports nothing
        file.write("5")
    work()
    _, highest = _memory()
    print((highest - before) / 1024)


def memory_signix_upload(url: str) -> None:
    from pathlib import Path

    from benchmarks import documents

    path = Path(sys.argv[3])
    small = path.with_suffix(".small")
    with documents.signix_client(url, "") as client:
        _growth(
            lambda: documents.submit_document(client, small),
            lambda: documents.submit_document(client, path),
        )


def memory_text_upload(url: str) -> None:
    _submit_with_file(url, uses_mtom=False)


def memory_mtom_upload(url: str) -> None:
    _submit_with_file(url, uses_mtom=True)


def _submit_with_file(url: str, *, uses_mtom: bool) -> None:
    from pathlib import Path

    from benchmarks import documents

    path = Path(sys.argv[3])
    small = path.with_suffix(".small")
    with documents.assuresign_client(url, uses_mtom=uses_mtom) as client:
        _growth(
            lambda: documents.submit_with_file(client, small),
            lambda: documents.submit_with_file(client, path),
        )


def memory_download(url: str) -> None:
    from pathlib import Path

    from benchmarks import documents

    to = Path(sys.argv[3]).with_suffix(".downloaded")
    with documents.signix_client(url, "/small") as small, documents.signix_client(url) as client:
        _growth(lambda: documents.download(small, to), lambda: documents.download(client, to))
    to.unlink()


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2])
