"""Users and accounts of AssureSign as plain records, and the tokens of those who signed in.

Documented: a sign-in gives a token that managing users and accounts takes, and names the accounts
to which the user has access; users and accounts can be inactive, users locked, and a password can
be out of date; an account has others below it, and roles, account templates and account groups of
its own; the name of a user is an e-mail address.

The vendor publishes no rules for passwords, for locking a user after wrong passwords, for the life
of a token or for the rights of roles, so none of them is played: a user is locked by UpdateUser
alone, a token serves for as long as its user is active, and the role Administrator manages users
and accounts. Where no account file lists the users, any user signs in with any password.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from esignwire.emulator.accounts import ADMINISTRATOR, AssureSignAccount, is_user_name
from esignwire.emulator.shared import Identifiers, NotPossible

__all__ = ["Account", "Directory", "PasswordExpired", "User", "check_listed"]

_TOKEN_LENGTH = 43


class PasswordExpired(NotPossible):
    """The password is right, but must be changed before the user signs in."""


@dataclass(slots=True, kw_only=True, eq=False)
class Account:
    """An account. Of roles, groups and templates, ``None`` means that any name is taken."""

    context_identifier: UUID = field(repr=False)
    name: str
    display_name: str
    group: str | None = None
    parent: Account | None = field(default=None, repr=False)
    is_inactive: bool = False
    roles: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    templates: frozenset[str] | None = None
    # The names of its former users in lower case; some of them may be back.
    former: set[str] = field(default_factory=set[str], repr=False)


@dataclass(slots=True, kw_only=True, eq=False)
class User:
    """A user. Without a password it is an owner of documents who cannot sign in."""

    user_name: str
    password: str | None = field(default=None, repr=False)
    takes_any_password: bool = False
    first_name: str = ""
    last_name: str = ""
    role: str = ADMINISTRATOR
    accounts: list[Account] = field(default_factory=list[Account], repr=False)
    tags: tuple[tuple[str | None, str | None], ...] = field(default=(), repr=False)
    must_change_password: bool = False
    is_inactive: bool = False
    is_locked: bool = False

    @property
    def full_name(self) -> str:
        """First and last name; the user name where there is neither."""
        return f"{self.first_name} {self.last_name}".strip() or self.user_name

    def has_access_to(self, account: Account | None) -> bool:
        """Tell whether an account is one of the user's, or below one of them."""
        while account is not None and account not in self.accounts:
            account = account.parent
        return account is not None


def check_listed(names: frozenset[str] | None, name: str, what: str) -> None:
    """Refuse a name of a role, group or template that an account does not have.

    Where ``names`` is ``None``, it has any.

    Raises:
        NotPossible: There is no such name.
    """
    if names is not None and name not in names:
        raise NotPossible(f"The account has no {what} with this name.")


