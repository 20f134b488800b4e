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
    "{http://www.w3.org/XML/1998/namespace}lang",
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
    "hidden": {"attribute", "element", "extension"},
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


# What a WSDL may hold, by the way from its root, and the attributes of it; "?" marks those that may
# be missing.
_CONTENT = {
    "": "name? targetNamespace",
    "/documentation": "",
    "/import": "namespace location",
    "/import/documentation": "",
    "/types": "",
    "/types/xs:schema": "targetNamespace? elementFormDefault? attributeFormDefault?",
    "/types/xs:schema/xs:import": "namespace? schemaLocation?",
    "/message": "name",
    "/message/part": "name element? type?",
    "/portType": "name",
    "/portType/documentation": "",
    "/portType/operation": "name",
    "/portType/operation/documentation": "",
    "/portType/operation/input": "name? message",
    "/portType/operation/output": "name? message",
    "/portType/operation/fault": "name message",
    "/binding": "name type",
    "/binding/soap:binding": "style? transport?",
    "/binding/operation": "name",
    "/binding/operation/soap:operation": "soapAction? style?",
    "/binding/operation/input": "name?",
    "/binding/operation/input/soap:body": "use? parts?",
    "/binding/operation/output": "name?",
    "/binding/operation/output/soap:body": "use? parts?",
    "/binding/operation/fault": "name",
    "/binding/operation/fault/soap:fault": "name use?",
    "/service": "name",
    "/service/documentation": "",
    "/service/port": "name binding",
    "/service/port/soap:address": "location",
}
# Parts without a name of which there may be many.
_MANY = {"/import", "/types/xs:schema", "/types/xs:schema/xs:import"}
_PREFIXES = {WSDL[1:-1]: "", SOAP[1:-1]: "soap:", XS[1:-1]: "xs:"}
_NAME = re.compile(r"[^\W\d][\w.-]*")
_FOREIGN = {
    "http://schemas.xmlsoap.org/wsdl/soap12/": "SOAP 1.2 is not supported: use a SOAP 1.1 binding",
    "http://schemas.xmlsoap.org/wsdl/mime/": "mime parts are not supported: put the document into "
    "an element of type xs:base64Binary",
    "http://schemas.xmlsoap.org/wsdl/http/": "an HTTP binding is not supported: use SOAP 1.1",
}
_HTTP = "http://schemas.xmlsoap.org/soap/http"


def check_definitions(path: Path, root: etree._Element) -> None:
    """Refuses a WSDL that is not document/literal over SOAP 1.1, or in which something is lost."""
    _check_content(path, root, "")
    for node in root.findall(f"{WSDL}binding"):
        _check_binding(path, node)


def _check_content(path: Path, parent: etree._Element, way: str) -> None:
    """Refuses what a part of a WSDL may not hold, what is there twice, and text."""
    _check_wsdl_attributes(path, parent, _CONTENT[way])
    where = _shown(parent)
    seen: set[tuple[str, str | None]] = set()
    texts = [parent.text, *(node.tail for node in parent)]
    if any((text or "").strip() for text in texts):
        raise SchemaProblem(
            f"the text in this {where} means nothing: put it into wsdl:documentation",
            path,
            line_of(parent),
        )
    for node in parent.findall("*"):
        name = etree.QName(node)
        prefix = _PREFIXES.get(name.namespace or "")
        inner = f"{way}/{prefix}{name.localname}"
        key = (inner, None if name.localname in {"input", "output"} else node.get("name"))
        problem = None
        if name.namespace == ESW[1:-1]:
            continue  # it is an annotation, and checked as those are
        if name.namespace in _FOREIGN:
            problem = _FOREIGN[name.namespace]
        elif node.tag in {f"{SOAP}header", f"{SOAP}headerfault"}:
            problem = "soap:header is not supported: no call would send the header"
        elif way == "/types/xs:schema" and inner not in _CONTENT:
            problem = (
                "a schema inside wsdl:types is not supported: move it into an .xsd file of this "
                "folder, and import that"
            )
        elif prefix is None or inner not in _CONTENT:
            problem = f"{name.localname} means nothing to this compiler in a {where}: remove it"
        elif key in seen and inner not in _MANY:
            called = f"{name.localname} {node.get('name') or ''}".strip()
            problem = f"{called} is declared twice in {parent.get('name') or f'a {where}'}"
        if problem is not None:
            raise SchemaProblem(problem, path, line_of(node))
        seen.add(key)
        if name.localname != "documentation":
            _check_content(path, node, inner)


def _check_wsdl_attributes(path: Path, node: etree._Element, known: str) -> None:
    where = _shown(node)
    is_due = {one.removesuffix("?"): not one.endswith("?") for one in known.split()}
    problem = None
    for name, needed in is_due.items():
        if needed and not (node.get(name) or "").strip():
            problem = f"a {where} has no {name}"
    for key, text in node.attrib.items():
        name, value = str(key), str(text)
        if name not in is_due and not name.startswith((ESW, *_HARMLESS)):
            shown = name.rpartition("}")[2]
            problem = f"nothing reads {shown} of this {where}: remove it"
        elif value != value.strip():
            problem = f'there are blanks around the value of {name}, "{value}": remove them'
        elif name == "name" and value and not _NAME.fullmatch(value):
            problem = f'"{value}" is no name of XML: letters, digits, "_", "-" and "." only'
        elif (name, value) == ("name", ""):
            problem = f"a {where} has no name"
    if problem is not None:
        raise SchemaProblem(problem, path, line_of(node))


def _shown(node: etree._Element) -> str:
    return f"{node.prefix or 'wsdl'}:{etree.QName(node).localname}"


def _check_binding(path: Path, binding: etree._Element) -> None:
    """Refuses a binding without what zeep needs to send a call by it, and what zeep misreads."""

    def refuse(node: etree._Element, message: str) -> SchemaProblem:
        return SchemaProblem(message, path, line_of(node))

    name = binding.get("name")
    soap = binding.find(f"{SOAP}binding")
    if soap is None:
        raise refuse(
            binding, f"binding {name} has no soap:binding, so nothing tells how to call it"
        )
    if soap.get("transport") != _HTTP:
        raise refuse(
            soap, f'the transport "{soap.get("transport")}" is not supported: only {_HTTP}'
        )
    for node in binding.iter(f"{SOAP}*"):
        if node.get("style", "document") != "document":
            raise refuse(node, f'the style "{node.get("style")}" is not supported: only document')
        if node.get("use", "literal") != "literal":
            raise refuse(node, f'the use "{node.get("use")}" is not supported: only literal')
    for operation in binding.findall(f"{WSDL}operation"):
        for kind in ("input", "output"):
            if operation.find(f"{WSDL}{kind}/{SOAP}body") is None:
                raise refuse(
                    operation,
                    f"wsdl:{kind} of operation {operation.get('name')} must have one soap:body",
                )
