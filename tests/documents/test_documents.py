"""Documents in the hands of a caller, and on their way out."""

from __future__ import annotations

import base64
import copy
import errno
import gc
import gzip
import io
import os
import pickle
import random
import signal
import stat
import sys
import tempfile
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

import esignwire
from esignwire._call import Call
from esignwire._codec import Unwritable, document
from esignwire._documents import (
    DocumentStore,
    ReceivedDocument,
    SplicedBody,
    Upload,
    new_token,
    splice_base64,
    splice_form,
    splice_mtom,
    upload_of,
)
from esignwire._http import chunks, measure
from esignwire.errors import InvalidRequest, TransportError
from esignwire.signix import form_of

CALL = Call(vendor="SIGNiX", operation="SubmitDocument", is_safe=False)
SMALL = b"%PDF-1.4\r\n\0\xff"
LARGE = random.Random(1).randbytes(3_000_001)
_NOBODY = 65_534

posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions and pipes of POSIX")


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A folder, seen by somebody who may not do everything: the superuser steps down meanwhile."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if os.geteuid() != 0:
            yield folder
            return
        os.chown(folder, _NOBODY, -1)
        os.seteuid(_NOBODY)
        try:
            yield folder
        finally:
            os.seteuid(0)


def stored(*contents: bytes, step: int = 70_000) -> list[ReceivedDocument]:
    """Documents as an answer brings them."""
    store = DocumentStore()
    found = []
    for content in contents:
        for start in range(0, len(content), step):
            store.write(content[start : start + step])
        found.append(store.complete())
    return found


def small() -> ReceivedDocument:
    return ReceivedDocument(SMALL)


def large() -> ReceivedDocument:
    return stored(LARGE)[0]


def between() -> ReceivedDocument:
    """In a file that others share."""
    return stored(LARGE[:1_500_000], LARGE, SMALL)[1]


KINDS: list[tuple[Callable[[], ReceivedDocument], bytes]] = [
    (small, SMALL),
    (large, LARGE),
    (between, LARGE),
    (ReceivedDocument, b""),
    (lambda: stored(b"", b"x")[0], b""),
    (lambda: stored(LARGE, SMALL)[1], SMALL),
]
each_kind = pytest.mark.parametrize(
    ("make", "content"), KINDS, ids=["memory", "file", "shared", "empty", "no bytes", "last"]
)


def open_files() -> int | None:
    """How many files this process has open, where the system tells."""
    folder = Path("/proc/self/fd")
    # What other tests left in cycles goes now, not between two counts.
    gc.collect()
    return len(list(folder.iterdir())) if folder.is_dir() else None


