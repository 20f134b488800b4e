"""Writes straight-line encoders and decoders for the types of one schema file.

No reflection is left for run time: each function is what a person would write by hand for that one
type. docs and generator/README.md show an example.
"""

from __future__ import annotations

from generator.emit_types import (
    default_literal,
    imported_modules,
    is_document,
    is_open,
    is_optional,
    reference,
    value_type,
)
from generator.model import ComplexType, Enumeration, Kind, Member, Module, Root, Scalar, Vendor
from generator.names import constant_case, snake_case
from generator.text import Lines, header

_WRITERS = {
    Scalar.BOOLEAN: "boolean_text",
    Scalar.YES_NO: "yes_no_text",
    Scalar.INTEGER: "integer_text",
    Scalar.FLOAT: "float_text",
    Scalar.DECIMAL: "decimal_text",
    Scalar.DATE: "date_text",
    Scalar.DATE_TIME: "date_time_text",
    Scalar.DATE_OR_DATE_TIME: "date_or_date_time_text",
    Scalar.BASE64: "base64_text",
    Scalar.HEX: "hex_text",
    Scalar.UUID: "uuid_text",
}

# Of these an empty text is a value; of all others it says that there is none.
_MAY_BE_EMPTY = {Scalar.STRING, Scalar.BASE64, Scalar.HEX}


def _is_text(member: Member) -> bool:
    """Whether an element holds a value and nothing else, neither elements nor attributes."""
    return not isinstance(member.value, ComplexType)


def codec_name(one: ComplexType) -> str:
    """The snake-case name of a type in the names of its functions."""
    return snake_case(one.python_name).rstrip("_")


