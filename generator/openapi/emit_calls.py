"""The writer of the operations, and of a method for each of them, async and sync."""

from __future__ import annotations

from pathlib import Path

from generator.names import constant_case
from generator.openapi.emit_models import arguments_name, default_of, note, sent_type
from generator.openapi.model import Document, Member, Operation
from generator.text import Lines, basis_note, header

_TIMEOUT = (
    "    timeout: Seconds for the whole call, its token included; ``None`` takes the client's"
    " setting."
)
_PAGE_SIZE = 50


def constant(operation: Operation) -> str:
    """The name of the constant that describes an operation."""
    return constant_case(operation.name)


def _operation(lines: Lines, one: Operation) -> None:
    query = tuple(found.python for found in one.arguments if found.place == "query")
    body = tuple(found.python for found in one.arguments if found.place == "body")
    account = {found.python: found.account for found in one.arguments if found.account}
    lines.add(f"{constant(one)} = Operation(")
    lines.add(f"    name={one.name!r},")
    lines.add(f"    summary={one.summary!r},")
    lines.add(f"    basis={one.basis!r},")
    lines.add(f"    method={one.method!r},")
    lines.add(f"    path={one.path!r},")
    lines.add(f"    reading={one.reading!r},")
    lines.add(f"    arguments={arguments_name(one)},")
    if query:
        lines.add(f"    query={query!r},")
    if body:
        lines.add(f"    body={body!r},")
    lines.add(f"    is_safe={one.is_safe},")
    lines.add(f"    is_once={one.is_once},")
    lines.add(f"    authorization={one.authorization!r},")
    lines.add(f"    account={account!r},")
    if one.reference:
        lines.add(f"    reference={tuple(map(tuple, one.reference))!r},")
    lines.add(")")


def _signature(found: list[Member], document: Document) -> tuple[list[str], list[str]]:
    """The arguments by place, and those by keyword."""
    by_place: list[str] = []
    by_keyword: list[str] = []
    for one in found:
        kind = sent_type(one.type)
        if one.account == "salt":
            continue
        if one.account is not None or not one.is_required:
            by_keyword.append(f"{one.python}: {kind} | None = None")
        elif one.has_default:
            by_keyword.append(f"{one.python}: {kind} = {default_of(one, document)}")
        else:
            by_place.append(f"{one.python}: {kind}")
    return by_place, by_keyword


def _described(found: list[Member]) -> str:
    def order(one: Member) -> bool:
        return one.account is not None or not one.is_required or one.has_default

    lines: list[str] = []
    for one in sorted(found, key=order):
        if one.account == "salt":
            continue
        text = note(one).replace(" Required.", "")
        if one.account == "user_name":
            text += " By default the client's user."
        lines.append(f"    {one.python}: {text}")
    return "\n".join([*lines, _TIMEOUT])


def _raises(one: Operation, document: Document) -> str:
    refusal = "answers False, or with an error" if one.reading == "flag" else "refuses it"
    unknown = (
        ""
        if one.is_safe
        else "\n    OutcomeUnknown: No complete answer came"
        + ("; ``reference`` says what to look up." if one.reference else ".")
    )
    return (
        "Raises:\n"
        "    InvalidRequest: An argument is refused before anything is sent.\n"
        f"    {document.vendor}Error: The vendor {refusal}.\n"
        "    TokenRefused: The API key, or two tokens one after the other, were refused."
        f"{unknown}\n"
        "    EsignWireError: Another failure; see ``esignwire.errors``."
    )


def _repeating(one: Operation) -> str:
    if one.is_safe:
        return "It only reads, so that it is retried after a broken connection."
    if one.is_once:
        return (
            "Each call makes something new, so that it is sent a second time only where the vendor"
            " said in so many words that it refused the token."
        )
    return "It changes something, so that it is not sent again after a broken connection."


def _method(lines: Lines, one: Operation, document: Document, *, is_async: bool) -> None:
    by_place, by_keyword = _signature(one.arguments, document)
    kind = "str" if one.reading in {"text", "secret"} else one.answer
    arguments = ["self", *by_place, "*", *by_keyword, "timeout: float | None = None"]
    lines.add("", f"{'async ' if is_async else ''}def {one.python}(")
    lines.add(*(f"    {argument}," for argument in arguments))
    lines.add(f") -> {kind}:")
    with lines.indented():
        returned = {
            "text": "The text that the vendor returns.",
            "secret": "The text that the vendor returns. Secret.",
            "flag": "The answer, which says True.",
        }
        lines.docstring(
            one.summary,
            one.description,
            "The vendor means to withdraw this call." if one.is_deprecated else "",
            _repeating(one),
            f"{one.name}. {basis_note(one.basis)}",
            f"Args:\n{_described(one.arguments)}",
            f"Returns:\n    {returned.get(one.reading, 'The answer.')}",
            _raises(one, document),
        )
        given = ", ".join(
            f"{found.python!r}: {found.python}"
            for found in one.arguments
            if found.account != "salt"
        )
        wait = "await " if is_async else ""
        if kind == "str":
            lines.add(f"return {wait}self._text({constant(one)}, {{{given}}}, timeout)")
        else:
            lines.add(f"return {wait}self._answer({constant(one)}, {{{given}}}, {kind}, timeout)")