class TestReceived:
    @each_kind
    def test_the_content(self, make: Callable[[], ReceivedDocument], content: bytes) -> None:
        document = make()
        assert document.read() == content
        assert document.read() == content
        assert bytes(document) == content
        assert document.size == len(document) == len(content)
        assert bool(document)

    @each_kind
    @pytest.mark.parametrize("size", [1_000_003, 196_608, 10_000_000])
    def test_in_pieces(
        self, make: Callable[[], ReceivedDocument], content: bytes, size: int
    ) -> None:
        pieces = list(make().chunks(size))
        assert b"".join(pieces) == content
        assert all(len(piece) == size for piece in pieces[:-1])
        assert all(pieces)

    @pytest.mark.parametrize("size", [0, -1])
    def test_pieces_have_a_size(self, size: int) -> None:
        with pytest.raises(ValueError, match="1 or more"):
            small().chunks(size)

    @each_kind
    def test_equality(self, make: Callable[[], ReceivedDocument], content: bytes) -> None:
        document = make()
        assert document == make()
        assert document == content
        assert content == document
        assert document == bytearray(content)
        assert hash(document) == hash(make()) == hash(content)
        assert len({document, content}) == 1
        for other in (content + b"x", content[:-1] + b"\1\2", b"y" * len(content) + b"z"):
            assert document != other
            assert document != ReceivedDocument(other)
        if content:
            changed = content[:-1] + bytes([content[-1] ^ 1])
            assert document != changed
            assert document != ReceivedDocument(changed)
        assert document != "text"
        assert document is not None

    @each_kind
    def test_copies(self, make: Callable[[], ReceivedDocument], content: bytes) -> None:
        document = make()
        assert copy.copy(document) == content
        assert copy.deepcopy({"a": [document]}) == {"a": [content]}
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            restored = pickle.loads(pickle.dumps(document, protocol))  # noqa: S301 - our own
            assert type(restored) is ReceivedDocument
            assert restored == content

    @each_kind
    def test_its_representation_shows_no_content(
        self, make: Callable[[], ReceivedDocument], content: bytes
    ) -> None:
        assert repr(make()) == str(make()) == f"ReceivedDocument({len(content)} bytes)"

    def test_its_hash_sum(self) -> None:
        found = ReceivedDocument(b"abc").sha256()
        assert found == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    def test_many_threads_read_it(self) -> None:
        document = between()
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda size: b"".join(document.chunks(size)), [50_000] * 16))
        assert all(one == LARGE for one in found)

    def test_a_document_is_read_while_the_next_is_written(self) -> None:
        store = DocumentStore()
        store.write(LARGE)
        first = store.complete()
        pieces = first.chunks()
        started = next(pieces)
        store.write(SMALL)
        assert started + b"".join(pieces) == LARGE
        store.write(SMALL)
        assert store.complete() == SMALL * 2

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
    def test_a_forked_process_reads_the_same(self) -> None:
        """As if another thread were writing at the fork, whose lock nobody in the child holds."""
        document = between()
        with document._bytes._lock.held, warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
            if child == 0:
                # Ends it where it waits for ever.
                signal.alarm(60)
                is_same = False
                try:
                    is_same = all(b"".join(document.chunks(5_000)) == LARGE for _ in range(20))
                finally:
                    os._exit(0 if is_same else 1)
        found = {b"".join(document.chunks(5_000)) == LARGE for _ in range(20)}
        assert os.waitpid(child, 0) == (child, 0)
        assert found == {True}

    @pytest.mark.skipif(not hasattr(os, "pread"), reason="this system reads with a lock")
    @each_kind
    def test_reading_waits_for_nobody(
        self, make: Callable[[], ReceivedDocument], content: bytes
    ) -> None:
        document = make()
        with document._bytes._lock.held:
            assert document.read() == content

    @pytest.mark.skipif(not hasattr(os, "pread"), reason="this system has one place a file")
    def test_the_place_of_the_file_does_not_matter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A forked process has the same one, so it moves at any time."""
        monkeypatch.delattr(os, "lseek")
        assert between() == LARGE

    def test_where_places_cannot_be_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As on Windows: the place is sought, and a lock keeps it."""
        monkeypatch.setattr("esignwire._documents.received._HAS_PLACES", False)
        for name in ("pread", "pwrite"):
            monkeypatch.delattr(os, name, raising=False)
        self.test_many_threads_read_it()
        self.test_a_document_is_read_while_the_next_is_written()

    @pytest.mark.parametrize("places", [True, False])
    def test_what_the_system_does_in_part_is_gone_on_with(
        self, places: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if places and not hasattr(os, "pread"):
            pytest.skip("this system reads with a lock")
        monkeypatch.setattr("esignwire._documents.received._HAS_PLACES", places)
        most = 300_000
        if places:
            pread, pwrite = os.pread, os.pwrite
            monkeypatch.setattr(os, "pread", lambda to, size, at: pread(to, min(size, most), at))
            monkeypatch.setattr(os, "pwrite", lambda to, data, at: pwrite(to, data[:most], at))
        else:
            read, write = os.read, os.write
            monkeypatch.setattr(os, "read", lambda to, size: read(to, min(size, most)))
            monkeypatch.setattr(os, "write", lambda to, data: write(to, data[:most]))
        assert stored(LARGE, LARGE, step=2_000_000)[1].read() == LARGE

    def test_files_go_away_with_the_last_document(self) -> None:
        before = open_files()
        documents = stored(LARGE, LARGE, SMALL)
        if before is not None:
            assert open_files() == before + 1
        del documents[:2]
        assert documents[0] == SMALL
        documents.clear()
        assert open_files() == before

    def test_files_go_away_when_nobody_asks_for_them(self) -> None:
        """Not even a warning is left of them, though a cycle holds them."""
        before = open_files()
        holder: list[object] = [*stored(LARGE), DocumentStore()]
        store = holder[-1]
        assert isinstance(store, DocumentStore)
        store.write(LARGE)
        holder.append(holder)
        del holder, store
        gc.collect()
        assert open_files() == before

    def test_nothing_is_left_in_the_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        documents = stored(LARGE)
        assert documents[0] == LARGE
        if sys.platform != "win32":
            assert list(tmp_path.iterdir()) == []

    def test_small_documents_need_no_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tempfile, "tempdir", "/there/is/no/such/folder")
        assert stored(b"x" * 1_000_000) == [b"x" * 1_000_000]
        with pytest.raises(OSError, match="No such file"):
            stored(LARGE)

    def test_it_is_public(self) -> None:
        assert esignwire.ReceivedDocument is ReceivedDocument
        assert esignwire.DocumentSource is not None
        assert esignwire.Progress is not None


