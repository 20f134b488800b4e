"""What is public: listed, documented, cheap to import, and the same for both kinds of client."""

from __future__ import annotations

import importlib
import inspect
import json
import pydoc
import re
import subprocess
import sys
from types import ModuleType

import pytest

import esignwire
from esignwire import errors

PUBLIC_MODULES = [
    "esignwire",
    "esignwire.assuresign",
    "esignwire.bulk",
    "esignwire.cli",
    "esignwire.constellation1",
    "esignwire.demo",
    "esignwire.emulator",
    "esignwire.errors",
    "esignwire.notifications",
    "esignwire.signix",
    "esignwire.telemetry",
    "esignwire.testing",
    "esignwire.testing.cassettes",
    "esignwire.testing.plugin",
]
HEAVY = {"httpcore", "httpx", "lxml", "pydantic", "stamina", "yaml", "zeep"}


def imported_by(code: str) -> set[str]:
    """The heavy modules that a program imports."""
    program = f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return HEAVY & set(json.loads(ran.stdout))


def test_the_package_itself_imports_next_to_nothing() -> None:
    assert imported_by("import esignwire; esignwire.errors; esignwire.__version__") == set()


def test_importing_a_name_imports_its_vendor_and_no_other() -> None:
    assert "zeep" not in imported_by("import esignwire; esignwire.Signix")
    assert "zeep" not in imported_by("from esignwire.constellation1 import Constellation1")
    found = imported_by("from esignwire import AsyncConstellation1; import sys")
    assert "lxml" not in found
    assert "pydantic" not in imported_by("from esignwire.errors import EsignWireError")


def test_the_pytest_plugin_imports_next_to_nothing() -> None:
    assert imported_by("import esignwire.testing.plugin") == set()


def test_names_are_listed_by_dir_and_unknown_ones_refused() -> None:
    assert set(esignwire.__all__) <= set(dir(esignwire))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = esignwire.Nothing  # type: ignore[attr-defined]  # the point of the test


@pytest.mark.parametrize("name", PUBLIC_MODULES)
def test_all_is_the_truth(name: str) -> None:
    module = importlib.import_module(name)
    listed = module.__all__
    assert len(set(listed)) == len(listed)
    for exported in listed:
        assert hasattr(module, exported), exported
    if name != "esignwire.testing.plugin":
        # pytest finds hooks and fixtures by itself.
        assert public_names(module) - set(listed) == set()


def public_names(module: ModuleType) -> set[str]:
    """Names without an underscore of what our own packages define."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and str(value.__module__).startswith("esignwire")
        and (value.__module__ == module.__name__ or module.__name__.count(".") == 1)
        and not (module.__name__ == "esignwire.cli" and value.__module__ != "esignwire.cli")
    }


@pytest.mark.parametrize("name", PUBLIC_MODULES)
def test_everything_public_is_documented(name: str) -> None:
    module = importlib.import_module(name)
    assert inspect.getdoc(module)
    undocumented: list[str] = []
    for exported in module.__all__:
        value = getattr(module, exported)
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        if not value.__doc__ or value.__doc__.startswith(f"{exported}("):
            undocumented.append(exported)
        if inspect.isclass(value):
            undocumented += [
                f"{exported}.{member}"
                for member, one in vars(value).items()
                if not member.startswith("_")
                and (
                    inspect.isfunction(one)
                    or isinstance(one, property | classmethod | staticmethod)
                )
                and not inspect.getdoc(getattr(value, member))
            ]
    assert undocumented == []


def test_each_error_stands_in_the_tree_and_is_listed() -> None:
    defined = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, Exception) and not name.startswith("_")
    }
    assert defined == set(errors.__all__)
    for name in defined:
        assert issubclass(getattr(errors, name), errors.EsignWireError)
        assert name in str(errors.__doc__)


@pytest.mark.parametrize("name", ["AssureSign", "Signix", "Constellation1"])
def test_the_sync_and_the_async_client_have_the_same_methods(name: str) -> None:
    sync_client = getattr(esignwire, name)
    async_client = getattr(esignwire, f"Async{name}")
    renamed = {"aclose": "close", "__aenter__": "__enter__", "__aexit__": "__exit__"}
    sync_members = methods(sync_client)
    async_members = {
        renamed.get(member, member): one for member, one in methods(async_client).items()
    }
    assert sync_members.keys() == async_members.keys()
    for member, one in async_members.items():
        theirs = [str(parameter) for parameter in inspect.signature(one).parameters.values()]
        ours = [
            str(parameter)
            for parameter in inspect.signature(sync_members[member]).parameters.values()
        ]
        assert [text.replace("Async", "") for text in theirs] == ours, member


def methods(client: type) -> dict[str, object]:
    return {
        name: one
        for name, one in inspect.getmembers(client, inspect.isfunction)
        if not name.startswith("_") or name in {"__init__", "__aenter__", "__enter__"}
    }


@pytest.mark.parametrize("name", ["AssureSign", "Signix", "Constellation1"])
def test_the_help_of_a_sync_client_says_nothing_of_asyncio(name: str) -> None:
    text = pydoc.plain(pydoc.render_doc(getattr(esignwire, name)))
    assert "Closes all connections." in text
    assert re.search(r"asyncio|event loop|coroutine|\bawait\b", text, re.IGNORECASE) is None
