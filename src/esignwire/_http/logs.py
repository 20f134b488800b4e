"""Logs of httpcore, without what answers say.

At DEBUG, httpcore logs the headers of answers, and the bytes that break the rules of HTTP. A server
may quote there what it was sent, such as an API key in ``Location``. What httpcore logs of other
calls than ours stays as it is.
"""

from __future__ import annotations

import contextvars
import logging
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["quiet"]

_is_ours: contextvars.ContextVar[bool] = contextvars.ContextVar("is_ours", default=False)


def _is_shown(record: logging.LogRecord) -> bool:
    return not (_is_ours.get() and str(record.msg).startswith("receive_response"))


logging.getLogger("httpcore.http11").addFilter(_is_shown)


@contextmanager
def quiet() -> Generator[None]:
    """A context in which httpcore logs nothing of answers."""
    token = _is_ours.set(True)
    try:
        yield
    finally:
        _is_ours.reset(token)
