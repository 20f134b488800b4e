"""WSDL of AssureSign's service, published so that SOAP stacks can load it from the emulator.

The bundled files refer to each other by file name. As published, each reference is an address of
the service, ``?wsdl=<file>`` or ``?xsd=<file>``; ``?singleWsdl`` is one file that refers to none.
The ports' addresses are the emulator's; the vendor's hosts and the annotations are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from esignwire.emulator._wire import (
    Element,
    Vocabulary,
    WireAnswer,
    elements,
    local_name,
    new_element,
)
from esignwire.emulator.schemas import Schemas

__all__ = ["publish"]

_ENTRY = "DocumentNOW.wsdl"
_WSDL = Vocabulary("http://schemas.xmlsoap.org/wsdl/")
_SOAP = Vocabulary("http://schemas.xmlsoap.org/wsdl/soap/")
_XSD = Vocabulary("http://www.w3.org/2001/XMLSchema")
_ANNOTATIONS = Vocabulary("urn:esignwire:schema")
_ANNOTATED = re.compile(rb"""\s+xmlns:[^\s=]+="urn:esignwire:schema\"""")
_DECLARATION_OF_XML = b'<?xml version="1.0" encoding="utf-8"?>\n'
# What a WSDL declares by name, and the attributes that refer to it.
_KINDS = {"message": "message", "binding": "binding", "type": "portType"}


def publish(query: list[tuple[str, str]], service_url: str, schemas: Schemas) -> WireAnswer | None:
    """Answer a request for a WSDL or XSD file, with its references rewritten.

    The field ``wsdl`` or ``xsd`` of the query names the file; an empty ``wsdl`` asks for the
    service's own, ``singleWsdl`` for all files as one. For another query there is no answer.
    """
    if len(query) != 1:
        return None
    kind, name = query[0][0].lower(), query[0][1]
    if kind == "wsdl" and not name:
        name = _ENTRY
    if kind == "singlewsdl" and not name:
        content = _Single(schemas, service_url).content()
    elif kind in {"wsdl", "xsd"} and name.lower().endswith(f".{kind}"):
        root = _read(name, service_url, schemas)
        if root is None:
            return None
        for element, attribute, file in _references(root):
            element.set(attribute, f"{service_url}?{file.rpartition('.')[2]}={file}")
        content = etree.tostring(root, encoding="utf-8", xml_declaration=False)
    else:
        return None
    return WireAnswer(
        media_type="text/xml; charset=utf-8",
        content=_DECLARATION_OF_XML + _ANNOTATED.sub(b"", content),
        operation=f"?{kind}",
    )


def _read(name: str, service_url: str, schemas: Schemas) -> Element | None:
    """Read a file; the addresses in it become the emulator's, and what is not to be seen goes."""
    content = schemas.published(name)
    if content is None:
        return None
    root = etree.fromstring(content)
    for element in list(root.iter(etree.Element)):
        for attribute in [str(key) for key in element.attrib]:
            if attribute.startswith(_ANNOTATIONS.name("")):
                del element.attrib[attribute]
        if element.tag == _SOAP.name("binding"):
            # Some stacks look for the style there, and do not know the default.
            element.set("style", "document")
        if element.tag == _SOAP.name("address"):
            tail = "/".join(element.get("location", "").rsplit("/", 2)[1:])
            element.set("location", f"{service_url}/{tail}")
        parent = element.getparent()
        if parent is not None and _is_private(element, schemas):
            parent.remove(element)
    return root


def _is_private(element: Element, schemas: Schemas) -> bool:
    if local_name(element) == "documentation":
        text = "".join(map(str, element.itertext()))
        return any(domain in text for domain in schemas.assuresign_domains)
    return element.tag.startswith(_ANNOTATIONS.name(""))


def _references(root: Element) -> Iterator[tuple[Element, str, str]]:
    """Find what names another file: the element, the attribute and the file."""
    for name, attribute in (
        (_WSDL.name("import"), "location"),
        (_XSD.name("import"), "schemaLocation"),
        (_XSD.name("include"), "schemaLocation"),
    ):
        for element in list(root.iter(name)):
            file = element.get(attribute)
            if file is not None:
                yield element, attribute, file


