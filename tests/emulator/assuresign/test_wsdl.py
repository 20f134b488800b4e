"""The WSDL that the emulator serves: whole, in one file too, and without what is not to be seen."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zeep
from lxml import etree

from esignwire.emulator import EmulatorServer, EmulatorSettings
from tests.support.emulator import ACCOUNT, SCHEMAS, TEMPLATE, get, request

zeep_module: Any = zeep

FOLDER = SCHEMAS / "assuresign"
CONTRACTS = {path.stem for path in FOLDER.glob("*.wsdl")} - {"DocumentNOW"}
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
OPERATIONS = {
    node.get("name")
    for path in FOLDER.glob("*.wsdl")
    for node in etree.parse(str(path)).iterfind(f"{WSDL}portType/{WSDL}operation")
}


def served(emulator: EmulatorServer) -> Iterator[tuple[str, str]]:
    """What is found from ``?wsdl`` on, and ``?singleWsdl``: address and text."""
    service = emulator.assuresign_url
    waiting, seen = [f"{service}?wsdl", f"{service}?singleWsdl"], set[str]()
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        response = get(url)
        assert response.status_code == 200, url
        yield url, response.text
        for element in etree.fromstring(response.content).iter(etree.Element):
            reference = element.get("location") or element.get("schemaLocation")
            if etree.QName(element).localname in {"import", "include"} and reference:
                assert reference.startswith(f"{service}?"), reference
                waiting.append(reference)


def bound(client: Any) -> dict[str, str]:
    """The operations and the addresses at which zeep would call them."""
    (service,) = client.wsdl.services.values()
    return {
        name: port.binding_options["address"]
        for port in service.ports.values()
        for name in port.binding.all()
    }


def test_the_whole_wsdl_is_served_and_refers_to_nothing_else(emulator: EmulatorServer) -> None:
    texts = dict(served(emulator))
    single = texts.pop(f"{emulator.assuresign_url}?singleWsdl")
    assert len(texts) == len(list(FOLDER.iterdir()))
    due = sorted(f"{emulator.assuresign_url}/{contract}/text" for contract in CONTRACTS)
    for files in (texts.values(), [single]):
        found = re.findall(r'<soap:address location="([^"]*)"', "".join(files))
        assert sorted(found) == due


def test_neither_annotations_nor_the_vendors_hosts_are_served(emulator: EmulatorServer) -> None:
    for url, text in served(emulator):
        assert "esignwire:schema" not in text, url
        assert "esw:" not in text, url
        styled = re.findall(r"<soap:(?:binding|operation) [^>]*", text)
        assert all('style="document"' in one for one in styled), url
        # Namespaces and actions are names, and stay.
        left = re.sub(r'(namespace|targetNamespace|xmlns(:\w+)?|soapAction)="[^"]*"', "", text)
        assert "assuresign.net" not in left, url


@pytest.mark.parametrize("query", ["?wsdl", "?singleWsdl", "?SINGLEWSDL"])
def test_an_independent_soap_client_loads_the_wsdl_and_calls(
    emulator: EmulatorServer, query: str
) -> None:
    client = zeep_module.Client(f"{emulator.assuresign_url}{query}")
    try:
        assert set(bound(client)) == OPERATIONS
        submit = client.bind("DocumentNowWcfService", "BasicHttpBinding_ISubmitService")
        document = {
            "ContextIdentifier": ACCOUNT,
            "Metadata": {"DocumentName": "Contract"},
            "Template": {"Id": TEMPLATE},
        }
        (result,) = submit.Submit(Documents={"Document": [document]})
        assert result["Exceptions"] is None
        assert result["Id"] in {str(one) for one in emulator.state.assuresign.documents}
    finally:
        client.transport.session.close()


def test_one_file_refers_to_no_other(emulator: EmulatorServer) -> None:
    root = etree.fromstring(get(f"{emulator.assuresign_url}?singleWsdl").content)
    assert [node for node in root.iter("{*}import", "{*}include") if len(node.attrib) > 1] == []
    assert root.find(f"{WSDL}import") is None


@pytest.mark.parametrize("query", ["?wsdl", "?singleWsdl", "?wsdl=Submit.wsdl", "?xsd=Submit.xsd"])
def test_head_tells_what_get_would(emulator: EmulatorServer, query: str) -> None:
    url = f"{emulator.assuresign_url}{query}"
    asked = request("HEAD", url)
    assert (asked.status_code, asked.content) == (200, b"")
    assert int(asked.headers["content-length"]) == len(get(url).content)


def test_names_that_clash_and_included_schemas_go_into_one_file(tmp_path: Path) -> None:
    """One target namespace holds what many held, and a schema without one takes its includer's."""
    folder = tmp_path / "schemas" / "assuresign"
    shutil.copytree(SCHEMAS, tmp_path / "schemas")
    wsdl = (folder / "Ping.wsdl").read_text("utf-8")
    # The messages, and the port type, of another contract.
    wsdl = re.sub(r'(message(?: name)?="(?:tns:)?)Ping', r"\1Expire", wsdl)
    (folder / "Ping.wsdl").write_text(wsdl.replace("IPingService", "IExpireService"), "utf-8")
    whole = (folder / "DocumentNOW.wsdl").read_text("utf-8")
    whole = whole.replace("Ping:BasicHttpBinding_IPing", "Ping:BasicHttpBinding_IExpire")
    (folder / "DocumentNOW.wsdl").write_text(whole, "utf-8")
    xsd = (folder / "Ping.xsd").read_text("utf-8")
    (folder / "Ping.xsd").write_text(
        re.sub(r"(<xs:schema[^>]*>)", r'\1<xs:include schemaLocation="a%20b.xsd"/>', xsd), "utf-8"
    )
    (folder / "a b.xsd").write_text(
        '<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema"><x:complexType name="A"><x:sequence>'
        '<x:element name="B" type="C"/></x:sequence></x:complexType><x:simpleType name="C">'
        '<x:restriction base="x:string"/></x:simpleType></x:schema>',
        "utf-8",
    )
    with EmulatorServer(EmulatorSettings(schemas=tmp_path / "schemas")) as emulator:
        client = zeep_module.Client(f"{emulator.assuresign_url}?singleWsdl")
        try:
            addresses = bound(client)
            assert addresses["Ping"] == f"{emulator.assuresign_url}/Ping/text"
            assert addresses["Expire"] == f"{emulator.assuresign_url}/Expire/text"
            client.get_type("{https://www.assuresign.net/Services/DocumentNOW/Ping}A")(B="x")
            ping = client.bind("DocumentNowWcfService", "BasicHttpBinding_IPingService")
            assert ping.Ping() is not None
        finally:
            client.transport.session.close()


@pytest.mark.parametrize("host", ["evil.example/%22><x>", "a b", "", "x" * 300])
def test_a_strange_host_never_reaches_the_wsdl(emulator: EmulatorServer, host: str) -> None:
    response = get(f"{emulator.assuresign_url}?wsdl", headers={"Host": host})
    assert response.status_code == 200
    assert f"{emulator.assuresign_url}/Ping/text" in response.text


def test_a_host_by_another_name_is_used(emulator: EmulatorServer) -> None:
    response = get(f"{emulator.assuresign_url}?wsdl", headers={"Host": "emulator.test:81"})
    assert "http://emulator.test:81/assuresign/Services/" in response.text
