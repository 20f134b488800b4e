"""What the emulator's AssureSign does with users and accounts, over HTTP and by the client."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.sax.saxutils import quoteattr

import pytest
from lxml import etree

from esignwire._codec import StrictReading
from esignwire.emulator import (
    Accounts,
    AssureSignAccount,
    AssureSignUser,
    EmulatorServer,
    EmulatorSettings,
    State,
    load_accounts,
)
from esignwire.errors import ConfigurationError
from esignwire_generated.assuresign.types import accounts as account_types
from esignwire_generated.assuresign.types import users as user_types
from tests.emulator_support import ACCOUNT, OTHER, SCHEMAS, TEMPLATE, Answer, control, get, soap
from tests.support.assuresign import KINDS, Driver, Kind

NOBODY = str(UUID(int=0))
NIL = 'xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
ADA = "ada@example.com"
BOB = "bob@example.com"
CAT = "cat@example.com"
DAN = "dan@example.com"
PASSWORD = "correct horse 1"
NEW_PASSWORD = "battery staple 2"
WRONG = "The UserName or the Password is wrong."
BAD_TOKEN = "The AuthenticationToken is not valid."
BAD_ACCOUNT = "The ContextIdentifier is not valid for the user of the AuthenticationToken."
# Two accounts: Ada manages the first, Bob is a clerk in both. The owners of the second may come.
KNOWN = Accounts(
    assuresign=(
        AssureSignAccount(
            context_identifier=UUID(ACCOUNT),
            user_names=frozenset({"owner@example.com"}),
            name="Example",
            users=(
                AssureSignUser(
                    user_name=ADA, password=PASSWORD, first_name="Ada", last_name="Byron"
                ),
                AssureSignUser(user_name=BOB, password=PASSWORD, role="Clerk"),
            ),
            roles=frozenset({"Clerk"}),
            account_groups=frozenset({"West", "East"}),
            account_templates=frozenset({"Branch"}),
        ),
        AssureSignAccount(
            context_identifier=UUID(OTHER),
            user_names=frozenset({BOB, CAT}),
            name="Second",
        ),
    )
)


@pytest.fixture(scope="module")
def open_server() -> Iterator[EmulatorServer]:
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS)) as running:
        yield running


@pytest.fixture
def anybody(open_server: EmulatorServer) -> EmulatorServer:
    """An emulator where anybody may come."""
    open_server.state.reset()
    return open_server


@pytest.fixture(scope="module")
def closed_server() -> Iterator[EmulatorServer]:
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, accounts=KNOWN)) as running:
        yield running


@pytest.fixture
def known(closed_server: EmulatorServer) -> EmulatorServer:
    """An emulator with the accounts and users of KNOWN."""
    closed_server.state.reset()
    return closed_server


def attributes_of(**attributes: object) -> str:
    return " ".join(f"{name}={quoteattr(str(value))}" for name, value in attributes.items())


def members(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


class Manager:
    """Somebody who is signed in, and calls as such."""

    def __init__(self, emulator: EmulatorServer, token: str, account: str = ACCOUNT) -> None:
        self.emulator = emulator
        self.token = token
        self.account = account

    def call(self, operation: str, content: str = "", **attributes: object) -> Answer:
        keys = {"ContextIdentifier": self.account, "AuthenticationToken": self.token}
        question = f"<Request {attributes_of(**(keys | attributes))}>{content}</Request>"
        contract = "Accounts" if "Account" in operation else "Users"
        return soap(self.emulator, contract, operation, question)

    def create(self, user_name: str, content: str = "", **attributes: object) -> Answer:
        usual = {"FirstName": "Bob", "LastName": "Ross", "Role": "Clerk", "Password": PASSWORD}
        return self.call("CreateUser", content, **(usual | attributes | {"UserName": user_name}))

    def user(self, user_name: str) -> etree._Element:
        answer = self.call("GetUser", UserName=user_name)
        assert is_success(answer), refusal(answer)
        return answer.one("GetUserResult")

    def user_names(self) -> list[str | None]:
        answer = self.call("ListUsers")
        assert is_success(answer), refusal(answer)
        return [user.get("UserName") for user in answer.all("User")]

    def account_names(self) -> list[str | None]:
        answer = self.call("ListAccounts")
        assert is_success(answer), refusal(answer)
        return [account.get("Name") for account in answer.all("Account")]


def authenticate(emulator: EmulatorServer, user_name: str, password: str = PASSWORD) -> Answer:
    question = f"<Request {attributes_of(UserName=user_name, Password=password)}/>"
    return soap(emulator, "Users", "AuthenticateUser", question)


def sign_in(
    emulator: EmulatorServer, user_name: str = ADA, password: str = PASSWORD, account: str = ACCOUNT
) -> Manager:
    answer = authenticate(emulator, user_name, password)
    assert is_success(answer), refusal(answer)
    token = answer.one("AuthenticateUserResult").get("AuthenticationToken")
    assert token
    return Manager(emulator, token, account)


def is_success(answer: Answer) -> bool:
    """Tell whether a call did what was asked: it says so, with an Exceptions that is empty."""
    success = answer.root[0].get("Success")
    assert success in {"true", "false"}
    assert (success == "true") == (len(answer.one("Exceptions")) == 0)
    return success == "true"


def refusal(answer: Answer) -> str:
    assert not is_success(answer)
    (exception,) = answer.one("Exceptions")
    assert exception.get("Severity") == "Error"
    assert etree.QName(exception).localname in {"UserException", "AccountException"}
    return exception.text or ""


def done(answer: Answer) -> None:
    assert is_success(answer), refusal(answer)


# --- signing in ----------------------------------------------------------------------------------


def test_a_sign_in_tells_who_it_is_and_which_accounts_there_are(known: EmulatorServer) -> None:
    result = authenticate(known, ADA.upper()).one("AuthenticateUserResult")
    assert result.get("UserName") == ADA
    assert (result.get("FirstName"), result.get("LastName")) == ("Ada", "Byron")
    assert result.get("ExpiredPasswordUrl") is None
    addresses = {result.get("ChangePasswordUrl"), result.get("UpdateSecurityQuestionUrl")}
    assert len(addresses) == 2
    assert all(address and address.startswith(f"{known.url}/") for address in addresses)
    (account,) = Answer(200, result).all("UserAccount")
    assert members(account) == {
        "ContextIdentifier": ACCOUNT,
        "IsPrimary": "true",
        "Name": "Example",
    }
    both = authenticate(known, BOB).all("UserAccount")
    assert [(one.get("Name"), one.get("IsPrimary")) for one in both] == [
        ("Example", "true"),
        ("Second", "false"),
    ]


def test_each_sign_in_has_a_token_of_its_own_and_all_of_them_serve(known: EmulatorServer) -> None:
    first, second = sign_in(known), sign_in(known)
    assert first.token != second.token
    assert first.user_names() == second.user_names() == [ADA, BOB, "owner@example.com"]


@pytest.mark.parametrize(
    ("user_name", "password", "text"),
    [
        (ADA, PASSWORD.upper(), WRONG),
        (ADA, f"{PASSWORD} ", WRONG),
        (DAN, PASSWORD, WRONG),
        # An owner who has no password where others have one.
        ("owner@example.com", PASSWORD, WRONG),
        ("", PASSWORD, "Both the UserName and the Password must be given."),
        (ADA, "", "Both the UserName and the Password must be given."),
    ],
)
def test_who_is_not_known_by_name_and_password_is_not_let_in(
    known: EmulatorServer, user_name: str, password: str, text: str
) -> None:
    answer = authenticate(known, user_name, password)
    assert refusal(answer) == text
    # Nothing is told of the user.
    assert set(answer.one("AuthenticateUserResult").attrib) == {"Success"}
    assert not answer.all("Accounts")


def test_five_wrong_passwords_in_a_row_lock_a_user_until_unlocked(known: EmulatorServer) -> None:
    ada = sign_in(known)
    done(ada.create(DAN))
    for _ in range(4):
        assert refusal(authenticate(known, DAN, "wrong")) == WRONG
    # A right one counts from the beginning again.
    sign_in(known, DAN)
    for _ in range(5):
        assert ada.user(DAN).get("Locked") == "false"
        assert refusal(authenticate(known, DAN, "wrong")) == WRONG
    assert ada.user(DAN).get("Locked") == "true"
    assert refusal(authenticate(known, DAN)) == "The user is locked."
    # Who does not know the password is not told that there is such a user.
    assert refusal(authenticate(known, DAN, "wrong")) == WRONG
    # What is nil is left as it is.
    done(ada.call("UpdateUser", f"<Locked {NIL}/>", UserName=DAN))
    assert refusal(authenticate(known, DAN)) == "The user is locked."
    done(ada.call("UpdateUser", "<Locked>false</Locked>", UserName=DAN))
    assert refusal(authenticate(known, DAN, "wrong")) == WRONG
    sign_in(known, DAN)
    done(ada.call("UpdateUser", "<Locked>true</Locked>", UserName=DAN))
    assert refusal(authenticate(known, DAN)) == "The user is locked."


def test_a_password_out_of_date_must_be_changed_first(known: EmulatorServer) -> None:
    assert control(known, "assuresign/users/expire", ADA.upper()).is_success
    assert control(known, "assuresign/users/expire", ADA).status_code == 409
    answer = authenticate(known, ADA)
    assert refusal(answer) == "The password has expired and must be changed."
    result = answer.one("AuthenticateUserResult")
    assert set(result.attrib) == {"Success", "ExpiredPasswordUrl"}
    assert (result.get("ExpiredPasswordUrl") or "").startswith(f"{known.url}/")
    # Who does not know the password is not told.
    answer = authenticate(known, ADA, "wrong")
    assert refusal(answer) == WRONG
    assert answer.one("AuthenticateUserResult").get("ExpiredPasswordUrl") is None
    assert control(known, "assuresign/users/renew", ADA).is_success
    assert control(known, "assuresign/users/renew", ADA).status_code == 409
    assert control(known, "assuresign/users/renew", DAN).status_code == 404
    assert control(known, "assuresign/users/shout", ADA).status_code == 404
    sign_in(known)


def test_an_owner_without_a_password_keeps_the_first_one(known: EmulatorServer) -> None:
    assert sign_in(known, CAT, "first", OTHER).user_names() == [BOB, CAT]
    assert refusal(authenticate(known, CAT, "second")) == WRONG
    sign_in(known, CAT, "first")
    # One with a password of the file's has that alone, whichever account it is.
    assert refusal(authenticate(known, BOB, "first")) == WRONG


def test_a_locked_user_chooses_no_password() -> None:
    accounts = Accounts(
        assuresign=(
            AssureSignAccount(context_identifier=UUID(ACCOUNT), user_names=frozenset({ADA, BOB})),
        )
    )
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, accounts=accounts)) as emulator:
        ada = sign_in(emulator)
        done(ada.call("UpdateUser", "<Locked>true</Locked>", UserName=BOB))
        assert refusal(authenticate(emulator, BOB, "stolen")) == WRONG
        assert ada.user(BOB).get("Locked") == "true"
        done(ada.call("UpdateUser", "<Locked>false</Locked>", UserName=BOB))
        sign_in(emulator, BOB)


def test_anybody_may_come_where_no_account_file_says_who_may(anybody: EmulatorServer) -> None:
    ada = sign_in(anybody)
    assert refusal(authenticate(anybody, ADA, "another")) == WRONG
    assert refusal(authenticate(anybody, "ada", PASSWORD)) == WRONG
    sign_in(anybody, BOB, "anything")
    (mine,) = authenticate(anybody, ADA).all("UserAccount")
    (his,) = authenticate(anybody, BOB, "anything").all("UserAccount")
    home = mine.get("ContextIdentifier") or ""
    assert his.get("ContextIdentifier") == home
    assert Manager(anybody, ada.token, home).user_names() == [ADA, BOB]
    # They manage any account, and who is created in one of those manages that alone.
    assert ada.user_names() == []
    done(ada.create(CAT, Role="Administrator"))
    assert ada.user_names() == [CAT]
    cat = sign_in(anybody, CAT)
    assert cat.user_names() == [CAT]
    before = anybody.state.summary()
    assert refusal(Manager(anybody, cat.token, OTHER).call("ListUsers")) == BAD_ACCOUNT
    # What is refused makes no account.
    assert anybody.state.summary() == before
    assert refusal(Manager(anybody, cat.token, home).call("ListUsers")) == BAD_ACCOUNT
    # Who is deleted does not come back by coming.
    home_of_ada = Manager(anybody, ada.token, home)
    done(home_of_ada.call("DeleteUser", UserName=BOB))
    assert refusal(authenticate(anybody, BOB, "anything")) == WRONG
    done(home_of_ada.create(BOB))
    sign_in(anybody, BOB)


def test_an_account_that_lists_nobody_lets_anybody_in_as_one_of_its_own() -> None:
    accounts = Accounts(
        assuresign=(
            AssureSignAccount(context_identifier=UUID(ACCOUNT)),
            AssureSignAccount(context_identifier=UUID(OTHER), users=()),
        )
    )
    settings = EmulatorSettings(schemas=SCHEMAS, accounts=accounts)
    with EmulatorServer(settings) as emulator:
        ada = sign_in(emulator)
        assert ada.user_names() == [ADA]
        assert refusal(Manager(emulator, ada.token, OTHER).call("ListUsers")) == BAD_ACCOUNT
    settings = EmulatorSettings(schemas=SCHEMAS, accounts=Accounts(assuresign=()))
    with EmulatorServer(settings) as emulator:
        assert refusal(authenticate(emulator, ADA)) == WRONG


# --- tokens --------------------------------------------------------------------------------------

MANAGING: list[tuple[str, dict[str, str]]] = [
    ("CreateUser", {"UserName": CAT}),
    ("GetUser", {"UserName": ADA}),
    ("UpdateUser", {"UserName": ADA, "FirstName": "Changed"}),
    ("DeleteUser", {"UserName": ADA}),
    ("ListUsers", {}),
    ("CreateAccount", {"Name": "New", "AccountGroup": "West"}),
    ("GetAccount", {}),
    ("UpdateAccount", {"Name": "Changed"}),
    ("ListAccounts", {}),
]


@pytest.mark.parametrize(("operation", "attributes"), MANAGING)
def test_each_operation_wants_the_token_of_who_may_manage_the_account(
    known: EmulatorServer, operation: str, attributes: dict[str, str]
) -> None:
    ada, bob = sign_in(known), sign_in(known, BOB)
    for token in ("", "nonsense", ada.token.swapcase(), ada.token[:-1], f"{ada.token}x", "ä"):
        assert refusal(Manager(known, token).call(operation, **attributes)) == BAD_TOKEN
    left_out = f"<Request {attributes_of(ContextIdentifier=ACCOUNT, **attributes)}/>"
    contract = "Accounts" if "Account" in operation else "Users"
    assert refusal(soap(known, contract, operation, left_out)) == BAD_TOKEN
    for account in (OTHER, TEMPLATE, NOBODY):
        elsewhere = Manager(known, ada.token, account)
        assert refusal(elsewhere.call(operation, **attributes)) == BAD_ACCOUNT
    assert refusal(bob.call(operation, **attributes)) == (
        "The user of the AuthenticationToken may not manage users and accounts."
    )
    # Nothing of it was done.
    assert ada.user_names() == [ADA, BOB, "owner@example.com"]
    assert ada.user(ADA).get("FirstName") == "Ada"
    assert ada.account_names() == []
    assert ada.call("GetAccount").one("GetAccountResult").get("Name") == "Example"


def test_a_refusal_tells_nothing_but_what_the_schema_demands(known: EmulatorServer) -> None:
    stranger = Manager(known, "nonsense")
    assert members(stranger.call("GetUser", UserName=ADA).one("GetUserResult")) == {
        "RequirePasswordChange": "false",
        "Inactive": "false",
        "Locked": "false",
        "Success": "false",
    }
    assert members(stranger.call("GetAccount").one("GetAccountResult")) == {
        "ContextIdentifier": NOBODY,
        "Inactive": "false",
        "Success": "false",
    }
    created = stranger.call("CreateAccount", Name="A", AccountGroup="West")
    assert created.one("CreateAccountResult").get("ContextIdentifier") == NOBODY


def test_a_token_serves_for_an_hour() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    settings = EmulatorSettings(schemas=SCHEMAS, accounts=KNOWN)
    with EmulatorServer(settings, state=State(clock=lambda: now)) as emulator:
        ada = sign_in(emulator)
        now += timedelta(minutes=59, seconds=59)
        assert ADA in ada.user_names()
        now += timedelta(seconds=1)
        assert refusal(ada.call("ListUsers")) == BAD_TOKEN
        again = sign_in(emulator)
        assert ADA in again.user_names()
        assert refusal(ada.call("ListUsers")) == BAD_TOKEN


def test_a_token_ends_with_its_user_and_with_the_users_rights(known: EmulatorServer) -> None:
    ada = sign_in(known)
    done(ada.create(DAN, Role="Administrator"))
    cat = sign_in(known, DAN)
    assert cat.user_names()
    done(ada.call("UpdateUser", "<Inactive>true</Inactive>", UserName=DAN))
    assert refusal(cat.call("ListUsers")) == BAD_TOKEN
    done(ada.call("UpdateUser", "<Inactive>false</Inactive>", UserName=DAN))
    assert cat.user_names()
    done(ada.call("UpdateUser", UserName=DAN, Role="Clerk"))
    assert "may not manage" in refusal(cat.call("ListUsers"))
    done(ada.call("UpdateUser", UserName=DAN, Role="Administrator"))
    # Another user with the same name is another user.
    done(ada.call("DeleteUser", UserName=DAN))
    done(ada.create(DAN, Role="Administrator"))
    assert refusal(cat.call("ListUsers")) == BAD_TOKEN
    # Nobody is kept from deleting himself.
    done(ada.call("DeleteUser", UserName=ADA))
    assert refusal(ada.call("ListUsers")) == BAD_TOKEN


# --- users ---------------------------------------------------------------------------------------


def test_a_user_is_created_got_listed_changed_and_deleted(known: EmulatorServer) -> None:
    ada = sign_in(known)
    tags = '<Tags><UserTag Name="Desk" Value="7 &amp; 8"/><UserTag Name="Floor"/></Tags>'
    done(ada.create(DAN, tags, FirstName="Dan"))
    assert ada.user_names() == [ADA, BOB, "owner@example.com", DAN]
    dan = ada.user("DAN@example.com")
    assert members(dan) == {
        "RequirePasswordChange": "false",
        "Inactive": "false",
        "Locked": "false",
        "Success": "true",
        "UserName": DAN,
        "FirstName": "Dan",
        "LastName": "Ross",
        "Role": "Clerk",
    }
    kept = [members(tag) for tag in Answer(200, dan).all("UserTag")]
    assert kept == [{"Name": "Desk", "Value": "7 & 8"}, {"Name": "Floor"}]
    listed = ada.call("ListUsers").all("User")[-1]
    assert members(listed) | {"Success": "true"} == members(dan)
    assert [members(tag) for tag in Answer(200, listed).all("UserTag")] == kept
    sign_in(known, DAN)

    done(
        ada.call(
            "UpdateUser",
            '<RequirePasswordChange>false</RequirePasswordChange><Tags><UserTag Name="A"/></Tags>',
            UserName=DAN,
            NewUserName="Dan.Deer@example.com",
            FirstName="Daniel",
            LastName="Deer",
            Password=NEW_PASSWORD,
            Role="Administrator",
        )
    )
    changed = ada.user("dan.deer@example.com")
    assert changed.get("UserName") == "Dan.Deer@example.com"
    assert (changed.get("FirstName"), changed.get("LastName")) == ("Daniel", "Deer")
    assert changed.get("Role") == "Administrator"
    assert [tag.get("Name") for tag in Answer(200, changed).all("UserTag")] == ["A"]
    assert ada.user_names()[-1] == "Dan.Deer@example.com"
    assert refusal(authenticate(known, DAN)) == WRONG
    assert refusal(authenticate(known, "dan.deer@example.com")) == WRONG
    sign_in(known, "dan.deer@example.com", NEW_PASSWORD)

    # What is left out or nil stays; tags that are none take the others' place.
    done(
        ada.call(
            "UpdateUser",
            f"<RequirePasswordChange {NIL}/><Inactive {NIL}/><Tags/>",
            UserName="dan.deer@example.com",
        )
    )
    same = ada.user("dan.deer@example.com")
    assert members(same) == members(changed)
    assert not Answer(200, same).all("Tags")
    sign_in(known, "dan.deer@example.com", NEW_PASSWORD)

    done(ada.call("DeleteUser", UserName="dan.deer@example.com"))
    assert ada.user_names() == [ADA, BOB, "owner@example.com"]
    gone = "The account has no user with this UserName."
    for operation in ("GetUser", "UpdateUser", "DeleteUser"):
        assert refusal(ada.call(operation, UserName="dan.deer@example.com")) == gone
    assert refusal(authenticate(known, "dan.deer@example.com", NEW_PASSWORD)) == WRONG


@pytest.mark.parametrize(
    ("attributes", "content", "text"),
    [
        ({"UserName": ""}, "", "The UserName must be an e-mail address."),
        ({"UserName": "dan"}, "", "The UserName must be an e-mail address."),
        ({"UserName": "d n@example.com"}, "", "The UserName must be an e-mail address."),
        ({"UserName": BOB.upper()}, "", "There is a user with this UserName already."),
        # A name belongs to one user, whatever the account.
        ({"UserName": CAT}, "", "There is a user with this UserName already."),
        *(
            ({name: nothing}, "", f"There must be a {name}.")
            for name in ("FirstName", "LastName", "Role")
            for nothing in ("", " ", "\t ")
        ),
        ({"Role": "Pilot"}, "", "The account has no role with this name."),
        ({"Password": ""}, "", "There must be a Password or AutoGeneratePassword."),
        (
            {"Password": ""},
            f"<AutoGeneratePassword {NIL}/>",
            "There must be a Password or AutoGeneratePassword.",
        ),
        (
            {"Password": PASSWORD},
            "<AutoGeneratePassword>true</AutoGeneratePassword>",
            "There must not be both a Password and AutoGeneratePassword.",
        ),
        *(
            (
                {"Password": weak},
                "",
                "The Password is too weak: it needs 8 characters, a letter and a digit.",
            )
            for weak in ("short 1", "no digit in it", "1234567890")
        ),
    ],
)
def test_what_makes_no_user_is_refused(
    known: EmulatorServer, attributes: dict[str, str], content: str, text: str
) -> None:
    ada = sign_in(known)
    given = {"UserName": DAN} | attributes
    answer = ada.create(content=content, user_name=given.pop("UserName"), **given)
    assert refusal(answer) == text
    assert ada.user_names() == [ADA, BOB, "owner@example.com"]


@pytest.mark.parametrize(
    ("attributes", "content", "text"),
    [
        ({"UserName": "nobody@example.com"}, "", "The account has no user with this UserName."),
        ({"UserName": CAT}, "", "The account has no user with this UserName."),
        ({"NewUserName": "bob"}, "", "The UserName must be an e-mail address."),
        ({"NewUserName": CAT}, "", "There is a user with this UserName already."),
        ({"Role": "Pilot"}, "", "The account has no role with this name."),
        *(
            ({name: nothing}, "", f"There must be a {name}.")
            for name in ("FirstName", "LastName", "Role")
            for nothing in ("", " ")
        ),
        (
            {"Password": "weak"},
            "",
            "The Password is too weak: it needs 8 characters, a letter and a digit.",
        ),
        (
            {"Password": NEW_PASSWORD},
            "<AutoGenerateNewPassword>true</AutoGenerateNewPassword>",
            "There must not be both a Password and AutoGenerateNewPassword.",
        ),
    ],
)
def test_a_change_that_is_refused_changes_nothing(
    known: EmulatorServer, attributes: dict[str, str], content: str, text: str
) -> None:
    ada = sign_in(known)
    done(ada.create(DAN))
    before = etree.tostring(ada.call("ListUsers").root)
    given = {"UserName": DAN, "FirstName": "Changed"} | attributes
    content += "<Inactive>true</Inactive>"
    assert refusal(ada.call("UpdateUser", content, **given)) == text
    assert etree.tostring(ada.call("ListUsers").root) == before
    sign_in(known, DAN)


def test_a_name_may_change_its_case_alone(known: EmulatorServer) -> None:
    ada = sign_in(known)
    done(ada.create(DAN))
    done(ada.call("UpdateUser", UserName=DAN, NewUserName="Dan@Example.com"))
    assert ada.user_names() == [ADA, BOB, "owner@example.com", "Dan@Example.com"]
    sign_in(known, DAN)


def test_passwords_can_be_made_up(known: EmulatorServer) -> None:
    ada = sign_in(known)
    flags = (
        "<AutoGeneratePassword>1</AutoGeneratePassword>"
        "<SendCredentialsViaEmail>true</SendCredentialsViaEmail>"
    )
    done(ada.create(DAN, flags, Password=""))

    def password() -> str:
        user = known.state.directory.find_user(DAN)
        assert user is not None
        assert user.password
        return user.password

    first = password()
    sign_in(known, DAN, first)
    flags = "<AutoGenerateNewPassword>true</AutoGenerateNewPassword>"
    done(ada.call("UpdateUser", flags, UserName=DAN))
    assert refusal(authenticate(known, DAN, first)) == WRONG
    assert password() != first
    sign_in(known, DAN, password())


def test_inactive_users_and_those_who_must_change_the_password_stay_out(
    known: EmulatorServer,
) -> None:
    ada = sign_in(known)
    done(ada.create(DAN, Inactive="true", RequirePasswordChange="true"))
    dan = ada.user(DAN)
    assert (dan.get("Inactive"), dan.get("RequirePasswordChange")) == ("true", "true")
    assert refusal(authenticate(known, DAN, "wrong")) == WRONG
    assert refusal(authenticate(known, DAN)) == "The user is inactive."
    done(ada.call("UpdateUser", "<Inactive>false</Inactive>", UserName=DAN))
    assert "must be changed" in refusal(authenticate(known, DAN))
    content = "<RequirePasswordChange>false</RequirePasswordChange>"
    done(ada.call("UpdateUser", content, UserName=DAN))
    sign_in(known, DAN)


def test_a_user_of_two_accounts_is_deleted_from_one(known: EmulatorServer) -> None:
    ada = sign_in(known)
    done(ada.call("DeleteUser", UserName=BOB))
    assert ada.user_names() == [ADA, "owner@example.com"]
    accounts = authenticate(known, BOB).all("UserAccount")
    assert [(one.get("Name"), one.get("IsPrimary")) for one in accounts] == [("Second", "true")]


OF_OTHERS = "The user has other accounts, which the user of the AuthenticationToken may not manage."


@pytest.mark.parametrize(
    "attributes",
    [
        {"Password": NEW_PASSWORD},
        {"Role": "Administrator"},
        {"NewUserName": DAN},
        {"FirstName": "Changed"},
    ],
)
def test_a_user_of_an_account_elsewhere_is_not_changed(
    known: EmulatorServer, attributes: dict[str, str]
) -> None:
    ada = sign_in(known)
    before = etree.tostring(ada.call("ListUsers").root)
    # Bob's other account is none of Ada's.
    assert refusal(ada.call("UpdateUser", UserName=BOB, **attributes)) == OF_OTHERS
    assert etree.tostring(ada.call("ListUsers").root) == before
    sign_in(known, BOB)


def test_who_may_manage_one_account_does_not_become_one_who_may_manage_all(
    anybody: EmulatorServer,
) -> None:
    ada = sign_in(anybody)
    home = authenticate(anybody, ADA).one("UserAccount").get("ContextIdentifier") or ""
    at_home = Manager(anybody, ada.token, home)
    done(at_home.create(CAT, Role="Administrator"))
    cat = sign_in(anybody, CAT, account=home)
    assert refusal(cat.call("UpdateUser", UserName=ADA, Password=NEW_PASSWORD)) == OF_OTHERS
    done(cat.call("UpdateUser", UserName=CAT, FirstName="Catherine"))
    done(at_home.call("UpdateUser", UserName=CAT, FirstName="Cate"))
    done(at_home.call("UpdateUser", UserName=ADA, Password=NEW_PASSWORD))


def test_a_role_must_be_one_of_each_account_of_the_user() -> None:
    both = tuple(
        AssureSignAccount(
            context_identifier=UUID(identifier),
            users=(AssureSignUser(user_name=ADA, password=PASSWORD),),
            user_names=frozenset({BOB}),
            roles=roles,
        )
        for identifier, roles in ((ACCOUNT, None), (OTHER, frozenset({"Clerk"})))
    )
    settings = EmulatorSettings(schemas=SCHEMAS, accounts=Accounts(assuresign=both))
    with EmulatorServer(settings) as emulator:
        ada = sign_in(emulator)
        no_role = "The account has no role with this name."
        assert refusal(ada.call("UpdateUser", UserName=BOB, Role="Pilot")) == no_role
        done(ada.call("UpdateUser", UserName=BOB, Role="Clerk"))
        roles = [item.text for item in ada.call("GetAccount").all("Role")]
        assert roles == ["Administrator", "Limited User", "Clerk"]


def submitted(emulator: EmulatorServer, user_name: str, account: str = ACCOUNT) -> str | None:
    """Submit a document for an owner; give the refusal, if there is one."""
    answer = soap(
        emulator,
        "Submit",
        "Submit",
        f'<Documents><Document ContextIdentifier="{account}"><Metadata UserName="{user_name}"/>'
        f'<Template Id="{TEMPLATE}"/></Document></Documents>',
    )
    return "".join(item.text or "" for item in answer.all("DocumentException")) or None


@pytest.mark.parametrize("is_open", [False, True])
def test_who_is_created_may_own_documents_until_deleted(
    known: EmulatorServer, anybody: EmulatorServer, is_open: bool
) -> None:
    emulator = anybody if is_open else known
    unknown = "The UserName is not a user of the account."
    ada = sign_in(emulator)
    assert submitted(emulator, DAN) == (None if is_open else unknown)
    done(ada.create(DAN))
    assert submitted(emulator, "Dan@example.com") is None
    assert submitted(emulator, "") is None
    done(ada.call("UpdateUser", UserName=DAN, NewUserName="deer@example.com"))
    assert submitted(emulator, DAN) == unknown
    assert submitted(emulator, "deer@example.com") is None
    done(ada.call("DeleteUser", UserName="deer@example.com"))
    assert submitted(emulator, "deer@example.com") == unknown


def test_the_state_tells_users_and_accounts_without_secrets(known: EmulatorServer) -> None:
    # Before anybody calls, and in the process as well as over HTTP.
    summary = json.dumps(known.state.summary())
    before = get(f"{known.url}/_esignwire/state").json()
    assert json.loads(summary) == before
    users = [user["user_name"] for user in before["assuresign"]["users"]]
    assert users == [ADA, BOB, "owner@example.com", CAT]
    ada = sign_in(known)
    done(ada.call("CreateAccount", Name="New", AccountGroup="West", Inactive="true"))
    text = get(f"{known.url}/_esignwire/state").text
    found = json.loads(text)["assuresign"]
    assert found["accounts"] == [
        {"name": "Example", "above": None, "inactive": False},
        {"name": "Second", "above": None, "inactive": False},
        {"name": "New", "above": "Example", "inactive": True},
    ]
    assert found["users"][0] == {
        "user_name": ADA,
        "role": "Administrator",
        "accounts": ["Example"],
        "inactive": False,
        "locked": False,
        "must_change_password": False,
    }
    user = known.state.directory.find_user(ADA)
    for shown in (text, repr(user), repr(known.state.assuresign), repr(KNOWN)):
        assert PASSWORD not in shown
        assert ada.token not in shown
        assert ACCOUNT not in shown
        assert repr(UUID(ACCOUNT)) not in shown


def test_a_state_that_was_looked_at_before_has_the_users_of_the_account_file() -> None:
    state = State()
    settings = EmulatorSettings(schemas=SCHEMAS, accounts=KNOWN)
    emulator = EmulatorServer(settings, state=state)
    assert "Example" not in json.dumps(state.summary())
    with emulator:
        assert refusal(authenticate(emulator, DAN)) == WRONG
        done(sign_in(emulator).create(DAN))
    # The same account file leaves who came since.
    with EmulatorServer(settings, state=state) as again:
        sign_in(again, DAN)
        state.reset()
        assert refusal(authenticate(again, DAN)) == WRONG
        sign_in(again)


# --- accounts ------------------------------------------------------------------------------------


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
    assert identifier not in {NOBODY, ACCOUNT}
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
    nobody = f"<ParentAccountContextIdentifier>{NOBODY}</ParentAccountContextIdentifier>"
    done(branch.call("UpdateAccount", nobody, DisplayName="2"))
    assert branch.call("GetAccount").one("GetAccountResult").get("DisplayName") == "2"
    # One of blanks is none, so that the Name stands for it; so it is with a template.
    done(branch.call("UpdateAccount", DisplayName=" "))
    assert branch.call("GetAccount").one("GetAccountResult").get("DisplayName") == "Branch 2"
    attributes = {"AccountGroup": "West", "AccountTemplate": " ", "DisplayName": " "}
    done(ada.call("CreateAccount", Name="Branch 3", **attributes))
    assert ada.call("ListAccounts").all("Account")[-1].get("DisplayName") == "Branch 3"


def test_an_inactive_account_does_nothing_but_become_active(known: EmulatorServer) -> None:
    ada = sign_in(known)
    created = ada.call("CreateAccount", Name="New", AccountGroup="West", Inactive="true")
    identifier = created.one("CreateAccountResult").get("ContextIdentifier") or ""
    new = Manager(known, ada.token, identifier)
    done(new.create(DAN))
    assert refusal(authenticate(known, DAN)) == "The account of the user is inactive."
    assert submitted(known, DAN, identifier) == "The account is inactive."
    assert new.call("GetAccount").one("GetAccountResult").get("Inactive") == "true"
    done(new.call("UpdateAccount", "<Inactive>false</Inactive>"))
    sign_in(known, DAN)
    assert submitted(known, DAN, identifier) is None
    # A user of several accounts has those that are active.
    done(ada.call("UpdateAccount", "<Inactive>true</Inactive>"))
    accounts = authenticate(known, BOB).all("UserAccount")
    assert [one.get("Name") for one in accounts] == ["Second"]


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"AccountGroup": "West"}, "There must be a Name."),
        ({"Name": "", "AccountGroup": "West"}, "There must be a Name."),
        ({"Name": " ", "AccountGroup": "West"}, "There must be a Name."),
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
        ({"Name": ""}, "", "There must be a Name."),
        ({"Name": " "}, "", "There must be a Name."),
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


def test_where_nothing_is_listed_any_name_is_taken_and_remembered(anybody: EmulatorServer) -> None:
    ada = sign_in(anybody)
    first = ada.call("GetAccount")
    assert first.one("GetAccountResult").get("Name") == "Account 2"
    assert [item.text for item in first.all("Role")] == ["Administrator", "Limited User"]
    assert [item.text for item in first.all("AccountGroup")] == ["Default"]
    assert not first.all("AccountTemplate")
    done(ada.create(BOB, Role="Pilot"))
    done(ada.call("UpdateUser", UserName=BOB, Role="Captain"))
    done(ada.call("CreateAccount", Name="New", AccountGroup="North", AccountTemplate="Twig"))
    then = ada.call("GetAccount")
    assert [item.text for item in then.all("Role")][2:] == ["Pilot", "Captain"]
    assert [item.text for item in then.all("AccountGroup")] == ["Default", "North"]
    assert [item.text for item in then.all("AccountTemplate")] == ["Twig"]
    # The group of an account is one of the account above.
    (new,) = ada.call("ListAccounts").all("Account")
    below = Manager(anybody, ada.token, new.get("ContextIdentifier") or "")
    done(below.call("UpdateAccount", AccountGroup="South"))
    assert [item.text for item in ada.call("GetAccount").all("AccountGroup")][2:] == ["South"]


# --- the account file ----------------------------------------------------------------------------


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


# --- the client ----------------------------------------------------------------------------------


@pytest.fixture
def client(kind: Kind, known: EmulatorServer) -> Iterator[Driver]:
    with StrictReading(), Driver(kind, known.assuresign_url) as driver:
        yield driver


@pytest.mark.parametrize("kind", KINDS)
def test_the_client_manages_users(client: Driver) -> None:
    def call(operation: str, request: object, **wrapper: Any) -> Any:
        answer = client.service("users", operation, request, **wrapper)
        return getattr(answer, f"{operation}_result")

    wrong = call(
        "authenticate_user",
        user_types.AuthenticateUser(
            request=user_types.AuthenticateUserRequest(user_name=ADA, password="wrong")
        ),
    )
    assert wrong.success is False
    assert wrong.authentication_token is None
    (exception,) = wrong.exceptions.user_exception
    assert exception.severity is user_types.UserExceptionSeverity.ERROR
    assert exception.value == WRONG
    ada = call(
        "authenticate_user",
        user_types.AuthenticateUser(
            request=user_types.AuthenticateUserRequest(user_name=ADA, password=PASSWORD)
        ),
    )
    assert ada.success is True
    assert [one.context_identifier for one in ada.accounts.user_account] == [UUID(ACCOUNT)]
    assert PASSWORD not in repr(ada)
    keys: dict[str, Any] = {
        "context_identifier": ada.accounts.user_account[0].context_identifier,
        "authentication_token": ada.authentication_token,
    }
    created = call(
        "create_user",
        user_types.CreateUser(
            request=user_types.CreateUserRequest(
                **keys,
                user_name=DAN,
                first_name="Dan",
                last_name="Deer",
                role="Clerk",
                password=NEW_PASSWORD,
                require_password_change=True,
                tags=user_types.ArrayOfUserTag(
                    user_tag=[user_types.UserTag(name="Desk", value="7")]
                ),
            )
        ),
    )
    assert created.success is True
    updated = call(
        "update_user",
        user_types.UpdateUser(
            request=user_types.UpdateUserRequest(
                **keys,
                user_name=DAN,
                new_user_name="deer@example.com",
                require_password_change=False,
            )
        ),
    )
    assert updated.success is True
    got = call(
        "get_user",
        user_types.GetUser(request=user_types.GetUserRequest(**keys, user_name="deer@example.com")),
    )
    assert (got.first_name, got.role, got.require_password_change) == ("Dan", "Clerk", False)
    assert [(tag.name, tag.value) for tag in got.tags.user_tag] == [("Desk", "7")]

    def names() -> list[str]:
        listed = call(
            "list_users", user_types.ListUsers(request=user_types.ListUsersRequest(**keys))
        )
        assert listed.success is True
        return [one.user_name for one in listed.users.user]

    assert names() == [ADA, BOB, "owner@example.com", "deer@example.com"]
    deleting = user_types.DeleteUser(
        request=user_types.DeleteUserRequest(**keys, user_name="deer@example.com")
    )
    assert call("delete_user", deleting).success is True
    again = call("delete_user", deleting)
    assert again.success is False
    assert again.exceptions.user_exception[0].value == "The account has no user with this UserName."
    assert names() == [ADA, BOB, "owner@example.com"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_client_manages_accounts(client: Driver, known: EmulatorServer) -> None:
    def call(operation: str, request: object) -> Any:
        answer = client.service("accounts", operation, request)
        return getattr(answer, f"{operation}_result")

    token = sign_in(known).token
    above: dict[str, Any] = {
        "context_identifier": UUID(ACCOUNT),
        "authentication_token": token,
    }
    created = call(
        "create_account",
        account_types.CreateAccount(
            request=account_types.CreateAccountRequest(
                **above, name="New", display_name="Brand new", account_group="West"
            )
        ),
    )
    assert created.success is True
    keys = above | {"context_identifier": created.context_identifier}
    updated = call(
        "update_account",
        account_types.UpdateAccount(
            request=account_types.UpdateAccountRequest(**keys, inactive=True, name="Old")
        ),
    )
    assert updated.success is True
    got = call(
        "get_account",
        account_types.GetAccount(request=account_types.GetAccountRequest(**keys)),
    )
    assert (got.name, got.display_name, got.inactive) == ("Old", "Brand new", True)
    assert got.roles.role == ["Administrator", "Clerk"]
    assert got.account_groups.account_group == ["East", "West"]
    listed = call(
        "list_accounts",
        account_types.ListAccounts(request=account_types.ListAccountsRequest(**above)),
    )
    assert [(one.context_identifier, one.name) for one in listed.accounts.account] == [
        (created.context_identifier, "Old")
    ]
    refused = call(
        "get_account",
        account_types.GetAccount(
            request=account_types.GetAccountRequest(
                context_identifier=UUID(ACCOUNT), authentication_token="nonsense"
            )
        ),
    )
    assert refused.success is False
    assert refused.exceptions.account_exception[0].value == BAD_TOKEN
