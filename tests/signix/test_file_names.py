"""Names of files that any file system takes."""

from __future__ import annotations

import ntpath
import sys
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from esignwire.signix._file_names import folded, numbered, safe_name

DEVICES = ("CON", "PRN", "AUX", "NUL", "COM1", "LPT9", "COM¹", "CONIN$")
NAMES = st.one_of(
    st.text(max_size=400),
    st.lists(
        st.sampled_from(
            [
                *DEVICES,
                "con",
                "a",
                ".",
                "..",
                "/",
                "\\",
                ":",
                " ",
                ".pdf",
                "\x00",
                "\n",
                "é",
                "e\u0301",
                "ß",
                "\u202e",
                "\ud800",
                "\U0001f58b",
                "~",
                "-",
                "x" * 300,
            ]
        ),
        max_size=8,
    ).map("".join),
)


def is_reserved(name: str) -> bool:
    """Whether Windows gives a name another meaning; Python 3.13 has renamed what tells it."""
    if sys.version_info >= (3, 13):
        return ntpath.isreserved(name)
    return PureWindowsPath(name).is_reserved()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("lease.pdf", "lease.pdf"),
        ("Vertrag für Häuser (2).pdf", "Vertrag für Häuser (2).pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\Windows\\a.pdf", "C__Windows_a.pdf"),
        ("", "document"),
        (" . . ", "document"),
        ("..", "document"),
        (".bashrc", "bashrc"),
        ("a.pdf. . ", "a.pdf"),
        ("con", "_con"),
        ("Com1.tar.gz", "_Com1.tar.gz"),
        ("LPT¹ .pdf", "_LPT¹ .pdf"),
        ("console.pdf", "console.pdf"),
        ("a\x00b\r\nc.pdf", "a_b__c.pdf"),
        ("a\u202efdp.exe", "a_fdp.exe"),
        ("a\ud800.pdf", "a_.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("é" * 300 + ".pdf", "é" * 98 + ".pdf"),
        ("a." + "x" * 300, "a." + "x" * 198),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(NAMES, st.integers(1, 10**6))
@example("CON", 2)
@example("a" * 199 + " .b", 1)
def test_any_name_is_safe(name: str, number: int) -> None:
    for made in (safe_name(name), numbered(safe_name(name), number)):
        assert made
        assert len(made.encode("utf-8")) <= 255
        assert PurePosixPath(made).name == made == PureWindowsPath(made).name
        assert not is_reserved(made)
        assert made == made.strip(" .")
        assert unicodedata.normalize("NFC", made) == made
        assert not any(unicodedata.category(one).startswith(("Cc", "Cf", "Cs")) for one in made)


@given(NAMES)
@example("CON." + "0" * 195)
def test_a_safe_name_stays_as_it_is(name: str) -> None:
    assert safe_name(safe_name(name)) == safe_name(name)


@given(NAMES, st.integers(1, 1000), st.integers(1, 1000))
def test_numbers_tell_names_apart(name: str, one: int, other: int) -> None:
    safe = safe_name(name)
    are_same = folded(numbered(safe, one)) == folded(numbered(safe, other))
    assert are_same is (one == other)


@given(NAMES)
def test_names_that_differ_in_case_share_a_form(name: str) -> None:
    assert folded(name.casefold()) == folded(name)


def test_a_safe_name_can_be_written(tmp_path: Path) -> None:
    for name in ("../x", "x" * 300, "\x00", "con", "é" * 300):
        (tmp_path / safe_name(name)).write_bytes(b"x")
    assert len(list(tmp_path.iterdir())) == 5
