"""The subcommands of ``esignwire``: their options, and what they print."""

from __future__ import annotations

from dataclasses import asdict
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from esignwire.cli import assuresign, calls, constellation1, diagnosis, signix
from esignwire.cli.emulator import emulator
from esignwire.cli.output import console_of
from esignwire.cli.texts import json_text, printable

if TYPE_CHECKING:
    from rich.console import Console

    from esignwire.cli.catalogue import DescribedOperation
    from esignwire.cli.comparison import Declaration, Difference
    from esignwire.cli.details import DescribedMember

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


def _print_json(value: object) -> None:
    typer.echo(json_text(value))


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


application.command()(emulator)


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

    console = console_of()
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
def schemas(
    *,
    operation: Annotated[
        str | None, typer.Argument(help="Show this operation: its members, types, basis, secrets.")
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option(
            metavar="URL|FILE",
            help="Hold AssureSign's contracts against a WSDL and what it imports from the same "
            "host. Exit status 1 where anything differs.",
        ),
    ] = None,
    writes_basis: Annotated[
        bool,
        typer.Option(
            "--write-basis",
            help="With --compare: print a patch of schemas/ that says wsdl of what was inferred "
            "and is confirmed.",
        ),
    ] = False,
    is_json: _Json = False,
) -> None:
    """List the operations that the schemas describe, show one, or compare them with a WSDL."""
    if (compare is None and writes_basis) or (compare is not None and operation is not None):
        raise typer.BadParameter("--write-basis goes with --compare, and an operation with neither")
    if compare is not None:
        _compare(compare, writes_basis=writes_basis, is_json=is_json)
    elif operation is not None:
        _show_operation(operation, is_json=is_json)
    else:
        _list_operations(is_json=is_json)


def _list_operations(*, is_json: bool) -> None:
    from esignwire.cli.catalogue import described_operations
    from esignwire.demo.clients import VENDORS

    operations = described_operations()
    if is_json:
        _print_json([asdict(operation) for operation in operations])
        return
    console = console_of()
    heading = ""
    for operation in operations:
        if operation.vendor != heading:
            heading = operation.vendor
            console.print(Text(VENDORS[heading], style="bold"))
        console.print(_line(operation))


def _line(operation: DescribedOperation) -> Text:
    line = Text(f"  {operation.contract:<22} ")
    line.append(f"{operation.operation:<28} ", style="cyan")
    line.append(f"{operation.basis or '':<11}", style="dim")
    line.append("may be repeated" if operation.is_safe else "")
    line.rstrip()
    return line


def _show_operation(name: str, *, is_json: bool) -> None:
    from esignwire.cli.catalogue import described_operations
    from esignwire.cli.details import operation_details
    from esignwire.demo.clients import VENDORS

    found = operation_details(name)
    if not found:
        near = get_close_matches(name, [one.operation for one in described_operations()], n=3)
        hint = f"; did you mean {' or '.join(near)}" if near else ""
        raise typer.BadParameter(f"no schema describes an operation {name}{hint}")
    if is_json:
        _print_json([asdict(one) for one in found])
        return
    console = console_of()
    for one in found:
        console.print(Text(VENDORS[one.operation.vendor], style="bold"))
        console.print(_line(one.operation))
        console.print(Text(f"  {one.operation.summary}.\n"))
        for message in (one.request, one.answer):
            _print_member(console, message, 1)
            console.print()


def _print_member(console: Console, member: DescribedMember, depth: int) -> None:
    line = Text("  " * depth)
    line.append(member.name, style="cyan")
    line.append(f"  {member.type}" if member.type else "")
    line.append(f"  {member.occurs}")
    if member.is_secret:
        line.append("  secret", style="bold red")
    line.append(f"  {member.basis or ''}", style="dim")
    if member.values:
        line.append(f"  {' | '.join(member.values)}", style="dim")
    line.rstrip()
    console.print(line)
    for one in member.members:
        _print_member(console, one, depth + 1)


def _compare(start: str, *, writes_basis: bool, is_json: bool) -> None:
    from esignwire.cli.comparison import compare_with

    found = compare_with(start)
    # A patch goes to another program: what is for people goes where errors do.
    console = console_of(is_error=writes_basis)
    if is_json:
        _print_json(
            {
                "facts": found.facts,
                "differences": [asdict(one) for one in found.differences],
                "confirmed": [one._asdict() for one in found.confirmed],
                "left_out": found.left_out,
                "patch": found.patch,
            }
        )
    else:
        if writes_basis:
            typer.echo(found.patch, nl=False)
        for one in found.differences:
            line = Text(f"{one.kind:<12} ", style="bold")
            line.append(printable(f"{_place(one)} {one.aspect}".rstrip()), style="cyan")
            if one.kind == "different":
                line.append(printable(f": ours {one.ours}, theirs {one.theirs}"))
            console.print(line)
        for declaration in found.confirmed:
            console.print(Text(f"confirmed    {_place(declaration)}", style="green"))
        for location in found.left_out:
            console.print(
                Text(printable(f"not fetched  {location}: it lies elsewhere"), style="dim")
            )
        console.print(
            Text(
                f"{found.facts:,} facts of ours, {len(found.differences)} differences; "
                f"{len(found.confirmed)} inferred declarations confirmed",
                style="bold",
            )
        )
    if found.differences:
        raise typer.Exit(1)


def _place(one: Declaration | Difference) -> str:
    """A declaration for people: of a namespace the last part says enough."""
    namespace = one.namespace.rstrip("/").rpartition("/")[2]
    return f"{namespace}: {one.what}" if namespace else one.what
