"""Which certificate authorities count, and where the keys of a connection are written."""

from __future__ import annotations

import errno
import os
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest

from esignwire._call import Call
from esignwire._http import Http, HttpRequest, HttpSettings
from esignwire.errors import ConfigurationError, ConnectionFailed
from tests.support.hostile import HostileServer, answer, hostile

CALL = Call(vendor="SIGNiX", operation="SubmitDocument", is_safe=False)
Certificate = tuple[Path, Path]


@pytest.fixture
def server(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileServer]:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)
    with hostile(answer(b"ok"), certificate) as found:
        yield found


def call(server: HostileServer, settings: HttpSettings | None = None) -> bytes:
    request = HttpRequest(method="POST", url=f"https://localhost:{server.port}/", content=b"x")
    with Http(settings or HttpSettings()) as http:
        return http.send(request, CALL).content


def require_untrusted(server: HostileServer, settings: HttpSettings | None = None) -> None:
    with pytest.raises(ConnectionFailed, match="is not trusted"):
        call(server, settings)


UNTRUSTING = HttpSettings(trust_env=False)


def test_a_file(
    server: HostileServer, certificate: Certificate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    require_untrusted(server)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    # It comes before the folder, which is not looked at.
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "missing"))
    assert call(server) == b"ok"
    require_untrusted(server, UNTRUSTING)


def test_a_folder(
    server: HostileServer, certificate: Certificate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'missing'}:{tmp_path}")
    (tmp_path / "ca.pem").write_bytes(certificate[0].read_bytes())
    with pytest.raises(ConfigurationError, match="SSL_CERT_DIR names no folder with certificates"):
        call(server)
    hashed = subprocess.run(
        ["openssl", "x509", "-noout", "-hash", "-in", certificate[0]],
        capture_output=True,
        check=True,
        text=True,
    )
    (tmp_path / f"{hashed.stdout.strip()}.0").write_bytes(certificate[0].read_bytes())
    assert call(server) == b"ok"
    require_untrusted(server, UNTRUSTING)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_file_that_cannot_be_used(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with pytest.raises(ConfigurationError, match=r"SSL_CERT_FILE.*trust_env=False") as caught:
        call(server)
    assert caught.value.operation == "SubmitDocument"
    require_untrusted(server, UNTRUSTING)
    assert server.received == []


def test_certifi_without_its_file(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(certifi, "where", lambda: str(tmp_path / "missing"))
    # With other keys, so that no context of another test serves.
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    with pytest.raises(ConfigurationError, match="install certifi again"):
        call(server)


def test_too_many_open_files(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def load(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", load)
    with pytest.raises(ConnectionFailed, match="too many files are open") as caught:
        call(server, HttpSettings(attempts=1))
    assert caught.value.is_retry_safe


def test_keys_are_written_where_the_environment_may_say_so(
    server: HostileServer, certificate: Certificate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    require_untrusted(server, UNTRUSTING)
    assert not keys.exists()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    assert call(server) == b"ok"
    assert "CLIENT_" in keys.read_text()
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "missing" / "keys"))
    with pytest.raises(ConfigurationError, match="SSLKEYLOGFILE names no file"):
        call(server)


def test_a_context_that_was_weakened_is_refused(
    server: HostileServer, certificate: Certificate
) -> None:
    context = ssl.create_default_context(cafile=certificate[0])
    settings = HttpSettings(ssl_context=context)
    assert call(server, settings) == b"ok"
    context.check_hostname = False
    with pytest.raises(ConfigurationError, match="does not verify the server any more"):
        call(server, settings)
    context.verify_mode = ssl.CERT_NONE
    with pytest.raises(ConfigurationError, match="does not verify the server any more"):
        call(server, settings)
    assert len(server.received) == 1
