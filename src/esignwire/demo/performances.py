"""Puts flows and clients together: every flow, once sync and once async."""

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

__all__ = ["Performance", "performances"]

_Client = TypeVar("_Client")


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """A flow that is ready to be played.

    Args:
        vendor: The vendor, as packages spell it.
        name: The flow's name.
        title: What it does, in one sentence.
        is_async: Whether the async client plays it.
        play: Plays it, with a client of its own.
    """

    vendor: str
    name: str
    title: str
    is_async: bool
    play: Callable[[Scene], None]


def _sync(
    vendor: str,
    open_client: Callable[[], AbstractContextManager[_Client]],
    flow: Callable[[_Client, Scene], None],
) -> Performance:
    def play(scene: Scene) -> None:
        with open_client() as client:
            flow(client, scene)

    return _performance(vendor, flow, play, is_async=False)


def _async(
    vendor: str,
    open_client: Callable[[], AbstractAsyncContextManager[_Client]],
    flow: Callable[[_Client, Scene], Coroutine[object, object, None]],
) -> Performance:
    async def play(scene: Scene) -> None:
        async with open_client() as client:
            await flow(client, scene)

    return _performance(vendor, flow, lambda scene: asyncio.run(play(scene)), is_async=True)


def _performance(
    vendor: str, flow: Callable[..., object], play: Callable[[Scene], None], *, is_async: bool
) -> Performance:
    return Performance(
        vendor=vendor,
        name=flow.__name__,
        title=(inspect.getdoc(flow) or "").partition("\n")[0],
        is_async=is_async,
        play=play,
    )


def performances(clients: Clients) -> tuple[Performance, ...]:
    """Makes every flow ready to be played.

    Args:
        clients: How to make the clients.

    Returns:
        The performances, vendor by vendor, the sync ones of a vendor first.
    """
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
