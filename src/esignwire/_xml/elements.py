"""Elements of an XML tree: their names and their places."""

from __future__ import annotations

from lxml import etree

__all__ = ["Element", "local_name", "path_of"]

# lxml has no public name for the type of its elements.
Element = etree._Element  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above


def local_name(tag: str) -> str:
    """Returns what a tag, ``{namespace}name``, is without its namespace."""
    return tag.rpartition("}")[2]


def path_of(element: Element, top: Element | None = None) -> str:
    """Returns the local names from the root or the top to an element, placed among namesakes."""
    parts: list[str] = []
    node: Element | None = element
    while node is not None:
        parent = None if node is top else node.getparent()
        name = local_name(node.tag)
        if parent is not None:
            tag = node.tag
            before = sum(1 for _ in node.itersiblings(tag, preceding=True))
            if before or next(node.itersiblings(tag), None) is not None:
                name = f"{name}[{before + 1}]"
        parts.append(name)
        node = parent
    return "/".join(reversed(parts))
