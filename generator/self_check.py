"""The check of what was generated: each type is written, held against its schema, and read back.

Whatever a rule of the compiler overlooks is found here, before anything is written to disk: a
member that is lost, an element in the wrong place, a value that the schema refuses.
"""

from __future__ import annotations

import copy
import importlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from lxml import etree

from esignwire._codec import Message, Reader, Unreadable, Unwritable, mentions_nil, write_message
from esignwire._documents import ReceivedDocument
from generator.checks import XS
from generator.emit_codecs import codec_name
from generator.emit_types import is_document, is_optional
from generator.loading import loaded
from generator.model import (
    ComplexType,
    Enumeration,
    Kind,
    Member,
    Particle,
    Place,
    Root,
    Scalar,
    SimpleType,
    Vendor,
)
from generator.names import snake_case
from generator.problems import SchemaProblem
from generator.samples import SampleValues
from generator.source import Sources, shortened

# A namespace of no vendor's, for elements that a schema leaves open.
_FOREIGN = "urn:esignwire:any"
# So many ways to leave members out are tried where an element stands in several alternatives.
_MOST_VARIANTS = 300
# A type in a type in a type: no message is deeper that ends at all.
_DEEPEST = 60


def check_vendor(vendor: Vendor, sources: Sources, files: Mapping[str, str]) -> None:
    """Tries every type, message and module of a vendor.

    Raises:
        SchemaProblem: A type cannot be carried faithfully; the message names its declaration.
    """
    with loaded(files) as package:
        modules = _Modules(f"{package}.{vendor.name}")
        for contract in vendor.contracts:
            modules.load("services", contract.python_name, contract.place)
            modules.load("calls", contract.python_name, contract.place)
        probes = {entry: _Probe(sources, entry, vendor) for entry in sources.entry_schemas}
        maker = _Maker(vendor, sources, modules, probes)
        for one in vendor.types:
            if one.is_abstract or not one.is_global or one.is_root:
                continue
            probe = probes[sources.entry_of[one.place.file]]
            encode = modules.codec(one.module, f"encode_{codec_name(one)}", one.place)
            tag = probe.tag(one)
            for value in maker.variants(one):
                message = _written(one, value, encode, tag, one.namespace)
                maker.compare(one, value, message, probe.schema, one.place)
        for root in vendor.roots.values():
            maker.check_root(root)


@dataclass(slots=True)
class _Modules:
    """The generated modules of a vendor."""

    package: str
    _found: dict[tuple[str, str], Any] = field(default_factory=dict)

    def load(self, folder: str, name: str, place: Place) -> Any:
        """Imports a module."""
        key = (folder, name)
        if key not in self._found:
            try:
                self._found[key] = importlib.import_module(f"{self.package}.{folder}.{name}")
            except (ImportError, SyntaxError, NameError, TypeError, ValueError) as error:
                raise SchemaProblem(
                    f"its names make no Python module ({error}): rename what is odd in it", *place
                ) from error
        return self._found[key]

    def codec(self, module: str, name: str, place: Place) -> Callable[..., Any]:
        """Finds a function of a module of codecs."""
        found: Callable[..., Any] = getattr(self.load("codecs", module, place), name)
        return found

    def kind(self, one: ComplexType | Enumeration) -> Any:
        """Finds a class."""
        return getattr(self.load("types", one.module, one.place), one.python_name)


