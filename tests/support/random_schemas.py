"""Random small schemas of what the compiler supports, each with a message that satisfies it.

The message is drawn beside the schema and knows nothing of the compiler, so that both can be held
against each other.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.support.schemas import NAMESPACE, message, schema

# A type and two texts of it, spelled as a writer spells them.
_VALUES = {
    "xs:string": ("a &amp; b", " two  blanks "),
    "xs:token": ("x", "x y"),
    "xs:boolean": ("true", "false"),
    "xs:int": ("7", "-3"),
    "xs:positiveInteger": ("1", "99"),
    "xs:decimal": ("1.50", "-2"),
    "xs:double": ("0.25", "-1.5"),
    "xs:date": ("2031-05-12", "2030-01-01"),
    "xs:dateTime": ("2031-05-12T23:59:59+02:00", "2031-05-12T10:11:12.123456+00:00"),
    "xs:base64Binary": ("JVBERg==", "AA=="),
    "xs:hexBinary": ("0AFF", "00"),
    "xs:anyURI": ("urn:a", "http://localhost/?a=1&amp;b=2"),
    "t:Id": ("2ce11ef1-8938-dd11-8735-00065b8ce99b", "00000000-0000-0000-0000-00000000000a"),
    "t:Kind": ("one", "other one"),
    "t:Code": ("AB-1", "CD-234"),
    "t:Day": ("2031-05-12", "2031-05-12T23:59:59+02:00"),
    "t:Flag": ("yes", "no"),
    "t:Free": ("one", "anything"),
    "t:Freer": ("other one", "any thing"),
    "t:Days": ("2031-05-12", "2031-05-12T23:59:59+02:00"),
    "t:Kept": (" a  b ", "c"),
    "t:Replaced": (" a  b ", "c"),
    "t:Folded": ("a b", "c"),
}
# Of these an attribute may have a default.
_DEFAULTS = ("xs:string", "xs:token", "xs:boolean", "xs:int", "t:Kind", "t:Code", "t:Folded")
# Of these each item of a repeated choice tells which element it is.
_APART = ("xs:string", "xs:int", "xs:decimal", "xs:date", "t:Id")
_TYPES = """
<xs:simpleType name="Id" esw:maps-to="uuid"><xs:restriction base="xs:string">
<xs:pattern value="[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"/></xs:restriction></xs:simpleType>
<xs:simpleType name="Kind"><xs:restriction base="xs:string"><xs:enumeration value="one"/>
<xs:enumeration value="other one"/></xs:restriction></xs:simpleType>
<xs:simpleType name="Code"><xs:restriction base="xs:string">
<xs:pattern value="[A-Z]{2}-[0-9]{1,3}"/></xs:restriction></xs:simpleType>
<xs:simpleType name="Day"><xs:union memberTypes="xs:date xs:dateTime"/></xs:simpleType>
<xs:simpleType name="Flag" esw:maps-to="yes-no"><xs:restriction base="xs:string">
<xs:enumeration value="yes"/><xs:enumeration value="no"/></xs:restriction></xs:simpleType>
<xs:simpleType name="Free"><xs:union memberTypes="t:Kind xs:string"/></xs:simpleType>
<xs:simpleType name="Freer"><xs:union memberTypes="t:Free t:Code"/></xs:simpleType>
<xs:simpleType name="Days"><xs:union memberTypes="t:Day xs:date"/></xs:simpleType>
<xs:simpleType name="Kept"><xs:restriction base="xs:string"><xs:whiteSpace value="preserve"/>
</xs:restriction></xs:simpleType>
<xs:simpleType name="Replaced"><xs:restriction base="xs:string"><xs:whiteSpace value="replace"/>
</xs:restriction></xs:simpleType>
<xs:simpleType name="Folded"><xs:restriction base="xs:string"><xs:whiteSpace value="collapse"/>
</xs:restriction></xs:simpleType>
"""
# What is imported, with a type that is called as one of the importer's is.
_OTHER = "urn:other:of:the:test"
_IMPORTED = schema(
    '<xs:simpleType name="Kind"><xs:restriction base="xs:string"><xs:enumeration value="two"/>'
    '</xs:restriction></xs:simpleType><xs:complexType name="Item"><xs:sequence>'
    '<xs:element name="Kind" type="t:Kind"/></xs:sequence><xs:attribute name="Id" type="xs:int"/>'
    '</xs:complexType><xs:element name="Item" type="t:Item"/>',
    _OTHER,
)
_ITEM = '{} Id="7"><o:Kind xmlns:o="urn:other:of:the:test">two</o:Kind>'
_IMPORT = f'<xs:import namespace="{_OTHER}" schemaLocation="other.xsd"/>'
_INCLUDE = '<xs:include schemaLocation="{}"/>'

# Each type is used once at least, as the compiler demands.
_ALL = "".join(f'<xs:attribute name="a{n}" type="{one}"/>' for n, one in enumerate(_VALUES))


@dataclass
class _Part:
    """A piece of a schema, and what stands for it in the message."""

    xsd: str
    xml: str


@dataclass
class _Made:
    """What was declared on the way."""

    draw: st.DrawFn
    declarations: list[str] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    # In how many groups we are of which the message may have nothing: nil means nothing there.
    uncertain: int = 0

    def flag(self) -> bool:
        """Draws one of two."""
        return self.draw(st.booleans())

    def number(self) -> int:
        """Gives a number that no other name has."""
        return next(self.numbers)

    def simple(self) -> tuple[str, str]:
        """Draws a simple type and a text of it."""
        kind = self.draw(st.sampled_from(sorted(_VALUES)))
        return kind, self.draw(st.sampled_from(_VALUES[kind]))


def _element(made: _Made) -> _Part:
    kind, text = made.simple()
    name = f"E{made.number()}"
    how = made.draw(st.sampled_from(["must", "may", "many", "nil", "few"]))
    form, scope = made.draw(
        st.sampled_from([("", ""), (' form="qualified"', ""), (' form="unqualified"', ' xmlns=""')])
    )
    start = f'<xs:element name="{name}" type="{kind}"{form}'
    one = f"<{name}{scope}>{text}</{name}>"
    if how != "nil" and made.draw(st.integers(0, 3)) == 0:
        made.declarations.append(f'<xs:element name="{name}" type="{kind}"/>')
        start, one = f'<xs:element ref="t:{name}"', f"<{name}>{text}</{name}>"
    if how == "must":
        return _Part(f"{start}/>", one)
    if how == "may":
        return _Part(f'{start} minOccurs="0"/>', one if made.flag() else "")
    if how == "nil":
        xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        nil = f'<{name}{scope} {xsi} xsi:nil="true"/>'
        return _Part(f'{start} nillable="true"/>', one if made.uncertain or made.flag() else nil)
    least = 2 if how == "few" else 0
    most = "3" if how == "few" else "unbounded"
    xsd = f'{start} minOccurs="{least}" maxOccurs="{most}"/>'
    return _Part(xsd, one * (2 if how == "few" or made.flag() else 0))


def _attribute(made: _Made) -> _Part:
    kind, text = made.simple()
    name = f"A{made.number()}"
    how = made.draw(st.sampled_from(["default", "fixed", "", ""]))
    if how and kind in _DEFAULTS:
        given = text if how == "fixed" else made.draw(st.sampled_from(_VALUES[kind]))
        xsd = f'<xs:attribute name="{name}" type="{kind}" {how}="{given}"/>'
        # Written even where it says what the default says.
        return _Part(xsd, f' {name}="{text}"')
    is_required = made.flag()
    use = "required" if is_required else "optional"
    xsd = f'<xs:attribute name="{name}" type="{kind}" use="{use}"/>'
    return _Part(xsd, f' {name}="{text}"' if is_required or made.flag() else "")


def _sequence(made: _Made, depth: int) -> _Part:
    is_optional = made.flag()
    made.uncertain += is_optional
    parts = [_particle(made, depth - 1) for _ in range(made.draw(st.integers(1, 3)))]
    made.uncertain -= is_optional
    inside = "".join(one.xsd for one in parts)
    xsd = f'<xs:sequence minOccurs="{0 if is_optional else 1}">{inside}</xs:sequence>'
    return _Part(xsd, "" if is_optional and made.flag() else "".join(one.xml for one in parts))


def _choice(made: _Made, depth: int) -> _Part:
    made.uncertain += 1
    parts = [_particle(made, depth - 1) for _ in range(made.draw(st.integers(2, 3)))]
    made.uncertain -= 1
    taken = made.draw(st.sampled_from(parts))
    return _Part(f"<xs:choice>{''.join(one.xsd for one in parts)}</xs:choice>", taken.xml)


def _group(made: _Made, depth: int) -> _Part:
    name = f"G{made.number()}"
    parts = [_particle(made, depth - 1) for _ in range(2)]
    inside = "".join(one.xsd for one in parts)
    made.declarations.append(
        f'<xs:group name="{name}"><xs:sequence>{inside}</xs:sequence></xs:group>'
    )
    return _Part(f'<xs:group ref="t:{name}"/>', "".join(one.xml for one in parts))


def _anonymous(made: _Made, depth: int) -> _Part:
    name = f"E{made.number()}"
    uncertain, made.uncertain = made.uncertain, 0
    content, attributes, inside = _content(made, depth - 1)
    made.uncertain = uncertain
    xsd = f'<xs:element name="{name}"><xs:complexType>{content}</xs:complexType></xs:element>'
    return _Part(xsd, f"<{name}{attributes}>{inside}</{name}>")


def _named(made: _Made, depth: int) -> _Part:
    """An element of a named type, which may extend another."""
    uncertain, made.uncertain = made.uncertain, 0
    content, attributes, inside = _content(made, depth - 1)
    base = f"T{made.number()}"
    is_extended = made.flag()
    abstract = ' abstract="true"' if is_extended and made.flag() else ""
    made.declarations.append(f'<xs:complexType name="{base}"{abstract}>{content}</xs:complexType>')
    kind = base
    if is_extended:
        more, more_attributes, more_inside = _content(made, 0, may_repeat=False)
        kind = f"T{made.number()}"
        # Before its base, so that their order does not matter.
        made.declarations.insert(
            0,
            f'<xs:complexType name="{kind}"><xs:complexContent><xs:extension xmlns:q="{NAMESPACE}" '
            f'base="q:{base}">{more}</xs:extension></xs:complexContent></xs:complexType>',
        )
        attributes += more_attributes
        inside += more_inside
    made.uncertain = uncertain
    name = f"E{made.number()}"
    xml = f"<{name}{attributes}>{inside}</{name}>"
    return _Part(f'<xs:element name="{name}" type="t:{kind}"/>', xml)


def _recursive(made: _Made, depth: int) -> _Part:
    """An element of a type that holds itself, called as its type is."""
    uncertain, made.uncertain = made.uncertain, 0
    content, attributes, inside = _content(made, depth - 1, may_repeat=False)
    made.uncertain = uncertain
    name, inner = f"R{made.number()}", f"E{made.number()}"
    itself = f'<xs:element name="{inner}" type="t:{name}" minOccurs="0"/>'
    content = content.replace("<xs:sequence>", f"<xs:sequence>{itself}", 1)
    made.declarations.append(
        f'<xs:complexType name="{name}">{content}</xs:complexType>'
        f'<xs:element name="{name}" type="t:{name}"/>'
    )
    xml = ""
    for _ in range(made.draw(st.integers(0, 2))):
        xml = f"<{inner}{attributes}>{xml}{inside}</{inner}>"
    xml = f"<{name}{attributes}>{xml}{inside}</{name}>"
    return _Part(f'<xs:element ref="t:{name}"/>', xml)


def _wrapped(made: _Made, depth: int) -> _Part:
    """An element with an anonymous type in another, both called as those elsewhere are."""
    inner = _anonymous(made, depth - 1)
    name = f"E{made.number()}"
    xsd = re.sub(r'^<xs:element name="\w+"', '<xs:element name="Item"', inner.xsd)
    xml = re.sub(r"^<\w+|\w+>$", lambda found: re.sub(r"\w+", "Item", found[0]), inner.xml)
    return _Part(
        f'<xs:element name="{name}"><xs:complexType><xs:sequence>{xsd}</xs:sequence>'
        "</xs:complexType></xs:element>",
        f"<{name}>{xml}</{name}>",
    )


def _imported(made: _Made, depth: int) -> _Part:
    """An element of another namespace, or one of a type of another namespace."""
    del depth
    scope = f'xmlns:o="{_OTHER}"'
    if made.flag():
        item = _ITEM.format(f'<i:Item xmlns:i="{_OTHER}"')
        name = f"E{made.number()}"
        return _Part(
            f'<xs:element name="{name}"><xs:complexType><xs:sequence>'
            f'<xs:element {scope} ref="o:Item"/></xs:sequence></xs:complexType></xs:element>',
            f"<{name}>{item}</i:Item></{name}>",
        )
    name = f"E{made.number()}"
    xsd = f'<xs:element {scope} name="{name}" type="o:Item"/>'
    return _Part(xsd, f"{_ITEM.format(f'<{name}')}</{name}>")


def _text(made: _Made, depth: int) -> _Part:
    """An element with a value and attributes."""
    del depth
    kind, text = made.simple()
    attribute = _attribute(made)
    name = f"E{made.number()}"
    xsd = (
        f'<xs:element name="{name}"><xs:complexType><xs:simpleContent><xs:extension base="{kind}">'
        f"{attribute.xsd}</xs:extension></xs:simpleContent></xs:complexType></xs:element>"
    )
    return _Part(xsd, f"<{name}{attribute.xml}>{text}</{name}>")


def _all(made: _Made, depth: int) -> _Part:
    """An element whose members may stand in any order."""
    del depth
    listed = inside = ""
    for _ in range(2):
        kind, text = made.simple()
        name, is_required = f"E{made.number()}", made.flag()
        listed += f'<xs:element name="{name}" type="{kind}" minOccurs="{int(is_required)}"/>'
        inside += f"<{name}>{text}</{name}>" if is_required or made.flag() else ""
    name = f"E{made.number()}"
    xsd = f'<xs:element name="{name}"><xs:complexType><xs:all>{listed}</xs:all></xs:complexType>'
    return _Part(f"{xsd}</xs:element>", f"<{name}>{inside}</{name}>")


def _either(made: _Made, depth: int) -> _Part:
    """Two elements in either order, of which the message has one at least."""
    del depth
    one, other = f"E{made.number()}", f"E{made.number()}"
    kinds = {name: made.simple() for name in (one, other)}

    def declared(name: str, least: int) -> str:
        return f'<xs:element name="{name}" type="{kinds[name][0]}" minOccurs="{least}"/>'

    xsd = (
        f"<xs:choice><xs:sequence>{declared(one, 1)}{declared(other, 0)}</xs:sequence>"
        f"<xs:sequence>{declared(other, 1)}{declared(one, 0)}</xs:sequence></xs:choice>"
    )
    taken = made.draw(st.sampled_from([(one,), (other,), (one, other)]))
    return _Part(xsd, "".join(f"<{name}>{kinds[name][1]}</{name}>" for name in taken))


def _wildcard(made: _Made) -> _Part:
    """Room for elements of other namespaces."""
    xsd = '<xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>'
    xml = '<o:x xmlns:o="urn:other" o:a="1"><y xmlns="">b</y></o:x><z xmlns="urn:other"/>'
    return _Part(xsd, xml if made.flag() else "")


_MAKERS = [
    _sequence,
    _choice,
    _group,
    _anonymous,
    _named,
    _recursive,
    _wrapped,
    _imported,
    _text,
    _all,
    _either,
]


def _particle(made: _Made, depth: int) -> _Part:
    if depth <= 0 or made.flag():
        return _element(made)
    return made.draw(st.sampled_from(_MAKERS))(made, depth)


def _repeated(made: _Made) -> _Part:
    """A choice that repeats."""
    kinds = made.draw(st.lists(st.sampled_from(_APART), min_size=2, max_size=4, unique=True))
    names = {kind: f"E{made.number()}" for kind in kinds}
    inside = "".join(f'<xs:element name="{name}" type="{kind}"/>' for kind, name in names.items())
    items = made.draw(st.lists(st.sampled_from(kinds), max_size=4))
    xml = "".join(f"<{names[one]}>{_VALUES[one][0]}</{names[one]}>" for one in items)
    return _Part(f'<xs:choice minOccurs="0" maxOccurs="unbounded">{inside}</xs:choice>', xml)


def _content(made: _Made, depth: int, *, may_repeat: bool = True) -> tuple[str, str, str]:
    """What stands in a type: its declaration, the attributes and the inside of an element."""
    parts = [_particle(made, depth) for _ in range(made.draw(st.integers(1, 2)))]
    if may_repeat and made.flag():
        parts.append(_repeated(made))
    if may_repeat and made.flag():
        parts.append(_wildcard(made))
    attributes = [_attribute(made) for _ in range(made.draw(st.integers(0, 2)))]
    group = f"A{made.number()}"
    if attributes and made.flag():
        listed = "".join(one.xsd for one in attributes)
        made.declarations.append(f'<xs:attributeGroup name="{group}">{listed}</xs:attributeGroup>')
        declared = f'<xs:attributeGroup ref="t:{group}"/>'
    else:
        declared = "".join(one.xsd for one in attributes)
    inside = "".join(one.xsd for one in parts)
    return (
        f"<xs:sequence>{inside}</xs:sequence>{declared}",
        "".join(one.xml for one in attributes),
        "".join(one.xml for one in parts),
    )


@st.composite
def schemas(draw: st.DrawFn) -> tuple[dict[str, str], str]:
    """Draws the schema of one web method, Ask, file by file, and a request that satisfies it."""
    made = _Made(draw)
    content, attributes, inside = _content(made, 3)
    declared = "\n".join(made.declarations)
    types = f'{_TYPES}<xs:complexType name="All">{_ALL}</xs:complexType>'
    files = {"other.xsd": _IMPORTED}
    how = draw(st.sampled_from(["one file", "include", "without a namespace"]))
    if how == "one file":
        files["main.xsd"] = _headed(message(content, declared + types), _IMPORT)
    else:
        more = schema(f"{_IMPORT}{declared}{types}")
        if how != "include":
            more = more.replace(f' targetNamespace="{NAMESPACE}"', "").replace('"q:', '"')
            more = re.sub(r'(?<=[" ])t:', "", more)
        files["more.xsd"] = more
        files["main.xsd"] = _headed(message(content), _INCLUDE.format("more.xsd") + _IMPORT)
    return files, f'<AskRq xmlns="{NAMESPACE}"{attributes}>{inside}</AskRq>'


def _headed(xsd: str, first: str) -> str:
    """A schema with something before its declarations."""
    return xsd.replace("\n", f"\n{first}", 1)
