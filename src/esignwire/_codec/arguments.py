"""Arguments of the clients' methods, checked before they become a message."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol, TypeVar, cast

from esignwire.errors import ConfigurationError, InvalidRequest

__all__ = ["Given", "Handle", "name_of_kind"]

_Item = TypeVar("_Item")


class Handle(Protocol):
    """What names a thing at the vendor: an identifier, and the token that goes with it."""

    @property
    def id(self) -> uuid.UUID | str:
        """The identifier."""
        ...

    @property
    def auth_token(self) -> uuid.UUID | str:
        """The token."""
        ...


class Given(NamedTuple):
    """The arguments of one call, and whose they are.

    Args:
        vendor: The vendor, for errors.
        operation: The operation, for errors.
        place: The question that the arguments belong to, such as ``questions[2].``.
    """

    vendor: str
    operation: str | None
    place: str = ""

    def at(self, place: int) -> Given:
        """The arguments of one question of a list, which errors count from 0."""
        return self._replace(place=f"questions[{place}].")

    def identifier(self, value: uuid.UUID | str, name: str) -> uuid.UUID:
        """Takes a GUID, which may be text.

        Raises:
            InvalidRequest: It is none. A text is not repeated, since tokens are GUIDs too.
        """
        if isinstance(value, uuid.UUID):
            return value
        if isinstance(cast("object", value), str):
            try:
                return uuid.UUID(value.strip())
            except ValueError:
                came = "another text"
        else:
            came = name_of_kind(value)
        raise self._refused(
            name, f"must be a GUID such as 2ce11ef1-8938-dd11-8735-00065b8ce99b; {came} was given"
        )

    def optional_identifier(self, value: uuid.UUID | str | None, name: str) -> uuid.UUID | None:
        """Takes a GUID or none; see ``identifier``."""
        return None if value is None else self.identifier(value, name)

    def handle(self, value: Handle, name: str) -> tuple[uuid.UUID, uuid.UUID]:
        """Takes a handle apart: the identifier and the token.

        Raises:
            InvalidRequest: It has none of the two, or one is no GUID.
        """
        identifier: uuid.UUID | str | None = getattr(value, "id", None)
        token: uuid.UUID | str | None = getattr(value, "auth_token", None)
        if identifier is None or token is None:
            raise self._refused(
                name,
                "must have an id and an auth_token, such as what created it;"
                f" {name_of_kind(value)} was given",
            )
        return self.identifier(identifier, f"{name}.id"), self.identifier(
            token, f"{name}.auth_token"
        )

    def optional_handle(
        self, value: Handle | None, name: str
    ) -> tuple[uuid.UUID, uuid.UUID] | tuple[None, None]:
        """Takes a handle apart, or none; see ``handle``."""
        return (None, None) if value is None else self.handle(value, name)

    def structure(self, value: _Item | None, kind: type[_Item], name: str) -> _Item:
        """Takes an object of the schema whose members the client fills in; ``None`` is empty.

        Raises:
            InvalidRequest: It is of another type.
        """
        if value is None:
            return kind()
        if not isinstance(value, kind):
            raise self._refused(name, f"must be a {kind.__name__}; {name_of_kind(value)} was given")
        return value

    def items(self, values: Iterable[_Item], name: str) -> list[_Item]:
        """Takes a list: anything to iterate over, but no text and no mapping.

        Raises:
            InvalidRequest: It is no list.
        """
        given = cast("object", values)
        if isinstance(given, str | bytes) or hasattr(given, "keys"):
            raise self._refused(name, f"must be a list; {name_of_kind(given)} was given")
        try:
            return [*values]
        except TypeError:
            raise self._refused(name, f"must be a list; {name_of_kind(given)} was given") from None

    def optional_items(self, values: Iterable[_Item] | None, name: str) -> list[_Item]:
        """Takes a list, an empty one where there is none; see ``items``."""
        return [] if values is None else self.items(values, name)

    def owner(self, value: str | None, setting: str | None, name: str) -> str:
        """Takes a text that the client fills in where the caller gave ``None``.

        Raises:
            ConfigurationError: Neither is there.
        """
        found = setting if value is None else value
        if found is None:
            raise ConfigurationError(
                f"{name} is missing: give it here, or to the client",
                vendor=self.vendor,
                operation=self.operation,
            )
        return found

    def optional_owner(self, value: str | None, setting: str | None, name: str) -> str | None:
        """Takes a text that the client fills in where it has one; see ``owner``."""
        del name
        return setting if value is None else value

    def owner_identifier(
        self, value: uuid.UUID | str | None, setting: uuid.UUID, name: str
    ) -> uuid.UUID:
        """Takes a GUID that the client fills in; see ``identifier``."""
        return setting if value is None else self.identifier(value, name)

    def question(
        self, value: object, names: tuple[str, ...], required: tuple[str, ...], alone: str | None
    ) -> Mapping[str, object]:
        """Takes one question of a list: a dictionary of arguments, or the value of one of them.

        ``names`` are the arguments that a question may have and ``required`` those that it must
        have; the value of ``alone`` may stand for the question.

        Raises:
            InvalidRequest: An argument is missing or not known.
        """
        if not isinstance(value, Mapping):
            if alone is None:
                listed = ", ".join(required or names)
                raise self._refused(
                    "",
                    f"must be a dictionary of arguments ({listed}); {name_of_kind(value)} was"
                    " given",
                )
            return {alone: value}
        said = cast("Mapping[str, object]", value)
        for name in said:
            if name not in names:
                raise self._refused(
                    str(name), f"is no argument of this call; known: {', '.join(names)}"
                )
        for name in required:
            if name not in said:
                raise self._refused(name, "is missing")
        return said

    def _refused(self, name: str, rule: str) -> InvalidRequest:
        path = f"{self.place}{name}".rstrip(".")
        return InvalidRequest(
            f"{path} {rule}; nothing was sent",
            path=path,
            rule=rule.partition(";")[0],
            vendor=self.vendor,
            operation=self.operation,
        )


def name_of_kind(value: object) -> str:
    """The kind of a value, such as ``a str``, for errors: values themselves may be secrets."""
    kind = type(value).__name__
    article = "an" if kind[:1] in "AEIOaeio" else "a"
    return "None" if value is None else f"{article} {kind}"
