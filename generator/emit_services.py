"""The writer of services: one class a contract, one method an operation, async and sync."""

from __future__ import annotations

from generator.emit_types import is_document
from generator.model import ComplexType, Contract, Kind, Member, Operation, Scalar, Vendor
from generator.names import constant_case, snake_case
from generator.text import Lines, basis_note, header

_RAISES = """Raises:
    InvalidRequest: The request does not satisfy the schema; nothing was sent.
    TransportError: No complete answer came.
    OutcomeUnknown: No complete answer came and the vendor may have acted.
    ResponseError: The answer cannot be used.
    VendorError: The vendor refused the call."""


def has_documents(one: ComplexType, seen: set[ComplexType] | None = None) -> bool:
    """Whether a type can hold a document in base64 or hexadecimal digits."""
    seen = set() if seen is None else seen
    if one in seen:
        return False
    seen.add(one)

    def check(member: Member) -> bool:
        if member.kind is not Kind.ATTRIBUTE and member.value in {Scalar.BASE64, Scalar.HEX}:
            return True
        if isinstance(member.value, ComplexType) and has_documents(member.value, seen):
            return True
        return any(check(other) for other in member.alternatives)

    return any(check(member) for member in one.members)


def document_places(one: ComplexType, place: str, within: tuple[ComplexType, ...] = ()) -> set[str]:
    """Finds where a message holds documents, as paths such as ``DownloadResponse/FileData``.

    A type that holds itself is entered once: a document further down is read as text.
    """
    places: set[str] = set()
    if one in within or not has_documents(one):
        return places
    for member in one.members:
        for part in member.alternatives or [member]:
            if is_document(part) and part.kind is Kind.TEXT:
                places.add(place)
            for name in (part.xml_name, *part.also):
                inner = f"{place}/{name}"
                if isinstance(part.value, ComplexType):
                    places |= document_places(part.value, inner, (*within, one))
                elif is_document(part) and part.kind is Kind.ELEMENT:
                    places.add(inner)
    return places


def service_name(contract: Contract) -> str:
    """The name of a contract's class."""
    return "".join(part[:1].upper() + part[1:] for part in contract.python_name.split("_"))


def _request_type(operation: Operation) -> str:
    return f"_{operation.request.type.module}_types.{operation.request.type.python_name}"


def _response_type(operation: Operation) -> str:
    return f"_{operation.response.type.module}_types.{operation.response.type.python_name}"


def _codec(kind: str, operation: Operation) -> str:
    if kind == "write":
        root = operation.request
        return f"_{root.module}_codec.write_{snake_case(root.local_name).rstrip('_')}"
    answer = operation.response.type
    return f"_{answer.module}_codec.decode_{snake_case(answer.python_name).rstrip('_')}"


def _emit_operation(lines: Lines, contract: Contract, operation: Operation) -> None:
    kinds = f"[{_request_type(operation)}, {_response_type(operation)}]"
    lines.add(f"{constant_case(operation.name)}: Operation{kinds} = Operation(")
    lines.add(f"    name={operation.name!r},")
    lines.add(f"    contract={contract.name!r},")
    lines.add(f"    request_tag={operation.request.qname!r},")
    lines.add(f"    response_tag={operation.response.qname!r},")
    lines.add(f"    is_safe={operation.is_safe},")
    response = operation.response
    places = sorted(document_places(response.type, response.local_name))
    listed = f"{{{', '.join(map(repr, places))}}}" if places else ""
    lines.add(f"    documents=frozenset({listed}),")
    lines.add(f"    schema={operation.schema_file!r},")
    lines.add(f"    encode={_codec('write', operation)},")
    lines.add(f"    decode={_codec('decode', operation)},")
    if operation.soap_action is not None:
        lines.add(f"    soap_action={operation.soap_action!r},")
    if operation.result is not None:
        lines.add(f"    result={operation.result!r},")
    if operation.lookup:
        lines.add(f"    lookup=Lookup({operation.lookup_items!r}, {operation.lookup!r}),")
    lines.add(")", "")


