"""Complex types: schema files in, model out, declaration by declaration.

Each declaration is read where it stands: its annotations, its line and its prefixes are those of
its own node, whichever type a group, a reference or an include carries it to. libxml2 has compiled
the schemas before, so that a name refers to something and a model is deterministic.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lxml import etree

from generator.checks import XS
from generator.model import (
    ComplexType,
    Enumeration,
    Kind,
    Member,
    Module,
    Particle,
    Place,
    Root,
    Scalar,
    SimpleType,
)
from generator.names import class_name, snake_case
from generator.problems import SchemaProblem
from generator.simple_types import SimpleTypes, normalize
from generator.source import Sources

# The alternatives on the way to a particle: each choice, and which of its children was taken.
_Branch = tuple[tuple[object, int], ...]

_GROUPS = {"all", "choice", "sequence"}
_PARTICLES = {*_GROUPS, "any", "element", "group"}


@dataclass(slots=True)
class _Occurrence:
    """How often a particle may stand, with all that is around it."""

    least: int = 1
    most: int | None = 1

    def times(self, node: etree._Element) -> _Occurrence:
        """Takes a particle's own minOccurs and maxOccurs into account."""
        least = int(node.get("minOccurs", "1"))
        text = node.get("maxOccurs", "1")
        most = None if text == "unbounded" or self.most is None else int(text) * self.most
        return _Occurrence(least * self.least, most)

    @property
    def is_many(self) -> bool:
        return self.most is None or self.most > 1


