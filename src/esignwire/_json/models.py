"""Models of JSON objects: what is sent is refused unless it is right, what comes is never refused.

The generated package derives a model from one of these for each schema. Attributes are the vendor's
members in snake_case; the vendor's own names are their aliases.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from typing import ClassVar, Self, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from esignwire._documents import path_of
from esignwire._json.values import DaysAhead, is_text
from esignwire.errors import InvalidRequest

__all__ = ["Answer", "Arguments", "Received", "Sent", "secrets_of"]

_SHORT = 100
_MOST_SHOWN = 10**18
_MEGABYTE = 1024 * 1024
# Tells a model that it stands among the arguments of a call.
_WITHIN = object()


class Sent(BaseModel):
    """An object that is sent. It is checked when it is made, before anything is sent.

    What the schema says of several members together stands in class variables.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        defer_build=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
        # Or pydantic takes True for the number 1, and bytes for a text.
        strict=True,
    )

    BASES: ClassVar[Mapping[str, str]] = {}
    """How surely it is known, under an empty name, and what of its members is known otherwise."""
    VENDOR: ClassVar[str] = ""
    OPERATION: ClassVar[str | None] = None
    REFUSAL: ClassVar[str] = "{path}: {rule}"
    """What an error says of a rule that is broken."""
    IS_SENSITIVE: ClassVar[bool] = False
    """Whether each member is a secret, those that the schema does not name included."""
    ENCRYPTED: ClassVar[tuple[str, ...]] = ()
    """Members that the client has the vendor encrypt before they are sent."""
    ANY_OF: ClassVar[tuple[str, ...]] = ()
    """Members of which one must be given."""
    NEEDS: ClassVar[Mapping[str, str]] = {}
    """Members that must be given beside others."""
    FILE_TYPES: ClassVar[tuple[str, str, tuple[str, ...]] | None] = None
    """The member with a file, that with its name, and how the name must end."""
    MOST_BYTES: ClassVar[Mapping[str, int]] = {}
    """Lists whose items' files have a limit together."""

    @field_validator("*", mode="after")
    @classmethod
    def _refuse_unwritable(cls, value: object) -> object:
        if isinstance(value, int) and abs(value) >= _MOST_SHOWN:
            raise ValueError("must be a number of at most 18 digits")
        if isinstance(value, str) and not is_text(value):
            raise ValueError("holds a lone surrogate, which is no character")
        return value

    @model_validator(mode="wrap")
    @classmethod
    def _refuse(
        cls, value: object, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        if info.context is _WITHIN and not isinstance(value, cls | Mapping):
            # The arguments of the call name themselves in the error.
            raise ValueError(f"must be a {cls.__name__}, not {type(value).__name__}")
        try:
            model = handler(value)
        except ValidationError as error:
            failure = cls._refusal(error)
        else:
            rule = model._broken_rule()  # noqa: SLF001 - of this very class
            if rule is not None:
                raise cls._broken(cls.__name__, rule)
            return model
        # Outside of the clause: pydantic's error holds what was given, which may be a password.
        raise failure

    @classmethod
    def _refusal(cls, error: ValidationError) -> InvalidRequest:
        first = error.errors(include_url=False, include_context=False)[0]
        parts = [str(part) for part in first["loc"]]
        names = {field.alias or name: name for name, field in cls.model_fields.items()}
        name = names.get(parts[0], parts[0]) if parts else ""
        field = cls.model_fields.get(name)
        # The value of an unknown member may be a secret, such as a misspelt password.
        is_secret = cls.IS_SENSITIVE or field is None or not field.repr
        rule = {
            "extra_forbidden": "is not known",
            "missing": "is missing",
            "model_type": f"must be a {cls.__name__}",
            "is_instance_of": "must be a member of the enumeration, or its code",
            "sequence_str": "must be a list, not a text",
        }.get(first["type"], first["msg"].removeprefix("Value error, "))
        rule = rule.replace("Input should be", "must be")
        given: object = first["input"]
        # A long text may be a document or a message to the signer, so only a short one is shown.
        is_short = isinstance(given, float | datetime) or (
            len(given) <= _SHORT
            if isinstance(given, str)
            else isinstance(given, int) and abs(given) < _MOST_SHOWN
        )
        if first["type"] == "missing" or not is_short or is_secret:
            return cls._broken(cls._path(name, parts), rule)
        shown = str(given).encode("utf-8", "replace").decode()
        return cls._broken(cls._path(name, parts), rule, shown, f"; {shown!r} was given")

    @classmethod
    def _path(cls, name: str, parts: list[str]) -> str:
        # The path has the vendor's names, also where the caller gave the Python names.
        field = cls.model_fields.get(name)
        first = (field.alias or name) if field is not None else name
        return "/".join([cls.__name__, first, *parts[1:]]).rstrip("/")

    @classmethod
    def _broken(
        cls, path: str, rule: str, value: str | None = None, shown: str = ""
    ) -> InvalidRequest:
        return InvalidRequest(
            cls.REFUSAL.format(path=path, rule=f"{rule}{shown}"),
            path=path,
            value=value,
            rule=rule,
            vendor=cls.VENDOR,
            operation=cls.OPERATION,
        )

    @classmethod
    def _source_path(cls, source: str | os.PathLike[str]) -> Path:
        """The argument of ``from_file``."""
        return path_of(source, "source", cls.VENDOR)

    def _broken_rule(self) -> str | None:
        """Which rule about several members together is broken, if any."""

        def has(name: str) -> bool:
            return getattr(self, name) is not None

        if self.ANY_OF and not any(map(has, self.ANY_OF)):
            return f"needs {' or '.join(self.ANY_OF)}"
        for name, needed in self.NEEDS.items():
            if has(name) and not has(needed):
                return f"needs {needed} beside {name}"
        if self.FILE_TYPES is not None:
            file, file_name, types = self.FILE_TYPES
            content: bytes | None = getattr(self, file)
            if content is not None and not content:
                return f"{file} must not be empty"
            suffix = PurePath(getattr(self, file_name) or "").suffix.lower()
            if content is not None and suffix not in types:
                return f"{file_name} must end in one of {' '.join(types)}"
        for name, most in self.MOST_BYTES.items():
            items: tuple[Sent, ...] = getattr(self, name) or ()
            size = sum(
                len(value) for item in items for _, value in item if isinstance(value, bytes)
            )
            if size > most:
                return (
                    f"the {name} must not exceed {most // _MEGABYTE} MB together; they have"
                    f" {size:,} bytes"
                )
        return None

    def check_days(self, moment: datetime, operation: str) -> None:
        """Refuses what depends on the day of sending.

        Args:
            moment: The present moment, with its zone.
            operation: The operation, for the error.

        Raises:
            InvalidRequest: A date lies in the past or too far ahead.
        """
        for name, field in type(self).model_fields.items():
            value: object = getattr(self, name)
            for one in cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,):
                if isinstance(one, Sent):
                    one.check_days(moment, operation)
            bound = next((one for one in field.metadata if isinstance(one, DaysAhead)), None)
            if (
                bound is None
                or not isinstance(value, datetime)
                or moment < value <= moment + timedelta(days=bound.days)
            ):
                continue
            path = self._path(name, [])
            rule = f"must be in the future, at most {bound.days} days ahead"
            raise InvalidRequest(
                f"{path}: {rule}; {value.isoformat()} was given",
                path=path,
                value=value.isoformat(),
                rule=rule,
                vendor=self.VENDOR,
                operation=operation,
            )

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        if self.IS_SENSITIVE:
            return []
        return [
            (name, getattr(self, name))
            for name, field in type(self).model_fields.items()
            if field.repr
        ]


