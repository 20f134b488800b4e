"""The writer of a client's methods: one for each operation, async and sync.

Two kinds of modules come of it: ``operations.py`` has the classes from which the clients inherit,
and ``calls`` makes the messages, one module a contract, imported by the first call of it.
"""

from __future__ import annotations

from pathlib import Path

from generator.emit_services import has_documents
from generator.emit_types import PYTHON_TYPES, default_literal, value_type
from generator.model import ComplexType, Contract, Member, Module, Scalar, Vendor
from generator.names import constant_case
from generator.operations import (
    Argument,
    ArgumentKind,
    Credential,
    Method,
    Part,
    Plan,
    filled_members,
    structure,
)
from generator.text import Lines, basis_note, header

_RAISES = """Raises:
    InvalidRequest: An argument breaks a rule; nothing was sent.
    TransportError: No complete answer came.
    OutcomeUnknown: No complete answer came and the vendor may have acted.
    ResponseError: The answer cannot be used.
    VendorError: The vendor refused {what}."""

_TIMEOUT = (
    "timeout: Seconds for the whole call, retries included; ``None`` takes the client's setting."
)
_PROGRESS = (
    "progress: Is told how many bytes of the message with the document have gone or come, and how"
    " many there are."
)

# Every type stands behind the module that has it.
_NOWHERE = Module(name="", file=Path(), documentation="", enumerations=[], types=[])


def emit_calls(vendor: Vendor, contract: Contract, plan: Plan) -> str:
    """Writes the module that makes the messages of one contract."""
    lines = Lines()
    for method in plan.compiled:
        if method.contract is contract:
            _emit_call(lines, method)
    body = lines.text()
    head = Lines()
    head.docstring(f"The messages of {contract.name}, made of the arguments of the methods.")
    head.add("", "from __future__ import annotations", "")
    for name, alias in (("datetime", "_dt"), ("decimal", "_decimal"), ("uuid", "_uuid")):
        head.add(f"import {name} as {alias}")
    head.add("from collections.abc import Iterable")
    head.add("from dataclasses import replace as _replace")
    head.add("from typing import cast as _cast", "")
    head.add("from esignwire import _documents")
    head.add("from esignwire._codec import Given, Handle")
    names = ["Account", *(one.question for one in plan.compiled if f"{one.question}'" in body)]
    head.add(f"from esignwire_generated.{vendor.name}.arguments import {', '.join(sorted(names))}")
    service = f"esignwire_generated.{vendor.name}.services.{contract.python_name}"
    constants = [
        constant_case(one.operation.name) for one in plan.compiled if one.contract is contract
    ]
    if constants:
        head.add(f"from {service} import {', '.join(f'{one} as {one}' for one in constants)}")
    for module in _modules_in(vendor, body):
        head.add(f"from esignwire_generated.{vendor.name}.types import {module} as _{module}_types")
    head.add("")
    return header(f"schemas/{vendor.name}/{contract.source_file}") + head.text() + body


def emit_operations(vendor: Vendor, plan: Plan, *, is_async: bool) -> str:
    """Writes the class from which a vendor's client inherits."""
    lines = Lines()
    _emit_class(lines, vendor, plan, is_async=is_async)
    body = lines.text()
    prefix = "Async" if is_async else ""
    head = Lines()
    head.docstring("The operations of the vendor, each a method of its client.")
    head.add("", "from __future__ import annotations", "")
    for name, alias in (("datetime", "_dt"), ("decimal", "_decimal"), ("uuid", "_uuid")):
        head.add(f"import {name} as {alias}")
    head.add("from collections.abc import Iterable")
    head.add("from typing import TYPE_CHECKING", "")
    head.add("from esignwire._codec import Given, one_result, result_of, results_of", "")
    head.add("if TYPE_CHECKING:")
    head.add("    from esignwire import _documents")
    head.add(f"    from esignwire._codec import {_caller(plan, prefix)}, Handle, Outcome")
    head.add("    from esignwire._documents import Progress")
    names = ["Account", *(one.question for one in plan.compiled if one.many is not None)]
    head.add(
        f"    from esignwire_generated.{vendor.name}.arguments import {', '.join(sorted(names))}"
    )
    for module in _modules_in(vendor, body):
        head.add(
            f"    from esignwire_generated.{vendor.name}.types import {module} as _{module}_types"
        )
    head.add("", f'__all__ = ["{prefix}Operations"]', "")
    return header(f"schemas/{vendor.name}") + head.text() + body


