from __future__ import annotations

import asyncio
import copy
import pickle
import ssl
from dataclasses import dataclass, field

import pytest

from esignwire import AssureSign, AsyncAssureSign
from esignwire._client import AsyncClient, Client
from esignwire._http import HttpSettings
from esignwire.errors import ConfigurationError
from tests.support.assuresign import ACCOUNT, USER


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