def _emit_class(lines: Lines, contract: Contract, *, is_async: bool) -> None:
    prefix = "Async" if is_async else ""
    lines.add(f"class {prefix}{service_name(contract)}Service:")
    with lines.indented():
        lines.docstring(
            contract.documentation or f"The operations of {contract.name}.",
            "Args:\n    caller: What carries the calls, such as the client that this belongs to.",
        )
        lines.add("", "__slots__ = ('_caller',)", "")
        lines.add(f"def __init__(self, caller: {prefix}Caller) -> None:")
        lines.add("    self._caller = caller", "")
        for operation in contract.operations:
            lines.add(f"{'async ' if is_async else ''}def {operation.python_name}(")
            carries = has_documents(operation.request.type) or has_documents(
                operation.response.type
            )
            watch = ", progress: Progress | None = None" if carries else ""
            lines.add(
                f"    self, request: {_request_type(operation)}, *, "
                f"timeout: float | None = None{watch}"
            )
            lines.add(f") -> {_response_type(operation)}:")
            with lines.indented():
                repeat = (
                    "May be repeated without harm, so that it is retried after a broken connection."
                    if operation.is_safe
                    else "Changes something, so that it is never repeated once bytes were sent."
                )
                lines.docstring(
                    operation.documentation or f"Calls {operation.name}.",
                    repeat,
                    basis_note(operation.basis),
                    "Args:\n"
                    "    request: The message.\n"
                    "    timeout: Seconds for the whole call, retries included; ``None`` takes the "
                    "client's setting."
                    + (
                        "\n    progress: Is told how many bytes of the message with the document "
                        "have gone or come, and how many there are."
                        if carries
                        else ""
                    ),
                    "Returns:\n    The vendor's answer.",
                    _RAISES,
                )
                wait = "await " if is_async else ""
                constant = constant_case(operation.name)
                passed = ", progress=progress" if carries else ""
                call = f"{wait}self._caller.call({constant}, request, timeout{passed})"
                lines.add(f"return ({call}).message" if is_async else f"return {call}.message")
            lines.add("")
    lines.add("")


def emit_service(vendor: Vendor, contract: Contract) -> str:
    """Writes the module of one contract."""
    lines = Lines()
    lines.docstring(f"The operations of {contract.name}, typed.")
    lines.add("", "from __future__ import annotations", "")
    names = ["AsyncCaller", "Caller", "Operation"]
    if contract.wsdl_file is not None:
        names.append("Contract")
    if any(operation.lookup for operation in contract.operations):
        names.append("Lookup")
    lines.add(f"from esignwire._codec import {', '.join(sorted(names))}")
    lines.add("from esignwire._documents import Progress")
    package = f"esignwire_generated.{vendor.name}"
    roots = [root for one in contract.operations for root in (one.request, one.response)]
    codecs = {one.request.module for one in contract.operations}
    codecs |= {one.response.type.module for one in contract.operations}
    for module in sorted(codecs):
        lines.add(f"from {package}.codecs import {module} as _{module}_codec")
    for module in sorted({root.type.module for root in roots}):
        lines.add(f"from {package}.types import {module} as _{module}_types")
    lines.add("")
    if contract.wsdl_file is not None:
        lines.add("CONTRACT = Contract(")
        lines.add(f"    name={contract.name!r},")
        lines.add(f"    wsdl={contract.wsdl_file!r},")
        lines.add(f"    binding={contract.binding!r},")
        lines.add(f"    address_path={contract.address_path!r},")
        lines.add(f"    mtom_path={contract.mtom_path!r},")
        lines.add(")", "")
    for operation in contract.operations:
        _emit_operation(lines, contract, operation)
    lines.add("")
    _emit_class(lines, contract, is_async=True)
    _emit_class(lines, contract, is_async=False)
    return header(f"schemas/{vendor.name}/{contract.source_file}") + lines.text()