def _caller(plan: Plan, prefix: str) -> str:
    """What carries the calls: operations that take lists ask more of it."""
    has_lists = any(one.many is not None for one in plan.compiled)
    return f"{prefix}ListCaller" if has_lists else f"{prefix}Caller"


def _modules_in(vendor: Vendor, body: str) -> list[str]:
    return [one.name for one in vendor.modules if f"_{one.name}_types." in body]


def _type_name(one: ComplexType) -> str:
    return f"_{one.module}_types.{one.python_name}"


def argument_type(argument: Argument) -> str:
    """The type of an argument, without None."""
    member, owner = argument.member, argument.owner
    if argument.kind is ArgumentKind.HANDLE:
        return "Handle"
    if member.value is Scalar.UUID and not member.is_list:
        return "_uuid.UUID | str"
    if argument.kind is ArgumentKind.LIST:
        if not member.is_list and isinstance(member.value, ComplexType):
            owner, member = member.value, member.value.members[0]
        return f"Iterable[{value_type(member, owner, _NOWHERE)}]"
    return value_type(member, owner, _NOWHERE)


def _parameter(argument: Argument) -> str:
    kind = argument_type(argument)
    if argument.is_required:
        return f"{argument.name}: {kind}"
    if argument.member.default is not None and argument.kind is ArgumentKind.PLAIN:
        return f"{argument.name}: {kind} = {default_literal(argument.member, _NOWHERE)}"
    return f"{argument.name}: {kind} | None = None"


# --- messages ---


def _emit_call(lines: Lines, method: Method) -> None:
    operation = method.operation
    name = operation.python_name
    parameters = ["_given: Given", "_account: Account", "*"]
    parameters += [_parameter(one) for one in method.arguments]
    if parameters[-1] == "*":
        parameters.pop()
    kind = _type_name(method.body.type)
    lines.add(f"def {name}({', '.join(parameters)}) -> {kind}:")
    with lines.indented():
        what = "message" if method.many is None else "question"
        lines.docstring(f"Makes a {what} of {operation.name}.")
        _emit_preparations(lines, method.body)
        lines.add(f"return {_made(method.body)}")
    lines.add("", "")
    if method.many is not None:
        _emit_questions(lines, method)


def _emit_preparations(lines: Lines, part: Part) -> None:
    for argument in part.arguments():
        name = argument.name
        if argument.kind is ArgumentKind.HANDLE:
            take = "handle" if argument.is_required else "optional_handle"
            lines.add(f'{name}_id, {name}_token = _given.{take}({name}, "{name}")')
        for filled in filled_members(argument):
            kind = structure(argument.member)
            field = filled.python_name
            lines.add(f'{name} = _given.structure({name}, {_type_name(kind)}, "{name}")')
            lines.add(f"if {name}.{field} is None:")
            lines.add(f"    {name} = _replace({name}, {field}=_account.{filled.marks.account})")


def _made(part: Part) -> str:
    values = [f"{member.python_name}={_content(member, one)}" for member, one in part.contents]
    return f"{_type_name(part.type)}({', '.join(values)})"


def _content(member: Member, content: Part | Argument | Credential) -> str:
    if isinstance(content, Part):
        return _made(content)
    if isinstance(content, Credential):
        return f"_account.{content.setting}"
    name = content.name
    match content.kind:
        case ArgumentKind.HANDLE:
            return f"{name}_id" if member is content.member else f"{name}_token"
        case ArgumentKind.OWNER:
            take = "owner" if member.is_required else "optional_owner"
            if member.value is Scalar.UUID:
                take = "owner_identifier"
            return f'_given.{take}({name}, _account.{content.setting}, "{name}")'
        case ArgumentKind.IDENTIFIER:
            take = "identifier" if content.is_required else "optional_identifier"
            return f'_given.{take}({name}, "{name}")'
        case ArgumentKind.LIST:
            items = f'_given.items({name}, "{name}")'
            if member.is_list:
                return items if content.is_required else f'_given.optional_items({name}, "{name}")'
            array = structure(member)
            wrapped = f"{_type_name(array)}({array.members[0].python_name}={items})"
            return wrapped if content.is_required else f"None if {name} is None else {wrapped}"
        case _:
            return name


