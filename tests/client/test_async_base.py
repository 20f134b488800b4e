from __future__ import annotations

import asyncio
import copy
import pickle
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from esignwire import AssureSign, AsyncAssureSign, Constellation1, ResponseEvent, Signix
from esignwire._call import Call
from esignwire._client import AsyncClient, Client
from esignwire._http import HttpRequest, HttpSettings
from esignwire.emulator import EmulatorServer
from esignwire.errors import ConfigurationError, VendorError
from tests.support.assuresign import ACCOUNT, USER
from tests.support.hostile import answer, hostile


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    url: str
    password: str = field(repr=False)


class AsyncExample(AsyncClient[Account]):
    _VENDOR = "Example"

    def __init__(
        self,
        *,
        url: str,
        password: str,
        settings: HttpSettings | None = None,
        color: str | None = None,
    ) -> None:
        super().__init__(Account(url=url, password=password), settings, color=color)
        self.color = color


class Example(Client[Account]):
    _VENDOR = "Example"

    def __init__(
        self,
        *,
        url: str,
        password: str,
        settings: HttpSettings | None = None,
        color: str | None = None,
    ) -> None:
        super().__init__(Account(url=url, password=password), settings, color=color)
        self.color = color


each_kind = pytest.mark.parametrize("kind", [AsyncExample, Example])


@each_kind
def test_a_client_shows_its_account_without_secrets(kind: type[AsyncExample | Example]) -> None:
    client = kind(url="https://example.com", password="S3CRET", color="red")
    assert repr(client) == f"{kind.__name__}(url='https://example.com')"


@each_kind
def test_a_client_travels_as_the_arguments_of_its_constructor(
    kind: type[AsyncExample | Example],
) -> None:
    settings = HttpSettings(attempts=7)
    client = kind(url="https://example.com", password="S3CRET", color="red", settings=settings)
    for again in (
        copy.copy(client),
        copy.deepcopy(client),
        pickle.loads(pickle.dumps(client)),  # noqa: S301 - our own bytes
    ):
        assert type(again) is kind
        assert again is not client
        assert again.color == "red"
        assert again._account == client._account
        assert again._settings == settings
        assert again._http is not client._http


@each_kind
@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_tls_context_stays_in_its_process(
    kind: type[AsyncExample | Example], travel: object
) -> None:
    settings = HttpSettings(ssl_context=ssl.create_default_context())
    client = kind(url="https://example.com", password="S3CRET", settings=settings)
    with pytest.raises(ConfigurationError, match="cannot be pickled or copied") as caught:
        travel(client)  # type: ignore[operator]  # each is a function
    assert caught.value.vendor == "Example"
    assert "S3CRET" not in str(caught.value)


def test_a_closed_client_is_not_used_again() -> None:
    with AssureSign(context_identifier=ACCOUNT, user_name=USER) as client:
        assert isinstance(client, AssureSign)
    client.close()
    with pytest.raises(ConfigurationError, match="the client is closed"):
        client.lookup_session(ACCOUNT)


def test_a_closed_async_client_is_not_used_again() -> None:
    async def main() -> None:
        async with AsyncAssureSign(context_identifier=ACCOUNT, user_name=USER) as client:
            assert isinstance(client, AsyncAssureSign)
        await client.aclose()
        with pytest.raises(ConfigurationError, match="the client is closed"):
            await client.lookup_session(ACCOUNT)

    asyncio.run(main())


CALL = Call(vendor="Example", operation="Look", is_safe=True)


def test_options_are_a_view_over_the_same_connections() -> None:
    seen: list[ResponseEvent] = []
    with hostile(answer(b"")) as server, Example(url=server.url, password="S3CRET") as client:
        view = client.with_options(
            headers={"X-Correlation-Id": "4711"}, attempts=1, timeout=7.0, on_response=seen.append
        )
        for one in (client, view, client.with_options(), view.with_options(headers={"X-B": "2"})):
            one._http.send(HttpRequest(method="GET", url=server.url), CALL)
        assert server.connections == 1
    heads = [received.head for received in server.received]
    assert [b"X-Correlation-Id: 4711" in head for head in heads] == [False, True, False, True]
    assert [b"X-B: 2" in head for head in heads] == [False, False, False, True]
    assert [event.status for event in seen] == [200, 200]
    assert (view._settings.attempts, view._settings.total_timeout) == (1, 7.0)
    assert type(view) is Example
    assert repr(view) == repr(client)
    with pytest.raises(ConfigurationError, match="the client is closed"):
        view._http.send(HttpRequest(method="GET", url=server.url), CALL)


def test_options_of_an_async_client_belong_to_its_event_loop() -> None:
    async def main(url: str) -> None:
        async with AsyncExample(url=url, password="S3CRET") as client:
            for one in (client, client.with_options(attempts=1)):
                await one._http.send(HttpRequest(method="GET", url=url), CALL)

    with hostile(answer(b"")) as server:
        asyncio.run(main(server.url))
        assert server.connections == 1


@each_kind
def test_a_client_with_options_travels_with_them(kind: type[AsyncExample | Example]) -> None:
    client = kind(url="https://example.com", password="S3CRET", color="red")
    view = client.with_options(headers={"X-A": "1"}, on_retry=print)
    again = pickle.loads(pickle.dumps(view))  # noqa: S301 - our own bytes
    assert (again.color, again._settings) == ("red", view._settings)


def test_status_and_headers_of_a_call_of_each_vendor() -> None:
    def statuses(
        client: AssureSign | Constellation1 | Signix, call: Callable[[Any], object]
    ) -> Any:
        seen: list[ResponseEvent] = []
        with client, pytest.raises(VendorError):
            call(client.with_options(on_response=seen.append))
        assert all(event.headers["content-type"] and event.bytes for event in seen)
        return [(event.operation, event.status) for event in seen]

    with EmulatorServer() as emulator, emulator.environment():
        assert statuses(
            AssureSign.from_environment(), lambda client: client.lookup_session(ACCOUNT)
        ) == [("LookupSession", 200)]
        assert statuses(
            Signix.from_environment(), lambda client: client.get_access_token("unknown")
        ) == [("GetAccessToken", 200)]
        assert statuses(
            Constellation1.from_environment(), lambda client: client.get_session(ACCOUNT)
        ) == [("EncryptString", 200), ("GetToken", 200), ("GetSession", 200)]