class CodecModule:
    """One module of encoders and decoders under construction.

    Args:
        vendor: The vendor that it belongs to.
        module: The schema file.
        roots: The global elements declared in it.
        ambient: For each type, the namespaces of the elements that carry it.
    """

    def __init__(
        self,
        vendor: Vendor,
        module: Module,
        roots: list[Root],
        ambient: dict[str, set[str]],
    ) -> None:
        self.vendor = vendor
        self.module = module
        self.roots = roots
        self.ambient = ambient
        self.lines = Lines()
        self.uses: set[str] = set()
        self.enumerations: dict[str, Enumeration] = {}

    def emit(self) -> str:
        """Returns the Python source."""
        for one in self.module.types:
            if not one.is_abstract:
                self._emit_encoder(one)
                self._emit_decoder(one)
        for root in self.roots:
            self._emit_root(root)
        return self._head() + self.lines.text()

    def _use(self, name: str) -> str:
        self.uses.add(name)
        return name

    def _head(self) -> str:
        head = Lines()
        head.docstring(f"Encoders and decoders for the types of {self.module.file.name}.")
        head.add("", "from __future__ import annotations", "")
        head.add("from collections.abc import Callable")
        body = self.lines.text()
        if "dt.date" in body:
            head.add("import datetime as dt")
        if "decimal." in body:
            head.add("import decimal")
        if "uuid.UUID" in body:
            head.add("import uuid")
        head.add("")
        if "_documents." in body:
            head.add("from esignwire import _documents")
        names = ", ".join(sorted(self.uses | {"Element", "Reader", "unreadable", "wrong_type"}))
        head.add(f"from esignwire._codec import {names}")
        head.add("from esignwire._documents import Upload")
        others = imported_modules(self.module, with_inherited=True)
        for other in others:
            if f"{other}_codec." in body:
                head.add(
                    f"from esignwire_generated.{self.vendor.name}.codecs import {other} "
                    f"as {other}_codec"
                )
        for name in sorted({self.module.name, *others}):
            if f"{name}_types." in body or self.enumerations:
                head.add(
                    f"from esignwire_generated.{self.vendor.name}.types import {name} "
                    f"as {name}_types"
                )
        head.add("", "_Write = Callable[[str | Upload], object]", "")
        for enumeration in self.enumerations.values():
            name = self._type(enumeration)
            head.add(
                f"{self._table(enumeration)}: dict[str, {name}] = "
                f"{{one.value: one for one in {name}}}"
            )
        head.add("")
        source = header(f"schemas/{self.vendor.name}/{self.module.file.name}")
        return source + head.text()

    def _type(self, value: ComplexType | Enumeration) -> str:
        return f"{value.module}_types.{value.python_name}"

    def _table(self, value: Enumeration) -> str:
        # Two modules may each have an enumeration of that name.
        module = "" if value.module == self.module.name else f"{constant_case(value.module)}_"
        return f"_{module}{constant_case(value.python_name)}_VALUES"

    def _qualified(self, member: Member, owner: ComplexType) -> str:
        # value_type() names own types bare; from here they stand behind their module.
        elsewhere = Module(
            name="", file=self.module.file, documentation="", enumerations=[], types=[]
        )
        return value_type(member, owner, elsewhere)

    def _codec(self, prefix: str, value: ComplexType) -> str:
        name = f"{prefix}_{codec_name(value)}"
        return name if value.module == self.module.name else f"{value.module}_codec.{name}"

    # --- encoders ---

    def _written(self, member: Member, expression: str, *, in_attribute: bool) -> str:
        value = member.value
        if isinstance(value, Enumeration):
            return f"{self._use('enumeration_text')}({expression}, {self._type(value)})"
        if value is Scalar.STRING:
            writer = "string_attribute" if in_attribute else "string_text"
            return f"{self._use(writer)}({expression})"
        if not isinstance(value, Scalar):
            raise TypeError(f"{member.xml_name} is not a simple value")
        return f"{self._use(_WRITERS[value])}({expression})"

    def _scope(self, member: Member, owner: ComplexType) -> str:
        if self.ambient.get(owner.qname, set()) == {member.namespace or ""}:
            return ""
        return f' xmlns="{member.namespace or ""}"'

    def _emit_encoder(self, one: ComplexType) -> None:
        lines = self.lines
        name = self._type(one)
        lines.add(
            f"def encode_{codec_name(one)}(tag: str, scope: str, value: {name}, write: _Write) "
            "-> None:"
        )
        lines.indent()
        lines.docstring(f"Writes ``{one.python_name}`` as the element ``tag``.")
        lines.add(f"if value.__class__ is not {name}:")
        lines.add(f"    raise wrong_type(value, {name})")
        attributes = [member for member in one.members if member.kind is Kind.ATTRIBUTE]
        content = [member for member in one.members if member.kind is not Kind.ATTRIBUTE]
        required = [member for member in attributes if not is_optional(member)]
        optional = [member for member in attributes if is_optional(member)]
        always = "".join(
            f' {member.xml_name}="'
            "{" + self._written(member, f"value.{member.python_name}", in_attribute=True) + '}"'
            for member in required
        )
        end = "" if optional else (">" if content else "/>")
        lines.add(f"write(f'<{{tag}}{{scope}}{always}{end}')")
        for member in optional:
            written = self._written(member, f"value.{member.python_name}", in_attribute=True)
            lines.add(f"if value.{member.python_name} is not None:")
            lines.add(f"    write(f' {member.xml_name}=\"{{{written}}}\"')")
        if optional:
            lines.add('write(">")' if content else 'write("/>")')
        for member in content:
            self._emit_content(member, one)
        if content:
            lines.add("write(f'</{tag}>')")
        lines.dedent()
        lines.add("", "")

    def _emit_content(self, member: Member, owner: ComplexType) -> None:
        lines = self.lines
        expression = f"value.{member.python_name}"
        if member.kind is Kind.TEXT and is_document(member):
            lines.add(f"write({self._use('document')}({expression}))")
        elif member.kind is Kind.TEXT:
            lines.add(f"write({self._written(member, expression, in_attribute=False)})")
        elif member.kind is Kind.WILDCARD:
            item = f"{member.python_name}_item"
            lines.add(f"for {item} in {self._use('items')}({expression}):")
            lines.add(f"    write({self._use('xml_text')}({item}))")
        elif member.kind is Kind.CHOICE:
            self._emit_choice(member, owner)
        elif member.is_list:
            item = f"{member.python_name}_item"
            lines.add(f"for {item} in {self._use('items')}({expression}):")
            lines.indent()
            self._emit_element(member, owner, item)
            lines.dedent()
        elif member.is_nillable:
            lines.add(f"if {expression} is None:")
            opening = f"<{member.xml_name}{self._scope(member, owner)}"
            lines.add(f"    write({opening!r} + {self._use('NIL')})")
            lines.add("else:")
            lines.indent()
            self._emit_element(member, owner, expression)
            lines.dedent()
        elif is_optional(member) or member.is_wrapped_list:
            # An empty array of an answer says the same as one that is left out.
            lines.add(f"if {expression}{'' if member.is_wrapped_list else ' is not None'}:")
            lines.indent()
            self._emit_element(member, owner, expression)
            lines.dedent()
        else:
            self._emit_element(member, owner, expression)

    def _emit_choice(self, member: Member, owner: ComplexType) -> None:
        lines = self.lines
        item = f"{member.python_name}_item"
        lines.add(f"for {item} in {self._use('items')}(value.{member.python_name}):")
        lines.indent()
        keyword = "if"
        for one in member.alternatives:
            if isinstance(one.value, ComplexType):
                lines.add(f"{keyword} type({item}) is {self._type(one.value)}:")
            else:
                lines.add(f"{keyword} isinstance({item}, {self._qualified(one, owner)}):")
            lines.indent()
            self._emit_element(one, owner, item)
            lines.dedent()
            keyword = "elif"
        first = member.alternatives[0].value
        kind = self._type(first) if isinstance(first, ComplexType | Enumeration) else "str"
        lines.add("else:", f"    raise wrong_type({item}, {kind})")
        lines.dedent()

    def _emit_element(self, member: Member, owner: ComplexType, expression: str) -> None:
        scope = self._scope(member, owner)
        if isinstance(member.value, ComplexType):
            encode = self._codec("encode", member.value)
            self.lines.add(f"{encode}({member.xml_name!r}, {scope!r}, {expression}, write)")
            return
        if is_document(member):
            self.lines.add(f"write('<{member.xml_name}{scope}>')")
            self.lines.add(f"write({self._use('document')}({expression}))")
            self.lines.add(f"write('</{member.xml_name}>')")
            return
        written = self._written(member, expression, in_attribute=False)
        self.lines.add(f"write(f'<{member.xml_name}{scope}>{{{written}}}</{member.xml_name}>')")

    # --- decoders ---

    def _read(
        self, member: Member, owner: ComplexType, source: str, element: str, place: str
    ) -> str:
        value = member.value
        if isinstance(value, Enumeration):
            self.enumerations[value.qname] = value
            table = self._table(value)
            if is_open(owner):
                read = f"{self._use('read_enumeration')}({source}, {table})"
                return f"{table}.get(raw) or {read}" if source == "raw" else read
            reader = self._use("read_closed_enumeration")
            return f"{reader}({source}, {table}, {element}, {place!r})"
        if value is Scalar.STRING:
            return source
        if not isinstance(value, Scalar):
            raise TypeError(f"{member.xml_name} is not a simple value")
        if is_document(member):
            return f"{self._use('read_document')}({source}, {element}, {place!r}, reader)"
        name = f"read_{value.value}"
        if (
            value in {Scalar.DATE_TIME, Scalar.DATE_OR_DATE_TIME}
            and is_optional(member)
            and member.default is None
        ):
            name = f"read_optional_{value.value}"
        return f"{self._use(name)}({source}, {element}, {place!r})"

    def _emit_decoder(self, one: ComplexType) -> None:
        lines = self.lines
        name = self._type(one)
        constant = constant_case(one.python_name)
        attributes = [member for member in one.members if member.kind is Kind.ATTRIBUTE]
        content = [member for member in one.members if member.kind is not Kind.ATTRIBUTE]
        elements = [
            part
            for member in content
            if member.kind in {Kind.ELEMENT, Kind.CHOICE}
            for part in (member.alternatives or [member])
        ]
        lines.add("")
        if len(elements) > 1:
            tags = ", ".join(f'"{member.tag}"' for member in elements)
            lines.add(f"_{constant}_TAGS = frozenset({{{tags}}})")
        texts = [member for member in elements if _is_text(member)]
        if 0 < len(texts) < len(elements):
            tags = ", ".join(f'"{member.tag}"' for member in texts)
            lines.add(f"_{constant}_TEXTS = frozenset({{{tags}}})")
        names = {also: member.tag for member in elements for also in member.also}
        names.update({member.xml_name: member.tag for member in elements})
        listed = ", ".join(f'"{key}": "{tag}"' for key, tag in names.items())
        lines.add(f"_{constant}_NAMES: dict[str, str] = {{{listed}}}")
        lines.add("", "")
        lines.add(f"def decode_{codec_name(one)}(element: Element, reader: Reader) -> {name}:")
        lines.indent()
        lines.docstring(f"Reads ``{one.python_name}``.")
        self._emit_attributes(attributes, one)
        self._emit_children(content, elements, one, constant)
        arguments = ", ".join(
            f"{member.python_name}={member.python_name}_value"
            # An array that the message leaves out is an empty one.
            + (
                f" or {self._type(member.value)}()"
                if member.is_wrapped_list and isinstance(member.value, ComplexType)
                else ""
            )
            for member in one.members
        )
        lines.add(f"return {name}({arguments})")
        lines.dedent()
        lines.add("", "")

    def _emit_attributes(self, attributes: list[Member], owner: ComplexType) -> None:
        lines = self.lines
        for member in attributes:
            kind = self._qualified(member, owner)
            if member.default is None:
                lines.add(f"{member.python_name}_value: {kind} | None = None")
                continue
            nowhere = Module(
                name="", file=self.module.file, documentation="", enumerations=[], types=[]
            )
            default = default_literal(member, nowhere)
            lines.add(f"{member.python_name}_value: {kind} = {default}")
        # All at once: each question for one name costs as much as the answer for three.
        listed = f"{self._use('attributes_of')}(element)"
        if not attributes:
            lines.add(f"for name, _ in {listed}:")
            lines.add("    reader.unknown_attribute(element, name)")
            return
        lines.add(f"for name, raw in {listed}:")
        lines.indent()
        keyword = "if"
        for member in attributes:
            variable = f"{member.python_name}_value"
            read = self._read(member, owner, "raw", "element", f"@{member.xml_name}")
            may_be_empty = member.value is Scalar.STRING or member.value in _MAY_BE_EMPTY
            lines.add(f'{keyword} name == "{member.xml_name}":')
            if is_optional(member) and member.default is None and not may_be_empty:
                lines.add("    if raw:", f"        {variable} = {read}")
            else:
                lines.add(f"    {variable} = {read}")
            keyword = "elif"
        lines.add("else:", "    reader.unknown_attribute(element, name)")
        lines.dedent()
        for member in attributes:
            if not is_optional(member) and member.default is None:
                lines.add(f"if {member.python_name}_value is None:")
                lines.add(f'    raise unreadable(element, "@{member.xml_name}", "is missing")')

    def _emit_children(
        self,
        content: list[Member],
        elements: list[Member],
        owner: ComplexType,
        constant: str,
    ) -> None:
        lines = self.lines
        wildcard: Member | None = None
        for member in content:
            variable = f"{member.python_name}_value"
            kind = self._qualified(member, owner)
            if member.kind is Kind.TEXT:
                raw = '(element.text or "")'
                lines.add(f"{variable} = {self._read(member, owner, raw, 'element', '')}")
            elif member.is_list:
                lines.add(f"{variable}: list[{kind}] = []")
            else:
                lines.add(f"{variable}: {kind} | None = None")
            if member.kind is Kind.WILDCARD:
                wildcard = member
        if all(
            is_optional(member) or member.is_wrapped_list
            for member in content
            if member.kind is Kind.ELEMENT
        ):
            # Asking for the number of children is quicker than beginning to walk through none.
            lines.add("for child in element if len(element) else ():")
        else:
            lines.add("for child in element:")
        lines.indent()
        adopt = f"reader.adopt(child, _{constant}_NAMES)"
        if wildcard is not None:
            adopt = f"reader.adopt_or_keep(child, _{constant}_NAMES, {wildcard.python_name}_value)"
        if not elements:
            lines.add(adopt)
            lines.dedent()
            return
        if len(elements) == 1:
            lines.add(f'if child.tag != "{elements[0].tag}" and {adopt} is None:')
            lines.add("    continue")
        else:
            lines.add("tag: str | None = child.tag")
            lines.add(f"if tag not in _{constant}_TAGS:")
            lines.add(f"    tag = {adopt}", "    if tag is None:", "        continue")
        texts = [part for part in elements if _is_text(part)]
        if texts:
            among = f" and tag in _{constant}_TEXTS" if len(texts) < len(elements) else ""
            more = f"len(child) or {self._use('attributes_of')}(child)"
            lines.add(f"if ({more}){among}:" if among else f"if {more}:")
            lines.add("    reader.unknown_content(child)")
        keyword = "if"
        for index, part in enumerate(elements):
            last = index == len(elements) - 1
            group = next((member for member in content if part in member.alternatives), part)
            if last and len(elements) > 1:
                lines.add("else:")
            elif last:
                pass
            else:
                lines.add(f'{keyword} tag == "{part.tag}":')
            keyword = "elif"
            if not (last and len(elements) == 1):
                lines.indent()
            self._emit_child(part, group, owner)
            if not (last and len(elements) == 1):
                lines.dedent()
        lines.dedent()
        for member in content:
            if (
                member.kind is Kind.ELEMENT
                and not member.is_list
                and not member.is_wrapped_list
                and not is_optional(member)
            ):
                lines.add(f"if {member.python_name}_value is None:")
                lines.add(f'    raise unreadable(element, "{member.xml_name}", "is missing")')

    def _emit_child(self, part: Member, group: Member, owner: ComplexType) -> None:
        lines = self.lines
        variable = f"{group.python_name}_value"
        if isinstance(part.value, ComplexType):
            read = f"{self._codec('decode', part.value)}(child, reader)"
        else:
            read = self._read(part, owner, '(child.text or "")', "child", "")
        if group.is_list:
            append = f"{variable}.append({read})"
            if part.is_nillable:
                # An array of .NET's may hold nil items; they say nothing, so the list leaves
                # them out and its type stays free of None.
                lines.add(
                    f"if not (reader.has_nil and {self._use('is_nil')}(child)):", f"    {append}"
                )
            else:
                lines.add(append)
            return
        lines.add(f"if {variable} is not None:")
        lines.add("    reader.repeated(child)")
        may_be_empty = isinstance(part.value, Scalar) and part.value in _MAY_BE_EMPTY
        # Where the schema does not allow nil, it still says that there is no value: of a text that
        # may be empty nothing else would tell.
        if part.is_nillable or (is_optional(part) and may_be_empty):
            lines.add(f"elif not (reader.has_nil and {self._use('is_nil')}(child)):")
        elif (
            is_optional(part)
            and isinstance(part.value, Scalar | Enumeration)
            and part.value not in _MAY_BE_EMPTY
        ):
            lines.add("elif child.text:")
        else:
            lines.add("else:")
        lines.add(f"    {variable} = {read}")

    # --- roots ---

    def _emit_root(self, root: Root) -> None:
        lines = self.lines
        namespace, _, local = root.qname.removeprefix("{").partition("}")
        name = snake_case(local).rstrip("_")
        kind = self._type(root.type)
        lines.add(f"def write_{name}(value: {kind}) -> {self._use('Message')}:")
        lines.indent()
        lines.docstring(f"Writes the message ``{local}``.")
        encode = self._codec("encode", root.type)
        lines.add(f"return {self._use('write_message')}({encode}, {local!r}, {namespace!r}, value)")
        lines.dedent()
        lines.add("", "")


