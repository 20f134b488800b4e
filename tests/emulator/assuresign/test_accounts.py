"""Operations on accounts, over HTTP."""

from __future__ import annotations

import pytest
from lxml import etree

from esignwire.emulator import (
    EmulatorServer,
)
from tests.support.directory import (
    ADA,
    BAD_ACCOUNT,
    BOB,
    DAN,
    NIL,
    UNKNOWN,
    Manager,
    done,
    members,
    refusal,
    sign_in,
    submitted,
)
from tests.support.emulator import ACCOUNT, OTHER


def test_an_account_is_created_got_listed_and_changed(known: EmulatorServer) -> None:
    ada = sign_in(known)
    assert ada.account_names() == []
    created = ada.call(
        "CreateAccount",
        Name="Branch 1",
        DisplayName="The first branch",
        AccountGroup="West",
        AccountTemplate="Branch",
    )
    done(created)
    identifier = created.one("CreateAccountResult").get("ContextIdentifier") or ""
    assert identifier not in {UNKNOWN, ACCOUNT}
    branch = Manager(known, ada.token, identifier)
    answer = branch.call("GetAccount")
    expected = {
        "ContextIdentifier": identifier,
        "Inactive": "false",
        "Success": "true",
        "Name": "Branch 1",
        "DisplayName": "The first branch",
        "AccountGroup": "West",
    }
    assert members(answer.one("GetAccountResult")) == expected
    assert [item.text for item in answer.all("Role")] == ["Administrator", "Clerk"]
    assert [item.text for item in answer.all("AccountTemplate")] == ["Branch"]
    assert [item.text for item in answer.all("AccountGroup")] == ["East", "West"]
    (listed,) = ada.call("ListAccounts").all("Account")
    assert members(listed) | {"Success": "true"} == expected

    # Its users are its own, and manage it and what is below it.
    assert branch.user_names() == []
    done(branch.create(DAN, Role="Administrator"))
    assert branch.user_names() == [DAN]
    dan = sign_in(known, DAN, account=identifier)
    assert dan.user_names() == [DAN]
    assert refusal(Manager(known, dan.token).call("GetAccount")) == BAD_ACCOUNT
    done(dan.call("CreateAccount", Name="Twig", AccountGroup="East"))
    assert dan.account_names() == ["Twig"]
    assert ada.account_names() == ["Branch 1"]
    (twig,) = dan.call("ListAccounts").all("Account")
    assert twig.get("DisplayName") == "Twig"
    assert Manager(known, ada.token, twig.get("ContextIdentifier") or "").user_names() == []
    # Documents may be submitted to it.
    assert submitted(known, DAN, identifier) is None
    assert submitted(known, ADA, identifier) == "The UserName is not a user of the account."

    done(branch.call("UpdateAccount", f"<Inactive {NIL}/>", Name="Branch 2", AccountGroup="East"))
    changed = branch.call("GetAccount").one("GetAccountResult")
    assert members(changed) == expected | {"Name": "Branch 2", "AccountGroup": "East"}
    parent = f"<ParentAccountContextIdentifier>{UNKNOWN}</ParentAccountContextIdentifier>"
    done(branch.call("UpdateAccount", parent, DisplayName="2"))
    assert branch.call("GetAccount").one("GetAccountResult").get("DisplayName") == "2"
    # One of blanks is none, so that the Name stands for it; so it is with a template.
    done(branch.call("UpdateAccount", DisplayName=" "))
    assert branch.call("GetAccount").one("GetAccountResult").get("DisplayName") == "Branch 2"
    attributes = {"AccountGroup": "West", "AccountTemplate": " ", "DisplayName": " "}
    done(ada.call("CreateAccount", Name="Branch 3", **attributes))
    assert ada.call("ListAccounts").all("Account")[-1].get("DisplayName") == "Branch 3"


def test_an_inactive_account_takes_no_documents(known: EmulatorServer) -> None:
    ada = sign_in(known)
    created = ada.call("CreateAccount", Name="New", AccountGroup="West", Inactive="true")
    identifier = created.one("CreateAccountResult").get("ContextIdentifier") or ""
    new = Manager(known, ada.token, identifier)
    done(new.create(DAN))
    assert submitted(known, DAN, identifier) == "The account is inactive."
    assert new.call("GetAccount").one("GetAccountResult").get("Inactive") == "true"
    done(new.call("UpdateAccount", "<Inactive>false</Inactive>"))
    assert submitted(known, DAN, identifier) is None


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"Name": "New"}, "There must be an AccountGroup."),
        ({"Name": "New", "AccountGroup": " "}, "There must be an AccountGroup."),
        (
            {"Name": "New", "AccountGroup": "North"},
            "The account has no account group with this name.",
        ),
        (
            {"Name": "New", "AccountGroup": "West", "AccountTemplate": "Twig"},
            "The account has no account template with this name.",
        ),
    ],
)
def test_what_makes_no_account_is_refused(
    known: EmulatorServer, attributes: dict[str, str], text: str
) -> None:
    ada = sign_in(known)
    assert refusal(ada.call("CreateAccount", **attributes)) == text
    assert ada.account_names() == []


@pytest.mark.parametrize(
    ("attributes", "content", "text"),
    [
        ({"AccountGroup": ""}, "", "There must be an AccountGroup."),
        ({"AccountGroup": " "}, "", "There must be an AccountGroup."),
        ({"AccountGroup": "North"}, "", "The account has no account group with this name."),
        (
            {},
            f"<ParentAccountContextIdentifier>{OTHER}</ParentAccountContextIdentifier>",
            "An account cannot be put below another one.",
        ),
    ],
)
def test_a_change_of_an_account_that_is_refused_changes_nothing(
    known: EmulatorServer, attributes: dict[str, str], content: str, text: str
) -> None:
    ada = sign_in(known)
    before = etree.tostring(ada.call("GetAccount").root)
    content = f"<Inactive>true</Inactive>{content}"
    given = {"DisplayName": "Changed"} | attributes
    assert refusal(ada.call("UpdateAccount", content, **given)) == text
    assert etree.tostring(ada.call("GetAccount").root) == before


def test_any_name_is_taken_without_an_account_file(anybody: EmulatorServer) -> None:
    ada = sign_in(anybody)
    first = ada.call("GetAccount")
    assert first.one("GetAccountResult").get("Name") == "Account 2"
    assert [item.text for item in first.all("Role")] == ["Administrator"]
    assert not first.all("AccountGroup")
    assert not first.all("AccountTemplate")
    done(ada.create(BOB, Role="Pilot"))
    done(ada.call("CreateAccount", AccountGroup="North", AccountTemplate="Twig"))
    then = ada.call("GetAccount")
    assert [item.text for item in then.all("Role")] == ["Administrator", "Pilot"]
    assert [item.text for item in then.all("AccountGroup")] == ["North"]
    # An account without a Name has a number.
    (new,) = ada.call("ListAccounts").all("Account")
    assert (new.get("Name"), new.get("DisplayName")) == ("Account 3", "Account 3")
    # The group of an account is one of the account above.
    below = Manager(anybody, ada.token, new.get("ContextIdentifier") or "")
    done(below.call("UpdateAccount", AccountGroup="South"))
    assert [item.text for item in ada.call("GetAccount").all("AccountGroup")] == ["South"]
