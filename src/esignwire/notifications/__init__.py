"""Notifications in: an ASGI application that takes what the three vendors send by themselves.

::

    from esignwire.notifications import Event, Receiver

    async def handle(event: Event) -> None:
        ...

    application = Receiver(handle, secret=os.environ["NOTIFICATION_SECRET"])

It runs alone under any ASGI server, or as a part of another application. The parsers that it
stands on need no server: ``esignwire.signix.notification``, ``esignwire.constellation1.webhook``
and ``esignwire.assuresign.documenttrak``.
"""

from __future__ import annotations

from esignwire.notifications.receiver import Event, Receiver
from esignwire.notifications.seen import Seen

__all__ = ["Event", "Receiver", "Seen"]
