"""The subcommand ``esignwire emulator``: a setting of the emulator is an option."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, cast

import typer

from esignwire.errors import ConfigurationError

__all__ = ["emulator"]

_ACCESS = "Who may use it"
_VENDORS = "What the vendors leave open"
_BOUNDS = "Bounds"
_NOTIFICATIONS = "Notifications"


def emulator(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 for any that is free.")
    ] = 8765,
    is_json: Annotated[bool, typer.Option("--json", help="Print the address as JSON.")] = False,
    print_env: Annotated[
        str | None,
        typer.Option(
            help="Print the variables that clients find it by, and go on: sh, powershell or dotenv."
        ),
    ] = None,
    is_quiet: Annotated[
        bool, typer.Option("--quiet", help="Print no line for each request.")
    ] = False,
    state: Annotated[
        Path | None, typer.Option(help="A file that keeps the state; made where it is missing.")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help="Makes identifiers and tokens predictable.")
    ] = None,
    schemas: Annotated[
        Path | None, typer.Option(help="A folder of other schemas than those of the package.")
    ] = None,
    account: Annotated[
        Path | None,
        typer.Option(
            help="A JSON or TOML file of who may use it. Without one, all may.",
            rich_help_panel=_ACCESS,
        ),
    ] = None,
    is_control_public: Annotated[
        bool,
        typer.Option(
            "--control-public",
            help="Let other machines use the control addresses.",
            rich_help_panel=_ACCESS,
        ),
    ] = False,
    pending_lookups: Annotated[
        int,
        typer.Option(
            help="AssureSign: how many lookups find a session pending.", rich_help_panel=_VENDORS
        ),
    ] = 1,
    pending_form: Annotated[
        str,
        typer.Option(
            help="AssureSign: how a pending session looks: empty or warning.",
            rich_help_panel=_VENDORS,
        ),
    ] = "empty",
    audit_report_place: Annotated[
        str,
        typer.Option(
            help="SIGNiX: the audit report stands inside or beside Data.", rich_help_panel=_VENDORS
        ),
    ] = "inside",
    early_starts: Annotated[
        int,
        typer.Option(
            help="Constellation1: how many starts of a session with anchor tags are too early.",
            rich_help_panel=_VENDORS,
        ),
    ] = 1,
    token_refusal: Annotated[
        str,
        typer.Option(
            help="Constellation1: how an expired token is answered: null_body, null_return_value,"
            " error_text or http_401.",
            rich_help_panel=_VENDORS,
        ),
    ] = "null_body",  # noqa: S107  # no secret
    token_uses: Annotated[
        int,
        typer.Option(
            help="Constellation1: how many calls a token serves.", rich_help_panel=_VENDORS
        ),
    ] = 1,
    token_seconds: Annotated[
        float,
        typer.Option(
            help="Constellation1: how many seconds a token lives.", rich_help_panel=_VENDORS
        ),
    ] = 60.0,
    signix_notify_url: Annotated[
        str | None,
        typer.Option(
            help="SIGNiX: where notifications go of transactions that name no address.",
            rich_help_panel=_NOTIFICATIONS,
        ),
    ] = None,
    constellation1_webhook_url: Annotated[
        str | None,
        typer.Option(help="Constellation1: where webhooks go.", rich_help_panel=_NOTIFICATIONS),
    ] = None,
    designs: Annotated[
        Path | None,
        typer.Option(
            help="AssureSign: a JSON file with a list of designs: event, url, body, expected.",
            rich_help_panel=_NOTIFICATIONS,
        ),
    ] = None,
    notifies_elsewhere: Annotated[
        bool,
        typer.Option(
            "--notify-elsewhere",
            help="Let notifications leave this machine.",
            rich_help_panel=_NOTIFICATIONS,
        ),
    ] = False,
    notification_attempts: Annotated[
        int,
        typer.Option(
            help="How often one is sent that is not received.", rich_help_panel=_NOTIFICATIONS
        ),
    ] = 3,
    notification_seconds: Annotated[
        float,
        typer.Option(help="Seconds between two attempts.", rich_help_panel=_NOTIFICATIONS),
    ] = 1.0,
    notification_copies: Annotated[
        int, typer.Option(help="How many times each is sent.", rich_help_panel=_NOTIFICATIONS)
    ] = 1,
    max_request_bytes: Annotated[
        int, typer.Option(help="The largest body that is read.", rich_help_panel=_BOUNDS)
    ] = 1024 * 1024 * 1024,
    max_message_bytes: Annotated[
        int,
        typer.Option(help="The most bytes of a message, documents aside.", rich_help_panel=_BOUNDS),
    ] = 64 * 1024 * 1024,
    read_seconds: Annotated[
        float,
        typer.Option(
            help="How many seconds the body of a request may take.", rich_help_panel=_BOUNDS
        ),
    ] = 300.0,
    xml_depth: Annotated[
        int, typer.Option(min=1, help="The most levels of elements.", rich_help_panel=_BOUNDS)
    ] = 100,
    xml_markup: Annotated[
        int, typer.Option(min=1, help="The most tags and attributes.", rich_help_panel=_BOUNDS)
    ] = 200_000,
    xml_attributes: Annotated[
        int,
        typer.Option(min=1, help="The most attributes of one element.", rich_help_panel=_BOUNDS),
    ] = 500,
) -> None:
    """Play the three vendors over HTTP until interrupted.

    A web page at its address shows what it remembers. One line a request goes to standard error.
    """
    from esignwire.emulator import (
        Accounts,
        AuditReportPlace,
        EmulatorSettings,
        Environment,
        PendingForm,
        Shell,
        TokenRefusal,
        XmlLimits,
        environment_of,
        load_accounts,
        load_designs,
        serve,
    )

    if not host.strip():
        # It would be every address of this machine.
        raise ConfigurationError("--host must not be blank: 0.0.0.0 is every address")
    settings = EmulatorSettings(
        accounts=load_accounts(account) if account else Accounts(),
        schemas=schemas,
        seed=seed,
        pending_lookups=pending_lookups,
        # The settings refuse other words than their own.
        pending_form=cast("PendingForm", pending_form),
        audit_report_place=cast("AuditReportPlace", audit_report_place),
        early_starts=early_starts,
        token_refusal=cast("TokenRefusal", token_refusal),
        token_uses=token_uses,
        token_seconds=token_seconds,
        max_request_bytes=max_request_bytes,
        max_message_bytes=max_message_bytes,
        read_seconds=read_seconds,
        xml_limits=XmlLimits(depth=xml_depth, markup=xml_markup, attributes=xml_attributes),
        signix_notify_url=signix_notify_url,
        constellation1_webhook_url=constellation1_webhook_url,
        designs=load_designs(designs) if designs else (),
        notifies_elsewhere=notifies_elsewhere,
        notification_attempts=notification_attempts,
        notification_seconds=notification_seconds,
        notification_copies=notification_copies,
        is_control_public=is_control_public,
        state_file=state,
    )
    shell = cast("Shell", print_env)
    if print_env is not None:
        Environment({}).text(shell)

    def announce(url: str) -> None:
        if print_env is not None:
            line = environment_of(settings.accounts, url).text(shell)
        else:
            line = json.dumps({"url": url}) if is_json else f"listening on {url}"
        print(line, flush=True)  # noqa: T201 - a waiting program reads it at once

    with nullcontext() if is_quiet else _requests_shown():
        asyncio.run(serve(host, port, settings, on_ready=announce))


@contextmanager
def _requests_shown() -> Generator[None]:
    """Writes a line for each request to standard error while the emulator runs."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("esignwire.emulator")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
