"""The documentation site: its navigation leads to every page, and what is built keeps its links.

``make docs`` builds it; here is what can be told without zensical.
"""

from __future__ import annotations

import importlib
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.website import build

pytestmark = pytest.mark.one_python

ROOT = Path(__file__).resolve().parent.parent.parent


def pages_of(navigation: build.Navigation) -> Iterator[str]:
    for entry in navigation:
        for inner in entry.values():
            if isinstance(inner, str):
                yield inner
            else:
                yield from pages_of(inner)


def test_the_navigation_takes_every_page_once() -> None:
    taken = list(pages_of(build.navigation()))
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    top = {path.name for path in ROOT.glob("*.md")}
    assert len(taken) == len(set(taken))
    assert pages | top <= set(taken)
    assert all((ROOT / page).exists() for page in taken if not page.startswith("api/"))


def test_a_page_that_no_section_names_is_a_how_to(tmp_path: Path) -> None:
    for name in ("docs", "src/esignwire", "generator"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "images")
        )
    for path in ROOT.glob("*.md"):
        shutil.copy(path, tmp_path)
    (tmp_path / "docs" / "unheard-of.md").write_text("# Unheard of `things`\n", "utf-8")
    (how_to,) = (one[build.HOW_TO] for one in build.navigation(tmp_path) if build.HOW_TO in one)
    assert {"Unheard of things": "docs/unheard-of.md"} in how_to


def test_every_public_module_has_a_page_and_nothing_private_has() -> None:
    found = build.public_modules()
    assert {"esignwire", "esignwire.errors", "esignwire.signix.types"} <= found.keys()
    for name, path in found.items():
        assert path.exists()
        assert not any(part.startswith("_") for part in name.split("."))
        assert importlib.import_module(name).__all__


def test_what_a_page_links_to_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "WORK", tmp_path)
    monkeypatch.setattr(build, "PAGES", tmp_path / "pages")
    build.prepare()
    settings = tomllib.loads((tmp_path / "zensical.toml").read_text("utf-8"))["project"]
    for page in pages_of(settings["nav"]):
        assert (tmp_path / "pages" / page).is_file(), page
    links = 0
    for page in (tmp_path / "pages").rglob("*.md"):
        # A fenced block holds no links.
        text = re.sub(
            r"^ *```.*?^ *```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL
        )
        for _, target in re.findall(r"(\[[^\]]*\]\()(?!https://|#)([^()\s#]+)", text):
            links += 1
            assert (page.parent / target).is_file(), f"{page}: {target}"
    assert links


def test_pages_are_written_as_python_markdown_reads_them() -> None:
    text = "1. An item:\n\n   ```python edit\n   x = 1\n   ```\n\n   Its end.\n"
    code = "\n```sh edit\n   three blanks\n```\n"
    wanted = "1. An item:\n\n    ```python\n    x = 1\n    ```\n\n    Its end.\n"
    assert build.for_python_markdown(text + code) == wanted + code.replace(" edit", "")
