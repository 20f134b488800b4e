"""Failures of HTTP: how far an attempt had come, and the error that its failure becomes."""

from __future__ import annotations

import copy
import errno
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import httpcore
import httpx

from esignwire._call import Call, unusable
from esignwire.errors import (
    ConnectionFailed,
    ConnectionLost,
    EsignWireError,
    InvalidRequest,
    OutcomeUnknown,
    RequestTimeout,
    ResponseTooLarge,
)

__all__ = [
    "HEADERS_TOO_LARGE",
    "HTTP_FAILURES",
    "TOO_MANY_FILES",
    "Attempt",
    "Target",
    "Unusable",
    "is_out_of_files",
    "may_have_left",
    "translate",
    "unquoted",
]

# All that httpx, httpcore and the sockets below them raise while a request is under way.
HTTP_FAILURES: tuple[type[Exception], ...] = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    OSError,
)

# What the operating system says only before a connection stands.
_NOT_REACHED = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)

# What OpenSSL calls the ways in which a server's certificate is for another name.
_OTHER_NAME = frozenset({62, 63, 64})
_EXPIRED = frozenset({9, 10})
# OpenSSL's names of failures that the same two programs will meet again.
_NO_COMMON_TLS = ("PROTOCOL", "VERSION", "CIPHER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
_CLIENT_CERTIFICATE = ("CERTIFICATE", "HANDSHAKE_FAILURE", "UNKNOWN_CA")
# httpcore tells these two apart from broken HTTP by their words alone.
_CLOSED_EARLY = ("Server disconnected", "peer closed connection")
HEADERS_TOO_LARGE = "the answer's headers are larger than allowed"
_CERTIFICATE_WANTED = "the server may want a client certificate, or another one, in ssl_context"


TOO_MANY_FILES = (
    "too many files are open; raise the limit (ulimit -n), lower max_connections, or drop documents"
    " that came, of which each above 1 MiB holds one"
)


class Unusable(Exception):
    """The client cannot be used, as its words say; nothing of the call was sent."""


@dataclass(slots=True, weakref_slot=True)
class Attempt:
    """One attempt, and how far it has come. The streams of connections keep it up to date.

    Args:
        deadline: When it must be over, on the clock of ``time.monotonic``.
        is_sent: Whether a byte of the request may have left.
        is_whole: Whether all of the request has been handed over.
        is_early: Whether an answer came, or the connection broke, before the request had been sent
            to its end.
        is_answered: Whether anything was read since a byte of the request left.
        head_bytes: How many bytes were read before the answer's head was complete.
        http_status: The HTTP status, once the answer has begun.
        failure: What reading the request's body ended with, where that failed.
    """

    deadline: float = 0.0
    is_sent: bool = False
    is_whole: bool = False
    is_early: bool = False
    is_answered: bool = False
    head_bytes: int = 0
    http_status: int | None = None
    failure: Exception | None = None


@dataclass(slots=True, kw_only=True)
class Target:
    """Where a call leads and how long it may take, for its errors.

    Args:
        place: The host and the port.
        is_tls: Whether TLS leads there.
        proxy: The host and the port of the proxy on the way; ``None`` where there is none.
        seconds: How long the call may take in all.
        connect_timeout: How long one connection may take, in seconds.
        max_connections: How many connections may be open at once; ``None`` where the caller's
            transport decides.
        unresolved: How often a name was not found for this call.
    """

    place: str
    is_tls: bool
    proxy: str | None
    seconds: float
    connect_timeout: float
    max_connections: int | None
    unresolved: int = 0


def translate(error: Exception, call: Call, attempt: Attempt, target: Target) -> EsignWireError:
    """Our error for a failed attempt.

    It is ``ConnectionFailed`` where nothing was sent. Otherwise it is ``ConnectionLost`` or
    ``RequestTimeout`` for a call that only reads, and ``OutcomeUnknown``, caused by one of these,
    for any other; ``ResponseTooLarge`` where the answer's headers have no end.

    Its cause is made anew, without the words of httpx and httpcore: they may quote the answer,
    which may quote the request.
    """
    root = _root(error)
    status = attempt.http_status
    failure: EsignWireError
    if isinstance(error, httpx.LocalProtocolError) and not attempt.is_sent:
        failure = InvalidRequest(
            "HTTP cannot carry the request; nothing was sent: see what plugins add to its headers",
            **call.where,
        )
    # What the error is says nothing: a document may come over a connection that fails too.
    elif not attempt.is_sent:
        why, is_lasting = _unreached(error, root, target)
        repeat = "" if is_lasting else ", so the call may be repeated"
        failure = ConnectionFailed(
            f"{why}; nothing was sent{repeat}", **call.where, is_retry_safe=not is_lasting
        )
    elif _headers_too_large(error):
        failure = unusable(ResponseTooLarge, HEADERS_TOO_LARGE, call, status)
    elif _is_timeout(error):
        failure = RequestTimeout(
            f"the time allowed ({_seconds(target.seconds)}) ran out {_phase(attempt)}",
            **call.where,
            http_status=status,
            is_retry_safe=call.is_safe,
        )
    else:
        failure = ConnectionLost(
            _broken(error, root, attempt, target),
            **call.where,
            http_status=status,
            is_retry_safe=call.is_safe,
        )
    failure.__cause__ = _rebuilt(error, root, failure.message)
    if call.is_safe or not isinstance(failure, RequestTimeout | ConnectionLost):
        return failure
    how = (
        f"look it up by {call.reference!r}"
        if call.reference is not None
        else "look it up at the vendor"
    )
    unknown = OutcomeUnknown(
        f"the call was sent, but {failure.message}: the vendor may or may not have acted; {how}"
        " before you repeat the call",
        reference=call.reference,
        **call.where,
        http_status=status,
    )
    unknown.__cause__ = failure
    return unknown


def unquoted(error: BaseException) -> Exception | None:
    """A failure of httpcore's without the words of the peer, which may quote the request.

    ``None`` says that it holds no such words. Programs that trace httpx's transport record what it
    raises, with what stands behind it.
    """
    text = str(error)
    if isinstance(error, httpcore.ProxyError):
        return type(error)(text[:3])
    if not isinstance(error, httpcore.LocalProtocolError | httpcore.RemoteProtocolError):
        return None
    if _headers_too_large(error):
        return type(error)(HEADERS_TOO_LARGE)
    words = [one for one in _CLOSED_EARLY if text.startswith(one)]
    return type(error)(words[0] if words else "HTTP was broken")


def may_have_left(error: BaseException, method: str) -> bool:
    """Whether a request without a body may have left, when the caller's transport failed.

    Some transports repeat PUT and DELETE by themselves, so that the last failure says nothing of
    the first. aiohttp does where a connection that was kept breaks.
    """
    return method in {"DELETE", "PUT"} or not isinstance(_root(error), _NOT_REACHED)


def is_out_of_files(error: BaseException) -> bool:
    """Whether the operating system opens no further file or socket."""
    return isinstance(error, OSError) and error.errno in {errno.EMFILE, errno.ENFILE}


def _is_timeout(error: Exception) -> bool:
    # httpx-aiohttp calls connections that broke by this name.
    is_other = isinstance(error, httpx.ConnectTimeout)
    return isinstance(error, httpx.TimeoutException | TimeoutError) and not is_other


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and what stands behind it, one after the other."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _root(error: BaseException) -> OSError | None:
    """What the operating system, its resolver or OpenSSL said: the words of no peer."""
    found = None
    for cause in _behind(error):
        if isinstance(cause, OSError):
            found = cause
    return found


def _rebuilt(error: Exception, root: OSError | None, words: str) -> Exception:
    """The same kind of exception with words that may be shown, and the root as its cause."""
    same = None
    if root is not None:
        # Without its traceback and its context. A class of another package may not be copied so.
        with suppress(TypeError):
            same = copy.copy(root)
    if same is not None and isinstance(error, OSError):
        return same
    kind = type(error) if isinstance(error, httpx.RequestError) else httpx.RequestError
    rebuilt = kind(words if same is None else str(same))
    rebuilt.__cause__ = same
    return rebuilt


def _headers_too_large(error: BaseException) -> bool:
    # The parser's own exception stands below httpx's and httpcore's.
    return any(
        getattr(cause, "error_status_hint", None) == 431 or str(cause) == HEADERS_TOO_LARGE
        for cause in _behind(error)
    )


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}".rstrip("0").rstrip(".") + " s"


