"""The problem of a schema: the file, the line and what is wrong."""

from __future__ import annotations

from pathlib import Path


class SchemaProblem(Exception):
    """A schema that cannot be compiled.

    Args:
        message: What is wrong and what to do.
        file: The schema file.
        line: The line in it, counted from 1, where it is known.
    """

    def __init__(self, message: str, file: Path | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line

    def __str__(self) -> str:
        where = ""
        if self.file is not None:
            where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        # One line, whatever is quoted in it.
        return f"{where}{' '.join(self.message.split())}"
