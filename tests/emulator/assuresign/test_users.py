"""Operations on users, over HTTP."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from lxml import etree

from esignwire.emulator import (
    Accounts,
    AssureSignAccount,
    EmulatorServer,
    EmulatorSettings,
    State,
)
from tests.support.directory import (
    ADA,
    BAD_ACCOUNT,
    BAD_TOKEN,
    BOB,
    CAT,
    DAN,
    KNOWN,
    NEW_PASSWORD,
    NIL,
    PASSWORD,
    UNKNOWN,
    WRONG,
    Manager,
    attributes_of,
    authenticate,
    done,
    members,
    refusal,
    sign_in,
    submitted,
)
from tests.support.emulator import ACCOUNT, OTHER, SCHEMAS, TEMPLATE, Answer, control, get, soap


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
        ("", PASSWORD, WRONG),
        (ADA, "", WRONG),
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


def test_an_administrator_locks_and_unlocks_users(known: EmulatorServer) -> None:
    ada = sign_in(known)
    done(ada.create(DAN))
    assert ada.user(DAN).get("Locked") == "false"
    done(ada.call("UpdateUser", "<Locked>true</Locked>", UserName=DAN))
    assert ada.user(DAN).get("Locked") == "true"
    assert refusal(authenticate(known, DAN)) == "The user is locked."
    # The state of a user is told to the bearer of the password alone.
    assert refusal(authenticate(known, DAN, "wrong")) == WRONG
    # An element that is nil leaves the lock as it is.
    done(ada.call("UpdateUser", f"<Locked {NIL}/>", UserName=DAN))
    assert refusal(authenticate(known, DAN)) == "The user is locked."
    done(ada.call("UpdateUser", "<Locked>false</Locked>", UserName=DAN))
    sign_in(known, DAN)


def test_an_owner_without_a_password_signs_in_with_any_until_one_is_set(
    known: EmulatorServer,
) -> None:
    cat = sign_in(known, CAT, "first", OTHER)
    assert cat.user_names() == [BOB, CAT]
    sign_in(known, CAT, "second")
    done(cat.call("UpdateUser", UserName=CAT, Password=NEW_PASSWORD))
    assert refusal(authenticate(known, CAT, "second")) == WRONG
    sign_in(known, CAT, NEW_PASSWORD)
    # A user with a password in the account file has that alone, whichever account it is.
    assert refusal(authenticate(known, BOB, "first")) == WRONG


def test_any_user_signs_in_and_manages_any_account_without_an_account_file(
    anybody: EmulatorServer,
) -> None:
    ada = sign_in(anybody)
    sign_in(anybody, ADA, "another")
    assert refusal(authenticate(anybody, "ada", PASSWORD)) == WRONG
    assert refusal(authenticate(anybody, ADA, "")) == WRONG
    sign_in(anybody, BOB)
    (mine,) = authenticate(anybody, ADA).all("UserAccount")
    (his,) = authenticate(anybody, BOB).all("UserAccount")
    home = mine.get("ContextIdentifier") or ""
    assert his.get("ContextIdentifier") == home
    at_home = Manager(anybody, ada.token, home)
    assert at_home.user_names() == [ADA, BOB]
    assert ada.user_names() == []
    done(ada.create(CAT))
    assert ada.user_names() == [CAT]
    assert refusal(authenticate(anybody, CAT, "another")) == WRONG
    # A deleted user does not come back by signing in.
    done(at_home.call("DeleteUser", UserName=BOB))
    assert refusal(authenticate(anybody, BOB)) == WRONG
    done(at_home.create(BOB))
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
    for account in (OTHER, TEMPLATE, UNKNOWN):
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
        "ContextIdentifier": UNKNOWN,
        "Inactive": "false",
        "Success": "false",
    }
    created = stranger.call("CreateAccount", Name="A", AccountGroup="West")
    assert created.one("CreateAccountResult").get("ContextIdentifier") == UNKNOWN


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
    # A user may delete itself.
    done(ada.call("DeleteUser", UserName=ADA))
    assert refusal(ada.call("ListUsers")) == BAD_TOKEN


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
        user = known.state.assuresign.directory.find_user(DAN)
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
    # Before the first call, and in the process as well as over HTTP.
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
    user = known.state.assuresign.directory.find_user(ADA)
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
