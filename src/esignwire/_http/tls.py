"""TLS contexts: the caller's, or one with the certificate authorities of the environment."""

from __future__ import annotations

import os
import re
import ssl
import sys
from functools import cache
from pathlib import Path

import certifi

from esignwire._http.failures import Unusable, is_out_of_files
from esignwire._http.settings import HttpSettings, verifies

__all__ = ["tls_context"]

_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")


def tls_context(settings: HttpSettings) -> ssl.SSLContext:
    """The context for a new connection: that of the settings, or one made for the environment.

    Its certificate authorities are those of ``SSL_CERT_FILE``, else ``SSL_CERT_DIR``, where the
    settings trust the environment and it names them; otherwise those of certifi.

    Raises:
        Unusable: The context does not verify the server any more, or a variable of the environment
            names something that cannot be used.
    """
    context = settings.ssl_context
    if context is None:
        names = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
        told = [os.environ.get(name) if settings.trust_env else None for name in names]
        return _context(*told)
    if not verifies(context):
        raise Unusable(
            "ssl_context does not verify the server any more: it was changed after HttpSettings"
            " took it"
        )
    return context


@cache
def _context(file: str | None, folder: str | None, key_log: str | None) -> ssl.SSLContext:
    # Reading the certificate authorities takes tens of milliseconds: once a process is enough.
    # Not create_default_context(), which opens SSLKEYLOGFILE whatever the settings say.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    if folder and not file:
        # OpenSSL looks for files that are named so, says nothing where there are none, and trusts
        # no server then.
        files = (each for one in folder.split(os.pathsep) for each in Path(one).glob("????????.*"))
        if not any(_HASHED.fullmatch(each.name) for each in files):
            raise _unusable(
                "SSL_CERT_DIR", "no folder with certificates that `openssl rehash` has named", None
            )
        context.load_verify_locations(capath=folder)
    else:
        try:
            context.load_verify_locations(cafile=file or certifi.where())
        except OSError as error:
            if is_out_of_files(error):
                raise
            if file:
                raise _unusable(
                    "SSL_CERT_FILE", "no readable file of certificates", error
                ) from None
            raise Unusable(
                "the certificate authorities of certifi cannot be read: install certifi again, or"
                " name a file of certificates in SSL_CERT_FILE"
            ) from None
    if key_log:
        try:
            context.keylog_filename = key_log
        except OSError as error:
            raise _unusable("SSLKEYLOGFILE", "no file that can be written", error) from None
    return context


def _unusable(name: str, what: str, error: OSError | None) -> Unusable:
    said = f" ({error.strerror})" if error is not None and error.strerror else ""
    return Unusable(
        f"the environment variable {name} names {what}{said}: correct it, or do not follow the"
        " environment (trust_env=False)"
    )
