"""Documents over real HTTP, with a server that does as it is told."""

from __future__ import annotations

import base64
import gzip
import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
import vcr
from lxml import etree

from esignwire import ReceivedDocument
from esignwire._http import HttpSettings, Retries
from esignwire.errors import (
    ConnectionLost,
    EsignWireError,
    InvalidRequest,
    MalformedResponse,
    OutcomeUnknown,
    ResponseError,
    ResponseTooLarge,
    SoapFault,
    TransportError,
    TruncatedResponse,
    UnexpectedResponse,
)
from esignwire.signix import form_of
from esignwire_generated.assuresign.types import (
    download,
    download_template,
    envelopes,
    submit,
    validate_document,
)
from tests.soap.test_mtom import by_email
from tests.support import signix as signix_support
from tests.support.assuresign import (
    ACCOUNT,
    DOCUMENT,
    ENVELOPE,
    KINDS,
    SERVICES,
    SOAP,
    TEMPLATE,
    TOKEN,
    Driver,
    Kind,
    Script,
    address,
    envelope,
    header,
    http,
    judged,
    message,
    path,
    scripted,
    soap,
)
from tests.support.hostile import (
    Connection,
    HostileServer,
    Received,
    chunked_without_end,
    close_at_once,
    hostile,
    long_body,
)
from tests.support.signix import DOCUMENT_SET_ID, drive, submission, text_of
from tests.support.signix import form_of as fields_of

CONTENT = os.urandom(300_001)
OTHER = os.urandom(200_000)
# In base64 it passes libxml2's limit of ten million characters.
HUGE = os.urandom(7_600_000)
XOP = "http://www.w3.org/2004/08/xop/include"
PARSER = etree.XMLParser(huge_tree=True)

each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(autouse=True)
def _nothing_stays_open() -> Iterator[None]:
    """No test may leave a file open, whatever went wrong in it."""
    before = files_open()
    yield
    assert files_open() <= before


def files_open() -> set[str]:
    """The temporary files and documents that this process has open, where the system tells."""
    found: set[str] = set()
    folder = Path("/proc/self/fd")
    if folder.is_dir():
        for one in folder.iterdir():
            try:
                target = str(one.readlink())
            except OSError:
                continue
            if "(deleted)" in target or target.endswith(".pdf"):
                found.add(target)
    return found


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    found = tmp_path / "lease.pdf"
    found.write_bytes(CONTENT)
    return found


def submitting(data: Any) -> submit.SubmitWithFile:
    return submit.SubmitWithFile(
        documents=submit.ArrayOfFileDocument(
            file_document=[
                submit.FileDocument(
                    context_identifier=UUID(ACCOUNT),
                    metadata=submit.Metadata(user_name="owner@example.com"),
                    underlying_file=submit.UnderlyingFile(
                        file_type=submit.SupportedFileType.PDF,
                        data=data,
                    ),
                )
            ]
        )
    )


SUBMITTED = soap(
    f'<SubmitWithFileResponse xmlns="{SERVICES}/Submit"><SubmitWithFileResult/>'
    "</SubmitWithFileResponse>"
)


def validating(data: Any) -> validate_document.ValidateDocument:
    """The one call that sends a document and may be repeated."""
    return validate_document.ValidateDocument(
        validate_document_query=validate_document.ValidateDocumentQuery(
            file_document=validate_document.FileDocument(
                file_type=validate_document.SupportedFileType.PDF,
                data=data,
            )
        )
    )


VALIDATED = soap(
    f'<ValidateDocumentResponse xmlns="{SERVICES}/ValidateDocument"><ValidateDocumentResult/>'
    "</ValidateDocumentResponse>"
)

DOWNLOAD = download.Download(
    request=download.DownloadRequest(
        context_identifier=UUID(ACCOUNT), document_id=UUID(DOCUMENT), auth_token=UUID(TOKEN)
    )
)


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def include(name: str) -> str:
    return f'<x:Include xmlns:x="{XOP}" href="cid:{name}"/>'


def downloaded(file_data: str, more: str = "") -> bytes:
    """The envelope of an answer to Download; ``file_data`` stands where the file does."""
    return envelope(
        f'<DownloadResponse xmlns="{SERVICES}/Download">'
        f'<DownloadResult DocumentId="{DOCUMENT}" DownloadType="Completed">'
        f"<FileData>{file_data}</FileData>{more}</DownloadResult></DownloadResponse>"
    )


def package(content: bytes, **parts: bytes) -> bytes:
    """The body of an MTOM answer."""
    body = b"--b\r\nContent-ID: <root>\r\nContent-Type: application/xop+xml\r\n\r\n" + content
    for name, part in parts.items():
        body += f"\r\n--b\r\nContent-ID: <{name}>\r\n\r\n".encode() + part
    return body + b"\r\n--b--\r\n"


MTOM = 'multipart/related; type="application/xop+xml"; start="<root>"; boundary=b'


def mtom(content: bytes, status: str = "200 OK", **parts: bytes) -> bytes:
    return http(package(content, **parts), status, MTOM)


