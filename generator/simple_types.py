"""Simple types: which Python value stands for the texts of an ``xs:simpleType``."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from generator.checks import XS
from generator.model import Enumeration, EnumerationValue, Module, Scalar, SimpleType
from generator.names import class_name, constant_case
from generator.source import Sources

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
# Texts that stay what they are; the documentation lists them.
TEXTS = {
    "ID",
    "IDREF",
    "NCName",
    "NMTOKEN",
    "Name",
    "anySimpleType",
    "anyURI",
    "duration",
    "gDay",
    "gMonth",
    "gMonthDay",
    "gYear",
    "gYearMonth",
    "language",
    "normalizedString",
    "string",
    "time",
    "token",
}
_SCALARS = {
    **dict.fromkeys(_INTEGERS, Scalar.INTEGER),
    **dict.fromkeys(TEXTS, Scalar.STRING),
    "base64Binary": Scalar.BASE64,
    "boolean": Scalar.BOOLEAN,
    "date": Scalar.DATE,
    "dateTime": Scalar.DATE_TIME,
    "decimal": Scalar.DECIMAL,
    "double": Scalar.FLOAT,
    "float": Scalar.FLOAT,
    "hexBinary": Scalar.HEX,
}
_WHITESPACE = {"string": "preserve", "anySimpleType": "preserve", "normalizedString": "replace"}
_MAPPED = {"uuid": Scalar.UUID, "yes-no": Scalar.YES_NO}


class SimpleTypes:
    """The simple types of one vendor, each resolved once.

    Args:
        sources: The vendor's files.
        modules: The modules by their files' names, which take the enumerations up.
    """

    def __init__(self, sources: Sources, modules: dict[str, Module]) -> None:
        self._sources = sources
        self._modules = modules
        self._found: dict[etree._Element, SimpleType] = {}
        self._enumerations: dict[etree._Element, Enumeration] = {}

    @property
    def enumerations(self) -> list[Enumeration]:
        """The enumerations that were found."""
        return list(self._enumerations.values())

    def named(self, node: etree._Element, name: str) -> SimpleType:
        """Resolves the type that a node names.

        Raises:
            SchemaProblem: It has no faithful form in Python.
        """
        qname = self._sources.resolve(node, name)
        local = qname.rpartition("}")[2]
        if qname == f"{XS}{local}":
            if local not in _SCALARS:
                raise self._sources.problem(node, f"xs:{local} is not supported: use another type")
            return SimpleType(
                value=_SCALARS[local],
                primitive=local,
                whitespace=_WHITESPACE.get(local, "collapse"),
            )
        declared = self._sources.find("type", node, name)
        if declared.tag != f"{XS}simpleType":
            raise self._sources.problem(node, f"{name} is not a simple type")
        return self.of(declared)

    def of(self, node: etree._Element) -> SimpleType:
        """Resolves an ``xs:simpleType``.

        Raises:
            SchemaProblem: It has no faithful form in Python.
        """
        found = self._found.get(node)
        if found is None:
            found = self._found[node] = self._resolve(node)
        return found

    def _resolve(self, node: etree._Element) -> SimpleType:
        restriction = node.find(f"{XS}restriction")
        if restriction is None:
            found = self._union(node, node.find(f"{XS}union"))
        else:
            found = self._restrict(node, restriction)
        mapping = self._sources.take(node, "maps-to")
        if mapping is not None:
            if found.primitive not in TEXTS:
                raise self._sources.problem(
                    node,
                    f'esw:maps-to="{mapping}" needs a type of text, such as xs:string, not '
                    f"xs:{found.primitive}",
                )
            found = replace(found, value=_MAPPED[mapping], is_open=False)
        if not isinstance(found.value, Enumeration):
            # What is said of a type that Python has no class for is said to readers of the schema.
            self._sources.take(node, "basis")
            self._sources.take(node, "documentation")
        sample = self._sources.take(node, "sample")
        return replace(found, declaration=node, sample=sample or found.sample)

    def _restrict(self, node: etree._Element, restriction: etree._Element) -> SimpleType:
        name = restriction.get("base")
        inner = restriction.find(f"{XS}simpleType")
        if name is not None:
            base = self.named(restriction, name)
        elif inner is not None:
            base = self.of(inner)
        else:
            raise self._sources.problem(restriction, "a restriction needs a base")
        facets: dict[str, tuple[str, ...]] = {}
        for facet in restriction.findall(f"{XS}*"):
            local = etree.QName(facet).localname
            if local not in {"annotation", "simpleType"}:
                facets[local] = (*facets.get(local, ()), facet.get("value") or "")
        whitespace = facets.get("whiteSpace", (base.whitespace,))[0]
        values = restriction.findall(f"{XS}enumeration")
        found = replace(base, facets={**base.facets, **facets}, whitespace=whitespace)
        if not values:
            return found
        enumeration = self._enumeration(node, values, found)
        # A type that stands for one of Python's own keeps it; its values narrow what may be sent.
        is_mapped = base.value in {Scalar.UUID, Scalar.YES_NO}
        return found if is_mapped else replace(found, value=enumeration, is_open=False)

    def _enumeration(
        self, node: etree._Element, values: list[etree._Element], base: SimpleType
    ) -> Enumeration:
        existing = self._enumerations.get(node)
        if existing is not None:
            return existing
        xml_name = _name_of(node)
        sources = self._sources
        for value in values:
            text = value.get("value") or ""
            is_text = base.primitive in TEXTS
            is_number = base.value is Scalar.INTEGER and text == _canonical(text)
            if not (is_text or is_number):
                raise sources.problem(
                    value,
                    f'the value "{text}" of {xml_name} is not supported: an enumeration restricts '
                    "xs:string, or whole numbers that are written without blanks, sign or zeros "
                    "in front",
                )
        module = self._modules[sources.path(node).name]
        documentation = sources.take(node, "documentation")
        enumeration = Enumeration(
            python_name=class_name(xml_name),
            xml_name=xml_name,
            module=module.name,
            documentation=documentation or "",
            basis=sources.take(node, "basis"),
            values=[],
            place=sources.place(node),
        )
        seen: dict[str, str] = {}
        for value in values:
            text = normalize(value.get("value") or "", base.whitespace)
            python_name = constant_case(text)
            if python_name in seen:
                raise sources.problem(
                    value,
                    f'"{text}" and "{seen[python_name]}" of {xml_name} would get one Python name, '
                    f"{python_name}: use a text and document its values",
                )
            seen[python_name] = text
            enumeration.values.append(
                EnumerationValue(
                    value=text,
                    python_name=python_name,
                    documentation=sources.take(value, "documentation") or "",
                    basis=sources.take(value, "basis"),
                )
            )
        module.enumerations.append(enumeration)
        self._enumerations[node] = enumeration
        return enumeration

    def _union(self, node: etree._Element, union: etree._Element | None) -> SimpleType:
        if union is None:
            raise self._sources.problem(node, "xs:list is not supported: repeat an element instead")
        names = (union.get("memberTypes") or "").split()
        members = [self.named(union, name) for name in names]
        members += [self.of(inner) for inner in union.findall(f"{XS}simpleType")]
        values = {one.value for one in members}
        enumerations = [one for one in members if isinstance(one.value, Enumeration)]
        if len(values) > 1 and values <= {
            Scalar.DATE,
            Scalar.DATE_TIME,
            Scalar.DATE_OR_DATE_TIME,
        }:
            return SimpleType(
                value=Scalar.DATE_OR_DATE_TIME, primitive="dateTime", whitespace="collapse"
            )
        if len(values) == 1:
            # One that takes any text takes those of the others.
            return next((one for one in members if one.is_open), members[0])
        others = values - {one.value for one in enumerations}
        if len({one.value for one in enumerations}) == 1 and others == {Scalar.STRING}:
            return replace(enumerations[0], is_open=True, facets={}, whitespace="preserve")
        if not enumerations and Scalar.STRING in values:
            text = next(one for one in members if one.value is Scalar.STRING)
            return replace(text, whitespace="preserve")
        listed = ", ".join(_described(one) for one in members)
        raise self._sources.problem(
            union,
            f"the union of {listed} is not supported: no Python value tells its members apart; "
            "use one of them, or xs:string",
        )


def normalize(text: str, whitespace: str) -> str:
    """Treats the blanks of a text as a type of that ``xs:whiteSpace`` does."""
    if whitespace == "preserve":
        return text
    replaced = text.translate(dict.fromkeys(map(ord, "\t\n\r"), " "))
    return replaced if whitespace == "replace" else " ".join(filter(None, replaced.split(" ")))


def _canonical(text: str) -> str | None:
    try:
        return str(int(text))
    except ValueError:
        return None


def _name_of(node: etree._Element) -> str:
    """Names an enumeration: by itself, or by the declaration around it and what holds that."""
    names: list[str] = []
    for one in (node, *node.iterancestors(f"{XS}*")):
        name = one.get("name")
        local = etree.QName(one).localname
        if name and local in {"attribute", "complexType", "element", "group", "attributeGroup"}:
            names.insert(0, name)
        elif name and local == "simpleType":
            return name
    return "_".join(names)


def _described(one: SimpleType) -> str:
    if isinstance(one.value, Enumeration):
        return one.value.xml_name
    return f"xs:{one.primitive}"
