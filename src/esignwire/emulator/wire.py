"""What arrives and what leaves, free of any web framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

__all__ = ["WireAnswer", "WireRequest", "plain_answer"]

_MOST_QUERY_FIELDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """One HTTP request, read whole and within the size limit.

    Args:
        method: The HTTP method in capitals.
        path: The path as it was sent, percent-encoding kept.
        query: The query string as it was sent, without the question mark.
        headers: The headers; names in lower case.
        content: The body.
        base_url: Scheme, host and port by which the caller reached the emulator.
        caller: The address of the caller, where it is known.
    """

    method: str
    path: str = field(repr=False)
    query: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    base_url: str
    caller: str | None = None

    @property
    def media_type(self) -> str:
        """The media type of the body in lower case, without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        """The character encoding that the Content-Type header names, if it names one."""
        for parameter in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset":
                return value.strip().strip("\"'").lower() or None
        return None

    def query_fields(self) -> list[tuple[str, str]]:
        """Decode the query string.

        Returns:
            The fields in the order sent. Those without a value carry an empty one.

        Raises:
            ValueError: Too many fields, or bytes that are no UTF-8.
        """
        return parse_qsl(
            self.query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_QUERY_FIELDS
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WireAnswer:
    """One HTTP answer.

    Args:
        status: The HTTP status.
        media_type: The whole value of the Content-Type header.
        content: The body.
        operation: What was played, for the log; never anything that the caller chose freely.
        headers: Further headers.
    """

    status: int = 200
    media_type: str
    content: bytes = field(repr=False)
    operation: str = "-"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def plain_answer(status: int, text: str, **headers: str) -> WireAnswer:
    """Answer in plain text, as a web server does where no message of a vendor's is due.

    Args:
        status: The HTTP status.
        text: What to say.
        **headers: Further headers; underscores stand for hyphens.

    Returns:
        The answer.
    """
    return WireAnswer(
        status=status,
        media_type="text/plain; charset=utf-8",
        content=text.encode(),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
