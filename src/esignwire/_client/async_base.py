"""The base of the vendors' clients, async. The sync twin is derived from this file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import Field, fields
from functools import partial
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, cast

from esignwire._http import (
    AsyncHttp,
    Hook,
    HttpSettings,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
)
from esignwire.errors import ConfigurationError

__all__ = ["AsyncClient"]


class _Dataclass(Protocol):
    """An instance of any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


_Account = TypeVar("_Account", bound=_Dataclass)


class AsyncClient(Generic[_Account]):
    """A client of one account: it opens, closes, prints and travels as every client does.

    A client travels to another process as the arguments that it was made with. Its connections and
    locks stay behind; what arrives is a new client that has not connected yet.

    Args:
        account: Who calls, and where the vendor is. Each field is an argument of the constructor;
            those that a representation leaves out are secret.
        settings: How to reach the vendor; ``None`` takes the defaults.
        **options: The other arguments of the constructor.
    """

    __slots__ = ("_account", "_http", "_options", "_settings")

    _VENDOR: ClassVar[str]

    def __init__(self, account: _Account, settings: HttpSettings | None, **options: object) -> None:
        self._account = account
        self._settings: HttpSettings = HttpSettings() if settings is None else settings
        if not isinstance(cast("object", self._settings), HttpSettings):
            raise ConfigurationError("settings must be HttpSettings", vendor=self._VENDOR)
        self._options = options
        self._http: AsyncHttp = AsyncHttp(self._settings)

    @staticmethod
    def _arguments(account: _Dataclass) -> dict[str, Any]:
        """The arguments of the constructor that an account holds, the secret ones included."""
        return {one.name: getattr(account, one.name) for one in fields(account)}

    def __reduce__(self) -> tuple[object, ...]:
        if self._settings.ssl_context is not None:
            raise ConfigurationError(
                "a client with a TLS context of its own cannot be pickled or copied: make it where"
                " it is used",
                vendor=self._VENDOR,
            )
        if self._settings.transport is not None or self._settings.async_transport is not None:
            raise ConfigurationError(
                "a client with a transport of its own cannot be pickled or copied: make it where"
                " it is used",
                vendor=self._VENDOR,
            )
        return self._made_with(self._settings), ()

    def _made_with(self, settings: HttpSettings) -> partial[Self]:
        """The constructor with the arguments of this client."""
        arguments = {**self._arguments(self._account), **self._options}
        return partial(type(self), settings=settings, **arguments)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        attempts: int | None = None,
        headers: Mapping[str, str] | None = None,
        on_request: Hook[RequestEvent] | Sequence[Hook[RequestEvent]] = (),
        on_response: Hook[ResponseEvent] | Sequence[Hook[ResponseEvent]] = (),
        on_retry: Hook[RetryEvent] | Sequence[Hook[RetryEvent]] = (),
    ) -> Self:
        """The same client with other options, over the same connections.

        It is light, so that one may be made for a single call:
        ``client.with_options(attempts=1).check_status(document)``. Closing one of the two closes
        both.

        Args:
            timeout: Seconds for one call as a whole, where the call itself says nothing.
            attempts: How many times a call is tried at most, the first included.
            headers: Extra headers besides the client's, such as a correlation id; the same name
                replaces one.
            on_request: A hook, or several, besides the client's: see ``HttpSettings``.
            on_response: The same. It tells status and headers of each answer.
            on_retry: The same.

        Returns:
            The client with these options.

        Raises:
            ConfigurationError: A value cannot be used.
        """
        settings = self._settings.with_options(
            timeout=timeout,
            attempts=attempts,
            headers=headers,
            on_request=on_request,
            on_response=on_response,
            on_retry=on_retry,
        )
        view = self._made_with(settings)()
        view._http.share(self._http)  # noqa: SLF001 - of the same class
        return view

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{one.name}={getattr(self._account, one.name)!r}"
            for one in fields(self._account)
            if one.repr
        )
        return f"{type(self).__name__}({shown})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes all connections. Closing twice does no harm; a later call is refused."""
        await self._http.aclose()
