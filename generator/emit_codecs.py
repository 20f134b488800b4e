"""The writer of codecs: straight-line encoders and decoders for the types of one schema file.

No reflection is left for run time: each function is what a person would write by hand for that one
type. docs and generator/README.md show an example.
"""

from __future__ import annotations

from dataclasses import replace
from xml.sax.saxutils import escape

from generator.emit_types import (
    default_literal,
    imported_modules,
    is_document,
    is_optional,
    value_type,
)
from generator.model import ComplexType, Enumeration, Kind, Member, Module, Root, Scalar, Vendor
from generator.names import constant_case, snake_case
from generator.text import Lines, basis_note, header, literal

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


def _may_be_empty(member: Member) -> bool:
    """Whether an empty text is a value of the member."""
    if isinstance(member.value, Enumeration):
        return member.takes_any_text or any(one.value == "" for one in member.value.values)
    return member.value in _MAY_BE_EMPTY


def _tells_of_refusal(member: Member, *around: ComplexType) -> bool:
    """Whether a refusal may stand in the member."""
    kind = member.value
    if member.marks.is_exceptions or member.marks.is_success or not isinstance(kind, ComplexType):
        return member.marks.is_exceptions or member.marks.is_success
    is_known = any(kind is one for one in around)
    return not is_known and any(_tells_of_refusal(one, *around, kind) for one in kind.members)


def _is_text(member: Member) -> bool:
    """Whether an element holds a value and nothing else, neither elements nor attributes."""
    return not isinstance(member.value, ComplexType)


def _may_be_left_out(member: Member) -> bool:
    """Whether a value that cannot be read is noted and left out, instead of refusing the answer."""
    may_be_missing = member.is_list or member.default is not None or is_optional(member)
    return (
        may_be_missing
        and isinstance(member.value, Scalar)
        and member.value is not Scalar.STRING
        and not is_document(member)
    )


