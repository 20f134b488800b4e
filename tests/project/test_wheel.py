"""The wheel as users get it: installed alone, outside the checkout, with no network."""

from __future__ import annotations

import email
import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = {"esignwire": ROOT / "src", "esignwire_generated": ROOT / "generated"}

# Python runs this first: what reaches for anything but this machine fails.
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

    def run(
        self, program: str, *arguments: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.folder / "venv" / "bin" / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
            cwd=self.folder,
            env=environment,
        )

    @property
    def site_packages(self) -> Path:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.folder / "venv" / "lib" / version / "site-packages"

    @property
    def metadata(self) -> Message:
        with zipfile.ZipFile(self.wheel) as wheel:
            (name,) = (name for name in wheel.namelist() if name.endswith("METADATA"))
            return email.message_from_string(wheel.read(name).decode("utf-8"))


def built(source: Path, kind: str, folder: Path, *, umask: int = 0o022) -> Path:
    """What is built from a source, as if on the first of January 2025."""
    subprocess.run(
        [
            *(sys.executable, "-m", "build", f"--{kind}", "--no-isolation"),
            *("--outdir", str(folder), str(source)),
        ],
        check=True,
        capture_output=True,
        timeout=180,
        umask=umask,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1735689600"},
    )
    (path,) = folder.iterdir()
    return path


def needed(distribution_name: str, extras: frozenset[str]) -> Iterator[Distribution]:
    """The distributions that one needs, in any number of steps, and itself."""
    seen: set[tuple[str, str]] = set()
    left = [(distribution_name, extras)]
    while left:
        name, wanted = left.pop()
        found = distribution(name)
        yield found
        for line in found.requires or []:
            need = Requirement(line)
            for extra in ("", *wanted):
                key = (canonicalize_name(need.name), extra)
                if key not in seen and (
                    need.marker is None or need.marker.evaluate({"extra": extra})
                ):
                    seen.add(key)
                    left.append((need.name, frozenset(need.extras)))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    pytest.importorskip("pip", reason="make lowest installs with uv, and has no pip")
    folder = tmp_path_factory.mktemp("wheel")
    wheel = built(ROOT, "wheel", tmp_path_factory.mktemp("dist"))
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
    found = Installed(wheel=wheel, folder=folder)
    # The dependencies come from the environment of the tests, but not its installation of this
    # project: Python follows no .pth file of a folder that it was itself led to by one.
    (found.site_packages / "dependencies.pth").write_text(
        f"{sysconfig.get_path('purelib')}\nimport no_network\n"
    )
    # Not sitecustomize: Debian has one of its own, which Python finds first.
    (found.site_packages / "no_network.py").write_text(NO_NETWORK)
    return found


def with_extra(installed: Installed, extra: str, folder: Path) -> dict[str, str]:
    """The environment in which the wheel finds what the extra brings, and nothing else.

    Run ``python -S`` in it.
    """
    for found in needed("esignwire", frozenset({extra})):
        places = {file.parts[0] for file in found.files or []} - {"..", "__pycache__"}
        for place in places if found.name != "esignwire" else ():
            if not (folder / place).exists():
                (folder / place).symlink_to(Path(str(found.locate_file(place))))
    return {"PYTHONPATH": f"{installed.site_packages}{os.pathsep}{folder}"}


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
    metadata = installed.metadata
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert metadata["Name"] == "esignwire"
    assert metadata["Requires-Python"] == ">=3.11"
    assert set(metadata.get_all("Provides-Extra", [])) == set(project["optional-dependencies"])
    assert metadata.get_all("Classifier") == project["classifiers"]


def test_the_source_archive_builds_the_same_wheel(installed: Installed, tmp_path: Path) -> None:
    archive = built(ROOT, "sdist", tmp_path / "dist", umask=0o077)
    with tarfile.open(archive) as packed:
        # Python 3.11.2, that of Debian 12, has no argument for it yet.
        packed.extraction_filter = getattr(tarfile, "data_filter", None)
        packed.extractall(tmp_path)  # noqa: S202 - made by this test
    source = tmp_path / archive.name.removesuffix(".tar.gz")
    again = built(source, "wheel", tmp_path / "again", umask=0o077)
    assert again.name == installed.wheel.name
    assert again.read_bytes() == installed.wheel.read_bytes()


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


def test_the_extra_cli_is_complete(installed: Installed, tmp_path: Path) -> None:
    environment = with_extra(installed, "cli", tmp_path)
    ran = installed.run("python", "-S", "-m", "esignwire", "schemas", "--json", **environment)
    assert json.loads(ran.stdout), ran.stderr
    ran = installed.run("python", "-S", "-m", "esignwire", "demo", **environment)
    (line,) = ran.stderr.splitlines()
    # What is missing is in no index: the command must not ask for esignwire itself.
    _, _, command = line.partition(" needs it: ")
    assert command.startswith('pip install "')
    assert {Requirement(one).name for one in command.split('"')[1::2]} == {
        Requirement(one).name
        for one in installed.metadata.get_all("Requires-Dist", [])
        if one.replace('"', "'").endswith("extra == 'emulator'")
    }


def test_the_extra_emulator_is_complete(installed: Installed, tmp_path: Path) -> None:
    environment = with_extra(installed, "emulator", tmp_path)
    ran = installed.run("python", "-S", "-m", "esignwire", "demo", **environment)
    assert "all as expected" in ran.stdout, ran.stderr


def test_the_extra_testing_is_complete(installed: Installed, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "testing.md").read_text("utf-8")
    code = page.partition("```python test\n")[2].partition("```")[0]
    (installed.folder / "test_first.py").write_text(code, "utf-8")
    program = (
        "import no_network, sys, pytest\n"
        "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', 'test_first.py']))"
    )
    environment = with_extra(installed, "testing", tmp_path)
    ran = installed.run("python", "-S", "-c", program, **environment)
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr
    assert "hypothesis" not in ran.stdout


def test_a_missing_package_is_named_where_esignwire_is_not_installed(tmp_path: Path) -> None:
    # The clients alone are there, on the path.
    environment = {"PYTHONPATH": os.pathsep.join(map(str, [*PACKAGES.values(), tmp_path]))}
    program = "import esignwire.errors as errors\ntry:\n    import esignwire.emulator\n"
    program += "except ImportError as error:\n"
    program += "    assert isinstance(error, errors.ConfigurationError)\n    print(error)"
    for found in needed("esignwire", frozenset()):
        for place in {file.parts[0] for file in found.files or []} - {"..", "__pycache__"}:
            if "esignwire" not in place:
                (tmp_path / place).symlink_to(Path(str(found.locate_file(place))))
    ran = subprocess.run(
        [sys.executable, "-S", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment,
    )
    assert ran.stdout.endswith('pip install "starlette"\n'), ran.stderr