def fetch(client: Driver, **options: Any) -> Any:
    return client.service("download", "download", DOWNLOAD, **options).download_result.file_data


class Watch:
    """A progress function that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int | None]] = []

    def __call__(self, done: int, total: int | None) -> None:
        self.told.append((done, total))

    def assert_complete(self, total: int) -> None:
        done = [one for one, _ in self.told]
        assert done == sorted(set(done))
        assert {one for _, one in self.told} == {total}
        assert done[-1] == total


class TestUp:
    @each_kind
    @pytest.mark.parametrize("source", ["bytes", "bytearray", "path", "file", "document"])
    def test_in_base64(self, kind: Kind, source: str, pdf: Path) -> None:
        watch = Watch()
        with scripted(kind, SUBMITTED) as (client, server), pdf.open("rb") as file:
            data = {
                "bytes": CONTENT,
                "bytearray": bytearray(CONTENT),
                "path": pdf,
                "file": file,
                "document": ReceivedDocument(CONTENT),
            }[source]
            client.service("submit", "submit_with_file", submitting(data), progress=watch)
        (received,) = server.received
        found = judged(received).findtext(".//{*}Data")
        assert found == base64_of(CONTENT)
        watch.assert_complete(len(received.body))
        assert header(received, "Transfer-Encoding") is None

    @each_kind
    def test_a_small_document_is_told_of_too(self, kind: Kind) -> None:
        watch = Watch()
        with scripted(kind, SUBMITTED) as (client, server):
            client.service("submit", "submit_with_file", submitting(b"%PDF-"), progress=watch)
        assert judged(server.received[0]).findtext(".//{*}Data") == base64_of(b"%PDF-")
        watch.assert_complete(len(server.received[0].body))

    @each_kind
    def test_as_it_is(self, kind: Kind, pdf: Path) -> None:
        watch = Watch()
        reply = mtom(envelope(
            f'<SubmitWithFileResponse xmlns="{SERVICES}/Submit"><SubmitWithFileResult/>'
            "</SubmitWithFileResponse>"
        ))  # fmt: skip
        with (
            hostile(Script(reply)) as server,
            Driver(kind, address(server), uses_mtom=True) as client,
        ):
            client.service("submit", "submit_with_file", submitting(pdf), progress=watch)
        (received,) = server.received
        assert path(received).endswith("/Submit/mtom")
        assert header(received, "SOAPAction")
        watch.assert_complete(len(received.body))
        parsed = by_email(header(received, "Content-Type") or "", received.body)
        root, part = parsed.iter_parts()
        first = root.get_payload(decode=True)
        assert isinstance(first, bytes)
        body = message(Received(b"", first))
        (found,) = body.iter(f"{{{XOP}}}Include")
        assert part["Content-ID"] == f"<{found.get('href', '').removeprefix('cid:')}>"
        assert part.get_payload(decode=True) == CONTENT

    @each_kind
    @pytest.mark.parametrize("uses_mtom", [False, True])
    def test_attachments(self, kind: Kind, uses_mtom: bool, pdf: Path) -> None:
        contents = [b"small", CONTENT, OTHER, CONTENT]
        request = envelopes.CreateEnvelope(
            request=envelopes.CreateEnvelopeRequest(
                context_identifier=UUID(ACCOUNT),
                envelope_template_id=UUID(TEMPLATE),
                workflow_type=envelopes.EnvelopeWorkflowType.PARALLEL,
                attachments=envelopes.ArrayOfEnvelopeAttachment(
                    envelope_attachment=[
                        envelopes.EnvelopeAttachment(file_data=one, name="a", extension="pdf")
                        for one in (b"small", pdf, ReceivedDocument(OTHER), pdf)
                    ]
                ),
            )
        )
        reply = soap(
            f'<CreateEnvelopeResponse xmlns="{SERVICES}/Envelopes"><CreateEnvelopeResult'
            f' EnvelopeId="{ENVELOPE}" AuthToken="{TOKEN}" ExpirationDate="2027-01-01T00:00:00Z"'
            ' StaleDate="2027-01-01T00:00:00Z"/></CreateEnvelopeResponse>'
        )
        with (
            hostile(Script(reply)) as server,
            Driver(kind, address(server), uses_mtom=uses_mtom) as client,
        ):
            answer = client.service("envelopes", "create_envelope", request)
        assert answer.create_envelope_result.envelope_id == UUID(ENVELOPE)
        (received,) = server.received
        if not uses_mtom:
            found = [one.text for one in judged(received).iter("{*}FileData")]
            assert found == [base64_of(one) for one in contents]
            return
        parsed = by_email(header(received, "Content-Type") or "", received.body)
        _, *parts = parsed.iter_parts()
        assert [part.get_payload(decode=True) for part in parts] == contents[1:]

    @each_kind
    def test_a_document_beyond_the_parsers_limit(self, kind: Kind, tmp_path: Path) -> None:
        huge = tmp_path / "huge.pdf"
        huge.write_bytes(HUGE)
        with scripted(kind, SUBMITTED) as (client, server):
            client.service("submit", "submit_with_file", submitting(huge))
        root = etree.fromstring(server.received[0].body, PARSER)
        assert root.findtext(".//{*}Data") == base64_of(HUGE)

    @each_kind
    @pytest.mark.parametrize(
        ("source", "what"),
        [
            ("lease.pdf", "a pathlib.Path or an open binary file"),
            (Path("/there/is/none.pdf"), "a file that can be read"),
            (Path(__file__).parent, "the path of a regular file"),
            (5, "bytes, a pathlib.Path"),
        ],
    )
    def test_what_cannot_be_sent(self, kind: Kind, source: object, what: str) -> None:
        with scripted(kind, SUBMITTED) as (client, server):
            with pytest.raises(InvalidRequest, match=what) as caught:
                client.service("submit", "submit_with_file", submitting(source))
            assert server.received == []
        assert (caught.value.path or "").endswith("UnderlyingFile/Data")

    @each_kind
    def test_a_file_that_changes_while_it_is_sent(self, kind: Kind, tmp_path: Path) -> None:
        big = tmp_path / "big.pdf"
        big.write_bytes(HUGE)

        def truncate(done: int, _: int | None) -> None:
            if done > 1_000_000:
                os.truncate(big, 1_500_000)

        with scripted(kind, SUBMITTED) as (client, server):
            with pytest.raises(TransportError, match="cannot have acted") as caught:
                client.service("submit", "submit_with_file", submitting(big), progress=truncate)
            # The server never saw a whole request.
            assert server.received == []
            assert caught.value.is_retry_safe
            assert str(big) not in str(caught.value)
            client.service("submit", "submit_with_file", submitting(CONTENT))
            assert len(server.received) == 1

    @each_kind
    @pytest.mark.parametrize("error", [RuntimeError, TimeoutError, ValueError])
    def test_what_progress_raises_reaches_the_caller(
        self, kind: Kind, error: type[Exception]
    ) -> None:
        def fail(done: int, _: int | None) -> None:
            if done > 300_000:
                raise error("enough")

        with scripted(kind, SUBMITTED, soap("")) as (client, server):
            with pytest.raises(error, match="enough"):
                client.service("submit", "submit_with_file", submitting(HUGE), progress=fail)
            assert server.received == []

    @each_kind
    def test_a_source_is_read_again_by_a_retry(self, kind: Kind, pdf: Path) -> None:
        turns: list[int] = []
        watch = Watch()

        def break_once(connection: Connection) -> None:
            turns.append(1)
            if len(turns) == 1:
                close_at_once(connection)
            else:
                Script(VALIDATED)(connection)

        with hostile(break_once) as server, pdf.open("rb") as file:
            for source in (pdf, file, CONTENT, ReceivedDocument(CONTENT)):
                turns.clear()
                with Driver(kind, address(server)) as client:
                    client.service(
                        "validate_document", "validate_document", validating(source), progress=watch
                    )
        assert len(server.received) == 8
        assert {etree.fromstring(one.body).findtext(".//{*}Data") for one in server.received} == {
            base64_of(CONTENT)
        }
        total = len(server.received[0].body)
        assert [done for done, _ in watch.told].count(total) == 8

    @each_kind
    def test_a_refused_connection_is_tried_again(
        self, kind: Kind, pdf: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The vendor listens from the first pause on."""
        server = HostileServer(Script(SUBMITTED))
        original = Retries.pause_after
        with closing(socket.socket()) as listener:
            listener.bind(("127.0.0.1", 0))
            server.port = listener.getsockname()[1]
            thread = threading.Thread(target=server.run, args=(listener,), daemon=True)

            def pause(retries: Retries, error: EsignWireError) -> float | None:
                if not thread.is_alive():
                    listener.listen()
                    thread.start()
                return original(retries, error)

            monkeypatch.setattr(Retries, "pause_after", pause)
            with Driver(kind, address(server)) as client:
                client.service("submit", "submit_with_file", submitting(pdf))
            server.stopping.set()
            listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        (received,) = server.received
        assert judged(received).findtext(".//{*}Data") == base64_of(CONTENT)

    @each_kind
    def test_an_upload_that_breaks_is_not_repeated(self, kind: Kind, pdf: Path) -> None:
        with hostile(close_at_once) as server, Driver(kind, address(server)) as client:
            with pytest.raises(OutcomeUnknown):
                client.service("submit", "submit_with_file", submitting(pdf))
            assert len(server.received) == 1

    @each_kind
    def test_a_refusal_before_the_end_is_heard(self, kind: Kind) -> None:
        """A server that wants no more says so, and does not read the rest at once."""
        reply = http(b"", "413 Payload Too Large")

        def refuse(connection: Connection) -> None:
            connection.receive_some()
            connection.send(reply)
            connection.hold()

        with hostile(refuse) as server, Driver(kind, address(server)) as client:
            with pytest.raises(ResponseError, match="larger than the server takes") as caught:
                client.service("submit", "submit_with_file", submitting(HUGE))
            assert caught.value.http_status == 413

    @each_kind
    def test_a_plugin_may_not_lose_a_document(self, kind: Kind) -> None:
        class Losing:
            def egress(self, envelope: Any, headers: Any, operation: Any, options: Any) -> Any:
                for node in envelope.iter("{*}Data"):
                    node.text = "AAAA"
                return envelope, headers

            def ingress(self, envelope: Any, headers: Any, operation: Any) -> Any:
                return envelope, headers

        with scripted(kind, SUBMITTED, plugins=(Losing(),)) as (client, server):
            with pytest.raises(InvalidRequest, match="lost its place"):
                client.service("submit", "submit_with_file", submitting(CONTENT))
            assert server.received == []


