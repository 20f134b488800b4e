"""Files that a command reads; ``-`` is standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from esignwire.errors import InvalidRequest

__all__ = ["content_of", "text_of"]


def content_of(path: Path, most: int = -1) -> bytes:
    """Reads a file, or standard input, to its end or to a number of bytes.

    Raises:
        InvalidRequest: Standard input is closed.
        OSError: The file cannot be read.
    """
    if str(path) != "-":
        with path.open("rb") as file:
            return file.read(most)
    # There is no stdin where the shell has closed it.
    stream: TextIO | None = sys.stdin
    if stream is None:
        raise InvalidRequest("standard input is closed: give a file", path="-")
    return stream.buffer.read(most)


def text_of(path: Path) -> str:
    """Reads a text in UTF-8.

    Raises:
        InvalidRequest: It is no text in UTF-8.
        OSError: The file cannot be read.
    """
    content = content_of(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Outside of the clause: the decoder's error holds the whole text.
        pass
    raise InvalidRequest(f"{path} is no text in UTF-8; nothing was sent", path=str(path))
