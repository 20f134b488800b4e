"""Changes of the schemas since a commit, told by what they mean to callers."""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
import zipfile
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from generator.build import read_vendor
from generator.facts import Fact, elements_in, facts_of_json, facts_of_xml, order_of
from generator.openapi.compile import FILE_NAME
from generator.openapi.document import read_document
from generator.operations import plan_operations
from generator.problems import SchemaProblem


class Meaning(StrEnum):
    """What a change means to callers."""

    BREAKING = "BREAKING"
    MASKING = "MASKING"
    WIRE = "WIRE"
    NEW = "NEW"


@dataclass(slots=True, kw_only=True)
class Change:
    """A change.

    Attributes:
        meaning: What it means.
        vendor: The folder of the schemas.
        where: The part that has changed.
        what: What has changed.
        names: The names of what the part belongs to, and those of the part, in Python and on the
            wire. An entry of the changelog is about the change where it has one of each.
        is_named: Whether the changelog names it; of changes that break callers alone.
    """

    meaning: Meaning
    vendor: str
    where: str
    what: str
    names: list[tuple[str, ...]]
    is_named: bool | None = None

    def __str__(self) -> str:
        return f"{self.meaning:<8}  {self.vendor}  {self.where}: {self.what}"

    def as_json(self) -> dict[str, object]:
        """The change for programs."""
        return asdict(self)


class NothingToCompare(Exception):
    """There is no older state to compare with. The message says why."""