class TestDown:
    @each_kind
    @pytest.mark.parametrize("content", [b"", b"%PDF-", CONTENT], ids=["empty", "small", "large"])
    def test_in_base64(self, kind: Kind, content: bytes, tmp_path: Path) -> None:
        watch = Watch()
        reply = downloaded(base64_of(content))
        with scripted(kind, http(reply)) as (client, _):
            found = fetch(client, progress=watch)
        assert isinstance(found, ReceivedDocument)
        assert found == content
        assert found.save(tmp_path / "signed.pdf").read_bytes() == content
        watch.assert_complete(len(reply))

    @each_kind
    @pytest.mark.parametrize("asks", [False, True])
    def test_as_it_is(self, kind: Kind, asks: bool) -> None:
        """It is understood even where nobody asked for it."""
        reply = mtom(
            downloaded(
                include("1%40x"),
                f"<CompletionReportData>{include('two')}</CompletionReportData>",
            ),
            **{"two": b"report", "1@x": CONTENT},
        )
        watch = Watch()
        with (
            hostile(Script(reply)) as server,
            Driver(kind, address(server), uses_mtom=asks) as client,
        ):
            result = client.service(
                "download", "download", DOWNLOAD, progress=watch
            ).download_result
        assert result.file_data == CONTENT
        assert result.completion_report_data == b"report"
        watch.assert_complete(len(reply.partition(b"\r\n\r\n")[2]))

    @each_kind
    def test_all_documents_of_an_envelope(self, kind: Kind) -> None:
        file = "<{0}><Data>{1}</Data></{0}>"
        document = (
            f'<EnvelopeDocument DocumentId="{DOCUMENT}" AuthToken="{TOKEN}">'
            f"{file.format('CompletedDocument', base64_of(CONTENT))}</EnvelopeDocument>"
        )
        reply = soap(
            f'<DownloadEnvelopeDocumentsResponse xmlns="{SERVICES}/Envelopes">'
            f'<DownloadEnvelopeDocumentsResult EnvelopeId="{ENVELOPE}">'
            f"{file.format('MergedDocument', base64_of(OTHER))}"
            f"{file.format('CompletionReport', base64_of(b'report'))}"
            f"<Documents>{document}{document}</Documents>"
            "</DownloadEnvelopeDocumentsResult></DownloadEnvelopeDocumentsResponse>"
        )
        request = envelopes.DownloadEnvelopeDocuments(
            request=envelopes.DownloadEnvelopeDocumentsRequest(
                context_identifier=UUID(ACCOUNT), envelope_id=UUID(ENVELOPE), auth_token=UUID(TOKEN)
            )
        )
        with scripted(kind, reply) as (client, _):
            answer = client.service("envelopes", "download_envelope_documents", request)
        result = answer.download_envelope_documents_result
        assert result.merged_document.data == OTHER
        assert result.completion_report.data == b"report"
        assert [one.completed_document.data for one in result.documents.envelope_document] == [
            CONTENT
        ] * 2

    @each_kind
    def test_a_template(self, kind: Kind) -> None:
        reply = mtom(
            envelope(
                f'<DownloadTemplateResponse xmlns="{SERVICES}/DownloadTemplate">'
                f'<DownloadTemplateResult TemplateId="{TEMPLATE}"><FileData>{include("f")}'
                "</FileData></DownloadTemplateResult></DownloadTemplateResponse>"
            ),
            f=CONTENT,
        )
        request = download_template.DownloadTemplate(
            request=download_template.DownloadTemplateRequest(
                context_identifier=UUID(ACCOUNT), template_id=UUID(TEMPLATE)
            )
        )
        with scripted(kind, reply) as (client, _):
            answer = client.service("download_template", "download_template", request)
        assert answer.download_template_result.file_data == CONTENT

    @each_kind
    def test_a_document_beyond_the_parsers_limit(self, kind: Kind, tmp_path: Path) -> None:
        with scripted(kind, http(downloaded(base64_of(HUGE)))) as (client, _):
            found = fetch(client)
        assert found.size == len(HUGE)
        assert found == HUGE
        assert found.save(tmp_path / "huge.pdf").read_bytes() == HUGE

    @each_kind
    def test_a_compressed_answer(self, kind: Kind) -> None:
        body = gzip.compress(downloaded(base64_of(CONTENT)))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"  # noqa: E501 - one line is easier to read
        watch = Watch()
        with scripted(kind, head.encode() + body) as (client, _):
            assert fetch(client, progress=watch) == CONTENT
        assert {total for _, total in watch.told} == {None}

    @each_kind
    def test_a_broken_download_is_repeated_and_nothing_of_it_remains(self, kind: Kind) -> None:
        first, second = downloaded(base64_of(HUGE)), downloaded(base64_of(OTHER))
        turns: list[int] = []
        watch = Watch()

        def break_once(connection: Connection) -> None:
            if connection.receive() is None:
                return
            turns.append(1)
            whole = http(first if len(turns) == 1 else second)
            connection.send(whole[:9_000_000] if len(turns) == 1 else whole)

        with hostile(break_once) as server, Driver(kind, address(server)) as client:
            assert fetch(client, progress=watch) == OTHER
        assert len(server.received) == 2
        starts = [place for place, (done, _) in enumerate(watch.told) if done < 70_000]
        assert watch.told[-1] == (len(second), len(second))
        assert len(starts) >= 2

    @each_kind
    @pytest.mark.parametrize("cut", [1, 50, 4_000_000, 9_000_000])
    def test_a_download_that_always_breaks_leaves_nothing(
        self, kind: Kind, cut: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        whole = http(downloaded(base64_of(HUGE)))

        def break_off(connection: Connection) -> None:
            if connection.receive() is not None:
                connection.send(whole[:-cut])

        with hostile(break_off) as server, Driver(kind, address(server)) as client:
            with pytest.raises(ConnectionLost) as caught:
                fetch(client)
            assert len(server.received) == 3
        del caught
        assert list(tmp_path.iterdir()) == []

    @each_kind
    def test_what_progress_raises_reaches_the_caller(self, kind: Kind) -> None:
        def fail(done: int, _: int | None) -> None:
            if done > 300_000:
                raise ConnectionError("enough")

        with scripted(kind, http(downloaded(base64_of(HUGE)))) as (client, server):
            with pytest.raises(ConnectionError, match="enough"):
                fetch(client, progress=fail)
            assert len(server.received) == 1
            assert fetch(client) == HUGE

    @each_kind
    def test_there_may_be_no_room(self, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tempfile, "tempdir", "/there/is/no/such/folder")
        with scripted(kind, http(downloaded(base64_of(HUGE)))) as (client, server):
            with pytest.raises(ResponseError, match="TMPDIR") as caught:
                fetch(client)
            assert isinstance(caught.value.__cause__, OSError)
            # It would be the same once more.
            assert len(server.received) == 1

    @each_kind
    def test_a_fault_in_an_mtom_message_is_a_fault(self, kind: Kind) -> None:
        fault = envelope(
            f'<s:Fault xmlns:s="{SOAP}"><faultcode>s:Client</faultcode>'
            "<faultstring>no such document</faultstring></s:Fault>"
        )
        reply = mtom(fault, "500 Internal Server Error")
        with (
            hostile(Script(reply)) as server,
            Driver(kind, address(server), uses_mtom=True) as client,
        ):
            with pytest.raises(SoapFault, match="no such document"):
                fetch(client)
            with pytest.raises(SoapFault, match="no such document"):
                client.service("submit", "submit_with_file", submitting(CONTENT))

    @each_kind
    def test_a_recorder_sees_streams_as_bytes(self, kind: Kind, pdf: Path, tmp_path: Path) -> None:
        recorder = vcr.VCR(cassette_library_dir=str(tmp_path), match_on=["method", "path", "body"])
        with scripted(kind, VALIDATED, http(downloaded(base64_of(CONTENT)))) as (client, server):
            for mode in ("once", "none"):
                with recorder.use_cassette("a.yaml", record_mode=mode) as cassette:
                    client.service("validate_document", "validate_document", validating(pdf))
                    assert fetch(client) == CONTENT
            assert cassette.play_count == 2
            assert len(server.received) == 2
        assert cassette.requests[0].body.count(base64_of(CONTENT).encode()) == 1


class TestHostile:
    @each_kind
    @pytest.mark.parametrize("chunked", [False, True])
    def test_a_gigabyte_where_less_is_allowed(self, kind: Kind, chunked: bool) -> None:
        total, chunk = 1024**3, b"A" * 65_536
        behaviour = (chunked_without_end if chunked else long_body)(total, chunk)
        settings = HttpSettings(max_document_bytes=5_000_000)
        with (
            hostile(behaviour) as server,
            Driver(kind, address(server), settings=settings) as client,
            pytest.raises(ResponseTooLarge, match=r"5,000,000 bytes; raise max_document_bytes"),
        ):
            fetch(client)
        assert server.sent < 60_000_000
        assert len(server.received) == 1

    @each_kind
    def test_what_is_no_document_is_bounded_by_the_other_limit(self, kind: Kind) -> None:
        settings = HttpSettings(max_response_bytes=200_000)
        reply = http(downloaded("", "<Exceptions>" + "no base64 " * 30_000 + "</Exceptions>"))
        with (
            scripted(kind, reply, http_settings=settings) as (client, _),
            pytest.raises(ResponseTooLarge, match=r"200,000 bytes .*raise max_response_bytes"),
        ):
            fetch(client)
        with scripted(kind, http(downloaded(base64_of(CONTENT))), http_settings=settings) as (
            client,
            _,
        ):
            assert fetch(client) == CONTENT

    @each_kind
    def test_a_gzip_bomb(self, kind: Kind) -> None:
        bomb = gzip.compress(b"<a>" + b"A" * 60_000_000)
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\n"
            f"Content-Length: {len(bomb)}\r\n\r\n"
        )
        settings = HttpSettings(max_document_bytes=20_000_000)
        with (
            scripted(kind, head.encode() + bomb, http_settings=settings) as (client, _),
            pytest.raises(ResponseTooLarge, match="max_document_bytes"),
        ):
            fetch(client)

    @each_kind
    @pytest.mark.parametrize("size", [100, 300_000])
    def test_text_that_is_no_base64(self, kind: Kind, size: int) -> None:
        text = base64_of(CONTENT[:size])[:-8] + "!" * 8
        with (
            scripted(kind, http(downloaded(text))) as (client, _),
            pytest.raises(ResponseError, match="base64") as caught,
        ):
            fetch(client)
        assert isinstance(caught.value, MalformedResponse | UnexpectedResponse)
        assert text not in str(caught.value)

    @each_kind
    def test_markup_within_a_document(self, kind: Kind) -> None:
        text = base64_of(CONTENT)
        for markup, expected in (
            # The text goes on, behind its padding.
            ("<!-- -->", MalformedResponse),
            ("<![CDATA[]]>", MalformedResponse),
            ("<?x y?>", MalformedResponse),
            ("<b/>", UnexpectedResponse),
        ):
            with (
                scripted(kind, http(downloaded(text + markup + "AAAA"))) as (client, _),
                pytest.raises(expected),
            ):
                fetch(client)
        with (
            scripted(kind, http(downloaded("AAAA<b/>AAAA"))) as (client, _),
            pytest.raises(UnexpectedResponse, match="no other element was due"),
        ):
            fetch(client)

    @each_kind
    @pytest.mark.parametrize("size", [300, 300_000])
    @pytest.mark.parametrize(
        "form",
        [
            "{0}<!-- x -->{1}",
            "<![CDATA[{0}]]><![CDATA[{1}]]>",
            "{0}<?x y?><!-- -->\r\n{1}<!-- -->",
            "<![CDATA[]]>{0}<![CDATA[{1}]]>",
        ],
    )
    @pytest.mark.parametrize("part", [0.01, 0.5, 0.99])
    def test_the_text_of_a_document_is_joined(
        self, kind: Kind, size: int, form: str, part: float
    ) -> None:
        text = base64_of(CONTENT[:size])
        place = int(len(text) * part)
        reply = http(downloaded(form.format(text[:place], text[place:])))
        with scripted(kind, reply) as (client, _):
            assert fetch(client) == CONTENT[:size]

    @each_kind
    @pytest.mark.parametrize("size", [300, 300_000])
    def test_base64_is_strict_whatever_its_length(self, kind: Kind, size: int) -> None:
        for text in (
            base64_of(CONTENT[:size]) + "=",
            base64_of(CONTENT[:size]) + "==",
            base64_of(CONTENT[: size + 1]) + "=",
            base64_of(CONTENT[: size + 1])[:-1],
            base64_of(CONTENT[:size]) + "\u2003",
            base64_of(CONTENT[:size]) + "\u0085",
        ):
            with (
                scripted(kind, http(downloaded(text))) as (client, _),
                pytest.raises(ResponseError, match="base64"),
            ):
                fetch(client)
        blanks = "\r\n\t " + base64_of(CONTENT[: size + 1]) + "\t\r\n "
        with scripted(kind, http(downloaded(blanks))) as (client, _):
            assert fetch(client) == CONTENT[: size + 1]

    @each_kind
    def test_a_greater_than_in_an_attribute(self, kind: Kind) -> None:
        reply = downloaded(base64_of(HUGE)).replace(b"<FileData>", b'<FileData note="a>b">')
        with scripted(kind, http(reply)) as (client, _):
            assert fetch(client) == HUGE

    @each_kind
    def test_where_no_document_is_due_base64_is_text(self, kind: Kind) -> None:
        exception = (
            '<Exceptions><DownloadException Severity="Warning">{}</DownloadException></Exceptions>'
        )
        reply = http(downloaded("AAAA", exception.format(base64_of(CONTENT))))
        with scripted(kind, reply) as (client, _):
            result = client.service("download", "download", DOWNLOAD).download_result
        assert result.file_data == b"\0\0\0"
        (told,) = result.exceptions.download_exception
        assert told.value == base64_of(CONTENT)

    @each_kind
    def test_a_document_in_what_the_schema_does_not_know(
        self, kind: Kind, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What a vendor adds breaks nobody, however large it is."""
        more = f"<Preview><Image>{base64_of(OTHER)}</Image></Preview><!-- > {base64_of(OTHER)} -->"
        with scripted(kind, http(downloaded(base64_of(CONTENT), more))) as (client, _):
            assert fetch(client) == CONTENT
        with scripted(kind, mtom(downloaded(include("a"), more), a=CONTENT)) as (client, _):
            assert fetch(client) == CONTENT

    @each_kind
    @pytest.mark.parametrize("size", [300, 200_000])
    def test_a_document_behind_more_unknown_names_than_are_told(
        self, kind: Kind, size: int
    ) -> None:
        more = "".join(f"<New{number}/>" for number in range(150))
        more += f"<Preview><Image>{base64_of(OTHER[:size])}</Image></Preview>"
        with scripted(kind, http(downloaded(base64_of(CONTENT), more))) as (client, _):
            assert fetch(client) == CONTENT

    @each_kind
    @pytest.mark.parametrize("size", [300, 200_000])
    def test_of_repeated_documents_the_first_one_counts(self, kind: Kind, size: int) -> None:
        more = f"<FileData>{base64_of(OTHER[:size])}</FileData>"
        with scripted(kind, http(downloaded(base64_of(CONTENT), more))) as (client, _):
            assert fetch(client) == CONTENT

    @each_kind
    @pytest.mark.parametrize(
        "reply",
        [
            mtom(downloaded(include("none")), a=CONTENT),
            http(package(downloaded(include("a")), a=CONTENT)[:-9], content_type=MTOM),
            http(package(downloaded(include("a")), a=CONTENT), content_type="multipart/related"),
            mtom(downloaded(include("a"))[:-5], a=CONTENT),
            http(downloaded(include("a"))),
            http(downloaded(base64_of(CONTENT))[:-200]),
            http(downloaded(base64_of(CONTENT))[:300_000]),
        ],
        ids=["no part", "cut", "no boundary", "cut envelope", "no package", "cut XML", "cut file"],
    )
    def test_answers_that_cannot_be_used(self, kind: Kind, reply: bytes) -> None:
        with scripted(kind, reply) as (client, _), pytest.raises(MalformedResponse) as caught:
            fetch(client)
        assert caught.value.is_retry_safe

    @each_kind
    def test_a_multipart_answer_to_a_change_that_was_cut(self, kind: Kind) -> None:
        reply = http(package(b"<a/>")[:-9], content_type=MTOM)
        with (
            hostile(Script(reply)) as server,
            Driver(kind, address(server), uses_mtom=True) as client,
            pytest.raises(TruncatedResponse, match="look the outcome up") as caught,
        ):
            client.service("submit", "submit_with_file", submitting(CONTENT))
        assert not caught.value.is_retry_safe


def signix_answer(method: str, data: str) -> Callable[[Connection], None]:
    return Script(http(signix_support.message(method, data)))


def signix_file(content: bytes, length: int | None = None) -> str:
    return (
        "<Form><RefID>FORM1</RefID><Desc>Lease</Desc><FileName>lease.pdf</FileName>"
        f"<MimeType>application/pdf</MimeType><Length>{len(content) if length is None else length}"
        f"</Length><Data>\n{base64.encodebytes(content).decode()}</Data></Form>"
    )


class TestSignix:
    @each_kind
    @pytest.mark.parametrize("size", [10, 300_001, 7_600_000])
    def test_up(self, kind: Kind, size: int, tmp_path: Path) -> None:
        content = HUGE[:size]
        file = tmp_path / "lease.pdf"
        file.write_bytes(content)
        form = form_of(file, ref_id="FORM1", desc="Lease")
        assert (form.length, form.file_name, form.mime_type) == (size, file.name, "application/pdf")
        watch = Watch()
        data = f"<DocumentSetID>{DOCUMENT_SET_ID}</DocumentSetID>"
        with hostile(signix_answer("SubmitDocument", data)) as server:
            drive(
                kind,
                server.url,
                lambda client: client.services.flex_api.submit_document(
                    submission(client, form=[form]), progress=watch
                ),
            )
        (received,) = server.received
        watch.assert_complete(len(received.body))
        root = etree.fromstring(fields_of(received)["request"].encode(), PARSER)
        assert text_of(root, "Data/Form/Length") == str(size)
        assert text_of(root, "Data/Form/Data") == base64_of(content)

    @each_kind
    def test_several_forms(self, kind: Kind, pdf: Path) -> None:
        contents = [CONTENT, b"small", OTHER]
        with pdf.open("rb") as file, hostile(signix_answer(
            "SubmitDocument", f"<DocumentSetID>{DOCUMENT_SET_ID}</DocumentSetID>"
        )) as server:  # fmt: skip
            forms = [
                form_of(file, ref_id="A", desc="A", file_name="a.pdf"),
                form_of(b"small", ref_id="B", desc="B", file_name="b.pdf"),
                form_of(ReceivedDocument(OTHER), ref_id="C", desc="C", file_name="c.pdf"),
            ]
            drive(
                kind,
                server.url,
                lambda client: client.services.flex_api.submit_document(
                    submission(client, form=forms)
                ),
            )
        root = etree.fromstring(fields_of(server.received[0])["request"].encode(), PARSER)
        assert [one.text for one in root.iter("{*}Data") if not len(one)] == [
            base64_of(one) for one in contents
        ]
        assert [one.text for one in root.iter("{*}Length")] == [str(len(one)) for one in contents]

    @each_kind
    @pytest.mark.parametrize("wrong", [0, 300_000, 400_004])
    def test_a_wrong_length_never_leaves(self, kind: Kind, wrong: int, pdf: Path) -> None:
        form = form_of(pdf, ref_id="A", desc="A")
        form.length = wrong
        with hostile(close_at_once) as server:
            with pytest.raises(InvalidRequest, match="has 300001 bytes before Base64") as caught:
                drive(
                    kind,
                    server.url,
                    lambda client: client.services.flex_api.submit_document(
                        submission(client, form=[form])
                    ),
                )
            assert server.connections == 0
        assert caught.value.path == "SubmitDocumentRq/Data/Form[1]/Length"

    def test_a_form_needs_a_name_and_a_document(self) -> None:
        with pytest.raises(InvalidRequest, match="file_name is missing"):
            form_of(b"x", ref_id="A", desc="A")
        with pytest.raises(InvalidRequest, match="a file that can be read"):
            form_of(Path("/there/is/none.pdf"), ref_id="A", desc="A")
        with pytest.raises(InvalidRequest, match=r"bytes, a pathlib\.Path or"):
            form_of(cast(Any, "lease.pdf"), ref_id="A", desc="A")

    @each_kind
    def test_a_file_that_is_gone_when_it_is_to_be_measured(self, kind: Kind, pdf: Path) -> None:
        """It goes after the message was made and before its length is known."""
        seen: list[object] = []

        def vanish(*arguments: object, **options: object) -> None:
            seen.append(arguments)
            pdf.unlink()

        with hostile(close_at_once) as server, pytest.MonkeyPatch.context() as patch:
            patch.setattr("esignwire.signix.forms.check_lengths", vanish)
            with pytest.raises(InvalidRequest, match="nothing was sent"):
                drive(
                    kind,
                    server.url,
                    lambda client: client.services.flex_api.submit_document(
                        submission(client, form=[form_of(pdf, ref_id="A", desc="A")])
                    ),
                )
            assert server.connections == 0
        assert seen

    @each_kind
    @pytest.mark.parametrize("content", [b"%PDF-", CONTENT, HUGE], ids=["small", "large", "huge"])
    def test_down(self, kind: Kind, content: bytes, tmp_path: Path) -> None:
        watch = Watch()
        data = signix_file(content) + signix_file(OTHER)
        with hostile(signix_answer("DownloadDocument", data)) as server:
            result = drive(
                kind,
                server.url,
                lambda client: client.transaction(document_set_id=DOCUMENT_SET_ID).download(
                    progress=watch
                ),
            )
        assert [form.data == one for form, one in zip(result.forms, (content, OTHER), strict=True)]
        assert result.forms[0].data.save(tmp_path / "a.pdf").read_bytes() == content
        watch.assert_complete(len(signix_support.message("DownloadDocument", data)))

    @each_kind
    @pytest.mark.parametrize("content", [b"%PDF-", CONTENT], ids=["small", "large"])
    def test_a_file_of_another_length_than_stated(self, kind: Kind, content: bytes) -> None:
        data = signix_file(content, len(content) + 1)
        with (
            hostile(signix_answer("DownloadDocument", data)) as server,
            pytest.raises(UnexpectedResponse, match="where its Length says") as caught,
        ):
            drive(
                kind,
                server.url,
                lambda client: client.transaction(document_set_id=DOCUMENT_SET_ID).download(),
            )
        assert caught.value.is_retry_safe


FILE = HUGE[:1_500_000]
UNUSABLE: dict[str, tuple[bytes, type[Exception]]] = {
    "another message": (soap(f"<a>{base64_of(FILE)}</a>"), UnexpectedResponse),
    "not well-formed": (http(downloaded(base64_of(FILE))[:-1] + b"x>"), MalformedResponse),
    "a fault": (
        soap(
            "<s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring><detail>"
            f"<a>{base64_of(FILE)}</a></detail></s:Fault>"
        ),
        SoapFault,
    ),
    "a part that is not there": (mtom(downloaded(include("two")), one=FILE), MalformedResponse),
}


class TestErrors:
    """An error may live long, and does not hold the documents of its answer."""

    @each_kind
    @pytest.mark.parametrize(("reply", "error"), UNUSABLE.values(), ids=UNUSABLE)
    def test_of_assuresign(self, kind: Kind, reply: bytes, error: type[Exception]) -> None:
        before = files_open()
        with scripted(kind, reply) as (client, _), pytest.raises(error) as caught:
            fetch(client)
        assert files_open() <= before
        assert caught.value.__traceback__ is not None

    @each_kind
    @pytest.mark.parametrize("method", ["DownloadDocument", "QueryTransactionStatus"])
    def test_of_signix(self, kind: Kind, method: str) -> None:
        """The file has another length than was said, or stands in another message than was due."""
        data = signix_file(FILE, length=1)
        before = files_open()
        with (
            hostile(signix_answer(method, data)) as server,
            pytest.raises(ResponseError) as caught,
        ):
            drive(
                kind,
                server.url,
                lambda client: client.transaction(document_set_id=DOCUMENT_SET_ID).download(),
            )
        assert files_open() <= before
        assert caught.value.__traceback__ is not None
