"""Logs: what ``ESIGNWIRE_LOG`` shows, and those of httpcore, without what answers say.

At DEBUG, httpcore logs the headers of answers, and the bytes that break the rules of HTTP. A server
may quote there what it was sent, such as an API key in ``Location``. What httpcore logs of other
calls than ours stays as it is.
"""

from __future__ import annotations

import contextvars
import logging
import os
import weakref
from collections.abc import Generator
from contextlib import contextmanager

from esignwire._http.failures import Attempt
from esignwire.errors import ConfigurationError

__all__ = ["follow_environment", "quiet"]

# Weak, since an interrupt may strike before the end of an attempt is noted here.
_attempt: contextvars.ContextVar[weakref.ref[Attempt] | None] = contextvars.ContextVar(
    "attempt", default=None
)


def follow_environment() -> None:
    """Shows the log of esignwire where ``ESIGNWIRE_LOG`` names a level.

    Where the program has not set up logging, it is written to standard error. A level that the
    program has given to the logger ``esignwire`` stays.

    Raises:
        ConfigurationError: The variable names no level.
    """
    name = os.environ.get("ESIGNWIRE_LOG", "").strip().lower()
    if not name:
        return
    if name not in {"debug", "info", "warning", "error"}:
        raise ConfigurationError(
            "the environment variable ESIGNWIRE_LOG must be debug, info, warning or error"
        )
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logger = logging.getLogger("esignwire")
    if logger.level == logging.NOTSET:
        logger.setLevel(name.upper())


def _is_shown(record: logging.LogRecord) -> bool:
    attempt = _attempt.get()
    is_ours = attempt is not None and attempt() is not None
    return not (is_ours and str(record.msg).startswith("receive_response"))


# httpx2 can stand in place of httpx: it offers to take its name.
for _name in ("httpcore", "httpcore2"):
    logging.getLogger(f"{_name}.http11").addFilter(_is_shown)


@contextmanager
def quiet(attempt: Attempt) -> Generator[None]:
    """A context in which httpcore logs nothing of the answer to an attempt."""
    token = _attempt.set(weakref.ref(attempt))
    try:
        yield
    finally:
        _attempt.reset(token)
