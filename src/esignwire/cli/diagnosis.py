"""Commands that look at an installation and at captured messages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esignwire.cli.output import Json, console_of, print_result, working
from esignwire.cli.profiles import Profile
from esignwire.cli.texts import printable

__all__ = ["doctor", "explain"]

_COLOURS = {"ok": "green", "warning": "yellow", "failed": "bold red", "skipped": "dim"}


def doctor(*, is_json: Json = False, profile: Profile = None) -> None:
    """Check settings, addresses, TLS, proxy, clock and versions. Secrets are masked."""
    from esignwire.cli.doctor import diagnose, status_of

    with working("looking", is_json=is_json):
        findings = list(diagnose(profile))
    status = status_of(findings)
    if is_json:
        print_result(
            {"is_healthy": status == 0, "findings": [one._asdict() for one in findings]},
            is_json=True,
        )
    else:
        from rich.text import Text

        console = console_of()
        for one in findings:
            line = Text(f"{one.vendor or 'esignwire':<15}{one.check:<10}")
            line.append(f"{one.result:<9}", style=_COLOURS[one.result])
            line.append(printable(one.text))
            console.print(line)
    raise typer.Exit(status)


def explain(
    file: Annotated[
        Path,
        typer.Argument(help="The captured message; - is standard input.", show_default=False),
    ],
    *,
    is_json: Json = False,
) -> None:
    """Tell what a captured request or answer is, what breaks its schema, and what it says."""
    from esignwire.cli.explain import explain as explained

    found = explained(file)
    if is_json:
        print_result(found, is_json=True)
        return
    name = " ".join(part for part in (found.vendor, found.operation, found.kind) if part)
    lines = [
        name,
        *(f"says: {one}" for one in found.says),
        *(f"breaks the schema: {one}" for one in found.violations),
        *([] if found.violations else ["satisfies the schema"]),
        "",
        found.message,
    ]
    typer.echo(printable("\n".join(lines)))
