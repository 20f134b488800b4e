"""A FastAPI application that takes the notifications of all three vendors.

    export NOTIFICATION_SECRET=...
    uvicorn notifications_fastapi:application --app-dir examples --no-access-log

The secret stands in the path, which the log of requests would hold. SIGNiX sends to
/hooks/SECRET/signix, Constellation1 to /hooks/SECRET/constellation1, and the DocumentTRAK design
below to /hooks/SECRET/assuresign/completed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from esignwire import AsyncConstellation1, AsyncSignix, constellation1, signix
from esignwire.assuresign import documenttrak
from esignwire.notifications import Event, Receiver, Seen

COMPLETED = documenttrak.template(
    [documenttrak.MergeField.TRANSACTION_NAME, "Signatory 1 Email Address"],
    event="Document_Completed",
)


async def handle(event: Event) -> None:
    """Acts on an event: it is a hint only, so the state is read again from the vendor."""
    match event:
        case signix.Notification(action=signix.PushAction.COMPLETE):
            async with AsyncSignix.from_environment() as client:
                transaction = client.transaction(document_set_id=event.document_set_id)
                download = await transaction.download()
                saved = await asyncio.to_thread(download.save_all, "signed")
                print("SIGNiX: saved", *(path.name for path in saved))
        case constellation1.SessionStatusChanged():
            async with AsyncConstellation1.from_environment() as client:
                answer = await client.get_session(event.session_id)
                print("Constellation1: the session is", answer.status)
        case documenttrak.Notification():
            print("AssureSign:", event.event, event.values["Transaction Name"])
        case _:
            print("nothing to do:", event)


receiver = Receiver(
    handle,
    secret=os.environ["NOTIFICATION_SECRET"],
    designs={"completed": COMPLETED},
    seen=Seen("seen.sqlite"),
)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
    yield
    await receiver.drain()


application = FastAPI(lifespan=lifespan)
application.mount("/hooks", receiver)