def _phase(attempt: Attempt) -> str:
    if attempt.http_status is not None:
        return "before the answer was complete, while it was read"
    if attempt.is_whole:
        return "before the answer was complete, while its beginning was awaited"
    return "before the answer was complete, while the request was sent"


def _unreached(error: Exception, root: OSError | None, target: Target) -> tuple[str, bool]:
    """Why nothing was sent, and whether that will not pass by waiting."""
    near = target.place if target.proxy is None else f"the proxy {target.proxy}"
    far = target.place
    if target.proxy is not None:
        far += f" through the proxy {target.proxy}"
    if isinstance(error, httpx.PoolTimeout):
        why = f"no connection became free in the time allowed ({_seconds(target.seconds)})"
        if target.max_connections is not None:
            why += f": all {target.max_connections} were in use (max_connections)"
        return why, False
    # httpx-aiohttp gives this name to other failures too.
    if isinstance(error, httpx.ConnectTimeout) and (root is None or isinstance(root, TimeoutError)):
        allowed = _seconds(min(target.connect_timeout, target.seconds))
        return f"no connection to {far} in the time allowed ({allowed}, connect_timeout)", False
    if _is_timeout(error):
        what = f"the time allowed for the call ({_seconds(target.seconds)})"
        if isinstance(error, httpx.WriteTimeout):
            return f"{what} ran out before the request left for {far}", False
        return f"no connection to {far} in {what}", False
    if isinstance(error, httpx.ProxyError):
        return _refused_by_proxy(error, target)
    if isinstance(root, ssl.SSLError):
        return _failed_tls(root, far)
    if isinstance(root, socket.gaierror):
        if root.errno == socket.EAI_AGAIN:
            return f"the name server did not say where {near} is: {root.strerror}", False
        target.unresolved += 1
        return (
            f"the name of {near} was not found ({root.strerror}): check the URL and the network",
            target.unresolved > 1,
        )
    if root is None:
        if isinstance(error, httpx.RemoteProtocolError) and target.proxy is not None:
            return f"the proxy {target.proxy} did not connect to {target.place}", False
        return f"no connection to {far}", False
    if root.errno in {errno.ECONNRESET, errno.EPIPE} and target.is_tls:
        # The alert that would have said why may be lost with the connection.
        return f"{far} broke the connection: {_CERTIFICATE_WANTED}, or be out of order", False
    return _failed_socket(root, near), False


