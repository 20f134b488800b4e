"""What is known of one SOAP service, whoever carries the calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from esignwire_generated._values import Contract

__all__ = ["SoapService"]


class SoapService(NamedTuple):
    """One SOAP service of a vendor.

    Args:
        vendor: The vendor, for errors.
        folder: The folder of its schemas.
        url: The address of the service, without a contract.
        namespaces: The vendor's namespaces.
        sensitive: The names whose values are secret.
        contract: Finds a contract by its name.
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
    contract: Callable[[str], Contract]
    max_response_bytes: int
    plugins: tuple[object, ...] = ()
    uses_mtom: bool = False
