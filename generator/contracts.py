"""Contracts: WSDL ports with their operations, or pairs of XRq and XRs elements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from generator.checks import ESW, SOAP, WSDL, XS
from generator.model import ComplexType, Contract, Member, Operation, Root
from generator.names import snake_case
from generator.problems import SchemaProblem
from generator.source import Sources, locate

# What every HTTP client sends as it stands: no blanks, queries, "..", or letters beyond ASCII.
_ADDRESS = re.compile(r"https?://[\w.-]+(:\d{1,5})?(/[\w~%-][\w.~%-]*)+", re.ASCII)
_ACTION = re.compile(r"[!#-\[\]-~]+")


def read_contracts(sources: Sources, roots: dict[str, Root]) -> tuple[list[Contract], str | None]:
    """Reads the contracts of a vendor, and the address of the service where a WSDL names one.

    Raises:
        SchemaProblem: A WSDL refers to something that is not there, or a web method has no answer.
    """
    if sources.wsdls:
        contracts, address = _from_wsdl(sources, roots)
    else:
        contracts, address = _from_schemas(sources, roots), None
    _refuse_clashes(contracts)
    for contract in contracts:
        for operation in contract.operations:
            _mark(operation.request.type, is_request=True)
            _mark(operation.response.type, is_request=False)
    return sorted(contracts, key=lambda one: one.name), address


def _refuse_clashes(contracts: list[Contract]) -> None:
    """Refuses contracts, and operations of one contract, that Python would take for one."""
    groups = [[(one.name, one.python_name, one.place) for one in contracts]]
    groups += [
        # CONTRACT is what the module of a contract calls the contract itself.
        [
            ("the contract", "contract", one.place),
            *((op.name, op.python_name, op.place) for op in one.operations),
        ]
        for one in contracts
    ]
    for group in groups:
        seen: dict[str, str] = {}
        for name, python_name, place in group:
            if python_name in seen:
                raise SchemaProblem(
                    f"{name} and {seen[python_name]} would get the one Python name {python_name}: "
                    "rename one",
                    *place,
                )
            seen[python_name] = name


def _mark(one: ComplexType, *, is_request: bool) -> None:
    if one.is_request if is_request else one.is_response:
        return
    if is_request:
        one.is_request = True
    else:
        one.is_response = True

    def follow(member: Member) -> None:
        if isinstance(member.value, ComplexType):
            _mark(member.value, is_request=is_request)
        for alternative in member.alternatives:
            follow(alternative)

    for member in one.members:
        follow(member)
    if one.base is not None:
        _mark(one.base, is_request=is_request)


def _from_schemas(sources: Sources, roots: dict[str, Root]) -> list[Contract]:
    """Reads one contract a schema that stands alone, such as each version of a namespace."""
    operations: dict[Path, list[Operation]] = {}
    for qname, root in roots.items():
        if not qname.endswith("Rq"):
            continue
        name = root.local_name.removesuffix("Rq")
        response = roots.get(qname.removesuffix("Rq") + "Rs")
        if response is None:
            raise SchemaProblem(
                f"{root.local_name} is a request without an answer: declare {name}Rs", *root.place
            )
        entry = sources.entry_of[root.place.file]
        operations.setdefault(entry, []).append(
            Operation(
                name=name,
                python_name=snake_case(name),
                documentation=root.documentation or root.type.documentation,
                basis=root.basis,
                is_safe=sources.take(root.declaration, "safe") == "true",
                request=root,
                response=response,
                schema_file=entry.name,
                place=root.place,
            )
        )
    if not operations:
        place = sources.place(sources.schemas[sources.entry_schemas[0]])
        raise SchemaProblem("no element ends in Rq, so there is nothing to call", *place)
    contracts: list[Contract] = []
    for entry, found in operations.items():
        schema = sources.schemas[entry]
        name = sources.take(schema, "name") or entry.stem
        contracts.append(
            Contract(
                name=name,
                python_name=snake_case(name),
                documentation=sources.take(schema, "documentation") or "",
                operations=sorted(found, key=lambda one: one.name),
                source_file=entry.name,
                place=sources.place(schema),
                binding_place=sources.place(schema),
            )
        )
    return contracts


class _Wsdl:
    """The definitions of all WSDL files of a folder, by qualified name."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.messages: dict[str, etree._Element] = {}
        self.port_types: dict[str, etree._Element] = {}
        self.bindings: dict[str, etree._Element] = {}
        self.services: list[etree._Element] = []
        self.imports: dict[Path, set[Path]] = {}
        self.used: set[etree._Element] = set()
        for path, root in sources.wsdls.items():
            namespace = root.get("targetNamespace") or ""
            self.imports[path] = set(self._check_imports(path, root))
            for kind, found in (
                ("message", self.messages),
                ("portType", self.port_types),
                ("binding", self.bindings),
            ):
                for node in root.findall(f"{WSDL}{kind}"):
                    qname = f"{{{namespace}}}{node.get('name')}"
                    if qname in found:
                        raise sources.problem(
                            node, f"wsdl:{kind} {node.get('name')} is declared twice"
                        )
                    found[qname] = node
            self.services += root.findall(f"{WSDL}service")

    def find(
        self, found: dict[str, etree._Element], node: etree._Element, attribute: str, what: str
    ) -> tuple[str, etree._Element]:
        """Finds the definition that an attribute of a node names, and notes that it is used."""
        name = node.get(attribute) or ""
        qname = self.sources.resolve(node, name)
        if qname not in found:
            raise self.sources.problem(
                node, what.replace("*", f'"{name}"') + ", which no WSDL declares"
            )
        own, theirs = self.sources.path(node), self.sources.path(found[qname])
        if theirs not in self._within_reach(own, set()):
            raise self.sources.problem(
                node,
                what.replace("*", f'"{name}"')
                + f", which stands in {theirs.name}: import that with wsdl:import",
            )
        self.used.add(found[qname])
        return qname, found[qname]

    def _within_reach(self, path: Path, found: set[Path]) -> set[Path]:
        """The files that a file has, by itself and through those that it imports."""
        if path not in found:
            found.add(path)
            for one in self.imports[path]:
                self._within_reach(one, found)
        return found

    def refuse_what_is_left(self) -> None:
        """Refuses definitions that no port leads to, since no call would ever use them."""
        for found in (self.bindings, self.port_types, self.messages):
            for node in found.values():
                if node not in self.used:
                    local = etree.QName(node).localname
                    missing = "port" if local == "binding" else "operation of a port"
                    raise self.sources.problem(
                        node,
                        f"no {missing} uses the {local} {node.get('name')}, so nothing could call "
                        "it: add one, or remove it",
                    )

    def _check_imports(self, path: Path, root: etree._Element) -> Iterator[Path]:
        """Refuses imports that lead elsewhere, and gives the WSDLs that are imported."""
        for node in root.findall(f"{WSDL}import"):
            yield self._imported(path, node, "location", "wsdl")
        for node in root.findall(f"{WSDL}types/{XS}schema/{XS}import"):
            self._imported(path, node, "schemaLocation", "xsd")

    def _imported(self, path: Path, node: etree._Element, attribute: str, kind: str) -> Path:
        sources, location = self.sources, node.get(attribute) or ""
        name = "wsdl:import" if kind == "wsdl" else "xs:import"
        try:
            target = locate(sources.folder, path, node, location, f".{kind}")
        except SchemaProblem as problem:
            what = "WSDL" if kind == "wsdl" else "schema"
            raise sources.problem(
                node, f'{name} "{location}" is not a {what} of this folder: {problem.message}'
            ) from None
        files = sources.wsdls if kind == "wsdl" else sources.schemas
        actual = files[target].get("targetNamespace")
        if node.get("namespace") != actual:
            raise sources.problem(
                node,
                f'{name} names the namespace "{node.get("namespace") or ""}", but {location} '
                f'declares "{actual}"',
            )
        return target