def _emit_questions(lines: Lines, method: Method) -> None:
    many = method.lists
    operation = method.operation
    required = [one for one in method.arguments if one.is_required]
    optional = [one for one in method.arguments if not one.is_required]
    parameters = ["_given: Given", "_account: Account", f"questions: {_asked(method)}", "*"]
    parameters += [_parameter(one) for one in optional]
    kind = _type_name(method.body.type)
    lines.add(f"def {operation.python_name}_all({', '.join(parameters)}) -> list[{kind}]:")
    with lines.indented():
        lines.docstring(f"Makes the questions of {operation.name}.")
        lines.add(f"_made: list[{kind}] = []")
        leading = method.leading if len(required) <= 1 else None
        names = tuple(one.name for one in method.arguments)
        must = tuple(one.name for one in required)
        alone = leading.name if leading is not None else None
        lines.add(
            'for _place, _one in enumerate(_given.items(questions, "questions")):',
            "    _asked = _given.at(_place)",
            f"    _said = _cast('{method.question}', _asked.question("
            f"_one, {names!r}, {must!r}, {alone!r}))",
        )
        passed = [f"{one.name}=_said[{one.name!r}]" for one in required]
        passed += [f"{one.name}=_said.get({one.name!r}, {one.name})" for one in optional]
        lines.add(
            f"    _made.append({operation.python_name}(_asked, _account, {', '.join(passed)}))"
        )
        lines.add("return _made")
    lines.add("", "")
    request = operation.request.type
    outer, inner = many.questions
    array = structure(outer)
    lines.add(
        f"def {operation.python_name}_message(questions: list[{kind}]) -> {_type_name(request)}:"
    )
    with lines.indented():
        lines.docstring(f"Makes the message of {operation.name}.")
        lines.add(
            f"return {_type_name(request)}({outer.python_name}="
            f"{_type_name(array)}({inner.python_name}=questions))"
        )
    lines.add("", "")
    constant = constant_case(operation.name)
    # How a result is matched to its question: places in the question, and one in the result.
    keys = ", ".join(f"({places!r}, {name!r})" for places, name in many.keys)
    lines.add(
        f"{constant}_KEYS: tuple[tuple[tuple[str, ...], str], ...] = ({keys}{',' if keys else ''})",
        "",
        "",
    )


def _asked(method: Method) -> str:
    """The type of the questions of the method for many."""
    required = [one for one in method.arguments if one.is_required]
    kinds = [argument_type(required[0])] if len(required) == 1 else []
    return f"Iterable[{' | '.join([*kinds, method.question])}]"


# --- arguments ---


def emit_arguments(vendor: Vendor, plan: Plan) -> str:
    """Writes what the arguments of the methods are made of, beside the types of the messages."""
    lines = Lines()
    _emit_account(lines, plan)
    for method in plan.compiled:
        if method.many is not None:
            _emit_question(lines, method)
    body = lines.text()
    head = Lines()
    head.docstring("The arguments of the client's methods that are no messages.")
    head.add("", "from __future__ import annotations", "")
    for name, alias in (("datetime", "_dt"), ("decimal", "_decimal"), ("uuid", "_uuid")):
        head.add(f"import {name} as {alias}")
    head.add("from collections.abc import Iterable")
    head.add("from typing import TYPE_CHECKING, Protocol, TypedDict", "", "if TYPE_CHECKING:")
    head.add("    from esignwire import _documents", "    from esignwire._codec import Handle")
    for module in _modules_in(vendor, body):
        head.add(
            f"    from esignwire_generated.{vendor.name}.types import {module} as _{module}_types"
        )
    names = ["Account", *(one.question for one in plan.compiled if one.many is not None)]
    head.add("", f"__all__ = {sorted(names)!r}", "")
    return header(f"schemas/{vendor.name}") + head.text() + body


def _emit_question(lines: Lines, method: Method) -> None:
    required = [one for one in method.arguments if one.is_required]
    optional = [one for one in method.arguments if not one.is_required]
    operation = method.operation
    base = "TypedDict"
    if required:
        lines.add(f"class _{method.question}(TypedDict):")
        lines.add(*(f"    {one.name}: {argument_type(one)}" for one in required), "", "")
        base = f"_{method.question}"
    lines.add(f"class {method.question}({base}, total=False):")
    with lines.indented():
        lines.docstring(
            f"The arguments of one question of {operation.name}: those of the method for one.",
            "Attributes:\n" + "\n".join(_described(one) for one in method.arguments),
        )
        lines.add("", *(f"{one.name}: {argument_type(one)} | None" for one in optional))
    lines.add("", "")