class _Comparison:
    """The comparison of two facts, the changes found so far, and the parts that have one."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self._told: set[tuple[str, ...]] = set()

    def compare(self, old: Fact, new: Fact, trail: tuple[Fact, ...]) -> None:
        """Compares two facts of one title, and what is inside of them."""
        before = len(self.changes)
        for key in {**old.python, **new.python}:
            was, now = old.python.get(key, "absent"), new.python.get(key, "absent")
            if was != now:
                self._tell(Meaning.BREAKING, trail, _in_words(key, was, now))
        if new.is_demanded and not old.is_demanded:
            self._tell(Meaning.BREAKING, trail, "optional was made required")
        elif new.may_be_none and not old.may_be_none:
            self._tell(Meaning.BREAKING, trail, "may now be None when read")
        places = tuple(one for one in old.by_place if one in new.parts)
        if places != tuple(one for one in new.by_place if one in places):
            was, now = (
                ", ".join(one.partition(" ")[2] for one in some) for some in (places, new.by_place)
            )
            self._tell(
                Meaning.BREAKING, trail, f"by place it took {was}, and takes {now or 'none'}"
            )
        is_told = len(self.changes) > before
        if (old.is_secret, old.is_masked) != (new.is_secret, new.is_masked):
            is_more = (new.is_secret, new.is_masked) > (old.is_secret, old.is_masked)
            what = "is now secret" if is_more else "is no longer secret"
            where = ["repr"] if old.is_secret is not new.is_secret else []
            where += ["logs", "recorded cassettes"] if old.is_masked is not new.is_masked else []
            self._tell(Meaning.MASKING, trail, f"{what}: this changes {' and '.join(where)}")
        differing = [
            f"{key} was {_shown(old.wire.get(key))}, is {_shown(new.wire.get(key))}"
            for key in {**old.wire, **new.wire}
            if old.wire.get(key) != new.wire.get(key)
            # A list, or what is required, occurs otherwise: that was said.
            and not (is_told and key in {"least", "most", "required", "xs type", "whiteSpace"})
        ]
        if old.content is not None and new.content is not None:
            common = elements_in(old.content) & elements_in(new.content)
            was, now = order_of(old.content, common), order_of(new.content, common)
            if was != now:
                differing.append(f"the order was {was}, is {now}")
        if differing:
            self._tell(Meaning.WIRE, trail, "; ".join(differing))
        # What a method by hand takes is not in the schemas.
        if old.python.get("method") == new.python.get("method"):
            self._compare_parts(old, new, trail)

    def _compare_parts(self, old: Fact, new: Fact, trail: tuple[Fact, ...]) -> None:
        for title in {**old.parts, **new.parts}:
            before, after = old.parts.get(title), new.parts.get(title)
            if any(
                one is not None
                and one.stems_from
                and (trail[0].title, *one.stems_from) in self._told
                for one in (before, after)
            ):
                continue
            if before is not None and after is not None:
                self.compare(before, after, (*trail, after))
            elif before is not None:
                renamed = _renamed(before, old, new)
                what = "is gone" if renamed is None else f"is gone: it has become {renamed}"
                self._tell(Meaning.BREAKING, (*trail, before), what)
            elif after is not None:
                is_breaking = after.is_demanded
                self._tell(
                    Meaning.BREAKING if is_breaking else Meaning.NEW,
                    (*trail, after),
                    "is new, and required" if is_breaking else "is new",
                )

    def _tell(self, meaning: Meaning, trail: tuple[Fact, ...], what: str) -> None:
        titles = tuple(one.title for one in trail)
        self._told.update(titles[:end] for end in range(1, len(titles) + 1))
        vendor, *inner = trail
        names = [
            one.names for one in inner[-2:] or [vendor] if not _is_contract(one) or one is inner[-1]
        ]
        if len(names) > 1:
            names[0] = (*names[0], vendor.title)
        self.changes.append(
            Change(
                meaning=meaning,
                vendor=vendor.title,
                where=", ".join(one.title for one in inner) or "the vendor",
                what=what,
                names=names,
            )
        )


def _is_contract(one: Fact) -> bool:
    return one.title.startswith("contract ")


def _renamed(gone: Fact, old: Fact, new: Fact) -> str | None:
    """The title of the new part that has the last name, that of the wire, of one that is gone."""
    for title, one in new.parts.items():
        if title not in old.parts and one.names[-1] == gone.names[-1] and len(one.names) > 1:
            return title
    return None


def _shown(value: str | None) -> str:
    return "absent" if value in {None, "None", ""} else str(value)


def _in_words(key: str, was: str, now: str) -> str:
    if key == "type" and now == f"list[{was}]":
        return f"one was made many: {was} became {now}"
    if key == "type" and was == f"list[{now}]":
        return f"many were made one: {was} became {now}"
    return f"{key} was {was}, is {now}"


def changes_between(old: Path, new: Path) -> list[Change]:
    """Compares two trees that hold ``schemas`` and ``src``.

    The changes come vendor by vendor, those that break callers first.

    Raises:
        SchemaProblem: A schema cannot be compiled.
    """
    before, after = _folders(old / "schemas"), _folders(new / "schemas")
    for name in before.keys() & after.keys():
        if _contents(before[name]) == _contents(after[name]):
            del before[name], after[name]
    comparison = _Comparison()
    comparison.compare(_whole(before), _whole(after), ())
    order = list(Meaning)
    return sorted(comparison.changes, key=lambda one: (one.vendor, order.index(one.meaning)))


def _folders(schemas: Path) -> dict[str, Path]:
    found = schemas.iterdir() if schemas.is_dir() else ()
    return {one.name: one for one in found if one.is_dir() and not one.name.startswith(".")}


def _whole(folders: dict[str, Path]) -> Fact:
    return Fact(title="", names=(), parts={name: _facts(folders[name]) for name in sorted(folders)})


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def _facts(folder: Path) -> Fact:
    if (folder / FILE_NAME).exists():
        return facts_of_json(read_document(folder / FILE_NAME), folder.name)
    vendor, _ = read_vendor(folder)
    source_root = folder.parents[1] / "src" / "esignwire"
    return facts_of_xml(vendor, plan_operations(vendor, source_root))


def changes_since(reference: str, root: Path) -> list[Change]:
    """Compares the working tree with a commit, and notes what the changelog names.

    Raises:
        NothingToCompare: There is no such commit here, or its schemas cannot be read.
        SchemaProblem: A schema of the working tree cannot be compiled.
    """
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder).resolve()
        _check_out(reference, root, old)
        try:
            changes = changes_between(old, root)
        except SchemaProblem as problem:
            if problem.file is None or not problem.file.is_relative_to(old):
                raise
            problem.file = problem.file.relative_to(old)
            raise NothingToCompare(
                f"today's compiler refuses the schemas of {reference}: {problem}"
            ) from problem
    note_named(changes, (root / "CHANGELOG.md").read_text(encoding="utf-8"))
    return changes


def _check_out(reference: str, root: Path, target: Path) -> None:
    """Puts the schemas and sources of a commit into a folder."""
    try:
        found = _git(root, "rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}")
        if found.returncode:
            is_shallow = _git(root, "rev-parse", "--is-shallow-repository").stdout.strip()
            hint = (
                "this clone is shallow, so fetch more of it (git fetch --unshallow)"
                if is_shallow == b"true"
                else "git knows no such commit here"
            )
            raise NothingToCompare(f"there is no commit {reference}: {hint}")
        commit = found.stdout.decode().strip()
        packed = _git(root, "archive", "--format=zip", commit, "--", "schemas", "src/esignwire")
    except FileNotFoundError as error:
        raise NothingToCompare("git is not installed") from error
    if packed.returncode:
        said = packed.stderr.decode(errors="replace").strip()
        raise NothingToCompare(f"git cannot show the schemas of {reference}: {said}")
    with zipfile.ZipFile(io.BytesIO(packed.stdout)) as archive:
        archive.extractall(target)


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["git", "-C", str(root), *arguments],  # noqa: S607 - the user's git
        capture_output=True,
        check=False,
    )


def note_named(changes: list[Change], changelog: str) -> None:
    """Notes which of the changes that break callers the changelog names.

    An entry of the part Unreleased names a change where it is marked ``**breaking**`` and holds the
    name of the part, in Python's or the wire's spelling, and beside a member, a value or an
    argument the name of what it belongs to: the type, the operation or the vendor.
    """
    section = re.search(
        r"^## \[?Unreleased\]?.*?$(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    entries = re.split(r"^[-*] ", section[1], flags=re.MULTILINE)[1:] if section else []
    marked = [_words(one) for one in entries if "**breaking**" in one]
    for change in changes:
        if change.meaning is Meaning.BREAKING:
            change.is_named = any(
                all(any(_words(name) <= entry for name in names) for names in change.names)
                for entry in marked
            )


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
