"""Who may use the emulator, where not everybody may: the content of an account file.

A file in JSON or TOML, in which a vendor that is left out takes any credentials::

    [[assuresign]]
    context_identifier = "06c4a84f-693c-46cb-8df2-40a8215aa056"
    user_names = ["owner@example.com"]                      # left out: any
    templates = ["dcb79445-4d39-dd11-8735-00065b8ce99b"]    # left out: any
    name = "Example"                                        # left out: a number
    roles = ["Clerk"]                                       # left out: any
    account_groups = ["West"]                               # left out: any
    account_templates = ["Branch"]                          # left out: any

    [[assuresign.users]]                                    # left out: any, with any password
    user_name = "owner@example.com"
    password = "..."
    first_name = "Ada"                                      # left out: none
    last_name = "Byron"                                     # left out: none
    role = "Clerk"                                          # left out: Administrator

    [[signix]]
    sponsor = "oem"
    client = "oemclient"
    user_id = "oemclient"
    password = "..."
    workgroups = ["SDD"]                                    # left out: any

    [[constellation1]]
    api_key = "..."
    user_names = ["owner@example.com"]                      # left out: any
"""

from __future__ import annotations

import hmac
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast
from uuid import UUID

from esignwire.errors import ConfigurationError

__all__ = [
    "ADMINISTRATOR",
    "Accounts",
    "AssureSignAccount",
    "AssureSignUser",
    "Constellation1Account",
    "SignixAccount",
    "is_user_name",
    "load_accounts",
]

# The role whose users may manage users and accounts.
ADMINISTRATOR = "Administrator"
_Made = TypeVar("_Made")
_LARGEST_FILE = 1_000_000
_USER_NAME = re.compile(r"[^@\s]+@[^@\s]+")
# What XML cannot hold, or would not give back as it was.
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def is_user_name(text: str) -> bool:
    """Tell whether a text can be the name of a user of AssureSign's.

    Args:
        text: The text.

    Returns:
        Whether it is an e-mail address, as far as its form goes.
    """
    return _USER_NAME.fullmatch(text) is not None


