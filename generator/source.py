"""Reads the schema files themselves: well-formedness, validity, and the ``esw:`` annotations.

xsdata resolves the types but drops foreign attributes, so those are collected here, keyed by the
place of the declaration, and joined to xsdata's classes in resolve.py.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlparse

from lxml import etree

from generator.checks import (
    ESW,
    WSDL,
    XS,
    check_annotations,
    check_declared_once,
    check_definitions,
    check_names,
    check_no_circle,
    check_no_dtd,
    check_schema,
    check_text,
    line_of,
)
from generator.model import Annotations
from generator.problems import SchemaProblem

_BASES = {"wsdl", "documented", "wire", "inferred"}
_MAPPINGS = {"uuid", "yes-no"}

_BRACES = re.compile(r"\{([^{}]*)\}")

# A declaration is found by its namespace, the names of the declarations around it, and its own.
Place = tuple[str, ...]


@dataclass(slots=True)
class Sources:
    """The files of one vendor's folder, parsed."""

    folder: Path
    schemas: dict[Path, etree._Element] = field(default_factory=dict)
    wsdls: dict[Path, etree._Element] = field(default_factory=dict)
    declarations: dict[Place, Annotations] = field(default_factory=dict)
    references: dict[Place, str] = field(default_factory=dict)
    mappings: dict[str, str] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    unions: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def entry_schemas(self) -> list[Path]:
        """The schemas that no other schema of the folder includes."""
        included = {
            (path.parent / node.get("schemaLocation", "")).resolve()
            for path, root in self.schemas.items()
            for node in root.findall(f"{XS}include")
        }
        return sorted(path for path in self.schemas if path.resolve() not in included)


def parse_file(path: Path) -> etree._Element:
    """Parses one file strictly; a syntax error names file and line."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.parse(str(path), parser).getroot()
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise SchemaProblem(f"not well-formed XML: {error.msg}", path, line) from error
    except OSError as error:
        raise SchemaProblem(f"cannot be read: {error}", path) from error
    check_text(path)
    check_no_dtd(path, root)
    return root


def annotations_of(node: etree._Element, path: Path) -> Annotations:
    """Reads the ``esw:`` attributes of one declaration and refuses those that mean nothing."""
    found = Annotations(file=path, line=line_of(node))
    for key, value in node.attrib.items():
        name = str(key)
        if not name.startswith(ESW):
            continue
        name = name.removeprefix(ESW)
        text = str(value)
        if name in {"sensitive", "safe"} and text not in {"true", "false"}:
            raise SchemaProblem(
                f'esw:{name} must be "true" or "false", not "{text}"', path, line_of(node)
            )
        if name == "basis" and text not in _BASES:
            raise SchemaProblem(
                f'esw:basis must be one of {", ".join(sorted(_BASES))}, not "{text}"',
                path,
                line_of(node),
            )
        if name == "maps-to" and text not in _MAPPINGS:
            raise SchemaProblem(
                f'esw:maps-to must be one of {", ".join(sorted(_MAPPINGS))}, not "{text}"',
                path,
                line_of(node),
            )
        if name == "basis":
            found.basis = text
        elif name == "sensitive":
            found.is_sensitive = text == "true"
        elif name == "safe":
            found.is_safe = text == "true"
        elif name == "also":
            found.also = tuple(text.split())
        elif name == "maps-to":
            found.maps_to = text
        elif name == "mtom":
            found.mtom = text
        elif name == "name":
            found.name = text
        else:
            _mark(found, name, text)
    return found


def _mark(found: Annotations, name: str, text: str) -> None:
    """Takes an annotation that describes the methods of the vendor's client."""
    marks = found.marks
    if name in {"exceptions", "success", "result"}:
        if text != "true":
            raise SchemaProblem(f'esw:{name} must be "true", not "{text}"', found.file, found.line)
        setattr(marks, f"is_{name}", True)
    elif name == "lookup":
        if not text.isdecimal() or int(text) < 1:
            raise SchemaProblem(
                f'esw:lookup must be a number from 1 on, not "{text}": the first that has a value '
                "is what an outcome is looked up by",
                found.file,
                found.line,
            )
        marks.lookup = int(text)
    elif name == "key":
        marks.key = tuple(text.split())
        if not marks.key:
            raise SchemaProblem("esw:key names no member of a question", found.file, found.line)
    elif name in {"account", "credential", "reference", "token", "by-hand"}:
        if not text.isidentifier() or keyword.iskeyword(text):
            raise SchemaProblem(
                f'esw:{name} must be a name of Python\'s, not "{text}"', found.file, found.line
            )
        setattr(marks, name.replace("-", "_"), text)


