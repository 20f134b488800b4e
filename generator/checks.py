"""Checks of a schema file: what this compiler would otherwise drop or misread is refused.

libxml2 judges whether a schema is valid. It minds no annotation in the wrong place, and knows
constructs that have no faithful place in a dataclass. Silence would be
worst there: a misplaced ``esw:sensitive`` would leave a secret in a log.
"""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from generator.problems import SchemaProblem

XS = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
ESW = "{urn:esignwire:schema}"

_ENCODING = re.compile(r"""\ufeff?<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)""")
# Foreign attributes of declarations that say nothing which is compiled.
_HARMLESS = (
    "{http://www.w3.org/XML/1998/namespace}",
    "{http://www.w3.org/2001/XMLSchema-instance}",
    "{http://www.w3.org/2005/05/xmlmime}",
)
# Attributes of a schema whose value is a text of its own, with its blanks.
_TEXTS = {"default", "fixed", "source", "value", "xpath"}

# Where each annotation means something, by the local name of the declaration that bears it.
_PLACES = {
    "account": {"attribute", "element"},
    "also": {"element"},
    "basis": {"attribute", "complexType", "element", "enumeration", "operation", "simpleType"},
    "by-hand": {"operation"},
    "credential": {"attribute", "element"},
    "exceptions": {"element"},
    "key": {"attribute", "element"},
    "lookup": {"attribute", "element"},
    "maps-to": {"simpleType"},
    "mtom": {"port"},
    "name": {"schema"},
    "nil": {"element"},
    "reference": {"attribute", "element"},
    "result": {"element"},
    "safe": {"element", "operation"},
    "sample": {"simpleType"},
    "sensitive": {"attribute", "element"},
    "success": {"attribute", "element"},
    "token": {"attribute", "element"},
}
# The global declarations of a schema.
NAMED = {"attribute", "attributeGroup", "complexType", "element", "group", "simpleType"}
_UNSUPPORTED = {
    "anyAttribute": "xs:anyAttribute is not supported: name the attributes",
    "appinfo": "xs:appinfo is read by nothing: say it in xs:documentation, or by an esw: attribute",
    "keyref": "xs:keyref is not supported: document it",
    "list": "xs:list is not supported: repeat an element instead",
    "notation": "xs:notation is not supported: remove it",
    "override": "xs:override is not supported: change the schema itself",
    "redefine": "xs:redefine is not supported: change the schema itself",
}


def line_of(node: etree._Element) -> int | None:
    """Returns the line of a declaration, for messages."""
    # lxml's stubs leave the type of it open.
    line: object = node.sourceline
    return line if isinstance(line, int) else None


