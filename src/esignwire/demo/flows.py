"""Flows with their clients: every flow of the demonstration, once sync and once async."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

from esignwire.demo import async_assuresign, async_constellation1, async_signix
from esignwire.demo.clients import Clients
from esignwire.demo.scene import Scene
from esignwire_generated.demo import sync_assuresign, sync_constellation1, sync_signix

__all__ = ["Flow", "all_flows"]

_Client = TypeVar("_Client")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow that is ready to run.

    Args:
        vendor: The vendor, as packages spell it.
        name: The flow's name.
        title: What it does, in one sentence.
        is_async: Whether it uses the async client.
        run: Runs it, with a client of its own.
    """

    vendor: str
    name: str
    title: str
    is_async: bool
    run: Callable[[Scene], None]


def _sync(
    vendor: str,
    open_client: Callable[[], AbstractContextManager[_Client]],
    function: Callable[[_Client, Scene], None],
) -> Flow:
    def run(scene: Scene) -> None:
        with open_client() as client:
            function(client, scene)

    return _flow(vendor, function, run, is_async=False)


def _async(
    vendor: str,
    open_client: Callable[[], AbstractAsyncContextManager[_Client]],
    function: Callable[[_Client, Scene], Coroutine[object, object, None]],
) -> Flow:
    async def run(scene: Scene) -> None:
        async with open_client() as client:
            await function(client, scene)

    return _flow(vendor, function, lambda scene: asyncio.run(run(scene)), is_async=True)


def _flow(
    vendor: str, function: Callable[..., object], run: Callable[[Scene], None], *, is_async: bool
) -> Flow:
    return Flow(
        vendor=vendor,
        name=function.__name__,
        title=(inspect.getdoc(function) or "").partition("\n")[0],
        is_async=is_async,
        run=run,
    )


def all_flows(clients: Clients) -> tuple[Flow, ...]:
    """Makes every flow ready to run, vendor by vendor, the sync ones of a vendor first."""
    return (
        *(_sync("assuresign", clients.assuresign, flow) for flow in sync_assuresign.FLOWS),
        *(_async("assuresign", clients.async_assuresign, flow) for flow in async_assuresign.FLOWS),
        *(_sync("signix", clients.signix, flow) for flow in sync_signix.FLOWS),
        *(_async("signix", clients.async_signix, flow) for flow in async_signix.FLOWS),
        *(
            _sync("constellation1", clients.constellation1, flow)
            for flow in sync_constellation1.FLOWS
        ),
        *(
            _async("constellation1", clients.async_constellation1, flow)
            for flow in async_constellation1.FLOWS
        ),
    )
