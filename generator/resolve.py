"""Resolves XML Schema with xsdata and joins the annotations: schema files in, model out."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

from xsdata.codegen.container import ClassContainer
from xsdata.codegen.exceptions import CodegenError
from xsdata.codegen.models import Attr, AttrType, Class
from xsdata.codegen.transformer import ResourceTransformer
from xsdata.exceptions import ParserError
from xsdata.models.config import GeneratorConfig
from xsdata.models.enums import Tag

from generator.checks import XS, line_of
from generator.model import (
    Annotations,
    ComplexType,
    Enumeration,
    EnumerationValue,
    Kind,
    Member,
    Module,
    Root,
    Scalar,
)
from generator.names import class_name, constant_case, snake_case
from generator.problems import SchemaProblem
from generator.source import Sources, resolve_qname

_INTEGERS = {
    "byte",
    "int",
    "integer",
    "long",
    "negativeInteger",
    "nonNegativeInteger",
    "nonPositiveInteger",
    "positiveInteger",
    "short",
    "unsignedByte",
    "unsignedInt",
    "unsignedLong",
    "unsignedShort",
}
_TEXTS = {
    "anySimpleType",
    "anyURI",
    "duration",
    "gDay",
    "gMonth",
    "gMonthDay",
    "gYear",
    "gYearMonth",
    "ID",
    "IDREF",
    "language",
    "Name",
    "NCName",
    "NMTOKEN",
    "normalizedString",
    "string",
    "time",
    "token",
}
_SCALARS = {
    **dict.fromkeys(_INTEGERS, Scalar.INTEGER),
    **dict.fromkeys(_TEXTS, Scalar.STRING),
    "base64Binary": Scalar.BASE64,
    "boolean": Scalar.BOOLEAN,
    "date": Scalar.DATE,
    "dateTime": Scalar.DATE_TIME,
    "decimal": Scalar.DECIMAL,
    "double": Scalar.FLOAT,
    "float": Scalar.FLOAT,
    "hexBinary": Scalar.HEX,
}
_MAPPED = {"uuid": Scalar.UUID, "yes-no": Scalar.YES_NO}


class Resolver:
    """Turns xsdata's classes into our model.

    Args:
        sources: What source.py read.
    """

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.classes: dict[str, Class] = {}
        self.enumerations: dict[str, Enumeration] = {}
        self.types: dict[str, ComplexType] = {}
        self.modules: dict[str, Module] = {}

    def resolve(self) -> tuple[list[Module], dict[str, Root]]:
        """Resolves all schemas.

        Returns:
            The modules in the order of their files, and the global elements by qualified name.

        Raises:
            SchemaProblem: A construct that this compiler does not support, or a name clash.
        """
        for cls in self._run_xsdata():
            self.classes[cls.qname] = cls
        for cls in self.classes.values():
            if cls.is_enumeration:
                self._add_enumeration(cls)
        for cls in self.classes.values():
            self._declare(cls, (cls.name,), class_name(cls.name))
        for cls in self.classes.values():
            self._fill(cls, (cls.name,))
        roots = self._roots()
        for module in self.modules.values():
            module.types = _bases_first(module.types)
            _refuse_clashes(module)
        ordered = sorted((one for one in self.modules.values()), key=lambda one: one.name)
        return ordered, roots

    def _run_xsdata(self) -> list[Class]:
        logging.getLogger("xsdata").setLevel(logging.ERROR)
        config = GeneratorConfig()
        transformer = ResourceTransformer(config=config)
        uris = [path.resolve().as_uri() for path in self.sources.entry_schemas]
        try:
            transformer.process_sources(uris)
            container = ClassContainer(config)
            container.extend(transformer.classes)
            container.process()
        except (CodegenError, ParserError) as error:
            raise SchemaProblem(
                f"xsdata cannot resolve it: {error}", self.sources.folder
            ) from error
        return sorted(container, key=self._order)

    def _order(self, cls: Class) -> tuple[str, int, str]:
        annotations = self._annotations_of_class(cls)
        return (_file_of(cls).name, annotations.line or 0, cls.qname)

    def _annotations_of_class(self, cls: Class) -> Annotations:
        namespace = cls.target_namespace or ""
        for kind in ("element", "complexType", "simpleType"):
            found = self.sources.declarations.get((kind, namespace, cls.name))
            if found is not None:
                return found
        return Annotations()

    def _module(self, cls: Class) -> Module:
        file = _file_of(cls)
        name = snake_case(file.stem)
        module = self.modules.get(name)
        if module is None:
            root = self.sources.schemas.get(self.sources.folder / file.name)
            documentation = ""
            if root is not None:
                node = root.find(f"{XS}annotation/{XS}documentation")
                documentation = (node.text or "").strip() if node is not None else ""
            module = Module(
                name=name, file=file, documentation=documentation, enumerations=[], types=[]
            )
            self.modules[name] = module
        return module

    def _add_enumeration(self, cls: Class) -> None:
        module = self._module(cls)
        enumeration = Enumeration(
            qname=cls.qname,
            python_name=class_name(cls.name),
            module=module.name,
            documentation=_clean(cls.help),
            basis=self._annotations_of_class(cls).basis,
            values=[],
        )
        seen: dict[str, str] = {}
        for attr in cls.attrs:
            value = attr.default or ""
            python_name = constant_case(value)
            if python_name in seen:
                file = self.sources.folder / _file_of(cls).name
                lines = [
                    line_of(node)
                    for node in self.sources.schemas[file].iter(f"{XS}enumeration")
                    if node.get("value") == value
                ]
                raise SchemaProblem(
                    f'"{value}" and "{seen[python_name]}" of {cls.name} would get one Python name',
                    file,
                    lines[0] if lines else None,
                )
            seen[python_name] = value
            enumeration.values.append(
                EnumerationValue(
                    value=value, python_name=python_name, documentation=_clean(attr.help)
                )
            )
        module.enumerations.append(enumeration)
        self.enumerations[cls.qname] = enumeration

    def _is_type(self, cls: Class) -> bool:
        if cls.is_enumeration:
            return False
        # A global element that only names a type adds a name, not a type.
        return not (cls.tag == Tag.ELEMENT and cls.extensions and not cls.attrs)

    def _declare(self, cls: Class, place: tuple[str, ...], python_name: str) -> None:
        if not self._is_type(cls):
            return
        module = self._module(cls)
        annotations = self._annotations_of_class(cls) if len(place) == 1 else Annotations()
        declared = ComplexType(
            qname=_key(cls, place),
            python_name=python_name,
            module=module.name,
            documentation=_clean(cls.help),
            basis=annotations.basis,
            base=None,
            own_members=[],
            is_abstract=cls.abstract,
            is_root=cls.tag == Tag.ELEMENT,
        )
        module.types.append(declared)
        self.types[declared.qname] = declared
        for inner in cls.inner:
            if inner.is_enumeration:
                self._add_enumeration(inner)
            else:
                inner_place = (*place, inner.name)
                inner_name = python_name + class_name(inner.name)
                self._declare(inner, inner_place, inner_name)

    def _fill(self, cls: Class, place: tuple[str, ...]) -> None:
        if not self._is_type(cls):
            return
        declared = self.types[_key(cls, place)]
        for extension in cls.extensions:
            base = self.types.get(extension.type.qname)
            if base is None:
                raise self._problem(cls, f"its base {extension.type.name} is not a complex type")
            declared.base = base
        names: dict[str, Member] = {}
        if declared.base is not None:
            names = {one.python_name: one for one in declared.base.members}
        # Inside of the class, a member hides whatever else has its name.
        others = {one.python_name for one in self.types.values()}
        others |= {one.python_name for one in self.enumerations.values()}
        others |= {f"{module}_types" for module in self.modules}
        for member in self._members(cls, place):
            if member.python_name in others:
                member.python_name += "_"
            other = names.get(member.python_name)
            if other is not None and other.kind is not member.kind:
                # An attribute and an element may share a name in XML.
                member.python_name += "_attribute" if member.kind is Kind.ATTRIBUTE else "_element"
                other = names.get(member.python_name)
            if other is not None:
                raise self._problem(
                    cls,
                    f"{other.xml_name} and {member.xml_name} would get the one Python name "
                    f"{member.python_name}: rename one",
                )
            names[member.python_name] = member
            self._check_default(cls, member)
            self._check_abstract(cls, member)
            declared.own_members.append(member)
        for inner in cls.inner:
            if not inner.is_enumeration:
                self._fill(inner, (*place, inner.name))

    def _check_default(self, cls: Class, member: Member) -> None:
        simple = {Scalar.STRING, Scalar.BOOLEAN, Scalar.YES_NO, Scalar.INTEGER}
        if member.default is None or isinstance(member.value, Enumeration):
            return
        if member.value not in simple:
            raise self._problem(
                cls,
                f'the default "{member.default}" of {member.xml_name} is not supported: only '
                "texts, whole numbers, Booleans and enumerations may have one",
            )

    def _check_abstract(self, cls: Class, member: Member) -> None:
        for one in (member, *member.alternatives):
            if isinstance(one.value, ComplexType) and one.value.is_abstract:
                raise self._problem(
                    cls,
                    f"{one.xml_name} has the abstract type {one.value.local_name}, of which there "
                    "is never an element: name the types derived from it",
                )

    def _members(self, cls: Class, place: tuple[str, ...]) -> list[Member]:
        members: list[Member] = []
        choices: dict[int, Member] = {}
        for attr in cls.attrs:
            if attr.is_prohibited:
                continue
            member = self._member(cls, attr, place)
            choice = _repeated_choice(attr)
            if choice is None or member.kind is not Kind.ELEMENT:
                members.append(member)
                continue
            group = choices.get(choice)
            if group is None:
                group = Member(
                    kind=Kind.CHOICE,
                    xml_name="",
                    namespace=None,
                    python_name="items",
                    value=None,
                    documentation="",
                    basis=None,
                    is_required=False,
                    is_list=True,
                )
                choices[choice] = group
                members.append(group)
            group.alternatives.append(member)
        return [_settle_choice(one) if one.kind is Kind.CHOICE else one for one in members]

    def _member(self, cls: Class, attr: Attr, place: tuple[str, ...]) -> Member:
        namespace = cls.target_namespace or ""
        if attr.tag == Tag.ANY:
            return Member(
                kind=Kind.WILDCARD,
                xml_name="*",
                namespace=None,
                python_name="other_elements",
                value=Scalar.XML,
                documentation=_clean(attr.help)
                or "Further elements, each as the text of one XML element.",
                basis=None,
                is_required=False,
                is_list=True,
            )
        if attr.tag == Tag.ATTRIBUTE:
            kind, mark = Kind.ATTRIBUTE, "@"
        elif attr.tag == Tag.ELEMENT:
            kind, mark = Kind.ELEMENT, ""
        else:
            kind, mark = Kind.TEXT, ""
        annotations, reference = self._lookup(namespace, place, attr, mark)
        value = self._value(cls, attr, reference, place)
        if kind is Kind.ATTRIBUTE and attr.namespace:
            raise self._problem(cls, f"{attr.local_name} is a qualified attribute: not supported")
        required = kind is Kind.TEXT or (not attr.is_optional and attr.restrictions.min_occurs == 1)
        return Member(
            kind=kind,
            xml_name="" if kind is Kind.TEXT else attr.local_name,
            namespace=attr.namespace if kind is Kind.ELEMENT else None,
            python_name="value" if kind is Kind.TEXT else snake_case(attr.local_name),
            value=value,
            documentation=_clean(attr.help),
            basis=annotations.basis,
            is_required=required and not _in_choice(attr),
            is_list=attr.is_list,
            is_nillable=attr.is_nillable,
            is_sensitive=annotations.is_sensitive,
            also=annotations.also,
            default=attr.default if kind is not Kind.TEXT else None,
            declared=annotations,
        )

    def _lookup(
        self, namespace: str, place: tuple[str, ...], attr: Attr, mark: str
    ) -> tuple[Annotations, str | None]:
        name = mark + attr.local_name
        candidates = [(namespace, *place, name)]
        if attr.parent:
            parent_namespace, _, parent = attr.parent.removeprefix("{").partition("}")
            candidates.append((parent_namespace, parent, name))
        for candidate in candidates:
            found = self.sources.declarations.get(candidate)
            if found is not None:
                return found, self.sources.references.get(candidate)
        if attr.namespace:
            key = ("element", attr.namespace, attr.local_name)
            return self.sources.declarations.get(key, Annotations()), self.sources.references.get(
                key
            )
        return Annotations(), None

    def _value(
        self, cls: Class, attr: Attr, reference: str | None, place: tuple[str, ...]
    ) -> Scalar | Enumeration | ComplexType:
        seen = reference
        while seen is not None:
            if seen in self.sources.mappings:
                return _MAPPED[self.sources.mappings[seen]]
            seen = self.sources.bases.get(seen)
        types = attr.types
        if len(types) > 1:
            return self._union(cls, attr)
        only: AttrType = types[0]
        if only.native:
            return self._native(cls, attr, only)
        if only.forward:
            inner = next((one for one in cls.inner if one.qname == only.qname), None)
            if inner is not None and inner.is_enumeration:
                return self.enumerations[inner.qname]
            if inner is not None:
                return self.types[_key(inner, (*place, inner.name))]
        if only.qname in self.enumerations:
            return self.enumerations[only.qname]
        if only.qname in self.types:
            return self.types[only.qname]
        # A reference to a global element that only names a type.
        element = self.classes.get(only.qname)
        if element is not None and element.extensions:
            return self.types[element.extensions[0].type.qname]
        raise self._problem(cls, f"the type {only.name} of {attr.local_name} is not known")

    def _native(self, cls: Class, attr: Attr, only: AttrType) -> Scalar:
        scalar = _SCALARS.get(only.name)
        if scalar is None:
            raise self._problem(cls, f"xs:{only.name} of {attr.local_name} is not supported")
        return scalar

    def _union(self, cls: Class, attr: Attr) -> Scalar | Enumeration:
        names = {one.name for one in attr.types if one.native}
        if names == {"date", "dateTime"}:
            return Scalar.DATE_OR_DATE_TIME
        for one in attr.types:
            if not one.native and one.qname in self.enumerations:
                return self.enumerations[one.qname]
        scalars = {_SCALARS.get(name) for name in names}
        if len(scalars) == 1:
            scalar = scalars.pop()
            if scalar is not None:
                return scalar
        if Scalar.STRING in scalars:
            return Scalar.STRING
        listed = ", ".join(sorted(names))
        raise self._problem(cls, f"the union of {listed} in {attr.local_name} is not supported")

    def _roots(self) -> dict[str, Root]:
        roots: dict[str, Root] = {}
        for path, schema in self.sources.schemas.items():
            namespace = schema.get("targetNamespace") or ""
            for node in schema.findall(f"{XS}element"):
                qname = f"{{{namespace}}}{node.get('name')}"
                type_name = node.get("type")
                key = resolve_qname(node, type_name, path) if type_name else qname
                found = self.types.get(key) or self.types.get(qname)
                if found is not None:
                    roots[qname] = Root(qname=qname, type=found)
        return roots

    def _problem(self, cls: Class, message: str) -> SchemaProblem:
        annotations = self._annotations_of_class(cls)
        file = annotations.file or self.sources.folder / _file_of(cls).name
        return SchemaProblem(f"{cls.name}: {message}", file, annotations.line)


def _settle_choice(group: Member) -> Member:
    """A repeated choice of one element is a list; of several it keeps their order in one list."""
    if len(group.alternatives) == 1:
        return group.alternatives[0]
    for one in group.alternatives:
        one.is_list = False
    group.documentation = "In the order of the message, any number of each: " + "; ".join(
        f"{one.xml_name} ({one.documentation.partition('. ')[0].rstrip('.')})"
        for one in group.alternatives
    )
    return group


def _repeated_choice(attr: Attr) -> int | None:
    for kind, identifier, _, maximum in attr.restrictions.path:
        if kind == "c" and maximum > 1:
            return identifier
    return None


def _in_choice(attr: Attr) -> bool:
    return any(kind == "c" for kind, *_ in attr.restrictions.path)


def _key(cls: Class, place: tuple[str, ...]) -> str:
    return f"{{{cls.target_namespace or ''}}}{'.'.join(place)}"


def _file_of(cls: Class) -> Path:
    return Path(url2pathname(unquote(urlparse(cls.location).path)))


def _clean(text: str | None) -> str:
    lines = [line.strip() for line in (text or "").strip().splitlines()]
    return "\n".join(lines)


def _bases_first(types: list[ComplexType]) -> list[ComplexType]:
    ordered: list[ComplexType] = []

    def add(one: ComplexType) -> None:
        if one in ordered:
            return
        if one.base is not None and one.base in types:
            add(one.base)
        ordered.append(one)

    for one in types:
        add(one)
    return ordered


def _refuse_clashes(module: Module) -> None:
    """Refuses types that Python would take for one: by class, or by the names of their codecs."""
    seen: dict[str, str] = {}
    declared: list[Enumeration | ComplexType] = [*module.enumerations, *module.types]
    for one in declared:
        local = one.qname.rpartition("}")[2]
        names = {one.python_name}
        if isinstance(one, ComplexType):
            names.add(f"encode_{snake_case(one.python_name).rstrip('_')}")
        for name in sorted(names):
            if name in seen:
                raise SchemaProblem(
                    f"{local} and {seen[name]} would get the one Python name {name}: rename one",
                    module.file,
                )
            seen[name] = local
