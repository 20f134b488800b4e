"""Compiles XML schemas, one at a time in the whole process.

libxml2 sets its built-in types up when it compiles its first schema. Where two threads come to that
at once, no schema can be compiled in the process any more, or it crashes; and lxml lets them.
"""

from __future__ import annotations

import threading

from lxml import etree

__all__ = ["compile_schema"]

_lock = threading.Lock()

# Here and now, lest a schema of somebody else's come in between later.
etree.XMLSchema(etree.XML('<schema xmlns="http://www.w3.org/2001/XMLSchema"/>'))


def compile_schema(path: str) -> etree.XMLSchema:
    """Compiles a schema and whatever it includes.

    Args:
        path: The file.

    Returns:
        The compiled schema.

    Raises:
        OSError: The file cannot be read.
        etree.LxmlError: It is no schema.
    """
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    with _lock:
        return etree.XMLSchema(etree.parse(path, parser))
