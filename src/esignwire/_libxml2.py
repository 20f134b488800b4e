"""Compiles XML schemas, one at a time in the whole process.

libxml2 sets its built-in types up when it compiles its first schema. Where two threads come to that
at once, no schema can be compiled in the process any more, or it crashes; and lxml lets them.
"""

from __future__ import annotations

from lxml import etree

from esignwire._forks import Lock

__all__ = ["compile_schema"]

_lock = Lock()

# Here and now, lest a schema of somebody else's come in between later.
etree.XMLSchema(etree.XML('<schema xmlns="http://www.w3.org/2001/XMLSchema"/>'))


def compile_schema(path: str, parser: etree.XMLParser | None = None) -> etree.XMLSchema:
    """Compiles a schema and whatever it includes.

    Args:
        path: The file.
        parser: What reads it; ``None`` for lxml's own parser.

    Returns:
        The compiled schema.

    Raises:
        OSError: The file cannot be read.
        etree.LxmlError: It is no schema.
    """
    with _lock.held:
        return etree.XMLSchema(etree.parse(path, parser))