def resolve_qname(node: etree._Element, value: str, path: Path) -> str:
    """Turns ``tns:Name`` into ``{namespace}Name``."""
    prefix, _, local = value.rpartition(":")
    namespace = node.nsmap.get(prefix or None)
    if namespace is None:
        if not prefix:
            return local
        raise SchemaProblem(f'prefix of "{value}" is not declared', path, line_of(node))
    return f"{{{namespace}}}{local}"


def _check_location(path: Path, node: etree._Element, location: str, folder: Path) -> None:
    target = urlparse(location)
    if target.scheme or target.netloc:
        raise SchemaProblem(
            f'"{location}" is not a file of this folder: schemas load nothing from elsewhere',
            path,
            line_of(node),
        )
    file = path.parent / unquote(target.path)
    if not file.is_file():
        raise SchemaProblem(f'file "{location}" does not exist', path, line_of(node))
    if folder.resolve() not in file.resolve().parents:
        raise SchemaProblem(f'"{location}" lies outside of its folder', path, line_of(node))


def _collect(sources: Sources, path: Path, root: etree._Element) -> None:
    namespace = root.get("targetNamespace") or ""

    def visit(node: etree._Element, place: Place) -> None:
        for child in node:
            if not isinstance(child.tag, str) or not child.tag.startswith(XS):
                continue
            local = child.tag.removeprefix(XS)
            own = place
            name = child.get("name")
            ref = child.get("ref")
            if local in {
                "element",
                "attribute",
                "complexType",
                "simpleType",
                "group",
                "attributeGroup",
            }:
                if name is not None:
                    kind = "@" if local == "attribute" else ""
                    own = (*place, kind + name)
                elif ref is not None:
                    own = (*place, ("@" if local == "attribute" else "") + ref.rpartition(":")[2])
                if own != place:
                    # A global element and a global type may share a name: keep them apart.
                    key = (local, *own) if len(place) == 1 else own
                    sources.declarations[key] = annotations_of(child, path)
                    type_name = child.get("type")
                    if type_name is not None:
                        sources.references[key] = resolve_qname(child, type_name, path)
            elif any(str(key).startswith(ESW) for key in child.attrib):
                sources.declarations[(*place, f"<{local}>")] = annotations_of(child, path)
            if local == "simpleType" and name is not None and len(place) == 1:
                _collect_simple(sources, path, child, f"{{{namespace}}}{name}")
            visit(child, own)

    visit(root, (namespace,))


def _collect_simple(sources: Sources, path: Path, node: etree._Element, qname: str) -> None:
    mapping = annotations_of(node, path).maps_to
    if mapping is not None:
        sources.mappings[qname] = mapping
    restriction = node.find(f"{XS}restriction")
    if restriction is not None and restriction.get("base"):
        sources.bases[qname] = resolve_qname(restriction, restriction.get("base", ""), path)
    union = node.find(f"{XS}union")
    if union is not None:
        members = (union.get("memberTypes") or "").split()
        sources.unions[qname] = tuple(resolve_qname(union, one, path) for one in members)


def _short_name(match: re.Match[str]) -> str:
    """libxml2 prints whole namespaces; the file and the line say which one is meant."""
    return "xs:" if match[1] == XS[1:-1] else ""


def _compile(path: Path, folder: Path) -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        etree.XMLSchema(etree.parse(str(path), parser))
    except etree.XMLSchemaParseError as error:
        for entry in error.error_log:
            file = Path(entry.filename) if entry.filename not in {"", "<string>"} else path
            if not file.is_absolute():
                file = folder / file.name
            message = _BRACES.sub(_short_name, entry.message)
            raise SchemaProblem(f"not a valid schema: {message}", file, entry.line) from error
        raise SchemaProblem(f"not a valid schema: {error}", path) from error


def read_sources(folder: Path) -> Sources:
    """Reads every schema and WSDL of a vendor's folder.

    Args:
        folder: The folder, such as ``schemas/assuresign``.

    Returns:
        The parsed files and what their annotations say.

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
            )
        root = parse_file(path)
        check_annotations(path, root)
        if path.suffix == ".xsd":
            if root.tag != f"{XS}schema":
                raise SchemaProblem("its root is not xs:schema", path, line_of(root))
            for node in root.iter(f"{XS}include", f"{XS}import"):
                location = node.get("schemaLocation")
                if location is not None:
                    _check_location(path, node, location, folder)
            check_schema(path, root)
            sources.schemas[path] = root
        else:
            if root.tag != f"{WSDL}definitions":
                raise SchemaProblem("its root is not wsdl:definitions", path, line_of(root))
            check_definitions(path, root)
            sources.wsdls[path] = root
    check_names(list(sources.schemas))
    check_no_circle(sources.schemas)
    check_declared_once(sources.schemas)
    for path in sources.entry_schemas:
        _compile(path, folder)
    for path, root in sources.schemas.items():
        _collect(sources, path, root)
    return sources