class _Probe:
    """A schema with an element for each type of its own, so that each can be tried alone.

    Args:
        sources: The vendor's schemas.
        entry: The schema, which includes others.
        vendor: The vendor.
    """

    def __init__(self, sources: Sources, entry: Path, vendor: Vendor) -> None:
        self._sources = sources
        self._root = etree.parse(str(entry)).getroot()
        self._namespace = sources.namespaces[entry]
        self._tags: dict[object, str] = {}
        self._count = itertools.count(1)
        imported = {node.get("namespace") for node in self._root.findall(f"{XS}import")}
        for path, root in sources.schemas.items():
            if sources.entry_of[path] != entry:
                continue
            for node in root.findall(f"{XS}import"):
                if node.get("namespace") not in imported:
                    imported.add(node.get("namespace"))
                    target = path.parent / (node.get("schemaLocation") or "")
                    self._root.insert(
                        0,
                        etree.Element(
                            f"{XS}import",
                            {
                                "namespace": node.get("namespace") or "",
                                "schemaLocation": str(target),
                            },
                        ),
                    )
        for one in vendor.types:
            if one.is_global and not one.is_root and sources.entry_of[one.place.file] == entry:
                self._element(one, {"own": self._namespace}, f"own:{one.xml_name}")
        for one in vendor.types:
            for member in one.own_members:
                for part in (member, *member.alternatives):
                    self._add_simple(part.simple, entry)
        self.schema = etree.XMLSchema(self._root.getroottree())

    def _add_simple(self, simple: SimpleType | None, entry: Path) -> None:
        declared = simple.declaration if simple is not None else None
        if declared is None or declared in self._tags:
            return
        path = self._sources.path(declared)
        if self._sources.entry_of[path] != entry:
            return
        if declared.get("name"):
            name = f"own:{declared.get('name')}"
            self._element(declared, {"own": self._namespace}, name)
            return
        scope = {prefix: uri for prefix, uri in declared.nsmap.items() if uri}
        if not self._sources.schemas[path].get("targetNamespace"):
            scope.setdefault(None, self._namespace)
        self._element(declared, scope, None).append(copy.deepcopy(declared))

    def _element(self, key: object, scope: dict[Any, str], type_name: str | None) -> etree._Element:
        tag = f"esignwire-probe-{next(self._count)}"
        self._tags[key] = tag
        attributes = {"name": tag} if type_name is None else {"name": tag, "type": type_name}
        return etree.SubElement(self._root, f"{XS}element", attributes, nsmap=scope)

    def tag(self, key: object) -> str:
        """Gives the name of the element that has a type."""
        return self._tags[key]

    def is_valid(self, declared: etree._Element, text: str) -> bool:
        """Whether the schema allows a text for a simple type."""
        tag, namespace = self._tags[declared], self._namespace
        element = etree.Element(f"{{{namespace}}}{tag}")
        # The text is as the writers escape it.
        element.text = etree.fromstring(f"<t>{text}</t>").text
        return self.schema.validate(element)


