"""How the files of a transaction are saved: under safe names, whole, and over nothing."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esignwire import ReceivedDocument
from esignwire.errors import InvalidRequest
from esignwire.signix import Download
from esignwire.signix.types import DownloadDocumentFormType, FileType


def file(name: str, content: bytes) -> FileType:
    document = ReceivedDocument(content)
    return FileType(file_name=name, mime_type="x", length=document.size, data=document)


def download(*names: str, reports: bool = False) -> Download:
    forms = tuple(
        DownloadDocumentFormType(
            ref_id="r",
            desc="d",
            file_name=name,
            mime_type="application/pdf",
            length=len(str(number)),
            data=ReceivedDocument(str(number).encode()),
        )
        for number, name in enumerate(names)
    )
    return Download(
        forms=forms,
        audit_report=file("audit.pdf", b"audit") if reports else None,
        certificate_of_completion=file("Audit.PDF", b"certificate") if reports else None,
        transaction_id=None,
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_files_are_saved_in_their_order(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    saved = download("b.pdf", "a.pdf", "b.pdf", "B.pdf", reports=True).save_all(folder)
    assert [path.name for path in saved] == [
        *("b.pdf", "a.pdf", "b (2).pdf", "B (3).pdf", "audit.pdf", "Audit (2).PDF")
    ]
    assert [path.read_bytes() for path in saved] == [*(b"0", b"1", b"2", b"3"), *REPORTS]
    assert {path.parent for path in saved} == {folder}
    assert set(contents(folder)) == {path.name for path in saved}


REPORTS = (b"audit", b"certificate")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "A.PDF").write_bytes(b"mine")
    (tmp_path / "b.pdf").symlink_to(tmp_path / "nowhere")
    (tmp_path / "c.pdf").mkdir()
    files = download("a.pdf", "b.pdf", "c.pdf")
    first, second = files.save_all(str(tmp_path)), files.save_all(tmp_path)
    assert [path.name for path in first] == ["a (2).pdf", "b (2).pdf", "c (2).pdf"]
    assert [path.name for path in second] == ["a (3).pdf", "b (3).pdf", "c (3).pdf"]
    assert (tmp_path / "A.PDF").read_bytes() == b"mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_name_that_another_process_takes_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def take_first(source: Any, target: Any) -> None:
        if Path(target).name == "a.pdf":
            Path(target).write_bytes(b"theirs")
        link(source, target)

    monkeypatch.setattr(os, "link", take_first)
    (saved,) = download("a.pdf").save_all(tmp_path)
    assert contents(tmp_path) == {"a.pdf": b"theirs", "a (2).pdf": b"0"}
    assert saved.name == "a (2).pdf"


def test_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Any, target: Any) -> None:
        raise OSError(errno.EPERM, "no links", source, None, target)

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "a.pdf").write_bytes(b"mine")
    download("a.pdf", "b.pdf").save_all(tmp_path)
    assert contents(tmp_path) == {"a.pdf": b"mine", "a (2).pdf": b"0", "b.pdf": b"1"}


@pytest.mark.parametrize("fails", ["save", "link"])
def test_a_failure_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    turns: list[int] = []
    save, link = ReceivedDocument.save, os.link

    def full(work: Any, *arguments: Any) -> Any:
        turns.append(1)
        if len(turns) == 2:
            raise OSError(errno.ENOSPC, "full")
        return work(*arguments)

    if fails == "save":
        monkeypatch.setattr(ReceivedDocument, "save", lambda *given: full(save, *given))
    else:
        monkeypatch.setattr(os, "link", lambda *given: full(link, *given))
    (tmp_path / "mine").write_bytes(b"mine")
    with pytest.raises(OSError, match="full"):
        download("a.pdf", "b.pdf", "c.pdf").save_all(tmp_path)
    assert contents(tmp_path) == {"mine": b"mine"}


def test_names_that_lead_elsewhere_stay_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    saved = download("../up.pdf", "/etc/passwd", "..", "", "a/../../b", "x" * 300).save_all(folder)
    assert {path.parent for path in saved} == {folder}
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    assert sorted(contents(folder).values()) == [b"0", b"1", b"2", b"3", b"4", b"5"]


@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_names_are_saved(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    folder = tmp_path_factory.mktemp("any")
    saved = download(*names).save_all(folder)
    assert [path.read_bytes() for path in saved] == [str(n).encode() for n in range(len(names))]
    assert {path.name for path in saved} == set(contents(folder))


@pytest.mark.parametrize("folder", ["", None, 5, b""])
def test_a_folder_that_is_none(folder: Any) -> None:
    with pytest.raises(InvalidRequest, match="folder must be a path"):
        download("a.pdf").save_all(folder)


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(OSError, match="file"):
        download("a.pdf").save_all(tmp_path / "file")
    assert contents(tmp_path) == {"file": b"mine"}
