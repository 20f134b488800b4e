"""The documentation is run: a block of Python that does not work, a command that is not there or a
link that leads nowhere fails here.

In docs/*.md the blocks of Python run in the order of their page, with the environment set to an
emulator. In README.md each block runs alone, without any such environment. What a block prints must
be what a block of ``text`` right behind it says. A block marked ``python test`` is a test file for
pytest; one marked ``python fragment`` is compiled only.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import importlib
import io
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import tomllib
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

import esignwire
from esignwire import AssureSign, Constellation1, HttpSettings, Signix, errors
from esignwire._codec import Operation
from esignwire.assuresign import (
    PRODUCTION_URL,
    SANDBOX_URL,
)
from esignwire.cli import main
from esignwire.cli.catalogue import described_operations
from esignwire.cli.commands import application
from esignwire.constellation1 import PRODUCTION_URL as CONSTELLATION1_PRODUCTION_URL
from esignwire.constellation1 import STAGE_URL
from esignwire.demo.clients import template_of_environment
from esignwire.demo.pdf import one_page_pdf
from esignwire.emulator import EmulatorServer, EmulatorSettings
from esignwire.signix import PRODUCTION_URL as SIGNIX_PRODUCTION_URL
from esignwire.signix import TEST_URL

ROOT = Path(__file__).resolve().parent.parent.parent
README = ROOT / "README.md"
RUN_PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
PAGES = [
    *RUN_PAGES,
    *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    ROOT / "generator/README.md",
]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<code>.*?)^(?P=indent)```[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(?P<title>.+?) *$", re.MULTILINE)
_VARIABLE = re.compile(r"\bESIGNWIRE_(?:[A-Z0-9]+_)*[A-Z0-9]+\b")
_INLINE_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    info: str
    code: str
    begin: int
    end: int


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    return [
        Block(
            page=page,
            line=text.count("\n", 0, match.start()) + 2,
            info=match["info"].strip(),
            code=textwrap.dedent(match["code"]),
            begin=match.start(),
            end=match.end(),
        )
        for match in _FENCE.finditer(text)
    ]


def prose_of(page: Path) -> str:
    return _FENCE.sub("", page.read_text("utf-8"))


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _expected_output(page: Path, block: Block, following: Block | None) -> str | None:
    if following is None or following.info != "text":
        return None
    between = page.read_text("utf-8")[block.end : following.begin]
    return None if between.strip() else following.code


@pytest.fixture
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of ours is set, as on the machine of a newcomer."""
    for name in [name for name in os.environ if name.startswith("ESIGNWIRE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def environment(
    esignwire_emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> EmulatorServer:
    """The variables that the pages speak of, set to the emulator."""
    esignwire_emulator.state.reset()
    values = {
        "ASSURESIGN_URL": esignwire_emulator.assuresign_url,
        "ASSURESIGN_CONTEXT_IDENTIFIER": "06c4a84f-693c-46cb-8df2-40a8215aa056",
        "ASSURESIGN_USER_NAME": "owner@example.com",
        "SIGNIX_URL": esignwire_emulator.signix_url,
        "SIGNIX_SPONSOR": "demo",
        "SIGNIX_CLIENT": "democlient",
        "SIGNIX_USER_ID": "demouser",
        "SIGNIX_PASSWORD": "any",
        "SIGNIX_WORKGROUP": "SDD",
        "CONSTELLATION1_URL": esignwire_emulator.constellation1_url,
        "CONSTELLATION1_API_KEY": "any",
        "CONSTELLATION1_USER_NAME": "owner@example.com",
    }
    for name, value in values.items():
        monkeypatch.setenv(f"ESIGNWIRE_{name}", value)
    return esignwire_emulator


# Python


def _run(page: Path, names: dict[str, object], *, alone: bool) -> None:
    blocks = blocks_of(page)
    for number, block in enumerate(blocks, start=1):
        following = blocks[number] if number < len(blocks) else None
        language, _, mark = block.info.partition(" ")
        if language != "python":
            continue
        assert mark in {"", "test", "fragment", "edit"}, (
            f"{name_of(page)}:{block.line}: {block.info}"
        )
        # The lines of tracebacks are those of the page.
        source = "\n" * (block.line - 1) + block.code
        code = compile(source, str(page), "exec", dont_inherit=True)
        expected = _expected_output(page, block, following)
        if mark:
            assert expected is None or mark == "edit"
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, dict(names) if alone else names)  # noqa: S102 - our own pages
        assert expected is None or printed.getvalue() == expected


@pytest.mark.usefixtures("environment", "esignwire_no_pauses", "esignwire_strict")
@pytest.mark.parametrize("page", [one for one in RUN_PAGES if one != README], ids=name_of)
def test_python_runs_and_prints_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agreement.pdf").write_bytes(one_page_pdf())
    _run(page, {"__name__": "__main__"}, alone=False)


@pytest.mark.usefixtures("no_environment", "esignwire_no_pauses", "esignwire_strict")
def test_each_program_of_the_readme_runs_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not any(block.info.startswith("python ") for block in blocks_of(README))
    _run(README, {"__name__": "__main__"}, alone=True)


EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def _imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield f"{node.module}.{node.names[0].name}"
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


@pytest.mark.parametrize("path", [*PAGES, *EXAMPLES], ids=name_of)
def test_pages_and_examples_import_public_modules(path: Path) -> None:
    sources = (
        [path.read_text("utf-8")]
        if path.suffix == ".py"
        else [one.code for one in blocks_of(path) if one.info.startswith("python")]
        if path in RUN_PAGES
        else []
    )
    for source in sources:
        for name in _imports(source):
            parts = name.split(".")
            assert parts[0] != "esignwire_generated", name
            assert parts[0] != "esignwire" or not any(one.startswith("_") for one in parts), name


TESTS = [block for page in RUN_PAGES for block in blocks_of(page) if block.info == "python test"]


@pytest.mark.parametrize(
    "block", TESTS, ids=[f"{name_of(block.page)}:{block.line}" for block in TESTS]
)
def test_tests_of_the_pages_pass(block: Block, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(block.code)
    count = sum(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        for node in ast.walk(ast.parse(block.code))
    )
    assert count
    pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=count)


# Commands


def _shell_lines() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for block in blocks_of(page):
            if block.info in {"console", "sh", "bash", "shell"}:
                for line in block.code.splitlines():
                    if line.strip() and not line.startswith("#"):
                        yield f"{name_of(page)}:{block.line}", line.strip()
        # What stands in the text counts where it is plainly a command.
        for code in _INLINE_CODE.findall(prose_of(page)):
            if re.match(r"(make [a-z]|esignwire [a-z]|python codegen\.py)", code):
                yield name_of(page), code


LINES = sorted(set(_shell_lines()))
TARGETS = frozenset(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
VARIABLES_OF_MAKE = frozenset(
    re.findall(r"^([A-Z]+) \?=", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
)


def _check_make(words: list[str]) -> None:
    for word in words:
        name, is_variable, _ = word.partition("=")
        assert name in (VARIABLES_OF_MAKE if is_variable else TARGETS), word


def _check_esignwire(words: list[str]) -> None:
    command = typer.main.get_command(application)
    while words and (subcommands := getattr(command, "commands", {})):
        if words[0].startswith("-"):
            # An option of the group: a flag, or with a value behind it.
            options = {name: one for one in command.params for name in one.opts}
            assert words[0] in {"--help", *options}, words[0]
            is_flag = getattr(options.get(words[0]), "is_flag", True)
            words = words[1 if is_flag else 2 :]
            continue
        assert words[0] in subcommands, words[0]
        command = subcommands[words[0]]
        words = words[1:]
    known = {"--help", *(option for one in command.params for option in one.opts)}
    options = {word for word in words if word.startswith("-")}
    assert options <= known, options - known


def _check_curl(words: list[str], emulator: EmulatorServer) -> None:
    method = "GET"
    if words[:1] == ["-X"]:
        method, words = words[1], words[2:]
    address, *options = words
    headers: dict[str, str] = {}
    content = None
    for option, value in zip(options[::2], options[1::2], strict=True):
        if option == "-H":
            name, _, headers_value = value.partition(": ")
            headers[name] = headers_value
        else:
            assert option == "-d"
            method, content = "POST", value
    parts = urllib.parse.urlsplit(address)
    with httpx.Client(trust_env=False) as client:
        answer = client.request(
            method,
            f"{emulator.url}{parts.path}?{parts.query}",
            headers=headers,
            content=content,
        )
    emulator.state.faults.clear()
    # Whatever the id in the text is, nothing here has it.
    if answer.status_code != 200:
        assert answer.json() == {"error": "Nothing has this id."}


def _check_pip(words: list[str]) -> None:
    assert words[0] == "install"
    for word in words[1:]:
        if word == "--editable":
            continue
        match = re.fullmatch(r"(?P<what>\.|esignwire)(\[(?P<extras>[a-z,]+)\])?", word)
        assert match, word
        extras = (match["extras"] or "").split(",") if match["extras"] else []
        assert set(extras) <= set(PYPROJECT["project"]["optional-dependencies"]), word


@pytest.mark.parametrize(("place", "line"), LINES, ids=[f"{a} {b}" for a, b in LINES])
def test_commands_exist(place: str, line: str, esignwire_emulator: EmulatorServer) -> None:
    words = shlex.split(line)
    match words[0]:
        case "make":
            _check_make(words[1:])
        case "esignwire":
            _check_esignwire(words[1:])
        case "python":
            assert words[1] == "codegen.py"
            assert set(words[2:]) <= {"--changes", "--check", "--json", "main"}
        case "curl":
            _check_curl(words[1:], esignwire_emulator)
        case "pip":
            _check_pip(words[1:])
        case "export":
            for word in words[1:]:
                assert _VARIABLE.fullmatch(word.partition("=")[0]), word
        case "git":
            assert shutil.which("git") is None or words[1] in {"clone", "tag", "push", "commit"}
        case other:
            pytest.fail(f"{place}: nobody checks {other!r}")


def test_readme_names_the_two_commands_near_its_top() -> None:
    top = "\n".join(README.read_text("utf-8").splitlines()[:25])
    assert "make demo" in top
    assert "make test" in top


# Links


def _slugs(page: Path) -> set[str]:
    """How GitHub names headings in addresses."""
    found: set[str] = set()
    for match in _HEADING.finditer(prose_of(page)):
        title = re.sub(r"[`*]", "", match["title"])
        found.add(re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-"))
    return found


LINKS = sorted(
    {(page, match["target"]) for page in PAGES for match in _LINK.finditer(prose_of(page))}
)


@pytest.mark.parametrize(
    ("page", "target"), LINKS, ids=[f"{name_of(page)} {target}" for page, target in LINKS]
)
def test_links_resolve(page: Path, target: str) -> None:
    if target.startswith("https://"):
        assert urllib.parse.urlsplit(target).hostname
        return
    path, _, heading = target.partition("#")
    found = (page.parent / path).resolve() if path else page
    assert found.is_relative_to(ROOT)
    assert found.exists(), f"{name_of(page)} leads to {target}"
    if heading:
        assert heading in _slugs(found), f"{name_of(found)} has no heading {heading!r}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached = {
        (ROOT / target.partition("#")[0]).resolve() for page, target in LINKS if page == README
    }
    assert {page for page in PAGES if page.name != "README.md"} <= reached


# Environment variables


class _Recorder(dict[str, str]):
    """An environment that remembers what was asked of it."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override] # narrower: texts alone
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)


def _documented_variables() -> set[str]:
    return {name for page in PAGES for name in _VARIABLE.findall(page.read_text("utf-8"))}


@pytest.mark.usefixtures("environment")
def test_documented_variables_are_those_that_the_code_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    message = tmp_path / "message.json"
    message.write_text("{}", "utf-8")
    monkeypatch.setenv("ESIGNWIRE_ASSURESIGN_TEMPLATE_ID", "dcb79445-4d39-dd11-8735-00065b8ce99b")
    recorder = _Recorder(os.environ)
    with monkeypatch.context() as patched:
        patched.setattr(os, "environ", recorder)
        for kind in (AssureSign, Signix, Constellation1):
            kind.from_environment().close()
        template_of_environment()
        assert main(["render", "assuresign", "Ping", "--file", str(message)]) == 0
    read = {name for name in recorder.asked if name.startswith("ESIGNWIRE_")}
    assert _documented_variables() == read


def test_the_code_names_no_variable_that_is_not_documented() -> None:
    documented = _documented_variables()
    for path in [*(ROOT / "src").rglob("*.py"), ROOT / "codegen.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named = set(_VARIABLE.findall(node.value))
                # A name that is cut short is the beginning of others: ESIGNWIRE_SIGNIX_.
                unknown = {
                    name
                    for name in named - documented
                    if not any(other.startswith(f"{name}_") for other in documented)
                }
                assert not unknown, f"{path}: {unknown}"


def test_a_table_lists_every_variable() -> None:
    text = (ROOT / "docs/settings.md").read_text("utf-8")
    rows = re.findall(r"^\| `(ESIGNWIRE_\w+)` \|", text, re.MULTILINE)
    assert sorted(rows) == sorted(_documented_variables())


# Facts that pages repeat


def _row(text: str, name: str) -> str:
    match = re.search(rf"^\| `{re.escape(name)}` \|(.*)$", text, re.MULTILINE)
    assert match, f"no row for {name}"
    return match[1]


def test_every_http_setting_is_documented_with_its_default() -> None:
    text = (ROOT / "docs/connections.md").read_text("utf-8")
    shown = {
        "connect_timeout": "5 s",
        "total_timeout": "60 s",
        "attempts": "3",
        "max_response_bytes": "64 MiB",
        "max_document_bytes": "1 GiB",
        "max_connections": "100",
        "keepalive_expiry": "5 s",
        "ssl_context": "certifi",
        "proxy": "none",
    }
    shown |= dict.fromkeys(
        ("transport", "async_transport", "headers", "on_request", "on_response", "on_retry"), "none"
    )
    units = {"s": 1.0, "MiB": 1024.0**2, "GiB": 1024.0**3}
    for one in dataclasses.fields(HttpSettings):
        if one.name == "trust_env":
            assert "trust_env=False" in text
            continue
        said = _row(text, one.name).split("|")[0].strip()
        assert said == shown[one.name]
        if one.default in (None, ()) or one.default_factory is not dataclasses.MISSING:
            continue
        number, _, unit = said.partition(" ")
        assert float(number) * units.get(unit, 1.0) == one.default, one.name


def test_every_option_of_the_emulator_is_documented() -> None:
    text = (ROOT / "docs/testing.md").read_text("utf-8")
    for one in dataclasses.fields(EmulatorSettings):
        _row(text, one.name)


def test_every_fixture_of_the_plugin_is_documented() -> None:
    text = (ROOT / "docs/testing.md").read_text("utf-8")
    source = (ROOT / "src/esignwire/testing/plugin.py").read_text("utf-8")
    fixtures = [
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("esignwire_")
    ]
    assert fixtures
    for name in fixtures:
        _row(text, name)


def test_the_tree_of_errors_is_the_one_of_the_code() -> None:
    text = (ROOT / "docs/errors.md").read_text("utf-8")
    drawn: list[tuple[int, str]] = []
    for line in text.splitlines():
        match = re.match(r"^(?P<lead>[│├└─ ]*)(?P<name>[A-Z]\w+) {2,}\S", line)
        if match:
            drawn.append((len(match["lead"]) // 4, match["name"]))
    parents: list[str] = []
    found: dict[str, str] = {}
    for depth, name in drawn:
        del parents[depth:]
        found[name] = parents[-1] if parents else "Exception"
        parents.append(name)
    actual = {name: getattr(errors, name).__bases__[0].__name__ for name in errors.__all__}
    assert found == actual


def changes(vendor: str) -> list[Operation[Any, Any]]:
    """The operations of a vendor that change something."""
    package = importlib.import_module(f"esignwire_generated.{vendor}.services")
    found: list[Operation[Any, Any]] = []
    for module in pkgutil.iter_modules(package.__path__):
        one = importlib.import_module(f"{package.__name__}.{module.name}")
        found += [value for value in vars(one).values() if isinstance(value, Operation)]
    return [one for one in found if not one.is_safe]


@pytest.mark.parametrize(("vendor", "name"), [("assuresign", "AssureSign"), ("signix", "SIGNiX")])
def test_every_change_tells_what_to_look_its_outcome_up_by(vendor: str, name: str) -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "docs" / "errors.md").read_text("utf-8").splitlines()
        if line.startswith(f"| {name} ")
    ]
    references = {
        word: reference for call, reference, _ in rows for word in re.findall(r"\w+", call)
    }
    for operation in changes(vendor):
        assert operation.lookup is not None, operation.name
        told = references[operation.name]
        for place in operation.lookup.places:
            words = place.rpartition(".")[2].replace("_", "")
            assert words in told.lower(), (operation.name, place)


def test_the_page_on_newer_interfaces_names_operations_that_there_are() -> None:
    text = (ROOT / "docs/migration.md").read_text("utf-8")
    section = text.partition("## AssureSign")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([A-Z][^|]*?) \| [^|]+ \| [^|]+ \|$", section, re.MULTILINE)
    named = [name for row in rows for name in row.split(", ")]
    there = {one.operation for one in described_operations() if one.vendor == "assuresign"}
    assert len(named) == len(set(named))
    assert named
    assert set(named) <= there


def test_every_dependency_is_justified_where_it_belongs() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.findall(r"^\| ([A-Za-z0-9-]+) \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    # The first two rows are the table's head.
    said = {name: set(where.replace("`", "").split(", ")) for name, where, _ in rows[2:]}
    project = PYPROJECT["project"]
    wanted: dict[str, set[str]] = {}
    groups: dict[str, list[str | dict[str, str]]] = {
        **project["optional-dependencies"],
        **PYPROJECT["dependency-groups"],
        "run time": project["dependencies"],
        "build": PYPROJECT["build-system"]["requires"],
    }
    for group, entries in PYPROJECT.get("dependency-groups", {}).items():
        # An entry that is no text includes another group.
        groups[group] = [one for one in entries if isinstance(one, str)]
    for group, requirements in groups.items():
        for requirement in requirements:
            # A table includes another group.
            if isinstance(requirement, dict):
                continue
            name = re.split(r"[\[<>=~! ]", requirement)[0]
            wanted.setdefault(name, set()).add(group)
    assert said == wanted


SOURCES = ROOT / "src/esignwire"
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")


def _modules(folder: Path) -> set[str]:
    return {
        path.stem
        for path in folder.glob("*")
        if path.suffix == ".py" or (path / "__init__.py").exists()
    } - {"__init__", "__main__"}


def test_the_rooms_that_architecture_lists_are_those_of_the_house() -> None:
    section = ARCHITECTURE[ARCHITECTURE.index("## The rooms") : ARCHITECTURE.index("## Arrows")]
    picture, _, table = section.partition("| room | holds | modules |")
    rows = re.findall(r"^\| `(\w+)` \| .* \|(.*) \|$", table, re.MULTILINE)
    for room, cell in rows:
        assert sorted(re.findall(r"`(\w+)`", cell)) == sorted(_modules(SOURCES / room)), room
    listed = {room for room, _ in rows}
    assert listed == _modules(SOURCES)
    assert {name for name in listed if not re.search(rf"\b{name}\b", picture)} == {
        "_extras",
        "_forks",
        "_lazy",
        "_version",
    }


def test_the_places_that_architecture_names_are_there() -> None:
    for name in set(_INLINE_CODE.findall(ARCHITECTURE)):
        if "/" in name:
            assert any(
                path.exists() for path in (ROOT / name, SOURCES / name, SOURCES / f"{name}.py")
            ), name


def test_known_addresses_are_the_constants() -> None:
    text = (ROOT / "docs/wires.md").read_text("utf-8")
    for address in (
        PRODUCTION_URL,
        SANDBOX_URL,
        SIGNIX_PRODUCTION_URL,
        TEST_URL,
        CONSTELLATION1_PRODUCTION_URL,
        STAGE_URL,
    ):
        assert f"`{address}`" in text


def test_the_version_has_an_entry_in_the_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## \[?{re.escape(esignwire.__version__)}\b", text, re.MULTILINE)


def test_supported_pythons_are_those_of_the_project() -> None:
    prefix = "Programming Language :: Python :: "
    versions = [
        one.removeprefix(prefix) for one in PYPROJECT["project"]["classifiers"] if prefix in one
    ]
    text = README.read_text("utf-8")
    said = re.search(r"^Python ((?:3\.\d+[, and]*)+) on ", text, re.MULTILINE)
    assert said
    assert re.findall(r"3\.\d+", said[1]) == versions


# The walk through a change of a schema


def _codegen(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            str(ROOT / "codegen.py"),
            "--schemas",
            str(folder / "schemas"),
            "--output",
            str(folder / "generated"),
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_change_of_a_schema_works_as_its_page_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    shutil.copytree(ROOT / "generated", tmp_path / "generated")
    diff = next(one.code for one in blocks_of(ROOT / "docs/schemas.md") if one.info == "diff")
    snippet = "\n".join(line[1:] for line in diff.splitlines() if line.startswith("+"))
    path = tmp_path / "schemas/assuresign/Cancel.xsd"
    text = path.read_text("utf-8")
    begin = text.index('<xs:attribute name="Remarks"')
    end = text.index("</xs:attribute>", begin) + len("</xs:attribute>")
    path.write_text(f"{text[:end]}\n{snippet}{text[end:]}", "utf-8")

    stale = _codegen("--check", folder=tmp_path)
    assert stale.returncode == 1
    assert "notify_signers" in stale.stdout
    written = _codegen(folder=tmp_path)
    assert written.returncode == 0, written.stderr
    types = (tmp_path / "generated/esignwire_generated/assuresign/types/cancel.py").read_text(
        "utf-8"
    )
    assert "notify_signers: bool | None = " in types
    assert "Whether the signers are told by e-mail." in types

    path.write_text(text.replace('type="tns:ArrayOfDocumentCancellation"', 'type="tns:Nothing"'))
    broken = _codegen(folder=tmp_path)
    assert broken.returncode == 2
    assert re.search(r"Cancel\.xsd:\d+: ", broken.stderr)
    kept = (tmp_path / "generated/esignwire_generated/assuresign/types/cancel.py").read_text(
        "utf-8"
    )
    assert kept == types
