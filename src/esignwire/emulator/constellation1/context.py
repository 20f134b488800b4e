"""Context of one call: its arguments, who makes it, and what the players need besides."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from esignwire.emulator._wire import OpenApi
from esignwire.emulator.accounts import Accounts, Constellation1Account
from esignwire.emulator.constellation1.state import (
    Constellation1State,
    SessionStatus,
    SigningSession,
    User,
)
from esignwire.emulator.settings import EmulatorSettings
from esignwire.emulator.shared import Shared

__all__ = [
    "INVALID_KEY",
    "INVALID_USER",
    "NO_SESSION",
    "TOKEN_REFUSED",
    "TRUE",
    "USER_NOT_FOUND",
    "Body",
    "Call",
    "Refused",
    "account_id",
    "moment",
]

Body = dict[str, object]

# The vendor's texts, which are documented.
TOKEN_REFUSED = "Error: Bad Token Information. Please authenticate."  # noqa: S105  # a message
INVALID_KEY = "Error: Invalid API key"
INVALID_USER = "Error: Invalid user account information"
USER_NOT_FOUND = "Error: Username not found."
# Ours: the vendor publishes none.
NO_SESSION = "Error: There is no session with this id."

TRUE: Body = {"ReturnValue": "True"}


class Refused(Exception):
    """A call is refused; the text is for Details, and the members stand beside it."""

    def __init__(self, text: str, **members: object) -> None:
        super().__init__(text)
        self.members: Body = members


@dataclass(slots=True, kw_only=True)
class Call:
    """One call, judged by the document."""

    state: Constellation1State
    shared: Shared
    settings: EmulatorSettings
    document: OpenApi
    account: Constellation1Account
    arguments: Mapping[str, object] = field(repr=False)
    secret: str = field(default="", repr=False)
    base_url: str
    caller: str

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.shared.now()

    @property
    def account_id(self) -> str:
        """What tells the account from others, without its key."""
        return account_id(self.account, self.settings.accounts)

    def text(self, name: str) -> str:
        """An argument that is a text; an empty one where it was not given."""
        return str(self.arguments.get(name, ""))

    def number(self, name: str) -> int:
        """An argument that is a whole number."""
        return cast("int", self.arguments[name])

    def object(self, name: str) -> Body:
        """An argument that is an object."""
        return cast("Body", self.arguments[name])

    def objects(self, name: str) -> list[Body]:
        """An argument that is a list of objects."""
        return cast("list[Body]", self.arguments[name])

    def decrypted(self, text: str) -> str:
        """Undo EncryptString with the salt of the call.

        Raises:
            Refused: It was not encrypted with this salt.
        """
        found = self.state.encrypted.get((text, self.text("salt")))
        if found is None:
            raise Refused(INVALID_USER)
        return found

    def find_user(self, name: str) -> User | None:
        """Find a user of the account.

        The users of the account file are there from the beginning; they are administrators, and
        any password is theirs.
        """
        key = (self.account_id, name.lower())
        found = self.state.users.get(key)
        listed = {one.lower() for one in self.account.user_names or ()}
        if found is None and key[1] in listed:
            found = self.state.users[key] = self._new_user(name)
        return found

    def acting_user(self, name: str) -> User:
        """Find the user in whose name the call is made.

        Where the account takes any user, the user is there from now on.

        Raises:
            Refused: The account does not know the user.
        """
        found = self.find_user(name)
        if found is None and self.account.user_names is None:
            found = self._new_user(name)
            self.state.users[(self.account_id, name.lower())] = found
        if found is None:
            raise Refused(USER_NOT_FOUND)
        return found

    def session(self, name: str = "sessionId") -> SigningSession:
        """Find the session that an argument names.

        Raises:
            Refused: The account has no such session, or it was deleted.
        """
        return self.session_by(UUID(self.text(name)))

    def session_by(self, guid: UUID | None) -> SigningSession:
        """Find a session by its id.

        Raises:
            Refused: As ``session``.
        """
        session = None if guid is None else self.state.sessions.get(guid)
        if session is None or session.account != self.account_id:
            raise Refused(NO_SESSION)
        session.pass_time(self.now)
        if session.status is SessionStatus.DELETED:
            raise Refused(NO_SESSION)
        self.shared.touched.append(session)
        return session

    def owned(self, session: SigningSession, user_name: str) -> SigningSession:
        """Pass a session on that the user owns.

        Raises:
            Refused: The account does not know the user, or another user owns the session.
        """
        if self.acting_user(user_name).name.lower() != session.user_name.lower():
            raise Refused("Error: Another user owns the session.")
        return session

    def sessions(self) -> list[SigningSession]:
        """All sessions of the account."""
        found = [one for one in self.state.sessions.values() if one.account == self.account_id]
        for session in found:
            session.pass_time(self.now)
        return found

    def _new_user(self, name: str) -> User:
        return User(
            id=self.shared.identifiers.token(12),
            account=self.account_id,
            name=name,
            members={},
            role="Admin",
        )


def account_id(account: Constellation1Account, accounts: Accounts) -> str:
    """Tell an account from others, without its key; where any key is taken, there is one."""
    if accounts.constellation1 is None:
        return ""
    return hashlib.sha256(account.api_key.encode()).hexdigest()[:16]


def moment(date: datetime) -> str:
    """Write a moment as .NET does."""
    return f"/Date({int(date.astimezone(UTC).timestamp() * 1000)}+0000)/"