class _Single:
    """All WSDL and XSD files of the service as one WSDL, as WCF's ``?singleWsdl`` is.

    A WSDL has one target namespace: what the others declare moves into that of the service, under
    another name where two have the same.
    """

    def __init__(self, schemas: Schemas, service_url: str) -> None:
        self._schemas = schemas
        self._service_url = service_url
        self._wsdls: dict[str, Element] = {}
        self._xsds: dict[str, Element] = {}
        self._seen: set[str] = set()
        self._names: dict[tuple[str, str], str] = {}
        self._gather(_ENTRY, "")
        self._target = self._wsdls[_ENTRY].get("targetNamespace", "")
        self._prefixes = {"tns": self._target}
        for number, root in enumerate(self._xsds.values(), start=1):
            self._prefixes[f"q{number}"] = root.get("targetNamespace", "")

    def content(self) -> bytes:
        """Write the file."""
        own = {"wsdl": _WSDL.namespace, "soap": _SOAP.namespace}
        whole = etree.Element(
            _WSDL.name("definitions"),
            {"targetNamespace": self._target},
            nsmap={**own, **self._prefixes},
        )
        types = etree.SubElement(whole, _WSDL.name("types"))
        for root in self._wsdls.values():
            self._rename(root)
        for kind in ("message", "portType", "binding", "service"):
            for root in self._wsdls.values():
                for element in _WSDL.children(root, kind):
                    self._refer(element)
                    whole.append(element)
        # Put into the tree, a schema would lose prefixes that stand in values alone.
        schemas = b"".join(
            etree.tostring(root, encoding="utf-8", xml_declaration=False, with_tail=False)
            for root in self._xsds.values()
        )
        types.text = "*"
        return etree.tostring(whole, encoding="utf-8", xml_declaration=False).replace(
            b">*<", b">" + schemas + b"<", 1
        )

    def _gather(self, name: str, namespace: str) -> None:
        """Read a file and those that it refers to."""
        root = None if name in self._seen else _read(name, self._service_url, self._schemas)
        if root is None:
            return
        self._seen.add(name)
        found = self._wsdls if name.endswith(".wsdl") else self._xsds
        if found is self._xsds and root.get("targetNamespace") is None:
            root = _adopted(root, namespace)
        for element, attribute, file in _references(root):
            del element.attrib[attribute]
            self._gather(unquote(file), root.get("targetNamespace", ""))
            parent = element.getparent()
            if parent is not None and element.tag == _XSD.name("include"):
                parent.remove(element)
        # Behind those that it needs, since not every stack looks ahead.
        found[name] = root

    def _rename(self, root: Element) -> None:
        namespace = root.get("targetNamespace", "")
        for element in elements(root):
            kind, name = local_name(element), element.get("name")
            if kind in _KINDS.values() and name is not None:
                taken = [new for (one, _), new in self._names.items() if one == kind]
                new = name if name not in taken else f"{name}{len(taken)}"
                self._names[kind, f"{{{namespace}}}{name}"] = new
                element.set("name", new)

    def _refer(self, declaration: Element) -> None:
        """Write the references of a declaration with the prefixes of the new file."""
        for element in declaration.iter(f"{{{_WSDL.namespace}}}*"):
            for attribute, kind in {**_KINDS, "element": ""}.items():
                value = element.get(attribute)
                if value is None:
                    continue
                prefix, _, local = value.strip().rpartition(":")
                namespace = element.nsmap.get(prefix or None) or ""
                if kind:
                    local = self._names.get((kind, f"{{{namespace}}}{local}"), local)
                    namespace = self._target
                names = [name for name, known in self._prefixes.items() if known == namespace]
                element.set(attribute, f"{names[0]}:{local}" if names else local)


def _adopted(root: Element, namespace: str) -> Element:
    """Give a schema without a namespace that of the schema which includes it."""
    attributes = {str(key): str(value) for key, value in root.attrib.items()}
    made = new_element(
        root.tag,
        {**attributes, "targetNamespace": namespace},
        {None: namespace, **root.nsmap},
    )
    made.extend(list(root))
    return made
