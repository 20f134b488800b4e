"""zeep with our own messages: it owns the WSDL, the binding and the envelope, we own the body.

zeep's operations serialize and deserialize through two message objects. Those are exchanged for
ours, which write and read dataclasses; plugins and WS-Security go on working. Documents of zeep's
are bound once a process and contract, from the bundled files and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import zeep
from lxml import etree
from zeep.wsdl.messages.base import SerializedMessage

from esignwire._call import Call
from esignwire._forks import Lock
from esignwire._http import HttpResponse
from esignwire._soap_envelope import SOAP_NAMESPACE, XOP_INCLUDE, content_of, envelope_of
from esignwire._xml import XmlLimits
from esignwire.errors import ConfigurationError
from esignwire_generated._documents import ReceivedDocument
from esignwire_generated._values import Contract, Element

__all__ = ["Bound", "Exchange", "Reply", "bind", "envelope_bytes"]

# zeep says that it is typed and leaves most signatures open; nothing of it leaves this module.
_zeep: Any = zeep
_SETTINGS: Any = _zeep.Settings(
    strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True, force_https=False
)


class Exchange(NamedTuple):
    """One request and its answer, on their way through zeep.

    Args:
        call: The call, for errors.
        write: Writes the element that goes into the SOAP body.
        read: Reads the element that came in the SOAP body; it is given the HTTP status and the
            documents that were cut out, too.
        limits: How much XML is read.
        sent: The message, whose secrets the vendor's words may quote.
    """

    call: Call
    write: Callable[[], Element]
    read: Callable[[Element, int, Mapping[str, ReceivedDocument]], object]
    limits: XmlLimits
    sent: object = None

    def __repr__(self) -> str:
        # The message is nobody's business but the vendor's.
        return f"Exchange(call={self.call!r})"


class Reply(NamedTuple):
    """What our transports hand to zeep, and zeep to us."""

    exchange: Exchange
    response: HttpResponse


class _RequestMessage:
    """Stands in for zeep's input message of one operation."""

    def __init__(self, soap_action: str) -> None:
        self._soap_action = soap_action

    def serialize(self, exchange: Exchange, **_: object) -> SerializedMessage:
        envelope = etree.Element(f"{{{SOAP_NAMESPACE}}}Envelope", nsmap={"soap": SOAP_NAMESPACE})
        body = etree.SubElement(envelope, f"{{{SOAP_NAMESPACE}}}Body")
        body.append(exchange.write())
        headers = {"SOAPAction": f'"{self._soap_action}"'}
        return SerializedMessage(path=None, headers=headers, content=envelope)

    def signature(self, as_output: bool = False) -> str:  # noqa: FBT002 - zeep's signature
        return "response" if as_output else "request"


class _Files:
    """The transport with which zeep loads a WSDL: the files of one folder, and no network."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, url: str) -> bytes:
        path = Path(url).resolve()
        if path.parent != self._folder:
            raise ConfigurationError(
                f"a WSDL refers to {path.name}, which is not a bundled file; nothing else is loaded"
            )
        return path.read_bytes()


class _Transport(Protocol):
    """What :class:`Bound` needs of a transport; one of them waits, the other does not."""

    def post_xml(self, address: str, envelope: Element, headers: Mapping[str, str]) -> object: ...


class Bound(NamedTuple):
    """One contract, ready to be called."""

    document: Any
    binding: Any

    def client(self, transport: _Transport, plugins: tuple[object, ...]) -> Any:
        """Makes zeep's client for one call: it holds nothing but references."""
        return _zeep.Client(
            self.document, transport=transport, settings=_SETTINGS, plugins=list(plugins)
        )


_bound: dict[str, Bound] = {}
_lock = Lock()


def bind(contract: Contract, folder: Path) -> Bound:
    """Binds a contract, once a process.

    Args:
        contract: The contract.
        folder: The folder of the bundled WSDL files.

    Returns:
        The bound contract.
    """
    found = _bound.get(contract.binding)
    if found is not None:
        return found
    with _lock.held:
        found = _bound.get(contract.binding)
        if found is None:
            found = _bind(contract, folder.resolve())
            _bound[contract.binding] = found
    return found


def _bind(contract: Contract, folder: Path) -> Bound:
    document = _zeep.wsdl.Document(
        str(folder / contract.wsdl), transport=_Files(folder), settings=_SETTINGS
    )
    binding = document.bindings[contract.binding]
    for name, action in contract.soap_actions.items():
        binding.get(name).input = _RequestMessage(action)
    # zeep's own would parse the answer once more, with other limits and other errors.
    binding.process_reply = _process_reply
    return Bound(document=document, binding=binding)


def _process_reply(client: Any, operation: object, reply: Reply) -> object:
    try:
        return _read_reply(client, operation, reply.exchange, reply.response)
    except BaseException:
        reply.response.discard()
        raise


def _read_reply(
    client: Any, operation: object, exchange: Exchange, response: HttpResponse
) -> object:
    envelope = envelope_of(response, exchange.call, exchange.limits)
    documents = dict(response.documents)
    if documents or next(envelope.iter(XOP_INCLUDE), None) is not None:
        # Imported by the first answer with parts, or one that pretends to have some.
        from esignwire._mtom import resolve_includes

        resolve_includes(envelope, documents, exchange.call, response.status)
    if client.plugins:
        # As in zeep itself, plugins see faults too and may hand back another envelope.
        envelope, _ = _zeep.plugins.apply_ingress(
            client, envelope, dict(response.headers), operation
        )
    content = content_of(envelope, response, exchange.call, exchange.sent)
    return exchange.read(content, response.status, documents)


def envelope_bytes(envelope: Element) -> bytes:
    """Writes an envelope as it goes over the wire."""
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
