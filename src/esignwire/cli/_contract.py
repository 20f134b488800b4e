"""Contract of a service: the facts that its WSDL and XSD state, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from esignwire._xml import Element
from esignwire.cli._documents import Description
from esignwire.errors import ConfigurationError

__all__ = ["Contract", "Fact", "Member", "Stated", "basis_bearer", "basis_of", "content_of"]

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
_XSD = "{http://www.w3.org/2001/XMLSchema}"
_ANNOTATION = "{urn:esignwire:schema}"
# WCF adds these declarations of its own to each service.
_IGNORED = {"http://schemas.microsoft.com/2003/10/Serialization/"}
_GLOBAL = {"attribute", "attributeGroup", "complexType", "element", "group", "simpleType"}
_GROUPS = {"all", "choice", "sequence"}
_DERIVATIONS = {"extension", "restriction"}
_IDENTITIES = {"key", "keyref", "unique"}
_DEEPEST = 50
# Groups that hold two of one another, many deep, would never end.
_MOST_REFERENCES = 100_000


class Fact(NamedTuple):
    """What a fact is about.

    Args:
        namespace: The namespace of the declaration; of an operation, none.
        path: The declaration, such as ``type DocumentCancellation/@Remarks``.
        aspect: What of it, such as ``occurs``.
    """

    namespace: str
    path: str
    aspect: str


class Stated(NamedTuple):
    """A fact's value, and where it is stated."""

    value: str
    node: Element


@dataclass(slots=True, kw_only=True)
class Member:
    """An attribute or an element of a type.

    Args:
        name: Its name; that of an attribute begins with ``@``.
        type: The qualified name of its type; empty where it has one of its own.
        occurs: How often it may stand there, such as ``0..1``.
        node: Its declaration.
        declared: The declaration that has its type: another one where it refers to that.
    """

    name: str
    type: str
    occurs: str
    node: Element
    declared: Element


