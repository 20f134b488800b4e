"""Operations of the three vendors, found by name: the compiled descriptions and their methods."""

from __future__ import annotations

import difflib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from esignwire._codec import Operation
from esignwire._json import Operation as JsonOperation
from esignwire.cli.messages import normal
from esignwire.errors import InvalidRequest

__all__ = ["VENDORS", "XmlOperation", "json_operation", "xml_operation", "xml_operations"]

VENDORS = ("assuresign", "signix", "constellation1")


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlOperation:
    """An operation whose messages are XML.

    Attributes:
        vendor: The vendor, as the folder of its schemas is called.
        module: The module of its contract, and the property of the client's ``services``.
        description: The compiled description.
    """

    vendor: str
    module: str
    description: Operation[Any, Any]

    @property
    def method(self) -> str:
        """The method of the service."""
        kind = self._service
        return next(one for one in dir(kind) if normal(one) == normal(self.description.name))

    @property
    def request(self) -> type:
        """The dataclass of its message."""
        return cast("type", typing.get_type_hints(getattr(self._service, self.method))["request"])

    @property
    def _service(self) -> type:
        module = import_module(f"esignwire_generated.{self.vendor}.services.{self.module}")
        name = self.module.replace("_", "") + "service"
        return next(
            kind
            for spelled, kind in inspect.getmembers(module, inspect.isclass)
            if normal(spelled) == name
        )

    def method_of(self, services: object) -> Callable[..., object]:
        """The method of a client that makes the call. It takes the message."""
        service: object = getattr(services, self.module)
        return cast("Callable[..., object]", getattr(service, self.method))


def xml_operations(vendor: str) -> Iterator[XmlOperation]:
    """Yields the operations of AssureSign or SIGNiX by their contracts."""
    package = import_module(f"esignwire_generated.{vendor}.services")
    for name in sorted(one.name for one in pkgutil.iter_modules(package.__path__)):
        module = import_module(f"{package.__name__}.{name}")
        for value in vars(module).values():
            if isinstance(value, Operation):
                yield XmlOperation(
                    vendor=vendor,
                    module=name,
                    description=value,  # pyright: ignore[reportUnknownArgumentType] - of any types
                )


def xml_operation(vendor: str, name: str) -> XmlOperation:
    """Finds an operation of AssureSign or SIGNiX, spelled as the vendor or Python spells it.

    Raises:
        InvalidRequest: There is none of that name.
    """
    known = list(xml_operations(vendor))
    for one in known:
        if normal(one.description.name) == normal(name):
            return one
    raise _unknown(vendor, name, [one.description.name for one in known])


def json_operation(name: str) -> JsonOperation:
    """Finds a call of Constellation1, spelled as the vendor or Python spells it.

    Raises:
        InvalidRequest: There is none of that name.
    """
    from esignwire_generated.constellation1.calls import OPERATIONS

    for one in OPERATIONS:
        if normal(one.name) == normal(name):
            return one
    raise _unknown("constellation1", name, [one.name for one in OPERATIONS])


def _unknown(vendor: str, name: str, known: list[str]) -> InvalidRequest:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    meant = f"did you mean {close[0]}? " if close else ""
    return InvalidRequest(
        f"there is no operation {name!r}: {meant}esignwire schemas lists them all",
        path="OPERATION",
        vendor=vendor,
    )