def ambient_namespaces(vendor: Vendor, roots: dict[str, Root]) -> dict[str, set[str]]:
    """Collects, for each type, the namespaces of the elements that may carry it.

    A type that is only ever carried by elements of its own namespace needs no further xmlns; one
    that a neighbour borrows declares it again on its children.
    """
    ambient: dict[str, set[str]] = {}
    for root in roots.values():
        namespace = root.qname.removeprefix("{").partition("}")[0]
        ambient.setdefault(root.type.qname, set()).add(namespace)
    for one in vendor.types:
        for member in one.members:
            for part in (member, *member.alternatives):
                if isinstance(part.value, ComplexType):
                    ambient.setdefault(part.value.qname, set()).add(part.namespace or "")
    return ambient


def emit_codecs(
    vendor: Vendor, module: Module, roots: dict[str, Root], ambient: dict[str, set[str]]
) -> str:
    """Writes one module of encoders and decoders.

    Args:
        vendor: The vendor that it belongs to.
        module: The schema file.
        roots: The global elements of the vendor.
        ambient: What :func:`ambient_namespaces` found.

    Returns:
        The Python source.
    """
    own = [root for root in roots.values() if root.type.module == module.name]
    return CodecModule(vendor, module, own, ambient).emit()


__all__ = ["ambient_namespaces", "codec_name", "emit_codecs", "reference"]
