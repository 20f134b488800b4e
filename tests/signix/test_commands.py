"""The JSON of the commands, and what is refused before anything is sent."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable
from typing import Any

import pydantic
import pytest

from esignwire.errors import InvalidRequest
from esignwire.signix import (
    EmailAddress,
    EmailAddressTable,
    RawCommand,
    TransactionCancel,
    TransactionResume,
    TransactionSaveDeltas,
    TransactionSendPartyEmail,
    TransactionSuspend,
    TxRoleAddressee,
    parse_command,
)
from tests.support.hostile import answer, hostile
from tests.support.signix import (
    DOCUMENT_SET_ID,
    KINDS,
    TRANSACTION_ID,
    Kind,
    drive,
    multi,
    pickled,
    single,
)

EMAIL = TransactionSaveDeltas.change_email("REF1", "new@example.com")
MOBILE = TransactionSaveDeltas.change_mobile_number("REF1", "2025550123")
RESEND = TransactionSendPartyEmail.to_party("REF1")
# In the order in which the vendor prints the members.
PRINTED = [
    (TransactionCancel(), '{"objectType":"Transaction_Cancel"}'),
    (TransactionSuspend(), '{"objectType":"Transaction_Suspend"}'),
    (TransactionResume(), '{"objectType":"Transaction_Resume"}'),
    (
        EMAIL,
        (
            '{"objectType":"Transaction_SaveDeltas","deltas":[{"objectType":"Transaction_UpdateRole",'
            '"role":{"id":"REF1","objectType":"TransactionRole","party":{"objectType":"PersonData",'
            '"emailAddressTable":{"REF1":{"address":"new@example.com","objectType":"EmailAddress",'
            '"type":"Home"}}}}}]}'
        ),
    ),
    (
        MOBILE,
        (
            '{"objectType":"Transaction_SaveDeltas","deltas":[{"objectType":"Transaction_UpdateRole",'
            '"role":{"id":"REF1","objectType":"TransactionRole","party":{"objectType":"PersonData",'
            '"phoneTable":{"Mobile1":{"objectType":"PhoneNumber","id":"Mobile","type":"",'
            '"number":"2025550123"}}}}}]}'
        ),
    ),
    (
        RESEND,
        (
            '{"objectType":"Transaction_SendPartyEmail","includeLink":true,"subject":"","message":"",'
            '"transactionId":"","to":[{"objectType":"TxRoleAddressee","Id":"REF1","name":"",'
            '"emailAddress":""}]}'
        ),
    ),
    (
        TransactionSendPartyEmail.to_party("RÉF <1>", 'Sign "here" & now', "line 1\nline 2"),
        (
            '{"objectType":"Transaction_SendPartyEmail","includeLink":true,'
            '"subject":"Sign \\"here\\" & now","message":"line 1\\nline 2",'
            '"transactionId":"","to":[{"objectType":"TxRoleAddressee","Id":"RÉF <1>","name":"",'
            '"emailAddress":""}]}'
        ),
    ),
    (RawCommand({"z": [1, None], "objectType": "A_B"}), '{"z":[1,null],"objectType":"A_B"}'),
]


@pytest.mark.parametrize(("command", "text"), PRINTED)
def test_the_json_is_as_printed(command: Any, text: str) -> None:
    assert command.to_json() == text
    assert json.loads(text)["objectType"] == command.object_type


@pytest.mark.parametrize(("command", "text"), PRINTED)
def test_a_command_is_read_back(command: Any, text: str) -> None:
    assert parse_command(text) == command
    assert parse_command(json.dumps(json.loads(text), indent=2)) == command
    assert pickled(command) == command == copy.deepcopy(command)


def test_commands_are_frozen() -> None:
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        EMAIL.deltas = ()  # type: ignore[assignment]  # that it is refused is the test
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        EMAIL.deltas[0].role.id = "REF2"
    assert len({EMAIL, TransactionSaveDeltas.change_email("REF1", "new@example.com")}) == 1


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: TransactionSaveDeltas.change_email("REF1", "nobody"), "one e-mail address"),
        (lambda: TransactionSaveDeltas.change_email("REF1", "a@b, c@d"), "one e-mail address"),
        (lambda: TransactionSaveDeltas.change_email("REF1", "A <a@b>"), "one e-mail address"),
        (lambda: TransactionSaveDeltas.change_email("REF1", "a@b\n"), "one e-mail address"),
        (lambda: TransactionSaveDeltas.change_email("", "a@b"), "at least 1 character"),
        (lambda: TransactionSaveDeltas.change_mobile_number("REF1", "202555012"), "10 digits"),
        (lambda: TransactionSaveDeltas.change_mobile_number("REF1", "12025550123"), "10 digits"),
        (lambda: TransactionSaveDeltas.change_mobile_number("REF1", "202-555-0123"), "10 digits"),
        (lambda: TransactionSaveDeltas.change_mobile_number("REF1", "٢٠٢٥٥٥٠١٢٣"), "10 digits"),
        (lambda: TransactionSaveDeltas.change_mobile_number("REF1", "2025550123\n"), "10 digits"),
        (
            lambda: TransactionSaveDeltas.change_mobile_number("REF1", 2025550123),  # type: ignore[arg-type]  # that it is refused is the test
            "valid string",
        ),
        (lambda: TransactionSendPartyEmail.to_party(""), "at least 1 character"),
        (lambda: TransactionSendPartyEmail.to_party("REF1", "a\nBcc: b@c"), "one line"),
        (lambda: TransactionSendPartyEmail(to=()), "at least 1 item"),
        (lambda: TransactionSendPartyEmail.to_party("REF1", "\ud800").to_json(), "as JSON"),
        (lambda: RawCommand({"a": 1}), "objectType"),
        (lambda: RawCommand({"objectType": ""}), "objectType"),
        (lambda: RawCommand({"objectType": "A", "b": float("nan")}), "as JSON"),
        (lambda: RawCommand({"objectType": "A", "b": "\udc00"}), "as JSON"),
        (lambda: RawCommand({"objectType": "A", "b": object()}), "JSON value"),  # type: ignore[dict-item]  # that it is refused is the test
        (lambda: RawCommand([]), "dictionary"),  # type: ignore[arg-type]  # that it is refused is the test
        (lambda: parse_command("{'objectType':'Transaction_Cancel'"), "JSON"),
        (lambda: parse_command("[]"), "dictionary"),
        (lambda: parse_command('{"objectType":"Transaction_Cancel","x":1}'), "not permitted"),
        (
            lambda: parse_command('{"objectType":"Transaction_SaveDeltas","deltas":[]}'),
            "Field required|at least 1|Tuple",
        ),
    ],
)
def test_what_cannot_be_right_is_refused(make: Callable[[], object], what: str) -> None:
    with pytest.raises(InvalidRequest, match=what) as refused:
        make()
    assert refused.value.vendor == "SIGNiX"
    assert refused.value.path
    assert refused.value.rule
    assert "nothing was sent" in str(refused.value)


def test_a_second_change_has_no_place() -> None:
    document = json.loads(EMAIL.to_json())
    party = document["deltas"][0]["role"]["party"]
    party.update(json.loads(MOBILE.to_json())["deltas"][0]["role"]["party"])
    with pytest.raises(InvalidRequest, match="not permitted"):
        parse_command(json.dumps(document))
    document = json.loads(EMAIL.to_json())
    document["deltas"] *= 2
    with pytest.raises(InvalidRequest, match="deltas"):
        parse_command(json.dumps(document))
    with pytest.raises(InvalidRequest, match="exactly one"):
        EmailAddressTable.model_validate(
            {"A": {"address": "a@b"}, "B": {"address": "a@b"}},
        )


def test_parts_take_the_vendors_names_and_pythons() -> None:
    assert TxRoleAddressee(id="R") == TxRoleAddressee.model_validate({"Id": "R"})
    assert EmailAddress(address="a@b", type="Work").type == "Work"


def saving(*parties: tuple[str, dict[str, Any]]) -> RawCommand:
    return RawCommand(
        {
            "objectType": "Transaction_SaveDeltas",
            "deltas": [
                {
                    "objectType": "Transaction_UpdateRole",
                    "role": {
                        "id": ref_id,
                        "objectType": "TransactionRole",
                        "party": {"objectType": "PersonData", **party},
                    },
                }
                for ref_id, party in parties
            ],
        }
    )


EMAILS = {"emailAddressTable": {"K": {"address": "a@example.com"}}}
PHONES = {"phoneTable": {"Mobile1": {"number": "2025550123"}}}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("act", "what"),
    [
        (lambda t: t.run_all([]), "at least one"),
        (lambda t: t.run_all(iter(())), "at least one"),
        (lambda t: t.run_all([EMAIL, TransactionCancel()]), "Transaction_Cancel depends on"),
        (lambda t: t.run_all([TransactionSuspend(), EMAIL]), "Transaction_Suspend depends on"),
        (lambda t: t.run_all([TransactionResume()]), "Transaction_Resume depends on"),
        (
            lambda t: t.run_all([RawCommand({"objectType": "Transaction_Cancel"})]),
            "Transaction_Cancel depends on",
        ),
        (lambda t: t.run_all([EMAIL, EMAIL]), "commands 1 and 2 change the same"),
        (
            lambda t: t.run_all(
                [MOBILE, TransactionSaveDeltas.change_mobile_number("REF1", "2025550199")]
            ),
            "commands 1 and 2 change the same",
        ),
        (lambda t: t.run_all([RESEND, EMAIL]), "change the address first"),
        (lambda t: t.run_all([EMAIL, "x"]), "a command was due and a str came"),
        (lambda t: t.run_all(EMAIL), "a command was due and a tuple came"),
        (lambda t: t.run({"objectType": "A"}), "a command was due and a dict came"),
        (lambda t: t.run(saving(("R", EMAILS | PHONES))), "send a command for each"),
        (lambda t: t.run(saving(("R", EMAILS), ("R", PHONES))), "send a command for each"),
        (lambda t: t.run(saving(("R", EMAILS | {"name": "A"}))), "send a command for each"),
        (lambda t: t.run_all([RESEND, saving(("R", EMAILS | PHONES))]), "send a command for each"),
        (lambda t: t.change_email("REF1", "nobody"), "one e-mail address"),
        (lambda t: t.change_mobile_number("REF1", "5"), "exactly 10 digits"),
        (lambda t: t.send_pickup_email("REF1", subject="a\r\nb"), "one line"),
    ],
)
def test_a_refused_request_never_leaves(kind: Kind, act: Callable[[Any], Any], what: str) -> None:
    with hostile(answer(single("{}"))) as server:
        with pytest.raises(InvalidRequest, match=what) as refused:
            drive(kind, server.url, lambda c: act(c.transaction(document_set_id=DOCUMENT_SET_ID)))
        assert "nothing was sent" in str(refused.value)
        assert server.connections == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("names", "what"),
    [
        ({}, "exactly one of them; neither is given"),
        (
            {"document_set_id": DOCUMENT_SET_ID, "transaction_id": TRANSACTION_ID},
            "exactly one of them; both are given",
        ),
        ({"document_set_id": " "}, "that SubmitDocument returned"),
        ({"transaction_id": TRANSACTION_ID[:-1]}, "exactly 36 characters and has 35"),
        ({"transaction_id": TRANSACTION_ID + " "}, "exactly 36 characters and has 37"),
        ({"transaction_id": ""}, "exactly 36 characters and has 0"),
        ({"transaction_id": uuid.UUID(int=1)}, "must be a str and is of type UUID"),
        ({"document_set_id": 7}, "must be a str and is of type int"),
    ],
)
def test_a_transaction_is_named_one_way(kind: Kind, names: dict[str, Any], what: str) -> None:
    with hostile(answer(single("{}"))) as server:
        with pytest.raises(InvalidRequest, match=what):
            drive(kind, server.url, lambda c: c.transaction(**names))
        assert server.connections == 0


@pytest.mark.parametrize("kind", KINDS)
def test_changes_that_do_not_touch_each_other_may_go_together(kind: Kind) -> None:
    commands = [
        EMAIL,
        MOBILE,
        TransactionSaveDeltas.change_email("REF2", "other@example.com"),
        TransactionSendPartyEmail.to_party("REF3"),
        saving(("R", EMAILS), ("S", PHONES)),
    ]
    with hostile(answer(multi(*[(0, "{}")] * 5))) as server:
        outcomes = drive(
            kind,
            server.url,
            lambda c: c.transaction(transaction_id=TRANSACTION_ID).run_all(iter(commands)),
        )
        assert len(server.received) == 1
    assert [outcome.command for outcome in outcomes] == commands
