"""Comparison with a WSDL: no difference where there is none, and each edit is told."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from esignwire._xml import schema_folder
from esignwire.cli.comparison import Comparison, compare_with
from esignwire.emulator import EmulatorServer
from esignwire.errors import ConfigurationError

pytestmark = pytest.mark.one_python

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_XSD = "{http://www.w3.org/2001/XMLSchema}"
_CANCEL = "https://www.assuresign.net/Services/DocumentNOW/Cancel"


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A copy of the bundled schemas, to change, where a patch of schemas/ can be applied."""
    return shutil.copytree(schema_folder("assuresign"), tmp_path / "schemas" / "assuresign")


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} holds no {old!r}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def told(found: Comparison) -> set[tuple[str, str, str]]:
    return {(one.kind, one.what, one.aspect) for one in found.differences}


def test_the_emulator_serves_what_is_bundled() -> None:
    with EmulatorServer() as server:
        found = compare_with(f"{server.assuresign_url}?wsdl")
    assert found.differences == []
    assert found.left_out == []
    # A comparison of nothing would find no difference either.
    assert found.facts > 1400


_REMARKS = '<xs:attribute name="Remarks" type="xs:string"'
_ID = '<xs:attribute name="Id" type="ms:guid" use="required" esw:reference="document"'
_ITEM = 'nillable="true" minOccurs="0" maxOccurs="unbounded"'
_EXCEPTIONS = '<xs:element name="Exceptions" type="tns:ArrayOfCancellationException" minOccurs="0"'
_VALUE = '<xs:enumeration value="Fatal">'
_PATH = "type DocumentCancellation/@Remarks"
_SEVERITY = "type CancellationExceptionSeverity"
_ARRAY = "type ArrayOfDocumentCancellation/DocumentCancellation"
_OPERATION = "contract ICancelService.Cancel"


@pytest.mark.parametrize(
    ("file", "old", "new", "due"),
    [
        (
            "Cancel.xsd",
            _REMARKS,
            _REMARKS.replace("Remarks", "Reason"),
            {
                ("only ours", _PATH, ""),
                ("only theirs", "type DocumentCancellation/@Reason", ""),
            },
        ),
        ("Cancel.xsd", _REMARKS, f'{_REMARKS} use="required"', {("different", _PATH, "occurs")}),
        (
            "Cancel.xsd",
            _REMARKS,
            _REMARKS.replace("xs:string", "xs:token"),
            {("different", _PATH, "type")},
        ),
        ("Cancel.xsd", _REMARKS, f'{_REMARKS} default="x"', {("only theirs", _PATH, "default")}),
        ("Cancel.xsd", _ITEM, _ITEM.replace("unbounded", "9"), {("different", _ARRAY, "occurs")}),
        ("Cancel.xsd", _ITEM, _ITEM[16:], {("only ours", _ARRAY, "nillable")}),
        (
            "Cancel.xsd",
            _VALUE,
            _VALUE.replace("Fatal", "Deadly"),
            {
                ("only ours", _SEVERITY, "value Fatal"),
                ("only theirs", _SEVERITY, "value Deadly"),
            },
        ),
        (
            "Cancel.xsd",
            _EXCEPTIONS,
            f'<xs:element name="More" type="xs:int"/>{_EXCEPTIONS}',
            {
                ("different", "type DocumentCancellationResult", "order"),
                ("only theirs", "type DocumentCancellationResult/More", ""),
            },
        ),
        (
            "Cancel.xsd",
            "</xs:schema>",
            '<xs:complexType name="Other"><xs:attribute name="X"/></xs:complexType></xs:schema>',
            {("only theirs", "type Other", "")},
        ),
        (
            "Cancel.wsdl",
            "ICancelService/Cancel",
            "ICancelService/CancelNow",
            {("different", _OPERATION, "SOAPAction")},
        ),
        (
            "Cancel.wsdl",
            "<wsdl:input>",
            '<wsdl:input><soap:header message="tns:Cancel" part="parameters" use="literal"/>',
            {("different", _OPERATION, "SOAPAction")},
        ),
        (
            "Cancel.xsd",
            "</xs:complexType>\n  </xs:element>",
            (
                '</xs:complexType><xs:unique name="u"><xs:selector xpath="a"/>'
                '<xs:field xpath="@b"/></xs:unique></xs:element>'
            ),
            {("only theirs", "element Cancel", "unique u")},
        ),
        # Other words for the same.
        ("Cancel.xsd", _ITEM, 'nillable="1" minOccurs=" 0" maxOccurs="unbounded "', set()),
        ("Cancel.xsd", _ID, _ID.replace('"required"', '" required"'), set()),
        (
            "Cancel.xsd",
            '<xs:element name="Cancel"',
            '<xs:element name="Cancel" abstract="0"',
            set(),
        ),
        ("Cancel.wsdl", '<soap:body use="literal"/>', "<soap:body/>", set()),
        (
            "DocumentNOW.wsdl",
            "<wsdl:port ",
            (
                '<wsdl:port name="Other" binding="Cancel:BasicHttpBinding_ICancelService">'
                '<s:address xmlns:s="http://schemas.xmlsoap.org/wsdl/soap12/" '
                'location="http://x/a.svc/Cancel/ws"/></wsdl:port><wsdl:port '
            ),
            {("only theirs", "contract ICancelService", "address /Cancel/ws")},
        ),
        (
            "Cancel.wsdl",
            '<wsdl:part name="parameters" element="tns:CancelResponse"/>',
            '<wsdl:part name="parameters" element="tns:Cancel"/>',
            {("different", _OPERATION, "output")},
        ),
        (
            "DocumentNOW.wsdl",
            ".svc/Cancel/text",
            ".svc/Cancel/plain",
            {
                ("only ours", "contract ICancelService", "address /Cancel/text"),
                ("only theirs", "contract ICancelService", "address /Cancel/plain"),
            },
        ),
        (
            "DocumentNOW.wsdl",
            "https://www.assuresign.net/Services/DocumentNOW/v2/",
            "http://x/",
            set(),
        ),
        (
            "DocumentNOW.wsdl",
            f'<wsdl:import namespace="{_CANCEL}" location="Cancel.wsdl"/>',
            "",
            {("only ours", "the namespace", ""), ("only ours", "contract ICancelService", "")},
        ),
    ],
)
def test_an_edit_is_told(
    schemas: Path, file: str, old: str, new: str, due: set[tuple[str, str, str]]
) -> None:
    edit(schemas / file, old, new)
    found = compare_with(str(schemas / "DocumentNOW.wsdl"))
    assert told(found) == due
    assert {one.namespace for one in found.differences} <= {"", _CANCEL}


