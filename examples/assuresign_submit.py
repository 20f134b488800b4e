"""Sends a PDF out for signing with AssureSign, and asks where it stands.

    python examples/assuresign_submit.py
        asks the emulator

    python examples/assuresign_submit.py --template GUID --email pat@example.com --pdf lease.pdf
        asks AssureSign, with the account that ESIGNWIRE_ASSURESIGN_* name

The exit status is 1 where the vendor refused the document.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from emulated import PDF, account

from esignwire import AssureSign
from esignwire.assuresign import DocumentStatus, FileDocument, JotBlock
from esignwire.errors import AssureSignError

TEMPLATE = "dcb79445-4d39-dd11-8735-00065b8ce99b"


def submit_and_check(client: AssureSign, document: FileDocument) -> None:
    submitted = client.submit(document)
    # Keep its auth_token as well: every later call about it needs both.
    print(f"document {submitted.id}")
    for link in client.signing_links(submitted):
        # The address of the link is a secret: it lets its reader sign.
        print(f"a link for {link.signatory.full_name}")
    (status,) = client.check_status(submitted)
    if isinstance(status, DocumentStatus):
        print(f"status {status.status_type}, {status.status_details}")
    else:
        print("no status:", *(one.text for one in status.exceptions))
    for event in client.history(submitted):
        print(f"{event.date:%Y-%m-%d}", event.details)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--template", default=TEMPLATE, help="the GUID of a template")
    parser.add_argument("--email", default="pat@example.com", help="whom to ask for a signature")
    parser.add_argument("--order-number", help="a reference of your own")
    parser.add_argument("--pdf", type=Path, help="the document")
    options = parser.parse_args()
    document = FileDocument(
        PDF if options.pdf is None else options.pdf,
        template_id=options.template,
        document_name="Lease",
        order_number=options.order_number,
        parameters={"Signatory 1 Email Address": options.email},
        jot_blocks=[
            JotBlock.signature(
                "Tenant signs",
                signatory_email=options.email,
                page=1,
                x=0.1,
                y=0.8,
                width=0.3,
                height=0.05,
            )
        ],
    )
    with account("assuresign"), AssureSign.from_environment() as client:
        try:
            submit_and_check(client, document)
        except AssureSignError as error:
            print("refused:", error.vendor_text)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