@dataclass(slots=True)
class Contract:
    """The declarations and operations of a service's description."""

    description: Description
    declared: dict[tuple[str, str], Element] = field(default_factory=dict[tuple[str, str], Element])
    _namespaces: dict[Element, str] = field(default_factory=dict[Element, str])
    _references: int = 0

    def __post_init__(self) -> None:
        for address, root in self.description.roots.items():
            for schema in root.iter(f"{_XSD}schema"):
                if schema.get("targetNamespace") is not None or not self._is_included(address):
                    self._declare(address, schema, schema.get("targetNamespace") or "")

    def _is_included(self, address: str) -> bool:
        """Whether a schema without a namespace is a part of another one."""
        for (base, location), target in self.description.leads_to.items():
            if target == address and base != address:
                root = self.description.roots[base]
                for node in root.iter(f"{_XSD}include"):
                    if (node.get("schemaLocation") or "").strip() == location:
                        return True
        return False

    def _declare(self, address: str, schema: Element, namespace: str) -> None:
        if schema in self._namespaces:
            return
        self._namespaces[schema] = namespace
        for node in schema:
            kind = _kind(node)
            name = node.get("name")
            if kind in _GLOBAL and name:
                kind = "type" if kind.endswith("Type") else kind
                self.declared.setdefault((kind, f"{{{namespace}}}{name}"), node)
            elif kind == "include":
                location = (node.get("schemaLocation") or "").strip()
                target = self.description.leads_to.get((address, location))
                if target is not None:
                    self._declare(target, self.description.roots[target], namespace)

    # --- reading declarations ---

    def _schema(self, node: Element) -> Element:
        return next(one for one in (node, *node.iterancestors()) if one.tag == f"{_XSD}schema")

    def namespace_of(self, node: Element) -> str:
        """The namespace in which a declaration stands."""
        return self._namespaces.get(self._schema(node), "")

    def qualified(self, node: Element, name: str) -> str:
        """The qualified name that a name with a prefix means where it stands."""
        prefix, _, local = name.strip().rpartition(":")
        namespace = node.nsmap.get(prefix or None)
        if namespace is None and not prefix and node.tag.startswith(_XSD):
            schema = self._schema(node)
            # A schema that takes the namespace of another means that one.
            is_borrowed = schema.get("targetNamespace") is None
            namespace = self._namespaces.get(schema, "") if is_borrowed else ""
        return f"{{{namespace or ''}}}{local}"

    def _referred(self, kind: str, node: Element) -> Element | None:
        self._references += 1
        if self._references > _MOST_REFERENCES:
            raise ConfigurationError(
                f"the description follows more than {_MOST_REFERENCES:,} references, so that it is "
                "not read further"
            )
        return self.declared.get((kind, self.qualified(node, node.get("ref") or "")))

    def members(self, node: Element) -> list[Member]:
        """The own members of an ``xs:complexType``, without those of its base."""
        return [*self._elements(content_of(node), 0), *self._attributes(content_of(node), 0)]

    def _elements(self, holder: Element, depth: int) -> Iterator[Member]:
        for node in holder:
            kind = _kind(node)
            if kind in _GROUPS:
                yield from self._elements(node, depth)
            elif kind == "group" and depth < _DEEPEST:
                group = self._referred("group", node)
                if group is not None:
                    yield from self._elements(group, depth + 1)
            elif kind == "any":
                occurs = _occurs(node)
                yield Member(name="any element", type="", occurs=occurs, node=node, declared=node)
            elif kind == "element":
                declared = self._referred("element", node) if node.get("ref") else node
                declared = node if declared is None else declared
                name = declared.get("name") or node.get("ref") or ""
                yield Member(
                    name=f"{self._form(node, 'element')}{name}",
                    type=self._type(declared),
                    occurs=_occurs(node),
                    node=node,
                    declared=declared,
                )

    def _attributes(self, holder: Element, depth: int) -> Iterator[Member]:
        for node in holder:
            kind = _kind(node)
            if kind == "attributeGroup" and depth < _DEEPEST:
                group = self._referred("attributeGroup", node)
                if group is not None:
                    yield from self._attributes(group, depth + 1)
            elif kind == "attribute" and _use(node) != "prohibited":
                declared = self._referred("attribute", node) if node.get("ref") else node
                declared = node if declared is None else declared
                name = declared.get("name") or node.get("ref") or ""
                yield Member(
                    name=f"@{self._form(node, 'attribute')}{name}",
                    type=self._type(declared),
                    occurs="1" if _use(node) == "required" else "0..1",
                    node=node,
                    declared=declared,
                )
            elif kind == "anyAttribute":
                yield Member(
                    name="@any attribute", type="", occurs="0..*", node=node, declared=node
                )

    def _form(self, node: Element, kind: str) -> str:
        """What stands before a name where its namespace is not the usual one of its kind."""
        if node.get("ref"):
            namespace = self.qualified(node, node.get("ref") or "")[1:].partition("}")[0]
            is_own = kind == "element" and namespace == self.namespace_of(node)
            return "" if is_own else f"{{{namespace}}}"
        form = node.get("form") or self._schema(node).get(f"{kind}FormDefault") or "unqualified"
        usual = {"element": "qualified", "attribute": "unqualified"}[kind]
        return "" if form == usual else f"{form} "

    def _type(self, node: Element) -> str:
        name = node.get("type")
        return self.qualified(node, name) if name else ""

    # --- facts ---

    def facts(self) -> dict[Fact, Stated]:
        """All facts, in the order of the documents."""
        found: dict[Fact, Stated] = {}
        for (kind, qname), node in self.declared.items():
            namespace = self.namespace_of(node)
            if kind in {"type", "element", "attribute"} and namespace not in _IGNORED:
                path = f"{kind} {qname.rpartition('}')[2]}"
                found.update(self._declaration(namespace, path, node))
        found.update(self._operations())
        return found

    def _declaration(
        self, namespace: str, path: str, node: Element
    ) -> Iterator[tuple[Fact, Stated]]:
        kind = _kind(node)
        if kind in {"element", "attribute"}:
            inner = next((one for one in node if _kind(one).endswith("Type")), None)
            if inner is None:
                named = self._type(node) or f"{_XSD}anyType"
            else:
                named = "of its own"
                yield from self._declaration(namespace, path, inner)
            yield Fact(namespace, path, "type"), Stated(named, node)
            for aspect in ("nillable", "abstract"):
                if _is_true(node, aspect):
                    yield Fact(namespace, path, aspect), Stated("true", node)
            for aspect in ("default", "fixed", "substitutionGroup"):
                value = node.get(aspect)
                if value is not None:
                    yield Fact(namespace, path, aspect), Stated(value, node)
            for one in node:
                if _kind(one) in _IDENTITIES:
                    aspect = f"{_kind(one)} {one.get('name')}"
                    yield Fact(namespace, path, aspect), Stated("declared", node)
        elif kind in {"any", "anyAttribute"}:
            for aspect, usual in (("namespace", "##any"), ("processContents", "strict")):
                yield Fact(namespace, path, aspect), Stated(node.get(aspect, usual), node)
        elif kind == "complexType":
            yield from self._complex(namespace, path, node)
        elif kind == "simpleType":
            yield from self._simple(namespace, path, node)

    def _complex(self, namespace: str, path: str, node: Element) -> Iterator[tuple[Fact, Stated]]:
        content = content_of(node)
        derivation = _kind(content)
        base = content.get("base")
        kind = "complex type"
        if base is not None:
            kind = f"{derivation} of {self.qualified(content, base)}"
        abstract = "abstract " if _is_true(node, "abstract") else ""
        mixed = "mixed " if _is_true(node, "mixed") else ""
        yield Fact(namespace, path, "kind"), Stated(f"{abstract}{mixed}{kind}", node)
        order = self._order(content, 0)
        if order:
            yield Fact(namespace, path, "order"), Stated(order, node)
        for member in self.members(node):
            place = f"{path}/{member.name}"
            yield Fact(namespace, place, "occurs"), Stated(member.occurs, member.node)
            if member.node is member.declared:
                yield from self._declaration(namespace, place, member.node)
            else:
                # The facts of what it refers to are told there.
                referred = member.type or f"that of {self.qualified(member.node, member.name)}"
                yield Fact(namespace, place, "type"), Stated(referred, member.node)

    def _order(self, holder: Element, depth: int) -> str:
        """The order of the elements, and what binds them together."""
        parts: list[str] = []
        for node in holder:
            kind = _kind(node)
            if kind == "element":
                parts.append((node.get("name") or node.get("ref") or "").rpartition(":")[2])
            elif kind == "any":
                parts.append("any element")
            elif kind in _GROUPS:
                parts.append(self._order(node, depth))
            elif kind == "group" and depth < _DEEPEST:
                group = self._referred("group", node)
                inner = "" if group is None else self._order(group, depth + 1)
                occurs = _occurs(node)
                parts.append(inner if occurs == "1" else f"({inner}){{{occurs}}}")
        parts = [one for one in parts if one]
        kind = _kind(holder)
        if kind not in _GROUPS:
            return ", ".join(parts)
        occurs = _occurs(holder)
        joined = {"choice": " | ", "sequence": ", ", "all": " & "}[kind].join(parts)
        if occurs != "1":
            return f"({joined}){{{occurs}}}" if parts else ""
        return f"({joined})" if len(parts) > 1 else joined

    def _simple(self, namespace: str, path: str, node: Element) -> Iterator[tuple[Fact, Stated]]:
        for inner in node:
            kind = _kind(inner)
            if kind == "restriction":
                base = inner.get("base")
                named = self.qualified(inner, base) if base else "a type of its own"
                yield Fact(namespace, path, "kind"), Stated(f"restriction of {named}", node)
                yield from self._facets(namespace, path, inner)
            elif kind in {"union", "list"}:
                names = inner.get("memberTypes") or inner.get("itemType") or ""
                listed = " ".join(self.qualified(inner, one) for one in names.split())
                text = f"{kind} of {listed or 'types of its own'}"
                yield Fact(namespace, path, "kind"), Stated(text, node)
            else:
                continue
            for number, own in enumerate(inner.iterchildren(f"{_XSD}simpleType"), 1):
                yield from self._simple(namespace, f"{path}/type {number}", own)

    def _facets(self, namespace: str, path: str, node: Element) -> Iterator[tuple[Fact, Stated]]:
        for facet in node:
            kind, value = _kind(facet), facet.get("value")
            if value is None:
                continue
            if kind == "enumeration":
                yield Fact(namespace, path, f"value {value}"), Stated("allowed", facet)
            elif kind == "pattern":
                yield Fact(namespace, path, f"pattern {value}"), Stated("allowed", facet)
            else:
                yield Fact(namespace, path, kind), Stated(value, node)

    # --- operations ---

    def _wsdl(self, kind: str) -> dict[str, Element]:
        """The definitions of one kind by their qualified names."""
        return {
            f"{{{root.get('targetNamespace') or ''}}}{node.get('name')}": node
            for root in self.description.roots.values()
            for node in root.iterchildren(f"{_WSDL}{kind}")
        }

    def _operations(self) -> Iterator[tuple[Fact, Stated]]:
        """The facts of the operations, by the names of their port types.

        A WSDL that was put together of several has one namespace for all port types, so that
        theirs say nothing.
        """
        messages, port_types = self._wsdl("message"), self._wsdl("portType")
        bindings = self._wsdl("binding")
        actions: dict[tuple[str, str], set[str]] = {}
        for binding in bindings.values():
            name = self.qualified(binding, binding.get("type") or "")
            soap = binding.find(f"{_SOAP}binding")
            if soap is None:
                continue
            for node in binding.iterchildren(f"{_WSDL}operation"):
                inner = node.find(f"{_SOAP}operation")
                action = "" if inner is None else inner.get("soapAction") or ""
                style = inner.get("style") if inner is not None else None
                style = style or soap.get("style") or "document"
                # Without a word of it a message is literal.
                uses = {one.get("use", "literal").strip() for one in node.iter(f"{_SOAP}body")}
                uses |= {"with a header" for _ in node.iter(f"{_SOAP}header")}
                actions.setdefault((name, node.get("name") or ""), set()).add(
                    f"{action} ({style}, {', '.join(sorted(uses))})"
                )
        for qname, port_type in port_types.items():
            contract = qname.rpartition("}")[2]
            for node in port_type.iterchildren(f"{_WSDL}operation"):
                path = f"contract {contract}.{node.get('name')}"
                said = sorted(actions.get((qname, node.get("name") or ""), set()))
                yield Fact("", path, "SOAPAction"), Stated("; ".join(said) or "none", node)
                for part in node:
                    kind = part.tag.removeprefix(_WSDL)
                    if kind not in {"input", "output", "fault"}:
                        continue
                    message = messages.get(self.qualified(part, part.get("message") or ""))
                    elements = (
                        []
                        if message is None
                        else [
                            self.qualified(one, one.get("element") or one.get("type") or "")
                            for one in message.iterchildren(f"{_WSDL}part")
                        ]
                    )
                    aspect = f"fault {part.get('name')}" if kind == "fault" else kind
                    yield Fact("", path, aspect), Stated(", ".join(elements) or "nothing", node)
        for service in self._wsdl("service").values():
            for port in service.iterchildren(f"{_WSDL}port"):
                bound = bindings.get(self.qualified(port, port.get("binding") or ""))
                # That of SOAP 1.2 or of HTTP tells of another endpoint.
                address = port.find("{*}address")
                if bound is None or address is None:
                    continue
                contract = self.qualified(bound, bound.get("type") or "").rpartition("}")[2]
                # The hosts of a service differ; the path behind its file does not.
                path = urlsplit(address.get("location") or "").path
                yield (
                    Fact("", f"contract {contract}", f"address {path.rpartition('.svc')[2]}"),
                    Stated("answers", port),
                )


