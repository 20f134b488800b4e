"""Sends a document from a template out for signing with AssureSign, and asks where it stands.

    python examples/assuresign_submit.py
        asks the emulator

    python examples/assuresign_submit.py --template GUID --email pat@example.com
        asks AssureSign, with the account that ESIGNWIRE_ASSURESIGN_* name

The exit status is 1 where the document was not created.
"""

from __future__ import annotations

import argparse
import sys

from emulated import account

from esignwire import AssureSign
from esignwire.assuresign import DocumentStatus, SubmissionCompleted, TemplateDocument

TEMPLATE = "dcb79445-4d39-dd11-8735-00065b8ce99b"


def submit_and_check(client: AssureSign, document: TemplateDocument) -> int:
    session = client.async_submit(document)
    print(f"session {session.id}")
    ended = client.wait_for_session(session)
    if not isinstance(ended, SubmissionCompleted) or ended.rejected:
        print("not created:", ended)
        return 1
    for submitted in ended.documents:
        # Keep its auth_token as well: every later call about it needs both.
        print(f"document {submitted.id}")
    for status in client.check_status(*ended.documents):
        if isinstance(status, DocumentStatus):
            print(f"status {status.status_type}, {status.status_details}")
        else:
            print("no status:", *(one.text for one in status.exceptions))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--template", default=TEMPLATE, help="the GUID of a template")
    parser.add_argument("--email", default="pat@example.com", help="whom to ask for a signature")
    parser.add_argument("--order-number", help="a reference of your own")
    options = parser.parse_args()
    document = TemplateDocument(
        template_id=options.template,
        order_number=options.order_number,
        parameters={"Signatory 1 Email Address": options.email},
    )
    with account("assuresign"), AssureSign.from_environment() as client:
        return submit_and_check(client, document)


if __name__ == "__main__":
    sys.exit(main())