class Directory:
    """All users and accounts; without an account file any account may use the emulator."""

    def __init__(self, known: Iterable[AssureSignAccount] | None) -> None:
        self._is_open = known is None
        self._accounts: dict[UUID, Account] = {}
        self._users: dict[str, User] = {}
        self._signed_in: dict[str, User] = {}
        # The accounts of users who sign in without being listed.
        self._homes: list[Account] = []
        for account in known or ():
            self._add_listed(account)

    def find_account(self, context_identifier: UUID) -> Account | None:
        """Find an account by its API key."""
        return self._accounts.get(context_identifier)

    def find_user(self, user_name: str) -> User | None:
        """Find a user by name, in any case."""
        return self._users.get(user_name.lower())

    def users_of(self, account: Account) -> list[User]:
        """List the users of an account, in the order in which they came."""
        return [user for user in self._users.values() if account in user.accounts]

    def accounts_below(self, account: Account) -> list[Account]:
        """List the accounts right below an account, in the order in which they came."""
        return [one for one in self._accounts.values() if one.parent is account]

    def user_of(self, account: Account, user_name: str) -> User:
        """Find a user of an account by name, in any case.

        Raises:
            NotPossible: The account has no such user.
        """
        user = self.find_user(user_name)
        if user is None or account not in user.accounts:
            raise NotPossible("The account has no user with this UserName.")
        return user

    def sign_in(self, user_name: str, password: str, identifiers: Identifiers) -> tuple[str, User]:
        """Sign a user in.

        Raises:
            PasswordExpired: The password is right, but must be changed.
            NotPossible: The user or the password is wrong, or the user is locked or inactive.
        """
        user = None
        if password:
            user = self.find_user(user_name) or self._newcomer(user_name, identifiers)
        if user is None or not (user.takes_any_password or user.password == password):
            raise NotPossible("The UserName or the Password is wrong.")
        if user.is_locked:
            raise NotPossible("The user is locked.")
        if user.is_inactive:
            raise NotPossible("The user is inactive.")
        if user.must_change_password:
            raise PasswordExpired("The password has expired and must be changed.")
        token = identifiers.token(_TOKEN_LENGTH)
        self._signed_in[token] = user
        return token, user

    def managed(self, token: str, context_identifier: UUID) -> Account:
        """Find the account that the bearer of a token wants to manage.

        Raises:
            NotPossible: The token is wrong, or its user may not manage the account.
        """
        user = self._signed_in.get(token)
        if user is None or user.is_inactive or self.find_user(user.user_name) is not user:
            raise NotPossible("The AuthenticationToken is not valid.")
        if user.role != ADMINISTRATOR:
            raise NotPossible(
                "The user of the AuthenticationToken may not manage users and accounts."
            )
        account = self.find_account(context_identifier)
        if self._is_open:
            return account or self.add_account(context_identifier)
        if account is None or not user.has_access_to(account):
            raise NotPossible(
                "The ContextIdentifier is not valid for the user of the AuthenticationToken."
            )
        return account

    def check_new_name(self, user_name: str, but: User | None = None) -> None:
        """Refuse a name that is no e-mail address or belongs to another user than ``but``."""
        if not is_user_name(user_name):
            raise NotPossible("The UserName must be an e-mail address.")
        if self.find_user(user_name) not in {None, but}:
            raise NotPossible("There is a user with this UserName already.")

    def add_user(self, user: User) -> None:
        """Add a user whose name was checked."""
        self._users[user.user_name.lower()] = user

    def rename(self, user: User, user_name: str) -> None:
        """Give a user another name, which was checked. The place among the others stays."""
        for account in user.accounts:
            account.former.add(user.user_name.lower())
        user.user_name = user_name
        self._users = {one.user_name.lower(): one for one in self._users.values()}

    def delete(self, user: User, account: Account) -> None:
        """Take a user out of an account; a user of no account is deleted."""
        user.accounts.remove(account)
        account.former.add(user.user_name.lower())
        if not user.accounts:
            del self._users[user.user_name.lower()]

    def add_account(self, context_identifier: UUID, name: str | None = None) -> Account:
        """Add an account; without a name it is called by its number."""
        name = name or f"Account {len(self._accounts) + 1}"
        account = Account(context_identifier=context_identifier, name=name, display_name=name)
        self._accounts[context_identifier] = account
        return account

    def summary(self) -> dict[str, object]:
        """Describe users and accounts without keys, passwords and tokens."""
        return {
            "accounts": [
                {
                    "name": account.name,
                    "above": account.parent.name if account.parent else None,
                    "inactive": account.is_inactive,
                }
                for account in self._accounts.values()
            ],
            "users": [
                {
                    "user_name": user.user_name,
                    "role": user.role,
                    "accounts": [account.name for account in user.accounts],
                    "inactive": user.is_inactive,
                    "locked": user.is_locked,
                    "must_change_password": user.must_change_password,
                }
                for user in self._users.values()
            ],
        }

    def _add_listed(self, listed: AssureSignAccount) -> None:
        account = self.add_account(listed.context_identifier, listed.name)
        account.roles = None if listed.roles is None else listed.roles | {ADMINISTRATOR}
        account.groups, account.templates = listed.account_groups, listed.account_templates
        for known in listed.users or ():
            user = self._listed_user(known.user_name, account)
            user.password, user.takes_any_password = known.password, False
            user.first_name, user.last_name = known.first_name, known.last_name
            user.role = known.role
        for user_name in sorted(listed.user_names or ()):
            user = self._listed_user(user_name, account)
            if listed.users is None and user.password is None:
                user.takes_any_password = True
        if listed.users is None and listed.user_names is None:
            self._homes.append(account)

    def _listed_user(self, user_name: str, account: Account) -> User:
        user = self._users.setdefault(user_name.lower(), User(user_name=user_name))
        if account not in user.accounts:
            user.accounts.append(account)
        return user

    def _newcomer(self, user_name: str, identifiers: Identifiers) -> User | None:
        """Add a user whom the account file leaves open, unless the user was deleted."""
        is_former = any(user_name.lower() in account.former for account in self._accounts.values())
        if is_former or not is_user_name(user_name):
            return None
        if self._is_open and not self._homes:
            self._homes.append(self.add_account(identifiers.guid()))
        if not self._homes:
            return None
        user = User(user_name=user_name, takes_any_password=True, accounts=list(self._homes))
        self.add_user(user)
        return user