class _Maker:
    """Makes instances of the types of a vendor.

    Args:
        vendor: The vendor.
        sources: Its schemas.
        modules: Its generated modules.
        probes: The schemas to try values with.
    """

    def __init__(
        self, vendor: Vendor, sources: Sources, modules: _Modules, probes: dict[Path, _Probe]
    ) -> None:
        self._vendor = vendor
        self._sources = sources
        self._modules = modules
        self._probes = probes
        self._values: dict[SimpleType, SampleValues] = {}
        self._known_ways: dict[tuple[ComplexType, bool], list[list[Member]]] = {}
        self._turns = itertools.count(1)
        self._most = 2

    # --- instances ---

    def variants(self, one: ComplexType, *, is_deep: bool = False) -> Iterator[Any]:
        """Makes instances: as little as may be, all that may be, and each alternative."""
        for is_full in (False, True):
            for index in range(self._number(one, is_full, set())):
                self._turns = itertools.count(1)
                yield self._instance(one, is_full, index, [], is_deep=is_deep)

    def _ways_of(self, one: ComplexType, is_full: bool) -> list[list[Member]]:
        found = self._known_ways.get((one, is_full))
        if found is None:
            found = _ways(_content(one), is_full, one.has_alternatives)
            self._known_ways[(one, is_full)] = found
        return found

    def _number(self, one: ComplexType, is_full: bool, seen: set[ComplexType]) -> int:
        """Counts the variants of a type, those of anonymous types in it included."""
        if one in seen:
            return 1
        ways = self._ways_of(one, is_full)
        inner = [
            self._number(part.value, is_full, {*seen, one})
            for member in one.members
            for part in (member, *member.alternatives)
            if isinstance(part.value, ComplexType) and not part.value.is_global
        ]
        return max([len(ways), *inner])

    def _instance(
        self,
        one: ComplexType,
        is_full: bool,
        index: int,
        around: list[ComplexType],
        *,
        is_deep: bool,
    ) -> Any:
        if len(around) > _DEEPEST:
            raise SchemaProblem(
                f"{one.xml_name}: no message of it ever ends, since it must hold itself: make that "
                "member optional",
                *one.place,
            )
        ways = self._ways_of(one, is_full)
        present = ways[index % len(ways)]
        arguments: dict[str, Any] = {}
        for member in one.members:
            if member.is_fixed:
                continue  # its one value is its default
            if member.kind is Kind.ATTRIBUTE:
                is_present = is_full or member.is_required
            else:
                is_present = member in present or member.kind is Kind.TEXT
            # What must be there and may be nil is nil; anything else that is None is left out.
            is_nil = member.is_nillable and (member.is_required or member.writes_nil)
            if is_present and (is_full or not is_nil or member.is_list):
                arguments[member.python_name] = self._held(
                    one, member, is_full, index, [*around, one], is_deep=is_deep
                )
            elif member.is_list:
                arguments[member.python_name] = []
            elif is_optional(member):
                arguments[member.python_name] = None
        return self._modules.kind(one)(**arguments)

    def _held(
        self,
        one: ComplexType,
        member: Member,
        is_full: bool,
        index: int,
        around: list[ComplexType],
        *,
        is_deep: bool,
    ) -> Any:
        if member.kind is Kind.WILDCARD:
            return self._fragments(one, member, is_full)
        if not member.is_list:
            return self._one(member, is_full, index, around, is_deep=is_deep)
        most = max(self._most, member.least) if is_full else member.least
        if member.most is not None:
            most = min(most, member.most)
        parts = member.alternatives or [member]
        if member.alternatives and is_full and member.most is None:
            # Each of them, and the first one once more, so that their order matters.
            parts = [*parts, parts[0]]
            most = max(most, len(parts))
        return [
            self._one(parts[(index + number) % len(parts)], is_full, index, around, is_deep=is_deep)
            for number in range(most)
        ]

    def _one(
        self, member: Member, is_full: bool, index: int, around: list[ComplexType], *, is_deep: bool
    ) -> Any:
        value = member.value
        if isinstance(value, ComplexType):
            is_inner = not value.is_global or (is_deep and value not in around)
            full = is_full and is_inner and value not in around
            return self._instance(value, full, index, around, is_deep=is_deep)
        turn = next(self._turns)
        if member.simple is None:
            raise TypeError(f"{member.xml_name} has no type")
        found = self._samples(member.simple).value(turn - 1)
        if isinstance(value, Enumeration):
            if member.takes_any_text and turn % 2:
                return "another text"
            return self._modules.kind(value)(found)
        if is_document(member) and isinstance(found, bytes):
            return ReceivedDocument(found)
        return found

    def _samples(self, simple: SimpleType) -> SampleValues:
        found = self._values.get(simple)
        if found is not None:
            return found
        declared = simple.declaration
        if declared is None:
            # A built-in type is tried with values that it is known to allow.
            found = SampleValues(simple, None)
        else:
            probe = self._probes[self._sources.entry_of[self._sources.path(declared)]]
            found = SampleValues(simple, lambda text: probe.is_valid(declared, text))
            self._refuse_unfit(simple, found, declared)
        self._values[simple] = found
        return found

    def _refuse_unfit(
        self, simple: SimpleType, found: SampleValues, declared: etree._Element
    ) -> None:
        if simple.value is Scalar.YES_NO and len(found.values) != 2:
            raise self._sources.problem(
                declared, 'esw:maps-to="yes-no" needs a type that allows both "yes" and "no"'
            )
        if found.values:
            return
        if simple.value is Scalar.UUID:
            raise self._sources.problem(
                declared,
                'esw:maps-to="uuid" needs a type that allows identifiers as Python writes them, '
                'such as "2ce11ef1-8938-dd11-8735-00065b8ce99b"',
            )
        raise self._sources.problem(
            declared,
            "no value was found that it allows in the form in which Python writes values, so that "
            'the code for it cannot be tried: give an example as esw:sample="…" on the simple '
            "type, or widen it",
        )

    def _fragments(self, one: ComplexType, member: Member, is_full: bool) -> list[str]:
        count = max(member.least, 1 if is_full else 0)
        if not count:
            return []
        allowed = member.wildcard.split()
        namespace = one.namespace if "##targetNamespace" in allowed else _FOREIGN
        if not {"##any", "##other", "##targetNamespace"} & set(allowed):
            namespace = "" if allowed[0] == "##local" else allowed[0]
        if not member.is_strict:
            return [f'<any xmlns="{namespace}"/>'] * count
        for root in self._vendor.roots.values():
            is_other = root.namespace != one.namespace
            fits = is_other if "##other" in allowed else root.namespace == namespace
            if "##any" in allowed or fits:
                value = self._instance(root.type, False, 0, [one], is_deep=False)
                text = self._write_root(root, value).text
                return [etree.tostring(etree.fromstring(text), encoding="unicode")] * count
        if member.least:
            raise SchemaProblem(
                f"{one.xml_name}: xs:any wants declared elements, and the schemas declare none "
                'that fits: say processContents="lax"',
                *member.place,
            )
        return []

    # --- the way there and back ---

    def check_root(self, root: Root) -> None:
        """Tries a message."""
        schema = self._probes[self._sources.entry_of[root.place.file]].schema
        for value in self.variants(root.type, is_deep=True):
            message = self._write_root(root, value)
            self.compare(root.type, value, message, schema, root.place)

    def _write_root(self, root: Root, value: Any) -> Message:
        name = f"write_{snake_case(root.local_name).rstrip('_')}"
        write = self._modules.codec(root.module, name, root.place)
        return _refused(root.type, lambda: write(value))

    def compare(
        self,
        one: ComplexType,
        value: Any,
        message: Message,
        schema: etree.XMLSchema,
        place: Place,
    ) -> None:
        """Holds a message against its schema and reads it back.

        Raises:
            SchemaProblem: The schema refuses it, or something else comes back.
        """
        element = etree.fromstring(message.text)
        if not schema.validate(element) and not _is_key(schema):
            why = shortened(_reason(schema))
            raise SchemaProblem(
                f"{one.xml_name}: what Python writes of it is not valid ({why}): where elements "
                "may stand in several orders, declare one; otherwise declare it in a simpler way",
                *place,
            )
        decode = self._modules.codec(one.module, f"decode_{codec_name(one)}", one.place)
        reader = Reader(frozenset(self._vendor.namespaces), has_nil=mentions_nil(element))
        try:
            found = decode(element, reader)
        except Unreadable as error:
            raise SchemaProblem(
                f"{one.xml_name}: what Python writes of it cannot be read again ({error})", *place
            ) from error
        if reader.unknown:
            raise SchemaProblem(
                f"{one.xml_name}: {reader.unknown[0]} would be lost when it is read", *place
            )
        if found != value:
            names = [each.name for each in fields(value) if not _is_alike(value, found, each.name)]
            raise SchemaProblem(
                f"{one.xml_name}: {' and '.join(names)} would not be read as it was written", *place
            )