def _from_wsdl(sources: Sources, roots: dict[str, Root]) -> tuple[list[Contract], str]:
    wsdl = _Wsdl(sources)
    if len(wsdl.services) != 1:
        first = next(iter(sources.wsdls.values()))
        raise sources.problem(
            wsdl.services[1] if wsdl.services else first,
            f"exactly one wsdl:service is due over all WSDL files, found {len(wsdl.services)}",
        )
    service = wsdl.services[0]
    contracts: list[Contract] = []
    shared: str | None = None
    for port in service.findall(f"{WSDL}port"):
        name = port.get("name")
        qname, binding = wsdl.find(
            wsdl.bindings, port, "binding", f"port {name} refers to the binding *"
        )
        location = _address(sources, port, f"{SOAP}address", "location")
        if location is None:
            raise sources.problem(port, f"port {name} has no soap:address")
        service_address, marker, suffix = location.partition(".svc/")
        if not marker:
            raise sources.problem(
                port,
                f'the address "{location}" has no .svc part to which contracts could be relative',
            )
        if shared not in {None, service_address}:
            raise sources.problem(
                port,
                "the ports of the service do not share one .svc address, as a client has one url",
            )
        shared = service_address
        contract = _contract(wsdl, roots, port, qname, binding, suffix)
        sources.take(port, "mtom")
        mtom = _address(sources, port, f"{ESW}port", "mtom")
        if mtom is not None:
            if not mtom.startswith(f"{service_address}.svc/"):
                raise sources.problem(
                    port, f"esw:mtom of port {name} lies outside of {service_address}.svc"
                )
            contract.mtom_path = mtom.removeprefix(f"{service_address}.svc/")
        contracts.append(contract)
    if shared is None:
        raise sources.problem(service, f"the service {service.get('name')} has no port")
    wsdl.refuse_what_is_left()
    return contracts, f"{shared}.svc"


