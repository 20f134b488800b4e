"""The files of one vendor's folder: parsed, valid, and with a mark for each annotation in them.

Whatever a file says of Python (an ``esw:`` attribute, documentation) is filed when the file is
read, and struck off when it is used. What is left at the end would be lost, so that the schema is
refused.
"""

from __future__ import annotations
import __future__

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlparse

from lxml import etree

from generator.checks import (
    NAMED,
    WSDL,
    XS,
    annotations_of,
    check_annotations,
    check_definitions,
    check_no_dtd,
    check_schema,
    check_text,
    line_of,
)
from generator.model import Marks, Place
from generator.names import snake_case
from generator.problems import SchemaProblem

# The values that an annotation may have; others take any text.
_VALUES = {
    "basis": {"wsdl", "documented", "wire", "inferred"},
    "exceptions": {"true"},
    "hidden": {"true", "false"},
    "maps-to": {"uuid", "yes-no"},
    "nil": {"written"},
    "result": {"true"},
    "safe": {"true", "false"},
    "sensitive": {"true", "false"},
    "success": {"true"},
}
# What a member says about the methods of the client.
_MARKS = {
    "account",
    "credential",
    "exceptions",
    "key",
    "lookup",
    "reference",
    "result",
    "success",
    "token",
}
# The annotations that name something in Python.
_NAMES = {"account", "by-hand", "credential", "reference", "token"}
# What becomes Python, so that its documentation must too.
_DOCUMENTED = {
    "any",
    "attribute",
    "complexType",
    "element",
    "enumeration",
    "operation",
    "portType",
    "schema",
    "simpleType",
}
_SPACES = {"complexType": "type", "simpleType": "type"}
_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(slots=True)
class Sources:
    """The files of one vendor's folder, parsed.

    Attributes:
        folder: The folder.
        schemas: The roots of the XSDs.
        wsdls: The roots of the WSDLs.
        includes: What each XSD includes.
        namespaces: The namespace of each XSD; one without takes that of the XSD which includes it.
        declared: The global declarations by kind and qualified name.
        entry_of: The schema that stands alone and holds a schema, or is it.
    """

    folder: Path
    schemas: dict[Path, etree._Element] = field(default_factory=dict)
    wsdls: dict[Path, etree._Element] = field(default_factory=dict)
    includes: dict[Path, list[Path]] = field(default_factory=dict)
    namespaces: dict[Path, str] = field(default_factory=dict)
    declared: dict[tuple[str, str], etree._Element] = field(default_factory=dict)
    entry_of: dict[Path, Path] = field(default_factory=dict)
    _paths: dict[etree._Element, Path] = field(default_factory=dict)
    _marks: dict[tuple[etree._Element, str], str] = field(default_factory=dict)
    _taken: set[tuple[etree._Element, str]] = field(default_factory=set)
    _used: set[etree._Element] = field(default_factory=set)

    def add(self, path: Path, root: etree._Element) -> None:
        """Takes a file up, with a mark for each annotation in it."""
        (self.schemas if path.suffix == ".xsd" else self.wsdls)[path] = root
        self._paths[root] = path
        for node in root.iter("*"):
            for name, value in annotations_of(node):
                self._mark(node, name, value)
            if node.tag not in {f"{XS}documentation", f"{WSDL}documentation"}:
                continue
            holder = node.getparent()
            if holder is not None and holder.tag == f"{XS}annotation":
                holder = holder.getparent()
            if holder is not None and etree.QName(holder).localname in _DOCUMENTED:
                text = "\n".join(
                    line.strip() for line in "".join(map(str, node.itertext())).strip().splitlines()
                )
                before = self._marks.get((holder, "documentation"))
                self._marks[(holder, "documentation")] = f"{before}\n{text}" if before else text

    def _mark(self, node: etree._Element, name: str, value: str) -> None:
        allowed = _VALUES.get(name)
        if allowed is not None and value not in allowed:
            listed = " or ".join(f'"{one}"' for one in sorted(allowed))
            which = listed if len(allowed) == 1 else f"one of {listed}"
            raise self.problem(node, f'esw:{name} must be {which}, not "{value}"')
        if name in _NAMES and (not value.isidentifier() or keyword.iskeyword(value)):
            raise self.problem(node, f'esw:{name} must be a name of Python\'s, not "{value}"')
        if name == "key" and not value.split():
            raise self.problem(node, "esw:key names no member of a question")
        if name == "lookup" and not re.fullmatch("[1-9][0-9]{0,2}", value):
            raise self.problem(
                node,
                f'esw:lookup must be a number from 1 on, not "{value}": the first that has a '
                "value is what an outcome is looked up by",
            )
        self._marks[(node, name)] = value

    def take(self, node: etree._Element, name: str) -> str | None:
        """Gives an annotation of a declaration, and strikes it off."""
        self._taken.add((node, name))
        return self._marks.get((node, name))

    def marks(self, *nodes: etree._Element) -> Marks:
        """Gives what declarations of one member say about methods, the first one first."""
        found = {name: self._first(nodes, name) for name in _MARKS}
        lookup = found["lookup"]
        return Marks(
            account=found["account"],
            credential=found["credential"],
            reference=found["reference"],
            token=found["token"],
            key=tuple((found["key"] or "").split()),
            lookup=None if lookup is None else int(lookup),
            is_exceptions=found["exceptions"] is not None,
            is_success=found["success"] is not None,
            is_result=found["result"] is not None,
        )

    def _first(self, nodes: Iterable[etree._Element], name: str) -> str | None:
        texts = [self.take(node, name) for node in nodes]
        return next((text for text in texts if text is not None), None)

    def place(self, node: etree._Element) -> Place:
        """Tells where a node stands."""
        return Place(self.path(node), line_of(node))

    def path(self, node: etree._Element) -> Path:
        """Tells in which file a node stands."""
        return self._paths[node.getroottree().getroot()]

    def problem(self, node: etree._Element, message: str) -> SchemaProblem:
        """Makes the refusal of a node."""
        return SchemaProblem(message, *self.place(node))

    def namespace(self, node: etree._Element) -> str:
        """Gives the namespace in which a node of a schema declares."""
        return self.namespaces[self.path(node)]

    def resolve(self, node: etree._Element, value: str) -> str:
        """Turns ``tns:Name`` into ``{namespace}Name``, with the prefixes in force at the node."""
        prefix, _, local = value.strip().rpartition(":")
        namespace = node.nsmap.get(prefix or None)
        if namespace is None and prefix:
            raise self.problem(node, f'prefix of "{value}" is not declared')
        if namespace is None:
            # A schema that takes its includer's namespace means that one.
            own = self.path(node)
            is_borrowed = own in self.namespaces and not self.schemas[own].get("targetNamespace")
            namespace = self.namespaces[own] if is_borrowed else ""
        return f"{{{namespace}}}{local}"

    def find(self, kind: str, node: etree._Element, value: str) -> etree._Element:
        """Finds a global declaration that a node refers to, and notes that it is used."""
        qname = self.resolve(node, value)
        found = self.declared.get((kind, qname))
        if found is None:
            raise self.problem(node, f'"{value}" is not declared in any schema of this folder')
        self._used.add(found)
        return found

    def use(self, node: etree._Element) -> None:
        """Notes that a global declaration has become Python."""
        self._used.add(node)

    @property
    def entry_schemas(self) -> list[Path]:
        """The schemas that no other schema of the folder includes."""
        included = {one for found in self.includes.values() for one in found}
        return sorted(path for path in self.schemas if path not in included)

    def refuse_what_is_left(self) -> None:
        """Refuses declarations and annotations that nothing has used."""
        for node in self.declared.values():
            if node not in self._used:
                kind = etree.QName(node).localname
                raise self.problem(
                    node,
                    f"nothing uses xs:{kind} {node.get('name')}, so it would be lost: remove it, "
                    "or refer to it",
                )
        for node, name in self._marks:
            if (node, name) in self._taken:
                continue
            local = etree.QName(node).localname
            what = "documentation" if name == "documentation" else f"esw:{name}"
            declared = f"{local} {node.get('name') or node.get('ref') or ''}".strip()
            raise self.problem(
                node,
                f"{what} means nothing on this {declared}, so it would be lost: remove it, or move "
                "it to what it speaks of",
            )