def check_text(path: Path) -> None:
    """Refuses a file that is not in UTF-8, since it is bundled as it stands."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SchemaProblem("not in UTF-8: save it in that encoding", path, line) from error
    # UTF-16 without a mark of its order is UTF-8 too, with a NUL beside each letter.
    declared = _ENCODING.match(text)
    if "\0" in text or (declared and declared[1].lower() not in {"utf-8", "us-ascii"}):
        raise SchemaProblem("not in UTF-8: save it in that encoding, and declare no other", path, 1)


def check_no_dtd(path: Path, root: etree._Element) -> None:
    """Refuses a document type declaration: nothing at run time reads a file that has one."""
    if root.getroottree().docinfo.internalDTD is None:
        return
    content = path.read_bytes()
    line = content.count(b"\n", 0, content.find(b"<!DOCTYPE")) + 1
    raise SchemaProblem("a document type declaration is not supported: remove it", path, line)


def check_annotations(path: Path, root: etree._Element) -> None:
    """Refuses annotations that stand where nothing reads them."""
    for node in root.iter():
        if not isinstance(node.tag, str):
            continue
        if node.nsmap.get("esw", ESW[1:-1]) != ESW[1:-1]:
            raise SchemaProblem(
                f'the prefix esw must stand for "{ESW[1:-1]}", not for "{node.nsmap["esw"]}"',
                path,
                line_of(node),
            )
        local = etree.QName(node).localname
        if node.tag.startswith(ESW):
            _check_extension(path, node)
        if node.tag.startswith(XS):
            _check_attributes(path, node)
        for name, _ in annotations_of(node):
            places = _PLACES.get(name)
            if places is None:
                raise SchemaProblem(
                    f"unknown annotation esw:{name}; known: {', '.join(sorted(_PLACES))}",
                    path,
                    line_of(node),
                )
            in_port_type = local != "operation" or _parent_is(node, f"{WSDL}portType")
            if local not in places or not in_port_type:
                listed = ", ".join(sorted(places)).replace("operation", "wsdl:portType/operation")
                raise SchemaProblem(
                    f"esw:{name} means nothing on this {local}; it belongs on: {listed}",
                    path,
                    line_of(node),
                )
            if node.tag.startswith(WSDL) and node.get(f"{ESW}{name}") is not None:
                raise SchemaProblem(
                    f"WSDL allows no foreign attribute on this {local}: write <esw:{local} "
                    f'{name}="..."/> as its first child behind wsdl:documentation',
                    path,
                    line_of(node),
                )


def _check_attributes(path: Path, node: etree._Element) -> None:
    """Refuses attributes of a schema that nothing reads, and names with blanks around them."""
    for key, text in node.attrib.items():
        name, value = str(key), str(text)
        if name.startswith("{") and not name.startswith((ESW, *_HARMLESS)):
            namespace, _, local = name[1:].partition("}")
            raise SchemaProblem(
                f'nothing reads {local} of namespace "{namespace}": remove it, or write the '
                f'namespace of annotations, "{ESW[1:-1]}"',
                path,
                line_of(node),
            )
        if name not in _TEXTS and value != value.strip():
            raise SchemaProblem(
                f'there are blanks around the value of {name}, "{value}": remove them',
                path,
                line_of(node),
            )


def annotations_of(node: etree._Element) -> list[tuple[str, str]]:
    """Returns what is said of a declaration: by attributes in a schema, by an element in a WSDL."""
    found = [
        (str(name).removeprefix(ESW), str(value))
        for name, value in node.attrib.items()
        if str(name).startswith(ESW)
    ]
    for child in node.findall(f"{ESW}*"):
        found += [(str(name).removeprefix(ESW), str(value)) for name, value in child.attrib.items()]
    return found


def _check_extension(path: Path, node: etree._Element) -> None:
    """Refuses an element of ours that is not alone in the operation or the port of a WSDL."""
    parent = node.getparent()
    name = etree.QName(node).localname
    if parent is None or name not in {"operation", "port"} or parent.tag != f"{WSDL}{name}":
        what = f"esw:{name} means nothing here: it belongs into a wsdl:operation or wsdl:port"
    elif any(one.tag != f"{WSDL}documentation" for one in node.itersiblings("*", preceding=True)):
        what = f"esw:{name} stands behind wsdl:documentation and before all else, once"
    elif any(str(attribute).startswith("{") for attribute in node.attrib):
        what = f"the attributes of esw:{name} have no prefix"
    elif len(node) or (node.text or "").strip():
        what = f"esw:{name} has no content: it holds attributes"
    else:
        return
    raise SchemaProblem(what, path, line_of(node))


def _parent_is(node: etree._Element, tag: str) -> bool:
    parent = node.getparent()
    return parent is not None and parent.tag == tag


def check_schema(path: Path, root: etree._Element) -> None:
    """Refuses constructs of XML Schema that no dataclass could hold faithfully."""
    for node in root.iter(f"{XS}*"):
        message = _UNSUPPORTED.get(etree.QName(node).localname) or _unsupported(node)
        if message is not None:
            raise SchemaProblem(_in_type(node) + message, path, line_of(node))


def _in_type(node: etree._Element) -> str:
    names = [
        one.get("name")
        for one in node.iterancestors(f"{XS}complexType", f"{XS}simpleType", f"{XS}element")
        if one.get("name")
    ]
    return f"{names[-1]}: " if names else ""


def _unsupported(node: etree._Element) -> str | None:
    name = node.get("name") or node.get("ref") or ""
    is_element = node.tag == f"{XS}element"
    if node.get("mixed", "").strip() in {"true", "1"}:
        return "mixed content is not supported: no dataclass can hold it"
    if node.get("substitutionGroup") is not None:
        return f"the substitution group of {name} is not supported: list its elements in a choice"
    if is_element and node.get("abstract", "").strip() in {"true", "1"}:
        return f"the abstract element {name} is not supported: list its elements in a choice"
    if is_element and (node.get("default") is not None or node.get("fixed") is not None):
        return f"a default or fixed value of the element {name} is not supported: document it"
    if node.get("maxOccurs") == "0" or node.get("use") == "prohibited":
        return f"what may not be there is not supported: remove {name or 'it'}"
    return None


# What a binding may hold, by where it stands.
_BINDING_PARTS = {
    "definitions": {
        "documentation",
        "import",
        "types",
        "message",
        "portType",
        "binding",
        "service",
    },
    "types": {"documentation"},
    "message": {"documentation", "part"},
    "portType": {"documentation", "operation"},
    "binding": {"documentation", "operation"},
    "operation": {"documentation", "input", "output", "fault"},
    "input": {"documentation"},
    "output": {"documentation"},
    "fault": {"documentation"},
    "service": {"documentation", "port"},
    "port": {"documentation"},
    "import": {"documentation"},
    "part": {"documentation"},
}
_SOAP_PARTS = {
    "binding": {"binding"},
    "operation": {"operation"},
    "input": {"body"},
    "output": {"body"},
    "fault": {"fault"},
    "port": {"address"},
}
_FOREIGN = {
    "http://schemas.xmlsoap.org/wsdl/soap12/": "SOAP 1.2 is not supported: use a SOAP 1.1 binding",
    "http://schemas.xmlsoap.org/wsdl/mime/": "mime parts are not supported: put the document into "
    "an element of type xs:base64Binary",
    "http://schemas.xmlsoap.org/wsdl/http/": "an HTTP binding is not supported: use SOAP 1.1",
}
_HTTP = "http://schemas.xmlsoap.org/soap/http"


def check_definitions(path: Path, root: etree._Element) -> None:
    """Refuses a WSDL that is not document/literal over SOAP 1.1, or whose parts have no names."""

    def refuse(node: etree._Element, message: str) -> SchemaProblem:
        return SchemaProblem(message, path, line_of(node))

    def visit(parent: etree._Element) -> None:
        local = etree.QName(parent).localname
        for node in parent.findall("*"):
            name = etree.QName(node)
            if name.namespace == WSDL[1:-1] and name.localname in _BINDING_PARTS.get(local, ()):
                if name.localname != "documentation":
                    visit(node)
            elif name.namespace == ESW[1:-1]:
                pass  # it is an annotation, and checked as those are
            elif node.tag == f"{XS}schema" and local == "types":
                _check_inline_schema(path, node)
            elif name.namespace in _FOREIGN:
                raise refuse(node, _FOREIGN[name.namespace])
            elif node.tag in {f"{SOAP}header", f"{SOAP}headerfault"}:
                raise refuse(node, "soap:header is not supported: no call would send the header")
            elif not (
                name.namespace == SOAP[1:-1] and name.localname in _SOAP_PARTS.get(local, ())
            ):
                raise refuse(
                    node,
                    f"{name.localname} means nothing to this compiler in a wsdl:{local}: remove it",
                )

    visit(root)
    for kind in ("message", "portType", "binding", "service", "portType/operation", "service/port"):
        steps = "/".join(f"{WSDL}{step}" for step in kind.split("/"))
        for node in root.findall(steps):
            if not node.get("name"):
                raise refuse(node, f"a wsdl:{etree.QName(node).localname} has no name")
    for node in root.iter(f"{SOAP}binding", f"{SOAP}operation"):
        if node.get("style", "document") != "document":
            raise refuse(node, f'the style "{node.get("style")}" is not supported: only document')
    for node in root.iter(f"{SOAP}binding"):
        if node.get("transport") != _HTTP:
            raise refuse(
                node, f'the transport "{node.get("transport")}" is not supported: only {_HTTP}'
            )
    for node in root.iter(f"{SOAP}body", f"{SOAP}fault"):
        if node.get("use", "literal") != "literal":
            raise refuse(node, f'the use "{node.get("use")}" is not supported: only literal')
    for parent in root.findall(f"{WSDL}portType") + root.findall(f"{WSDL}binding"):
        seen: set[str] = set()
        for node in parent.findall(f"{WSDL}operation"):
            name = node.get("name") or ""
            if name in seen:
                raise refuse(node, f"operation {name} is declared twice in {parent.get('name')}")
            seen.add(name)
    for node in root.findall(f"{WSDL}binding"):
        _check_binding(path, node)


def _check_inline_schema(path: Path, schema: etree._Element) -> None:
    for node in schema.findall("*"):
        if node.tag != f"{XS}import":
            raise SchemaProblem(
                "a schema inside wsdl:types is not supported: move it into an .xsd file of this "
                "folder, and import that",
                path,
                line_of(node),
            )


def _check_binding(path: Path, binding: etree._Element) -> None:
    """Refuses a binding without what zeep needs to send a call by it."""
    name = binding.get("name")
    if len(binding.findall(f"{SOAP}binding")) != 1:
        raise SchemaProblem(
            f"binding {name} has no soap:binding, so nothing tells how to call it",
            path,
            line_of(binding),
        )
    for operation in binding.findall(f"{WSDL}operation"):
        if not operation.get("name"):
            raise SchemaProblem("a wsdl:operation has no name", path, line_of(operation))
        for kind in ("input", "output"):
            bodies = operation.findall(f"{WSDL}{kind}/{SOAP}body")
            if len(bodies) != 1:
                raise SchemaProblem(
                    f"wsdl:{kind} of operation {operation.get('name')} must have one soap:body",
                    path,
                    line_of(operation),
                )
