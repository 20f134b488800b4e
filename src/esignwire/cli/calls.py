"""Calls of any operation from a file of JSON, and what they would send."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import typer

from esignwire.cli import profiles
from esignwire.cli.output import Json, print_result, working
from esignwire.cli.profiles import Profile, Timeout, Url, take_flags
from esignwire.cli.texts import json_text, printable

__all__ = ["call", "render"]


class Vendor(StrEnum):
    """A vendor, as the command line names it."""

    ASSURESIGN = "assuresign"
    SIGNIX = "signix"
    CONSTELLATION1 = "constellation1"


_VENDOR = Annotated[Vendor, typer.Argument(help="The vendor.", show_default=False)]
_OPERATION = Annotated[
    str,
    typer.Argument(
        help="The operation as the vendor spells it, such as CheckStatus; esignwire schemas lists"
        " them all.",
        show_default=False,
    ),
]
_FILE = Annotated[
    Path,
    typer.Option(
        "--file",
        help="The message in JSON; - is standard input. Members have the vendor's names or"
        ' Python\'s. A document is base64 or {"file": "PATH"}. The account is filled in.',
    ),
]


def call(
    vendor: _VENDOR,
    operation: _OPERATION,
    file: _FILE,
    *,
    url: Url = None,
    timeout: Timeout = None,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Make any call of the three vendors, with a message from a file."""
    take_flags(timeout, url=url)
    if vendor is Vendor.CONSTELLATION1:
        answer = _call_json(operation, file, profile, is_json=is_json)
    else:
        answer = _call_xml(vendor, operation, file, profile, is_json=is_json)
    print_result(answer, is_json=is_json)


def _call_xml(
    vendor: Vendor, operation: str, file: Path, profile: str | None, *, is_json: bool
) -> object:
    from esignwire.cli.messages import message_of, read_json
    from esignwire.cli.operations import xml_operation

    found = xml_operation(vendor, operation)
    account = profiles.account_of(vendor, profile)
    message = message_of(vendor, found.description, found.request, read_json(file), account)
    client = (
        profiles.assuresign(profile) if vendor is Vendor.ASSURESIGN else profiles.signix(profile)
    )
    with client, working(found.description.name, is_json=is_json):
        return found.method_of(client.services)(message)


def _call_json(operation: str, file: Path, profile: str | None, *, is_json: bool) -> object:
    from esignwire.cli.messages import arguments_of, normal, read_json
    from esignwire.cli.operations import json_operation

    found = json_operation(operation)
    account = profiles.account_of("constellation1", profile)
    arguments = arguments_of(found, read_json(file), account)
    with profiles.constellation1(profile) as client, working(found.name, is_json=is_json):
        name = next(one for one in dir(client) if normal(one) == normal(found.name))
        return cast("Callable[..., object]", getattr(client, name))(**arguments)


def render(
    vendor: _VENDOR,
    operation: _OPERATION,
    file: _FILE,
    *,
    url: Url = None,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Show what a call would send, with secrets masked. Nothing is sent."""
    from esignwire.cli import _rendering

    take_flags(url=url)
    account = profiles.account_of(vendor, profile)
    shown = (
        _rendering.json_request(operation, file, account)
        if vendor is Vendor.CONSTELLATION1
        else _rendering.xml_request(vendor, operation, file, account)
    )
    if is_json:
        typer.echo(json_text(shown))
        return
    headers = cast("dict[str, str]", shown["headers"])
    lines = [
        f"{shown['method']} {shown['url']}",
        *(f"{name}: {value}" for name, value in headers.items()),
        "",
        str(shown["body"]),
    ]
    typer.echo(printable("\n".join(lines)))