def parse_file(path: Path) -> etree._Element:
    """Parses one file strictly; a syntax error names file and line."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        check_text(path)
        root = etree.parse(str(path), parser).getroot()
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise SchemaProblem(f"not well-formed XML: {error.msg}", path, line) from error
    except OSError as error:
        raise SchemaProblem(f"cannot be read: {error}", path) from error
    check_no_dtd(path, root)
    return root


def locate(folder: Path, path: Path, node: etree._Element, location: str, suffix: str) -> Path:
    """Finds the file of the folder that a location means, as XML writes locations.

    Raises:
        SchemaProblem: It means no file of the folder.
    """

    def refuse(message: str) -> SchemaProblem:
        return SchemaProblem(f'"{location}" {message}', path, line_of(node))

    if not location.strip() or re.search(r"\s", location.strip()):
        raise refuse("is no location: write a blank in it as %20")
    target = urlparse(location.strip())
    if target.scheme or target.netloc:
        raise refuse("is not a file of this folder: schemas load nothing from elsewhere")
    if target.query or target.fragment or target.params:
        raise refuse("names more than a file: remove what follows the name")
    if not location.isascii():
        raise refuse("is no location: write letters beyond ASCII as %C3%A4 and so on")
    file = path.parent / unquote(target.path)
    if not file.is_file():
        raise SchemaProblem(f'file "{location}" does not exist', path, line_of(node))
    if file.resolve().parent != folder.resolve():
        raise refuse("lies outside of its folder")
    if file.suffix != suffix:
        raise refuse(f"is not a file in {suffix}, as is due here")
    return folder / file.resolve().name


def shortened(message: str) -> str:
    """Leaves out the namespaces that libxml2 prints; file and line say which ones are meant."""
    return _BRACES.sub(lambda match: "xs:" if match[1] == XS[1:-1] else "", message)


def compile_schema(path: Path, folder: Path) -> etree.XMLSchema:
    """Compiles one schema with libxml2.

    Raises:
        SchemaProblem: libxml2 refuses it.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        return etree.XMLSchema(etree.parse(str(path), parser))
    except etree.XMLSchemaParseError as error:
        for entry in error.error_log:
            file = Path(entry.filename) if entry.filename not in {"", "<string>"} else path
            if not file.is_absolute():
                file = folder / file.name
            raise SchemaProblem(
                f"not a valid schema: {shortened(entry.message)}", file, entry.line
            ) from error
        raise SchemaProblem(f"not a valid schema: {error}", path, 1) from error