def _address(sources: Sources, port: etree._Element, tag: str, attribute: str) -> str | None:
    """Reads one of the addresses of a port."""
    node = port.find(tag)
    address = node.get(attribute) if node is not None else None
    if node is not None and address is not None and not _ADDRESS.fullmatch(address):
        raise sources.problem(
            node,
            f'the address "{address}" is no plain one of HTTP: host and path, without a query, '
            'blanks, "..", or letters beyond ASCII',
        )
    return address


def _contract(
    wsdl: _Wsdl,
    roots: dict[str, Root],
    port: etree._Element,
    qname: str,
    binding: etree._Element,
    suffix: str,
) -> Contract:
    sources = wsdl.sources
    binding_name = binding.get("name")
    _, port_type = wsdl.find(
        wsdl.port_types, binding, "type", f"binding {binding_name} refers to the port type *"
    )
    abstract = {node.get("name"): node for node in port_type.findall(f"{WSDL}operation")}
    operations: list[Operation] = []
    for node in binding.findall(f"{WSDL}operation"):
        name = node.get("name") or ""
        declared = abstract.pop(name, None)
        if declared is None:
            raise sources.problem(
                node, f"operation {name} of binding {binding_name} is not in its port type"
            )
        soap = node.find(f"{SOAP}operation")
        action = soap.get("soapAction") if soap is not None else None
        if not action:
            raise sources.problem(node, f"operation {name} has no soapAction")
        if not _ACTION.fullmatch(action):
            raise sources.problem(
                node, f'the soapAction "{action}" must be ASCII, without blanks and quotes'
            )
        _check_faults(wsdl, roots, node, declared)
        request = _message(wsdl, roots, node, declared, "input")
        response = _message(wsdl, roots, node, declared, "output")
        ways = [one.tag for one in declared.iterchildren(f"{WSDL}input", f"{WSDL}output")]
        if ways[0] != f"{WSDL}input":
            raise sources.problem(
                declared, f"operation {name} has its output first: the vendor would ask us"
            )
        operations.append(
            Operation(
                name=name,
                python_name=snake_case(name),
                documentation=sources.take(declared, "documentation") or "",
                basis=sources.take(declared, "basis"),
                is_safe=sources.take(declared, "safe") == "true",
                by_hand=sources.take(declared, "by-hand"),
                request=request,
                response=response,
                schema_file=sources.entry_of[request.place.file].name,
                place=sources.place(declared),
                soap_action=action,
            )
        )
    for left_over, node in abstract.items():
        raise sources.problem(
            node, f"operation {left_over} is in the port type but not in the binding {binding_name}"
        )
    if not operations:
        raise sources.problem(binding, f"binding {binding_name} has no operation")
    contract_name = suffix.partition("/")[0]
    wsdl_file = sources.path(binding).name
    return Contract(
        name=contract_name,
        python_name=snake_case(contract_name),
        documentation=sources.take(port_type, "documentation") or "",
        operations=sorted(operations, key=lambda one: one.name),
        source_file=wsdl_file,
        place=sources.place(port),
        binding_place=sources.place(binding),
        wsdl_file=wsdl_file,
        binding=qname,
        address_path=suffix,
    )


