"""Sends or fetches one large document in a process that may use little memory.

    python tests/support/large_document_client.py CALL KIND PORT FILE LIMIT

It prints a JSON object: the document's size and SHA-256 where one came, and the peak of its memory
in bytes.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import resource
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

GUID = UUID("2ce11ef1-8938-dd11-8735-00065b8ce99b")


def limit_memory(size: int) -> None:
    """Limits what the process may allocate, stacks of threads included."""
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def peak() -> int:
    """The most memory that the process has held. getrusage would tell that of its parent too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "VmHWM":
            return int(value.split()[0]) * 1024
    raise AssertionError("Linux tells it")


def submitting(data: Any) -> Any:
    from esignwire_generated.assuresign.types import submit

    file = submit.UnderlyingFile(file_type=submit.SupportedFileType.PDF, data=data)
    document = submit.FileDocument(context_identifier=GUID, underlying_file=file)
    return submit.SubmitWithFile(documents=submit.ArrayOfFileDocument(file_document=[document]))


async def assuresign(call: str, kind: str, port: int, path: Path) -> Any:
    from esignwire import AssureSign, AsyncAssureSign, HttpSettings
    from esignwire_generated.assuresign.types import download

    client: Any = (AssureSign if kind == "sync" else AsyncAssureSign)(
        context_identifier=GUID,
        user_name="a@example.com",
        url=f"http://127.0.0.1:{port}/DocumentNOW.svc",
        uses_mtom=call.endswith("mtom"),
        settings=HttpSettings(total_timeout=300),
    )
    if call.startswith("submit"):
        data: object = path.read_bytes() if "in-memory" in call else path  # noqa: ASYNC240
        await finished(client.services.submit.submit_with_file(submitting(data)))
        return None
    request = download.DownloadRequest(context_identifier=GUID, document_id=GUID, auth_token=GUID)
    answer = await finished(client.services.download.download(download.Download(request=request)))
    return answer.download_result.file_data


async def signix(call: str, kind: str, port: int, path: Path) -> Any:
    from esignwire import AsyncSignix, HttpSettings, Signix
    from esignwire.signix import form_of
    from esignwire_generated.signix.types import submit_document

    client: Any = (Signix if kind == "sync" else AsyncSignix)(
        sponsor="acme",
        client="client",
        user_id="user",
        password="password",
        workgroup="SDD",
        url=f"http://127.0.0.1:{port}/signix",
        settings=HttpSettings(total_timeout=300),
    )
    if call.startswith("submit"):
        member = submit_document.MemberInfoType(
            ref_id="REF1", ssn="910000000", dob="00/00/0000", first_name="Ann",
            last_name="Example", email="ann@example.com", service="SelectOneClick",
            mobile_number="1112223333",
        )  # fmt: skip
        data = submit_document.SubmitDocumentDataType(
            transaction_id="orders 2026-11-23 06:48:36:001 #0042",
            doc_set_description="Lease",
            submitter_email="submitter@example.com",
            contact_info="",
            delivery_type="SDDDC",
            suspend_on_start=False,
            member_info=[member],
            form=[form_of(path, ref_id="FORM1", desc="Lease")],
        )
        request = submit_document.SubmitDocumentRq(
            cust_info=client.submit_document_cust_info(demo=True), data=data
        )
        await finished(client.services.flex_api.submit_document(request))
        return None
    result = await finished(client.transaction(document_set_id=str(GUID)).download())
    return result.forms[0].data


async def finished(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result


def main() -> None:
    call, kind, port, path, limit = sys.argv[1:]
    limit_memory(int(limit))
    perform = signix if call.endswith("signix") else assuresign
    document = asyncio.run(perform(call, kind, int(port), Path(path)))
    found: dict[str, object] = {}
    if document is not None:
        found = {"size": document.size, "sha256": document.sha256()}
        if call == "download-mtom":
            # Once is enough, for it waits until the disk has everything.
            document.save(Path(path).with_suffix(".saved"))
    found["peak"] = peak()
    print(json.dumps(found))  # noqa: T201 - to the test that started it


if __name__ == "__main__":
    main()