def _emit_container(lines: Lines, vendor: Vendor, *, is_async: bool) -> None:
    prefix = "Async" if is_async else ""
    lines.add(f"class {prefix}Services:")
    with lines.indented():
        lines.docstring(
            "Every operation of the vendor's, by contract.",
            "Each service is imported when it is first used.",
            "Args:\n    caller: What carries the calls, such as the client that this belongs to.",
        )
        lines.add("")
        lines.add(f"def __init__(self, caller: {prefix}Caller) -> None:")
        lines.add("    self._caller = caller", "")
        for contract in vendor.contracts:
            name = f"{prefix}{service_name(contract)}Service"
            # Not cached_property: Python 3.11's has a lock, which a fork could leave locked.
            lines.add("@property")
            lines.add(
                f"def {contract.python_name}(self) -> _{contract.python_name}_service.{name}:"
            )
            with lines.indented():
                lines.docstring(contract.documentation or f"The operations of {contract.name}.")
                module = f"esignwire_generated.{vendor.name}.services.{contract.python_name}"
                lines.add(f"from {module} import {name}", "")
                lines.add(f"return {name}(self._caller)")
            lines.add("")
    lines.add("")


def emit_services(vendor: Vendor) -> str:
    """Writes the module that gathers the services of a vendor."""
    lines = Lines()
    lines.docstring("The vendor's services; each is imported when it is first used.")
    lines.add("", "from __future__ import annotations", "")
    names = ["AsyncCaller", "Caller"]
    has_wsdl = vendor.service_address is not None
    if has_wsdl:
        lines.add("import importlib")
    lines.add(f"from typing import {'TYPE_CHECKING, cast' if has_wsdl else 'TYPE_CHECKING'}", "")
    lines.add("if TYPE_CHECKING:")
    if has_wsdl:
        names.append("Contract")
    lines.add(f"    from esignwire._codec import {', '.join(names)}")
    for contract in vendor.contracts:
        # Two contracts may have classes of one name, such as Submit's AsyncSubmitService.
        lines.add(
            f"    from esignwire_generated.{vendor.name}.services import {contract.python_name} "
            f"as _{contract.python_name}_service"
        )
    lines.add("")
    if has_wsdl:
        lines.add(f"SERVICE_ADDRESS = {vendor.service_address!r}")
        lines.add("CONTRACT_MODULES: dict[str, str] = {")
        for contract in vendor.contracts:
            lines.add(f"    {contract.name!r}: {contract.python_name!r},")
        lines.add("}", "", "")
        lines.add("def contract(name: str) -> Contract:")
        with lines.indented():
            lines.docstring(
                "Returns what is needed to bind a contract.",
                "Args:\n    name: The contract, as the vendor spells it.",
                "Returns:\n    The contract.",
                "Raises:\n    KeyError: There is none of that name.",
            )
            lines.add(
                f'module = importlib.import_module(f"esignwire_generated.{vendor.name}.services.'
                '{CONTRACT_MODULES[name]}")'
            )
            lines.add("return cast('Contract', module.CONTRACT)")
        lines.add("", "")
    _emit_container(lines, vendor, is_async=True)
    _emit_container(lines, vendor, is_async=False)
    return header(f"schemas/{vendor.name}") + lines.text()


def emit_names(vendor: Vendor) -> str:
    """Writes the vendor's namespaces and the names of what is secret."""
    lines = Lines()
    lines.docstring("The vendor's namespaces, and the names whose values are secret.")
    lines.add("", "from __future__ import annotations", "")
    lines.add("NAMESPACES: frozenset[str] = frozenset({")
    lines.add(*(f"    {namespace!r}," for namespace in vendor.namespaces))
    lines.add("})")
    lines.add(
        "# The local names of every element and attribute that a schema marks as sensitive.",
        "SENSITIVE: frozenset[str] = frozenset({",
    )
    lines.add(*(f"    {name!r}," for name in vendor.sensitive_names))
    lines.add("})")
    if vendor.exception_names:
        lines.add(
            "# The local names of the elements in which the vendor says why it refused, or warns.",
            f"EXCEPTIONS: frozenset[str] = frozenset({{{str(vendor.exception_names)[1:-1]}}})",
        )
    return header(f"schemas/{vendor.name}") + lines.text()
