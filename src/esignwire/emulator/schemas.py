"""Schemas of the vendors, which judge messages and tell the operations.

Nothing here is generated and nothing is known beforehand: names, actions and message elements are
read from the WSDL files and the OpenAPI document. libxml2 judges by the XSD files, and jsonschema
by the document.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import unquote, urlsplit

from lxml import etree

from esignwire.emulator._wire import Element, OpenApi, Vocabulary
from esignwire.errors import ConfigurationError

__all__ = ["Schemas", "SoapOperation", "Violation"]

_WSDL = Vocabulary("http://schemas.xmlsoap.org/wsdl/")
_XSD = Vocabulary("http://www.w3.org/2001/XMLSchema")
_SOAP = Vocabulary("http://schemas.xmlsoap.org/wsdl/soap/")
_SENSITIVE = "{urn:esignwire:schema}sensitive"
_LONGEST_TEXT = 1000
_ENTRY = "DocumentNOW.wsdl"
_CONSTELLATION1_ENTRY = "openapi.yaml"
# The rules whose libxml2 name is not the name that the XML Schema recommendation gives them.
_RULES = {
    "SCHEMAV_ELEMENT_CONTENT": "cvc-complex-type.2.4",
    "SCHEMAV_CVC_ELT_1": "cvc-elt.1",
    "SCHEMAV_CVC_MINLENGTH_VALID": "cvc-minLength-valid",
    "SCHEMAV_CVC_MAXLENGTH_VALID": "cvc-maxLength-valid",
    "SCHEMAV_CVC_LENGTH_VALID": "cvc-length-valid",
    "SCHEMAV_CVC_PATTERN_VALID": "cvc-pattern-valid",
    "SCHEMAV_CVC_ENUMERATION_VALID": "cvc-enumeration-valid",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "cvc-datatype-valid.1.2.1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapOperation:
    """An operation of AssureSign's, as its WSDL declares it.

    Args:
        contract: The contract, such as ``CheckStatus`` or ``Envelopes``.
        name: The operation's name.
        action: Its SOAPAction.
        namespace: The namespace of its messages.
        request: The name of the request element, with the namespace in braces.
        response: The same of the response element.
    """

    contract: str
    name: str
    action: str
    namespace: str
    request: str
    response: str


@dataclass(frozen=True, slots=True)
class Violation:
    """The first rule that a message breaks, by its name in XML Schema, and libxml2's words."""

    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"


# libxml2 sets its built-in types up when it compiles its first schema, and breaks where two threads
# come to that at once. So that is done here and now, and the others are compiled one at a time.
_compiling = threading.Lock()
etree.XMLSchema(etree.XML('<schema xmlns="http://www.w3.org/2001/XMLSchema"/>'))


class _LogEntry(Protocol):
    """An entry of an error log of lxml's, which its stubs leave out."""

    type_name: str
    message: str


class _Judge:
    """One compiled XSD."""

    def __init__(self, path: Path) -> None:
        with _compiling:
            self._schema = etree.XMLSchema(etree.parse(str(path)))
        # An XMLSchema keeps the errors of its last validation, so that threads take turns.
        self._lock = threading.Lock()

    def judge(self, message: Element) -> Violation | None:
        with self._lock:
            if self._schema.validate(message):
                return None
            error = next(iter(cast("Iterable[_LogEntry]", self._schema.error_log)))
            rule = _RULES.get(error.type_name)
            if rule is None:
                name = error.type_name.removeprefix("SCHEMAV_").lower()
                rule = name.replace("cvc_", "cvc-", 1).replace("_", "-")
            return Violation(rule, _shortened(error.message))


def _shortened(text: str) -> str:
    """Leave out the middle: libxml2 repeats the whole of a value that is wrong."""
    if len(text) <= _LONGEST_TEXT:
        return text
    half = _LONGEST_TEXT // 2
    return f"{text[:half]} [...] {text[-half:]}"


