"""CheckStatus with zeep on its own transport, from our WSDL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import zeep
from lxml import etree

from benchmarks.messages import ACCOUNT, CHECK_STATUS, TOKEN, item_id
from benchmarks.places import SCHEMAS


def client() -> Any:
    """Loads the WSDL."""
    return zeep.Client(str(SCHEMAS / "CheckStatus.wsdl"))


def service(url: str) -> Callable[..., object]:
    """Makes the call's function."""
    made = client()
    return made.create_service(
        f"{{{CHECK_STATUS}}}BasicHttpBinding_ICheckStatusService", f"{url}/CheckStatus/text"
    ).CheckStatus


def request(items: int) -> dict[str, object]:
    """The message as zeep takes it."""
    return {
        "DocumentStatusChecks": {
            "DocumentStatusCheck": [
                {"ContextIdentifier": str(ACCOUNT), "Id": str(item_id(n)), "AuthToken": str(TOKEN)}
                for n in range(items)
            ]
        }
    }


class Codec:
    """zeep's two halves without its transport."""

    def __init__(self) -> None:
        self._client = client()
        binding = self._client.wsdl.bindings[
            f"{{{CHECK_STATUS}}}BasicHttpBinding_ICheckStatusService"
        ]
        self._operation = binding.get("CheckStatus")

    def encode(self, message: dict[str, object]) -> bytes:
        made = self._operation.create(**message)
        return etree.tostring(made.content, encoding="utf-8")

    def decode(self, content: bytes) -> object:
        document = zeep.loader.parse_xml(
            content, self._client.transport, settings=self._client.settings
        )
        return self._operation.process_reply(document)
