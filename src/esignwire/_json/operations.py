"""Operations of a REST service, and what a client does for its compiled methods."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from esignwire._json.models import Answer, Arguments, Sent
from esignwire._secrets import MASK
from esignwire.errors import UnexpectedResponse

__all__ = ["AsyncCaller", "Authorization", "Caller", "Operation", "Pages", "Reading"]

_Answer = TypeVar("_Answer", bound=Answer)
_Item = TypeVar("_Item")

_MOST_PAGES = 100_000

Authorization = Literal["none", "api_key", "password", "token", "token_and_password"]
"""What stands in the header of a call."""

Reading = Literal["flag", "list", "object", "report", "secret", "text"]
"""How an answer is read: True or False; a list that may be empty; an object that must hold
something; a report that may be a refusal; a text, which may be a secret.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation.

    Args:
        name: Its name, as the vendor spells it.
        summary: What it does, in one sentence.
        basis: How it is known: ``documented``, ``wire`` or ``inferred``.
        method: The HTTP method.
        path: The path below the base, with the names of arguments in braces.
        reading: How its answer is read.
        arguments: The model of its arguments.
        query: The arguments that stand in the query, by their Python names.
        body: The arguments that stand in the body, by their Python names.
        is_safe: Whether it only reads.
        is_once: Whether a second call would make a second thing, such as a session or a mail.
        authorization: What its header holds.
        account: The arguments that the client fills in, with what it fills in.
        reference: Where in the arguments that stands by which the outcome is looked up; the first
            that is there counts.
    """

    name: str
    summary: str
    basis: Literal["documented", "wire", "inferred"]
    method: str
    path: str
    reading: Reading
    arguments: type[Arguments]
    query: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    is_safe: bool = False
    is_once: bool = False
    authorization: Authorization = "token"
    account: Mapping[str, str]
    reference: tuple[tuple[str, ...], ...] = ()

    def address(self, base: str, arguments: Arguments, *, is_masked: bool = False) -> str:
        """The address of a call, in which the secrets may be masked."""
        fields = type(arguments).model_fields
        parts = {
            name: _segment(value) if fields[name].repr or not is_masked else MASK
            for name, value in arguments
            if value is not None
        }
        path = self.path.format_map(parts)
        query = "&".join(
            f"{fields[name].alias}={parts[name]}" for name in self.query if name in parts
        )
        return f"{base}{path}?{query}" if query else f"{base}{path}"

    def content(self, arguments: Arguments) -> dict[str, object]:
        """The members of the body of a call by the vendor's names."""
        fields = type(arguments).model_fields
        return {fields[name].alias or name: getattr(arguments, name) for name in self.body}

    def reference_of(self, arguments: Arguments) -> str | None:
        """What the outcome of a call is looked up by; ``None`` where it carries none."""
        for path in self.reference:
            found: object = arguments
            for name in path:
                found = getattr(found, name, None)
            if found is not None:
                return str(found)
        return None


def _segment(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sent | BaseModel | tuple | Mapping):
        return ""
    # Everything that has a meaning in an address is encoded, the slash too: a key may hold one.
    return quote(str(value), safe="")


class Pages:
    """The pages of a list, one after the other, and when they end."""

    def __init__(self, first: int = 0) -> None:
        self.number = first
        self.is_more = True
        self._seen = 0
        self._count = 0
        # The page before, and one further back: pages may come again in turn.
        self._before: object = None
        self._further: object = None

    def take(self, items: tuple[_Item, ...], total: int | None) -> tuple[_Item, ...]:
        """Takes a page, and returns the items that have not come before.

        The list ends with an empty page, with as many items as it is said to have, or where a page
        comes again, as from a service that ignores the number.

        Raises:
            UnexpectedResponse: The list has no end.
        """
        is_repeated = bool(items) and items in (self._before, self._further)
        self._before = items
        self.number += 1
        self._count += 1
        # At 1, 2, 4, 8 and so on: such a page is met again, whatever the turn's length.
        if self._count & (self._count - 1) == 0:
            self._further = items
        if self._count >= _MOST_PAGES:
            raise UnexpectedResponse(f"the list goes on after {_MOST_PAGES:,} pages")
        self._seen += len(items)
        self.is_more = bool(items) and not is_repeated and (total is None or self._seen < total)
        return () if is_repeated else items


class AsyncCaller(ABC):
    """What an async client does for its compiled methods."""

    @abstractmethod
    async def _answer(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        kind: type[_Answer],
        timeout: float | None,
    ) -> _Answer:
        """Makes a call that answers with an object."""

    @abstractmethod
    async def _text(
        self, operation: Operation, arguments: Mapping[str, object], timeout: float | None
    ) -> str:
        """Makes a call that answers with a text."""


class Caller(ABC):
    """What a sync client does for its compiled methods."""

    @abstractmethod
    def _answer(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        kind: type[_Answer],
        timeout: float | None,
    ) -> _Answer:
        """Makes a call that answers with an object."""

    @abstractmethod
    def _text(
        self, operation: Operation, arguments: Mapping[str, object], timeout: float | None
    ) -> str:
        """Makes a call that answers with a text."""
