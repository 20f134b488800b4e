"""Elements of one namespace: building them and reading their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias, cast

from lxml import etree

__all__ = [
    "XML_SCHEMA_INSTANCE",
    "Element",
    "Vocabulary",
    "boolean",
    "detached",
    "elements",
    "local_name",
    "new_element",
    "not_blank",
    "timestamp",
    "truth",
]

# lxml gives its element class no public name.
Element: TypeAlias = etree._Element  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # see above

XML_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names of one XML namespace."""

    namespace: str

    def name(self, local: str) -> str:
        """Qualify a local name as lxml does, with the namespace in braces."""
        return f"{{{self.namespace}}}{local}"

    def element(
        self,
        local: str,
        *children: Element,
        attributes: Mapping[str, str | None] | None = None,
        text: str | None = None,
    ) -> Element:
        """Make an element in the default namespace; attributes that are ``None`` are left out."""
        made = new_element(self.name(local), {}, {None: self.namespace})
        for name, value in (attributes or {}).items():
            if value is not None:
                made.set(name, value)
        made.text = text
        made.extend(children)
        return made

    def child(self, parent: Element | None, path: str) -> Element | None:
        """Find the first element of a path of local names, parted by slashes."""
        for local in path.split("/"):
            if parent is None:
                return None
            parent = parent.find(self.name(local))
        return parent

    def children(self, parent: Element | None, path: str) -> list[Element]:
        """Find all elements of a path that are not nil, in document order.

        Slashes part the local names, of which only the last may occur more than once.
        """
        wrapper, _, last = path.rpartition("/")
        found = self.child(parent, wrapper) if wrapper else parent
        if found is None:
            return []
        return [item for item in found.findall(self.name(last)) if not _is_nil(item)]

    def text(self, parent: Element | None, path: str) -> str | None:
        """Read the text of a descendant; ``None`` where there is no such element."""
        found = self.child(parent, path)
        return None if found is None else found.text or ""


def elements(parent: Element) -> Iterator[Element]:
    """Go through the children that are elements, in document order."""
    return parent.iterchildren(tag=etree.Element)


def local_name(element: Element) -> str:
    """Tell the name of an element without its namespace."""
    return str(etree.QName(element).localname)


def new_element(
    tag: str, attributes: Mapping[str, str], prefixes: Mapping[str | None, str]
) -> Element:
    """Make an element that declares prefixes; ``None`` stands for the default namespace."""
    # lxml takes None for the default namespace; its stubs do not know.
    return etree.Element(tag, dict(attributes), nsmap=cast("dict[str, str]", dict(prefixes)))


def detached(element: Element) -> Element:
    """Move an element out of its document with every prefix that is in force there.

    A qualified name in a value, such as that of ``xsi:type``, would lose its prefix otherwise.
    """
    prefixes: dict[str | None, str] = {}
    holder: Element | None = element
    while holder is not None:
        for prefix, namespace in holder.nsmap.items():
            prefixes.setdefault(prefix, namespace)
        holder = holder.getparent()
    attributes = {str(name): str(value) for name, value in element.attrib.items()}
    root = new_element(element.tag, attributes, prefixes)
    root.text = element.text
    root.extend(list(element))
    return root


def boolean(value: str | None) -> bool:
    """Read a truth value of either vendor: ``true``, ``1`` or ``yes``; all else means false."""
    return value is not None and value.strip().lower() in {"true", "1", "yes"}


def truth(value: bool) -> str:
    """Write a truth value as XML Schema does."""
    return "true" if value else "false"


def not_blank(text: str | None) -> str | None:
    """Take a text that holds nothing but blanks for none."""
    return text if text and text.strip() else None


def timestamp(moment: datetime) -> str:
    """Write a moment as a .NET service does: in UTC, with seven digits of a second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0+00:00"


def _is_nil(element: Element) -> bool:
    return boolean(element.get(f"{{{XML_SCHEMA_INSTANCE}}}nil"))
