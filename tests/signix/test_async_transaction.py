"""Links, tokens and downloads of a transaction that was submitted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from esignwire.emulator import EmulatorServer
from esignwire.errors import InvalidRequest, SignixError, UnexpectedResponse
from esignwire.signix import Failed, Field, Form, Party, Signix, TransactionCancel
from tests.support.emulator import control
from tests.support.hostile import answer, close_at_once, hostile
from tests.support.signix import (
    DOCUMENT_SET_ID,
    KINDS,
    PASSWORD,
    PDF,
    TRANSACTION_ID,
    Kind,
    drive,
    message,
    sent,
    text_of,
)

LINK = message("GetAccessLink", "<AccessLink>https://x.example/?a=1&amp;i=2</AccessLink>")


def by_id(client: Any, **more: Any) -> Any:
    return client.transaction(document_set_id=DOCUMENT_SET_ID, **more)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("party", "parties", "number"),
    [("seller", ["buyer", "seller"], "2"), (2, ["buyer", "seller"], "2"), (7, [], "7")],
)
def test_a_party_is_named_by_its_ref_id_or_its_position(
    kind: Kind, party: str | int, parties: list[str], number: str
) -> None:
    with hostile(answer(LINK)) as server:
        link = drive(
            kind,
            server.url,
            lambda c: by_id(c, parties=parties).signing_link(party, permanent=True, timeout=9),
        )
        root = sent(server.received[0])
    assert link == "https://x.example/?a=1&i=2"
    assert text_of(root, "Data/DocumentSetID") == DOCUMENT_SET_ID
    assert text_of(root, "Data/MemberInfoNumber") == number
    assert text_of(root, "Data/PermanentLink") == "true"
    assert text_of(root, "Data/TransactionRole") is None


@pytest.mark.parametrize(
    ("party", "parties", "words"),
    [
        ("owner", ["buyer"], "must be one of 'buyer', or a position from 1 to 1, and 'owner' came"),
        (2, ["buyer"], "and 2 came"),
        (0, [], "must be a position, 1 being the first"),
        (-1, ["buyer"], "and -1 came"),
        (True, ["buyer"], "and True came"),
        (None, ["buyer"], "and None came"),
        (["buyer"], ["buyer"], "and an object of type list came"),
        ("buyer", [], "signix.transaction(..., parties=[...])"),
    ],
)
def test_a_party_that_is_not_there(party: Any, parties: list[str], words: str) -> None:
    with hostile(close_at_once) as server:
        with pytest.raises(InvalidRequest, match="party must be") as caught:
            drive("sync", server.url, lambda c: by_id(c, parties=parties).signing_link(party))
        assert server.connections == 0
    assert words in str(caught.value)


@pytest.mark.parametrize("parties", ["buyer", None, 5, [1], [None]])
def test_parties_that_are_none(parties: Any) -> None:
    with pytest.raises(InvalidRequest, match="parties must be a list of RefIDs"):
        drive("sync", "https://x.example", lambda c: by_id(c, parties=parties))


@pytest.mark.parametrize("kind", KINDS)
def test_the_submitters_link_says_what_may_be_changed(kind: Kind) -> None:
    with hostile(answer(LINK)) as server:
        drive(
            kind,
            server.url,
            lambda c: c.transaction(transaction_id=TRANSACTION_ID).submitter_link(
                allow_transaction_status_viewing=True,
                allow_transaction_context_editing=False,
                allow_document_field_and_task_editing=True,
                allow_document_editing=True,
                allow_participant_editing=True,
                use_my_do_x_wizard=True,
                skin_id="Twilight",
                finish_url="https://x.example/?a=1&b=2",
            ),
        )
        root = sent(server.received[0])
    assert [(str(node.tag).rpartition("}")[2], node.text) for node in root[1]] == [
        ("TransactionID", TRANSACTION_ID),
        ("TransactionRole", "submitter"),
        ("AllowTransactionStatusViewing", "true"),
        ("AllowTransactionContextEditing", "false"),
        ("AllowDocumentFieldAndTaskEditing", "true"),
        ("AllowDocumentEditing", "true"),
        ("AllowParticipantEditing", "true"),
        ("UseMyDoXWizard", "true"),
        ("SkinID", "Twilight"),
        ("FinishURL", "https://x.example/?a=1&b=2"),
    ]


LINKS: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("GetAccessLink", "AccessLink", lambda t: t.signing_link(1)),
    ("GetAccessLink", "AccessLink", lambda t: t.submitter_link()),
    ("GetAccessToken", "AccessToken", lambda t: t.access_token()),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("method", "name", "act"), LINKS)
def test_an_empty_link_is_no_success(
    kind: Kind, method: str, name: str, act: Callable[[Any], Any]
) -> None:
    for content in (f"<{name}/>", f"<{name}> \n</{name}>"):
        with (
            hostile(answer(message(method, content))) as server,
            pytest.raises(UnexpectedResponse, match=f"the {name} is empty") as raised,
        ):
            drive(kind, server.url, lambda c: act(by_id(c)))
        assert raised.value.path == f"{method}Rs/Data/{name}"
    with (
        hostile(answer(message(method, None, 109, f"{PASSWORD} is wrong"))) as server,
        pytest.raises(SignixError) as refused,
    ):
        drive(kind, server.url, lambda c: act(by_id(c)))
    assert refused.value.vendor_text == "*** is wrong"


def test_a_token_needs_the_vendors_identifier() -> None:
    with hostile(close_at_once) as server:
        with pytest.raises(InvalidRequest, match="GetAccessToken takes no TransactionID"):
            drive(
                "sync",
                server.url,
                lambda c: c.transaction(transaction_id=TRANSACTION_ID).access_token(),
            )
        assert server.connections == 0


@pytest.mark.parametrize("commands", [None, 5])
def test_commands_that_are_no_list(commands: Any) -> None:
    with pytest.raises(InvalidRequest, match="commands must be a list of commands"):
        drive("sync", "https://x.example", lambda c: by_id(c).run_all(commands))
    with pytest.raises(InvalidRequest, match="a command was due"):
        drive("sync", "https://x.example", lambda c: by_id(c).run([TransactionCancel()]))


def test_a_transaction_from_its_submission_to_its_files(tmp_path: Path) -> None:
    """The whole way, typed as a program would write it."""
    lease = tmp_path / "lease.pdf"
    lease.write_bytes(PDF)
    account = {"sponsor": "s", "client": "c", "user_id": "u", "password": "p"}
    with (
        EmulatorServer() as emulator,
        Signix(**account, url=emulator.signix_url, workgroup="SDD") as signix,
    ):
        deal = signix.submit(
            "Agreement",
            parties=[
                Party("buyer", "Pat", "Example", "pat@example.com"),
                Party("seller", "Sam", "Example", "sam@example.com", mobile_number="5555550100"),
            ],
            forms=[
                Form(
                    lease,
                    fields=[
                        Field.signature("buyer", at="Buyer signs:", date_at="Buyer date:"),
                        Field.signature("seller", at="Seller signs:", date_at="Seller date:"),
                        Field.text(at="Remarks:", is_required=False),
                    ],
                ),
                Form(PDF, file_name="../LEASE.pdf"),
            ],
            submitter_email="owner@example.com",
            suspend_on_start=True,
            push_url="https://example.com/push",
            preferences={"NextPartyLink": True},
        )
        assert deal.pickup_link is None
        identifier = deal.document_set_id or ""
        remembered = emulator.state.signix.transactions[identifier]
        assert remembered.status == "Suspended"
        assert remembered.preferences == {
            "NextPartyLink": "yes",
            "UseClientNotifyVersion2": "yes",
            "TransactionClientNotifyURL": "https://example.com/push",
        }
        assert "TransactionClientNotifyURL" in str(emulator.state.summary())
        assert [form.file_name for form in remembered.forms] == ["lease.pdf", "../LEASE.pdf"]
        deal.resume()
        assert deal.signing_link("seller") != deal.signing_link(1)
        assert deal.submitter_link().startswith("http")
        assert deal.access_token()
        refused = deal.change_email("owner", "a@example.com")
        assert isinstance(refused, Failed)
        assert refused.text == "The transaction has no party with this RefID."
        control(emulator, "signix/transactions/complete", identifier)
        saved = deal.download().save_all(tmp_path / "signed")
        deal.confirm_download()
        assert [path.name for path in saved] == [
            *("lease.pdf", "_LEASE.pdf", "audit.pdf", "certificate.pdf")
        ]
        assert [path.read_bytes() for path in saved[:2]] == [PDF, PDF]
        assert emulator.state.signix.transactions[identifier].is_download_confirmed
        found = signix.transaction(transaction_id=deal.transaction_id, parties=["buyer", "seller"])
        assert found.signing_link("buyer").startswith("http")
