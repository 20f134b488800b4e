"""WSDL of AssureSign's service, published so that SOAP stacks can load it from the emulator.

The bundled files refer to each other by file name. As published, each reference is an address of
the service, ``?wsdl=<file>`` or ``?xsd=<file>``, and the ports' addresses are the emulator's.
"""

from __future__ import annotations

from lxml import etree

from esignwire.emulator._wire import Vocabulary, WireAnswer
from esignwire.emulator.schemas import Schemas

__all__ = ["publish"]

_ENTRY = "DocumentNOW.wsdl"
_WSDL = Vocabulary("http://schemas.xmlsoap.org/wsdl/")
_SOAP = Vocabulary("http://schemas.xmlsoap.org/wsdl/soap/")
_XSD = Vocabulary("http://www.w3.org/2001/XMLSchema")


def publish(query: list[tuple[str, str]], service_url: str, schemas: Schemas) -> WireAnswer | None:
    """Answer a request for a WSDL or XSD file.

    Args:
        query: The fields of the query string: ``wsdl`` or ``xsd``, whose value names a file; an
            empty ``wsdl`` asks for the service's own.
        service_url: The address of the service file, where it was asked.
        schemas: The files.

    Returns:
        The file with its references rewritten; ``None`` where the query asks for no such file.
    """
    if len(query) != 1:
        return None
    kind, name = query[0][0].lower(), query[0][1]
    if kind == "wsdl" and not name:
        name = _ENTRY
    if kind not in {"wsdl", "xsd"} or not name.lower().endswith(f".{kind}"):
        return None
    content = schemas.published(name)
    if content is None:
        return None
    root = etree.fromstring(content)
    for reference, attribute in (
        (_WSDL.name("import"), "location"),
        (_XSD.name("import"), "schemaLocation"),
        (_XSD.name("include"), "schemaLocation"),
    ):
        for element in root.iter(reference):
            file = element.get(attribute)
            if file is not None:
                element.set(attribute, f"{service_url}?{file.rpartition('.')[2]}={file}")
    for address in root.iter(_SOAP.name("address")):
        tail = "/".join(address.get("location", "").rsplit("/", 2)[1:])
        address.set("location", f"{service_url}/{tail}")
    return WireAnswer(
        media_type="text/xml; charset=utf-8",
        content=etree.tostring(root, xml_declaration=True, encoding="utf-8"),
        operation=f"?{kind}",
    )
