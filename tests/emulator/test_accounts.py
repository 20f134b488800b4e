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

ACCOUNTS = {
    "assuresign": [
        {
            "context_identifier": "06C4A84F-693C-46CB-8DF2-40A8215AA056",
            "user_names": ["owner@example.com"],
            "templates": ["dcb79445-4d39-dd11-8735-00065b8ce99b"],
        }
    ],
    "signix": [
        {
            "sponsor": "oem",
            "client": "oemclient",
            "user_id": "oemuser",
            "password": "the-secret",
            "workgroups": ["SDD"],
        }
    ],
    "constellation1": [{"api_key": "the-secret"}],
}
TOML = """
[[assuresign]]
context_identifier = "06c4a84f-693c-46cb-8df2-40a8215aa056"
user_names = ["owner@example.com"]
templates = ["dcb79445-4d39-dd11-8735-00065b8ce99b"]

[[signix]]
sponsor = "oem"
client = "oemclient"
user_id = "oemuser"
password = "the-secret"
workgroups = ["SDD"]

[[constellation1]]
api_key = "the-secret"
"""


def test_account_files_are_json_or_toml(tmp_path: Path) -> None:
    as_json, as_toml = tmp_path / "accounts.json", tmp_path / "accounts.TOML"
    as_json.write_text(json.dumps(ACCOUNTS))
    as_toml.write_text(TOML)
    accounts = load_accounts(as_json)
    assert load_accounts(as_toml) == accounts
    assert "the-secret" not in repr(accounts)
    assert "06c4a84f" not in repr(accounts)
    assert accounts.signix_account("oem", "oemclient", "oemuser", "the-secret")
    assert not accounts.signix_account("oem", "oemclient", "oemuser", "the-secret ")
    assert accounts.constellation1_account("the-secret")
    assert not accounts.constellation1_account("")
    assert accounts.assuresign_account(UUID("06c4a84f-693c-46cb-8df2-40a8215aa056"))
    assert not accounts.assuresign_account(UUID(int=0))


def test_a_vendor_without_accounts_refuses_all_and_one_left_out_none(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    path.write_text('{"signix": []}')
    accounts = load_accounts(path)
    assert accounts == Accounts(signix=())
    assert not accounts.signix_account("a", "b", "c", "d")
    assert accounts.constellation1_account("anything")
    assert accounts.assuresign_account(UUID(int=0))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.yaml", "", "must end in .json or .toml"),
        ("a.json", "{the-secret", "is no valid JSON"),
        ("a.toml", "the-secret", "is no valid TOML"),
        ("a.json", b"\xff", "is no valid JSON"),
        ("a.json", "[" * 100_000, "is no valid JSON"),
        ("a.json", " " * 1_000_001, "larger than a million bytes"),
        ("a.json", "[]", "the file must be a table"),
        ("a.json", '{"other": []}', "the file has a name that means nothing here: other"),
        ("a.json", '{"\\ud800": []}', "the file must have no control characters or surrogates"),
        ("a.json", '{"signix": {}}', "signix must be a list of tables"),
        ("a.json", '{"signix": ["the-secret"]}', r"signix\[1\] must be a table"),
        ("a.json", '{"constellation1": [{}]}', r"constellation1\[1\].api_key must be a text"),
        ("a.json", '{"constellation1": [{"api_key": ""}]}', "api_key must be a text that is not"),
        ("a.json", '{"constellation1": [{"api_key": "the-secret", "x": 1}]}', "nothing here: x"),
        (
            "a.json",
            '{"constellation1": [{"api_key": "the-secret", "user_names": "the-secret"}]}',
            "user_names must be a list of texts",
        ),
        (
            "a.json",
            '{"assuresign": [{"context_identifier": "the-secret"}]}',
            r"assuresign\[1\]\.context_identifier must be a GUID",
        ),
    ],
)
def test_a_wrong_account_file_is_told_without_its_secrets(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ConfigurationError, match=message) as raised:
        load_accounts(path)
    assert "the-secret" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_missing_account_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_accounts(tmp_path / "none.json")


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
        ([{"user_name": ADA, "password": "the-secret", "x": 1}], r"users\[1\] has a name .*: x"),
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
        ({"user_names": [ADA, " "]}, r"user_names\[2\] must be a text that is not empty"),
        (
            {"roles": ["the-secret\n"]},
            r"assuresign\[1\]\.roles\[1\] must have no control characters",
        ),
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