class Arguments(Sent):
    """The arguments of a call. An error names them as the caller does."""

    REFUSAL: ClassVar[str] = "{path} {rule}; nothing was sent"

    @classmethod
    def of(cls, arguments: Mapping[str, object]) -> Self:
        """Takes the arguments of a call by their Python names; ``None`` leaves one out.

        Raises:
            InvalidRequest: An argument is missing or cannot be sent.
        """
        return cls.model_validate(
            {name: value for name, value in arguments.items() if value is not None},
            context=_WITHIN,
        )

    @classmethod
    def _path(cls, name: str, parts: list[str]) -> str:
        return "/".join([name, *parts[1:]])


def secrets_of(value: object, *, is_secret: bool = False) -> Iterator[str]:
    """The secrets of what is sent, as a vendor might quote them.

    They are the texts that the schema marks as sensitive, or that nothing is known of.
    """
    if isinstance(value, Sent):
        fields = type(value).model_fields
        for name, held in value:
            field = fields.get(name)
            hidden = value.IS_SENSITIVE or field is None or not field.repr
            yield from secrets_of(held, is_secret=is_secret or hidden)
    elif isinstance(value, Mapping):
        for held in cast("Mapping[str, object]", value).values():
            yield from secrets_of(held, is_secret=is_secret)
    elif isinstance(value, tuple | list):
        for held in cast("tuple[object, ...]", value):
            yield from secrets_of(held, is_secret=is_secret)
    elif is_secret and isinstance(value, str) and value.strip():
        yield value.strip()


