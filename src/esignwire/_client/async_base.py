"""The base of the vendors' clients, async. The sync twin is derived from this file."""

from __future__ import annotations

from dataclasses import Field, fields
from functools import partial
from types import TracebackType
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from esignwire._http import AsyncHttp, HttpSettings
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
        self._settings: HttpSettings = settings or HttpSettings()
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
        arguments = {**self._arguments(self._account), **self._options}
        return partial(type(self), settings=self._settings, **arguments), ()

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{one.name}={getattr(self._account, one.name)!r}"
            for one in fields(self._account)
            if one.repr
        )
        return f"{type(self).__name__}({shown})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes all connections. Closing twice does no harm; a later call is refused."""
        await self._http.aclose()
