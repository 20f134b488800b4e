"""Compiles schemas/ into generated/.

    python codegen.py            writes generated/
    python codegen.py --check    writes nothing; shows the difference where generated/ is stale
    python codegen.py --changes [COMMIT]
                                 writes nothing; tells what the schemas of the working tree mean to
                                 callers of those of a commit, HEAD where none is given

Exit status: 0 where generated/ is up to date or was written, 1 where --check found a difference or
--changes found something that breaks callers and that CHANGELOG.md does not name, 2 where a schema
cannot be compiled, or this Python lacks what the compiler needs (then generated/ is left as it
was), 3 where --changes has nothing to compare with, such as in a shallow clone.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

try:
    from generator.build import build
    from generator.changes import NothingToCompare, changes_since
    from generator.output import differences, format_sources, write
    from generator.problems import SchemaProblem
except ImportError as missing:
    print(
        f"codegen.py: {missing}: this Python is not that of the project's environment. Use "
        "make codegen, which makes it, or .venv/bin/python codegen.py",
        file=sys.stderr,
    )
    raise SystemExit(2) from None


def _report(message: str) -> None:
    print(message, file=sys.stderr)


def _colour(line: str) -> str:
    if not sys.stdout.isatty():
        return line
    code = {"+": "32", "-": "31", "@": "36"}.get(line[:1])
    return f"\033[{code}m{line}\033[0m" if code else line


def _changes(reference: str, *, is_json: bool) -> int:
    """Tells what has changed since a commit."""
    try:
        changes = changes_since(reference, ROOT)
    except NothingToCompare as reason:
        print(f"codegen.py: nothing was compared: {reason}", file=sys.stderr)
        return 3
    if is_json:
        print(json.dumps([one.as_json() for one in changes], indent=2))
    else:
        for one in changes:
            print(one)
    unnamed = [one for one in changes if one.is_named is False]
    for line in dict.fromkeys(
        " and ".join(" or ".join(dict.fromkeys(each)) for each in one.names) for one in unnamed
    ):
        _report(f"CHANGELOG.md: no entry of Unreleased that is marked **breaking** names {line}")
    if not changes:
        _report(f"the schemas mean the same to callers as those of {reference}")
    return 1 if unnamed else 0


def main(arguments: list[str] | None = None) -> int:
    """Runs the command.

    Args:
        arguments: The command line without the program's name; ``None`` takes the real one.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="compare only, write nothing")
    action.add_argument(
        "--changes",
        nargs="?",
        const="HEAD",
        metavar="COMMIT",
        help="tell what has changed for callers since a commit, HEAD by default; write nothing",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--schemas", type=Path, default=ROOT / "schemas", help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, default=ROOT / "generated", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        if options.changes is not None:
            return _changes(options.changes, is_json=options.json)
        files, vendors, documents = build(options.schemas, ROOT / "src" / "esignwire", _report)
        _report("laying the sources out")
        files = format_sources(files, ROOT / "pyproject.toml")
    except SchemaProblem as problem:
        if problem.file is not None and problem.file.is_relative_to(ROOT):
            problem.file = problem.file.relative_to(ROOT)
        print(f"codegen.py: {problem}", file=sys.stderr)
        return 2
    written = removed = 0
    try:
        lines = differences(files, options.output)
        if not options.check:
            written, removed = write(files, options.output)
    except OSError as error:
        print(f"codegen.py: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    if options.json:
        summary = {
            "files": len(files),
            "written": written,
            "removed": removed,
            "is_current": not lines,
            "vendors": {
                vendor.name: {
                    "contracts": len(vendor.contracts),
                    "operations": sum(len(one.operations) for one in vendor.contracts),
                    "types": len(vendor.types),
                    "enumerations": sum(len(one.enumerations) for one in vendor.modules),
                }
                for vendor in vendors
            }
            | {
                name: {
                    "contracts": 1,
                    "operations": len(document.operations),
                    "types": len(document.objects),
                    "enumerations": len(document.enumerations),
                }
                for name, document in documents.items()
            },
        }
        print(json.dumps(summary, indent=2))
    elif options.check and lines:
        print("\n".join(_colour(line) for line in lines))
    if options.check and lines:
        _report("generated/ is not what the schemas say: run codegen.py and commit the result")
        return 1
    _report(
        "generated/ is up to date"
        if options.check
        else f"generated/: {len(files)} files, {written} written, {removed} removed"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
