"""Contracts: what can be called is found, and what could not be called is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.schemas import NAMESPACE, compiled, element, message, refused, schema, wsdl

_OTHER_PORT = (
    '<wsdl:binding name="Other" type="t:IOther"><soap:binding '
    'transport="http://schemas.xmlsoap.org/soap/http"/><wsdl:operation name="Other">'
    '<soap:operation soapAction="urn:other"/><wsdl:input><soap:body use="literal"/></wsdl:input>'
    '<wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation></wsdl:binding>'
    '<wsdl:portType name="IOther"><wsdl:operation name="Other"><wsdl:input message="t:AskRq"/>'
    '<wsdl:output message="t:AskRs"/></wsdl:operation></wsdl:portType>'
)


def _port(name: str, binding: str, contract: str) -> str:
    return (
        f'<wsdl:port name="{name}" binding="t:{binding}"><soap:address '
        f'location="https://localhost/Service.svc/{contract}/text"/></wsdl:port>\n'
    )


def test_the_schema_of_an_operation_is_the_one_that_declares_its_message(tmp_path: Path) -> None:
    files = {
        "first.xsd": schema('<xs:element name="Other"><xs:complexType/></xs:element>', "urn:first"),
        "included.xsd": message(""),
        "main.xsd": schema('<xs:include schemaLocation="included.xsd"/>'),
        "Main.wsdl": wsdl(
            types='<wsdl:types><xs:schema targetNamespace="urn:imports"><xs:import '
            'namespace="urn:first" schemaLocation="first.xsd"/><xs:import '
            f'namespace="{NAMESPACE}" schemaLocation="main.xsd"/></xs:schema></wsdl:types>'
        ),
    }
    with compiled(tmp_path, files) as made:
        # Alone, the included file may lack what the whole has.
        assert made.module("services.ask").ASK.schema == "main.xsd"


def test_a_location_may_hold_escaped_blanks(tmp_path: Path) -> None:
    files = {
        "my types.xsd": message(""),
        "Main.wsdl": wsdl(
            types=f'<wsdl:types><xs:schema><xs:import namespace="{NAMESPACE}" '
            'schemaLocation="my%20types.xsd"/></xs:schema></wsdl:types>'
        ),
    }
    with compiled(tmp_path, files) as made:
        assert made.module("services.ask").ASK.schema == "my types.xsd"


def test_contracts_with_and_without_async_in_their_names(tmp_path: Path) -> None:
    ports = _port("A", "Ask", "Submit") + _port("B", "Other", "AsyncSubmit")
    files = {"main.xsd": message(""), "Main.wsdl": wsdl(more=_OTHER_PORT, ports=ports)}
    with compiled(tmp_path, files) as made:
        services = made.module("services").Services(None)
        assert services.submit.ask is not None
        assert services.async_submit.other is not None


@pytest.mark.parametrize("name", ["Contract", "CachedProperty", "Caller", "class", "9-x", "Types"])
def test_any_name_may_be_that_of_a_contract(tmp_path: Path, name: str) -> None:
    with compiled(tmp_path, {"main.xsd": message(""), "Main.wsdl": wsdl(name)}) as made:
        assert list(made.module("services").CONTRACT_MODULES) == [name]


def _inline(content: str) -> str:
    return (
        '<wsdl:types>\n<xs:schema targetNamespace="urn:inside" elementFormDefault="qualified">\n'
        f"{content}\n</xs:schema>\n</wsdl:types>"
    )


_FAULT = (
    '<wsdl:portType name="IAsk"><wsdl:operation name="Ask"><wsdl:input message="t:AskRq"/>'
    '<wsdl:output message="t:AskRs"/>\n<wsdl:fault name="Bad" message="t:Bad"/></wsdl:operation>'
    "</wsdl:portType>"
)
_BAD = '<wsdl:message name="Bad"><wsdl:part name="p" element="t:Bad"/></wsdl:message>'
_BODY = '<soap:body use="literal"/>'
_MIME = 'xmlns:mime="http://schemas.xmlsoap.org/wsdl/mime/"'
_SOAP_12 = 'xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/"'

# The parts of the WSDL, and what is said of them in which line.
_REFUSED: dict[str, tuple[dict[str, str], str, int]] = {
    "header": (
        {"input": f'<wsdl:input>\n<soap:header message="t:AskRq" part="p"/>{_BODY}</wsdl:input>'},
        "soap:header is not supported",
        9,
    ),
    "mime": (
        {"input": f"<wsdl:input>\n<mime:multipartRelated {_MIME}/></wsdl:input>"},
        "mime parts are not supported",
        9,
    ),
    "SOAP 1.2 binding": (
        {"style": f"<soap12:binding {_SOAP_12}/>"},
        "SOAP 1.2 is not supported",
        6,
    ),
    "SOAP 1.2 port": (
        {
            "ports": '<wsdl:port name="Ask" binding="t:Ask">\n'
            f"<soap12:address {_SOAP_12}/></wsdl:port>"
        },
        "SOAP 1.2 is not supported",
        14,
    ),
    "another transport": (
        {"style": '<soap:binding transport="http://schemas.xmlsoap.org/soap/jms"/>'},
        'the transport "http://schemas.xmlsoap.org/soap/jms" is not supported',
        6,
    ),
    "no transport": ({"style": "<soap:binding/>"}, 'the transport "None" is not supported', 6),
    "no soap:binding": ({"style": ""}, "binding Ask has no soap:binding", 5),
    "policy": (
        {"style": '<p:PolicyReference xmlns:p="urn:policy"/>'},
        "PolicyReference means nothing to this compiler in a wsdl:binding",
        6,
    ),
    "no body": ({"output": "<wsdl:output/>"}, "wsdl:output of operation Ask must have one", 7),
    "no input": ({"input": ""}, "wsdl:input of operation Ask must have one soap:body", 7),
    "fault without a message": (
        {"port_type": _FAULT},
        'fault Bad of operation Ask refers to the message "t:Bad", which no WSDL declares',
        5,
    ),
    "fault of an unknown element": (
        {
            "port_type": _FAULT,
            "more": _BAD.replace('element="t:Bad"', 'element="t:Nope"'),
        },
        'the element "t:Nope" of message Bad is not in any schema',
        12,
    ),
    "fault of the binding alone": (
        {"output": f'<wsdl:output>{_BODY}</wsdl:output><wsdl:fault name="Bad"/>'},
        "fault Bad of the binding is not in its port type",
        9,
    ),
    "schema inside": (
        {"types": _inline(element("Lost", "xs:nonsense", 'esw:sensitive="true"'))},
        "a schema inside wsdl:types is not supported",
        4,
    ),
    "no import": ({"types": ""}, "zeep cannot bind the contract Ask", 5),
    "unused message": (
        {"more": '<wsdl:message name="M"><wsdl:part name="p" element="t:AskRq"/></wsdl:message>'},
        "no operation of a port uses the message M",
        11,
    ),
    "unused binding": ({"more": _OTHER_PORT}, "no port uses the binding Other", 11),
    "two services": (
        {"more": '<wsdl:service name="Other"/>'},
        "exactly one wsdl:service is due over all WSDL files, found 2",
        12,
    ),
    "two contracts alike": (
        {"ports": _port("A", "Ask", "Ask") + _port("B", "Ask", "ask")},
        "ask and Ask would get the one Python name ask",
        14,
    ),
    "no port": ({"ports": ""}, "the service Service has no port", 12),
    "no .svc": (
        {
            "ports": '<wsdl:port name="A" binding="t:Ask"><soap:address '
            'location="https://localhost/Service.asmx"/></wsdl:port>'
        },
        "has no .svc part",
        13,
    ),
    "type for an element": (
        {
            "messages": '<wsdl:message name="AskRq"><wsdl:part name="p" type="xs:string"/>'
            '</wsdl:message><wsdl:message name="AskRs"><wsdl:part name="p" element="t:AskRs"/>'
            "</wsdl:message>"
        },
        "message AskRq must have one part with an element",
        3,
    ),
    "a blank in a location": (
        {
            "types": f'<wsdl:types><xs:schema><xs:import namespace="{NAMESPACE}" '
            'schemaLocation="my types.xsd"/></xs:schema></wsdl:types>'
        },
        "write a blank in it as %20",
        2,
    ),
}

_ACTION = '<soap:operation soapAction="urn:ask"/>'
_PORT = '<wsdl:port name="Ask" binding="t:Ask">'
_ADDRESS = "https://localhost/Service.svc/Ask/text"
_LAST = "</wsdl:definitions>"

# What stands in the WSDL, what is written in its place, and what is said of that.
_MISREAD = [
    # Attributes that nothing reads would be lost.
    (_BODY, '<soap:body use="literal" namespace="urn:a"/>', "nothing reads namespace of this body"),
    (_BODY, '<soap:body use="literal" parts="q"/>', 'the parts of this soap:body are "q"'),
    ('<wsdl:input message="t:AskRq"/>', ('<wsdl:input xmlns:w="urn:w" w:Action="a" '
     'message="t:AskRq"/>'), "nothing reads Action of this input"),
    ('message="t:AskRq"', 'message=" t:AskRq"', "there are blanks around the value of message"),
    ('<wsdl:operation name="Ask"><wsdl:input', ('<wsdl:operation name="Ask" parameterOrder="p">'
     "<wsdl:input"), "nothing reads parameterOrder"),
    # Names.
    ('<wsdl:part name="p" element="t:AskRq"', '<wsdl:part element="t:AskRq"', "has no name"),
    (_PORT, '<wsdl:port name="a b" binding="t:Ask">', '"a b" is no name of XML'),
    (_PORT, f"{_PORT[:-1]}/>{_PORT}", "port Ask is declared twice in Service"),
    # What is there twice, elsewhere, or no XML.
    (_ACTION, _ACTION * 2, "operation is declared twice in Ask"),
    (_BODY, _BODY * 2, "body is declared twice in a wsdl:input"),
    ("<wsdl:types>", "<wsdl:types/><wsdl:types>", "types is declared twice"),
    (_ACTION, f"What it does {_ACTION}", "the text in this wsdl:operation means nothing"),
    (_ACTION, f"{_ACTION}<wsdl:documentation>Lost.</wsdl:documentation>",
     "documentation means nothing to this compiler in a wsdl:operation"),
    # What would not be sent as it stands.
    ("urn:ask", "urn:&#10;ask", "must be ASCII, without blanks and quotes"),
    (_ADDRESS, "https://u:p@localhost/Service.svc/Ask", "is no plain one of HTTP"),
    (_ADDRESS, "https://localhost/Service.svc/Ask?a=1", "is no plain one of HTTP"),
    (_ADDRESS, "https://localhost/Service.svc/../Ask", "is no plain one of HTTP"),
    (_ADDRESS, "jms:Service.svc/Ask", "is no plain one of HTTP"),
    (_PORT, f'{_PORT}<esw:port mtom="https://localhost/Service.svc/A sk"/>', "is no plain one"),
    # What the vendor would ask of the caller.
    ('<wsdl:input message="t:AskRq"/><wsdl:output message="t:AskRs"/>',
     '<wsdl:output message="t:AskRs"/><wsdl:input message="t:AskRq"/>', "has its output first"),
    ('<wsdl:input message="t:AskRq"/>', '<wsdl:input name="One" message="t:AskRq"/>',
     ""),
    # Another file.
    ("<xs:import", '<xs:import esw:name="x"', "esw:name means nothing on this import"),
    ("<xs:schema>", '<xs:schema version="1">', "nothing reads version of this schema"),
    (_LAST, f'<wsdl:import namespace="urn:a" location="A.wsdl"/>{_LAST}', "is not a WSDL"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), _MISREAD)
def test_what_would_be_lost_or_misread_is_refused(
    tmp_path: Path, before: str, after: str, expected: str
) -> None:
    text = wsdl()
    assert before in text
    files = {"main.xsd": message(""), "Main.wsdl": text.replace(before, after, 1)}
    if not expected:
        with compiled(tmp_path, files) as made:
            assert made.module("services.ask").ASK.name == "Ask"
        return
    problem = refused(tmp_path, files)
    assert expected in problem.message
    assert problem.file is not None
    assert problem.file.name == "Main.wsdl"


@pytest.mark.parametrize("element", ['element="t:Text"', 'type="xs:string"', ""])
def test_a_fault_is_one_element_of_a_complex_type(tmp_path: Path, element: str) -> None:
    bad = f'<wsdl:message name="Bad"><wsdl:part name="p" {element}/></wsdl:message>'
    text = message("", '<xs:element name="Text" type="xs:string"/>')
    files = {"main.xsd": text, "Main.wsdl": wsdl(port_type=_FAULT, more=bad)}
    expected = "of a complex type" if "t:Text" in element else "must have one part"
    assert expected in refused(tmp_path, files).message


def test_a_fault_that_is_not_bound_is_refused(tmp_path: Path) -> None:
    text = message("", '<xs:element name="Bad"><xs:complexType/></xs:element>')
    files = {"main.xsd": text, "Main.wsdl": wsdl(port_type=_FAULT, more=_BAD)}
    assert "fault Bad of operation Ask is not in the binding" in refused(tmp_path, files).message


def test_a_definition_in_another_file_must_be_imported(tmp_path: Path) -> None:
    text = wsdl()
    first, last = text.index("<wsdl:types>"), text.index("<wsdl:service")
    parts = f"{text[:last]}</wsdl:definitions>"
    whole = f"{text[:first]}{text[last:]}"
    files = {"main.xsd": message(""), "Main.wsdl": whole, "Parts.wsdl": parts}
    problem = refused(tmp_path, files)
    assert "which stands in Parts.wsdl: import that with wsdl:import" in problem.message
    imported = f'<wsdl:import namespace="{NAMESPACE}" location="Parts.wsdl"/><wsdl:service'
    (tmp_path / "again").mkdir()
    files["Main.wsdl"] = whole.replace("<wsdl:service", imported)
    with compiled(tmp_path / "again", files) as made:
        assert made.module("services.ask").ASK.soap_action == "urn:ask"


def test_documentation_may_hold_markup(tmp_path: Path) -> None:
    said = _said("", "<wsdl:documentation>Asks <b>much</b>, and <i>more</i>.</wsdl:documentation>")
    with compiled(tmp_path, {"main.xsd": message(""), "Main.wsdl": wsdl(port_type=said)}) as made:
        assert made.module("services.ask").AskService.ask.__doc__.startswith("Asks much, and more.")


@pytest.mark.parametrize("name", _REFUSED)
def test_what_no_call_could_use_is_refused(tmp_path: Path, name: str) -> None:
    parts, expected, line = _REFUSED[name]
    problem = refused(tmp_path, {"main.xsd": message(""), "Main.wsdl": wsdl(**parts)})
    assert expected in problem.message
    assert problem.file is not None
    assert (problem.file.name, problem.line) == ("Main.wsdl", line)


def _said(more: str, before: str = "", attributes: str = "") -> str:
    return (
        f'<wsdl:portType name="IAsk">\n<wsdl:operation name="Ask" {attributes}>\n{before}\n{more}'
        '\n<wsdl:input message="t:AskRq"/><wsdl:output message="t:AskRs"/></wsdl:operation>'
        "</wsdl:portType>"
    )


_DOCUMENTATION = "<wsdl:documentation>Asks.</wsdl:documentation>"


@pytest.mark.parametrize(
    ("port_type", "expected", "line"),
    [
        (_said("", attributes='esw:safe="true"'), "WSDL allows no foreign attribute", 5),
        (_said('<esw:port safe="true"/>'), "esw:port means nothing here", 7),
        (_said('<esw:operation safe="true"/>' * 2), "before all else, once", 7),
        (_said("<wsdl:input/>", '<soap:a/><esw:operation safe="true"/>'), "before all else", 6),
        (_said('<esw:operation safe="true">x</esw:operation>'), "has no content", 7),
        (_said('<esw:operation safe="yes"/>'), "esw:safe must be one of", 5),
        (_said('<esw:operation mtom="x"/>'), "esw:mtom means nothing on this operation", 5),
        (_said('<esw:operation save="true"/>'), "unknown annotation esw:save", 5),
        (_said('<esw:operation esw:safe="true"/>'), "have no prefix", 7),
    ],
)
def test_what_a_wsdl_says_of_an_operation_stands_in_one_element(
    tmp_path: Path, port_type: str, expected: str, line: int
) -> None:
    files = {"main.xsd": message(""), "Main.wsdl": wsdl(port_type=port_type)}
    problem = refused(tmp_path, files)
    assert expected in problem.message
    assert problem.line == line


def test_an_operation_says_that_it_only_reads(tmp_path: Path) -> None:
    said = _said('<esw:operation safe="true"/>', _DOCUMENTATION)
    with compiled(tmp_path, {"main.xsd": message(""), "Main.wsdl": wsdl(port_type=said)}) as made:
        assert made.module("services.ask").ASK.is_safe


def test_a_schema_inside_a_wsdl_alone_is_refused_there(tmp_path: Path) -> None:
    problem = refused(tmp_path, {"Main.wsdl": wsdl(types=_inline(element("Ask")))})
    assert "a schema inside wsdl:types is not supported" in problem.message


def test_a_message_of_a_simple_type_is_refused(tmp_path: Path) -> None:
    text = schema(element("AskRq") + element("AskRs"))
    problem = refused(tmp_path, {"main.xsd": text, "Main.wsdl": wsdl()})
    assert "must be of a complex type" in problem.message


def test_a_declared_fault_is_compiled(tmp_path: Path) -> None:
    bound = (
        f'<wsdl:output>{_BODY}</wsdl:output><wsdl:fault name="Bad"><soap:fault name="Bad" '
        'use="literal"/></wsdl:fault>'
    )
    detail = (
        '<xs:element name="Bad"><xs:complexType><xs:attribute name="Pin" esw:sensitive="true"/>'
        "</xs:complexType></xs:element>"
    )
    files = {
        "main.xsd": message("", detail),
        "Main.wsdl": wsdl(port_type=_FAULT, more=_BAD, output=bound),
    }
    with compiled(tmp_path, files) as made:
        assert made.sensitive == {"Pin"}


def test_operations_of_one_python_name_are_refused_where_they_stand(tmp_path: Path) -> None:
    text = message("").replace("</xs:schema>", "") + (
        '<xs:element name="askRq"><xs:complexType/></xs:element>\n'
        '<xs:element name="askRs"><xs:complexType/></xs:element></xs:schema>'
    )
    problem = refused(tmp_path, text)
    assert "would get the one Python name" in problem.message