def _in_quotes(text: str) -> str:
    """Escapes a text for the value of an attribute."""
    return escape(text, {'"': "&quot;"})


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
        ambient: dict[ComplexType, set[str]],
    ) -> None:
        self.vendor = vendor
        self.module = module
        self.roots = roots
        self.ambient = ambient
        self.lines = Lines()
        self.uses: set[str] = set()
        self.enumerations: dict[Enumeration, None] = {}

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
        return f"_{name}"

    def _head(self) -> str:
        head = Lines()
        head.docstring(f"Encoders and decoders for the types of {self.module.file.name}.")
        head.add("", "from __future__ import annotations", "")
        head.add("from collections.abc import Callable as _Callable")
        body = self.lines.text()
        for name, alias in (("datetime", "_dt"), ("decimal", "_decimal"), ("uuid", "_uuid")):
            if f"{alias}." in body:
                head.add(f"import {name} as {alias}")
        head.add("")
        if "_documents." in body:
            head.add("from esignwire import _documents")
        names = sorted(self.uses | {"Element", "Reader", "unreadable", "wrong_type"})
        listed = ", ".join(f"{name} as _{name}" for name in names)
        head.add(f"from esignwire._codec import {listed}")
        head.add("from esignwire._documents import Upload as _Upload")
        others = imported_modules(self.module, self.roots, with_inherited=True)
        package = f"esignwire_generated.{self.vendor.name}"
        for other in others:
            if f"_{other}_codec." in body:
                head.add(f"from {package}.codecs import {other} as _{other}_codec")
        for name in sorted({self.module.name, *others}):
            if f"_{name}_types." in body or self.enumerations:
                head.add(f"from {package}.types import {name} as _{name}_types")
        head.add("", "_Write = _Callable[[str | _Upload], object]", "")
        for enumeration in self.enumerations:
            name = self._type(enumeration)
            head.add(
                f"{self._table(enumeration)}: dict[str, {name}] = "
                f"{{one.value: one for one in {name}}}"
            )
        head.add("")
        source = header(f"schemas/{self.vendor.name}/{self.module.file.name}")
        return source + head.text()

    def _type(self, value: ComplexType | Enumeration) -> str:
        return f"_{value.module}_types.{value.python_name}"

    def _table(self, value: Enumeration) -> str:
        # Two modules may each have an enumeration of that name.
        # No name has two underscores in a row, so that none is taken for another's.
        module = "" if value.module == self.module.name else f"{constant_case(value.module)}__"
        return f"_{module}{constant_case(value.python_name)}_VALUES"

    def _qualified(self, member: Member, owner: ComplexType) -> str:
        # value_type() names own types bare; from here they stand behind their module.
        elsewhere = Module(
            name="", file=self.module.file, documentation="", enumerations=[], types=[]
        )
        return value_type(member, owner, elsewhere)

    def _codec(self, prefix: str, value: ComplexType) -> str:
        name = f"{prefix}_{codec_name(value)}"
        return name if value.module == self.module.name else f"_{value.module}_codec.{name}"

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
        namespace = member.namespace or ""
        return "" if self.ambient[owner] == {namespace} else f' xmlns="{_in_quotes(namespace)}"'

    def _emit_encoder(self, one: ComplexType) -> None:
        lines = self.lines
        name = self._type(one)
        lines.add(
            f"def encode_{codec_name(one)}(tag: str, scope: str, value: {name}, write: _Write) "
            "-> None:"
        )
        with lines.indented():
            lines.docstring(f"Writes ``{one.python_name}`` as the element ``tag``.")
            lines.add(f"if value.__class__ is not {name}:")
            lines.add(f"    raise {self._use('wrong_type')}(value, {name})")
            attributes = [member for member in one.members if member.kind is Kind.ATTRIBUTE]
            content = [member for member in one.members if member.kind is not Kind.ATTRIBUTE]
            required = [member for member in attributes if not is_optional(member)]
            optional = [member for member in attributes if is_optional(member)]
            parts = ["<", "tag", "", "scope", ""]
            for member in required:
                written = self._written(member, f"value.{member.python_name}", in_attribute=True)
                parts[-1] += f' {member.xml_name}="'
                parts += [written, '"']
            parts[-1] += "" if optional else (">" if content else "/>")
            lines.add(f"write({literal(*parts)})")
            for member in optional:
                written = self._written(member, f"value.{member.python_name}", in_attribute=True)
                lines.add(f"if value.{member.python_name} is not None:")
                attribute = literal(f' {member.xml_name}="', written, '"')
                lines.add(f"    write({attribute})")
            if optional:
                lines.add('write(">")' if content else 'write("/>")')
            for member in content:
                self._emit_content(member, one)
            if content:
                lines.add("write(f'</{tag}>')")
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
            with lines.indented():
                self._emit_element(member, owner, item)
        elif member.is_nillable and (member.is_required or member.writes_nil):
            lines.add(f"if {expression} is None:")
            opening = f"<{member.xml_name}{self._scope(member, owner)}"
            lines.add(f"    write({opening!r} + {self._use('NIL')})")
            lines.add("else:")
            with lines.indented():
                self._emit_element(member, owner, expression)
        elif is_optional(member) or member.is_wrapped_list:
            # An empty array of an answer says the same as one that is left out.
            lines.add(f"if {expression}{'' if member.is_wrapped_list else ' is not None'}:")
            with lines.indented():
                self._emit_element(member, owner, expression)
        else:
            self._emit_element(member, owner, expression)

    def _emit_choice(self, member: Member, owner: ComplexType) -> None:
        lines = self.lines
        item = f"{member.python_name}_item"
        lines.add(f"for {item} in {self._use('items')}(value.{member.python_name}):")
        with lines.indented():
            keyword = "if"
            for one in member.alternatives:
                if isinstance(one.value, ComplexType):
                    lines.add(f"{keyword} type({item}) is {self._type(one.value)}:")
                else:
                    lines.add(f"{keyword} isinstance({item}, {self._qualified(one, owner)}):")
                with lines.indented():
                    self._emit_element(one, owner, item)
                keyword = "elif"
            kind = self._qualified(member.alternatives[0], owner).partition(" | ")[0]
            lines.add("else:", f"    raise {self._use('wrong_type')}({item}, {kind})")

    def _emit_element(self, member: Member, owner: ComplexType, expression: str) -> None:
        scope = self._scope(member, owner)
        if isinstance(member.value, ComplexType):
            encode = self._codec("encode", member.value)
            self.lines.add(f"{encode}({member.xml_name!r}, {scope!r}, {expression}, write)")
            return
        if is_document(member):
            opening, closing = f"<{member.xml_name}{scope}>", f"</{member.xml_name}>"
            self.lines.add(f"write({opening!r})")
            self.lines.add(f"write({self._use('document')}({expression}))")
            self.lines.add(f"write({closing!r})")
            return
        written = self._written(member, expression, in_attribute=False)
        element = literal(f"<{member.xml_name}{scope}>", written, f"</{member.xml_name}>")
        self.lines.add(f"write({element})")

    # --- decoders ---

    def _read(
        self, member: Member, owner: ComplexType, source: str, element: str, place: str
    ) -> str:
        value = member.value
        if isinstance(value, Enumeration):
            self.enumerations[value] = None
            table = self._table(value)
            if owner.is_open or member.takes_any_text:
                read = f"{self._use('read_enumeration')}({source}, {table})"
                return f"{table}.get(raw) or {read}" if source == "raw" else read
            reader = self._use("read_closed_enumeration")
            return f"{reader}({source}, {table}, {element}, {place!r})"
        if value is Scalar.STRING:
            return source
        if not isinstance(value, Scalar):
            raise TypeError(f"{member.xml_name} is not a simple value")
        if is_document(member):
            arguments = f"{source}, {element}, {place!r}, reader"
            if member.kind is Kind.TEXT:
                names = (one.xml_name for one in owner.members if one.kind is Kind.ATTRIBUTE)
                arguments += f", {tuple(names)!r}"
            return f"{self._use('read_document')}({arguments})"
        name = f"read_{value.value}"
        if value in {Scalar.DATE_TIME, Scalar.DATE_OR_DATE_TIME} and is_optional(member):
            name = f"read_optional_{value.value}"
        if _may_be_left_out(member):
            # What cannot be read there must not hide what stands beside it.
            return f"reader.optional({self._use(name)}, {source}, {element}, {place!r})"
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
        listed = ", ".join(f"{key!r}: {tag!r}" for key, tag in names.items())
        lines.add(f"_{constant}_NAMES: dict[str, str] = {{{listed}}}")
        lines.add("", "")
        lines.add(f"def decode_{codec_name(one)}(element: _Element, reader: _Reader) -> {name}:")
        with lines.indented():
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
        with lines.indented():
            keyword = "if"
            for member in attributes:
                variable = f"{member.python_name}_value"
                read = self._read(member, owner, "raw", "element", f"@{member.xml_name}")
                lines.add(f"{keyword} name == {member.xml_name!r}:")
                if member.default is not None and _may_be_left_out(member):
                    found = f"{member.python_name}_read"
                    lines.add(
                        f"    if ({found} := {read}) is not None:", f"        {variable} = {found}"
                    )
                elif is_optional(member) and not _may_be_empty(member):
                    lines.add("    if raw:", f"        {variable} = {read}")
                else:
                    lines.add(f"    {variable} = {read}")
                keyword = "elif"
            lines.add("else:", "    reader.unknown_attribute(element, name)")
        for member in attributes:
            if not is_optional(member) and member.default is None:
                lines.add(f"if {member.python_name}_value is None:")
                lines.add(f'    raise _unreadable(element, "@{member.xml_name}", "is missing")')

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
        with lines.indented():
            adopt = f"reader.adopt(child, _{constant}_NAMES)"
            if wildcard is not None:
                adopt = (
                    f"reader.adopt_or_keep(child, _{constant}_NAMES, {wildcard.python_name}_value)"
                )
            if not elements:
                lines.add(adopt)
                return
            if len(elements) == 1:
                lines.add(f"if child.tag != {elements[0].tag!r} and {adopt} is None:")
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
                is_alone = len(elements) == 1
                if not is_alone:
                    lines.add("else:" if last else f"{keyword} tag == {part.tag!r}:")
                keyword = "elif"
                with lines.indented(0 if is_alone else 1):
                    self._emit_child(part, group, owner, wildcard)
        for member in content:
            if (
                member.kind is Kind.ELEMENT
                and not member.is_list
                and not member.is_wrapped_list
                and not is_optional(member)
            ):
                lines.add(f"if {member.python_name}_value is None:")
                lines.add(f'    raise _unreadable(element, "{member.xml_name}", "is missing")')

    def _emit_child(
        self, part: Member, group: Member, owner: ComplexType, wildcard: Member | None
    ) -> None:
        lines = self.lines
        variable = f"{group.python_name}_value"
        if group.is_list:
            part = replace(part, is_list=True)
        if isinstance(part.value, ComplexType):
            read = f"{self._codec('decode', part.value)}(child, reader)"
        else:
            read = self._read(part, owner, '(child.text or "")', "child", "")
        if group.is_list:
            # An array of .NET's may hold nil items; they say nothing, so the list leaves them out
            # and its type stays free of None.
            if part.is_nillable or isinstance(part.value, ComplexType):
                lines.add(f"if not (reader.has_nil and {self._use('is_nil')}(child)):")
                with lines.indented():
                    self._emit_append(variable, read, part)
            else:
                self._emit_append(variable, read, part)
            return
        lines.add(f"if {variable} is not None:")
        if wildcard is None:
            refuses = ", may_refuse=True" if _tells_of_refusal(part) else ""
            lines.add(f"    reader.repeated(child{refuses})")
        else:
            lines.add(f"    {wildcard.python_name}_value.append({self._use('read_xml')}(child))")
        # Where the schema does not allow nil, it still says that there is no value: of an element,
        # or a text that may be empty, nothing else would tell.
        says_nothing = _may_be_empty(part) or isinstance(part.value, ComplexType)
        if part.is_nillable or (is_optional(part) and says_nothing):
            lines.add(f"elif not (reader.has_nil and {self._use('is_nil')}(child)):")
        elif (
            is_optional(part)
            and isinstance(part.value, Scalar | Enumeration)
            and not _may_be_empty(part)
        ):
            lines.add("elif child.text:")
        else:
            lines.add("else:")
        lines.add(f"    {variable} = {read}")

    def _emit_append(self, variable: str, read: str, part: Member) -> None:
        if not _may_be_left_out(part):
            self.lines.add(f"{variable}.append({read})")
            return
        item = f"{part.python_name}_item"
        self.lines.add(f"if ({item} := {read}) is not None:", f"    {variable}.append({item})")

    # --- roots ---

    def _emit_root(self, root: Root) -> None:
        lines = self.lines
        local = root.local_name
        name = snake_case(local).rstrip("_")
        kind = self._type(root.type)
        lines.add(f"def write_{name}(value: {kind}) -> {self._use('Message')}:")
        with lines.indented():
            # A type of the element's own says all that is known of it.
            known = [] if root.type.is_root else [root.documentation, basis_note(root.basis)]
            lines.docstring(f"Writes the message ``{local}``.", *known)
            encode = self._codec("encode", root.type)
            lines.add(
                f"return {self._use('write_message')}("
                f"{encode}, {local!r}, {root.namespace!r}, value)"
            )
        lines.add("", "")


def ambient_namespaces(vendor: Vendor) -> dict[ComplexType, set[str]]:
    """Collects, for each type, the namespaces of the elements that may carry it, and its own.

    A type that is only ever carried by elements of its own namespace needs no further xmlns; one
    that a neighbour borrows declares it again on its children.
    """
    ambient = {one: {one.namespace} for one in vendor.types}
    for root in vendor.roots.values():
        ambient[root.type].add(root.namespace)
    for one in vendor.types:
        for member in one.members:
            for part in (member, *member.alternatives):
                if isinstance(part.value, ComplexType):
                    ambient[part.value].add(part.namespace or "")
    return ambient


def emit_codecs(vendor: Vendor, module: Module, ambient: dict[ComplexType, set[str]]) -> str:
    """Writes one module of encoders and decoders, with what ``ambient_namespaces`` found."""
    own = [root for root in vendor.roots.values() if root.module == module.name]
    return CodecModule(vendor, module, own, ambient).emit()
