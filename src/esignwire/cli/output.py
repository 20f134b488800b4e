"""Output of the command line: one JSON document for programs, tables for people, exit statuses."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast

import typer

from esignwire.cli.texts import json_text, printable
from esignwire.errors import (
    ConfigurationError,
    EsignWireError,
    InvalidRequest,
    OutcomeUnknown,
    ResponseError,
    TransportError,
    VendorError,
)

if TYPE_CHECKING:
    from rich.console import Console

    from esignwire._documents import Progress

__all__ = [
    "Json",
    "console_of",
    "error_document",
    "exit_status",
    "members_of",
    "plain",
    "print_result",
    "progress",
    "working",
]

DONE, REFUSED, BAD_INPUT, NOT_REACHED, UNKNOWN = range(5)

Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document and nothing else, for programs.")
]


def exit_status(error: EsignWireError) -> int:
    """The exit status that tells programs how a command failed.

    It is 1 where the vendor refused, 2 for bad input or settings, 3 where no complete answer came
    to a call that changes nothing, 4 where the outcome is unknown.
    """
    match error:
        case VendorError():
            return REFUSED
        case ConfigurationError() | InvalidRequest():
            return BAD_INPUT
        case OutcomeUnknown():
            return UNKNOWN
        case TransportError():
            return NOT_REACHED
        case ResponseError():
            # An answer that cannot be read leaves a call open that changes something.
            return NOT_REACHED if error.is_retry_safe else UNKNOWN
        case _:
            return UNKNOWN


# Arguments name the vendors in small letters, errors as they write themselves.
_VENDORS = {"assuresign": "AssureSign", "signix": "SIGNiX", "constellation1": "Constellation1"}


def error_document(error: EsignWireError) -> dict[str, object]:
    """What ``--json`` prints on standard error for a failure. It holds no secret."""
    status = error.http_status
    return {
        "error": {
            "type": type(error).__name__,
            "vendor": _VENDORS.get(error.vendor or "", error.vendor),
            "operation": error.operation,
            "code": error.vendor_code,
            "message": error.message
            if status in {None, 200}
            else f"{error.message} (HTTP {status})",
        }
    }


def plain(value: object) -> object:
    """Turns a result into what JSON knows, with members under their Python names.

    Documents and bytes become base64, dates ISO 8601, GUIDs and other simple values text.
    """
    from pydantic import BaseModel

    from esignwire._documents import ReceivedDocument

    match value:
        case Enum():
            return plain(cast("object", value.value))
        case None | bool() | int() | float() | str():
            return value
        case dt.date() | dt.time():
            return value.isoformat()
        case bytes() | bytearray():
            return base64.b64encode(value).decode("ascii")
        case ReceivedDocument():
            return base64.b64encode(bytes(value)).decode("ascii")
        case BaseModel():
            return {name: plain(held) for name, held in value}
        case Mapping():
            members = cast("Mapping[object, object]", value)
            return {str(name): plain(held) for name, held in members.items()}
        case list() | tuple():
            return [plain(one) for one in cast("list[object]", value)]
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
        case _:
            return str(value)


def console_of(*, is_error: bool = False) -> Console:
    """Where people read: standard output, or standard error."""
    from rich.console import Console

    # A pipe has no width, and its reader wants whole lines.
    return Console(stderr=is_error, highlight=False, soft_wrap=True)


def print_result(value: object, *, is_json: bool) -> None:
    """Prints the result of a command."""
    shown = plain(value)
    if is_json:
        typer.echo(json_text(shown))
        return
    console = console_of()
    if isinstance(shown, list) and not shown:
        console.print("nothing")
    rows = cast("list[object]", shown) if isinstance(shown, list) else [shown]
    for place, row in enumerate(rows):
        if place:
            console.print()
        _print_members(console, row)


def _print_members(console: Console, value: object) -> None:
    from rich.table import Table
    from rich.text import Text

    lines = list(_lines(value, ""))
    if not console.is_terminal:
        # A pipe has no width, and its reader wants whole lines.
        for name, text in lines:
            console.print(Text(f"{name}: {text}" if name else text))
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in lines:
        table.add_row(Text(name), Text(text))
    console.print(table)


def _lines(value: object, name: str) -> Iterator[tuple[str, str]]:
    """The members of a result that hold something, each with the path to it."""
    if isinstance(value, dict):
        for inner, held in cast("dict[str, object]", value).items():
            yield from _lines(held, printable(f"{name}.{inner}" if name else inner))
    elif isinstance(value, list):
        for place, held in enumerate(cast("list[object]", value), start=1):
            yield from _lines(held, f"{name}[{place}]")
    elif isinstance(value, bool):
        yield name, "yes" if value else "no"
    elif value is not None:
        yield name, printable(str(value))


@contextmanager
def working(what: str, *, is_json: bool) -> Generator[None]:
    """Shows on standard error that a call is under way, where people watch it at a terminal."""
    if is_json or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def members_of(value: object) -> dict[str, object]:
    """The members of a result that is a dataclass, for a document with more in it."""
    return cast("dict[str, object]", plain(value))


@contextmanager
def progress(what: str, *, is_json: bool) -> Generator[Progress | None]:
    """Shows on standard error how much has come, where people watch it at a terminal.

    What it yields is the ``progress`` of the call.
    """
    if is_json or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    with Bars(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(what, total=None)

        def told(done: int, total: int | None) -> None:
            bars.update(task, completed=done, total=total)

        yield told
