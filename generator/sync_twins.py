"""Sync twins: what is handwritten with asyncio, said again without it.

A module of src/ whose name begins with ``async_`` is copied into the generated package with
``sync_`` in its place, after the substitutions below. A substitution that nothing uses any more is
an error, so that the table never outlives its reasons. What docstrings and comments say of asyncio
and event loops is left out, a paragraph at a time: callers of the sync client have neither.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

from generator.problems import SchemaProblem
from generator.text import header

SUBSTITUTIONS: list[tuple[str, str]] = [
    # The first lines of modules, which the twins must not say of themselves.
    (r", async\. The sync twin is derived from this file[^.\n]*\.", ", for threads."),
    (r" The sync twin is derived from this file[^.\n]*\.", ""),
    # Names: whatever is Async by its name has a namesake without.
    (
        r"\bfrom esignwire\.((?:\w+\.)*)async_(\w+) import",
        r"from esignwire_generated.\1sync_\2 import",
    ),
    (
        r"\bfrom esignwire_generated\.((?:\w+\.)*)async_(\w+) import",
        r"from esignwire_generated.\1sync_\2 import",
    ),
    (r"\bhttpx\.AsyncByteStream\b", "httpx.SyncByteStream"),
    # AsyncSubmit and AsyncCloseEnvelope are operations of a vendor's.
    (r"\b(_?)Async(?!Submit|CloseEnvelope)([A-Z]\w*)", r"\1\2"),
    (r"\basync_(chunks|measure|pause|transport|until)\b", r"\1"),
    # What is left over: the words of the language, and names of others.
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\b__a(enter|exit|iter)__\b", r"__\1__"),
    (r"\baclose\b", "close"),
    (r"\bhandle_async_request\b", "handle_request"),
]
_ABOUT_ASYNCIO = re.compile(r"\basyncio\b|\bevent loops?\b|\bcoroutines?\b", re.IGNORECASE)


def twin_path(path: Path, source_root: Path) -> str:
    """Where the twin of a module stands, relative to the generated package."""
    relative = path.relative_to(source_root)
    return str(relative.with_name(relative.name.replace("async_", "sync_")))


def find_async_modules(source_root: Path) -> list[Path]:
    """Finds the modules that have a twin."""
    return sorted(path for path in source_root.rglob("*.py") if path.name.startswith("async_"))


def _blocks(lines: list[str]) -> list[list[str]]:
    """Takes prose apart: paragraphs, blank lines, and the entries of sections such as Raises."""
    blocks: list[list[str]] = []
    entries: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if not line.strip():
            entries = None
            blocks.append([line])
        elif not blocks or not blocks[-1][0].strip() or indent == entries:
            blocks.append([line])
        elif blocks[-1][0].rstrip().endswith(":") and entries is None:
            entries = indent
            blocks.append([line])
        else:
            blocks[-1].append(line)
    return blocks


def _is_about_asyncio(block: list[str]) -> bool:
    return _ABOUT_ASYNCIO.search(" ".join(line.strip(" #\n") for line in block)) is not None


def _without_asyncio(text: str) -> str:
    """Leaves out what docstrings and comments say of asyncio.

    The summary of a docstring stays, since there must be one.
    """
    lines = text.splitlines(keepends=True)
    ranges: list[tuple[int, int]] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and ast.get_docstring(node):
            docstring = node.body[0]
            ranges.append((docstring.lineno, (docstring.end_lineno or docstring.lineno) - 1))
    start = None
    for number, line in enumerate([*lines, ""]):
        is_comment = line.lstrip().startswith("#")
        if is_comment and start is None:
            start = number
        elif not is_comment and start is not None:
            ranges.append((start, number))
            start = None
    for first, end in sorted(ranges, reverse=True):
        kept = [block for block in _blocks(lines[first:end]) if not _is_about_asyncio(block)]
        lines[first:end] = [line for block in kept for line in block]
    return re.sub(r"\n{3,}(?= )", "\n\n", "".join(lines))


def _left_over(text: str) -> int | None:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME and token.string in {"async", "await", "asyncio"}:
            return token.start[0]
    return None


def emit_twins(source_root: Path) -> dict[str, str]:
    """Writes all twins, by path relative to the generated package.

    Raises:
        SchemaProblem: A substitution is not used by any module, or asyncio is left over.
    """
    used: set[str] = set()
    twins: dict[str, str] = {}
    for path in find_async_modules(source_root):
        text = _without_asyncio(path.read_text(encoding="utf-8"))
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