# --- classes ---


def _emit_account(lines: Lines, plan: Plan) -> None:
    lines.add("class Account(Protocol):")
    with lines.indented():
        lines.docstring("The settings of a client that fill in members of its messages.")
        lines.add("")
        credentials = {
            content.setting for method in plan.methods for content in _credentials(method.body)
        }
        for setting, member in plan.settings.items():
            kind = PYTHON_TYPES[member.value] if isinstance(member.value, Scalar) else "str"
            optional = "" if setting in credentials or member.value is Scalar.UUID else " | None"
            lines.add("@property", f"def {setting}(self) -> {kind}{optional}:")
            with lines.indented():
                lines.docstring(f"What stands for {member.xml_name} unless a call says another.")
                lines.add("...")
            lines.add("")
        if not plan.settings:
            lines.add("...")
    lines.add("")


def _credentials(part: Part) -> list[Credential]:
    found: list[Credential] = []
    for _, content in part.contents:
        if isinstance(content, Credential):
            found.append(content)
        elif isinstance(content, Part):
            found += _credentials(content)
    return found


def _emit_class(lines: Lines, vendor: Vendor, plan: Plan, *, is_async: bool) -> None:
    prefix = "Async" if is_async else ""
    lines.add(f"class {prefix}Operations:")
    with lines.indented():
        lines.docstring(
            "The operations that have a method each, made of the schemas.",
            "The client that inherits them says what carries the calls and whose calls they are.",
        )
        lines.add("", "__slots__ = ()", "")
        lines.add(f"_caller: {_caller(plan, prefix)}", "_owner: Account", "")
        for method in plan.compiled:
            _emit_method(lines, vendor, method, is_async=is_async)
            if method.many is not None:
                _emit_many(lines, vendor, method, is_async=is_async)
        if not plan.compiled:
            lines.add("...")
    lines.add("")


def _emit_method(lines: Lines, vendor: Vendor, method: Method, *, is_async: bool) -> None:
    operation = method.operation
    leading = method.leading
    parameters = ["self"]
    if leading is not None:
        parameters.append(_parameter(leading))
    parameters.append("*")
    parameters += [_parameter(one) for one in method.arguments if one is not leading]
    carries = has_documents(operation.request.type) or has_documents(operation.response.type)
    own = _own(carries=carries)
    result, what = result_type(method)
    lines.add(f"{'async ' if is_async else ''}def {operation.python_name}(")
    lines.add(f"    {', '.join([*parameters, *own])}")
    lines.add(f") -> {result}:")
    with lines.indented():
        _docstring(
            lines,
            method,
            [_described(one) for one in method.arguments],
            what,
            "the call",
            carries=carries,
        )
        _emit_imports(lines, vendor, method)
        lines.add(f'_given = Given(self._caller.vendor, "{operation.name}")')
        passed = ", ".join(f"{one.name}={one.name}" for one in method.arguments)
        made = (
            f"_calls.{operation.python_name}(_given, self._owner{', ' if passed else ''}{passed})"
        )
        watch = ", progress=progress" if carries else ""
        wait = "await " if is_async else ""
        constant = f"_calls.{constant_case(operation.name)}"
        if method.many is None:
            lines.add(f"_request = {made}")
            call = f"{wait}self._caller.call({constant}, _request, timeout{watch})"
            lines.add(f"_answered = {call}")
            message = "_answered.message"
            lines.add(
                f"return {message}"
                if operation.result is None
                else f"return result_of(_answered, {message}.{operation.result})"
            )
        else:
            lines.add(f"_asked = [{made}]")
            _emit_exchange(lines, method, wait, watch, "one_result")
    lines.add("")


def _emit_exchange(lines: Lines, method: Method, wait: str, watch: str, reader: str) -> None:
    """Writes a call whose questions are in ``_asked``."""
    operation = method.operation
    outer, inner = method.lists.answers
    constant = f"_calls.{constant_case(operation.name)}"
    lines.add(f"_request = _calls.{operation.python_name}_message(_asked)")
    lines.add(
        f"_answered = {wait}self._caller.exchange({constant}, _request, timeout{watch})",
        f"_array = _answered.message.{outer.python_name}",
    )
    results = f"_array.{inner.python_name} if _array else []"
    lines.add(f"return {reader}(self._caller, _answered, _asked, {results}, {constant}_KEYS)")


