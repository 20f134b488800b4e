"""The command ``esignwire``. Its parts need extras."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol, TextIO, runtime_checkable

from esignwire._extras import needs
from esignwire.errors import EsignWireError

__all__ = ["main"]

_BAD_USAGE = 2
_INTERRUPTED = 130


@runtime_checkable
class _UsageError(Protocol):
    """What typer raises about a command line. It does not export the class itself."""

    exit_code: int

    def format_message(self) -> str: ...


def _complain(message: str) -> None:
    line = " ".join(message.split())
    sys.stderr.write(f"esignwire: {line}\n")


def _flush() -> None:
    # There is no stdout where the shell has closed it.
    output: TextIO | None = sys.stdout
    if output is not None:
        output.flush()


def _close_output() -> None:
    """Sends what Python may still write at its end to nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
        arguments: The command line without the program's name; ``None`` takes the real one.

    Returns:
        The exit status: 0 where all is well, 1 where a demonstration did not go as expected or the
        output could not be written, 2 where the command line, a setting or the installation is at
        fault.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with needs("cli"):
            from esignwire.cli.commands import application

        status: object = application(
            args=given or ["--help"], prog_name="esignwire", standalone_mode=False
        )
        # Else Python would write what is left at its end, and a full disk would show there.
        _flush()
    except EsignWireError as error:
        _complain(str(error))
        return _BAD_USAGE
    except OSError as error:
        _close_output()
        # The reader of a pipe may go when it has enough.
        if not isinstance(error, BrokenPipeError):
            _complain(f"{error.strerror or error}: see that the output can be written")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:
        if not isinstance(error, _UsageError):
            raise
        _complain(f"{error.format_message().rstrip('.')}; see esignwire --help")
        return error.exit_code
    return status if isinstance(status, int) else 0
