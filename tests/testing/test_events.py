"""The record of the calls that clients make."""

from __future__ import annotations

import asyncio
import logging
import uuid

import pytest

from esignwire import AssureSign, AsyncAssureSign, HttpSettings
from esignwire.assuresign.types import ping
from esignwire.errors import EsignWireError
from esignwire.testing import CallEvent, EventRecorder


def test_calls_are_recorded_and_nothing_stays_behind(
    esignwire_assuresign: AssureSign, esignwire_async_assuresign: AsyncAssureSign
) -> None:
    logger = logging.getLogger("esignwire")
    before = logger.level, list(logger.handlers)

    async def ask() -> None:
        async with esignwire_async_assuresign as client:
            await client.services.ping.ping(ping.Ping())

    with EventRecorder() as events:
        esignwire_assuresign.services.ping.ping(ping.Ping())
        asyncio.run(ask())
    esignwire_assuresign.services.ping.ping(ping.Ping())
    assert events.events == (CallEvent("AssureSign", "Ping", 200),) * 2
    assert events.operations == ("Ping", "Ping")
    assert (logger.level, list(logger.handlers)) == before


@pytest.mark.usefixtures("esignwire_no_pauses")
def test_an_error_is_an_outcome_too(esignwire_events: EventRecorder) -> None:
    with (
        AssureSign(
            context_identifier=uuid.uuid4(),
            user_name="owner@example.com",
            url="http://127.0.0.1:1/DocumentNOW.svc",
            settings=HttpSettings(attempts=2),
        ) as client,
        pytest.raises(EsignWireError),
    ):
        client.services.ping.ping(ping.Ping())
    assert esignwire_events.events == (CallEvent("AssureSign", "Ping", "ConnectionFailed"),)
