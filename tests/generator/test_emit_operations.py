"""The annotations from which methods are made: what they make, and where they cannot hold."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

import pytest

import codegen

pytestmark = pytest.mark.one_python

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A copy of schemas/ to change."""
    return shutil.copytree(ROOT / "schemas", tmp_path / "schemas")


def change(file: Path, before: str, after: str, *, count: int = 1) -> int:
    """Replaces a text that must be there; gives the line of it."""
    text = file.read_text(encoding="utf-8")
    assert before in text, f"{file.name} holds no {before!r}"
    file.write_text(text.replace(before, after, count), encoding="utf-8")
    return text[: text.index(before)].count("\n") + 1


def method(output: Path, name: str, kind: str = "sync", vendor: str = "assuresign") -> str:
    """The signature of a compiled method."""
    path = output / "esignwire_generated" / vendor / f"{kind}_operations.py"
    found = re.search(rf"def {name}\((.*?)\) -> (.*?):\n", path.read_text("utf-8"), re.DOTALL)
    assert found is not None, name
    return " ".join(found[0].split())


_CANCEL = "assuresign/Cancel.xsd"
_ID = '<xs:attribute name="Id" type="ms:guid" use="required" esw:reference="document">'
_TOKEN = (
    '<xs:attribute name="AuthToken" type="ms:guid" use="required" esw:sensitive="true" '
    'esw:token="document">'
)
_REMARKS = '<xs:attribute name="Remarks" type="xs:string">'
_RESULT = '<xs:attribute name="Id" type="ms:guid" use="required" esw:key="Id">'
_EXCEPTIONS = (
    '<xs:element name="Exceptions" type="tns:ArrayOfCancellationException" minOccurs="0" '
    'esw:exceptions="true">'
)
_KEY = 'esw:account="context_identifier">'


@pytest.mark.parametrize(
    ("file", "before", "after", "words"),
    [
        (_CANCEL, _TOKEN, _TOKEN.replace(' esw:token="document"', ""), "needs one esw:reference"),
        (_CANCEL, _TOKEN, _TOKEN.replace('="document"', '="lease"'), "needs one esw:reference"),
        (_CANCEL, _TOKEN, _TOKEN.replace("ms:guid", "xs:string"), "are for GUIDs"),
        (_CANCEL, _TOKEN, _TOKEN.replace(' use="required"', ""), "both are required, or neither"),
        (_CANCEL, _ID, _ID.replace('="document"', '="a document"'), "must be a name of Python's"),
        (_CANCEL, _KEY, 'esw:account="class">', "must be a name of Python's"),
        (_CANCEL, _KEY, 'esw:account="api_key">', 'no setting "api_key"; it has context_identif'),
        ("assuresign/ViewHistory.xsd", _KEY, 'esw:account="user_name">', "of different types"),
        (_CANCEL, _REMARKS, _REMARKS[:-1] + ' esw:lookup="first">', "must be a number from 1 on"),
        (_CANCEL, _REMARKS, _REMARKS[:-1] + ' esw:key="Id">', "has no effect on Remarks"),
        (_CANCEL, _REMARKS, _REMARKS[:-1] + ' esw:success="true">', "has no effect on Remarks"),
        (_CANCEL, _RESULT, _RESULT.replace('"Id">', '"Ident">'), "holds no single Ident"),
        (_CANCEL, _RESULT, _RESULT.replace('"Id">', '"Remarks">'), "are of different types"),
        (_CANCEL, _RESULT, _RESULT.replace('"Id">', '"">'), "esw:key names no member"),
        (_CANCEL, _RESULT, _RESULT[:-1] + ' esw:account="x">', "has no effect on Id"),
        (_CANCEL, _EXCEPTIONS, _EXCEPTIONS.replace('"true"', '"yes"'), 'must be "true"'),
        (
            "assuresign/Ping.xsd",
            'esw:success="true"',
            'esw:exceptions="true"',
            "esw:exceptions means nothing on this attribute",
        ),
        (
            "assuresign/Users.xsd",
            '<xs:attribute name="Password" type="xs:string" esw:sensitive="true">',
            '<xs:attribute name="Password" type="xs:string" esw:sensitive="true" esw:lookup="1">',
            "esw:lookup is for one simple value that is no secret",
        ),
        (
            "assuresign/Cancel.wsdl",
            '<esw:operation basis="documented"/>',
            '<esw:operation basis="documented" by-hand="withdraw"/>',
            "the client has no method withdraw of its own",
        ),
        (
            "signix/GetAccessToken.xsd",
            'minOccurs="0" esw:result="true"',
            'minOccurs="0" esw:token="x"',
            'esw:token means nothing|"x" needs one esw:reference',
        ),
        (
            "signix/common.xsd",
            (
                '<xs:element name="Pswd" type="tns:NonEmptyType" esw:sensitive="true" '
                'esw:credential="password">'
            ),
            (
                '<xs:element name="Pswd" type="tns:NonEmptyType" esw:sensitive="true" '
                'esw:result="true">'
            ),
            "has no effect on Pswd",
        ),
    ],
)
def test_what_cannot_hold_is_refused(
    schemas: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    before: str,
    after: str,
    words: str,
) -> None:
    line = change(schemas / file, before, after)
    output = tmp_path / "out"
    assert codegen.main(["--schemas", str(schemas), "--output", str(output)]) == 2
    told = capsys.readouterr().err
    assert re.search(words, told), told
    where = re.search(rf"{re.escape(Path(file).name)}:(\d+): ", told)
    assert where is not None, told
    # The member itself, or the other one of a pair.
    assert abs(int(where[1]) - line) <= 6
    assert not output.exists()


