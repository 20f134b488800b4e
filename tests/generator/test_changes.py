"""Changes of schemas: each edit is told by what it means to callers, and the changelog is asked."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from generator.changes import Meaning, changes_between, note_named
from tests.support.schemas import choice, element, message, sequence

pytestmark = pytest.mark.one_python

ROOT = Path(__file__).resolve().parents[2]
B, M, W, N = Meaning.BREAKING, Meaning.MASKING, Meaning.WIRE, Meaning.NEW


def tree(folder: Path) -> Path:
    """A tree with the schemas, which a test changes, and the handwritten clients."""
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    for vendor in ("assuresign", "signix"):
        client = Path("src", "esignwire", vendor, "async_client.py")
        (folder / client).parent.mkdir(parents=True)
        shutil.copy(ROOT / client, folder / client)
    return folder


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree(tmp_path_factory.mktemp("before"))


@pytest.fixture
def after(before: Path, tmp_path: Path) -> Path:
    return shutil.copytree(before, tmp_path / "after")


def edit(root: Path, file: str, *replacements: tuple[str, str]) -> None:
    path = root / "schemas" / file
    text = path.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text, f"{file} holds no {old!r}"
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


_CANCEL = "assuresign/Cancel.xsd"
_REMARKS = '<xs:attribute name="Remarks" type="xs:string">'
_KEY = '<xs:attribute name="ContextIdentifier" type="ms:guid" use="required" esw:sensitive="true"'
_ITEM = 'type="tns:DocumentCancellation" nillable="true" minOccurs="0" maxOccurs="unbounded"'
_RESULTS = 'name="DocumentCancellationResults" type="tns:ArrayOfDocumentCancellationResult"'
_EXCEPTIONS = 'name="Exceptions" type="tns:ArrayOfCancellationException" minOccurs="0"'
_SUBMIT = "signix/SubmitDocument.xsd"
_BILLING = '<xs:maxLength value="50"/>'
_JSON = "constellation1/openapi.yaml"
_NEW = """<xs:attribute name="Other" type="xs:string">
  <xs:annotation><xs:documentation>Something else.</xs:documentation></xs:annotation>
</xs:attribute>
"""
_VALUE = """<xs:enumeration value="Other">
  <xs:annotation><xs:documentation>Something else.</xs:documentation></xs:annotation>
</xs:enumeration>
"""
_ENUMERATION = '<xs:enumeration value="Fatal">'
_SUBMITTER = '<xs:element name="SubmitterName" type="xs:string" minOccurs="0"'
_FORM = '<xs:element name="Form" type="tns:FormType" maxOccurs="unbounded"'
_OPERATION = "".join(
    f"""<xs:element name="Ask{end}">
  <xs:annotation><xs:documentation>Asks.</xs:documentation></xs:annotation>
  <xs:complexType><xs:sequence/></xs:complexType>