def _failed_socket(root: OSError, near: str) -> str:
    if is_out_of_files(root):
        return f"no connection to {near}: {TOO_MANY_FILES}"
    if root.errno == errno.ECONNREFUSED:
        return f"{near} refused the connection: check host and port, or wait until it is up"
    if root.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH}:
        return f"no route to {near}: check the network"
    return f"no connection to {near}" + (f": {root.strerror}" if root.strerror else "")


def _failed_tls(root: ssl.SSLError, far: str) -> tuple[str, bool]:
    if isinstance(root, ssl.SSLCertVerificationError):
        code = getattr(root, "verify_code", 0)
        said = getattr(root, "verify_message", "") or "no reason given"
        if code in _OTHER_NAME:
            advice = "it is for another name: check the URL"
        elif code in _EXPIRED:
            advice = "check this computer's clock, and tell the vendor"
        else:
            advice = (
                "if a private authority vouches for it, such as that of a proxy which inspects"
                " TLS, load it into ssl_context or name its file in SSL_CERT_FILE"
            )
        return f"the certificate of {far} is not trusted ({said}): {advice}", True
    if isinstance(root, ssl.SSLEOFError):
        return f"{far} closed the connection while TLS began", False
    reason = _reason(root)
    what = f"TLS with {far} failed ({reason or 'no reason given'})"
    if any(word in reason for word in _NO_COMMON_TLS):
        return (
            f"{what}: the port speaks another protocol than HTTPS, or no common version of TLS:"
            " check the port and ssl_context"
        ), True
    if any(word in reason for word in _CLIENT_CERTIFICATE):
        return f"{what}: {_CERTIFICATE_WANTED}", True
    return what, False


def _reason(root: ssl.SSLError) -> str:
    """OpenSSL's name of a failure, such as ``WRONG_VERSION_NUMBER``."""
    reason: str | None = getattr(root, "reason", None)
    return reason or ""


def _refused_by_proxy(error: httpx.ProxyError, target: Target) -> tuple[str, bool]:
    # httpcore gives the status and the proxy's own words, which are not repeated.
    status = str(error)[:3]
    what = f"the proxy {target.proxy} did not connect to {target.place}"
    if not (status.isascii() and status.isdecimal()):
        return what, False
    what += f": it answered HTTP {status}"
    if status == "407":
        return f"{what}; put its user name and password into the address of the proxy", True
    # Such as 403: the proxy does not let the program out.
    return what, status.startswith("4") and status not in {"408", "429"}


def _broken(error: Exception, root: OSError | None, attempt: Attempt, target: Target) -> str:
    if isinstance(error, httpx.RemoteProtocolError) and not _is_closed_early(error):
        if attempt.is_early:
            return "the answer came before the request had been sent to its end"
        return "the answer broke the rules of HTTP"
    why = "the connection broke before the answer was complete"
    if isinstance(root, ssl.SSLError) and "ALERT" in (reason := _reason(root)):
        why += f": {target.place} ended TLS ({reason})"
        if any(word in reason for word in _CLIENT_CERTIFICATE):
            why += f"; {_CERTIFICATE_WANTED}"
    return why


def _is_closed_early(error: httpx.RemoteProtocolError) -> bool:
    return str(error).startswith(_CLOSED_EARLY)
