"""Account files, and accounts that they describe."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from uuid import UUID

import pytest

from esignwire.emulator import (
    Accounts,
    AssureSignAccount,
    AssureSignUser,
    EmulatorServer,
    EmulatorSettings,
    load_accounts,
)
from esignwire.errors import ConfigurationError
from tests.support.directory import (
    ADA,
    BOB,
    CAT,
    KNOWN,
    PASSWORD,
    Manager,
    refusal,
    sign_in,
)
from tests.support.emulator import ACCOUNT, OTHER, SCHEMAS


def test_an_account_file_says_who_the_users_are(tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text(
        f"""
[[assuresign]]
context_identifier = "{ACCOUNT}"
user_names = ["owner@example.com"]
name = "Example"
roles = ["Clerk"]
account_groups = ["West", "East"]
account_templates = ["Branch"]

[[assuresign.users]]
user_name = "{ADA}"
password = "{PASSWORD}"
first_name = "Ada"
last_name = "Byron"

[[assuresign.users]]
user_name = "{BOB}"
password = "{PASSWORD}"
role = "Clerk"

[[assuresign]]
context_identifier = "{OTHER}"
user_names = ["{BOB}", "{CAT}"]
name = "Second"
"""
    )
    assert load_accounts(path) == KNOWN


@pytest.mark.parametrize(
    ("users", "message"),
    [
        ({}, r"assuresign\[1\]\.users must be a list of tables"),
        (["the-secret"], r"assuresign\[1\]\.users\[1\] must be a table"),
        ([{"user_name": ADA}], r"users\[1\]\.password must be a text that is not empty"),
        ([{"user_name": ADA, "password": ""}], r"password must be a text that is not empty"),
        ([{"user_name": ADA, "password": "the-secret", "role": 1}], r"role must be a text"),
        ([{"user_name": ADA, "password": "the-secret", "x": 1}], r"users\[1\] has names .*: x"),
        ([{"user_name": ADA, "password": " "}], r"password must be a text that is not empty"),
        (
            [{"user_name": ADA, "password": "the-secret\ud800"}],
            r"assuresign\[1\]\.users\[1\]\.password must have no control characters or surrogates",
        ),
        (
            [{"user_name": ADA, "password": "p", "first_name": "the-secret\x01"}],
            r"users\[1\]\.first_name must have no control characters",
        ),
        (
            [{"user_name": "the-secret", "password": "p"}],
            r"assuresign\[1\]\.users\[1\]\.user_name must be an e-mail address",
        ),
        (
            [
                {"user_name": ADA, "password": "the-secret"},
                {"user_name": BOB, "password": "the-secret", "role": "the-secret"},
            ],
            r"assuresign\[1\]\.users\[2\]\.role must be one of roles, or Administrator",
        ),
        (
            [
                {"user_name": ADA, "password": "the-secret"},
                {"user_name": ADA, "password": "the-secret too"},
            ],
            "A user of several AssureSign accounts must be the same in each",
        ),
    ],
)
def test_wrong_users_of_an_account_file_are_told_without_secrets(
    tmp_path: Path, users: object, message: str
) -> None:
    path = tmp_path / "accounts.json"
    account = {"context_identifier": ACCOUNT, "users": users, "roles": ["Clerk"]}
    path.write_text(json.dumps({"assuresign": [account]}), "utf-8")
    with pytest.raises(ConfigurationError, match=message) as raised:
        load_accounts(path)
    assert str(path) in str(raised.value)
    assert "the-secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("account", "message"),
    [
        ({"user_names": [ADA, " "]}, r"user_names must be a list of texts that are not empty"),
        ({"roles": ["the-secret\n"]}, r"assuresign\[1\]\.roles must have no control characters"),
        ({"name": "the-secret\uffff"}, r"assuresign\[1\]\.name must have no control characters"),
        ({"name": " "}, r"assuresign\[1\]\.name must be a text that is not empty"),
        ({}, r"assuresign\[2\]\.context_identifier is that of another account"),
    ],
)
def test_wrong_accounts_of_an_account_file_are_told_without_secrets(
    tmp_path: Path, account: dict[str, object], message: str
) -> None:
    path = tmp_path / "accounts.json"
    other = {"context_identifier": ACCOUNT, "users": [{"user_name": ADA, "password": "p"}]}
    first = {"context_identifier": ACCOUNT} | account
    path.write_text(json.dumps({"assuresign": [first, other]}), "utf-8")
    with pytest.raises(ConfigurationError, match=message) as raised:
        load_accounts(path)
    assert str(path) in str(raised.value)
    assert "the-secret" not in str(raised.value)
    assert ACCOUNT not in str(raised.value)


def test_administrator_is_a_role_whatever_the_others_are() -> None:
    account = AssureSignAccount(
        context_identifier=UUID(ACCOUNT),
        users=(AssureSignUser(user_name=ADA, password=PASSWORD),),
        roles=frozenset(),
    )
    settings = EmulatorSettings(schemas=SCHEMAS, accounts=Accounts(assuresign=(account,)))
    with EmulatorServer(settings) as emulator:
        ada = sign_in(emulator)
        assert [item.text for item in ada.call("GetAccount").all("Role")] == ["Administrator"]
        assert refusal(ada.create(BOB)) == "The account has no role with this name."


def test_a_user_may_stand_in_several_accounts() -> None:
    assert KNOWN.assuresign
    first, second = KNOWN.assuresign[0], KNOWN.assuresign[1]
    accounts = Accounts(assuresign=(first, dataclasses.replace(second, users=first.users)))
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, accounts=accounts)) as emulator:
        ada = sign_in(emulator)
        assert ADA in ada.user_names()
        assert ADA in Manager(emulator, ada.token, OTHER).user_names()