def test_both_values_are_told(schemas: Path) -> None:
    edit(schemas / "Cancel.xsd", _REMARKS, _REMARKS.replace("xs:string", "xs:token"))
    (one,) = compare_with(str(schemas / "DocumentNOW.wsdl")).differences
    assert one.ours == f"{_XSD}string"
    assert one.theirs == f"{_XSD}token"


def in_one_file(schemas: Path) -> Path:
    """Puts all schemas of Cancel into its WSDL, with other prefixes, a group and an include."""
    root = etree.parse(str(schemas / "Cancel.wsdl")).getroot()
    types = root.find(f"{_WSDL}types")
    assert types is not None
    for inner in list(types):
        types.remove(inner)
    for name in ("Cancel.xsd", "guid.xsd"):
        schema = etree.parse(str(schemas / name)).getroot()
        for location in schema.iter(f"{_XSD}import"):
            location.attrib.pop("schemaLocation", None)
        types.append(schema)
    text = etree.tostring(root, encoding="unicode")
    # As WCF writes it: a prefix is declared where it is used.
    text = text.replace(
        'type="ms:guid"', 'xmlns:q1="http://microsoft.com/wsdl/types/" type="q1:guid"'
    )
    own = re.search(
        r'(<xs:complexType name="DocumentCancellation".*?</xs:annotation>)(.*?)(</xs:complexType>)',
        text,
        re.DOTALL,
    )
    assert own is not None
    text = text.replace(own[0], f'{own[1]}<xs:attributeGroup ref="tns:Own"/>{own[3]}')
    text = text.replace(
        "</wsdl:types>",
        f'<xs:schema xmlns:xs="{_XSD[1:-1]}" xmlns:tns="{_CANCEL}" targetNamespace="{_CANCEL}">'
        '<xs:include schemaLocation="group.xsd"/></xs:schema></wsdl:types>',
    )
    # A schema without a namespace takes that of the one that includes it.
    (schemas / "group.xsd").write_text(
        f'<xs:schema xmlns:xs="{_XSD[1:-1]}" xmlns:esw="urn:esignwire:schema">'
        f'<xs:attributeGroup name="Own">{own[2]}</xs:attributeGroup></xs:schema>',
        encoding="utf-8",
    )
    (schemas / "single.wsdl").write_text(text, encoding="utf-8")
    return schemas / "single.wsdl"


