"""Ten jobs of a product that has documents signed, as `ten_jobs.py` does them, with asyncio.

    python examples/ten_jobs_async.py

An emulator stands in for the three vendors.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from emulated import PDF

from esignwire import AsyncAssureSign, AsyncConstellation1, AsyncSignix
from esignwire.assuresign import DocumentReference, FileDocument, JotBlock, TemplateDocument
from esignwire.constellation1 import Document, Session, SessionInfo, Signer
from esignwire.emulator import EmulatorServer
from esignwire.errors import AssureSignError
from esignwire.signix import AsyncTransaction, Field, Form, Party

TEMPLATE = "dcb79445-4d39-dd11-8735-00065b8ce99b"
PAT = "pat@example.com"


async def send_a_lease(client: AsyncAssureSign, pdf: Path) -> DocumentReference:
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
    return await client.submit(lease)


async def send_an_envelope(client: AsyncAssureSign, pdfs: list[Path]) -> int:
    async with client.envelope("Sale") as envelope:
        for pdf in pdfs:
            await envelope.submit(FileDocument(pdf, template_id=TEMPLATE))
    return len((await client.list_envelope_documents(envelope)).documents)


async def invite(client: AsyncAssureSign, lease: DocumentReference) -> dict[str, str]:
    links = await client.signing_links(lease, redirect_url="https://example.com/done")
    return {link.signatory.full_name: link.url for link in links}


async def remind(client: AsyncAssureSign, lease: DocumentReference) -> None:
    await client.resend_email(lease, PAT)


async def keep(client: AsyncAssureSign, lease: DocumentReference, folder: Path) -> Path:
    return (await client.download(lease)).save(folder / "lease.pdf")


async def withdraw(client: AsyncAssureSign, lease: DocumentReference) -> str | None:
    try:
        await client.cancel(lease, remarks="The tenant withdrew.")
    except AssureSignError as error:
        return error.vendor_text
    return None


async def send_an_agreement(signix: AsyncSignix, pdf: Path) -> AsyncTransaction:
    places = [
        Field.signature("buyer", at="Buyer signs:", date_at="Buyer date:"),
        Field.signature("seller", at="Seller signs:", date_at="Seller date:"),
    ]
    return await signix.submit(
        "Agreement",
        parties=[
            Party("buyer", "Pat", "Example", PAT),
            Party("seller", "Sam", "Example", "sam@example.com"),
        ],
        forms=[Form(pdf, fields=places)],
        submitter_email="owner@example.com",
    )


async def sign_next(deal: AsyncTransaction) -> str:
    return await deal.signing_link("seller")


async def fetch(deal: AsyncTransaction, folder: Path) -> list[Path]:
    paths = (await deal.download()).save_all(folder)
    await deal.confirm_download()
    return paths


async def offer(esign: AsyncConstellation1, pdf: Path) -> str:
    pat = Signer(last_name="Example", signer_role="Buyer 1", email_address=PAT)
    created = await esign.create_session(
        Session(
            session_info=SessionInfo(title="Offer"),
            documents=[Document.from_file(pdf)],
            signers=[pat],
        )
    )
    await esign.start_session(created.session_id, "https://example.com/signed")
    return (await esign.get_session(created.session_id)).status


async def main() -> None:
    with tempfile.TemporaryDirectory() as made, EmulatorServer() as emulator:
        folder = Path(made)
        pdf = folder / "agreement.pdf"
        pdf.write_bytes(PDF)
        with emulator.environment():
            async with AsyncAssureSign.from_environment() as client:
                lease = await send_a_lease(client, pdf)
                print("documents in the envelope:", await send_an_envelope(client, [pdf, pdf]))
                print("links for:", *await invite(client, lease))
                await remind(client, lease)
                emulator.complete(lease)
                print("kept whole:", (await keep(client, lease, folder)).read_bytes() == PDF)
                print("withdrawn after signing:", await withdraw(client, lease))
                other = await client.submit(TemplateDocument(template_id=TEMPLATE))
                print("withdrawn before:", await withdraw(client, other))
            async with AsyncSignix.from_environment() as signix:
                deal = await send_an_agreement(signix, pdf)
                print("a link:", (await sign_next(deal)).startswith("http"))
                emulator.complete(deal)
                print("fetched:", *(path.name for path in await fetch(deal, folder / "signed")))
            async with AsyncConstellation1.from_environment() as esign:
                print("the offer is", await offer(esign, pdf))


if __name__ == "__main__":
    asyncio.run(main())