def _is_alike(value: Any, found: Any, name: str) -> bool:
    return bool(getattr(value, name) == getattr(found, name))


def _content(one: ComplexType) -> Particle:
    """What stands in an element of a type: what the base has, then its own."""
    if one.base is None:
        return one.content
    return Particle(children=[_content(one.base), one.content])


def _ways(particle: Particle, is_full: bool, is_thorough: bool) -> list[list[Member]]:
    """Lists the sets of members with which an element may be tried.

    In a thorough trial each optional member is there and left out in turn.
    """
    if particle.is_optional and not is_full:
        return [[]]
    found: list[list[Member]]
    if particle.member is not None:
        found = [[particle.member]]
    elif particle.is_choice:
        inner = [_ways(each, is_full, is_thorough) for each in particle.children]
        found = [way for ways in inner for way in ways] or [[]]
    else:
        inner = [_ways(each, is_full, is_thorough) for each in particle.children]
        if is_thorough:
            products = itertools.islice(itertools.product(*inner), _MOST_VARIANTS)
            found = [[member for way in ways for member in way] for ways in products]
        else:
            number = max((len(ways) for ways in inner), default=1)
            found = [
                [member for ways in inner for member in ways[index % len(ways)]]
                for index in range(number)
            ]
    if particle.is_optional and is_thorough:
        found = [*found, []]
    return found


def _is_key(schema: etree.XMLSchema) -> bool:
    """Whether only an xs:key or xs:unique is broken: some types have too few values for one."""
    log: Any = schema.error_log
    return all(entry.type_name == "SCHEMAV_CVC_IDC" for entry in log)


def _reason(schema: etree.XMLSchema) -> str:
    # lxml's stubs do not know what an error log holds.
    log: Any = schema.error_log
    return str(log.last_error.message)


def _written(
    one: ComplexType, value: Any, encode: Callable[..., Any], tag: str, namespace: str
) -> Message:
    return _refused(one, lambda: write_message(encode, tag, namespace, value))


def _refused(one: ComplexType, write: Callable[[], Message]) -> Message:
    try:
        return write()
    except Unwritable as error:
        raise SchemaProblem(
            f"{one.xml_name}: Python refuses to write {error.path} ({error.rule})", *one.place
        ) from error
