"""State file: one SQLite file that holds what the vendors remember, record by record.

The records that a call looked at are written before its answer is sent, so that nothing that was
answered is lost when the process is killed. A record refers to others by reference: documents and
their envelope stay the same objects to each other.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import pickle
import sqlite3
import weakref
from collections import UserDict, deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from enum import Enum
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias, TypeVar, cast
from uuid import uuid4

from esignwire.emulator._wire import Blob, BlobWriter
from esignwire.errors import ConfigurationError

__all__ = ["Store"]

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_Name: TypeAlias = tuple[str, object]

_TABLES = """
CREATE TABLE IF NOT EXISTS about (version TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY, place TEXT NOT NULL, name TEXT NOT NULL, key BLOB NOT NULL,
    kind TEXT NOT NULL, value BLOB NOT NULL, is_gone INTEGER NOT NULL DEFAULT 0,
    UNIQUE (place, name)
);
CREATE TABLE IF NOT EXISTS blobs (
    id TEXT NOT NULL, number INTEGER NOT NULL, piece BLOB NOT NULL, PRIMARY KEY (id, number)
) WITHOUT ROWID;
"""
_WRITE = (
    "INSERT INTO records (place, name, key, kind, value) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (place, name) DO UPDATE SET kind = excluded.kind, value = excluded.value,"
    " is_gone = 0"
)
# Where the members of a holder stand that are no tables.
_WHOLE = "whole"
# A smaller document stands in the record that holds it.
_INLINE = 4096
_OURS = "esignwire.emulator."
# What stands in records beside our own classes. To read a pickle is to call what it names, so that
# a file that names anything else is not read.
_FOREIGN = frozenset(
    {
        ("builtins", "frozenset"),
        ("builtins", "set"),
        ("datetime", "datetime"),
        ("datetime", "timedelta"),
        ("datetime", "timezone"),
        ("uuid", "SafeUUID"),
        ("uuid", "UUID"),
    }
)


# What a file that is damaged or something else can bring about.
_UNREADABLE = (
    sqlite3.Error,
    pickle.UnpicklingError,
    AttributeError,
    EOFError,
    ImportError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
)


class _Records(UserDict[_Key, _Value]):
    """A table of records that notes which of them were looked at."""

    def __init__(self, place: str, touched: dict[_Name, None]) -> None:
        super().__init__()
        self._place = place
        self._touched = touched

    def __getitem__(self, key: _Key) -> _Value:
        if key in self.data:
            self._touched[self._place, key] = None
        return self.data[key]

    def __setitem__(self, key: _Key, value: _Value) -> None:
        self._touched[self._place, key] = None
        self.data[key] = value

    def __delitem__(self, key: _Key) -> None:
        self._touched[self._place, key] = None
        del self.data[key]

    def clear(self) -> None:
        """Forget all records at once."""
        self._touched.update(((self._place, key), None) for key in self.data)
        self.data.clear()


class Store:
    """A state file and the objects whose state it keeps. The caller holds the state's lock.

    Each object has a name in the file, and the names of its members: dictionaries become tables of
    records; other members are kept as a whole.

    Raises:
        ConfigurationError: The file cannot be used: another emulator has it, another version wrote
            it, or it is something else.
    """

    def __init__(
        self, path: Path, holders: Mapping[str, tuple[Callable[[], object], tuple[str, ...]]]
    ) -> None:
        self._path = path
        self._holders = holders
        self._touched: dict[_Name, None] = {}
        self._tables: dict[str, _Records[object, object]] = {}
        # Digests of what is in the file.
        self._written: dict[_Name, bytes] = {}
        # The names of the records by the identities of their objects. An entry may be out of date.
        self._names: dict[int, _Name] = {}
        self._referenced: set[_Name] = set()
        # The names of the documents that are in the file.
        self._saved: weakref.WeakKeyDictionary[Blob, str] = weakref.WeakKeyDictionary()
        try:
            # The file holds passwords and documents.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._file = sqlite3.connect(
                path, timeout=0, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from None
        try:
            self._load()
        except _UNREADABLE as error:
            self._file.close()
            raise self._unusable(error) from None
        except ConfigurationError:
            self._file.close()
            raise

    def save(self) -> None:
        """Write what has changed; returns when a killed process would not lose it.

        Raises:
            ConfigurationError: The file cannot be written.
        """
        self._adopt()
        writing = _Writing(self._names, self._tables, self._saved, self._referenced)
        for place, key in self._touched:
            writing.register(place, key)
        digests: dict[_Name, bytes | None] = {}
        try:
            with self._transaction():
                # In the order in which they came, which tables keep.
                waiting = deque(self._touched)
                while waiting:
                    place, key = waiting.popleft()
                    if (place, key) in digests:
                        continue
                    table = self._tables[place].data
                    if key in table:
                        kind, value = writing.record((place, key), table[key])
                        waiting += writing.references
                        digests[place, key] = self._write(place, key, kind, value)
                    else:
                        self._remove(place, key)
                        digests[place, key] = None
                for holder in self._holders:
                    value = writing.dump(self._whole(holder))
                    digests[_WHOLE, holder] = self._write(_WHOLE, holder, "", value)
                for blob, name in writing.blobs.items():
                    self._file.executemany(
                        "INSERT INTO blobs VALUES (?, ?, ?)",
                        ((name, number, piece) for number, piece in enumerate(blob.chunks())),
                    )
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from None
        self._touched.clear()
        self._saved.update(writing.blobs)
        for written, digest in digests.items():
            if digest is None:
                self._written.pop(written, None)
            else:
                self._written[written] = digest

    @contextmanager
    def reading(self) -> Generator[None]:
        """Look at records without a change of them."""
        before = dict(self._touched)
        try:
            yield
        finally:
            self._touched.clear()
            self._touched.update(before)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._file.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    def _remove(self, place: str, key: object) -> None:
        """Take a record out of its table. It stays in the file while others may refer to it."""
        statement = "DELETE FROM records"
        if (place, key) in self._referenced:
            statement = "UPDATE records SET is_gone = 1"
        self._file.execute(f"{statement} WHERE place = ? AND name = ?", (place, repr(key)))

    def _write(self, place: str, key: object, kind: str, value: bytes) -> bytes:
        digest = hashlib.blake2b(value, digest_size=16).digest()
        if self._written.get((place, key)) != digest:
            row = (place, repr(key), pickle.dumps(key), kind, value)
            self._file.execute(_WRITE, row)
        return digest

    def _adopt(self) -> None:
        """Make tables of the dictionaries that are none yet."""
        for holder, (get, members) in self._holders.items():
            found = get()
            for member in members:
                content: object = getattr(found, member)
                if type(content) is not dict:
                    continue
                place = f"{holder}.{member}"
                table = _Records[object, object](place, self._touched)
                for key in [key for where, key in self._written if where == place]:
                    self._touched[place, key] = None
                table.update(cast("dict[object, object]", content))
                self._tables[place] = table
                setattr(found, member, table)

    def _whole(self, holder: str) -> dict[str, object]:
        get, members = self._holders[holder]
        found = get()
        values: dict[str, object] = {name: getattr(found, name) for name in members}
        return {name: one for name, one in values.items() if not isinstance(one, _Records)}

    def _load(self) -> None:
        tables = self._file.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall()
        if tables and ("about",) not in tables:
            raise ConfigurationError(
                f"The state file {self._path} is a database of another program: use another file."
            )
        for statement in (
            "PRAGMA locking_mode = EXCLUSIVE",
            "PRAGMA journal_mode = WAL",
            # A killed process loses nothing then; a power cut may lose the last calls.
            "PRAGMA synchronous = NORMAL",
        ):
            self._file.execute(statement)
        self._file.executescript(_TABLES)
        ours = version("esignwire")
        with self._transaction():
            known = self._file.execute("SELECT version FROM about").fetchone()
            if known is None:
                self._file.execute("INSERT INTO about VALUES (?)", (ours,))
            elif known != (ours,):
                raise ConfigurationError(
                    f"The state file {self._path} is of version {known[0]} of esignwire, and this"
                    f" is {ours}: use another file."
                )
        self._adopt()
        for table in self._tables.values():
            table.data.clear()
        self._touched.clear()
        records: dict[_Name, object] = {}
        reading = _Reading(records, self._blob)
        rows = self._file.execute(
            "SELECT place, key, kind, value, is_gone FROM records ORDER BY number"
        ).fetchall()
        # Records refer to each other in circles: all are made before any is filled.
        made: list[tuple[str, object, object, bytes]] = []
        for place, packed, kind, value, is_gone in rows:
            key = reading.load(packed)
            record = cast("object", object.__new__(_class(kind))) if kind else None
            records[place, key] = record
            if not is_gone:
                self._written[place, key] = hashlib.blake2b(value, digest_size=16).digest()
                if place != _WHOLE:
                    self._tables[place].data[key] = record
                    if record is not None:
                        self._names[id(record)] = place, key
            made.append((place, key, record, value))
        for place, key, record, value in made:
            content = reading.load(value)
            if place == _WHOLE:
                self._fill(self._holders[str(key)][0](), content)
            elif record is None:
                self._tables[place].data[key] = content
            else:
                self._fill(record, content)
        self._referenced.update(reading.referenced)
        for place, key, *_, is_gone in rows:
            if is_gone and (place, reading.load(key)) not in self._referenced:
                self._file.execute("DELETE FROM records WHERE place = ? AND key = ?", (place, key))
        kept = set(self._saved.values())
        for (name,) in self._file.execute("SELECT DISTINCT id FROM blobs").fetchall():
            if name not in kept:
                self._file.execute("DELETE FROM blobs WHERE id = ?", (name,))

    def _fill(self, record: object, content: object) -> None:
        for name, value in cast("dict[str, object]", content).items():
            object.__setattr__(record, name, value)

    def _blob(self, name: str) -> Blob:
        writer = BlobWriter()
        query = "SELECT piece FROM blobs WHERE id = ? ORDER BY number"
        for (piece,) in self._file.execute(query, (name,)):
            writer.append(piece)
        blob = writer.sealed()
        self._saved[blob] = name
        return blob

    def _unusable(self, error: Exception) -> ConfigurationError:
        return ConfigurationError(
            f"The state file {self._path} cannot be used, by another emulator perhaps: {error}."
        )


class _Writing:
    """Writes records for one transaction."""

    def __init__(
        self,
        names: dict[int, _Name],
        tables: Mapping[str, _Records[object, object]],
        saved: Mapping[Blob, str],
        referenced: set[_Name],
    ) -> None:
        self._names = names
        self._tables = tables
        self._saved = saved
        self._referenced = referenced
        self.blobs: dict[Blob, str] = {}
        self.references: list[_Name] = []

    def register(self, place: str, key: object) -> None:
        """Note the object of a record, so that others refer to it."""
        value = self._tables[place].data.get(key)
        # One object may stand in two tables; the first is its place, the other refers to it.
        if dataclasses.is_dataclass(value) and self._name(value) is None:
            self._names[id(value)] = place, key

    def record(self, name: _Name, value: object) -> tuple[str, bytes]:
        """Write a record as its class and its members, or as a whole where it is no object."""
        if (
            not dataclasses.is_dataclass(value)
            or isinstance(value, type)
            or self._name(value) != name
        ):
            return "", self.dump(value)
        members = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
        return f"{type(value).__module__}:{type(value).__name__}", self.dump(members)

    def dump(self, value: object) -> bytes:
        """Write a value; ``references`` are the records that it refers to."""
        self.references = []
        stream = io.BytesIO()
        _Pickler(stream, self).dump(value)
        return stream.getvalue()

    def reference(self, value: object) -> object:
        """Give what stands in a record for another record or a document."""
        if isinstance(value, Blob):
            if value.size <= _INLINE:
                return "bytes", value.read()
            name = self._saved.get(value) or self.blobs.setdefault(value, uuid4().hex)
            return "blob", name
        found = self._name(value)
        if found is None:
            return None
        self.references.append(found)
        self._referenced.add(found)
        return "record", *found

    def _name(self, value: object) -> _Name | None:
        found = self._names.get(id(value))
        if found is None or self._tables[found[0]].data.get(found[1]) is not value:
            return None
        return found


class _Pickler(pickle.Pickler):
    def __init__(self, stream: io.BytesIO, writing: _Writing) -> None:
        super().__init__(stream, protocol=5)
        self._writing = writing

    def persistent_id(self, obj: object) -> object:
        return self._writing.reference(obj)

    def reducer_override(self, obj: object) -> tuple[type[Enum], tuple[object]]:
        # Python 3.11.3 and older write a member of an enumeration as a call of getattr, which no
        # file may name.
        return (type(obj), (obj.value,)) if isinstance(obj, Enum) else NotImplemented


class _Reading:
    """Reads records."""

    def __init__(self, records: Mapping[_Name, object], blob: Callable[[str], Blob]) -> None:
        self.referenced: set[_Name] = set()
        self._records = records
        self._blob = blob
        self._blobs: dict[str, Blob] = {}

    def load(self, value: bytes) -> object:
        """Read a value."""
        return cast("object", _Unpickler(io.BytesIO(value), self).load())

    def resolve(self, reference: object) -> object:
        """Give the record or the document that a reference stands for."""
        match reference:
            case ("bytes", bytes() as content):
                return Blob.of(content)
            case ("blob", str() as name):
                if name not in self._blobs:
                    self._blobs[name] = self._blob(name)
                return self._blobs[name]
            case ("record", str() as place, object() as key) if (place, key) in self._records:
                self.referenced.add((place, key))
                return self._records[place, key]
            case _:
                raise pickle.UnpicklingError("a reference leads nowhere")


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, reading: _Reading) -> None:
        super().__init__(stream)
        self._reading = reading

    def persistent_load(self, pid: object) -> object:
        return self._reading.resolve(pid)

    def find_class(self, module: str, name: str) -> object:
        if (module, name) in _FOREIGN:
            return super().find_class(module, name)
        return _class(f"{module}:{name}")


def _class(kind: str) -> type:
    """Find a class of the emulator by its module and name."""
    module, _, name = kind.partition(":")
    found: object = None
    if module.startswith(_OURS):
        found = getattr(import_module(module), name, None)
    if not isinstance(found, type) or not found.__module__.startswith(_OURS):
        raise pickle.UnpicklingError(f"it names {kind}")
    return found
