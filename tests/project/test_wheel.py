"""The wheel as users get it: installed alone, outside the checkout, with no network."""

from __future__ import annotations

import email
import json
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_python

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = {"esignwire": ROOT / "src", "esignwire_generated": ROOT / "generated"}

# Python runs this first: whoever tries to reach anything but this machine fails.
NO_NETWORK = """
import socket

_connect = socket.socket.connect


def connect(self, address):
    if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1"}:
        raise AssertionError(f"no network: {address}")
    return _connect(self, address)


def resolve(host, *rest, **more):
    if host not in {None, "127.0.0.1", "::1", "localhost"}:
        raise AssertionError(f"no network: {host}")
    return _getaddrinfo(host, *rest, **more)


_getaddrinfo = socket.getaddrinfo
socket.socket.connect = connect
socket.getaddrinfo = resolve
"""


@dataclass(frozen=True)
class Installed:
    """The wheel, installed in a virtual environment of its own."""

    wheel: Path
    folder: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.folder / "venv" / "bin" / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
            cwd=self.folder,
            env={},
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True, timeout=180)
    (wheel,) = folder.glob("*.whl")
    venv = folder / "venv"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True, timeout=180
    )
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(venv / "bin" / "python")),
            *("install", "--quiet", "--no-index", "--no-deps", str(wheel)),
        ],
        check=True,
        timeout=180,
    )
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site_packages = venv / "lib" / version / "site-packages"
    # The dependencies come from the environment of the tests, but not its installation of this
    # project: Python follows no .pth file of a folder that it was itself led to by one.
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    (site_packages / "sitecustomize.py").write_text(NO_NETWORK)
    return Installed(wheel=wheel, folder=folder)


def test_both_packages_are_whole_and_nothing_else_is_there(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = {name for name in wheel.namelist() if not name.endswith("/")}
    expected = {
        path.relative_to(root).as_posix()
        for package, root in PACKAGES.items()
        for path in (root / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    metadata = {name for name in names if ".dist-info/" in name}
    assert names - metadata == expected
    assert {Path(name).suffix for name in expected} == {".py", ".typed", ".wsdl", ".xsd", ".yaml"}
    assert {"esignwire/py.typed", "esignwire_generated/py.typed"} <= names
    assert {Path(name).name for name in metadata} == {
        "LICENSE",
        "METADATA",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
    }


def test_every_schema_is_bundled(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        for path in (ROOT / "schemas").rglob("*.*"):
            name = f"esignwire_generated/schemas/{path.relative_to(ROOT / 'schemas').as_posix()}"
            assert wheel.read(name) == path.read_bytes(), name


def test_its_metadata_is_complete(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith("METADATA"))
        metadata = email.message_from_string(wheel.read(name).decode("utf-8"))
    assert metadata["Name"] == "esignwire"
    assert metadata["Requires-Python"] == ">=3.11"
    assert {"cli", "emulator", "testing"} <= set(metadata.get_all("Provides-Extra", []))
    for version in ("3.11", "3.12", "3.13"):
        assert f"Programming Language :: Python :: {version}" in metadata.get_all("Classifier", [])


def test_it_runs_the_demonstration_alone(installed: Installed) -> None:
    ran = installed.run("esignwire", "demo")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "all as expected" in ran.stdout


def test_it_is_the_wheel_that_runs(installed: Installed) -> None:
    program = (
        "import json, esignwire, esignwire_generated\n"
        "print(json.dumps([esignwire.__file__, esignwire_generated.__file__,"
        " esignwire.__version__]))"
    )
    ran = installed.run("python", "-c", program)
    *files, version = json.loads(ran.stdout)
    assert all(Path(file).is_relative_to(installed.folder) for file in files)
    assert f"-{version}-" in installed.wheel.name


def test_it_finds_its_schemas(installed: Installed) -> None:
    ran = installed.run("esignwire", "schemas", "--json")
    assert {one["vendor"] for one in json.loads(ran.stdout)} == {
        "assuresign",
        "signix",
        "constellation1",
    }


def test_it_compares_its_schemas(installed: Installed) -> None:
    ours = ROOT / "schemas" / "assuresign" / "DocumentNOW.wsdl"
    ran = installed.run("esignwire", "schemas", "--compare", str(ours), "--json")
    assert ran.returncode == 0
    assert json.loads(ran.stdout)["differences"] == []


def test_the_network_is_blocked_indeed(installed: Installed) -> None:
    ran = installed.run(
        "python", "-c", "import socket; socket.create_connection(('192.0.2.1', 80))"
    )
    assert "no network" in ran.stderr


def test_the_first_test_of_the_documentation_needs_only_the_extra_testing(
    installed: Installed,
) -> None:
    page = (ROOT / "docs" / "testing.md").read_text("utf-8")
    code = page.partition("```python test\n")[2].partition("```")[0]
    (installed.folder / "test_first.py").write_text(code, "utf-8")
    program = (
        "import sys\n"
        "class Refuse:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in {'typer', 'rich', 'dask', 'xsdata', 'hypothesis'}:\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        "import pytest\n"
        "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', '-p', 'no:hypothesispytest',"
        " 'test_first.py']))"
    )
    ran = installed.run("python", "-c", program)
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr
    with zipfile.ZipFile(installed.wheel) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith("METADATA"))
        metadata = email.message_from_string(wheel.read(name).decode("utf-8"))
    due = {
        requirement.split(";")[0].split(">")[0].strip().lower()
        for requirement in metadata.get_all("Requires-Dist", [])
        if requirement.replace('"', "'").endswith("extra == 'testing'")
    }
    assert due >= {"starlette", "uvicorn", "pytest", "pytest-recording", "vcrpy", "pyyaml"}