def _same(first: str, second: str) -> bool:
    return hmac.compare_digest(first.encode(), second.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class AssureSignUser:
    """A user of AssureSign's who can sign in.

    Args:
        user_name: The e-mail address, in any case.
        password: The password, in its own case.
        first_name: The first name.
        last_name: The last name.
        role: The role. Users with the role Administrator may manage users and accounts.

    Raises:
        ConfigurationError: ``user_name`` is no e-mail address.
    """

    user_name: str
    password: str = field(repr=False)
    first_name: str = ""
    last_name: str = ""
    role: str = ADMINISTRATOR

    def __post_init__(self) -> None:
        if not is_user_name(self.user_name):
            raise ConfigurationError("user_name must be an e-mail address.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssureSignAccount:
    """An account of AssureSign's.

    Args:
        context_identifier: Its API key.
        user_names: The owners that it knows, besides ``users``; ``None`` for any.
        templates: The templates that it has; ``None`` for any.
        name: What it is called; ``None`` for a name with a number.
        users: The users who can sign in; ``None`` for any of ``user_names``, each with the password
            that comes first.
        roles: The roles that users can have, besides Administrator; ``None`` for any.
        account_groups: The account groups of accounts below it; ``None`` for any.
        account_templates: The account templates for accounts below it; ``None`` for any.

    Raises:
        ConfigurationError: A user has a role that users cannot have.
    """

    context_identifier: UUID = field(repr=False)
    user_names: frozenset[str] | None = None
    templates: frozenset[UUID] | None = None
    name: str | None = None
    users: tuple[AssureSignUser, ...] | None = None
    roles: frozenset[str] | None = None
    account_groups: frozenset[str] | None = None
    account_templates: frozenset[str] | None = None

    def __post_init__(self) -> None:
        for number, user in enumerate(self.users or (), start=1):
            if self.roles is not None and user.role not in {ADMINISTRATOR, *self.roles}:
                raise ConfigurationError(
                    f"users[{number}].role must be one of roles, or {ADMINISTRATOR}."
                )

    def knows_user(self, user_name: str | None) -> bool:
        """Tell whether a user belongs to the account.

        Args:
            user_name: The e-mail address; ``None`` or empty stands for the account's own default.

        Returns:
            Whether it does.
        """
        if self.user_names is None or not user_name:
            return True
        return user_name.lower() in {known.lower() for known in self.user_names}

    def knows_template(self, template: UUID) -> bool:
        """Tell whether the account has a template.

        Args:
            template: The template's id.

        Returns:
            Whether it does.
        """
        return self.templates is None or template in self.templates


@dataclass(frozen=True, slots=True, kw_only=True)
class SignixAccount:
    """An account of SIGNiX's. Every value is case-sensitive.

    Args:
        sponsor: The sponsor.
        client: The client.
        user_id: The user.
        password: The password.
        workgroups: The workgroups that it has; ``None`` for any.
    """

    sponsor: str
    client: str
    user_id: str
    password: str = field(repr=False)
    workgroups: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Constellation1Account:
    """An account of Constellation1's.

    Args:
        api_key: Its API key.
        user_names: The users that it knows, by e-mail address; ``None`` for any.
    """

    api_key: str = field(repr=False)
    user_names: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The accounts of all vendors; ``None`` for a vendor that takes any credentials.

    Args:
        assuresign: AssureSign's.
        signix: SIGNiX's.
        constellation1: Constellation1's.

    Raises:
        ConfigurationError: Two AssureSign accounts have one API key, or a user of several is not
            the same in each.
    """

    assuresign: tuple[AssureSignAccount, ...] | None = None
    signix: tuple[SignixAccount, ...] | None = None
    constellation1: tuple[Constellation1Account, ...] | None = None

    def __post_init__(self) -> None:
        identifiers: set[UUID] = set()
        for number, account in enumerate(self.assuresign or (), start=1):
            if account.context_identifier in identifiers:
                raise ConfigurationError(
                    f"assuresign[{number}].context_identifier is that of another account."
                )
            identifiers.add(account.context_identifier)
        # One may stand in several accounts, but signs in by name and password alone.
        known: dict[str, AssureSignUser] = {}
        for account in self.assuresign or ():
            for user in account.users or ():
                if known.setdefault(user.user_name.lower(), user) != user:
                    raise ConfigurationError(
                        "A user of several AssureSign accounts must be the same in each."
                    )

    def assuresign_account(self, context_identifier: UUID) -> AssureSignAccount | None:
        """Find an account by its API key, in a time that does not tell how much of it was right.

        Args:
            context_identifier: The API key.

        Returns:
            The account; ``None`` where it is refused.
        """
        if self.assuresign is None:
            return AssureSignAccount(context_identifier=context_identifier)
        wanted = str(context_identifier)
        matches = [
            account for account in self.assuresign if _same(str(account.context_identifier), wanted)
        ]
        return matches[0] if matches else None

    def signix_account(
        self, sponsor: str, client: str, user_id: str, password: str
    ) -> SignixAccount | None:
        """Find an account by all four credentials.

        Args:
            sponsor: The sponsor.
            client: The client.
            user_id: The user.
            password: The password.

        Returns:
            The account; ``None`` where it is refused.
        """
        given = (sponsor, client, user_id, password)
        if self.signix is None:
            return SignixAccount(sponsor=sponsor, client=client, user_id=user_id, password=password)
        matches: list[SignixAccount] = []
        for account in self.signix:
            known = (account.sponsor, account.client, account.user_id, account.password)
            # All four are compared, whatever the first one gives.
            verdicts = [_same(*pair) for pair in zip(known, given, strict=True)]
            if all(verdicts):
                matches.append(account)
        return matches[0] if matches else None

    def constellation1_account(self, api_key: str) -> Constellation1Account | None:
        """Find an account by its API key.

        Args:
            api_key: The API key.

        Returns:
            The account; ``None`` where it is refused.
        """
        if self.constellation1 is None:
            return Constellation1Account(api_key=api_key)
        matches = [account for account in self.constellation1 if _same(account.api_key, api_key)]
        return matches[0] if matches else None


def load_accounts(path: Path) -> Accounts:
    """Read an account file.

    Args:
        path: The file: ``.json`` or ``.toml``, at most a million bytes.

    Returns:
        The accounts.

    Raises:
        ConfigurationError: The file cannot be read, or something in it is wrong. The message
            names the place and never a value.
    """
    if path.suffix.lower() not in {".json", ".toml"}:
        raise ConfigurationError(f"The account file {path} must end in .json or .toml.")
    try:
        content = path.read_bytes()
        if len(content) > _LARGEST_FILE:
            raise ConfigurationError(f"The account file {path} is larger than a million bytes.")
        text = content.decode("utf-8")
        document: object = (
            json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
        )
    except OSError as error:
        raise ConfigurationError(
            f"The account file {path} cannot be read: {error.strerror}."
        ) from error
    except (ValueError, RecursionError):
        # The cause is left out on purpose: it may quote the file.
        raise ConfigurationError(
            f"The account file {path} is no valid {path.suffix[1:].upper()} in UTF-8."
        ) from None
    try:
        return _accounts(document)
    except (_Wrong, ConfigurationError) as wrong:
        raise ConfigurationError(f"The account file {path}: {wrong}") from None


class _Wrong(ValueError):
    """Something in an account file is wrong."""


class _Entry:
    """One table of the file, which wants every key that it has to be asked for."""

    def __init__(self, place: str, content: object) -> None:
        if not isinstance(content, Mapping):
            raise _Wrong(f"{place} must be a table of names and values.")
        self._place = place
        self._content = dict(cast("Mapping[str, object]", content))

    @property
    def place(self) -> str:
        return self._place

    def text(self, name: str) -> str:
        value = self.optional_text(name)
        if value is None:
            raise _Wrong(f"{self._place}.{name} must be a text that is not empty.")
        return value

    def optional_text(self, name: str) -> str | None:
        value = self._content.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise _Wrong(f"{self._place}.{name} must be a text that is not empty.")
        return self._usable(name, value)

    def texts(self, name: str) -> frozenset[str] | None:
        value = self._content.pop(name, None)
        if value is None:
            return None
        items = cast("list[object]", value) if isinstance(value, list) else [None]
        if not all(isinstance(item, str) and item.strip() for item in items):
            raise _Wrong(f"{self._place}.{name} must be a list of texts that are not empty.")
        return frozenset(self._usable(name, item) for item in cast("list[str]", items))

    def guid(self, name: str) -> UUID:
        return self._guid(name, self.text(name))

    def guids(self, name: str) -> frozenset[UUID] | None:
        values = self.texts(name)
        return None if values is None else frozenset(self._guid(name, value) for value in values)

    def lists(self, name: str) -> list[object] | None:
        value = self._content.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, list):
            raise _Wrong(f"{self._place}.{name} must be a list of tables.")
        return cast("list[object]", value)

    def end(self) -> None:
        if self._content:
            names = ", ".join(
                ascii(name) if _UNUSABLE.search(name) else name for name in sorted(self._content)
            )
            raise _Wrong(f"{self._place} has names that mean nothing here: {names}.")

    def _usable(self, name: str, value: str) -> str:
        if _UNUSABLE.search(value):
            raise _Wrong(f"{self._place}.{name} must have no control characters or surrogates.")
        return value

    def _guid(self, name: str, value: str) -> UUID:
        try:
            return UUID(value)
        except ValueError:
            raise _Wrong(f"{self._place}.{name} must hold GUIDs.") from None


def _accounts(document: object) -> Accounts:
    file = _Entry("the file", document)
    accounts = Accounts(
        assuresign=_each("assuresign", file.lists("assuresign"), _assuresign),
        signix=_each("signix", file.lists("signix"), _signix),
        constellation1=_each("constellation1", file.lists("constellation1"), _constellation1),
    )
    file.end()
    return accounts


def _each(
    place: str, contents: Iterable[object] | None, read: Callable[[_Entry], _Made]
) -> tuple[_Made, ...] | None:
    if contents is None:
        return None
    made: list[_Made] = []
    for number, content in enumerate(contents, start=1):
        entry = _Entry(f"{place}[{number}]", content)
        try:
            made.append(read(entry))
        except ConfigurationError as error:
            raise _Wrong(f"{entry.place}.{error}") from None
        entry.end()
    return tuple(made)


def _assuresign(entry: _Entry) -> AssureSignAccount:
    return AssureSignAccount(
        context_identifier=entry.guid("context_identifier"),
        user_names=entry.texts("user_names"),
        templates=entry.guids("templates"),
        name=entry.optional_text("name"),
        users=_each(f"{entry.place}.users", entry.lists("users"), _assuresign_user),
        roles=entry.texts("roles"),
        account_groups=entry.texts("account_groups"),
        account_templates=entry.texts("account_templates"),
    )


def _assuresign_user(entry: _Entry) -> AssureSignUser:
    return AssureSignUser(
        user_name=entry.text("user_name"),
        password=entry.text("password"),
        first_name=entry.optional_text("first_name") or "",
        last_name=entry.optional_text("last_name") or "",
        role=entry.optional_text("role") or ADMINISTRATOR,
    )


def _signix(entry: _Entry) -> SignixAccount:
    return SignixAccount(
        sponsor=entry.text("sponsor"),
        client=entry.text("client"),
        user_id=entry.text("user_id"),
        password=entry.text("password"),
        workgroups=entry.texts("workgroups"),
    )


def _constellation1(entry: _Entry) -> Constellation1Account:
    return Constellation1Account(
        api_key=entry.text("api_key"), user_names=entry.texts("user_names")
    )