class TestSave:
    @each_kind
    @pytest.mark.parametrize("kind", [str, Path])
    def test_saved(
        self,
        make: Callable[[], ReceivedDocument],
        content: bytes,
        kind: Callable[[Path], Any],
        tmp_path: Path,
    ) -> None:
        target = tmp_path / "signed.pdf"
        assert make().save(kind(target)) == target
        assert target.read_bytes() == content
        assert list(tmp_path.iterdir()) == [target]

    def test_saved_twice_and_still_readable(self, tmp_path: Path) -> None:
        document = between()
        assert document.save(tmp_path / "a").read_bytes() == LARGE
        assert document.save(tmp_path / "b").read_bytes() == LARGE
        assert document.read() == LARGE

    def test_a_file_of_that_name_is_replaced(self, tmp_path: Path) -> None:
        target = tmp_path / "signed.pdf"
        target.write_bytes(b"old" * 1_000)
        with target.open("rb") as reader:
            small().save(target)
            # Whoever reads the old file goes on reading it.
            assert reader.read() == b"old" * 1_000
        assert target.read_bytes() == SMALL

    def test_the_longest_name(self, tmp_path: Path) -> None:
        target = tmp_path / ("n" * 255)
        assert small().save(target).read_bytes() == SMALL

    def test_in_the_folder_at_hand(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert small().save("signed.pdf") == Path("signed.pdf")
        assert (tmp_path / "signed.pdf").read_bytes() == SMALL

    @posix
    def test_permissions(self, tmp_path: Path) -> None:
        plain = tmp_path / "plain"
        plain.touch()
        saved = small().save(tmp_path / "saved")
        assert stat.S_IMODE(saved.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
        saved.chmod(0o640)
        small().save(saved)
        assert stat.S_IMODE(saved.stat().st_mode) == 0o640

    def test_where_it_cannot_be_saved_nothing_is_left(self, tmp_path: Path) -> None:
        (tmp_path / "folder" / "inner").mkdir(parents=True)
        with pytest.raises(OSError, match="irectory"):
            large().save(tmp_path / "folder")
        with pytest.raises(FileNotFoundError):
            large().save(tmp_path / "none" / "signed.pdf")
        assert [one.name for one in tmp_path.iterdir()] == ["folder"]

    @pytest.mark.parametrize("failing", ["fsync", "replace"])
    def test_a_full_disk_leaves_the_old_file(
        self, failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = tmp_path / "signed.pdf"
        target.write_bytes(b"old")

        def fail(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(*((os, "fsync") if failing == "fsync" else (Path, "replace")), fail)
        with pytest.raises(OSError, match="No space left"):
            large().save(target)
        assert target.read_bytes() == b"old"
        assert list(tmp_path.iterdir()) == [target]

    @posix
    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk")
    def test_a_full_disk_while_writing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As the system itself says it: the file beside the target is a full device."""
        original = os.open

        def full(path: Any, flags: int, mode: int = 0o777, **options: Any) -> int:
            if str(path).endswith(".part"):
                os.close(original(path, flags, mode, **options))
                return original("/dev/full", os.O_WRONLY)
            return original(path, flags, mode, **options)

        document = large()
        monkeypatch.setattr(os, "open", full)
        with pytest.raises(OSError, match="No space left"):
            document.save(tmp_path / "signed.pdf")
        assert list(tmp_path.iterdir()) == []

    @posix
    @pytest.mark.parametrize("mask", [0o022, 0o077, 0o002], ids=oct)
    @pytest.mark.parametrize("existing", [None, 0o600, 0o644, 0o640], ids=str)
    def test_nobody_else_reads_it_before_it_is_complete(
        self, mask: int, existing: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = tmp_path / "signed.pdf"
        if existing is not None:
            target.touch()
            target.chmod(existing)
        seen: set[tuple[int, bool]] = set()

        def look(event: str) -> None:
            for path in tmp_path.glob("*.part"):
                found = path.stat()
                seen.add((stat.S_IMODE(found.st_mode), found.st_size > 0))
            events.append(event)

        events: list[str] = []
        pieces, fsync = ReceivedDocument.chunks, os.fsync

        def chunks(document: ReceivedDocument, size: int = 100_000) -> Iterator[bytes]:
            for piece in pieces(document, size):
                look("chunk")
                yield piece

        def synced(descriptor: int) -> None:
            fsync(descriptor)
            look("fsync")

        monkeypatch.setattr(ReceivedDocument, "chunks", chunks)
        monkeypatch.setattr(os, "fsync", synced)
        before = os.umask(mask)
        try:
            large().save(target)
        finally:
            os.umask(before)
        assert {"chunk", "fsync"} == set(events)
        assert {mode for mode, _ in seen} == {0o600}
        assert (0o600, True) in seen
        due = 0o666 & ~mask if existing is None else existing
        assert stat.S_IMODE(target.stat().st_mode) == due
        assert list(tmp_path.iterdir()) == [target]

    @pytest.mark.parametrize("name", ["", ".", "/", ".."])
    def test_a_folder_is_no_target(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "inner").mkdir()
        monkeypatch.chdir(tmp_path / "inner")
        with pytest.raises(OSError, match=r"irectory|busy|ccess"):
            small().save(name)
        assert [one.name for one in tmp_path.rglob("*")] == ["inner"]

    @posix
    def test_a_pipe_is_written_to_and_not_replaced(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        try:
            assert ReceivedDocument(b"%PDF").save(pipe) == pipe
            assert os.read(reader, 100) == b"%PDF"
        finally:
            os.close(reader)
        assert pipe.is_fifo()

    def test_a_symbolic_link_is_replaced(self, tmp_path: Path) -> None:
        real, link = tmp_path / "real", tmp_path / "link"
        real.write_bytes(b"old")
        real.chmod(0o640)
        link.symlink_to(real)
        small().save(link)
        assert not link.is_symlink()
        assert link.read_bytes() == SMALL
        assert stat.S_IMODE(link.stat().st_mode) == 0o640
        assert real.read_bytes() == b"old"

    def test_an_interruption_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(_: int) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            large().save(tmp_path / "signed.pdf")
        assert list(tmp_path.iterdir()) == []


def read(upload: Upload) -> bytes:
    pieces = list(upload.chunks())
    assert all(len(piece) % 3 == 0 for piece in pieces[:-1])
    assert all(pieces)
    content = b"".join(pieces)
    assert len(content) == upload.size
    return content


class _Slow(io.RawIOBase):
    """A file of one's own that gives a few bytes at a time."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1, /) -> bytes:
        return self._file.read(min(size, 1_000) if size >= 0 else -1)


class TestUploads:
    @pytest.mark.parametrize("content", [b"x", SMALL, LARGE, LARGE[:196_608], LARGE[:196_609]])
    def test_every_source(self, content: bytes, tmp_path: Path) -> None:
        path = tmp_path / "a.pdf"
        path.write_bytes(content)
        document = stored(SMALL, content)[1]
        with path.open("rb") as file, path.open("rb", buffering=0) as raw, path.open("r+b") as both:
            for source in (
                content, bytearray(content), path, file, raw, both, io.BytesIO(content),
                document, ReceivedDocument(content), _Slow(content),
            ):  # fmt: skip
                upload = upload_of(source)
                assert read(upload) == content
                # As a retry does.
                assert read(upload) == content

    def test_any_path(self, tmp_path: Path) -> None:
        (tmp_path / "b").write_bytes(SMALL)

        class Ours:
            def __fspath__(self) -> str:
                return str(tmp_path / "b")

        class InBytes:
            def __fspath__(self) -> bytes:
                return os.fsencode(tmp_path / "b")

        assert read(upload_of(Ours())) == SMALL
        assert read(upload_of(InBytes())) == SMALL

    def test_an_open_file_is_sent_from_where_it_stands(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(LARGE)
        with path.open("rb") as file:
            file.seek(1_000)
            upload = upload_of(file)
            assert file.tell() == 1_000
            assert read(upload) == LARGE[1_000:]
            assert read(upload) == LARGE[1_000:]

    def test_what_is_empty_is_refused_unless_it_is_meant(self, tmp_path: Path) -> None:
        path, behind, written = tmp_path / "a", io.BytesIO(SMALL), io.BytesIO()
        path.write_bytes(b"")
        behind.seek(len(SMALL) + 100)
        written.write(SMALL)
        for source in (b"", bytearray(), path, behind, written):
            with pytest.raises(ValueError, match=r"seek\(0\)"):
                upload_of(source)
        written.seek(0)
        assert read(upload_of(written)) == SMALL
        assert read(upload_of(ReceivedDocument(b""))) == b""

    def test_what_a_bytearray_held_is_sent(self) -> None:
        content = bytearray(SMALL)
        upload = upload_of(content)
        content[:] = b"something else"
        assert read(upload) == SMALL

    @pytest.mark.parametrize(
        "source",
        ["a.pdf", 5, None, [b"x"], object(), memoryview(b"x"), b"x".hex],
        ids=lambda source: type(source).__name__,
    )
    def test_other_things_are_refused(self, source: object) -> None:
        with pytest.raises(ValueError, match=r"bytes, a pathlib\.Path or an open binary file"):
            upload_of(source)

    def test_files_that_cannot_be_sent(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_text("text")
        with path.open() as text, pytest.raises(ValueError, match="binary mode"):
            upload_of(text)
        with pytest.raises(ValueError, match="binary mode"):
            upload_of(io.StringIO("text"))
        with path.open("ab") as writer, pytest.raises(ValueError, match="for reading"):
            upload_of(writer)
        with path.open("rb") as closed:
            pass
        with pytest.raises(ValueError, match="open for reading"):
            upload_of(closed)
        with pytest.raises(ValueError, match="regular file"):
            upload_of(tmp_path)
        with pytest.raises(FileNotFoundError):
            upload_of(tmp_path / "none")

    @posix
    def test_pipes_are_refused(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ValueError, match="regular file"):
            upload_of(tmp_path / "pipe")
        reading, writing = os.pipe()
        with (
            os.fdopen(reading, "rb") as pipe,
            os.fdopen(writing, "wb"),
            pytest.raises(ValueError, match="can seek"),
        ):
            # Nothing is read: it would wait for ever.
            upload_of(pipe)

    @posix
    def test_a_file_that_may_not_be_read(self) -> None:
        with unprivileged() as folder:
            path = folder / "secret"
            path.write_bytes(SMALL)
            assert upload_of(path).size == len(SMALL)
            path.chmod(0)
            with pytest.raises(PermissionError):
                upload_of(path)


class Ours(io.BytesIO):
    """An open file of the caller's, which raises what it likes from some read on."""

    def __init__(self, error: BaseException, reads: int, size: int = 100) -> None:
        super().__init__(b"x" * size)
        self._error = error
        self._left = reads

    def read(self, size: int | None = -1, /) -> bytes:
        if not self._left:
            raise self._error
        self._left -= 1
        return super().read(size)


def cut_off(_: Path) -> Any:
    return gzip.open(io.BytesIO(gzip.compress(random.Random(1).randbytes(300_000))[:150_000]))


def damaged(_: Path) -> Any:
    whole = io.BytesIO()
    # Compressed: of others Python 3.13 checks no sum once it has moved within them.
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", random.Random(1).randbytes(330_000))
    content = bytearray(whole.getvalue())
    content[200_000] ^= 1
    return zipfile.ZipFile(io.BytesIO(bytes(content))).open("a")


def no_gzip(_: Path) -> Any:
    return gzip.open(io.BytesIO(b"quoted"))


SECRET = "words of the file"
BROKEN: dict[str, Callable[[Path], Any]] = {
    "cut gzip": cut_off,
    "damaged zip": damaged,
    "no gzip": no_gzip,
    "at once": lambda _: Ours(RuntimeError(SECRET), 0),
    "later": lambda _: Ours(RuntimeError(SECRET), 1),
    "value": lambda _: Ours(ValueError(SECRET), 1),
    "text": lambda _: Ours(UnicodeDecodeError("ascii", b"x", 0, 1, SECRET), 1),
    "no memory": lambda _: Ours(MemoryError(), 1),
}


class TestSourcesThatFail:
    """An open file may raise anything; what leaves is ours and does not quote it."""

    @pytest.mark.parametrize("make", BROKEN.values(), ids=BROKEN.keys())
    def test_what_is_sent_at_once(self, make: Callable[[Path], Any], tmp_path: Path) -> None:
        with pytest.raises(Unwritable, match="a file that") as caught, make(tmp_path) as source:
            document(source)
        assert SECRET not in str(caught.value)
        assert "quoted" not in str(caught.value)

    @pytest.mark.parametrize("name", ["cut gzip", "no gzip", "at once"])
    def test_a_form(self, name: str, tmp_path: Path) -> None:
        with BROKEN[name](tmp_path) as source:
            with pytest.raises(InvalidRequest, match="nothing was sent") as caught:
                form_of(source, ref_id="a", desc="A", file_name="a.pdf", items=[])
            assert SECRET not in str(caught.value)
            assert "quoted" not in str(caught.value)

    @pytest.mark.parametrize("error", [RuntimeError(SECRET), ValueError(SECRET), EOFError()])
    def test_while_it_is_measured(self, error: Exception) -> None:
        # Asked for nothing, to see what it is; then for the first piece.
        body = splice_form(b"T", {"T": upload_of(Ours(error, 1))}, CALL)
        assert isinstance(body, SplicedBody)
        with pytest.raises(InvalidRequest, match="nothing was sent") as caught:
            measure(body, CALL)
        assert SECRET not in str(caught.value)

    @pytest.mark.parametrize("error", [RuntimeError(SECRET), ValueError(SECRET), EOFError()])
    def test_while_it_is_sent(self, error: Exception) -> None:
        # Asked for nothing, to see what it is; then for a first piece.
        source = Ours(error, 2, size=1_000_000)
        body = splice_base64(b"<a>T</a>", {"T": upload_of(source)}, CALL)
        assert isinstance(body, SplicedBody)
        sent = chunks(body, CALL)
        assert next(sent) == b"<a>"
        next(sent)
        with pytest.raises(TransportError, match="cannot have acted") as caught:
            next(sent)
        assert SECRET not in str(caught.value)
        assert isinstance(caught.value.__cause__, OSError)
        assert caught.value.__cause__.__cause__ is error

    @pytest.mark.parametrize("reads", [0, 1])
    def test_interruptions_stay_what_they_are(self, reads: int) -> None:
        with pytest.raises(KeyboardInterrupt):
            document(Ours(KeyboardInterrupt(), reads))

    def test_more_than_was_asked_for(self) -> None:
        class Generous(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                return super().read(size) + b"x" if size else b""

        with pytest.raises(OSError, match="more bytes than"):
            list(upload_of(Generous(b"abc")).chunks())

    def test_a_path_of_ones_own(self) -> None:
        class Broken:
            def __fspath__(self) -> str:
                raise RuntimeError(SECRET)

        with pytest.raises(Unwritable, match="it raised RuntimeError"):
            document(Broken())


def rewrite(path: Path) -> None:
    path.write_bytes(LARGE[:-1] + b"x")
    os.utime(path, ns=(1, 1))


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(LARGE)
    found = path.stat()
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    other.replace(path)


CHANGES: dict[str, Callable[[Path], None]] = {
    "shorter": lambda path: os.truncate(path, 1_000_000),
    "empty": lambda path: os.truncate(path, 0),
    "longer": lambda path: os.truncate(path, len(LARGE) + 1),
    "rewritten": rewrite,
    "replaced": replace,
    "gone": lambda path: path.unlink(),
}


class TestFilesThatChange:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "a.pdf"
        path.write_bytes(LARGE)
        return path

    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
    def test_before_they_are_sent(self, change: Callable[[Path], None], path: Path) -> None:
        upload = upload_of(path)
        change(path)
        pieces = upload.chunks()
        with pytest.raises(OSError, match=r"changed|No such file"):
            next(pieces)

    @pytest.mark.parametrize("name", ["shorter", "empty", "longer", "rewritten"])
    def test_while_they_are_sent(self, name: str, path: Path) -> None:
        pieces = upload_of(path).chunks()
        next(pieces)
        CHANGES[name](path)
        with pytest.raises(OSError, match=r"changed|shorter"):
            list(pieces)

    def test_what_happens_to_the_name_while_it_is_sent_does_not_matter(self, path: Path) -> None:
        upload = upload_of(path)
        pieces = upload.chunks()
        first = next(pieces)
        path.rename(path.with_name("elsewhere"))
        assert first + b"".join(pieces) == LARGE
        with pytest.raises(FileNotFoundError):
            next(upload.chunks())

    @pytest.mark.parametrize("size", [1_000_000, len(LARGE) + 1])
    def test_an_open_file_that_changes(self, size: int, path: Path) -> None:
        with path.open("rb") as file:
            upload = upload_of(file)
            next(pieces := upload.chunks())
            os.truncate(path, size)
            with pytest.raises(OSError, match=r"grew|shorter"):
                list(pieces)

    def test_an_open_file_that_is_used_elsewhere(self, path: Path) -> None:
        with path.open("rb") as file:
            one, other = upload_of(file).chunks(), upload_of(file).chunks()
            next(one)
            next(other)
            next(other)
            with pytest.raises(OSError, match="something else moved"):
                next(one)

    def test_a_file_that_was_closed(self, path: Path) -> None:
        with path.open("rb") as file:
            upload = upload_of(file)
        with pytest.raises(OSError, match="ValueError") as caught:
            list(upload.chunks())
        assert isinstance(caught.value.__cause__, ValueError)

    def test_files_are_closed_whatever_happens(self, path: Path) -> None:
        before = open_files()
        pieces = upload_of(path).chunks()
        next(pieces)
        del pieces
        assert open_files() == before


# What is spliced


class _Source:
    """An upload that is not what it says."""

    def __init__(self, size: int, *pieces: bytes) -> None:
        self.size = size
        self._pieces = pieces

    def chunks(self) -> Iterator[bytes]:
        yield from self._pieces


Splice = Callable[..., Any]


def whole(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    assert isinstance(body, SplicedBody)
    length = body.measure()
    content = b"".join(body.chunks())
    assert len(content) == length
    assert b"".join(body.chunks()) == content
    return content


_contents = st.lists(
    st.binary(max_size=400) | st.integers(196_600, 196_620).map(lambda size: LARGE[:size]),
    max_size=3,
)


class TestSplice:
    @given(contents=_contents, text=st.text("<a>&+/=%\u20ac ", max_size=20))
    def test_base64(self, contents: list[bytes], text: str) -> None:
        tokens = [new_token() for _ in contents]
        uploads = {
            token: upload_of(one or ReceivedDocument())
            for token, one in zip(tokens, contents, strict=True)
        }
        message = text.join(["", *tokens, ""]).encode()
        due = message
        for token, one in zip(tokens, contents, strict=True):
            due = due.replace(token.encode(), base64.b64encode(one))
        assert whole(splice_base64(message, uploads, CALL)) == due
        # In a form it is as if all of it had been encoded at once.
        form = quote_plus(message).encode()
        assert whole(splice_form(form, uploads, CALL)) == quote_plus(due, safe="").encode()

    @pytest.mark.parametrize("content", [bytes(range(256)) * 3_000, b"\xff" * 100_000, b"\0" * 5])
    def test_every_character_in_a_form(self, content: bytes) -> None:
        body = splice_form(b"request=T&x", {"T": upload_of(content)}, CALL)
        encoded = quote_plus(base64.b64encode(content)).encode()
        assert whole(body) == b"request=" + encoded + b"&x"

    def test_without_documents_the_bytes_are_the_same(self) -> None:
        content = b"<a/>"
        assert splice_base64(content, {}, CALL) is content
        assert splice_form(content, {}, CALL) is content

    def test_without_documents_progress_is_told_all_the_same(self) -> None:
        body = splice_base64(b"<a/>", {}, CALL, lambda _done, _total: None)
        assert whole(body) == b"<a/>"

    @pytest.mark.parametrize(
        ("splice", "message"),
        [
            (splice_base64, b"<a/>"),
            (splice_base64, b"<a>one</a>"),
            (splice_base64, b"<a>two one</a>"),
            (splice_form, b"<a>two one</a>"),
            (splice_mtom, b"<a>one</a>"),
        ],
    )
    def test_a_document_without_a_place_is_refused(self, splice: Splice, message: bytes) -> None:
        uploads = {"one": upload_of(SMALL), "two": upload_of(SMALL)}
        with pytest.raises(InvalidRequest, match="lost its place") as caught:
            splice(message, uploads, CALL)
        assert caught.value.operation == "SubmitDocument"

    @pytest.mark.parametrize("splice", [splice_base64, splice_mtom])
    @pytest.mark.parametrize(
        "source", [_Source(3, b"abcd"), _Source(6, b"abc"), _Source(3), _Source(3, b"abc", b"d")]
    )
    def test_no_document_may_be_longer_or_shorter_than_it_said(
        self, splice: Splice, source: _Source
    ) -> None:
        body = splice(b"<a>T</a>", {"T": source}, CALL)
        body = body[1] if isinstance(body, tuple) else body
        sent: list[bytes] = []
        with pytest.raises(OSError, match="changed while it was sent"):
            sent.extend(body.chunks())
        # What lies behind the document is never sent.
        assert sum(map(len, sent)) < body.measure()

    def test_a_form_is_measured_once_and_held_to_it(self, tmp_path: Path) -> None:
        turns = iter([b"\0\0\0", b"\xff\xff\xff"])

        class Changing:
            size = 3

            def chunks(self) -> Iterator[bytes]:
                yield next(turns)

        body = splice_form(b"T", {"T": Changing()}, CALL)
        assert isinstance(body, SplicedBody)
        assert body.measure() == body.measure() == 4
        with pytest.raises(OSError, match="changed while it was sent"):
            list(body.chunks())

    def test_failures_are_ours(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(LARGE)
        body = splice_form(b"T", {"T": upload_of(path)}, CALL)
        path.unlink()
        assert isinstance(body, SplicedBody)
        with pytest.raises(InvalidRequest, match="nothing was sent") as refused:
            measure(body, CALL)
        assert isinstance(refused.value.__cause__, FileNotFoundError)
        assert str(path) not in str(refused.value)
        path.write_bytes(LARGE)
        body = splice_base64(b"T", {"T": upload_of(path)}, CALL)
        assert isinstance(body, SplicedBody)
        pieces = chunks(body, CALL)
        next(pieces)
        os.truncate(path, 500_000)
        with pytest.raises(TransportError, match="cannot have acted") as cut_off:
            list(pieces)
        assert cut_off.value.is_retry_safe
        assert isinstance(cut_off.value.__cause__, OSError)

    def test_threads_share_a_body(self) -> None:
        body = splice_base64(b"<a>T</a>", {"T": upload_of(LARGE)}, CALL)
        assert isinstance(body, SplicedBody)
        found: list[bytes] = []
        threads = [
            threading.Thread(target=lambda: found.append(b"".join(body.chunks()))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4
        assert len(set(found)) == 1
