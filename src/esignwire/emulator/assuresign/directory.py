"""AssureSign: who uses it. Users, accounts and sign-ins, and how they change.

Documented: a sign-in gives a token that managing users and accounts takes; wrong passwords lock a
user; a password can be out of date; users can be inactive; an account has others below it, and
roles, account templates and account groups of its own; a name of a user is an e-mail address; the
account's rules judge a new password.

Chosen here, for the vendor publishes nothing of it:

- Where no account file says who there is, anybody signs in: the first password of a user is the
  user's from then on. Such a user belongs to one account that all of them share, and may manage
  every other as well. Whoever was deleted stays out until created again.
- The role Administrator may manage, others may not. Besides it there is Limited User, and whatever
  other role a request names, unless the account file lists the roles. So it is with account
  templates, of which there are none at first, and account groups, of which there is Default.
- A user may manage the accounts of his own and those below them, and no others. A user of several
  accounts is changed only by one who may manage them all, and taken out of one by any who may
  manage that.
- A name belongs to one user of the whole service, whatever its case.
- Five wrong passwords in a row lock a user. A token serves for an hour, unless its user is deleted
  or inactive. Who must change the password is not let in before.
- A password needs eight characters, a letter and a digit.
- An account that is inactive refuses everything but its own management.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from esignwire.emulator.accounts import (
    ADMINISTRATOR,
    AssureSignAccount,
    AssureSignUser,
    is_user_name,
)
from esignwire.emulator.shared import Identifiers, NotPossible

__all__ = [
    "Account",
    "Directory",
    "Names",
    "PasswordExpired",
    "SignIn",
    "Tag",
    "User",
    "check_password",
    "check_user_name",
]

Tag = tuple[str | None, str | None]
_MOST_FAILURES = 5
_SIGN_IN_LASTS = timedelta(hours=1)
_TOKEN_LENGTH = 43
_LEAST_PASSWORD = 8
_ROLES = (ADMINISTRATOR, "Limited User")
_GROUPS = ("Default",)
_WRONG = "The UserName or the Password is wrong."
_NOT_OF_THE_USER = "The ContextIdentifier is not valid for the user of the AuthenticationToken."


class PasswordExpired(NotPossible):
    """The password is right, but must be changed before the user is let in."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names that an account's administration gave: roles, account templates or account groups.

    Args:
        known: The names so far, in order.
        is_open: Whether other names are taken as well.
    """

    known: tuple[str, ...]
    is_open: bool

    def check(self, name: str, what: str) -> None:
        """Refuse a name that the account does not have.

        Args:
            name: The name.
            what: What has the name.

        Raises:
            NotPossible: There is no such name, and no others are taken.
        """
        if name not in self.known and not self.is_open:
            raise NotPossible(f"The account has no {what} with this name.")

    def with_name(self, name: str) -> Names:
        """Add a name.

        Args:
            name: The name.

        Returns:
            The names with it.
        """
        return Names(tuple(dict.fromkeys([*self.known, name])), self.is_open)


@dataclass(slots=True, kw_only=True, eq=False)
class Account:
    """An account."""

    context_identifier: UUID = field(repr=False)
    name: str
    display_name: str
    group: str | None = None
    parent: Account | None = field(default=None, repr=False)
    is_inactive: bool = False
    roles: Names = Names(_ROLES, is_open=True)
    groups: Names = Names(_GROUPS, is_open=True)
    templates: Names = Names((), is_open=True)
    # The users that it had once, by their names in lower case. Some of them may be back.
    lost: set[str] = field(default_factory=set[str], repr=False)

    def line(self) -> Iterator[Account]:
        """Go up from the account to the one above all.

        Yields:
            The account itself, the one above it, and so on.
        """
        account: Account | None = self
        while account is not None:
            yield account
            account = account.parent

    def has_lost(self, user_name: str) -> bool:
        """Tell whether a user was once deleted from the account, or took another name.

        Args:
            user_name: The name, in any case.

        Returns:
            Whether so.
        """
        return user_name.lower() in self.lost


@dataclass(slots=True, kw_only=True, eq=False)
class User:
    """A user."""

    user_name: str
    # None until the first sign-in of one who may choose it there, and of one who cannot sign in.
    password: str | None = field(default=None, repr=False)
    chooses_password: bool = False
    first_name: str = ""
    last_name: str = ""
    role: str = ADMINISTRATOR
    accounts: list[Account] = field(default_factory=list[Account], repr=False)
    # Whether the user may manage every account.
    is_everywhere: bool = False
    tags: tuple[Tag, ...] = field(default=(), repr=False)
    must_change_password: bool = False
    is_inactive: bool = False
    is_locked: bool = False
    failures: int = 0

    @property
    def full_name(self) -> str:
        """First and last name, or what stands for them."""
        return f"{self.first_name} {self.last_name}".strip() or self.user_name

    def reaches(self, account: Account) -> bool:
        """Tell whether the user may manage an account, as far as its place goes.

        Args:
            account: The account.

        Returns:
            Whether it is one of the user's own, or below one.
        """
        return self.is_everywhere or any(above in self.accounts for above in account.line())

    def check_may_change(self, user: User) -> None:
        """Refuse a change of a user who has rights where this one has none.

        Args:
            user: Who is to be changed.

        Raises:
            NotPossible: The change could give this one rights elsewhere.
        """
        is_within = all(map(self.reaches, user.accounts))
        if not is_within or (user.is_everywhere and not self.is_everywhere):
            raise NotPossible(
                "The user has other accounts, which the user of the AuthenticationToken may not"
                " manage."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The leave to manage users and accounts."""

    token: str = field(repr=False)
    user: User
    expiration_date: datetime