class Resolver:
    """Turns the declarations of a vendor's schemas into the model.

    Args:
        sources: What source.py read.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._modules: dict[str, Module] = {}
        for path, root in sources.schemas.items():
            self._modules[path.name] = Module(
                name=snake_case(path.stem),
                file=path,
                documentation=sources.take(root, "documentation") or "",
            )
        self._simple = SimpleTypes(sources, self._modules)
        self._types: dict[etree._Element, ComplexType] = {}
        self._branches: dict[Member, list[_Branch]] = {}

    def resolve(self) -> tuple[list[Module], dict[str, Root]]:
        """Resolves all schemas: their modules, and the global elements by qualified name.

        Raises:
            SchemaProblem: A construct that this compiler does not support, or a name clash.
        """
        schemas = self._sources.schemas.values()
        for schema in schemas:
            for node in schema.findall(f"{XS}simpleType"):
                if node.find(f"{XS}restriction/{XS}enumeration") is not None:
                    self._simple.of(node)
                    self._sources.use(node)
            for node in schema.iter(f"{XS}complexType"):
                self._declare(node)
        for node in self._types:
            self._extend(node)
        for node in self._types:
            self._fill(node)
        for one in _bases_first(list(self._types.values())):
            self._name(one)
            _refuse_names_read_twice(one)
        roots = {
            root.qname: root
            for schema in schemas
            for node in schema.findall(f"{XS}element")
            if (root := self._root(node)) is not None
        }
        for module in self._modules.values():
            module.types = _bases_first(module.types)
            module.enumerations.sort(key=lambda one: one.place.line or 0)
            _refuse_clashes(module, roots)
        in_use = {root.module for root in roots.values()}
        modules = sorted(self._modules.values(), key=lambda one: one.name)
        return [
            one for one in modules if one.types or one.enumerations or one.name in in_use
        ], roots

    # --- types ---

    def _declare(self, node: etree._Element) -> None:
        """Gives a complex type its place in Python; an anonymous one is named by what holds it."""
        sources = self._sources
        named = node
        xml_name = node.get("name")
        python_name = class_name(xml_name or "")
        if xml_name is None:
            named = _parent(node)
            xml_name = named.get("name") or ""
            python_name = class_name(xml_name)
            holder = next(named.iterancestors(f"{XS}complexType", f"{XS}group"), None)
            if holder is not None:
                around = self._types.get(holder)
                outer = around.python_name if around else class_name(holder.get("name") or "")
                python_name = outer + python_name
        is_global = _parent(named).tag == f"{XS}schema"
        module = self._modules[sources.path(node).name]
        declared = ComplexType(
            python_name=python_name,
            xml_name=xml_name,
            namespace=sources.namespace(node),
            module=module.name,
            documentation=_joined(
                sources.take(node, "documentation"),
                sources.take(named, "documentation") if is_global and named is not node else None,
            ),
            basis=sources.take(node, "basis")
            or (sources.take(named, "basis") if is_global else None),
            place=sources.place(named),
            is_abstract=_is_true(node.get("abstract")),
            is_global=is_global,
            is_root=named is not node and is_global,
        )
        if is_global:
            sources.use(named)
        module.types.append(declared)
        self._types[node] = declared

    def _extend(self, node: etree._Element) -> None:
        """Finds the base of a type; anyType adds nothing."""
        one = self._types[node]
        content = node.find(f"{XS}complexContent")
        is_simple = content is None
        if content is None:
            content = node.find(f"{XS}simpleContent")
        if content is None:
            return
        derivation = self._derivation(content)
        name = derivation.get("base") or ""
        qname = self._sources.resolve(derivation, name)
        is_restriction = derivation.tag == f"{XS}restriction"
        if qname == f"{XS}anyType" and is_restriction:
            return
        if is_restriction:
            raise self._sources.problem(
                derivation,
                f"{one.xml_name}: the restriction of {name} is not supported, since its members "
                "would be declared twice: declare them in a type of its own",
            )
        if is_simple and self._is_simple(derivation, name):
            return
        if qname.startswith(XS):
            raise self._sources.problem(derivation, f"{one.xml_name}: {name} is not supported")
        one.base = self._types[self._sources.find("type", derivation, name)]

    def _derivation(self, content: etree._Element) -> etree._Element:
        return next(each for each in content if _local(each) in {"extension", "restriction"})

    def _is_simple(self, node: etree._Element, name: str) -> bool:
        qname = self._sources.resolve(node, name)
        if qname.startswith(XS):
            return True
        return self._sources.find("type", node, name).tag == f"{XS}simpleType"

    def _fill(self, node: etree._Element) -> None:
        """Reads the members of a type."""
        one = self._types[node]
        holder = node
        for content in node.findall(f"{XS}simpleContent") + node.findall(f"{XS}complexContent"):
            holder = self._derivation(content)
            if content.tag == f"{XS}simpleContent" and one.base is None:
                simple = self._simple.named(holder, holder.get("base") or "")
                self._add(one, self._text(holder, simple))
        particles = [each for each in holder.findall(f"{XS}*") if _local(each) in _PARTICLES]
        one.content = Particle(
            children=[self._particle(one, each, _Occurrence(), ()) for each in particles]
        )
        self._attributes(one, holder)

    def _text(self, node: etree._Element, simple: SimpleType) -> Member:
        return Member(
            kind=Kind.TEXT,
            xml_name="",
            namespace=None,
            python_name="value",
            value=simple.value,
            documentation="The text between the tags of the element.",
            basis=None,
            place=self._sources.place(node),
            is_required=True,
            is_hidden=self._sources.take(node, "hidden") == "true",
            simple=simple,
        )

    def _add(self, one: ComplexType, member: Member, branch: _Branch = ()) -> Particle:
        """Takes a member up; in another alternative of a choice it may stand again."""
        for other in one.own_members:
            is_same = member.kind is other.kind is Kind.ELEMENT and member.tag == other.tag
            if is_same and all(_are_exclusive(branch, each) for each in self._branches[other]):
                if not _is_one_type(member, other):
                    raise SchemaProblem(
                        f"{one.xml_name}: {member.xml_name} stands in it twice (here and in line "
                        f"{other.place.line}), with two types: XML Schema wants one type for one "
                        "name in a structure",
                        *member.place,
                    )
                self._branches[other].append(branch)
                other.is_list = other.is_list or member.is_list
                other.is_nillable = other.is_nillable or member.is_nillable
                other.writes_nil = other.writes_nil or member.writes_nil
                other.is_sensitive = other.is_sensitive or member.is_sensitive
                other.is_hidden = other.is_hidden or member.is_hidden
                other.also = (
                    *other.also,
                    *(each for each in member.also if each not in other.also),
                )
                other.basis = other.basis or member.basis
                if not other.marks.given:
                    other.marks = member.marks
                elif member.marks.given and member.marks != other.marks:
                    raise SchemaProblem(
                        f"{one.xml_name}: {member.xml_name} stands in it twice (here and in line "
                        f"{other.place.line}), with different annotations for methods: say the "
                        "same of both",
                        *member.place,
                    )
                if member.documentation not in other.documentation:
                    other.documentation = _joined(other.documentation, member.documentation)
                one.has_alternatives = True
                return Particle(member=other, is_optional=not member.least)
        self._branches[member] = [branch]
        one.own_members.append(member)
        return Particle(member=member, is_optional=not member.least)

    # --- what stands in an element ---

    def _particle(
        self, one: ComplexType, node: etree._Element, around: _Occurrence, branch: _Branch
    ) -> Particle:
        local = _local(node)
        occurs = around.times(node)
        if local == "element":
            member = self._element(node, occurs)
            member.is_required = member.is_required and not branch
            return self._add(one, member, branch)
        if local == "any":
            return self._add(one, self._wildcard(node, occurs), branch)
        group = node
        if local == "group":
            group = self._group(node)
            occurs = occurs.times(group)
        if occurs.is_many:
            return self._repeated(one, node, group, occurs, branch)
        is_choice = _local(group) == "choice"
        # What holds optional members may be left out as a whole; each of them is optional then.
        inner = _Occurrence(min(occurs.least, 1), 1)
        return Particle(
            children=[
                self._particle(one, each, inner, (*branch, (node, index)) if is_choice else branch)
                for index, each in enumerate(_children(group))
            ],
            is_choice=is_choice,
            is_optional=node.get("minOccurs") == "0",
        )

    def _group(self, node: etree._Element) -> etree._Element:
        declared = self._sources.find("group", node, node.get("ref") or "")
        return next(each for each in declared.findall(f"{XS}*") if _local(each) in _GROUPS)

    def _repeated(
        self,
        one: ComplexType,
        node: etree._Element,
        group: etree._Element,
        occurs: _Occurrence,
        branch: _Branch,
    ) -> Particle:
        """Reads a repeated group: a list of what it holds, in the order of the message."""
        members = self._alternatives(one, group)
        if len(members) == 1:
            return self._add(
                one, _repeated_member(members[0], occurs, is_required=not branch), branch
            )
        _refuse_alike(members)
        for each in members:
            each.is_list = False
        documentation = "In the order of the message, any number of each: " + "; ".join(
            f"{each.xml_name} ({each.documentation.partition('. ')[0].rstrip('.')})"
            for each in members
        )
        return self._add(
            one,
            Member(
                kind=Kind.CHOICE,
                xml_name="",
                namespace=None,
                python_name="items",
                value=None,
                documentation=documentation,
                basis=None,
                place=self._sources.place(node),
                is_required=False,
                is_list=True,
                is_sensitive=any(each.is_sensitive for each in members),
                is_hidden=any(each.is_hidden for each in members),
                least=occurs.least,
                most=occurs.most,
                alternatives=members,
            ),
        )

    def _alternatives(self, one: ComplexType, group: etree._Element) -> list[Member]:
        """Lists the elements of a repeated group, of which any may follow any."""
        children = _children(group)
        if _local(group) != "choice" and len(children) != 1:
            raise self._sources.problem(
                group,
                f"{one.xml_name}: a repeated {_local(group)} is not supported, since the order of "
                "its elements would be lost: make it the type of one repeated element",
            )
        members: list[Member] = []
        for each in children:
            local = _local(each)
            if local == "element":
                members.append(self._element(each, _Occurrence().times(each)))
            elif local == "any":
                raise self._sources.problem(
                    each,
                    f"{one.xml_name}: xs:any within what repeats is not supported, since its order "
                    "would be lost: name the elements",
                )
            else:
                members += self._alternatives(one, self._group(each) if local == "group" else each)
        return members

    def _element(self, node: etree._Element, occurs: _Occurrence) -> Member:
        sources = self._sources
        reference = node.get("ref")
        declared = node if reference is None else sources.find("element", node, reference)
        name = declared.get("name") or ""
        value, simple = self._value(declared, name)
        namespace = sources.namespace(declared)
        is_global = _parent(declared).tag == f"{XS}schema"
        schema = declared.getroottree().getroot()
        form = declared.get("form") or schema.get("elementFormDefault", "unqualified")
        sensitive = [sources.take(each, "sensitive") for each in (node, declared)]
        hidden = [sources.take(each, "hidden") for each in (node, declared)]
        also = [*(sources.take(node, "also") or "").split()]
        if declared is not node:
            also += (sources.take(declared, "also") or "").split()
        for each in also:
            if not _is_name(each):
                raise sources.problem(node, f'esw:also holds "{each}", which is no name of XML')
        said = [sources.take(node, "documentation")]
        basis = sources.take(node, "basis")
        if declared is not node and not isinstance(value, ComplexType):
            # What is said of a global element with a complex type is said of the message.
            said.append(sources.take(declared, "documentation"))
            general = sources.take(declared, "basis")
            basis = basis or general
        is_nillable = _is_true(declared.get("nillable"))
        nil = [sources.take(each, "nil") for each in (node, declared)]
        if any(nil) and (not is_nillable or occurs.least or occurs.is_many):
            raise sources.problem(
                node,
                f"esw:nil means nothing on {name}: only on an element that is nillable, optional "
                "and not repeated",
            )
        return Member(
            kind=Kind.ELEMENT,
            xml_name=name,
            namespace=namespace if is_global or form == "qualified" else None,
            python_name=snake_case(name),
            value=value,
            documentation=_joined(*said),
            basis=basis,
            place=sources.place(node),
            is_required=occurs.least >= 1,
            is_list=occurs.is_many,
            is_nillable=is_nillable,
            writes_nil=any(nil),
            is_sensitive="true" in sensitive,
            is_hidden="true" in hidden,
            marks=sources.marks(node, declared),
            also=tuple(also),
            simple=simple,
            least=int(node.get("minOccurs", "1")),
            most=occurs.most,
        )

    def _wildcard(self, node: etree._Element, occurs: _Occurrence) -> Member:
        return Member(
            kind=Kind.WILDCARD,
            xml_name="*",
            namespace=None,
            python_name="other_elements",
            value=Scalar.XML,
            documentation=self._sources.take(node, "documentation")
            or "Further elements, each as the text of one XML element.",
            basis=None,
            place=self._sources.place(node),
            is_required=False,
            is_list=True,
            least=int(node.get("minOccurs", "1")),
            most=occurs.most,
            wildcard=node.get("namespace", "##any"),
            is_strict=node.get("processContents", "strict") == "strict",
        )

    def _value(
        self, node: etree._Element, name: str
    ) -> tuple[Scalar | Enumeration | ComplexType, SimpleType | None]:
        """Finds the type of an element or attribute: the one that it names, or its own."""
        sources = self._sources
        inner = node.find(f"{XS}complexType")
        if inner is not None:
            return self._types[inner], None
        inner = node.find(f"{XS}simpleType")
        type_name = node.get("type")
        if inner is not None:
            simple = self._simple.of(inner)
        elif type_name is None and node.tag == f"{XS}attribute":
            simple = SimpleType(
                value=Scalar.STRING, primitive="anySimpleType", whitespace="preserve"
            )
        elif type_name is None or sources.resolve(node, type_name) == f"{XS}anyType":
            raise sources.problem(node, f"xs:anyType of {name} is not supported: name a type")
        elif self._is_simple(node, type_name):
            simple = self._simple.named(node, type_name)
        else:
            return self._types[sources.find("type", node, type_name)], None
        return simple.value, simple

    # --- attributes ---

    def _attributes(self, one: ComplexType, holder: etree._Element) -> None:
        for node in holder.findall(f"{XS}*"):
            if _local(node) == "attribute":
                one.own_members.append(self._attribute(one, node))
            elif _local(node) == "attributeGroup":
                group = self._sources.find("attributeGroup", node, node.get("ref") or "")
                self._attributes(one, group)

    def _attribute(self, one: ComplexType, node: etree._Element) -> Member:
        sources = self._sources
        name = node.get("name") or node.get("ref") or ""
        schema = node.getroottree().getroot()
        form = node.get("form") or schema.get("attributeFormDefault", "unqualified")
        if node.get("ref") is not None or form == "qualified":
            raise sources.problem(
                node,
                f"{one.xml_name}: {name} is a qualified attribute, which is not supported: declare "
                "it in the type, without form",
            )
        value, simple = self._value(node, name)
        if simple is None:
            raise sources.problem(node, f"the type of the attribute {name} is not a simple one")
        default = node.get("default", node.get("fixed"))
        return Member(
            kind=Kind.ATTRIBUTE,
            xml_name=name,
            namespace=None,
            python_name=snake_case(name),
            value=value,
            documentation=sources.take(node, "documentation") or "",
            basis=sources.take(node, "basis"),
            place=sources.place(node),
            is_required=node.get("use") == "required",
            is_sensitive=sources.take(node, "sensitive") == "true",
            is_hidden=sources.take(node, "hidden") == "true",
            marks=sources.marks(node),
            default=None if default is None else self._default(node, name, default, simple),
            is_fixed=node.get("fixed") is not None,
            simple=simple,
            least=1 if node.get("use") == "required" else 0,
        )

    def _default(self, node: etree._Element, name: str, text: str, simple: SimpleType) -> str:
        allowed = {Scalar.STRING, Scalar.BOOLEAN, Scalar.YES_NO, Scalar.INTEGER}
        found = normalize(text, simple.whitespace)
        if isinstance(simple.value, Enumeration):
            if not any(one.value == found for one in simple.value.values):
                raise self._sources.problem(
                    node, f'the default "{text}" of {name} is not a value of its enumeration'
                )
        elif simple.value not in allowed:
            raise self._sources.problem(
                node,
                f'the default "{text}" of {name} is not supported: only texts, whole numbers, '
                "Booleans and enumerations may have one",
            )
        return found

    # --- names ---

    def _name(self, one: ComplexType) -> None:
        """Gives each member a Python name of its own, or refuses the type."""
        # Inside of the class, a member hides whatever else has its name.
        others = {each.python_name for each in self._types.values()}
        others |= {each.python_name for each in self._simple.enumerations}
        inherited = one.base.members if one.base is not None else []
        names = {each.python_name: each for each in inherited}
        for member in one.own_members:
            if member.python_name in others:
                member.python_name += "_"
            other = names.get(member.python_name)
            kinds = {member.kind, other.kind} if other is not None else set()
            if Kind.ATTRIBUTE in kinds and len(kinds) == 2:
                # An attribute and an element may share a name in XML.
                member.python_name += "_attribute" if member.kind is Kind.ATTRIBUTE else "_element"
                other = names.get(member.python_name)
            if other is not None:
                raise SchemaProblem(f"{one.xml_name}: {_clash(other, member)}", *member.place)
            names[member.python_name] = member

    def _root(self, node: etree._Element) -> Root | None:
        """Finds the message that a global element stands for; one of a simple type is none."""
        sources = self._sources
        value, _ = self._value(node, node.get("name") or "")
        if not isinstance(value, ComplexType):
            return None
        sources.use(node)
        return Root(
            qname=f"{{{sources.namespace(node)}}}{node.get('name')}",
            module=self._modules[sources.path(node).name].name,
            type=value,
            documentation=sources.take(node, "documentation") or "",
            basis=sources.take(node, "basis"),
            place=sources.place(node),
            declaration=node,
        )


def refuse_bases(types: list[ComplexType], roots: Iterable[Root]) -> None:
    """Refuses types in whose place an answer may hold another one, by ``xsi:type``.

    A request is written by the very type that the schema names, and any other is refused then.

    Raises:
        SchemaProblem: An element has such a type.
    """
    derived = {one.base: one for one in types if one.base is not None}

    def check(value: object, is_answer: bool, what: str, place: Place) -> None:
        if not isinstance(value, ComplexType):
            return
        if value.is_abstract:
            raise SchemaProblem(
                f"{what} has the abstract type {value.xml_name}, of which there is never an "
                "element: name the types derived from it",
                *place,
            )
        if is_answer and value in derived:
            raise SchemaProblem(
                f"{what} has the type {value.xml_name}, from which {derived[value].xml_name} is "
                "derived, so that an answer may hold either there, and members would be lost: name "
                "each in a choice, or make the base abstract and derive both from it",
                *place,
            )

    for one in types:
        for member in one.own_members:
            for part in (member, *member.alternatives):
                what = f"{part.xml_name} of {one.xml_name}"
                check(part.value, one.is_open, what, part.place)
    for root in roots:
        check(root.type, root.type.is_open, f"the element {root.local_name}", root.place)


def _refuse_names_read_twice(one: ComplexType) -> None:
    """Refuses a name of an element that would be read as two members."""
    seen: dict[str, Member] = {}
    for member in one.members:
        for part in member.alternatives or [member]:
            if part.kind is not Kind.ELEMENT:
                continue
            for name in (part.xml_name, *part.also):
                other = seen.get(name)
                if other is not None:
                    raise SchemaProblem(
                        f"{one.xml_name}: {name} would be read both as {other.xml_name} (line "
                        f"{other.place.line}) and as {part.xml_name}: rename one, or declare "
                        "one repeated element",
                        *part.place,
                    )
                seen[name] = part


def _clash(one: Member, other: Member) -> str:
    if one.kind is other.kind is Kind.CHOICE:
        return (
            f"two choices that repeat (here and in line {one.place.line}) would both be called "
            "items: move one into an element with a type of its own"
        )
    if one.kind is other.kind is Kind.WILDCARD:
        return (
            f"xs:any twice (here and in line {one.place.line}) would be one list: which of them "
            "an element belongs to would be lost"
        )
    if one.xml_name == other.xml_name:
        return (
            f"{other.xml_name} stands in it twice (here and in line {one.place.line}), so that its "
            "place would be lost: rename one, or declare one repeated element"
        )
    return (
        f"{_called(one)} and {_called(other)} would get the one Python name {other.python_name}: "
        "rename one"
    )


def _called(member: Member) -> str:
    """How a message calls a member."""
    nameless = {
        Kind.TEXT: "its text",
        Kind.CHOICE: "the choice that repeats",
        Kind.WILDCARD: "xs:any",
    }
    return nameless.get(member.kind, member.xml_name)


def _are_exclusive(one: _Branch, other: _Branch) -> bool:
    """Whether two places lie in different alternatives of a choice, so that one stands at most."""
    for (choice, index), (other_choice, other_index) in zip(one, other, strict=False):
        if choice is not other_choice:
            return False
        if index != other_index:
            return True
    return False


def _repeated_member(member: Member, occurs: _Occurrence, *, is_required: bool) -> Member:
    most = None if occurs.most is None or member.most is None else occurs.most * member.most
    return replace(
        member,
        is_list=True,
        is_required=is_required and bool(occurs.least * member.least),
        least=occurs.least * member.least,
        most=most,
    )


# Kinds of values of which Python takes one for another: an item must tell which element it is.
_FAMILIES = {
    Scalar.STRING: "a text",
    Scalar.XML: "a text",
    Scalar.BOOLEAN: "a number",
    Scalar.YES_NO: "a number",
    Scalar.INTEGER: "a number",
    Scalar.FLOAT: "a number",
    Scalar.DATE: "a date",
    Scalar.DATE_TIME: "a date",
    Scalar.DATE_OR_DATE_TIME: "a date",
}


def _refuse_alike(members: list[Member]) -> None:
    """Refuses a repeated choice whose items would not tell which of its elements they are."""
    seen: dict[object, Member] = {}
    for member in members:
        value = member.value
        if value is Scalar.BASE64:
            raise SchemaProblem(
                f"{member.xml_name} is a document in a choice that repeats, which is not "
                "supported: put it into an element with a type of its own",
                *member.place,
            )
        family: object = "a text" if isinstance(value, Enumeration) else value
        if isinstance(value, Scalar):
            family = _FAMILIES.get(value, value)
        other = seen.get(family)
        if other is not None:
            what = value.xml_name if isinstance(value, ComplexType) else family
            raise SchemaProblem(
                f"in a choice that repeats, {other.xml_name} and {member.xml_name} would both be "
                f"{what} in Python, so that which is which would be lost: give one a complex type "
                "of its own",
                *member.place,
            )
        seen[family] = member


def _local(node: etree._Element) -> str:
    return etree.QName(node).localname


def _parent(node: etree._Element) -> etree._Element:
    parent = node.getparent()
    return node if parent is None else parent


def _children(group: etree._Element) -> list[etree._Element]:
    return [each for each in group.findall(f"{XS}*") if _local(each) in _PARTICLES]


def _is_true(text: str | None) -> bool:
    return (text or "").strip() in {"true", "1"}


def _is_name(text: str) -> bool:
    try:
        etree.QName(None, text)
    except ValueError:
        return False
    return ":" not in text


def _is_one_type(one: Member, other: Member) -> bool:
    """Whether two members of one name are written and read in the same way."""
    if one.value != other.value or one.default != other.default:
        return False
    if one.simple is None or other.simple is None:
        return one.simple is other.simple
    return (one.simple.primitive, one.simple.whitespace, one.simple.is_open) == (
        other.simple.primitive,
        other.simple.whitespace,
        other.simple.is_open,
    )


def _joined(*texts: str | None) -> str:
    return "\n\n".join(text for text in texts if text)


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


def _refuse_clashes(module: Module, roots: dict[str, Root]) -> None:
    """Refuses declarations that Python would take for one: by class, or by their codecs' names."""
    seen: dict[str, tuple[str, Place]] = {}

    def claim(name: str, xml_name: str, place: Place) -> None:
        if name in seen:
            other, where = seen[name]
            raise SchemaProblem(
                f"{xml_name} and {other} (line {where.line}) would get the one Python name {name}: "
                "rename one",
                *place,
            )
        seen[name] = (xml_name, place)

    declared: list[Enumeration | ComplexType] = [*module.enumerations, *module.types]
    for one in sorted(declared, key=lambda each: each.place.line or 0):
        claim(one.python_name, one.xml_name, one.place)
        if isinstance(one, ComplexType):
            claim(f"encode_{snake_case(one.python_name).rstrip('_')}", one.xml_name, one.place)
    for root in roots.values():
        if root.module == module.name:
            claim(f"write_{snake_case(root.local_name).rstrip('_')}", root.local_name, root.place)
