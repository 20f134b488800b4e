"""One call on a warm connection, on loopback, and two hundred in flight."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from benchmarks import messages
from benchmarks.codecs import request
from benchmarks.measure import Comparison, compare, summary
from benchmarks.peers import with_apiroute, with_zeep
from benchmarks.server import serving

if TYPE_CHECKING:
    from esignwire import AsyncAssureSign, HttpSettings

_CHECK_STATUS = f"{messages.SERVICE}/CheckStatus/text"
_HEADERS = {
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": f'"{messages.CHECK_STATUS_ACTION}"',
}
_FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
IN_FLIGHT = 200


@contextmanager
def server() -> Iterator[str]:
    """The server, with an answer for each call of this module."""
    answers = {
        _CHECK_STATUS: messages.check_status_answer(1),
        "/flex": messages.ajax_answer(),
        "/thousand" + _CHECK_STATUS: messages.check_status_answer(1000),
    }
    with serving(answers) as url:
        yield url


def bare(url: str, content: bytes, headers: dict[str, str]) -> Callable[[], object]:
    """A bare httpx call with the same bytes."""
    client = httpx.Client()

    def one() -> object:
        response = client.post(url, content=content, headers=headers)
        response.raise_for_status()
        return response.content

    return one


def by_http_client(url: str, content: bytes, headers: dict[str, str]) -> Callable[[], object]:
    """The same with the standard library's client."""
    address = urlsplit(url)
    connection = HTTPConnection(address.netloc)

    def one() -> object:
        connection.request("POST", address.path, content, headers)
        response = connection.getresponse()
        if response.status != 200:
            raise SystemExit(f"{url} answers {response.status}")
        return response.read()

    return one