def _emit_many(lines: Lines, vendor: Vendor, method: Method, *, is_async: bool) -> None:
    many = method.lists
    operation = method.operation
    optional = [one for one in method.arguments if not one.is_required]
    carries = has_documents(operation.request.type) or has_documents(operation.response.type)
    parameters = ["self", f"questions: {_asked(method)}", "*"]
    parameters += [_parameter(one) for one in optional]
    lines.add(f"{'async ' if is_async else ''}def {operation.python_name}_all(")
    lines.add(f"    {', '.join([*parameters, *_own(carries=carries)])}")
    lines.add(f") -> list[Outcome[{_type_name(many.result)}]]:")
    with lines.indented():
        required = [one for one in method.arguments if one.is_required]
        shape = "a dictionary with the arguments of the method for one"
        if len(required) == 1:
            shape = f"{_briefly(required[0])}, or {shape}"
        listed = [f"    questions: The questions: of each, {shape}."]
        listed += [
            f"{_described(one)} Holds for each question that does not say its own."
            for one in optional
        ]
        what = (
            "One outcome a question, in the order of the questions: ``Accepted``, ``Refused`` or"
            " ``Unanswered``."
        )
        _docstring(lines, method, listed, what, "the call as a whole", carries=carries)
        _emit_imports(lines, vendor, method)
        lines.add(f'_given = Given(self._caller.vendor, "{operation.name}")')
        passed = ", ".join(f"{one.name}={one.name}" for one in optional)
        lines.add(
            f"_asked = _calls.{operation.python_name}_all(_given, self._owner, questions"
            f"{', ' if passed else ''}{passed})"
        )
        wait = "await " if is_async else ""
        watch = ", progress=progress" if carries else ""
        _emit_exchange(lines, method, wait, watch, "results_of")
    lines.add("")


def _emit_imports(lines: Lines, vendor: Vendor, method: Method) -> None:
    # The types and codecs of a contract are imported by the first call that needs them.
    module = f"esignwire_generated.{vendor.name}.calls"
    lines.add(f"from {module} import {method.contract.python_name} as _calls", "")


def _own(*, carries: bool) -> list[str]:
    own = ["timeout: float | None = None"]
    if carries:
        own.append("progress: Progress | None = None")
    return own


def result_type(method: Method) -> tuple[str, str]:
    """The type that a method returns, and what it is in words."""
    operation = method.operation
    if method.many is not None:
        return _type_name(method.lists.result), "The vendor's result. It may hold warnings."
    response = operation.response.type
    if operation.result is None:
        return _type_name(response), "The vendor's answer."
    member = next(one for one in response.members if one.python_name == operation.result)
    return _type_name(structure(member)), "The vendor's result. It may hold warnings."


def _docstring(
    lines: Lines,
    method: Method,
    listed: list[str],
    returns: str,
    refused: str,
    *,
    carries: bool,
) -> None:
    operation = method.operation
    name = operation.python_name
    other = ""
    if method.many is not None and refused == "the call":
        other = f"``{name}_all`` asks for many in one call."
    elif method.many is not None:
        other = f"``{name}`` does it for one, and raises where the vendor refuses."
    repeat = (
        "Reads only, so that it is repeated after a broken connection."
        if operation.is_safe
        else "Changes something, so that it is never repeated once bytes were sent."
    )
    listed = [*listed, f"    {_TIMEOUT}"]
    if carries:
        listed.append(f"    {_PROGRESS}")
    lines.docstring(
        operation.documentation or f"Calls {operation.name}.",
        other,
        repeat,
        basis_note(operation.basis),
        "Args:\n" + "\n".join(listed),
        f"Returns:\n    {returns}",
        _RAISES.format(what=refused),
    )


def _briefly(argument: Argument) -> str:
    if argument.kind is ArgumentKind.HANDLE:
        return f"the {argument.name}"
    return f"its ``{argument.name}``"


def _described(argument: Argument) -> str:
    member = argument.member
    if argument.kind is ArgumentKind.HANDLE:
        note = (
            f"The {argument.name}: what has its ``id`` and ``auth_token``, such as what created or "
            f"listed it. {' '.join(member.documentation.split())}"
        )
    else:
        note = " ".join(member.documentation.split())
    if argument.setting is not None:
        note = f"{note} ``None`` takes the client's.".strip()
    if member.basis is not None and member.basis != argument.owner.basis:
        note = f"{note} {basis_note(member.basis)}".strip()
    return f"    {argument.name}: {note}".rstrip(": ")
