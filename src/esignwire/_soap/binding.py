"""The binding of a contract: what zeep reads out of a WSDL, and the plugins that it applies.

zeep knows the WSDL and hands messages to plugins; the messages themselves are written and read by
the generated codecs. A contract is bound once a process, from the bundled files and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

# By the names of the modules: where an interrupt cuts the first import of zeep short, the package
# is imported anew without them, but each module can still be found by its own name.
from zeep import plugins as zeep_plugins
from zeep.settings import Settings
from zeep.wsdl import Document

from esignwire._codec import Answered, Contract
from esignwire._forks import Lock
from esignwire._xml import Element
from esignwire.errors import ConfigurationError, VendorError

__all__ = ["Plugged", "SoapService", "bind"]

# zeep says that it is typed and leaves most signatures open; nothing of it leaves this module.
_plugins: Any = zeep_plugins

_Document: Any = Document

_Settings: Any = Settings

_SETTINGS: Any = _Settings(
    strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True, force_https=False
)


class SoapService(NamedTuple):
    """One SOAP service of a vendor.

    Args:
        vendor: The vendor, for errors.
        folder: The folder of its schemas.
        url: The address of the service, without a contract.
        namespaces: The vendor's namespaces.
        sensitive: The names whose values are secret.
        exceptions: The names of the elements in which the vendor says why it refused.
        contract: Finds a contract by its name.
        refusal: Makes the error for a result that is a refusal.
        max_response_bytes: The largest answer in bytes.
        plugins: zeep plugins, applied to each message.
        uses_mtom: Whether contracts that take MTOM messages are sent them, so that documents
            travel as they are; otherwise they travel in base64.
    """

    vendor: str
    folder: str
    url: str
    namespaces: frozenset[str]
    sensitive: frozenset[str]
    exceptions: frozenset[str]
    contract: Callable[[str], Contract]
    refusal: Callable[[Answered[object], object], VendorError | None]
    max_response_bytes: int
    plugins: tuple[object, ...] = ()
    uses_mtom: bool = False


class Plugged(NamedTuple):
    """One operation of a bound contract, and the plugins that see its messages in this order."""

    operation: Any
    plugins: tuple[object, ...]

    def egress(
        self, envelope: Element, headers: dict[str, str], address: str
    ) -> tuple[Element, dict[str, str], str]:
        """Applies the plugins to a message that goes out, its HTTP headers and its address."""
        if not self.plugins:
            return envelope, headers, address
        options = {"address": address}
        envelope, headers = _plugins.apply_egress(self, envelope, headers, self.operation, options)
        return envelope, headers, options["address"]

    def ingress(self, envelope: Element, headers: dict[str, str]) -> Element:
        """Applies the plugins to an answer, which may be a fault and may be replaced."""
        if self.plugins:
            envelope, _ = _plugins.apply_ingress(self, envelope, headers, self.operation)
        return envelope


class _Files:
    """The transport with which zeep loads a WSDL: the files of one folder, and no network."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, url: str) -> bytes:
        path = Path(url).resolve()
        if not path.is_file():
            # A location is written as a URI is: its blanks as %20.
            path = path.with_name(unquote(path.name))
        if path.parent != self._folder:
            raise ConfigurationError(
                f"a WSDL refers to {path.name}, which is not a bundled file; nothing else is loaded"
            )
        return path.read_bytes()


_bindings: dict[str, Any] = {}

_lock = Lock()


def bind(contract: Contract, folder: Path, operation: str, plugins: tuple[object, ...]) -> Plugged:
    """Binds an operation with its plugins; the WSDL is read once a process."""
    binding = _bindings.get(contract.binding)
    if binding is None:
        with _lock.held:
            binding = _bindings.get(contract.binding)
            if binding is None:
                folder = folder.resolve()
                document = _Document(
                    str(folder / contract.wsdl), transport=_Files(folder), settings=_SETTINGS
                )
                binding = _bindings[contract.binding] = document.bindings[contract.binding]
    return Plugged(binding.get(operation), plugins)
