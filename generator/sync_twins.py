"""Derives the sync twins: what is handwritten with asyncio, said again without it.

A module of src/ whose name holds ``async_`` is copied into the generated package with ``sync_`` in
its place, after the substitutions below. A substitution that nothing uses any more is an error, so
that the table never outlives its reasons.
"""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

from generator.problems import SchemaProblem
from generator.text import header

SUBSTITUTIONS: list[tuple[str, str]] = [
    (
        r"\bfrom esignwire\.((?:\w+\.)*)(_?)async_(\w+) import",
        r"from esignwire_generated.\1\2sync_\3 import",
    ),
    (r"\basync def\b", "def"),
    (r"\basync with\b", "with"),
    (r"\basync for\b", "for"),
    (r"\bawait ", ""),
    (r"\b__aenter__\b", "__enter__"),
    (r"\b__aexit__\b", "__exit__"),
    (r"\baclose\b", "close"),
    (r"\baiter_raw\b", "iter_raw"),
    (r"\bhandle_async_request\b", "handle_request"),
    (r"\basync_chunks\b", "chunks"),
    (r"\basync_measure\b", "measure"),
    (r"\bhttpx\.AsyncHTTPTransport\b", "httpx.HTTPTransport"),
    (r"\bhttpcore\.AsyncConnectionPool\b", "httpcore.ConnectionPool"),
    (r"\bhttpcore\.AsyncHTTPProxy\b", "httpcore.HTTPProxy"),
    (r"\bhttpcore\.AsyncHTTPConnection\b", "httpcore.HTTPConnection"),
    (r"\bhttpcore\.AsyncConnectionInterface\b", "httpcore.ConnectionInterface"),
    (r"\bAsyncIterator\b", "Iterator"),
    (r"\b__aiter__\b", "__iter__"),
    (r"\b_AsyncBody\b", "_Body"),
    (r"\b_AsyncConnection\b", "_Connection"),
    (r"\bAsyncConnections\b", "Connections"),
    (r"\bAsyncNetwork\b", "Network"),
    (r"\bAsyncSlot(s?)\b", r"Slot\1"),
    (r"\bAsyncDeadline\b", "Deadline"),
    (r"\bAsyncHttp\b", "Http"),
    (r"\b_AsyncTransport\b", "_Transport"),
    (r"\bhttpx\.AsyncByteStream\b", "httpx.SyncByteStream"),
    (r"\b_AsyncOutgoing\b", "_Outgoing"),
    (r"\bAsyncSoap\b", "Soap"),
    (r"\b_AsyncPost\b", "_Post"),
    (r"\bsend_async\b", "send"),
    (r"\basync_pause\b", "pause"),
    (r"\bAsyncServices\b", "Services"),
    (r"\bAsyncAssureSign\b", "AssureSign"),
    (r"\bAsyncConstellation1\b", "Constellation1"),
    (r"\bAsyncTokens\b", "Tokens"),
    (r"\bAsyncSignix\b", "Signix"),
    (r"\bAsyncFlexApi\b", "FlexApi"),
    (r"\bAsyncTransaction\b", "Transaction"),
]


def twin_path(path: Path, source_root: Path) -> str:
    """Where the twin of a module stands in the generated package.

    Args:
        path: The module, below ``source_root``.
        source_root: The folder ``src/esignwire``.

    Returns:
        The path relative to the generated package.
    """
    relative = path.relative_to(source_root)
    return str(relative.with_name(relative.name.replace("async_", "sync_")))


def find_async_modules(source_root: Path) -> list[Path]:
    """Finds the modules that have a twin."""
    return sorted(path for path in source_root.rglob("*.py") if re.match(r"_?async_", path.name))


def _left_over(text: str) -> int | None:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME and token.string in {"async", "await", "asyncio"}:
            return token.start[0]
    return None


def emit_twins(source_root: Path) -> dict[str, str]:
    """Writes all twins.

    Args:
        source_root: The folder ``src/esignwire``.

    Returns:
        The Python sources by path relative to the generated package.

    Raises:
        SchemaProblem: A substitution is not used by any module, or asyncio is left over.
    """
    used: set[str] = set()
    twins: dict[str, str] = {}
    for path in find_async_modules(source_root):
        text = path.read_text(encoding="utf-8")
        for pattern, replacement in SUBSTITUTIONS:
            text, count = re.subn(pattern, replacement, text)
            if count:
                used.add(pattern)
        left_over = _left_over(text)
        if left_over is not None:
            raise SchemaProblem(
                "asyncio is left over in the sync twin: move it behind a helper with two "
                "versions, or add a substitution to generator/sync_twins.py",
                path,
                left_over,
            )
        name = twin_path(path, source_root)
        twins[name] = header(f"src/esignwire/{path.relative_to(source_root)}") + text
    unused = [pattern for pattern, _ in SUBSTITUTIONS if pattern not in used]
    if twins and unused:
        raise SchemaProblem(
            f"substitutions that nothing uses: {', '.join(unused)}; remove them from "
            "generator/sync_twins.py"
        )
    return twins
