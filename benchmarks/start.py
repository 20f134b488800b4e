"""Start-up, first calls and memory: each in a process of its own, in turn with its peer."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks import documents
from benchmarks.calls import server
from benchmarks.measure import Comparison, summary
from benchmarks.places import BENCHMARKS, ROOT, SCHEMAS

_WSDL = str(SCHEMAS / "CheckStatus.wsdl")


def _run(name: str, *arguments: str) -> str:
    # No coverage, no profiler, no variable of the user's that a library would read.
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(BENCHMARKS / "children.py"), name, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return done.stdout


def _seconds(name: str, *arguments: str) -> float:
    begin = time.perf_counter()
    _run(name, *arguments)
    return time.perf_counter() - begin


def _pairs(ours: str, other: str, pairs: int, *arguments: str) -> Comparison:
    for name in (ours, other):  # compiles what is not compiled yet
        _seconds(name, *arguments)
    our_times: list[float] = []
    other_times: list[float] = []
    for pair in range(pairs):
        runs = [(ours, our_times), (other, other_times)]
        for name, times in reversed(runs) if pair % 2 else runs:
            times.append(_seconds(name, *arguments))
    return summary(our_times, other_times)


def compare_starts(pairs: int) -> Iterator[tuple[str, Comparison, float]]:
    """From the start of a process to its end: ratios, and for the import a difference in ms."""
    found = _pairs("import_esignwire", "bare_python", pairs * 2, "-")
    yield "import_ms_over_python", found, (found.ours - found.other) * 1000
    with server() as url:
        found = _pairs("first_signix", "first_signix_httpx", pairs, url)
        yield "first_signix_call_vs_httpx", found, found.ratio
        found = _pairs("first_assuresign", "first_assuresign_zeep", pairs, url, _WSDL)
        yield "first_assuresign_call_vs_zeep", found, found.ratio


def memory(mebibytes: int = 100, *, runs: int = 3) -> Iterator[tuple[str, float]]:
    """By how many MiB the highest memory rises while a document goes up or comes down."""
    path = documents.paper(mebibytes)
    kinds = {
        "signix": ("memory_signix_upload", "/upload"),
        "text": ("memory_text_upload", ""),
        "mtom": ("memory_mtom_upload", ""),
        "download": ("memory_download", ""),
    }
    with documents.server(mebibytes) as url:
        for kind, (name, place) in kinds.items():
            found = [float(_run(name, url + place, str(path))) for _ in range(runs)]
            yield kind, statistics.median(found)
