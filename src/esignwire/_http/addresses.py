"""Addresses that may be called, and the proxies that lead to them."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
import urllib.request
from typing import cast

from esignwire.errors import ConfigurationError

__all__ = ["check_url", "place_of", "proxy_for"]

# RFC 3986: everything else must be percent-encoded. With these characters alone, urllib and httpx
# agree about where the host ends.
_URL_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_resolvable(host: str) -> bool:
    """Whether each label is as long as the domain name system allows; else Python cannot ask it."""
    return all(0 < len(label) < 64 for label in host.removesuffix(".").split("."))


def check_url(url: str, *, vendor: str | None = None, operation: str | None = None) -> str:
    """Refuses an address that cannot be used or that would send secrets in the clear.

    Raises:
        ConfigurationError: Not an absolute ``https`` address (``http`` is for loopback alone), a
            user name or password in it, a fragment, or a character that must be percent-encoded.
            The message does not repeat the address, because its path may hold a secret.
    """

    def refused(why: str) -> ConfigurationError:
        return ConfigurationError(why, vendor=vendor, operation=operation)

    if not isinstance(cast("object", url), str) or not _URL_CHARACTERS.fullmatch(url):
        raise refused(
            "the URL is no text, is empty, or holds a character that must be percent-encoded"
        )
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        # The words of urllib may quote the address.
        raise refused("the URL's host or port cannot be read") from type(error)()
    if parts.scheme not in {"http", "https"} or not host:
        raise refused("the URL must begin with https:// and name a host")
    if not _is_resolvable(host):
        raise refused("each part of the URL's host must have 1 to 63 characters")
    if "@" in parts.netloc:
        raise refused("the URL must not hold a user name or a password")
    if "#" in url:
        raise refused("the URL must not hold a fragment (#)")
    if parts.scheme == "http" and not _is_loopback(host):
        raise refused(
            f"the URL of host {host} must begin with https://; http:// is for loopback alone"
        )
    return url


def check_proxy(proxy: str) -> str:
    """Refuses a proxy that cannot be used, and adds the scheme ``http://`` where there is none.

    Raises:
        ConfigurationError: The address cannot be read, or is none of a proxy for HTTP.
    """
    # "proxy.example:3128" is how the variables are often set.
    address = proxy if "://" in proxy else f"http://{proxy}"
    try:
        parts = urllib.parse.urlsplit(address)
        usable = parts.scheme in {"http", "https"} and _is_resolvable(parts.hostname or "")
        usable = usable and address.isprintable() and " " not in address
        _ = parts.port
    except ValueError as error:
        raise ConfigurationError("the proxy's address cannot be read") from type(error)()
    if not usable:
        raise ConfigurationError(
            "the proxy's address must begin with http:// or https:// and name a host; it holds no"
            " blanks"
        )
    return address


def proxy_for(url: str, proxy: str | None, *, trust_env: bool) -> str | None:
    """The proxy through which an address is reached; ``None`` connects directly.

    ``proxy`` is that of the settings; ``trust_env`` says whether the environment may name one.

    Raises:
        ConfigurationError: The proxy that the environment names cannot be used.
    """
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    if _is_loopback(host):
        return None
    if proxy is not None:
        return check_proxy(proxy)
    if not trust_env:
        return None
    proxies = urllib.request.getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    if not found or urllib.request.proxy_bypass(parts.netloc):
        return None
    return check_proxy(found)


def place_of(url: str) -> str:
    """The host and the port that an address leads to, such as ``vendor.example:443``."""
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    port = (80 if parts.scheme == "http" else 443) if parts.port is None else parts.port
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
