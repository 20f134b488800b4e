"""Small pieces leave together, and large ones as they come."""

from __future__ import annotations

import asyncio

import httpcore

from esignwire._http import AsyncGatheringStream, GatheringStream

LARGE = b"x" * 20_000


class Recorder(httpcore.NetworkStream):
    def __init__(self, *, is_broken: bool = False) -> None:
        self.written: list[bytes] = []
        self.is_broken = is_broken

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return b"answer"

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self.is_broken:
            raise httpcore.WriteError("broken")
        self.written.append(buffer)

    def close(self) -> None:
        self.written.append(b"closed")


class AsyncRecorder(httpcore.AsyncNetworkStream):
    def __init__(self) -> None:
        self.written: list[bytes] = []

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return b"answer"

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.written.append(buffer)


def test_head_and_body_leave_at_once_when_the_answer_is_awaited() -> None:
    network = Recorder()
    stream = GatheringStream(network)
    stream.write(b"head")
    stream.write(b"body")
    assert network.written == []
    assert stream.read(10) == b"answer"
    assert network.written == [b"headbody"]
    stream.read(10)
    assert network.written == [b"headbody"]


def test_large_pieces_leave_as_they_come_and_in_order() -> None:
    network = Recorder()
    stream = GatheringStream(network)
    stream.write(b"head")
    stream.write(LARGE)
    assert network.written == [b"head", LARGE]
    stream.write(b"end")
    stream.read(10)
    assert network.written == [b"head", LARGE, b"end"]


def test_a_head_waits_for_its_body_however_long_it_is() -> None:
    network = Recorder()
    stream = GatheringStream(network)
    stream.write(LARGE)
    assert network.written == []
    stream.write(b"body")
    assert network.written == [LARGE, b"body"]
    stream.read(10)
    # The connection is used again.
    stream.write(LARGE)
    assert network.written == [LARGE, b"body"]
    stream.read(10)
    assert network.written == [LARGE, b"body", LARGE]


def test_an_early_answer_is_read_though_the_request_did_not_go_out() -> None:
    stream = GatheringStream(Recorder(is_broken=True))
    stream.write(b"head")
    assert stream.read(10) == b"answer"


def test_what_is_held_back_is_not_sent_when_the_connection_closes() -> None:
    network = Recorder()
    stream = GatheringStream(network)
    stream.write(b"head")
    stream.close()
    assert network.written == [b"closed"]


def test_the_same_with_asyncio() -> None:
    async def run() -> list[bytes]:
        network = AsyncRecorder()
        stream = AsyncGatheringStream(network)
        await stream.write(b"head")
        await stream.write(b"body")
        assert network.written == []
        assert await stream.read(10) == b"answer"
        await stream.write(LARGE)  # a head
        assert network.written == [b"headbody"]
        await stream.write(LARGE)
        return network.written

    assert asyncio.run(run()) == [b"headbody", LARGE, LARGE]
