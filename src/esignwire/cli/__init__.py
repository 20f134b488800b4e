"""The command ``esignwire``. Its parts need extras."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from contextvars import copy_context
from io import TextIOWrapper
from typing import TYPE_CHECKING, Protocol, TextIO, runtime_checkable

from esignwire._extras import MissingPackage, needs
from esignwire.cli.texts import printable
from esignwire.errors import EsignWireError, InvalidRequest

if TYPE_CHECKING:
    from typer import Context

__all__ = ["main"]

_READER_GONE = 1
_BAD_INPUT = 2
_NOT_WRITTEN = 4
_INTERRUPTED = 130


@runtime_checkable
class _UsageError(Protocol):
    """What typer raises about a command line. It does not export the class itself."""

    exit_code: int
    ctx: Context | None

    def format_message(self) -> str: ...


def _told(text: str) -> None:
    """Writes to standard error, which may be closed or full: the exit status tells all the same."""
    stream: TextIO | None = sys.stderr
    if stream is None:
        return
    try:
        stream.write(f"{text}\n")
        stream.flush()
    except (OSError, ValueError):
        _discard(stream)


def _complain(message: str) -> None:
    _told(printable(f"esignwire: {' '.join(message.split())}"))


def _complain_in_json(error: EsignWireError) -> None:
    import json

    from esignwire.cli.output import error_document

    _told(json.dumps(error_document(error)))


def _refused(message: str, *, is_json: bool) -> int:
    """Tells of bad input, and gives its exit status."""
    if is_json:
        _complain_in_json(InvalidRequest(message))
    else:
        _complain(message)
    return _BAD_INPUT


def _open_output() -> None:
    # An output in another encoding than UTF-8 must not fail a call that was made.
    output: object = sys.stdout
    if isinstance(output, TextIOWrapper):
        output.reconfigure(errors="backslashreplace")


def _flush() -> None:
    # There is no stdout where the shell has closed it.
    output: TextIO | None = sys.stdout
    if output is not None:
        output.flush()


def _discard(stream: TextIO) -> None:
    """Sends what Python may still write at its end to nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
        arguments: The command line without the program's name; ``None`` takes the real one.

    Returns:
        The exit status: 0 where all is well; 1 where the vendor refused, a demonstration did not
        go as expected or the reader of a pipe has gone; 2 where the command line, a setting, a file
        or the installation is at fault; 3 where the vendor was not reached; 4 where the outcome is
        unknown, or could not be written; 130 where it was interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with needs("cli"):
            from esignwire.cli.commands import application

        _open_output()
        # Settings that flags give are those of this run alone.
        status: object = copy_context().run(
            application, args=given or ["--help"], prog_name="esignwire", standalone_mode=False
        )
        # Else Python would write what is left at its end, and a full disk would show there.
        _flush()
    except MissingPackage as error:
        # It may be one that the output below needs.
        _complain(str(error))
        return _BAD_INPUT
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
        _discard(sys.stdout)
        # The reader of a pipe may go when it has enough.
        if isinstance(error, BrokenPipeError):
            return _READER_GONE
        _complain(
            f"{error.strerror or error}: see that the output can be written, and look before you"
            " repeat a call"
        )
        return _NOT_WRITTEN
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:
        from typer import Abort

        # A prompt was left by Ctrl-C, or its input ended.
        if isinstance(error, Abort):
            return _INTERRUPTED
        if not isinstance(error, _UsageError):
            raise
        told = error.format_message().rstrip(".")
        # A group that was called without a command has printed its help.
        if told:
            command = "esignwire" if error.ctx is None else error.ctx.command_path
            end = "" if told.endswith("?") else ";"
            _refused(f"{told}{end} see {command} --help", is_json="--json" in given)
        return error.exit_code
    return status if isinstance(status, int) else 0
