"""The subcommands of ``esignwire``: their options, and what they print."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from esignwire.cli import assuresign, calls, constellation1, diagnosis, signix

__all__ = ["application"]

application: typer.Typer = typer.Typer(
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Typed clients for AssureSign, SIGNiX and Constellation1, and an emulator of the three.",
)

application.add_typer(assuresign.application, name="assuresign")
application.add_typer(signix.application, name="signix")
application.add_typer(constellation1.application, name="constellation1")
for _command in (calls.call, calls.render, diagnosis.explain, diagnosis.doctor):
    application.command()(_command)

_Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def _console() -> Console:
    # A pipe has no width, and its reader wants whole lines.
    return Console(highlight=False, soft_wrap=True)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2))


def _print_version(is_given: bool) -> None:
    if is_given:
        import esignwire

        typer.echo(esignwire.__version__)
        raise typer.Exit


@application.callback()
def _options(  # pyright: ignore[reportUnusedFunction] - typer calls it
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None: ...


@application.command()
def emulator(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 for any that is free.")
    ] = 8765,
    account: Annotated[
        Path | None,
        typer.Option(help="A JSON or TOML file of who may use it. Without one, all may."),
    ] = None,
    is_json: _Json = False,
) -> None:
    """Play the three vendors over HTTP until interrupted."""
    from esignwire.emulator import Accounts, EmulatorSettings, load_accounts, serve

    settings = EmulatorSettings(accounts=load_accounts(account) if account else Accounts())

    def announce(url: str) -> None:
        line = json.dumps({"url": url}) if is_json else f"listening on {url}"
        print(line, flush=True)  # noqa: T201 - a waiting program reads it at once

    asyncio.run(serve(host, port, settings, on_ready=announce))


@application.command()
def demo(
    *,
    is_vendor: Annotated[
        bool,
        typer.Option(
            "--vendor",
            help="Use the test environments that the variables ESIGNWIRE_* name, not the emulator.",
        ),
    ] = False,
    is_json: _Json = False,
) -> None:
    """Show every flow through the clients, sync and async, and check what comes back."""
    from esignwire.cli.demonstration import Narrator, summary
    from esignwire.demo.runner import Listener, run_against_emulator, run_against_vendors

    console = _console()
    listener = Listener() if is_json else Narrator(console)
    run = run_against_vendors if is_vendor else run_against_emulator
    results = run(listener)
    if is_json:
        _print_json(
            [
                {
                    "vendor": result.flow.vendor,
                    "flow": result.flow.name,
                    "is_async": result.flow.is_async,
                    "steps": [asdict(step) for step in result.steps],
                    "failure": result.failure,
                }
                for result in results
            ]
        )
    else:
        console.print(summary(results))
    if any(result.failure is not None for result in results):
        raise typer.Exit(1)


@application.command()
def schemas(*, is_json: _Json = False) -> None:
    """List the operations that the schemas describe, and how surely each is known."""
    from esignwire.cli.catalogue import described_operations
    from esignwire.demo.clients import VENDORS

    operations = described_operations()
    if is_json:
        _print_json([asdict(operation) for operation in operations])
        return
    console = _console()
    heading = ""
    for operation in operations:
        if operation.vendor != heading:
            heading = operation.vendor
            console.print(Text(VENDORS[heading], style="bold"))
        line = Text(f"  {operation.contract:<22} ")
        line.append(f"{operation.operation:<28} ", style="cyan")
        line.append(f"{operation.basis or '':<11}", style="dim")
        line.append("may be repeated" if operation.is_safe else "")
        line.rstrip()
        console.print(line)
