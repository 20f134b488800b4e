"""Schemas: each is compiled once, by the first thread that asks."""

from __future__ import annotations

import subprocess
import sys

# Without care for it, some of these processes can compile no schema at all, or crash.
PROCESSES = 12
AT_ONCE = """
import threading

from esignwire._xml import schema

ready = threading.Barrier(8)
found = []


def ask(name):
    ready.wait(20)
    found.append(schema(name))


names = ["assuresign/CheckStatus.xsd", "assuresign/Submit.xsd"] * 4
threads = [threading.Thread(target=ask, args=[name]) for name in names]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(found), len(set(map(id, found))))
"""


def test_threads_may_all_come_first() -> None:
    for _ in range(PROCESSES):
        ran = subprocess.run(
            [sys.executable, "-c", AT_ONCE], capture_output=True, text=True, timeout=60, check=False
        )
        assert (ran.returncode, ran.stdout.split()) == (0, ["8", "2"]), ran.stderr
