"""The check of WSDLs with zeep: each contract is bound as the client binds it, from the files."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from zeep.settings import Settings
from zeep.wsdl import Document

from generator.model import Contract, Vendor
from generator.problems import SchemaProblem


class _Files:
    """The transport with which zeep loads a WSDL: the files of one folder, and no network."""

    def load(self, url: str) -> bytes:
        path = Path(url)
        return (path if path.is_file() else path.with_name(unquote(path.name))).read_bytes()


def bind_contracts(vendor: Vendor, folder: Path) -> None:
    """Binds every contract of a vendor, so that no call finds out first.

    Raises:
        SchemaProblem: zeep cannot bind a contract, or lacks one of its operations.
    """
    for contract in vendor.contracts:
        if contract.wsdl_file is None:
            continue
        document: Any = Document
        settings: Any = Settings
        try:
            # What zeep cannot make sense of it leaves out, with a warning.
            with warnings.catch_warnings():
                warnings.simplefilter("error", UserWarning)
                binding = document(
                    str((folder / contract.wsdl_file).resolve()),
                    transport=_Files(),
                    settings=settings(strict=True, forbid_dtd=True, forbid_external=True),
                ).bindings[contract.binding]
        # zeep raises what it stumbles over, of any kind.
        except Exception as error:
            raise _problem(contract, f"{type(error).__name__}: {error}") from error
        for operation in contract.operations:
            try:
                body = binding.get(operation.name).input.body
            except Exception as error:
                raise _problem(contract, f"{type(error).__name__}: {error}") from error
            if body is None or body.qname != operation.request.qname:
                raise _problem(contract, f"it finds no message for {operation.name}")


def _problem(contract: Contract, what: str) -> SchemaProblem:
    return SchemaProblem(
        f"zeep cannot bind the contract {contract.name}, so that no call could be made: {what}",
        *contract.binding_place,
    )
