"""Ten jobs of a product that has documents signed, with an emulator for the three vendors.

    python examples/ten_jobs.py

``ten_jobs_async.py`` does the same with asyncio.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from emulated import PDF

from esignwire import AssureSign, Constellation1, Signix
from esignwire.assuresign import DocumentReference, FileDocument, JotBlock, TemplateDocument
from esignwire.constellation1 import Document, Session, SessionInfo, Signer
from esignwire.emulator import EmulatorServer
from esignwire.errors import AssureSignError
from esignwire.signix import Field, Form, Party, Transaction

TEMPLATE = "dcb79445-4d39-dd11-8735-00065b8ce99b"
PAT = "pat@example.com"


def send_a_lease(client: AssureSign, pdf: Path) -> DocumentReference:
    place = JotBlock.signature(
        "Tenant signs", signatory_email=PAT, page=1, x=0.1, y=0.8, width=0.3, height=0.05
    )
    lease = FileDocument(
        pdf,
        template_id=TEMPLATE,
        document_name="Lease",
        parameters={"Signatory 1 Email Address": PAT},
        jot_blocks=[place],
    )
    return client.submit(lease)


def send_an_envelope(client: AssureSign, pdfs: list[Path]) -> int:
    with client.envelope("Sale") as envelope:
        for pdf in pdfs:
            envelope.submit(FileDocument(pdf, template_id=TEMPLATE))
    return len(client.list_envelope_documents(envelope).documents)


def invite(client: AssureSign, lease: DocumentReference) -> dict[str, str]:
    links = client.signing_links(lease, redirect_url="https://example.com/done")
    return {link.signatory.full_name: link.url for link in links}


def remind(client: AssureSign, lease: DocumentReference) -> None:
    client.resend_email(lease, PAT)


def keep(client: AssureSign, lease: DocumentReference, folder: Path) -> Path:
    return client.download(lease).save(folder / "lease.pdf")


def withdraw(client: AssureSign, lease: DocumentReference) -> str | None:
    try:
        client.cancel(lease, remarks="The tenant withdrew.")
    except AssureSignError as error:
        return error.vendor_text
    return None


def send_an_agreement(signix: Signix, pdf: Path) -> Transaction:
    places = [
        Field.signature("buyer", at="Buyer signs:", date_at="Buyer date:"),
        Field.signature("seller", at="Seller signs:", date_at="Seller date:"),
    ]
    return signix.submit(
        "Agreement",
        parties=[
            Party("buyer", "Pat", "Example", PAT),
            Party("seller", "Sam", "Example", "sam@example.com"),
        ],
        forms=[Form(pdf, fields=places)],
        submitter_email="owner@example.com",
    )


def sign_next(deal: Transaction) -> str:
    return deal.signing_link("seller")


def fetch(deal: Transaction, folder: Path) -> list[Path]:
    paths = deal.download().save_all(folder)
    deal.confirm_download()
    return paths


def offer(esign: Constellation1, pdf: Path) -> str:
    pat = Signer(last_name="Example", signer_role="Buyer 1", email_address=PAT)
    created = esign.create_session(
        Session(
            session_info=SessionInfo(title="Offer"),
            documents=[Document.from_file(pdf)],
            signers=[pat],
        )
    )
    esign.start_session(created.session_id, "https://example.com/signed")
    return esign.get_session(created.session_id).status


def main() -> None:
    with tempfile.TemporaryDirectory() as made, EmulatorServer() as emulator:
        folder = Path(made)
        pdf = folder / "agreement.pdf"
        pdf.write_bytes(PDF)
        with emulator.environment():
            with AssureSign.from_environment() as client:
                lease = send_a_lease(client, pdf)
                print("documents in the envelope:", send_an_envelope(client, [pdf, pdf]))
                print("links for:", *invite(client, lease))
                remind(client, lease)
                emulator.complete(lease)
                print("kept whole:", keep(client, lease, folder).read_bytes() == PDF)
                print("withdrawn after signing:", withdraw(client, lease))
                other = client.submit(TemplateDocument(template_id=TEMPLATE))
                print("withdrawn before:", withdraw(client, other))
            with Signix.from_environment() as signix:
                deal = send_an_agreement(signix, pdf)
                print("a link:", sign_next(deal).startswith("http"))
                emulator.complete(deal)
                print("fetched:", *(path.name for path in fetch(deal, folder / "signed")))
            with Constellation1.from_environment() as esign:
                print("the offer is", offer(esign, pdf))


if __name__ == "__main__":
    main()