def basis_of(node: Element) -> str | None:
    """How surely a declaration is known by the annotation that the node bears, if it bears one."""
    own = node.get("basis") if node.tag.startswith(_ANNOTATION) else None
    return own or node.get(f"{_ANNOTATION}basis")


def basis_bearer(node: Element) -> Element | None:
    """The node that says how surely a declaration is known: itself, or the next one around it."""
    for one in (node, *node.iterancestors()):
        # XML Schema allows foreign attributes, WSDL an element.
        for bearer in (one, *one.iterchildren(f"{_ANNOTATION}*")):
            if basis_of(bearer) is not None:
                return bearer
    return None


def _kind(node: Element) -> str:
    """The name of an element of XML Schema; that of another is empty."""
    return node.tag.removeprefix(_XSD) if node.tag.startswith(_XSD) else ""


def content_of(node: Element) -> Element:
    """What holds the members of a complex type: the extension, the restriction or itself."""
    for one in node:
        if _kind(one) in {"complexContent", "simpleContent"}:
            for inner in one:
                if _kind(inner) in _DERIVATIONS:
                    return inner
    return node


def _is_true(node: Element, name: str) -> bool:
    return node.get(name, "").strip() in {"true", "1"}


def _use(node: Element) -> str:
    return node.get("use", "").strip()


def _occurs(node: Element) -> str:
    least, most = (
        (node.get(name, "1").strip().lstrip("0") or "0") for name in ("minOccurs", "maxOccurs")
    )
    if most == "unbounded":
        return f"{least}..*"
    return least if least == most else f"{least}..{most}"
