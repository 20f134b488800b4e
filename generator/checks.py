"""Refuses what a schema says and this compiler would otherwise drop or misread.

libxml2 judges whether a schema is valid, and xsdata resolves it. Neither minds an annotation in the
wrong place, and both know constructs that have no faithful place in a dataclass. Silence would be
worst there: a misplaced ``esw:sensitive`` would leave a secret in a log.
"""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from generator.names import snake_case
from generator.problems import SchemaProblem

XS = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
ESW = "{urn:esignwire:schema}"

# Where each annotation means something, by the local name of the declaration that bears it.
_PLACES = {
    "account": {"attribute", "element"},
    "also": {"element"},
    "basis": {
        "attribute",
        "complexType",
        "element",
        "enumeration",
        "operation",
        "schema",
        "simpleType",
    },
    "by-hand": {"operation"},
    "credential": {"attribute", "element"},
    "exceptions": {"element"},
    "key": {"attribute", "element"},
    "lookup": {"attribute", "element"},
    "maps-to": {"simpleType"},
    "mtom": {"port"},
    "name": {"schema"},
    "reference": {"attribute", "element"},
    "result": {"element"},
    "safe": {"element", "operation"},
    "sensitive": {"attribute", "element"},
    "success": {"attribute", "element"},
    "token": {"attribute", "element"},
}
_UNSUPPORTED = {
    "anyAttribute": "xs:anyAttribute is not supported: name the attributes",
    "list": "xs:list is not supported: repeat an element instead",
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
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes().count(b"\n", 0, error.start) + 1
        raise SchemaProblem("not in UTF-8: save it in that encoding", path, line) from error


def check_no_dtd(path: Path, root: etree._Element) -> None:
    """Refuses a document type declaration: nothing at run time reads a file that has one."""
    if root.getroottree().docinfo.internalDTD is None:
        return
    content = path.read_bytes()
    line = content.count(b"\n", 0, content.find(b"<!DOCTYPE")) + 1
    raise SchemaProblem("a document type declaration is not supported: remove it", path, line)


def check_names(files: list[Path]) -> None:
    """Refuses files whose names would become one Python module."""
    seen: dict[str, Path] = {}
    for path in files:
        name = snake_case(path.stem)
        if name in seen:
            raise SchemaProblem(
                f"{path.name} and {seen[name].name} would become one Python module, {name}: "
                "rename one",
                path,
            )
        seen[name] = path


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
        for key in node.attrib:
            name = str(key)
            if not name.startswith(ESW):
                continue
            name = name.removeprefix(ESW)
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
    name = node.get("name")
    if node.get("mixed") in {"true", "1"}:
        return "mixed content is not supported: no dataclass can hold it"
    if node.get("substitutionGroup") is not None:
        return f"the substitution group of {name} is not supported: list its elements in a choice"
    if node.tag == f"{XS}element" and (node.get("default") or node.get("fixed")) is not None:
        return f"a default or fixed value of the element {name} is not supported: document it"
    is_repeated = node.get("maxOccurs", "1") not in {"0", "1"}
    if node.tag == f"{XS}sequence" and is_repeated and len(node.findall(f"{XS}element")) != 1:
        return "a repeated sequence is not supported: its order would be lost; make it a type"
    return None


def check_definitions(path: Path, root: etree._Element) -> None:
    """Refuses a WSDL that is not document/literal, or whose parts have no names of their own."""
    for kind in ("message", "portType", "binding", "service", "portType/operation", "service/port"):
        steps = "/".join(f"{WSDL}{step}" for step in kind.split("/"))
        for node in root.findall(steps):
            if not node.get("name"):
                local = etree.QName(node).localname
                raise SchemaProblem(f"a wsdl:{local} has no name", path, line_of(node))
    for node in root.iter(f"{SOAP}binding", f"{SOAP}operation"):
        if node.get("style", "document") != "document":
            raise SchemaProblem(
                f'the style "{node.get("style")}" is not supported: only document',
                path,
                line_of(node),
            )
    for node in root.iter(f"{SOAP}body"):
        if node.get("use", "literal") != "literal":
            raise SchemaProblem(
                f'the use "{node.get("use")}" is not supported: only literal', path, line_of(node)
            )
    for parent in root.findall(f"{WSDL}portType") + root.findall(f"{WSDL}binding"):
        seen: set[str] = set()
        for node in parent.findall(f"{WSDL}operation"):
            name = node.get("name") or ""
            if name in seen:
                raise SchemaProblem(
                    f"operation {name} is declared twice in {parent.get('name')}",
                    path,
                    line_of(node),
                )
            seen.add(name)


def check_declared_once(schemas: dict[Path, etree._Element]) -> None:
    """Refuses a name that two files declare in one namespace, which libxml2 may never see."""
    seen: dict[tuple[str, str, str], tuple[Path, int | None]] = {}
    alike: dict[tuple[str, str], etree._Element] = {}
    for path, root in schemas.items():
        for node in root:
            name = node.get("name") if isinstance(node.tag, str) else None
            if name is None:
                continue
            kind = etree.QName(node).localname
            space = "type" if kind in {"simpleType", "complexType"} else kind
            key = (root.get("targetNamespace") or "", space, name)
            if key in seen:
                other, line = seen[key]
                raise SchemaProblem(
                    f"xs:{kind} {name} is declared already in {other.name}, line {line}",
                    path,
                    line_of(node),
                )
            seen[key] = (path, line_of(node))
            if space in {"type", "element"}:
                _check_distinct(alike, path, root, node)


def _check_distinct(
    alike: dict[tuple[str, str], etree._Element],
    path: Path,
    root: etree._Element,
    node: etree._Element,
) -> None:
    """Refuses names that differ in case or punctuation only: xsdata would rename both, silently."""
    name = node.get("name", "")
    letters = "".join(character for character in name if character.isalnum()).lower()
    other = alike.setdefault((root.get("targetNamespace") or "", letters), node)
    if other is node:
        return
    names = {name, other.get("name")}
    named = {one.get("type", "").rpartition(":")[2] for one in (node, other)}
    # An element may have the name of its type.
    if not (len(names) == 1 and name in named):
        raise SchemaProblem(
            f"{name} and {other.get('name')} (line {line_of(other)}) are too much alike to become "
            "two Python names: rename one",
            path,
            line_of(node),
        )


def check_no_circle(schemas: dict[Path, etree._Element]) -> None:
    """Refuses schema files that include or import each other in a circle."""
    by_place = {path.resolve(): path for path in schemas}

    def visit(path: Path, trail: list[Path]) -> None:
        for node in schemas[path].findall(f"{XS}include") + schemas[path].findall(f"{XS}import"):
            location = node.get("schemaLocation")
            if location is None:
                continue
            target = by_place[(path.parent / location).resolve()]
            if target in trail:
                circle = [*trail[trail.index(target) :], target]
                raise SchemaProblem(
                    "schema files need each other in a circle "
                    f"({' -> '.join(one.name for one in circle)}): move the shared types into a "
                    "file of their own",
                    path,
                    line_of(node),
                )
            if target not in done:
                visit(target, [*trail, target])
        done.add(path)

    done: set[Path] = set()
    for path in schemas:
        if path not in done:
            visit(path, [path])