class Received(BaseModel):
    """An object that came. A member that cannot be read is left out; an unknown one is kept."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        coerce_numbers_to_str=True,
        defer_build=True,
        extra="allow",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    BASES: ClassVar[Mapping[str, str]] = {}
    """How surely it is known, under an empty name, and what of its members is known otherwise."""
    TEXT: ClassVar[str | None] = None
    """The member that a text stands for, where one came in the place of the object."""
    SOLE_LIST: ClassVar[str | None] = None
    """The member that the only list of the answer is, whatever its name."""

    @model_validator(mode="before")
    @classmethod
    def _respell(cls, value: object) -> object:
        if isinstance(value, str) and cls.TEXT is not None:
            return {cls.TEXT: value}
        if not isinstance(value, Mapping):
            return value
        members = cast("Mapping[str, object]", value)
        known = {
            (field.alias or name).lower(): field.alias or name
            for name, field in cls.model_fields.items()
        }
        respelled: dict[str, object] = {}
        for name, content in members.items():
            if not is_text(name):
                # A lone surrogate is no text, and pydantic refuses the whole object for it.
                continue
            spelling = known.get(name.lower(), name)
            # Where the answer has both spellings, the one that holds a value counts.
            if respelled.get(spelling) is None:
                respelled[spelling] = content
        if cls.SOLE_LIST is not None and respelled.get(cls.SOLE_LIST) is None:
            lists: list[object] = [
                content
                for name, content in respelled.items()
                if name.lower() not in known and isinstance(content, list)
            ]
            if len(lists) == 1:
                respelled[cls.SOLE_LIST] = lists[0]
        return respelled

    @field_validator("*", mode="wrap")
    @classmethod
    def _leave_out(cls, value: object, handler: ValidatorFunctionWrapHandler) -> object:
        try:
            return handler(value)
        except ValidationError:
            return handler(None)

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        # An unknown member may be a secret, so only the known ones are shown.
        return [
            (name, getattr(self, name))
            for name, field in type(self).model_fields.items()
            if field.repr and getattr(self, name) not in (None, ())
        ]


class Answer(Received):
    """An answer of the vendor's."""

    _raw: Mapping[str, object] = PrivateAttr(default_factory=dict[str, object])

    @property
    def raw(self) -> Mapping[str, object]:
        """The JSON object as it came. It may hold personal data."""
        return self._raw

    @classmethod
    def read(cls, members: Mapping[str, object]) -> Self:
        """Reads an answer.

        Args:
            members: The JSON object.

        Returns:
            The answer. No JSON object is refused.
        """
        answer = cls.model_validate(members)
        answer._raw = members  # noqa: SLF001 - of this very class
        return answer
