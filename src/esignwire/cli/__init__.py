"""The command ``esignwire``. Its parts need extras."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol, TextIO, runtime_checkable

from esignwire._extras import MissingPackage, needs
from esignwire.errors import EsignWireError, InvalidRequest

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


def _complain_in_json(error: EsignWireError) -> None:
    import json

    from esignwire.cli.output import error_document

    sys.stderr.write(f"{json.dumps(error_document(error))}\n")


def _refused(message: str, *, is_json: bool) -> int:
    """Tells of bad input, and gives its exit status."""
    if is_json:
        _complain_in_json(InvalidRequest(message))
    else:
        _complain(message)
    return _BAD_USAGE


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
        The exit status: 0 where all is well; 1 where the vendor refused, a demonstration did not
        go as expected or the output could not be written; 2 where the command line, a setting, a
        file or the installation is at fault; 3 where the vendor was not reached; 4 where the
        outcome is unknown; 130 where it was interrupted.
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
    except MissingPackage as error:
        # It may be one that the output below needs.
        _complain(str(error))
        return _BAD_USAGE
    except EsignWireError as error:
        from esignwire.cli.output import exit_status

        if "--json" in given:
            _complain_in_json(error)
        else:
            _complain(str(error))
        return exit_status(error)
    except OSError as error:
        if error.filename is not None and not isinstance(error, BrokenPipeError):
            return _refused(
                f"{os.fsdecode(error.filename)}: {error.strerror or error}",
                is_json="--json" in given,
            )
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
        told = error.format_message().rstrip(".")
        # A group that was called without a command has printed its help.
        if told:
            _refused(f"{told}; see esignwire --help", is_json="--json" in given)
        return error.exit_code
    return status if isinstance(status, int) else 0
