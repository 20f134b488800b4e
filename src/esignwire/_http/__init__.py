"""HTTP: settings, addresses, messages, connections, and the client that sends."""

from __future__ import annotations

from esignwire._lazy import later

# Type checkers take it for true. The module typing takes longer to import than all else here.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from esignwire._http.addresses import check_url as check_url
    from esignwire._http.addresses import proxy_for as proxy_for
    from esignwire._http.async_client import AsyncHttp as AsyncHttp
    from esignwire._http.hooks import Hook as Hook
    from esignwire._http.hooks import RequestEvent as RequestEvent
    from esignwire._http.hooks import ResponseEvent as ResponseEvent
    from esignwire._http.hooks import RetryEvent as RetryEvent
    from esignwire._http.messages import HttpRequest as HttpRequest
    from esignwire._http.messages import HttpResponse as HttpResponse
    from esignwire._http.messages import Receiver as Receiver
    from esignwire._http.messages import ReceiverFactory as ReceiverFactory
    from esignwire._http.retries import Retries as Retries
    from esignwire._http.settings import HttpSettings as HttpSettings
    from esignwire._http.settings import call_timeout as call_timeout
    from esignwire._http.slots import AsyncSlots as AsyncSlots
    from esignwire._http.slots import Slots as Slots
    from esignwire._http.uploading import chunks as chunks
    from esignwire._http.uploading import measure as measure
    from esignwire_generated._http.sync_client import Http as Http
else:
    __getattr__ = later(
        __name__,
        {
            "esignwire._http.addresses": "check_url proxy_for",
            "esignwire._http.async_client": "AsyncHttp",
            "esignwire._http.hooks": "Hook RequestEvent ResponseEvent RetryEvent",
            "esignwire._http.messages": "HttpRequest HttpResponse Receiver ReceiverFactory",
            "esignwire._http.retries": "Retries",
            "esignwire._http.settings": "HttpSettings call_timeout",
            "esignwire._http.slots": "AsyncSlots Slots",
            "esignwire._http.uploading": "chunks measure",
            "esignwire_generated._http.sync_client": "Http",
        },
    )