def _pages(lines: Lines, one: Operation, document: Document, *, is_async: bool) -> None:
    pages = one.pages
    if pages is None:
        return
    others = [found for found in one.arguments if found not in (pages.number, pages.size)]
    by_place, by_keyword = _signature(others, document)
    size = pages.size.type.maximum or _PAGE_SIZE
    name = "all_" + one.python.removeprefix("get_")
    arguments = ["self", *by_place, "*", *by_keyword]
    arguments += [f"{pages.size.python}: int = {size}", "timeout: float | None = None"]
    lines.add("", f"{'async ' if is_async else ''}def {name}(")
    lines.add(*(f"    {argument}," for argument in arguments))
    lines.add(f") -> {'AsyncIterator' if is_async else 'Iterator'}[{pages.item}]:")
    with lines.indented():
        lines.docstring(
            one.summary.replace(", a page at a time.", ", all pages one after the other."),
            "The next page is asked for when its first item is due. The list ends with an empty"
            " page, with as many items as the vendor says there are, or where a page comes again.",
            f"{one.name}. {basis_note(one.basis)}",
            f"Args:\n{_described([*others, pages.size])}".replace("the whole call", "each page"),
            f"Yields:\n    Each item, a {pages.item}.",
            _raises(one, document),
        )
        first = pages.number.type.minimum or 0
        lines.add(f"pages = Pages({first})", "while pages.is_more:")
        with lines.indented():
            lines.add(f"answer = {'await ' if is_async else ''}self.{one.python}(")
            positional = [found for found in one.arguments if found.account is None]
            for found in positional:
                value = "pages.number" if found is pages.number else found.python
                prefix = "" if found.is_required and not found.has_default else f"{found.python}="
                lines.add(f"    {prefix}{value},")
            for found in one.arguments:
                if found.account == "user_name":
                    lines.add(f"    {found.python}={found.python},")
            lines.add("    timeout=timeout,", ")")
            lines.add(f"for item in pages.take(answer.{pages.items.python}, answer.total_count):")
            lines.add("    yield item")


def _class(lines: Lines, document: Document, *, is_async: bool) -> None:
    prefix = "Async" if is_async else ""
    lines.add("", "", f"class {prefix}Calls({prefix}Caller):")
    with lines.indented():
        lines.docstring("The vendor's operations as methods of the client that is derived from it.")
        lines.add("", "__slots__ = ()")
        for one in document.operations:
            if not one.is_handwritten:
                _method(lines, one, document, is_async=is_async)
                _pages(lines, one, document, is_async=is_async)


def emit_calls(document: Document, file: Path, package: str) -> str:
    """Writes the module of the operations and their methods."""
    lines = Lines()
    lines.docstring("The vendor's operations, and a method for each, async and sync.")
    lines.add("", "from __future__ import annotations", "")
    lines.add("import uuid")
    lines.add("from collections.abc import AsyncIterator, Iterator, Sequence", "")
    lines.add("from esignwire._json import AsyncCaller, Caller, Operation, Pages")
    names = [arguments_name(one) for one in document.operations]
    names += [one.name for one in document.enumerations]
    names += [one.name for one in document.objects if not one.is_base]
    lines.add(f"from {package}.models import (", *(f"    {one}," for one in sorted(names)), ")", "")
    for one in document.operations:
        _operation(lines, one)
    lines.add("OPERATIONS: tuple[Operation, ...] = (")
    lines.add(*(f"    {constant(one)}," for one in document.operations), ")")
    for is_async in (True, False):
        _class(lines, document, is_async=is_async)
    return header(f"schemas/{file.parent.name}/{file.name}") + lines.text()


def emit_names(document: Document, file: Path) -> str:
    """Writes the vendor's name and addresses, the names of what is secret, and the known errors."""
    members = [one for found in document.objects for one in found.members]
    members += [
        one
        for operation in document.operations
        for one in operation.arguments
        if one.place == "body"
    ]
    sensitive = sorted({one.wire for one in members if one.is_sensitive})
    types = sorted({one for found in members for one in found.file_types})
    lines = Lines()
    lines.docstring(
        "The vendor's name and addresses, the names whose values are secret, and the texts by which"
        " errors are known."
    )
    lines.add("", "from __future__ import annotations", "", "import re", "")
    errors = sorted({one.error for one in document.errors} | {f"{document.vendor}Error"})
    lines.add(f"from esignwire.errors import {', '.join(errors)}", "")
    lines.add(f"VENDOR = {document.vendor!r}")
    lines.add(*(f"{name} = {url!r}" for name, url in document.servers.items()))
    lines.add(f"FILE_TYPES: tuple[str, ...] = {tuple(types)!r}")
    lines.add("# The names of every JSON member that the schema marks as sensitive.")
    lines.add("SENSITIVE: frozenset[str] = frozenset({")
    lines.add(*(f"    {name!r}," for name in sensitive), "})")
    lines.add("# The calls that answer with a secret in ReturnValue, by their paths.")
    lines.add("SECRET_ANSWERS: tuple[str, ...] = (")
    lines.add(*(f"    {one.path!r}," for one in document.operations if one.reading == "secret"))
    lines.add(")")
    lines.add("# The first that fits counts.")
    lines.add(f"ERRORS: tuple[tuple[re.Pattern[str], type[{document.vendor}Error]], ...] = (")
    for one in document.errors:
        pattern = f"re.compile({one.pattern!r}, re.IGNORECASE | re.DOTALL)"
        lines.add(f"    ({pattern}, {one.error}),")
    lines.add(")")
    return header(f"schemas/{file.parent.name}/{file.name}") + lines.text()
