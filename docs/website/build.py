"""Build of the site: the pages of the repository and of the public packages, through zensical.

``make docs`` runs it and fails on any warning. The pages keep their places, so that their links
lead to the same files as on the code host. A page of docs/ that no section names is a how-to.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["for_python_markdown", "navigation", "prepare", "public_modules"]

ROOT = Path(__file__).resolve().parent.parent.parent
WORK = ROOT / "build" / "docs"
PAGES = WORK / "pages"
HOW_TO = "How to"
REFERENCE = "Reference"
SECTIONS: dict[str, list[str]] = {
    "Tutorial": ["tutorial"],
    HOW_TO: ["how-to", "assuresign", "signix", "constellation1"],
    REFERENCE: ["coverage", "errors", "settings", "cli", "messages", "schemas", "emulator"],
    "Explanation": ["wires", "architecture", "performance", "stability", "migration"],
}
PROJECT = ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "generator/README.md"]
# What a build without a warning prints.
_USUAL = re.compile(r"Build (started|finished)|No issues found|^\s*$")
_MARK = re.compile(r"^( *```\w+) \w+$", re.MULTILINE)
_BLOCK = re.compile(r"(?ms)(^```.*?^```$)")
# With three spaces, what belongs to an item of a numbered list; Python-Markdown wants four.
_IN_LIST = re.compile(r"(?ms)^   ```.*?^   ```$|(?-s:^   \S.*$)")
_LINK = re.compile(r"\[[^\]]*\]\((?!https?://|#|mailto:)([^()\s#]+)")

Navigation = list[dict[str, "str | Navigation"]]


def navigation(root: Path = ROOT) -> Navigation:
    """Makes the navigation.

    Args:
        root: The repository.

    Returns:
        Titles with their pages or sections, in order.
    """
    named = {name for names in SECTIONS.values() for name in names}
    others = [one.stem for one in sorted((root / "docs").glob("*.md")) if one.stem not in named]
    found: Navigation = [{"esignwire": "README.md"}]
    for section, names in SECTIONS.items():
        pages = [*names, *(others if section == HOW_TO else [])]
        entries: Navigation = [_entry(root, f"docs/{name}.md") for name in pages]
        if section == REFERENCE:
            entries.append({"API": [{name: f"api/{name}.md"} for name in public_modules(root)]})
        found.append({section: entries})
    return [*found, {"Project": [_entry(root, page) for page in PROJECT]}]


def _entry(root: Path, page: str) -> dict[str, str | Navigation]:
    text = (root / page).read_text("utf-8")
    title = re.search(r"^# +(.+?) *$", text, re.MULTILINE)
    return {title[1].replace("`", "") if title else page: page}


def public_modules(root: Path = ROOT) -> dict[str, Path]:
    """Finds the public modules: the package, what is below it, and what these name of their own.

    Args:
        root: The repository.

    Returns:
        The modules, with the file that holds each.
    """
    package = root / "src" / "esignwire"
    found = {"esignwire": package / "__init__.py"}
    for path in sorted(package.iterdir()):
        file = path / "__init__.py" if path.is_dir() else path
        if not path.stem.startswith("_") and file.suffix == ".py" and file.exists():
            found[f"esignwire.{path.stem}"] = file
            found |= {
                f"esignwire.{path.stem}.{inner.stem}": inner
                for inner in sorted(path.glob("*.py"))
                if inner.stem == "types" or inner.stem in _names_of(file)
            }
    return found


def _names_of(module: Path) -> list[str]:
    """The names in ``__all__`` of a module."""
    for node in ast.parse(module.read_text("utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                return list(ast.literal_eval(value))
            case _:
                pass
    return []


def _api_page(name: str, root: Path) -> str:
    vendor, _, kind = name.removeprefix("esignwire.").partition(".")
    types = root / "generated/esignwire_generated" / vendor / "types"
    if kind != "types" or not types.exists():
        return f"# {name}\n\n::: {name}\n"
    parts = [f"# {name}\n\nOne module a schema file; [messages](../docs/messages.md) says more.\n"]
    parts += [
        f"## {name}.{path.stem}\n\n::: esignwire_generated.{vendor}.types.{path.stem}\n"
        "    options:\n      heading_level: 3\n"
        for path in sorted(types.glob("*.py"))
        if not path.stem.startswith("_")
    ]
    return "\n".join(parts)


def prepare(root: Path = ROOT) -> None:
    """Puts all that zensical needs below build/docs.

    Args:
        root: The repository.
    """
    shutil.rmtree(WORK, ignore_errors=True)
    pages = ["README.md", *PROJECT, *(f"docs/{one.name}" for one in (root / "docs").glob("*.md"))]
    for page in pages:
        _copy_page(root, page)
    (PAGES / "api").mkdir()
    for name in public_modules(root):
        (PAGES / "api" / f"{name}.md").write_text(_api_page(name, root), "utf-8")
    settings = (root / "docs" / "website" / "zensical.toml").read_text("utf-8")
    settings = settings.replace("nav = []", f"nav = {_toml(navigation(root))}")
    (WORK / "zensical.toml").write_text(settings, "utf-8")


def _copy_page(root: Path, page: str) -> None:
    """Copies a page, and what it links to that is no page."""
    parts = _BLOCK.split(for_python_markdown((root / page).read_text("utf-8")))
    # Every second part is a block, whose brackets are no links.
    for number, part in enumerate(parts[::2]):
        for link in _LINK.findall(part):
            source = (root / page).parent / link
            target = PAGES / source.resolve().relative_to(root)
            if source.is_dir():
                _copy_folder(source, target)
                parts[2 * number] = parts[2 * number].replace(
                    f"]({link})", f"]({link.rstrip('/')}/index.md)"
                )
            elif source.suffix != ".md":
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
    (PAGES / page).parent.mkdir(parents=True, exist_ok=True)
    (PAGES / page).write_text("".join(parts), "utf-8")


def for_python_markdown(text: str) -> str:
    """Writes a page as Python-Markdown reads it, where the code host reads more.

    Args:
        text: The page.

    Returns:
        The page with no marks behind the language of a block, and with four blanks before what
        belongs to an item of a numbered list.
    """
    parts = _BLOCK.split(_MARK.sub(r"\1", text))
    # Every second part is a block of its own, which stays as it is.
    parts[::2] = [_IN_LIST.sub(_indented, part) for part in parts[::2]]
    return "".join(parts)


def _indented(match: re.Match[str]) -> str:
    return re.sub(r"(?m)^(?=.)", " ", match[0])


def _copy_folder(source: Path, target: Path) -> None:
    """Copies a folder, with a page that lists its files."""
    shutil.copytree(
        source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
    )
    files = sorted(path.relative_to(target) for path in target.rglob("*") if path.is_file())
    listed = "\n".join(f"- [{path}]({path})" for path in files if path.suffix != ".md")
    (target / "index.md").write_text(f"# {source.name}\n\n{listed}\n", "utf-8")


def _toml(value: str | Navigation) -> str:
    if isinstance(value, str):
        # What JSON writes of a text, TOML reads.
        return json.dumps(value)
    entries = (
        f"{{ {json.dumps(name)} = {_toml(inner)} }}" for one in value for name, inner in one.items()
    )
    return f"[{', '.join(entries)}]"


def main() -> int:
    """Builds the site.

    Returns:
        The exit status: 1 where there is a warning.
    """
    prepare()
    built = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict", "--clean"],
        cwd=WORK,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    # griffe warns of docstrings, which is no matter for zensical.
    unusual = [line for line in built.stdout.splitlines() if not _USUAL.search(line)]
    if built.returncode or unusual:
        print(built.stdout, file=sys.stderr)
        return 1
    print(f"{(WORK / 'site' / 'index.html').relative_to(ROOT)} is the site")
    return 0


if __name__ == "__main__":
    sys.exit(main())