def by_socket(url: str, content: bytes, headers: dict[str, str]) -> Callable[[], object]:
    """The same bytes on a bare socket; of the answer only its length is looked at."""
    address = urlsplit(url)
    connection = socket.create_connection((address.hostname, address.port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\n" + "".join(
        f"{name}: {value}\r\n"
        for name, value in {**headers, "Content-Length": str(len(content))}.items()
    )
    request = head.encode() + b"\r\n" + content

    def one() -> object:
        connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(65536)
        told, _, body = answer.partition(b"\r\n\r\n")
        length = int(told.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += connection.recv(65536)
        return body

    return one


def ours(url: str) -> Callable[[], object]:
    """One CheckStatus: dataclasses in and out, validated, retried, bounded."""
    from esignwire import AssureSign

    client = AssureSign(
        context_identifier=messages.ACCOUNT, user_name="a@example.com", url=url + messages.SERVICE
    )
    question = request(1)
    service = client.services.check_status
    return lambda: service.check_status(question)


def ours_ajax(url: str) -> Callable[[], object]:
    """One SubmitAjax: a typed command, a typed outcome."""
    from esignwire import Signix

    client = Signix(sponsor="s", client="c", user_id="u", password="p", url=f"{url}/flex")
    transaction = client.transaction(document_set_id="abc123")
    return transaction.suspend


def compare_calls(seconds: float) -> Iterator[tuple[str, Comparison]]:
    """Our calls beside the others'."""
    with server() as url:
        address = url + _CHECK_STATUS
        one = ours(url)
        content = messages.check_status_request(1)
        for name, other in (
            ("call_vs_httpx", bare),
            ("call_vs_http_client", by_http_client),
            ("call_vs_socket", by_socket),
        ):
            yield name, compare(one, other(address, content, _HEADERS), seconds=seconds)
        zeep_call = with_zeep.service(url + messages.SERVICE)
        question = with_zeep.request(1)
        yield "call_vs_zeep", compare(one, lambda: zeep_call(**question), seconds=seconds / 2)
        apiroute_call = with_apiroute.call(address)
        yield "call_vs_apiroute", compare(one, apiroute_call, seconds=seconds / 2)
        ajax = bare(f"{url}/flex", messages.ajax_request(), _FORM)
        yield "ajax_call_vs_httpx", compare(ours_ajax(url), ajax, seconds=seconds)


async def _many(call: Callable[[], Awaitable[object]], calls: int, in_flight: int) -> float:
    """Makes so many calls, so many at once, and returns the seconds that they took."""
    left = iter(range(calls))

    async def worker() -> None:
        for _ in left:
            await call()

    begin = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(worker())
    return time.perf_counter() - begin


async def _race(
    first: Callable[[], Awaitable[object]],
    second: Callable[[], Awaitable[object]],
    in_flight: int,
    calls: int,
    pairs: int,
) -> tuple[list[float], list[float]]:
    """Makes many calls of both kinds in turn, and returns the seconds of one call in each run."""
    first_times: list[float] = []
    second_times: list[float] = []
    for call in (first, second):  # opens the connections
        await _many(call, in_flight, in_flight)
    for pair in range(pairs):
        runs = [(first, first_times), (second, second_times)]
        for call, times in reversed(runs) if pair % 2 else runs:
            times.append(await _many(call, calls, in_flight) / calls)
    return first_times, second_times


def _client(url: str, settings: HttpSettings) -> AsyncAssureSign:
    from esignwire import AsyncAssureSign

    return AsyncAssureSign(
        context_identifier=messages.ACCOUNT,
        user_name="a@example.com",
        url=url + messages.SERVICE,
        settings=settings,
    )


def _asked(client: AsyncAssureSign) -> Callable[[], Awaitable[object]]:
    question = request(1)
    service = client.services.check_status
    return lambda: service.check_status(question)


async def _compare_async(
    url: str, in_flight: int, calls: int, pairs: int
) -> tuple[list[float], list[float]]:
    from esignwire import HttpSettings

    content = messages.check_status_request(1)
    address = url + _CHECK_STATUS
    limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
    async with (
        _client(url, HttpSettings(max_connections=in_flight)) as client,
        httpx.AsyncClient(limits=limits, timeout=60) as other,
    ):

        async def bare_async() -> object:
            response = await other.post(address, content=content, headers=_HEADERS)
            response.raise_for_status()
            return response.content

        return await _race(_asked(client), bare_async, in_flight, calls, pairs)


async def _compare_transports(
    url: str, in_flight: int, calls: int, pairs: int
) -> tuple[list[float], list[float]]:
    from httpx_aiohttp import AiohttpTransport

    from esignwire import HttpSettings

    limits = httpx.Limits(max_connections=in_flight, keepalive_expiry=60)
    async with (
        AiohttpTransport(limits=limits) as transport,
        _client(url, HttpSettings(async_transport=transport)) as by_aiohttp,
        _client(url, HttpSettings(max_connections=in_flight)) as by_default,
    ):
        return await _race(_asked(by_aiohttp), _asked(by_default), in_flight, calls, pairs)


def compare_async(in_flight: int = IN_FLIGHT, *, calls: int = 1000, pairs: int = 7) -> Comparison:
    """Our client and httpx's with so many calls in flight; the times are those of one call."""
    with server() as url:
        return summary(*asyncio.run(_compare_async(url, in_flight, calls, pairs)))


def compare_transports(
    in_flight: int = IN_FLIGHT, *, calls: int = 1000, pairs: int = 7
) -> Comparison:
    """Our client through aiohttp and over its own connections, in the same way."""
    with server() as url:
        return summary(*asyncio.run(_compare_transports(url, in_flight, calls, pairs)))


async def _compare_aiohttp(
    url: str, in_flight: int, calls: int, pairs: int
) -> tuple[list[float], list[float]]:
    import aiohttp
    from httpx_aiohttp import AiohttpTransport

    from esignwire import HttpSettings

    content = messages.check_status_request(1)
    address = url + _CHECK_STATUS
    limits = httpx.Limits(max_connections=in_flight, keepalive_expiry=60)
    async with (
        AiohttpTransport(limits=limits) as transport,
        _client(url, HttpSettings(async_transport=transport)) as client,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight)) as other,
    ):

        async def bare_async() -> object:
            async with other.post(address, data=content, headers=_HEADERS) as response:
                response.raise_for_status()
                return await response.read()

        return await _race(_asked(client), bare_async, in_flight, calls, pairs)


def compare_aiohttp(in_flight: int = IN_FLIGHT, *, calls: int = 1000, pairs: int = 7) -> Comparison:
    """Our client through httpx-aiohttp beside bare aiohttp, in the same way."""
    with server() as url:
        return summary(*asyncio.run(_compare_aiohttp(url, in_flight, calls, pairs)))
