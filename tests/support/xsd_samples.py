"""Messages made from the XSDs alone, so that nothing of what reads or writes them is trusted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"

# Two values each, spelled as a writer spells them.
_VALUES = {
    "string": ("Ann & <Bob> \u20ac", "two  blanks"),
    "guid": ("2ce11ef1-8938-dd11-8735-00065b8ce99b", "00000000-0000-0000-0000-00000000000a"),
    "boolean": ("true", "false"),
    "int": ("7", "-3"),
    "short": ("4", "250"),
    "unsignedByte": ("1", "255"),
    "float": ("0.25", "1.5"),
    "dateTime": ("2031-05-12T23:59:59+02:00", "2031-05-12T10:11:12.123456+00:00"),
    "date": ("2031-05-12", "2030-01-01"),
    "base64Binary": ("JVBERi0xLjQK", "AA=="),
}


class Samples:
    """Makes messages for the global elements of one schema and of those that it imports.

    Args:
        path: The XSD.
    """

    def __init__(self, path: Path) -> None:
        self._types: dict[str, etree._Element] = {}
        self._elements: dict[str, etree._Element] = {}
        self._seen: set[Path] = set()
        self._load(path)

    def _load(self, path: Path) -> None:
        if path in self._seen:
            return
        self._seen.add(path)
        root = etree.parse(str(path)).getroot()
        target = root.get("targetNamespace")
        for node in root:
            if node.tag == f"{XS}import":
                self._load(path.parent / (node.get("schemaLocation") or ""))
            elif node.tag == f"{XS}element":
                self._elements[f"{{{target}}}{node.get('name')}"] = node
            elif node.tag in {f"{XS}complexType", f"{XS}simpleType"}:
                self._types[f"{{{target}}}{node.get('name')}"] = node

    def make(self, tag: str, *, turn: int, is_full: bool) -> etree._Element:
        """Makes a message.

        Args:
            tag: Its root, as ``{namespace}name``.
            turn: Which value and which alternative is taken where there are several.
            is_full: Whether what may be left out is there.
        """
        root = self._element(self._elements[tag], turn, is_full, tag)
        assert root is not None
        return root

    def _element(
        self, declaration: etree._Element, turn: int, is_full: bool, tag: str | None = None
    ) -> etree._Element | None:
        if tag is None and declaration.get("minOccurs") == "0" and not is_full:
            return None
        reference = declaration.get("ref")
        if reference is not None:
            name = _resolve(declaration, reference)
            return self._element(self._elements[name], turn, is_full, name)
        target = declaration.getroottree().getroot().get("targetNamespace")
        node = etree.Element(tag or f"{{{target}}}{declaration.get('name')}")
        type_name = declaration.get("type")
        kind = next((one for one in declaration if one.tag.endswith("Type")), None)
        if type_name is not None:
            self._fill_by_name(node, _resolve(declaration, type_name), turn, is_full)
        elif kind is not None:
            self._fill(node, kind, turn, is_full)
        return node

    def _fill_by_name(self, node: etree._Element, name: str, turn: int, is_full: bool) -> None:
        kind = self._types.get(name)
        if kind is None or kind.tag == f"{XS}simpleType":
            node.text = self._value(name, turn)
        else:
            self._fill(node, kind, turn, is_full)

    def _fill(self, node: etree._Element, kind: etree._Element, turn: int, is_full: bool) -> None:
        if kind.tag == f"{XS}simpleType":
            node.text = self._simple(kind, turn)
            return
        for part in kind:
            if part.tag in {f"{XS}complexContent", f"{XS}simpleContent"}:
                extension = part[-1]
                assert extension.tag == f"{XS}extension"
                base = _resolve(extension, extension.get("base") or "")
                self._fill_by_name(node, base, turn, is_full)
                self._fill(node, extension, turn, is_full)
            elif part.tag == f"{XS}attribute":
                if is_full or part.get("use") == "required":
                    node.set(part.get("name") or "", self._attribute(part, turn))
            elif part.tag in {f"{XS}sequence", f"{XS}choice"}:
                node.extend(self._group(part, turn, is_full))
            else:
                assert part.tag == f"{XS}annotation", part.tag

    def _group(self, group: etree._Element, turn: int, is_full: bool) -> Iterator[etree._Element]:
        members = [one for one in group if one.tag != f"{XS}annotation"]
        many = group.get("maxOccurs") == "unbounded"
        if group.tag == f"{XS}choice":
            if group.get("minOccurs") == "0" and not is_full:
                return
            # One after the other where they may be repeated, so that their order matters.
            members = members + members[:1] if many else [members[turn % len(members)]]
        for member in members:
            if member.tag == f"{XS}element":
                times = 2 if is_full and member.get("maxOccurs") == "unbounded" else 1
                for index in range(times):
                    node = self._element(member, turn + index, is_full)
                    if node is not None:
                        yield node
            else:
                yield from self._group(member, turn, is_full)

    def _attribute(self, declaration: etree._Element, turn: int) -> str:
        name = declaration.get("type")
        if name is not None:
            return self._value(_resolve(declaration, name), turn)
        return self._simple(declaration[-1], turn)

    def _value(self, name: str, turn: int) -> str:
        local = name.rpartition("}")[2]
        if name.startswith(XS) or local == "guid":
            values = _VALUES[local]
            return values[turn % len(values)]
        return self._simple(self._types[name], turn)

    def _simple(self, kind: etree._Element, turn: int) -> str:
        content = kind[-1]
        if content.tag == f"{XS}union":
            names = (content.get("memberTypes") or "").split()
            return self._value(_resolve(content, names[turn % len(names)]), turn)
        values = [one.get("value") or "" for one in content if one.tag == f"{XS}enumeration"]
        if values:
            return values[turn % len(values)]
        return self._value(_resolve(content, content.get("base") or ""), turn)


def _resolve(node: etree._Element, name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{node.nsmap[prefix or None]}}}{local}"


@cache
def samples(path: Path) -> Samples:
    return Samples(path)
