"""Documents through the clients to the emulator and back, byte for byte."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from esignwire import ReceivedDocument
from esignwire.emulator import EmulatorServer
from esignwire.signix import form_of
from esignwire_generated.assuresign.types import (
    download,
    download_template,
    envelopes,
    submit,
)
from tests.support.assuresign import ACCOUNT, KINDS, TEMPLATE, Driver, Kind
from tests.support.emulator import control
from tests.support.signix import drive, submission

# In base64 it passes ten million characters, where libxml2 stops by default.
HUGE = os.urandom(8_000_002)
SIZES = pytest.mark.parametrize("size", [5, 100_000, len(HUGE)])
each_kind = pytest.mark.parametrize("kind", KINDS)
each_encoding = pytest.mark.parametrize("uses_mtom", [False, True], ids=["text", "mtom"])


def file_of(path: Path, size: int) -> Path:
    path.write_bytes(HUGE[:size])
    return path


def submitted(client: Driver, source: Any, envelope: UUID | None = None) -> submit.DocumentResult:
    answer = client.service(
        "submit",
        "submit_with_file",
        submit.SubmitWithFile(
            documents=submit.ArrayOfFileDocument(
                file_document=[
                    submit.FileDocument(
                        context_identifier=UUID(ACCOUNT),
                        metadata=submit.Metadata(
                            user_name="owner@example.com", envelope_id=envelope
                        ),
                        underlying_file=submit.UnderlyingFile(
                            file_type=submit.SupportedFileType.PDF,
                            data=source,
                        ),
                    )
                ]
            )
        ),
    )
    result: submit.DocumentResult = answer.submit_with_file_result.document_result[0]
    assert result.id is not None
    assert result.exceptions is None
    return result


def fetched(client: Driver, document: submit.DocumentResult) -> download.DownloadResult:
    assert document.id is not None
    assert document.auth_token is not None
    request = download.Download(
        request=download.DownloadRequest(
            context_identifier=UUID(ACCOUNT),
            document_id=document.id,
            auth_token=document.auth_token,
            download_type=download.DownloadType.ORIGINAL,
        )
    )
    answer = client.service("download", "download", request)
    found: download.DownloadResult = answer.download_result
    return found


@each_kind
@each_encoding
@SIZES
def test_a_file_comes_back(
    kind: Kind, uses_mtom: bool, size: int, emulator: EmulatorServer, tmp_path: Path
) -> None:
    source = file_of(tmp_path / "lease.pdf", size)
    with Driver(kind, emulator.assuresign_url, uses_mtom=uses_mtom) as client:
        found = fetched(client, submitted(client, source)).file_data
        assert isinstance(found, ReceivedDocument)
        assert found == HUGE[:size]
        # What came can be sent on.
        again = fetched(client, submitted(client, found)).file_data
        assert again == found
    assert found.save(tmp_path / "signed.pdf").read_bytes() == source.read_bytes()


@each_kind
@each_encoding
def test_all_files_of_an_envelope(
    kind: Kind, uses_mtom: bool, emulator: EmulatorServer, tmp_path: Path
) -> None:
    attachment = file_of(tmp_path / "attachment.pdf", 300_000)
    with Driver(kind, emulator.assuresign_url, uses_mtom=uses_mtom) as client:
        created = client.service(
            "envelopes",
            "create_envelope",
            envelopes.CreateEnvelope(
                request=envelopes.CreateEnvelopeRequest(
                    context_identifier=UUID(ACCOUNT),
                    workflow_type=envelopes.EnvelopeWorkflowType.PARALLEL,
                    attachments=envelopes.ArrayOfEnvelopeAttachment(
                        envelope_attachment=[
                            envelopes.EnvelopeAttachment(
                                file_data=attachment, name="Map", extension="pdf"
                            )
                        ]
                    ),
                )
            ),
        ).create_envelope_result
        assert created.exceptions is None
        envelope = {
            "context_identifier": UUID(ACCOUNT),
            "envelope_id": created.envelope_id,
            "auth_token": created.auth_token,
        }
        sizes = [200_000, 7, 1_500_000]
        documents = [
            submitted(client, file_of(tmp_path / f"{size}.pdf", size), created.envelope_id)
            for size in sizes
        ]
        client.service(
            "envelopes",
            "close_envelope",
            envelopes.CloseEnvelope(request=envelopes.CloseEnvelopeRequest(**envelope)),
        )
        for document in documents:
            control(emulator, "assuresign/documents/complete", str(document.id))
        answer = client.service(
            "envelopes",
            "download_envelope_documents",
            envelopes.DownloadEnvelopeDocuments(
                request=envelopes.DownloadEnvelopeDocumentsRequest(**envelope)
            ),
        )
    result = answer.download_envelope_documents_result
    assert result.exceptions is None
    found = result.documents.envelope_document
    assert [one.document_id for one in found] == [one.id for one in documents]
    assert [one.completed_document.data for one in found] == [HUGE[:size] for size in sizes]
    assert result.completion_report.data.read().startswith(b"%PDF-")


@each_kind
@each_encoding
def test_a_template_comes_down(kind: Kind, uses_mtom: bool, emulator: EmulatorServer) -> None:
    request = download_template.DownloadTemplate(
        request=download_template.DownloadTemplateRequest(
            context_identifier=UUID(ACCOUNT), template_id=UUID(TEMPLATE)
        )
    )
    with Driver(kind, emulator.assuresign_url, uses_mtom=uses_mtom) as client:
        answer = client.service("download_template", "download_template", request)
    result = answer.download_template_result
    assert result.template_id == UUID(TEMPLATE)
    assert result.exceptions is None
    assert isinstance(result.file_data, ReceivedDocument)
    assert result.file_data.size > 0


@each_kind
@SIZES
def test_the_forms_of_a_transaction_come_back(
    kind: Kind, size: int, emulator: EmulatorServer, tmp_path: Path
) -> None:
    source = file_of(tmp_path / "lease.pdf", size)
    forms = [
        form_of(source, ref_id="FORM1", desc="Lease"),
        form_of(b"%PDF-1.4 small", ref_id="FORM2", desc="Annex", file_name="annex.pdf"),
    ]
    # An identifier of its own for each test: the emulator remembers the others.
    identifier = f"documents {kind} {size}".ljust(36, "#")
    answer = drive(
        kind,
        emulator.signix_url,
        lambda client: client.services.flex_api.submit_document(
            submission(client, form=forms, transaction_id=identifier)
        ),
    )
    control(emulator, "signix/transactions/complete", answer.data.document_set_id)
    result = drive(
        kind,
        emulator.signix_url,
        lambda client: client.transaction(document_set_id=answer.data.document_set_id).download(),
    )
    assert [(one.ref_id, one.length, one.file_name) for one in result.forms] == [
        ("FORM1", size, "lease.pdf"),
        ("FORM2", 14, "annex.pdf"),
    ]
    assert result.forms[0].data == HUGE[:size]
    assert result.forms[1].data == b"%PDF-1.4 small"
    assert result.audit_report.length == result.audit_report.data.size
