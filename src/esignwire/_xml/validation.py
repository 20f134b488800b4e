"""Validation of messages by the bundled schemas, before anything is sent."""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path

from lxml import etree

from esignwire._call import Call
from esignwire._forks import Lock
from esignwire._xml.elements import Element
from esignwire._xml.violations import Violation, refusal
from esignwire.errors import ConfigurationError

__all__ = [
    "Schema",
    "SchemaSet",
    "compile_schema",
    "schema",
    "schema_folder",
    "validate",
]


class Schema:
    """A compiled schema. Any number of threads may use it.

    Args:
        compiled: libxml2's schema.
    """

    def __init__(self, compiled: etree.XMLSchema) -> None:
        self._compiled = compiled
        # Validation leaves its findings in the schema itself.
        self._lock = Lock()

    def violations(self, element: Element) -> list[Violation]:
        """All that is wrong with an element, in the order of the document.

        Args:
            element: The element.

        Returns:
            The violations; none where the element is valid.
        """
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


class SchemaSet:
    """The schemas below one directory, each compiled when it is first used and once only.

    Args:
        directory: The directory.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory.resolve()
        self._schemas: dict[str, Schema] = {}
        self._lock = Lock()

    def get(self, name: str) -> Schema:
        """Gives a compiled schema.

        Args:
            name: The file relative to the directory, such as ``assuresign/CheckStatus.xsd``.

        Returns:
            The schema.

        Raises:
            ConfigurationError: There is no such schema, or it cannot be compiled.
        """
        with self._lock.held:
            found = self._schemas.get(name)
            if found is None:
                found = self._schemas[name] = self._compile(name)
            return found

    def _compile(self, name: str) -> Schema:
        path = (self._directory / name).resolve()
        if not (path.is_relative_to(self._directory) and path.is_file()):
            raise ConfigurationError(
                f"there is no schema {name}; if esignwire was just installed, install it again"
            )
        # Without a resolver in Python: lxml would take an interrupt that strikes in one for a fault
        # of the schema. codegen.py refuses schemas that refer to something outside their folder.
        try:
            return Schema(compile_schema(str(path)))
        except (etree.LxmlError, OSError) as error:
            # Not its cause: lxml's error holds a log, with which none can be pickled.
            raise ConfigurationError(f"the schema {name} cannot be compiled: {error}") from None


_bundled_lock = Lock()


@functools.cache
def _bundled() -> SchemaSet:
    return SchemaSet(Path(str(resources.files("esignwire_generated"))) / "schemas")


def schema(name: str) -> Schema:
    """Gives one of the schemas that come with the package.

    Args:
        name: Vendor and file, such as ``assuresign/CheckStatus.xsd``.

    Returns:
        The schema, compiled once for the whole process.

    Raises:
        ConfigurationError: There is no such schema, or it cannot be compiled.
    """
    with _bundled_lock.held:
        # One for the whole process: a cache alone lets two threads make one each.
        found = _bundled()
    return found.get(name)


def validate(element: Element, schema: Schema, call: Call) -> None:
    """Refuses a message that breaks a rule of its schema.

    Args:
        element: The message.
        schema: Its schema.
        call: The call, for the error and for the names whose values are secret.

    Raises:
        InvalidRequest: The first violation, with its place, value and rule.
    """
    violations = schema.violations(element)
    if violations:
        raise refusal(violations, element, call)


_lock = Lock()

# libxml2 makes its types with the first schema, which two threads must not do at once: at import,
# before another package of the process can compile one.
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
    with _lock.held:
        return etree.XMLSchema(etree.parse(path, parser))


def schema_folder(vendor: str) -> Path:
    """Returns the folder of a vendor's bundled schemas.

    Args:
        vendor: The folder's name, such as ``assuresign``.

    Returns:
        The folder. The package must be unpacked on disk, as pip leaves it.
    """
    return Path(str(resources.files("esignwire_generated"))) / "schemas" / vendor
