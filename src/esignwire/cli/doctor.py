"""Diagnosis of an installation: settings, addresses, TLS, clock, proxy and versions."""

from __future__ import annotations

import email.utils
import platform
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from typing import Literal, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from esignwire._call import Call
from esignwire._http import Http, HttpRequest, HttpSettings, proxy_for
from esignwire.cli import profiles
from esignwire.cli.operations import VENDORS
from esignwire.errors import ConfigurationError, EsignWireError, VendorError

__all__ = ["Finding", "diagnose", "status_of"]

_TIMEOUT = 10.0
_MOST_SKEW = 120
_REFUSED = "refused: "
_PACKAGES = ("esignwire", "httpx", "httpcore", "lxml", "pydantic", "zeep", "certifi")


class Finding(NamedTuple):
    """One thing that was looked at.

    Attributes:
        vendor: The vendor; ``None`` where it is of none.
        check: What was looked at.
        result: How it is: ``ok``, ``warning``, ``failed`` or ``skipped``.
        text: What was found, without secrets.
    """

    vendor: str | None
    check: str
    result: Literal["ok", "warning", "failed", "skipped"]
    text: str


def diagnose(profile: str | None) -> Iterator[Finding]:
    """Looks at the installation and at each vendor. It changes nothing at a vendor."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in _PACKAGES)
    yield Finding(
        None,
        "versions",
        "ok",
        f"Python {platform.python_version()} on {platform.system()}, {ssl.OPENSSL_VERSION},"
        f" {versions}",
    )
    path = profiles.config_path()
    yield Finding(None, "profiles", "ok", f"{path}{'' if path.is_file() else ' is not there'}")
    for vendor in VENDORS:
        yield from _vendor(vendor, profile)


def status_of(findings: list[Finding]) -> int:
    """The exit status of a diagnosis.

    It is 0 where nothing failed; 2 where settings are at fault or no vendor is set up; 3 where a
    vendor was not reached, or answered what cannot be used; 1 where a vendor refused.
    """
    failed = [one for one in findings if one.result == "failed"]
    if any(one.check == "settings" for one in failed):
        return 2
    if not failed:
        return 0 if any(one.check == "address" for one in findings) else 2
    return 1 if all(one.text.startswith(_REFUSED) for one in failed) else 3


def _vendor(vendor: str, profile: str | None) -> Iterator[Finding]:
    try:
        found = profiles.settings_of(vendor, profile)
    except ConfigurationError as error:
        yield Finding(vendor, "settings", "failed", error.message)
        return
    shown = ", ".join(_shown(one) for one in found)
    missing = [one for one in found if one.is_required and one.value is None]
    if len(missing) == len([one for one in found if one.is_required]):
        yield Finding(vendor, "settings", "skipped", "none is set")
        return
    if missing:
        yield Finding(vendor, "settings", "failed", shown)
        return
    try:
        # Each client refuses values that cannot be used.
        getattr(profiles, vendor)(profile).close()
    except EsignWireError as error:
        yield Finding(vendor, "settings", "failed", f"{error.message}; {shown}")
        return
    yield Finding(vendor, "settings", "ok", shown)
    url = next(one.value for one in found if one.name == "url") or ""
    is_reached = True
    for one in _address(vendor, url):
        is_reached = is_reached and one.result != "failed"
        yield one
    if is_reached and vendor == "assuresign":
        yield _ping(profile)


def _shown(setting: profiles.Setting) -> str:
    if setting.value is None:
        return f"{setting.name} is missing" if setting.is_required else f"{setting.name} not set"
    value = "***" if setting.is_secret else _without_password(setting.value)
    return f"{setting.name} {value} ({setting.source})"


def _without_password(value: str) -> str:
    """An address without the credentials and the query that may stand in it."""
    try:
        parts = urlsplit(value)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "***"
    return urlunsplit((parts.scheme, host, parts.path, "", "")) if parts.netloc else value


def _address(vendor: str, url: str) -> Iterator[Finding]:
    parts = urlsplit(url)
    try:
        # As the clients do it, so that they fail in the same way.
        proxy = proxy_for(url, None, trust_env=True)
        yield Finding(vendor, "proxy", "ok", f"by {_without_password(proxy)}" if proxy else "none")
        with Http(HttpSettings(total_timeout=_TIMEOUT, attempts=1)) as http:
            answer = http.send(
                HttpRequest(method="HEAD", url=url), Call(vendor, "HEAD", is_safe=True)
            )
    except ConfigurationError as error:
        yield Finding(vendor, "settings", "failed", error.message)
        return
    except EsignWireError as error:
        is_tls = "certificate" in error.message or "TLS" in error.message
        yield Finding(vendor, "TLS" if is_tls else "address", "failed", error.message)
        return
    yield Finding(vendor, "address", "ok", f"{_without_password(url)} answers HTTP {answer.status}")
    if parts.scheme == "https":
        yield Finding(vendor, "TLS", "ok", "the certificate is trusted")
    else:
        is_here = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        yield Finding(
            vendor, "TLS", "ok" if is_here else "warning", "none: the address begins with http://"
        )
    yield _clock(vendor, answer.headers.get("date"))


def _clock(vendor: str, date: str | None) -> Finding:
    try:
        there = email.utils.parsedate_to_datetime(date or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return Finding(vendor, "clock", "skipped", "the answer has no date")
    apart = abs((datetime.now(UTC) - there).total_seconds())
    is_close = apart <= _MOST_SKEW
    return Finding(
        vendor,
        "clock",
        "ok" if is_close else "warning",
        f"{apart:.0f} seconds apart" + ("" if is_close else ": set this machine's clock"),
    )


def _ping(profile: str | None) -> Finding:
    try:
        with profiles.assuresign(profile) as client:
            client.ping()
    except VendorError as error:
        return Finding("assuresign", "Ping", "failed", f"{_REFUSED}{error.message}")
    except EsignWireError as error:
        return Finding("assuresign", "Ping", "failed", error.message)
    return Finding("assuresign", "Ping", "ok", "answered")
