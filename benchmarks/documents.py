"""Large documents up and down."""

from __future__ import annotations

import statistics
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks import messages
from benchmarks.measure import Comparison, summary
from benchmarks.places import WORK
from benchmarks.server import serving
from esignwire import AssureSign, HttpSettings, Signix
from esignwire_generated.assuresign.types import submit
from esignwire_generated.signix.types import submit_document as signix

_SETTINGS = HttpSettings(total_timeout=300)
_SUBMIT = f"{messages.SERVICE}/Submit/"
# As large as is quick: twice that takes longer, see _splice.py of esignwire.
_CHUNK = 3 * 30 * 1024


@contextmanager
def server(mebibytes: int) -> Iterator[str]:
    """The server, with an answer for each call of this module."""
    answers = {
        f"{_SUBMIT}text": messages.submit_with_file_answer(),
        f"{_SUBMIT}mtom": messages.submit_with_file_answer(),
        "/upload": messages.submit_document_answer(),
        "/flex": messages.download_answer(mebibytes),
        "/small": messages.download_answer(1),
    }
    with serving(answers) as url:
        yield url


def paper(mebibytes: int) -> Path:
    """A document of that size, with a small one beside it."""
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / f"document-{mebibytes}.pdf"
    path.with_suffix(".small").write_bytes(messages.block())
    return messages.document(path, mebibytes)


def assuresign_client(url: str, *, uses_mtom: bool = False) -> AssureSign:
    return AssureSign(
        context_identifier=messages.ACCOUNT,
        user_name="a@example.com",
        url=url + messages.SERVICE,
        settings=_SETTINGS,
        uses_mtom=uses_mtom,
    )


def submit_with_file(client: AssureSign, path: Path) -> object:
    """Sends a document with AssureSign's SubmitWithFile."""
    document = submit.FileDocument(
        context_identifier=messages.ACCOUNT,
        metadata=submit.Metadata(document_name="A document", user_name="a@example.com"),
        underlying_file=submit.UnderlyingFile(data=path, file_type=submit.SupportedFileType.PDF),
    )
    request = submit.SubmitWithFile(documents=submit.ArrayOfFileDocument(file_document=[document]))
    return client.services.submit.submit_with_file(request)


def signix_client(url: str, path: str = "/flex") -> Signix:
    return Signix(
        sponsor="s", client="c", user_id="u", password="p", url=url + path, settings=_SETTINGS
    )


def submit_document(client: Signix, path: Path) -> object:
    """Sends a document with SIGNiX's SubmitDocument."""
    request = signix.SubmitDocumentRq(
        cust_info=client.submit_document_cust_info(
            workgroup="SDD", demo=True, del_docs_after=1, expire_after=2
        ),
        data=signix.SubmitDocumentDataType(
            transaction_id=str(messages.ACCOUNT),
            doc_set_description="A document",
            file_name="document.pdf",
            submitter_email="a@example.com",
            contact_info="a@example.com",
            delivery_type="SDDDC",
            suspend_on_start=False,
            member_info=[
                signix.MemberInfoType(
                    ref_id="signer1",
                    ssn="910000000",
                    dob="00/00/0000",
                    first_name="Pat",
                    middle_name="",
                    last_name="Example",
                    email="pat@example.com",
                    service="SelectOneClick",
                )
            ],
            form=[
                signix.FormType(
                    ref_id="document1",
                    desc="A document",
                    file_name="document.pdf",
                    mime_type="application/pdf",
                    items=[
                        signix.TextTagSignatureType(
                            member_info_number=1,
                            anchor_text="Sign here",
                            anchor_x_offset=0,
                            anchor_y_offset=20,
                            width=180,
                            height=30,
                            is_required=True,
                        )
                    ],
                    length=path.stat().st_size,
                    data=path,
                )
            ],
        ),
    )
    return client.services.flex_api.submit_document(request)


def download(client: Signix, to: Path) -> int:
    """Fetches a document with SIGNiX's DownloadDocument and saves it."""
    found = client.transaction(document_set_id="abc123").download()
    (form,) = found.forms
    form.data.save(to)
    return to.stat().st_size


def _bare(url: str, path: Path) -> Callable[[], object]:
    """httpx streaming the same file as base64, its length known in advance."""
    client = httpx.Client(timeout=300)
    length = (path.stat().st_size + 2) // 3 * 4

    def pieces() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield b64encode(chunk)

    def one() -> object:
        response = client.post(url, content=pieces(), headers={"Content-Length": str(length)})
        response.raise_for_status()
        return response.content

    return one


def _form(url: str, path: Path) -> Callable[[], object]:
    """What a program writes without esignwire: the same message as a form field of httpx's."""
    head, tail = messages.submit_document_request(path.stat().st_size)

    def one() -> object:
        text = head + b64encode(path.read_bytes()).decode() + tail
        response = httpx.post(url, data={"method": "SubmitDocument", "request": text}, timeout=300)
        response.raise_for_status()
        return response.content

    return one


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _pairs(ours: Callable[[], object], other: Callable[[], object], pairs: int) -> Comparison:
    ours_times: list[float] = []
    other_times: list[float] = []
    for pair in range(pairs):
        runs = [(ours, ours_times), (other, other_times)]
        for work, times in reversed(runs) if pair % 2 else runs:
            times.append(_seconds(work))
    return summary(ours_times, other_times)


def compare_uploads(mebibytes: int = 100, *, pairs: int = 5) -> Iterator[tuple[str, Comparison]]:
    """Our uploads beside httpx's, in time."""
    path = paper(mebibytes)
    small = path.with_suffix(".small")
    with server(mebibytes) as url, assuresign_client(url) as client:
        bare = _bare(f"{url}{_SUBMIT}text", path)
        submit_with_file(client, small)
        yield "upload_100mb_vs_httpx", _pairs(lambda: submit_with_file(client, path), bare, pairs)
        with signix_client(url, "/upload") as other:
            submit_document(other, small)
            # The form takes twenty times as long as all the others.
            form = _form(f"{url}/upload", path)
            yield (
                "signix_upload_100mb_vs_form",
                _pairs(lambda: submit_document(other, path), form, min(pairs, 3)),
            )


def time_download(mebibytes: int, *, pairs: int) -> float:
    """The seconds that DownloadDocument and saving the file take, the median of so many times."""
    to = paper(mebibytes).with_suffix(".downloaded")
    with server(mebibytes) as url, signix_client(url) as client:
        download(client, to)
        found = statistics.median(_seconds(lambda: download(client, to)) for _ in range(pairs))
    to.unlink()
    return found
