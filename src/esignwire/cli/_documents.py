"""Documents of a service: the bundled schemas, and a WSDL with all that it imports, in bounds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from lxml import etree

from esignwire._call import Call, status_error
from esignwire._http import Http, HttpRequest, HttpSettings
from esignwire._xml import Element, XmlLimits, parse, schema_folder
from esignwire.errors import ConfigurationError, ResponseError

__all__ = ["Description", "read_description", "schemas_of"]

_MOST_DOCUMENTS = 200
_MOST_BYTES = 8 * 1024 * 1024
_MOST_SECONDS = 120.0
_LIMITS = XmlLimits(max_bytes=4 * 1024 * 1024, max_markup=200_000)
_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_XSD = "{http://www.w3.org/2001/XMLSchema}"
# What names another document, and the attribute that says where it lies.
_REFERENCES = {
    f"{_WSDL}import": "location",
    f"{_XSD}import": "schemaLocation",
    f"{_XSD}include": "schemaLocation",
    f"{_XSD}redefine": "schemaLocation",
}


@dataclass(slots=True)
class Description:
    """A service's description.

    Attributes:
        roots: The documents by address or path, the first one first.
        leads_to: The document that a location leads to, by the document in which it stands.
        left_out: The locations that were not followed, because they lie elsewhere.
    """

    roots: dict[str, Element] = field(default_factory=dict[str, Element])
    leads_to: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    left_out: set[str] = field(default_factory=set[str])


class _Source(Protocol):
    """Where documents lie."""

    def locate(self, base: str, location: str) -> str | None:
        """Finds what a location in a document leads to; ``None`` where it lies elsewhere."""
        ...

    def read(self, address: str) -> bytes:
        """Reads a document."""
        ...


class _Folder:
    """A folder: files beside the first one and below are read, and no others."""

    def __init__(self, start: Path) -> None:
        self._folder = start.parent

    def locate(self, base: str, location: str) -> str | None:
        parts = urlsplit(location)
        if parts.scheme or parts.netloc or not parts.path:
            return None
        try:
            path = (Path(base).parent / unquote(parts.path)).resolve()
        except ValueError:
            return None
        return str(path) if path.is_relative_to(self._folder) else None

    def read(self, address: str) -> bytes:
        try:
            with Path(address).open("rb") as file:
                return file.read(_LIMITS.max_bytes + 1)
        except OSError as error:
            raise ConfigurationError(f"{address} cannot be read: {error.strerror}") from error


class _Host:
    """A host: what it serves is fetched, and nothing else."""

    def __init__(self, start: str, http: Http) -> None:
        self._start = urlsplit(start)
        self._http = http
        self._end = time.monotonic() + _MOST_SECONDS

    def locate(self, base: str, location: str) -> str | None:
        try:
            found = urlsplit(urljoin(base, location))
            if found.scheme not in {"http", "https"} or _origin(found) != _origin(self._start):
                return None
        except ValueError:
            return None
        # A service behind a proxy that ends TLS names itself by http.
        return found._replace(
            scheme=self._start.scheme, netloc=self._start.netloc, fragment=""
        ).geturl()

    def read(self, address: str) -> bytes:
        left = self._end - time.monotonic()
        if left <= 0:
            raise ConfigurationError(f"the description takes more than {_MOST_SECONDS:.0f} seconds")
        request = HttpRequest(method="GET", url=address, headers={"Accept": "text/xml, */*"})
        response = self._http.send(request, _call(address), timeout=min(left, 60.0))
        if response.status != 200:
            raise status_error(response.status, _call(address), "WSDL")
        return response.content


def _call(address: str) -> Call:
    return Call(vendor="AssureSign", operation=f"GET {address}", is_safe=True)


def _origin(address: SplitResult) -> tuple[str | None, int | None]:
    """The host and the port; the usual ports of HTTP and HTTPS count as one."""
    port = address.port
    return address.hostname, None if port in {80, 443} else port


def read_description(start: str) -> Description:
    """Reads a WSDL or an XSD, by its address or its path, and all that it imports.

    Of an address, what lies on the same host is fetched and nothing else; redirects are not
    followed. Of a file, files in its folder and below it are read. A document type or an entity is
    refused.

    Raises:
        ConfigurationError: The address or a file cannot be used, is neither WSDL nor XSD, or
            imports too much.
        TransportError: No complete answer came.
        ResponseError: What the host sent is no XML, or too large, or the host refuses it.
    """
    if urlsplit(start).scheme.lower() not in {"http", "https"}:
        path = Path(start).resolve()
        try:
            return _follow(str(path), _Folder(path))
        except ResponseError as error:
            failure = f"{(error.operation or '').removeprefix('GET ')}: {error.message}"
        # No host answered: the file is at fault.
        raise ConfigurationError(failure)
    with Http(HttpSettings(max_response_bytes=_LIMITS.max_bytes)) as http:
        return _follow(start, _Host(start, http))


def _follow(start: str, source: _Source) -> Description:
    found = Description()
    waiting = [start]
    size = 0
    while waiting:
        address = waiting.pop(0)
        if address in found.roots:
            continue
        content = source.read(address)
        size += len(content)
        if size > _MOST_BYTES or len(found.roots) == _MOST_DOCUMENTS:
            raise ConfigurationError(
                f"the description is larger than {_MOST_BYTES:,} bytes or {_MOST_DOCUMENTS} "
                "documents, so that it is not read further"
            )
        root = parse(content, _call(address), limits=_LIMITS, http_status=None)
        if root.tag not in {f"{_WSDL}definitions", f"{_XSD}schema"}:
            raise ConfigurationError(f"{address} is neither a WSDL nor an XSD")
        found.roots[address] = root
        for node in root.iter(*_REFERENCES):
            location = (node.get(_REFERENCES[node.tag]) or "").strip()
            target = source.locate(address, location) if location else None
            if target is not None:
                found.leads_to[address, location] = target
                waiting.append(target)
            elif location:
                found.left_out.add(location)
    return found


def schemas_of(vendor: str, pattern: str = "*.xsd") -> Iterator[tuple[Path, Element]]:
    """Yields the bundled schema files of a vendor, by name, with their roots."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for path in sorted(schema_folder(vendor).glob(pattern)):
        yield path, etree.parse(str(path), parser).getroot()