def test_two_arguments_of_one_name_are_refused(
    schemas: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(schemas / _CANCEL, 'name="Remarks"', 'name="document"')
    assert codegen.main(["--schemas", str(schemas), "--output", str(tmp_path / "out")]) == 2
    assert "operation Cancel: two arguments would be document" in capsys.readouterr().err


def test_a_new_member_becomes_an_argument(schemas: Path, tmp_path: Path) -> None:
    change(
        schemas / _CANCEL,
        _REMARKS,
        '<xs:attribute name="Timeout" type="xs:int" use="required"/>'
        '<xs:attribute name="Copies" type="xs:int"/>' + _REMARKS,
    )
    output = tmp_path / "out"
    assert codegen.main(["--schemas", str(schemas), "--output", str(output)]) == 0
    signature = method(output, "cancel")
    assert signature.startswith(
        "def cancel( self, document: Handle, *, timeout_: int, copies: int | None = None, "
        "remarks: str | None = None, "
    )
    assert signature.endswith(
        "context_identifier: _uuid.UUID | str | None = None, timeout: float | None = None, ) "
        "-> _cancel_types.DocumentCancellationResult:"
    )
    # A handle alone no longer says it all.
    assert "questions: Iterable[CancelQuestion]" in method(output, "cancel_all")
    assert method(output, "cancel", "async") == method(output, "cancel")


def test_without_annotations_a_method_takes_every_member(schemas: Path, tmp_path: Path) -> None:
    file = schemas / _CANCEL
    file.write_text(re.sub(r' esw:(account|reference|token|key)="[^"]*"', "", file.read_text()))
    output = tmp_path / "out"
    assert codegen.main(["--schemas", str(schemas), "--output", str(output)]) == 0
    assert method(output, "cancel").startswith(
        "def cancel( self, *, context_identifier: _uuid.UUID | str, id: _uuid.UUID | str, "
        "auth_token: _uuid.UUID | str, remarks: str | None = None, "
    )


def test_what_a_client_does_by_hand_is_not_compiled() -> None:
    generated = ROOT / "generated"
    with pytest.raises(AssertionError, match="check_status"):
        method(generated, "check_status")
    for kind in ("sync", "async"):
        name = f"esignwire_generated.assuresign.{kind}_operations"
        assert importlib.util.find_spec(name) is not None
    wrapped = method(generated, "validate_document")
    assert "data: _documents.DocumentSource | None = None, file_type:" in wrapped
    assert "progress: Progress | None = None" in wrapped
    assert "progress" not in method(generated, "cancel")