def read_sources(folder: Path) -> Sources:
    """Reads every schema and WSDL of a vendor's folder.

    Raises:
        SchemaProblem: A file is not well-formed, not valid, or refers to something missing.
    """
    sources = Sources(folder)
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise SchemaProblem(f"cannot be read: {error.strerror}", folder) from error
    for path in paths:
        if path.suffix not in {".xsd", ".wsdl"}:
            raise SchemaProblem(
                "only .xsd and .wsdl files belong into a folder of schemas/: move it elsewhere",
                path,
                1,
            )
        if not path.name.isprintable():
            raise SchemaProblem("its name must be printable: rename the file", path, 1)
        root = parse_file(path)
        due = f"{XS}schema" if path.suffix == ".xsd" else f"{WSDL}definitions"
        if root.tag != due:
            local = "xs:schema" if path.suffix == ".xsd" else "wsdl:definitions"
            raise SchemaProblem(f"its root is not {local}", path, line_of(root))
        check_annotations(path, root)
        (check_schema if path.suffix == ".xsd" else check_definitions)(path, root)
        sources.add(path, root)
    _check_modules(sources)
    imports = {path: _read_locations(sources, path) for path in sources.schemas}
    _check_no_circle(sources, imports)
    _find_namespaces(sources)
    _declare(sources)
    for path in sources.entry_schemas:
        compile_schema(path, folder)
    return sources


