"""Creates a signing session at Constellation1, sends it to its signer, and cancels it.

    python examples/constellation1_session.py
        asks the emulator

    python examples/constellation1_session.py --document offer.pdf --email pat@example.com
        asks Constellation1, with the account that ESIGNWIRE_CONSTELLATION1_* name

The exit status is 1 where the vendor did not start the session.
"""

from __future__ import annotations

import argparse
import sys
import uuid
from pathlib import Path

from emulated import PDF, account

from esignwire import Constellation1
from esignwire.constellation1 import Document, Session, SessionInfo, Signer, StartPolicy
from esignwire.errors import SessionNotStarted

RETURN_URL = "https://app.example.com/signed"


def run(client: Constellation1, session: Session, policy: StartPolicy) -> int:
    created = client.create_session(session)
    print(f"session {created.session_id}, a draft")
    try:
        started = client.start_session(created.session_id, RETURN_URL, policy=policy)
    except SessionNotStarted as error:
        print(error)
        return 1
    # One that comes too soon after the draft is refused, and tried again as the policy says.
    print(f"started, attempt {started.attempts}")
    for found in client.get_session(created.session_id).sessions:
        print(f"status {found.status!r}, signers {len(found.signers)}")
    client.cancel_session(created.session_id, return_url=RETURN_URL)
    print("cancelled")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--document", type=Path, help="a PDF with anchor tags")
    parser.add_argument("--email", default="pat@example.com", help="whom to ask for a signature")
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between two starts")
    options = parser.parse_args()
    session = Session(
        session_info=SessionInfo(title="Offer", transaction_id=f"offer {uuid.uuid4()}"),
        documents=(
            Document(
                file_name=options.document.name if options.document else "offer.pdf",
                file_bytes=options.document.read_bytes() if options.document else PDF,
                has_anchor_tags=True,
            ),
        ),
        signers=(
            Signer(
                first_name="Pat",
                last_name="Example",
                email_address=options.email,
                signer_role="Buyer 1",
            ),
        ),
    )
    with account("constellation1"), Constellation1.from_environment() as client:
        return run(client, session, StartPolicy(pause=options.pause))


if __name__ == "__main__":
    sys.exit(main())
