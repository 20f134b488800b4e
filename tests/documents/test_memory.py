"""Memory does not grow with a document: 300 MB go up and come down where 256 MB are allowed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
LIMIT = 256 * 1024 * 1024
BLOCK = os.urandom(1_000_003)
BLOCKS = 300
LONGEST = 120.0

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="other systems do not hold processes to limits"
)


@dataclass
class Peer:
    port: int
    file: Path
    sha256: str
    process: subprocess.Popen[str]

    def heard(self) -> list[str]:
        """What the server says about the document that came."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    file = tmp_path_factory.mktemp("large") / "large.pdf"
    digest = hashlib.sha256()
    with file.open("wb") as writer:
        for _ in range(BLOCKS):
            writer.write(BLOCK)
            digest.update(BLOCK)
    script = ROOT / "tests" / "support" / "large_document_server.py"
    with subprocess.Popen(
        [sys.executable, str(script), str(file)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            yield Peer(port, file, digest.hexdigest(), process)
        finally:
            process.kill()
            file.unlink()


def run(peer: Peer, call: str, kind: str) -> subprocess.CompletedProcess[str]:
    script = ROOT / "tests" / "support" / "large_document_client.py"
    return subprocess.run(
        [sys.executable, str(script), call, kind, str(peer.port), str(peer.file), str(LIMIT)],
        capture_output=True,
        text=True,
        timeout=LONGEST,
        env={**os.environ, "TMPDIR": str(peer.file.parent)},
        check=False,
    )


def result(ran: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    # Of which an empty process takes a third.
    assert found["peak"] < LIMIT // 2
    return found


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("submit-text", "sync"),
        ("submit-text", "async"),
        ("submit-mtom", "sync"),
        ("submit-mtom", "async"),
        ("submit-signix", "async"),
    ],
)
def test_up(peer: Peer, call: str, kind: str) -> None:
    ran = run(peer, call, kind)
    result(ran)
    assert peer.heard() == [str(len(BLOCK) * BLOCKS), peer.sha256]


@pytest.mark.parametrize(
    ("call", "kind"),
    [("download-text", "async"), ("download-mtom", "sync"), ("download-signix", "sync")],
)
def test_down(peer: Peer, call: str, kind: str) -> None:
    found = result(run(peer, call, kind))
    assert found["size"] == len(BLOCK) * BLOCKS
    assert found["sha256"] == peer.sha256
    saved = peer.file.with_suffix(".saved")
    if call == "download-mtom":
        assert saved.stat().st_size == found["size"]
        saved.unlink()
    # Nothing else stays behind.
    assert list(peer.file.parent.iterdir()) == [peer.file]


def test_the_limit_is_one(peer: Peer) -> None:
    """The same document, held in memory as bytes, is too much."""
    ran = run(peer, "submit-in-memory-text", "sync")
    assert ran.returncode != 0
    assert "MemoryError" in ran.stderr