def _check_modules(sources: Sources) -> None:
    """Refuses files whose names would become one Python module."""
    seen: dict[str, Path] = {}
    for path, root in sources.schemas.items():
        name = snake_case(path.stem)
        if hasattr(__future__, name):
            raise SchemaProblem(
                f"{path.name} would become the Python module {name}, a name that every module "
                "imports: rename the file",
                *sources.place(root),
            )
        if name in seen:
            raise SchemaProblem(
                f"{path.name} and {seen[name].name} would become one Python module, {name}: "
                "rename one",
                *sources.place(root),
            )
        seen[name] = path


def _read_locations(sources: Sources, path: Path) -> list[tuple[Path, etree._Element]]:
    """Reads what a schema includes and imports."""
    found: list[tuple[Path, etree._Element]] = []
    sources.includes[path] = []
    for node in sources.schemas[path].findall(f"{XS}*"):
        if etree.QName(node).localname not in {"include", "import"}:
            continue
        location = node.get("schemaLocation")
        if location is None:
            raise sources.problem(node, "it names no schemaLocation: name a file of this folder")
        target = locate(sources.folder, path, node, location, ".xsd")
        found.append((target, node))
        theirs = sources.schemas[target].get("targetNamespace")
        if node.tag == f"{XS}include":
            sources.includes[path].append(target)
            expected = sources.schemas[path].get("targetNamespace")
            if theirs is not None and theirs != expected:
                raise sources.problem(
                    node, f'{target.name} has the targetNamespace "{theirs}": import it instead'
                )
        elif theirs != node.get("namespace"):
            raise sources.problem(
                node,
                f'it names the namespace "{node.get("namespace") or ""}", but {target.name} '
                f'declares "{theirs or ""}"',
            )
    return found


def _check_no_circle(
    sources: Sources, needs: dict[Path, list[tuple[Path, etree._Element]]]
) -> None:
    """Refuses schema files that include or import each other in a circle."""
    done: set[Path] = set()

    def visit(path: Path, trail: list[Path]) -> None:
        for target, node in needs[path]:
            if target in trail:
                circle = " -> ".join(one.name for one in [*trail[trail.index(target) :], target])
                raise sources.problem(
                    node,
                    f"schema files need each other in a circle ({circle}): move the shared types "
                    "into a file of their own",
                )
            if target not in done:
                visit(target, [*trail, target])
        done.add(path)

    for path in sources.schemas:
        if path not in done:
            visit(path, [path])


def _find_namespaces(sources: Sources) -> None:
    """Finds the namespace of each schema, its own or its includer's, and what stands alone."""

    def visit(path: Path, namespace: str, entry: Path) -> None:
        sources.entry_of.setdefault(path, entry)
        own = sources.schemas[path].get("targetNamespace") or namespace
        before = sources.namespaces.setdefault(path, own)
        if before != own:
            raise SchemaProblem(
                f'it has no targetNamespace and is included into both "{before}" and "{own}": give '
                "it one, and import it",
                *sources.place(sources.schemas[path]),
            )
        for target in sources.includes[path]:
            visit(target, own, entry)

    for path in sources.entry_schemas:
        root = sources.schemas[path]
        if not root.get("targetNamespace"):
            raise SchemaProblem(
                "it has no targetNamespace and no schema includes it: give it one",
                *sources.place(root),
            )
        visit(path, "", path)


def _declare(sources: Sources) -> None:
    """Files the global declarations, and refuses a name that two files declare in one namespace."""
    for path, root in sources.schemas.items():
        for node in root.findall(f"{XS}*"):
            kind = etree.QName(node).localname
            if kind not in NAMED:
                continue
            key = (_SPACES.get(kind, kind), f"{{{sources.namespaces[path]}}}{node.get('name')}")
            other = sources.declared.get(key)
            if other is not None:
                file, line = sources.place(other)
                raise sources.problem(
                    node,
                    f"xs:{kind} {node.get('name')} is declared already in {file.name}, line {line}",
                )
            sources.declared[key] = node