def test_the_same_in_other_words_is_the_same(schemas: Path) -> None:
    found = compare_with(str(in_one_file(schemas)))
    other = [one for one in found.differences if one.namespace == _CANCEL]
    assert other == []
    # The single file has no port, and no other contract.
    assert told(found) >= {("only ours", "contract ICancelService", "address /Cancel/text")}
    assert {one.what for one in found.differences if one.namespace} == {"the namespace"}


def test_a_chain_of_groups_that_never_ends(schemas: Path) -> None:
    edit(
        schemas / "Cancel.xsd",
        "</xs:schema>",
        '<xs:group name="A"><xs:sequence><xs:group ref="tns:A"/></xs:sequence></xs:group>'
        '<xs:attributeGroup name="B"><xs:attributeGroup ref="tns:B"/></xs:attributeGroup>'
        '<xs:complexType name="C"><xs:sequence><xs:group ref="tns:A"/></xs:sequence>'
        '<xs:attributeGroup ref="tns:B"/></xs:complexType></xs:schema>',
    )
    found = compare_with(str(schemas / "DocumentNOW.wsdl"))
    assert told(found) == {("only theirs", "type C", "")}


def test_references_that_multiply_have_an_end(schemas: Path) -> None:
    groups = "".join(
        f'<xs:group name="G{number}"><xs:sequence><xs:group ref="tns:G{number + 1}"/>'
        f'<xs:group ref="tns:G{number + 1}"/></xs:sequence></xs:group>'
        for number in range(40)
    )
    edit(
        schemas / "Cancel.xsd",
        "</xs:schema>",
        f'{groups}<xs:complexType name="C"><xs:sequence><xs:group ref="tns:G0"/></xs:sequence>'
        "</xs:complexType></xs:schema>",
    )
    with pytest.raises(ConfigurationError, match="not read further"):
        compare_with(str(schemas / "DocumentNOW.wsdl"))


def test_an_element_inside_of_itself(schemas: Path) -> None:
    edit(
        schemas / "Cancel.xsd",
        "</xs:schema>",
        '<xs:element name="C"><xs:complexType><xs:sequence><xs:element ref="tns:C" minOccurs="0"/>'
        "</xs:sequence></xs:complexType></xs:element></xs:schema>",
    )
    found = compare_with(str(schemas / "DocumentNOW.wsdl"))
    assert told(found) == {("only theirs", "element C", "")}


# --- what is confirmed ---


def bases(folder: Path) -> list[str]:
    """The bases of all declarations, in order."""
    return [
        basis
        for path in sorted(folder.glob("*.*"))
        for basis in re.findall(r'[\s:]basis="(\w+)"', path.read_text(encoding="utf-8"))
    ]


def test_a_patch_raises_what_is_confirmed(schemas: Path) -> None:
    found = compare_with(str(schemas / "DocumentNOW.wsdl"))
    before = bases(schemas)
    assert len(found.confirmed) == before.count("inferred") > 0
    subprocess.run(
        ["git", "apply", "-"], cwd=schemas.parents[1], input=found.patch.encode(), check=True
    )
    assert bases(schemas) == ["wsdl" if one == "inferred" else one for one in before]
    # Nothing else has changed: no fact, and nothing is left to confirm twice.
    assert compare_with(str(schemas / "DocumentNOW.wsdl")).differences == []


def test_what_differs_is_not_confirmed(schemas: Path) -> None:
    whole = compare_with(str(schemas / "DocumentNOW.wsdl"))
    edit(
        schemas / "ListTemplates.xsd",
        '<xs:attribute name="ModifiedDate" type="tns:DateOrDateTime"',
        '<xs:attribute name="ModifiedDate" type="xs:dateTime"',
    )
    found = compare_with(str(schemas / "DocumentNOW.wsdl"))
    (missing,) = set(whole.confirmed) - set(found.confirmed)
    assert missing.what.endswith("/@ModifiedDate")
    assert whole.patch.count("\n+ ") - found.patch.count("\n+ ") == 1


def test_a_member_without_a_basis_is_known_as_its_type_is(schemas: Path) -> None:
    whole = compare_with(str(schemas / "DocumentNOW.wsdl"))
    assert any(one.what == "element Ping" for one in whole.confirmed)
    edit(schemas / "Ping.xsd", "<xs:complexType", '<xs:complexType mixed="true"')
    found = compare_with(str(schemas / "DocumentNOW.wsdl"))
    assert {one.what for one in whole.confirmed} - {one.what for one in found.confirmed} == {
        "element Ping"
    }