class Schemas:
    """The schema files of the vendors; by default those that come with the package.

    Raises:
        ConfigurationError: The files are not there.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or _bundled()
        for entry in (Path("assuresign", _ENTRY), Path("constellation1", _CONSTELLATION1_ENTRY)):
            if not (self._directory / entry).is_file():
                raise ConfigurationError(f"The schema file {self._directory / entry} is missing.")
        self._signix = {path: etree.parse(str(path)).getroot() for path in self._files("signix")}
        if not self._signix:
            raise ConfigurationError(f"There is no schema file in {self._directory / 'signix'}.")
        self._judges: dict[Path, _Judge] = {}
        self._lock = threading.Lock()

    @cached_property
    def operations(self) -> dict[str, dict[str, SoapOperation]]:
        """AssureSign's operations by contract in lower case, then by SOAPAction."""
        operations: dict[str, dict[str, SoapOperation]] = {}
        entry = self._read_wsdl(_ENTRY)
        for imported in _WSDL.children(entry, "import"):
            document = self._read_wsdl(imported.get("location", ""))
            contract = Path(imported.get("location", "")).stem
            operations[contract.lower()] = {
                operation.action: operation for operation in _operations(contract, document)
            }
        return operations

    @property
    def assuresign_names(self) -> frozenset[str]:
        """The names of AssureSign's operations."""
        return frozenset(
            operation.name
            for contract in self.operations.values()
            for operation in contract.values()
        )

    @cached_property
    def assuresign_domains(self) -> frozenset[str]:
        """The domains of AssureSign's own addresses, such as ``assuresign.net``."""
        addresses = self._read_wsdl(_ENTRY).iter(_SOAP.name("address"))
        hosts = [urlsplit(address.get("location", "")).hostname or "" for address in addresses]
        return frozenset(".".join(host.split(".")[-2:]) for host in hosts if "." in host)

    @cached_property
    def signix_methods(self) -> frozenset[str]:
        """The names of SIGNiX's web methods: those of its request elements without ``Rq``."""
        names = {
            element.get("name", "")
            for root in self._signix.values()
            for element in _XSD.children(root, "element")
        }
        return frozenset(name.removesuffix("Rq") for name in names if name.endswith("Rq"))

    @cached_property
    def signix_entries(self) -> dict[str, Path]:
        """SIGNiX's schemas that no other includes, by namespace: one a version."""
        included = {
            unquote(element.get("schemaLocation", ""))
            for root in self._signix.values()
            for element in _XSD.children(root, "include")
        }
        return {
            root.get("targetNamespace", ""): path
            for path, root in self._signix.items()
            if path.name not in included
        }

    @cached_property
    def constellation1(self) -> OpenApi:
        """The OpenAPI document of Constellation1."""
        return _open_api(self._directory / "constellation1" / _CONSTELLATION1_ENTRY)

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """The names in lower case that the schemas mark as secrets, of all vendors."""
        names = {
            str(declaration.get("name", "")).lower()
            for vendor in ("assuresign", "signix")
            for path in sorted((self._directory / vendor).glob("*.xsd"))
            for declaration in etree.parse(str(path)).getroot().iter(etree.Element)
            if declaration.get(_SENSITIVE) == "true"
        }
        return frozenset(names | {name.lower() for name in self.constellation1.sensitive})

    @cached_property
    def assuresign_documents(self) -> frozenset[str]:
        """The local names of the elements that hold documents at AssureSign."""
        return self._base64_elements("assuresign")

    @cached_property
    def signix_documents(self) -> frozenset[str]:
        """The local names of the elements that hold documents at SIGNiX."""
        return self._base64_elements("signix")

    def words(self, contract: str) -> Vocabulary:
        """Give the vocabulary of a contract of AssureSign's, such as ``Submit``."""
        return Vocabulary(next(iter(self.operations[contract.lower()].values())).namespace)

    def judge_assuresign(self, contract: str, message: Element) -> Violation | None:
        """Judge a message by the XSD of its contract: the first violation, if there is one.

        The message is the root of a document of its own.
        """
        return self._judge(Path("assuresign", f"{contract}.xsd")).judge(message)

    def judge_signix(self, message: Element) -> Violation | None:
        """Judge a message by SIGNiX's schema: the first violation, if there is one."""
        entries = self.signix_entries
        entry = entries.get(str(etree.QName(message).namespace))
        # What is of no version breaks the schema of any.
        return self._judge(entry or next(iter(entries.values()))).judge(message)

    def published(self, name: str) -> bytes | None:
        """Read a file that AssureSign's service publishes, whatever the case of its name."""
        for path in (self._directory / "assuresign").iterdir():
            if path.suffix in {".wsdl", ".xsd"} and path.name.lower() == name.lower():
                return path.read_bytes()
        return None

    def _base64_elements(self, vendor: str) -> frozenset[str]:
        names: set[str] = set()
        for path in self._files(vendor):
            for element in etree.parse(str(path)).getroot().iter(_XSD.name("element")):
                prefix, _, kind = element.get("type", "").rpartition(":")
                is_standard = element.nsmap.get(prefix or None) == _XSD.namespace
                if is_standard and kind == "base64Binary":
                    names.add(element.get("name", ""))
        return frozenset(names)

    def _files(self, vendor: str) -> list[Path]:
        return sorted((self._directory / vendor).glob("*.xsd"))

    def _judge(self, path: Path) -> _Judge:
        with self._lock:
            if path not in self._judges:
                self._judges[path] = _Judge(self._directory / path)
            return self._judges[path]

    def _read_wsdl(self, name: str) -> Element:
        return etree.parse(str(self._directory / "assuresign" / name)).getroot()


@cache
def _open_api(path: Path) -> OpenApi:
    # To read the YAML takes longer than to start an emulator; a process may start many.
    return OpenApi(path)


def _bundled() -> Path:
    try:
        return Path(str(resources.files("esignwire_generated").joinpath("schemas")))
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "The package esignwire_generated is not installed: reinstall esignwire."
        ) from error


def _operations(contract: str, document: Element) -> list[SoapOperation]:
    namespace = document.get("targetNamespace", "")
    messages = {
        message.get("name"): f"{{{namespace}}}{part.get('element', '').partition(':')[2]}"
        for message in _WSDL.children(document, "message")
        for part in _WSDL.children(message, "part")
    }
    actions: dict[str, str] = {}
    for operation in _WSDL.children(_WSDL.child(document, "binding"), "operation"):
        soap = _SOAP.child(operation, "operation")
        if soap is not None:
            actions[operation.get("name", "")] = soap.get("soapAction", "")
    found: list[SoapOperation] = []
    for operation in _WSDL.children(_WSDL.child(document, "portType"), "operation"):
        sent, answered = _WSDL.child(operation, "input"), _WSDL.child(operation, "output")
        if sent is None or answered is None:
            continue
        name = operation.get("name", "")
        found.append(
            SoapOperation(
                contract=contract,
                name=name,
                action=actions[name],
                namespace=namespace,
                request=messages[sent.get("message", "").partition(":")[2]],
                response=messages[answered.get("message", "").partition(":")[2]],
            )
        )
    return found