</xs:element>
"""
    for end in ("Rq", "Rs")
)

# The file, the edit, and what is told: the meaning, the part, and some words.
EDITS: dict[str, tuple[str, list[tuple[str, str]], set[tuple[Meaning, str, str]]]] = {
    "a member is gone, another is new": (
        _CANCEL,
        [(_REMARKS, _REMARKS.replace("Remarks", "Reason"))],
        {(B, "remarks", "is gone"), (N, "reason", "is new")},
    ),
    "a member has another name on the wire": (
        _CANCEL,
        [(_REMARKS, _REMARKS.replace("Remarks", "remarks"))],
        {(W, "remarks", "name was Remarks, is remarks")},
    ),
    "optional to required": (
        _CANCEL,
        [(_REMARKS, _REMARKS.replace(">", ' use="required">'))],
        {(B, "remarks", "optional was made required")},
    ),
    "required to optional in a request": (
        _CANCEL,
        [(_KEY, _KEY.replace(' use="required"', ""))],
        {(W, "context_identifier", "least was 1, is 0")},
    ),
    "required to optional in an answer": (
        _CANCEL,
        [
            (
                '"Severity" type="tns:CancellationExceptionSeverity" use="required"',
                '"Severity" type="tns:CancellationExceptionSeverity"',
            )
        ],
        {(B, "severity", "may now be None")},
    ),
    "one to many": (
        _SUBMIT,
        [(_SUBMITTER, f'{_SUBMITTER} maxOccurs="9"')],
        {(B, "submitter_name", "one was made many: str became list[str]")},
    ),
    "many to one": (
        _SUBMIT,
        [(_FORM, _FORM.replace(' maxOccurs="unbounded"', ""))],
        {(B, "member form", "many were made one")},
    ),
    "another order": (
        _SUBMIT,
        [
            ('name="City"', 'name="Between"'),
            ('name="State"', 'name="City"'),
            ('"Between"', '"State"'),
        ],
        {(W, "MemberInfoType", "the order was")},
    ),
    "a type is renamed": (
        _CANCEL,
        [
            ('type="tns:CancellationException"', 'type="tns:CancellationProblem"'),
            ('name="CancellationException" esw', 'name="CancellationProblem" esw'),
        ],
        {
            (B, "type cancel.CancellationException", "is gone"),
            (B, "ArrayOfCancellationException, member cancellation_exception", "type was"),
            (N, "type cancel.CancellationProblem", "is new"),
        },
    ),
    "a new operation": (
        "signix/ConfirmDownload.xsd",
        [("</xs:schema>", _OPERATION + "</xs:schema>")],
        {(N, "operation ask", "is new"), (N, "type confirm_download.AskRq", "is new")},
    ),
    "an operation is gone": (
        "signix/sdddc-1-1.xsd",
        [('<xs:include schemaLocation="ConfirmDownload.xsd"/>', "")],
        {(B, "operation confirm_download", "is gone"), (B, "type confirm_download.", "is gone")},
    ),
    "another type": (
        _CANCEL,
        [(_REMARKS, _REMARKS.replace("xs:string", "xs:int"))],
        {(B, "remarks", "type was str, is int")},
    ),
    "another simple type, the same in Python": (
        _CANCEL,
        [(_REMARKS, _REMARKS.replace("xs:string", "xs:token"))],
        {(W, "remarks", "xs type was string, is token")},
    ),
    "newly secret, and sent otherwise": (
        _CANCEL,
        [(_REMARKS, _REMARKS.replace("string", "token").replace(">", ' esw:sensitive="true">'))],
        {(M, "remarks", "is now secret"), (W, "remarks", "xs type")},
    ),
    "no longer secret": (
        _CANCEL,
        [(_KEY, _KEY.replace(' esw:sensitive="true"', ""))],
        {(M, "context_identifier", "no longer secret")},
    ),
    "newly hidden": (
        _CANCEL,
        [(_REMARKS, _REMARKS.replace(">", ' esw:hidden="true">'))],
        {(M, "remarks", "is now secret: this changes repr")},
    ),
    "a new optional member": (_CANCEL, [(_REMARKS, _NEW + _REMARKS)], {(N, "other", "is new")}),
    "a new required member": (
        _CANCEL,
        [(_REMARKS, _NEW.replace(">", ' use="required">', 1) + _REMARKS)],
        {(B, "other", "is new, and required")},
    ),
    "a value is gone": (
        _CANCEL,
        [(_ENUMERATION, _ENUMERATION.replace("Fatal", "Deadly"))],
        {(B, "FATAL", "is gone"), (N, "DEADLY", "is new")},
    ),
    "a new value": (_CANCEL, [(_ENUMERATION, _VALUE + _ENUMERATION)], {(N, "OTHER", "is new")}),
    "a refusal is a value again": (
        _CANCEL,
        [(f'{_EXCEPTIONS} esw:exceptions="true"', _EXCEPTIONS)],
        {(B, "exceptions", "esw:exceptions was True, is False")},
    ),
    "the SOAPAction": (
        "assuresign/Cancel.wsdl",
        [('ICancelService/Cancel"', 'ICancelService/CancelNow"')],
        {(W, "contract cancel, operation cancel", "SOAPAction was")},
    ),
    "the address of a contract": (
        "assuresign/DocumentNOW.wsdl",
        [("DocumentNOW.svc/Cancel/text", "DocumentNOW.svc/Cancel/plain")],
        {(W, "contract cancel", "path was Cancel/text, is Cancel/plain")},
    ),
    "a facet": (
        _SUBMIT,
        [(_BILLING, _BILLING.replace("50", "40"))],
        {(W, "", "maxLength was 50, is 40")},
    ),
    "a required member of SIGNiX is renamed": (
        _SUBMIT,
        [('<xs:element name="SuspendOnStart"', '<xs:element name="SuspendOnBegin"')],
        {(B, "suspend_on_start", "is gone"), (B, "suspend_on_begin", "is new, and required")},
    ),
    "a password of SIGNiX is no longer secret": (
        _SUBMIT,
        [
            (
                'name="Pswd" type="tns:NonEmptyType" esw:sensitive="true"',
                'name="Pswd" type="tns:NonEmptyType"',
            )
        ],
        {(M, "pswd", "no longer secret")},
    ),
    "a call of Constellation1 is renamed": (
        _JSON,
        [("operationId: GetSession\n", "operationId: GetSessionNow\n")],
        {(B, "operation get_session", "is gone"), (N, "operation get_session_now", "is new")},
    ),
    "a secret of Constellation1": (
        _JSON,
        [("x-esw-sensitive: true\n", "x-esw-sensitive: false\n")],
        {(M, "", "no longer secret")},
    ),
    "a member of Constellation1 is required": (
        _JSON,
        [("required: [Id]\n", "required: [Id, Documents]\n")],
        {(B, "member documents", "optional was made required")},
    ),
    "a value and a limit of Constellation1 are gone": (
        _JSON,
        [("          x-esw-most-bytes: 104857600\n", ""), ("Archived}", "Filed}")],
        {
            (W, "member documents", "most bytes was 104857600, is absent"),
            (B, "value ARCHIVED", "is gone"),
            (N, "value FILED", "is new"),
        },
    ),
    "arguments of Constellation1 in another order": (
        _JSON,
        [
            ("PageSize'\n", "Size'\n"),
            ("PageNum'\n", "PageSize'\n"),
            ("/Size'\n", "/PageNum'\n"),
        ],
        {(B, "operation get_archived_sessions", "by place it took page_size, page_num, and takes")},
    ),
    "an argument of Constellation1 can no longer be given by its place": (
        _JSON,
        [("returnURL\n      in: query\n      required: true\n", "returnURL\n      in: query\n")],
        {(B, "operation start_session", "by place it took session_id, return_url, and takes")},
    ),
    "the constant of an address of Constellation1": (
        _JSON,
        [("x-esw-name: PRODUCTION_URL", "x-esw-name: LIVE_URL")],
        {(B, "address PRODUCTION_URL", "is gone"), (N, "address LIVE_URL", "is new")},
    ),
    "a value that stands somewhere in an answer of Constellation1": (
        _JSON,
        [("          as: word\n", "")],
        {(B, "type SessionResponse, member status", "type was str, is SessionStatus")},
    ),
    "what is masked by its name": (
        _JSON,
        [("x-esw-hidden: true\n", "x-esw-sensitive: true\n")],
        {(M, "member return_value", "is now secret: this changes logs and recorded cassettes")},
    ),
    "a number of Constellation1": (
        _JSON,
        [("{const: 9,", "{const: 19,")],
        {(W, "value ARCHIVED", "value was 9, is 19")},
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_told_by_what_it_means(before: Path, after: Path, name: str) -> None:
    file, replacements, due = EDITS[name]
    edit(after, file, *replacements)
    if name == "an operation is gone":
        (after / "schemas" / "signix" / "ConfirmDownload.xsd").unlink()
    told = changes_between(before, after)
    assert {one.vendor for one in told} == {file.partition("/")[0]}
    for meaning, part, words in due:
        found = [one for one in told if (one.meaning, words in one.what) == (meaning, True)]
        assert any(part in one.where for one in found), (meaning, part, words, told)
    assert {one.meaning for one in told} == {meaning for meaning, _, _ in due}


def test_what_is_told_once_is_not_told_again_of_the_method(before: Path, after: Path) -> None:
    edit(after, _CANCEL, (_REMARKS, _REMARKS.replace(">", ' use="required">')))
    assert [one.where for one in changes_between(before, after)] == [
        "type cancel.DocumentCancellation, member remarks"
    ]


def test_annotations_of_methods_change_methods(before: Path, after: Path) -> None:
    edit(after, _CANCEL, (' esw:account="context_identifier"', ""))
    (change,) = changes_between(before, after)
    assert (change.meaning, change.where, change.what) == (
        B,
        "contract cancel, operation cancel, argument context_identifier",
        "optional was made required",
    )


def test_words_and_bases_mean_nothing_to_callers(before: Path, after: Path) -> None:
    edit(
        after,
        _CANCEL,
        ("Asks to cancel documents.", "Cancels."),
        ('name="Cancel" esw:basis="documented"', 'name="Cancel" esw:basis="inferred"'),
    )
    edit(after, _JSON, ("x-esw-unit: days", "x-esw-unit: nights"), ("silently take 30", "take 30"))
    assert changes_between(before, after) == []


def test_a_vendor_is_gone(before: Path, after: Path) -> None:
    shutil.rmtree(after / "schemas" / "signix")
    (gone,) = changes_between(before, after)
    assert (gone.meaning, gone.vendor, gone.what) == (B, "signix", "is gone")
    (new,) = changes_between(after, before)
    assert (new.meaning, new.vendor, new.what) == (N, "signix", "is new")


def vendor(folder: Path, content: str, more: str = "", answer: str = "") -> Path:
    """A tree with one small vendor."""
    (folder / "schemas" / "small").mkdir(parents=True)
    file = folder / "schemas" / "small" / "small.xsd"
    file.write_text(message(content, more, answer), encoding="utf-8")
    return folder


_A, _B = element("A", "xs:int"), element("B", "xs:date")
_CHOICE = choice(_A, _B, occurs='maxOccurs="unbounded"')
_BASE = """<xs:complexType name="Base" abstract="true">{}</xs:complexType>
<xs:complexType name="Held"><xs:complexContent><xs:extension base="t:Base">{}</xs:extension>
</xs:complexContent></xs:complexType>"""
_HELD = sequence(element("Held", "t:Held"))
_ATTRIBUTE = '<xs:attribute name="X" type="xs:{}" {}/>'


@pytest.mark.parametrize(
    ("old", "new", "due"),
    [
        # A repeated choice is a list, whose items are told apart by their types.
        (
            [_CHOICE],
            [_CHOICE.replace("</xs:choice>", element("C") + "</xs:choice>")],
            {(N, "alternative str", "is new")},
        ),
        ([_CHOICE], [_CHOICE.replace(_B, element("B"))],
         {(B, "alternative dt.date", "is gone"), (N, "alternative str", "is new")}),
        ([_CHOICE], [_CHOICE.replace('"A"', '"Z"')], {(W, "alternative int", "name was A, is Z")}),
        ([_CHOICE], [_CHOICE.replace('name="A"', 'name="A" esw:sensitive="true"')],
         {(M, "alternative int", "is now secret"), (M, "member items", "is now secret")}),
        # Bases.
        (
            [_HELD, _BASE.format("", _ATTRIBUTE.format("int", ""))],
            [_HELD, _BASE.format(_ATTRIBUTE.format("int", ""), "")],
            {(N, "type small.Base, member x", "is new")},
        ),
        (
            [_HELD, _BASE.format(_ATTRIBUTE.format("int", ""), "")],
            [_HELD, _BASE.format(_ATTRIBUTE.format("date", ""), "")],
            {(B, "type small.Base, member x", "type was int, is dt.date")},
        ),
        # Attributes and elements.
        ([_ATTRIBUTE.format("int", "")], [_ATTRIBUTE.format("int", 'default="1"')],
         {(W, "member x", "default was absent, is 1")}),
        (
            [_ATTRIBUTE.format("int", "")],
            [sequence(element("X", "xs:int", 'minOccurs="0"'))],
            {(W, "member x", "kind was attribute, is element")},
        ),
        (
            [sequence(element("A", more='minOccurs="0"'))],
            [sequence(element("A", more='nillable="true"'))],
            {(W, "member a", "least was 0, is 1")},
        ),
        ([sequence(_A, _B)], [sequence(_B, _A)], {(W, "type small.AskRq", "the order was (A, B)")}),
        ([sequence(_A, _B)], [choice(_A, _B)],
         {(W, "type small.AskRq", "is (A | B)"), (W, "member a", "required was True, is False"),
          (W, "member b", "required was True, is False")}),
        ([sequence(_A)], [sequence(_A, '<xs:any minOccurs="0" processContents="lax"/>')],
         {(N, "member other_elements", "is new")}),
        # Answers.
        (["", "", sequence(_A)], ["", "", sequence(_A.replace("/>", ' minOccurs="0"/>'))],
         {(B, "member a", "may now be None when read")}),
        (["", "", sequence(_A)], ["", "", sequence(_A, element("C", more='minOccurs="0"'))],
         {(N, "member c", "is new")}),
    ],
)  # fmt: skip
def test_other_constructs(
    tmp_path: Path, old: list[str], new: list[str], due: set[tuple[Meaning, str, str]]
) -> None:
    told = changes_between(vendor(tmp_path / "old", *old), vendor(tmp_path / "new", *new))
    left = [(one.meaning, one.where, one.what) for one in told]
    for meaning, part, words in due:
        found = [
            one for one in left if one[0] is meaning and one[1].endswith(part) and words in one[2]
        ]
        assert len(found) == 1, (meaning, part, words, left)
        left.remove(found[0])
    assert left == []


_ENTRY = "## [Unreleased]\n\n### Changed\n\n- {}\n\n## [0.1.0]\n\n- **breaking**: {}\n"


@pytest.mark.parametrize(
    ("entry", "is_named"),
    [
        ("**breaking**: `remarks` of `DocumentCancellation` is required.", True),
        ("**breaking**: a `DocumentCancellation`\n  needs `Remarks`.", True),
        ("**breaking**: AssureSign wants Remarks everywhere.", True),
        ("**breaking**: `Remarks` of something else.", False),
        ("**breaking**: `DocumentCancellation` is another.", False),
        ("`remarks` of `DocumentCancellation` is required.", False),
        ("**breaking**: `remarks_too` of `DocumentCancellation`.", False),
        ("**breaking**: `remarks` of it.\n- `DocumentCancellation`", False),
        ("nothing", False),
    ],
)
def test_the_changelog_names_what_breaks(
    before: Path, after: Path, entry: str, is_named: bool
) -> None:
    edit(after, _CANCEL, (_REMARKS, _REMARKS.replace(">", ' use="required">')))
    changes = changes_between(before, after)
    old = "`remarks` of `DocumentCancellation`: an entry of an older version"
    note_named(changes, _ENTRY.format(entry, old))
    assert [one.is_named for one in changes] == [is_named]
    note_named(changes, "# Changelog\n")
    assert [one.is_named for one in changes] == [False]


# --- the command ---


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository of its own with all that the command needs, and one commit."""
    root = tree(tmp_path / "clone")
    shutil.copytree(ROOT / "generator", root / "generator")
    shutil.copytree(ROOT / "src" / "esignwire", root / "src" / "esignwire", dirs_exist_ok=True)
    for name in ("codegen.py", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    (root / "CHANGELOG.md").write_text("## [Unreleased]\n", encoding="utf-8")
    (root / ".gitignore").write_text("__pycache__\n", encoding="utf-8")
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root)
    return root


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
    )
    return done.stdout


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=a state")


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "codegen.py", "--changes", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_command(clone: Path) -> None:
    ran = run(clone)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "those of HEAD" in ran.stderr
    edit(clone, _CANCEL, (_REMARKS, _REMARKS.replace(">", ' use="required">')))
    ran = run(clone)
    assert ran.returncode == 1
    assert re.fullmatch(
        r"BREAKING +assuresign +type cancel.DocumentCancellation, member remarks: .*\n", ran.stdout
    )
    assert "names DocumentCancellation or assuresign and remarks or Remarks" in ran.stderr
    commit(clone)
    assert run(clone).returncode == 0
    assert run(clone, "HEAD^").returncode == 1
    entry = "- **breaking**: `remarks` of `DocumentCancellation` is required.\n"
    (clone / "CHANGELOG.md").write_text(f"## [Unreleased]\n\n{entry}", encoding="utf-8")
    ran = run(clone, "HEAD^", "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    (told,) = json.loads(ran.stdout)
    assert (told["meaning"], told["is_named"]) == ("BREAKING", True)


def test_a_schema_that_is_refused_is_refused(clone: Path) -> None:
    edit(clone, _CANCEL, (_REMARKS, _REMARKS.replace("xs:string", "xs:ENTITY")))
    ran = run(clone)
    assert ran.returncode == 2
    assert ran.stderr.startswith("codegen.py: schemas/assuresign/Cancel.xsd:")
    # The other way round there is nothing to compare with.
    commit(clone)
    edit(clone, _CANCEL, ("xs:ENTITY", "xs:string"))
    ran = run(clone)
    assert ran.returncode == 3
    assert "today's compiler refuses the schemas of HEAD: schemas/assuresign/Cancel" in ran.stderr


def test_where_there_is_nothing_to_compare_with_it_says_so(clone: Path, tmp_path: Path) -> None:
    ran = run(clone, "HEAD^")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "nothing was compared: there is no commit HEAD^" in ran.stderr
    commit_again = ["commit", "--quiet", "--allow-empty", "--message=again"]
    git(clone, *commit_again)
    git(clone, "clone", "--quiet", "--depth=1", clone.as_uri(), str(tmp_path / "shallow"))
    ran = run(tmp_path / "shallow", "HEAD^")
    assert ran.returncode == 3
    assert "shallow" in ran.stderr
    shutil.rmtree(tmp_path / "shallow" / ".git")
    ran = run(tmp_path / "shallow", "HEAD")
    assert ran.returncode == 3
    assert "nothing was compared" in ran.stderr


@pytest.mark.parametrize("reference", ["--output=x", "HEAD:schemas", "no such", ""])
def test_a_reference_that_is_none(clone: Path, reference: str) -> None:
    ran = run(clone, "--json", f"--changes={reference}")
    assert ran.returncode == 3
    assert "there is no commit" in ran.stderr
