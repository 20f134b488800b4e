"""Accounts that may use the emulator, and the account files that list them.

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

import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    ConfigDict,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

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
_LARGEST_FILE = 1_000_000
_USER_NAME = re.compile(r"[^@\s]+@[^@\s]+")
# What XML cannot hold, or would not give back as it was.
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NOT_TEXT = "must be a text that is not empty."
_UNUSABLE_TEXT = "must have no control characters or surrogates."
# What a file does wrong, by pydantic's types of errors and our own.
_KINDS = {
    "missing": _NOT_TEXT,
    "string_type": _NOT_TEXT,
    "blank": _NOT_TEXT,
    "unusable": _UNUSABLE_TEXT,
    "string_unicode": _UNUSABLE_TEXT,
    "uuid_type": "must be a GUID.",
    "uuid_parsing": "must be a GUID.",
    "tuple_type": "must be a list of tables.",
    "frozen_set_type": "must be a list of texts.",
    "dataclass_type": "must be a table of names and values.",
}
_OWN = "configuration"
_FILE = ConfigDict(extra="forbid", hide_input_in_errors=True)


def _text(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "blank")
    if _UNUSABLE.search(value):
        raise PydanticCustomError("unusable", "unusable")
    return value


def _placed(value: object, build: ValidatorFunctionWrapHandler) -> object:
    """Build an entry; what its own constructor refuses gets the place of the entry."""
    try:
        return build(value)
    except ConfigurationError as error:
        raise PydanticCustomError(_OWN, "{words}", {"words": str(error)}) from None


_Text = Annotated[str, AfterValidator(_text)]


def is_user_name(text: str) -> bool:
    """Tell whether a text is an e-mail address, as the name of a user of AssureSign's is."""
    return _USER_NAME.fullmatch(text) is not None


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

    __pydantic_config__: ClassVar[ConfigDict] = _FILE

    user_name: _Text
    password: _Text = field(repr=False)
    first_name: _Text = ""
    last_name: _Text = ""
    role: _Text = ADMINISTRATOR

    def __post_init__(self) -> None:
        if not is_user_name(self.user_name):
            raise ConfigurationError("user_name must be an e-mail address.")


_UserEntry = Annotated[AssureSignUser, WrapValidator(_placed)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssureSignAccount:
    """An account of AssureSign's.

    Args:
        context_identifier: Its API key.
        user_names: The owners that it knows, besides ``users``; ``None`` for any.
        templates: The templates that it has; ``None`` for any.
        name: What it is called; ``None`` for a name with a number.
        users: The users who can sign in; ``None`` for any of ``user_names``, with any
            password.
        roles: The roles that users can have, besides Administrator; ``None`` for any.
        account_groups: The account groups of accounts below it; ``None`` for any.
        account_templates: The account templates for accounts below it; ``None`` for any.

    Raises:
        ConfigurationError: A user has a role that users cannot have.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FILE

    context_identifier: UUID = field(repr=False)
    user_names: frozenset[_Text] | None = None
    templates: frozenset[UUID] | None = None
    name: _Text | None = None
    users: tuple[_UserEntry, ...] | None = None
    roles: frozenset[_Text] | None = None
    account_groups: frozenset[_Text] | None = None
    account_templates: frozenset[_Text] | None = None

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


_AccountEntry = Annotated[AssureSignAccount, WrapValidator(_placed)]


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

    __pydantic_config__: ClassVar[ConfigDict] = _FILE

    sponsor: _Text
    client: _Text
    user_id: _Text
    password: _Text = field(repr=False)
    workgroups: frozenset[_Text] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Constellation1Account:
    """An account of Constellation1's.

    Args:
        api_key: Its API key.
        user_names: The users that it knows, by e-mail address; ``None`` for any.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FILE

    api_key: _Text = field(repr=False)
    user_names: frozenset[_Text] | None = None


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

    __pydantic_config__: ClassVar[ConfigDict] = _FILE

    assuresign: tuple[_AccountEntry, ...] | None = None
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
        """Find an account by its API key.

        Args:
            context_identifier: The API key.

        Returns:
            The account; ``None`` where it is refused.
        """
        if self.assuresign is None:
            return AssureSignAccount(context_identifier=context_identifier)
        known = (one for one in self.assuresign if one.context_identifier == context_identifier)
        return next(known, None)

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
        if self.signix is None:
            return SignixAccount(sponsor=sponsor, client=client, user_id=user_id, password=password)
        given = (sponsor, client, user_id, password)
        for account in self.signix:
            if (account.sponsor, account.client, account.user_id, account.password) == given:
                return account
        return None

    def constellation1_account(self, api_key: str) -> Constellation1Account | None:
        """Find an account by its API key.

        Args:
            api_key: The API key.

        Returns:
            The account; ``None`` where it is refused.
        """
        if self.constellation1 is None:
            return Constellation1Account(api_key=api_key)
        return next((one for one in self.constellation1 if one.api_key == api_key), None)


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
        return TypeAdapter(Accounts).validate_python(document)
    except ValidationError as refused:
        wrong = _words(refused.errors(include_url=False, include_input=False)[0])
    except ConfigurationError as refused:
        wrong = str(refused)
    raise ConfigurationError(f"The account file {path}: {wrong}")


def _words(error: ErrorDetails) -> str:
    """Name the place and the kind of an error, since pydantic's own words quote values."""
    place = ""
    for step in error["loc"]:
        place += f"[{step + 1}]" if isinstance(step, int) else f".{_shown(step)}"
    place = place.removeprefix(".")
    kind = error["type"]
    if kind == _OWN:
        return f"{place}.{error['msg']}"
    if kind == "unexpected_keyword_argument":
        above, _, name = place.rpartition(".")
        return f"{above or 'the file'} has a name that means nothing here: {name}."
    return f"{place or 'the file'} {_KINDS.get(kind, 'is wrong.')}"


def _shown(name: str) -> str:
    return ascii(name) if _UNUSABLE.search(name) else name
