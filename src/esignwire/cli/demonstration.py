"""Demonstration for people: each flow and step, and how it all ended."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from esignwire.cli.texts import printable
from esignwire.demo.clients import VENDORS
from esignwire.demo.flows import Flow
from esignwire.demo.runner import FlowResult, Listener
from esignwire.demo.scene import Step

__all__ = ["Narrator", "summary"]


class Narrator(Listener):
    """Tells a demonstration to people."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._heading = ""

    def begin(self, flow: Flow) -> None:
        """Tells which flow begins."""
        heading = f"{VENDORS[flow.vendor]}, {'async' if flow.is_async else 'sync'}"
        if heading != self._heading:
            self._heading = heading
            self._console.print(Text(f"\n{heading}", style="bold"))
        self._console.print(Text(f"  {flow.title}", style="dim"))

    def step(self, flow: Flow, step: Step) -> None:  # noqa: ARG002 - not needed here
        """Tells what a step brought."""
        line = Text("    ")
        line.append(f"{step.operation:<36} ", style="cyan")
        line.append(printable(step.result))
        self._console.print(line)

    def end(self, result: FlowResult) -> None:
        """Tells of a flow that went another way."""
        if result.failure is not None:
            self._console.print(
                Text(printable(f"    NOT AS EXPECTED: {result.failure}"), style="bold red")
            )


def summary(results: tuple[FlowResult, ...]) -> Text:
    """How a demonstration ended, in one line."""
    calls = sum(len(result.steps) for result in results)
    failed = sum(result.failure is not None for result in results)
    if failed:
        return Text(f"\n{failed} of {len(results)} flows differ.", style="bold red")
    return Text(f"\n{len(results)} flows, {calls} steps: all as expected.", style="bold green")