def _check_faults(
    wsdl: _Wsdl, roots: dict[str, Root], bound: etree._Element, declared: etree._Element
) -> None:
    """Refuses faults that the binding and the port type do not both have, or without an element."""
    names = {node.get("name") for node in bound.findall(f"{WSDL}fault")}
    for node in declared.findall(f"{WSDL}fault"):
        what = f"fault {node.get('name')} of operation {declared.get('name')}"
        _, message = wsdl.find(wsdl.messages, node, "message", f"{what} refers to the message *")
        _element_of(wsdl.sources, roots, message)
        if node.get("name") not in names:
            raise wsdl.sources.problem(node, f"{what} is not in the binding")
        names.discard(node.get("name"))
    for node in bound.findall(f"{WSDL}fault"):
        if node.get("name") in names:
            raise wsdl.sources.problem(
                node, f"fault {node.get('name')} of the binding is not in its port type"
            )
        soap = node.find(f"{SOAP}fault")
        if soap is None or soap.get("name") != node.get("name"):
            raise wsdl.sources.problem(
                node, f"fault {node.get('name')} has no soap:fault of its name"
            )


def _message(
    wsdl: _Wsdl,
    roots: dict[str, Root],
    bound: etree._Element,
    declared: etree._Element,
    kind: str,
) -> Root:
    """Finds the element of the message that an operation sends or receives."""
    sources = wsdl.sources
    operation = declared.get("name")
    node, binding = declared.find(f"{WSDL}{kind}"), bound.find(f"{WSDL}{kind}")
    if node is None or binding is None:
        raise sources.problem(declared, f"operation {operation} must have one wsdl:{kind}")
    if binding.get("name", node.get("name")) != node.get("name"):
        raise sources.problem(
            binding, f"the {kind} of operation {operation} has another name in its port type"
        )
    what = f"the {kind} of operation {operation} refers to the message *"
    _, message = wsdl.find(wsdl.messages, node, "message", what)
    element, part = _element_of(sources, roots, message)
    for body in binding.findall(f"{SOAP}body"):
        if body.get("parts", part) != part:
            raise sources.problem(
                body, f'the parts of this soap:body are "{body.get("parts")}", and must be {part}'
            )
    return element


def _element_of(
    sources: Sources, roots: dict[str, Root], message: etree._Element
) -> tuple[Root, str | None]:
    """Finds the element that a message is, and the name of its part."""
    name = message.get("name")
    parts = message.findall(f"{WSDL}part")
    named = parts[0].get("element") if len(parts) == 1 else None
    if not named or parts[0].get("type") is not None:
        raise sources.problem(
            message, f"message {name} must have one part with an element (document/literal)"
        )
    element = sources.resolve(parts[0], named)
    if ("element", element) not in sources.declared:
        raise sources.problem(
            parts[0], f'the element "{named}" of message {name} is not in any schema'
        )
    if element not in roots:
        raise sources.problem(
            parts[0], f'the element "{named}" of message {name} must be of a complex type'
        )
    return roots[element], parts[0].get("name")
