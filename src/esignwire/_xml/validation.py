"""Validation of messages by the bundled schemas, before anything is sent."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from lxml import etree

from esignwire._call import Call
from esignwire._forks import Lock
from esignwire._xml.elements import Element
from esignwire._xml.violations import Violation, refusal
from esignwire.errors import ConfigurationError

__all__ = ["Schema", "compile_schema", "schema", "schema_folder", "validate"]


class Schema:
    """A schema, compiled by libxml2. Any number of threads may use it."""

    def __init__(self, compiled: etree.XMLSchema) -> None:
        self._compiled = compiled
        # Validation leaves its findings in the schema itself.
        self._lock = Lock()

    def violations(self, element: Element) -> list[Violation]:
        """All that is wrong with an element, in the order of the document."""
        with self._lock.held:
            if self._compiled.validate(element):
                return []
            entries: list[object] = list(getattr(self._compiled, "error_log", ()))
        return [
            Violation(
                code=int(getattr(entry, "type", 0)),
                path=str(getattr(entry, "path", None) or "/*"),
                words=str(getattr(entry, "message", "")),
            )
            for entry in entries
        ]


# The schemas that were used so far, each compiled once for the whole process, and one at a time.
_schemas: dict[str, Schema] = {}
_schemas_lock = Lock()

# libxml2 makes its types with the first schema, which two threads must not do at once: at import,
# before another package of the process can compile one.
etree.XMLSchema(etree.XML('<schema xmlns="http://www.w3.org/2001/XMLSchema"/>'))


def schema(name: str) -> Schema:
    """Gives one of the schemas that come with the package, such as ``assuresign/CheckStatus.xsd``.

    Raises:
        ConfigurationError: There is no such schema, or it cannot be compiled.
    """
    with _schemas_lock.held:
        found = _schemas.get(name)
        if found is None:
            found = _schemas[name] = compile_schema(schema_folder("") / name)
        return found


def compile_schema(path: Path) -> Schema:
    """Compiles a schema and what it includes.

    Raises:
        ConfigurationError: There is no such file, or it is no schema.
    """
    if not path.is_file():
        raise ConfigurationError(
            f"there is no schema {path.name}; if esignwire was just installed, install it again"
        )
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    # Without a resolver in Python: lxml would take an interrupt that strikes in one for a fault of
    # the schema. codegen.py refuses schemas that refer to something outside their folder.
    try:
        return Schema(etree.XMLSchema(etree.parse(str(path), parser)))
    except (etree.LxmlError, OSError) as error:
        # Not its cause: lxml's error holds a log, with which none can be pickled.
        raise ConfigurationError(f"the schema {path.name} cannot be compiled: {error}") from None


def validate(element: Element, schema: Schema, call: Call) -> None:
    """Refuses a message that breaks a rule of its schema.

    Raises:
        InvalidRequest: The first violation, with its place, value and rule.
    """
    violations = schema.violations(element)
    if violations:
        raise refusal(violations, element, call)


def schema_folder(vendor: str) -> Path:
    """Returns the folder of a vendor's bundled schemas, unpacked on disk as pip leaves it."""
    return Path(str(resources.files("esignwire_generated"))) / "schemas" / vendor
