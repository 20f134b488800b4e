"""Users and accounts of AssureSign, managed over HTTP by hand-written messages."""

from __future__ import annotations

from uuid import UUID
from xml.sax.saxutils import quoteattr

from lxml import etree

from esignwire.emulator import Accounts, AssureSignAccount, AssureSignUser, EmulatorServer
from tests.support.emulator import ACCOUNT, OTHER, TEMPLATE, Answer, soap

UNKNOWN = str(UUID(int=0))
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