class Directory:
    """All users, accounts and sign-ins.

    Args:
        known: The accounts of the account file; ``None`` where there is any account.
    """

    def __init__(self, known: Iterable[AssureSignAccount] | None) -> None:
        self._is_open = known is None
        self._accounts: list[Account] = []
        self._users: dict[str, User] = {}
        self._sign_ins: list[SignIn] = []
        # Where anybody belongs who signs in without being known.
        self._homes: list[Account] = []
        for account in known or ():
            self._add_known(account)

    def find_account(self, context_identifier: UUID) -> Account | None:
        """Find an account, in a time that does not tell how much of the API key was right.

        Args:
            context_identifier: The API key.

        Returns:
            The account; ``None`` where nothing is kept of it.
        """
        wanted = context_identifier.bytes
        matches = [
            account
            for account in self._accounts
            if hmac.compare_digest(account.context_identifier.bytes, wanted)
        ]
        return matches[0] if matches else None

    def find_user(self, user_name: str) -> User | None:
        """Find a user.

        Args:
            user_name: The name, in any case.

        Returns:
            The user; ``None`` where there is none.
        """
        return self._users.get(user_name.lower())

    def is_of(self, user_name: str, account: Account) -> bool:
        """Tell whether somebody is a user of an account.

        Args:
            user_name: The name, in any case.
            account: The account.

        Returns:
            Whether so.
        """
        user = self.find_user(user_name)
        return user is not None and account in user.accounts

    def users_of(self, account: Account) -> list[User]:
        """List the users of an account.

        Args:
            account: The account.

        Returns:
            The users, in the order in which they came.
        """
        return [user for user in self._users.values() if account in user.accounts]

    def accounts_below(self, account: Account) -> list[Account]:
        """List the accounts right below an account.

        Args:
            account: The account.

        Returns:
            The accounts, in the order in which they came.
        """
        return [one for one in self._accounts if one.parent is account]

    def sign_in(
        self, user_name: str, password: str, now: datetime, identifiers: Identifiers
    ) -> SignIn:
        """Sign a user in.

        Args:
            user_name: The name, in any case.
            password: The password.
            now: The time.
            identifiers: Makes the token.

        Returns:
            The sign-in.

        Raises:
            PasswordExpired: The password is right, but must be changed.
            NotPossible: The user is not let in.
        """
        if not user_name or not password:
            raise NotPossible("Both the UserName and the Password must be given.")
        user = self.find_user(user_name) or self._newcomer(user_name, identifiers)
        if (
            user is not None
            and user.password is None
            and user.chooses_password
            and not user.is_locked
        ):
            user.password = password
        known = "" if user is None or user.password is None else user.password
        # Compared in any case, so that the time does not tell who is known. No password is empty.
        is_right = hmac.compare_digest(known.encode(), password.encode())
        if user is None:
            raise NotPossible(_WRONG)
        if not is_right:
            user.failures += 1
            user.is_locked = user.is_locked or user.failures >= _MOST_FAILURES
            raise NotPossible(_WRONG)
        # Only who knows the password is told more.
        if user.is_locked:
            raise NotPossible("The user is locked.")
        user.failures = 0
        if user.is_inactive:
            raise NotPossible("The user is inactive.")
        if all(account.is_inactive for account in user.accounts):
            raise NotPossible("The account of the user is inactive.")
        if user.must_change_password:
            raise PasswordExpired("The password has expired and must be changed.")
        sign_in = SignIn(
            token=identifiers.token(_TOKEN_LENGTH), user=user, expiration_date=now + _SIGN_IN_LASTS
        )
        self._sign_ins = [one for one in self._sign_ins if now < one.expiration_date]
        self._sign_ins.append(sign_in)
        return sign_in

    def managed(self, token: str, context_identifier: UUID, now: datetime) -> tuple[Account, User]:
        """Find the account that somebody wants to manage.

        Args:
            token: The token of a sign-in.
            context_identifier: The account's API key.
            now: The time.

        Returns:
            The account, and who wants to manage it.

        Raises:
            NotPossible: The token is wrong, or its user may not manage the account. Whether there
                is such an account remains untold.
        """
        sent = token.encode()
        matches = [one for one in self._sign_ins if hmac.compare_digest(one.token.encode(), sent)]
        if not matches or now >= matches[0].expiration_date:
            raise NotPossible("The AuthenticationToken is not valid.")
        user = matches[0].user
        if user.is_inactive or self.find_user(user.user_name) is not user:
            raise NotPossible("The AuthenticationToken is not valid.")
        if user.role != ADMINISTRATOR:
            raise NotPossible(
                "The user of the AuthenticationToken may not manage users and accounts."
            )
        account = self.find_account(context_identifier)
        if account is None and user.is_everywhere:
            # Any API key is one of an account, which is kept from now on.
            account = self._new_account(context_identifier)
        if account is None or not user.reaches(account):
            raise NotPossible(_NOT_OF_THE_USER)
        return account, user

    def user_of(self, account: Account, user_name: str) -> User:
        """Find a user of an account.

        Args:
            account: The account.
            user_name: The name, in any case.

        Returns:
            The user.

        Raises:
            NotPossible: The account has no such user.
        """
        user = self.find_user(user_name)
        if user is None or account not in user.accounts:
            raise NotPossible("The account has no user with this UserName.")
        return user

    def check_free(self, user_name: str, but: User | None = None) -> None:
        """Refuse a name that somebody has.

        Args:
            user_name: The name, in any case.
            but: Whose name it may be.

        Raises:
            NotPossible: Somebody else has the name.
        """
        holder = self.find_user(user_name)
        if holder is not None and holder is not but:
            raise NotPossible("There is a user with this UserName already.")

    def add_user(self, user: User) -> None:
        """Add a user, whose name is free.

        Args:
            user: The user.
        """
        self._users[user.user_name.lower()] = user

    def rename(self, user: User, user_name: str) -> None:
        """Give a user another name, which is free.

        Args:
            user: The user.
            user_name: The name.
        """
        for account in user.accounts:
            account.lost.add(user.user_name.lower())
        # The place among the others stays.
        self._users = {
            (user_name.lower() if one is user else name): one for name, one in self._users.items()
        }
        user.user_name = user_name

    def delete(self, user: User, account: Account) -> None:
        """Take a user out of an account; who is in no other is gone.

        Args:
            user: The user.
            account: The account.
        """
        user.accounts.remove(account)
        account.lost.add(user.user_name.lower())
        if not user.accounts:
            del self._users[user.user_name.lower()]

    def add_account(self, account: Account) -> None:
        """Add an account.

        Args:
            account: The account.
        """
        self._accounts.append(account)

    def summary(self) -> dict[str, object]:
        """Describe users and accounts without keys, passwords and tokens.

        Returns:
            A structure that JSON can write.
        """
        return {
            "accounts": [
                {
                    "name": account.name,
                    "above": account.parent.name if account.parent else None,
                    "inactive": account.is_inactive,
                }
                for account in self._accounts
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

    def _add_known(self, known: AssureSignAccount) -> None:
        account = self._new_account(known.context_identifier, known.name)
        if known.roles is not None:
            account.roles = Names((ADMINISTRATOR, *sorted(known.roles)), is_open=False)
        if known.account_groups is not None:
            account.groups = Names(tuple(sorted(known.account_groups)), is_open=False)
        if known.account_templates is not None:
            account.templates = Names(tuple(sorted(known.account_templates)), is_open=False)
        for user in known.users or ():
            self._add_known_user(user, account)
        chooses_password = known.users is None
        for user_name in sorted(known.user_names or ()):
            self._add_owner(user_name, account, chooses_password=chooses_password)
        if chooses_password and known.user_names is None:
            self._homes.append(account)

    def _add_owner(self, user_name: str, account: Account, *, chooses_password: bool) -> None:
        user = self._users.setdefault(user_name.lower(), User(user_name=user_name))
        user.chooses_password = user.chooses_password or chooses_password
        if account not in user.accounts:
            user.accounts.append(account)

    def _add_known_user(self, known: AssureSignUser, account: Account) -> None:
        user = self._users.setdefault(known.user_name.lower(), User(user_name=known.user_name))
        user.password = known.password
        user.first_name, user.last_name = known.first_name, known.last_name
        user.role = known.role
        account.roles = account.roles.with_name(known.role)
        if account not in user.accounts:
            user.accounts.append(account)

    def _newcomer(self, user_name: str, identifiers: Identifiers) -> User | None:
        """Let somebody in whom nobody knows, where that is usual."""
        if not is_user_name(user_name):
            return None
        if any(account.has_lost(user_name) for account in self._accounts):
            return None
        if self._is_open and not self._homes:
            self._homes.append(self._new_account(identifiers.guid()))
        if not self._homes:
            return None
        user = User(
            user_name=user_name,
            chooses_password=True,
            accounts=list(self._homes),
            is_everywhere=self._is_open,
        )
        self.add_user(user)
        return user

    def _new_account(self, context_identifier: UUID, name: str | None = None) -> Account:
        name = name or f"Account {len(self._accounts) + 1}"
        account = Account(context_identifier=context_identifier, name=name, display_name=name)
        self._accounts.append(account)
        return account


def check_password(password: str) -> None:
    """Judge a new password.

    Args:
        password: The password.

    Raises:
        NotPossible: It is too weak.
    """
    has_both = any(map(str.isalpha, password)) and any(map(str.isdigit, password))
    if len(password) < _LEAST_PASSWORD or not has_both:
        raise NotPossible(
            f"The Password is too weak: it needs {_LEAST_PASSWORD} characters, a letter and a"
            " digit."
        )


def check_user_name(user_name: str) -> None:
    """Judge the name of a user.

    Args:
        user_name: The name.

    Raises:
        NotPossible: It is no e-mail address.
    """
    if not is_user_name(user_name):
        raise NotPossible("The UserName must be an e-mail address.")
