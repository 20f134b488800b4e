"""Reads what can be called: WSDL ports with their operations, or pairs of XRq and XRs elements."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlparse

from lxml import etree

from generator.checks import WSDL, XS, line_of
from generator.model import ComplexType, Contract, Member, Operation, Root
from generator.names import snake_case
from generator.problems import SchemaProblem
from generator.source import Sources, annotations_of, resolve_qname

SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"


def read_contracts(sources: Sources, roots: dict[str, Root]) -> tuple[list[Contract], str | None]:
    """Reads the contracts of a vendor.

    Args:
        sources: The vendor's files.
        roots: The global elements of its schemas.

    Returns:
        The contracts by name, and the address of the service where a WSDL names one.

    Raises:
        SchemaProblem: A WSDL refers to something that is not there, or a web method has no answer.
    """
    if sources.wsdls:
        contracts, address = _from_wsdl(sources, roots)
    else:
        contracts, address = [_from_schema(sources, roots)], None
    _refuse_clashes(sources.folder, contracts)
    for contract in contracts:
        for operation in contract.operations:
            _mark(operation.request.type, is_request=True)
            _mark(operation.response.type, is_request=False)
    return sorted(contracts, key=lambda one: one.name), address


def _refuse_clashes(folder: Path, contracts: list[Contract]) -> None:
    """Refuses contracts, and operations of one contract, that Python would take for one."""
    groups: list[list[tuple[str, str]]] = [[(one.name, one.python_name) for one in contracts]]
    groups += [
        # CONTRACT is what the module of a contract calls the contract itself.
        [("the contract", "contract"), *((op.name, op.python_name) for op in one.operations)]
        for one in contracts
    ]
    for group in groups:
        seen: dict[str, str] = {}
        for name, python_name in group:
            if python_name in seen:
                raise SchemaProblem(
                    f"{name} and {seen[python_name]} would get the one Python name {python_name}: "
                    "rename one",
                    folder,
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


def _documentation(node: etree._Element | None) -> str:
    if node is None or node.text is None:
        return ""
    return "\n".join(line.strip() for line in node.text.strip().splitlines())


def _from_schema(sources: Sources, roots: dict[str, Root]) -> Contract:
    operations: list[Operation] = []
    for qname, root in roots.items():
        if not qname.endswith("Rq"):
            continue
        name = qname.rpartition("}")[2].removesuffix("Rq")
        response = roots.get(qname.removesuffix("Rq") + "Rs")
        namespace, _, local = qname.removeprefix("{").partition("}")
        annotations = sources.declarations[("element", namespace, local)]
        if response is None:
            raise SchemaProblem(
                f"{local} is a request without an answer: declare {name}Rs",
                annotations.file,
                annotations.line,
            )
        operations.append(
            Operation(
                name=name,
                python_name=snake_case(name),
                documentation=root.type.documentation,
                basis=annotations.basis,
                is_safe=annotations.is_safe,
                declared=annotations,
                request=root,
                response=response,
            )
        )
    if not operations:
        raise SchemaProblem("no element ends in Rq, so there is nothing to call", sources.folder)
    entries = sources.entry_schemas
    if len(entries) != 1:
        listed = ", ".join(path.name for path in entries)
        raise SchemaProblem(
            f"one schema must include all others, but these stand alone: {listed}", sources.folder
        )
    schema = sources.schemas[entries[0]]
    node = schema.find(f"{XS}annotation/{XS}documentation")
    name = annotations_of(schema, entries[0]).name or entries[0].stem
    return Contract(
        name=name,
        python_name=snake_case(name),
        documentation=_documentation(node),
        operations=sorted(operations, key=lambda one: one.name),
        schema_file=entries[0].name,
    )


class _Wsdl:
    """The definitions of all WSDL files of a folder, by qualified name."""

    def __init__(self, sources: Sources) -> None:
        self.messages: dict[str, tuple[Path, etree._Element]] = {}
        self.port_types: dict[str, tuple[Path, etree._Element]] = {}
        self.bindings: dict[str, tuple[Path, etree._Element]] = {}
        self.services: list[tuple[Path, etree._Element]] = []
        self.schemas: dict[Path, str] = {}
        for path, root in sources.wsdls.items():
            namespace = root.get("targetNamespace") or ""
            self._imports(path, root, sources)
            for kind, found in (
                ("message", self.messages),
                ("portType", self.port_types),
                ("binding", self.bindings),
            ):
                for node in root.findall(f"{WSDL}{kind}"):
                    qname = f"{{{namespace}}}{node.get('name')}"
                    if qname in found:
                        raise SchemaProblem(
                            f"wsdl:{kind} {node.get('name')} is declared twice",
                            path,
                            line_of(node),
                        )
                    found[qname] = (path, node)
            self.services += [(path, node) for node in root.findall(f"{WSDL}service")]

    def _imports(self, path: Path, root: etree._Element, sources: Sources) -> None:
        for node in root.findall(f"{WSDL}import"):
            location = node.get("location") or ""
            target = path.parent / location
            if urlparse(location).scheme or target not in sources.wsdls:
                raise SchemaProblem(
                    f'wsdl:import "{location}" is not a WSDL of this folder', path, line_of(node)
                )
            actual = sources.wsdls[target].get("targetNamespace")
            if node.get("namespace") != actual:
                raise SchemaProblem(
                    f'wsdl:import names the namespace "{node.get("namespace")}", but {location} '
                    f'declares "{actual}"',
                    path,
                    line_of(node),
                )
        for node in root.findall(f"{WSDL}types/{XS}schema/{XS}import"):
            location = node.get("schemaLocation") or ""
            target = path.parent / location
            if target not in sources.schemas:
                raise SchemaProblem(
                    f'xs:import "{location}" is not a schema of this folder', path, line_of(node)
                )
            if sources.schemas[target].get("targetNamespace") != node.get("namespace"):
                raise SchemaProblem(
                    f'xs:import of {location} names the namespace "{node.get("namespace")}", '
                    "which is not its targetNamespace",
                    path,
                    line_of(node),
                )
            self.schemas.setdefault(path, location)


def _from_wsdl(sources: Sources, roots: dict[str, Root]) -> tuple[list[Contract], str]:
    wsdl = _Wsdl(sources)
    if len(wsdl.services) != 1:
        raise SchemaProblem(
            f"exactly one wsdl:service is due over all WSDL files, found {len(wsdl.services)}",
            sources.folder,
        )
    path, service = wsdl.services[0]
    contracts: list[Contract] = []
    bound: set[str] = set()
    addresses: set[str] = set()
    for port in service.findall(f"{WSDL}port"):
        qname = resolve_qname(port, port.get("binding") or "", path)
        if qname not in wsdl.bindings:
            raise SchemaProblem(
                f'port {port.get("name")} refers to the binding "{port.get("binding")}", which no '
                "WSDL declares",
                path,
                line_of(port),
            )
        address = port.find(f"{SOAP}address")
        location = address.get("location") if address is not None else None
        if not location:
            raise SchemaProblem(f"port {port.get('name')} has no soap:address", path, line_of(port))
        service_address, marker, suffix = location.partition(".svc/")
        if not marker:
            raise SchemaProblem(
                f'the address "{location}" has no .svc part to which contracts could be relative',
                path,
                line_of(port),
            )
        addresses.add(service_address + ".svc")
        bound.add(qname)
        contract = _contract(wsdl, roots, qname, suffix)
        mtom = annotations_of(port, path).mtom
        if mtom is not None:
            if not mtom.startswith(f"{service_address}.svc/"):
                raise SchemaProblem(
                    f"esw:mtom of port {port.get('name')} lies outside of {service_address}.svc",
                    path,
                    line_of(port),
                )
            contract.mtom_path = mtom.removeprefix(f"{service_address}.svc/")
        contracts.append(contract)
    if len(addresses) != 1:
        raise SchemaProblem("the ports of the service do not share one .svc address", path)
    for qname, (binding_path, node) in wsdl.bindings.items():
        if qname not in bound:
            raise SchemaProblem(
                f"binding {node.get('name')} has no port in {path.name}: add one, or nobody can "
                "call it",
                binding_path,
                line_of(node),
            )
    return contracts, addresses.pop()


def _contract(wsdl: _Wsdl, roots: dict[str, Root], qname: str, suffix: str) -> Contract:
    path, binding = wsdl.bindings[qname]
    port_type_name = resolve_qname(binding, binding.get("type") or "", path)
    if port_type_name not in wsdl.port_types:
        raise SchemaProblem(
            f'binding {binding.get("name")} refers to the port type "{binding.get("type")}", '
            "which no WSDL declares",
            path,
            line_of(binding),
        )
    port_path, port_type = wsdl.port_types[port_type_name]
    abstract = {node.get("name"): node for node in port_type.findall(f"{WSDL}operation")}
    operations: list[Operation] = []
    for node in binding.findall(f"{WSDL}operation"):
        name = node.get("name") or ""
        declared = abstract.pop(name, None)
        if declared is None:
            raise SchemaProblem(
                f"operation {name} of binding {binding.get('name')} is not in its port type",
                path,
                line_of(node),
            )
        soap = node.find(f"{SOAP}operation")
        action = soap.get("soapAction") if soap is not None else None
        if not action:
            raise SchemaProblem(f"operation {name} has no soapAction", path, line_of(node))
        annotations = annotations_of(declared, port_path)
        operations.append(
            Operation(
                name=name,
                python_name=snake_case(name),
                documentation=_documentation(declared.find(f"{WSDL}documentation")),
                basis=annotations.basis,
                is_safe=annotations.is_safe,
                declared=annotations,
                request=_message(wsdl, roots, port_path, declared, "input"),
                response=_message(wsdl, roots, port_path, declared, "output"),
                soap_action=action,
            )
        )
    for left_over, node in abstract.items():
        raise SchemaProblem(
            f"operation {left_over} is in the port type but not in the binding "
            f"{binding.get('name')}",
            port_path,
            line_of(node),
        )
    contract_name = suffix.partition("/")[0]
    schema = wsdl.schemas.get(path) or wsdl.schemas.get(port_path)
    if schema is None:
        raise SchemaProblem("wsdl:types imports no schema", path)
    return Contract(
        name=contract_name,
        python_name=snake_case(contract_name),
        documentation=_documentation(port_type.find(f"{WSDL}documentation")),
        operations=sorted(operations, key=lambda one: one.name),
        schema_file=schema,
        wsdl_file=path.name,
        binding=qname,
        address_path=suffix,
    )


def _message(
    wsdl: _Wsdl, roots: dict[str, Root], path: Path, operation: etree._Element, kind: str
) -> Root:
    node = operation.find(f"{WSDL}{kind}")
    if node is None:
        raise SchemaProblem(
            f"operation {operation.get('name')} has no wsdl:{kind}", path, line_of(operation)
        )
    qname = resolve_qname(node, node.get("message") or "", path)
    if qname not in wsdl.messages:
        raise SchemaProblem(
            f'the message "{node.get("message")}" of operation {operation.get("name")} is not '
            "declared",
            path,
            line_of(node),
        )
    message_path, message = wsdl.messages[qname]
    parts = message.findall(f"{WSDL}part")
    if len(parts) != 1 or not parts[0].get("element"):
        raise SchemaProblem(
            f"message {message.get('name')} must have one part with an element (document/literal)",
            message_path,
            line_of(message),
        )
    element = resolve_qname(parts[0], parts[0].get("element") or "", message_path)
    if element not in roots:
        raise SchemaProblem(
            f'the element "{parts[0].get("element")}" of message {message.get("name")} is not in '
            "any schema",
            message_path,
            line_of(parts[0]),
        )
    return roots[element]
