"""Runs the benchmarks: ``python -m benchmarks [PART ...] [--json] [--quick]``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version

from lxml import etree

from benchmarks import calls, codecs, documents, plots, start
from benchmarks.measure import Comparison, compare
from benchmarks.peers import by_hand, with_xsdata, with_zeep
from benchmarks.places import DETAILS, RESULTS, WORK

_ITEMS = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the table.

    Args:
        what: What is compared with what.
        goal: The goal; ``None`` where the figure is shown for comparison alone.
        is_least: Whether the goal is the least, not the most.
    """

    what: str
    goal: float | None
    is_least: bool = False

    def is_met(self, value: float) -> bool:
        if self.goal is None:
            return True
        return value >= self.goal if self.is_least else value <= self.goal


FIGURES = {
    "encode_1000_vs_lxml": Figure("encode 1,000 items / lxml by hand", 0.5),
    "encode_1000_vs_zeep": Figure("encode 1,000 items / zeep", 0.1),
    "decode_1000_vs_lxml": Figure("decode 1,000 items / lxml by hand", 1.15),
    "decode_1000_vs_zeep": Figure("decode 1,000 items / zeep", 0.17),
    "decode_1000_vs_libxml2": Figure("decode 1,000 items / libxml2's parse alone", 4.5),
    "call_vs_httpx": Figure("one CheckStatus / bare httpx", 1.3),
    "call_vs_http_client": Figure("one CheckStatus / http.client", 3.5),
    "call_vs_zeep": Figure("one CheckStatus / zeep with requests", 0.65),
    "call_vs_apiroute": Figure("one CheckStatus / apiroute", 0.85),
    "ajax_call_vs_httpx": Figure("one SubmitAjax / bare httpx", 1.25),
    "upload_100mb_rss_mib": Figure("memory of a 100 MiB upload, the worst of three (MiB)", 16),
    "upload_100mb_vs_httpx": Figure("SubmitWithFile, 100 MiB / httpx streaming base64", 1.3),
    "signix_upload_100mb_vs_form": Figure("SubmitDocument, 100 MiB / httpx.post(data=...)", 0.06),
    "download_100mb_rss_mib": Figure("memory of a 100 MiB download (MiB)", 16),
    "import_ms_over_python": Figure("import esignwire - bare Python (ms)", 10),
    "first_signix_call_vs_httpx": Figure("start to first SIGNiX answer / httpx script", 1.6),
    "first_assuresign_call_vs_zeep": Figure("start to first AssureSign answer / zeep script", 1.1),
    "async_200_vs_httpx": Figure("throughput with 200 in flight / httpx.AsyncClient", 0.8, True),
    "async_200_vs_aiohttp": Figure(
        "throughput with 200 in flight, through httpx-aiohttp / aiohttp", 0.4, True
    ),
    "async_200_aiohttp_vs_default": Figure(
        "the same through httpx-aiohttp / by default", 1.3, True
    ),
}


# Not among the results: no goal was set for them.
BESIDE = {
    "encode_1000_vs_xsdata": Figure("encode 1,000 items / xsdata", None),
    "decode_1000_vs_xsdata": Figure("decode 1,000 items / xsdata", None),
    "call_vs_socket": Figure("one CheckStatus / a bare socket", None),
}


class Run:
    """One run: collects figures and shows them as they come.

    Args:
        is_quick: Whether a rough answer is enough.
        show: Where progress is told.
    """

    def __init__(self, *, is_quick: bool, show: Callable[[str], None]) -> None:
        self.seconds = 1.5 if is_quick else 6.0
        self.is_quick = is_quick
        self.show = show
        self.results: dict[str, float] = {}
        self.details: dict[str, object] = {}

    def note(self, name: str, value: float, found: Comparison | None = None) -> None:
        """Keeps a figure."""
        if name in FIGURES:
            self.results[name] = round(value, 3)
        if found is not None:
            self.details[name] = {
                "ours_seconds": found.ours,
                "other_seconds": found.other,
                "middle_half_of_ratios": found.spread,
                "pairs": found.pairs,
            }
        self.show(row(name, value))

    def encode(self) -> None:
        """Messages to bytes."""
        message = codecs.request(_ITEMS)
        zeep_codec, zeep_message = with_zeep.Codec(), with_zeep.request(_ITEMS)
        xsdata_codec = with_xsdata.Codec()
        for name, other in (
            ("encode_1000_vs_lxml", lambda: by_hand.encode(message)),
            ("encode_1000_vs_zeep", lambda: zeep_codec.encode(zeep_message)),
            ("encode_1000_vs_xsdata", lambda: xsdata_codec.encode(message)),
        ):
            found = compare(lambda: codecs.encode(message), other, seconds=self.seconds)
            self.note(name, found.ratio, found)

    def decode(self) -> None:
        """Bytes to messages."""
        answer = codecs.answer(_ITEMS)
        zeep_codec, xsdata_codec = with_zeep.Codec(), with_xsdata.Codec()
        if not codecs.decode(answer) == by_hand.decode(answer) == xsdata_codec.decode(answer):
            raise SystemExit("the decoders do not agree: nothing they take is comparable")
        for name, other in (
            ("decode_1000_vs_lxml", lambda: by_hand.decode(answer)),
            ("decode_1000_vs_zeep", lambda: zeep_codec.decode(answer)),
            ("decode_1000_vs_xsdata", lambda: xsdata_codec.decode(answer)),
            ("decode_1000_vs_libxml2", lambda: etree.fromstring(answer)),
        ):
            found = compare(lambda: codecs.decode(answer), other, seconds=self.seconds)
            self.note(name, found.ratio, found)

    def call(self) -> None:
        """One call on a warm connection."""
        for name, found in calls.compare_calls(self.seconds * 1.5):
            self.note(name, found.ratio, found)

    def upload(self) -> None:
        """Large documents, in time."""
        for name, found in documents.compare_uploads(pairs=3 if self.is_quick else 7):
            self.note(name, found.ratio, found)

    def memory(self) -> None:
        """Large documents, in memory."""
        found = dict(start.memory(runs=1 if self.is_quick else 3))
        self.details["memory_mib"] = found
        self.note("upload_100mb_rss_mib", max(found["signix"], found["text"], found["mtom"]))
        self.note("download_100mb_rss_mib", found["download"])

    def start(self) -> None:
        """From the start of a process."""
        for name, found, value in start.compare_starts(5 if self.is_quick else 15):
            self.note(name, value, found)

    def concurrent(self) -> None:
        """Many calls in flight."""
        found = calls.compare_async(pairs=3 if self.is_quick else 5, calls=600)
        self.note("async_200_vs_httpx", 1 / found.ratio, found)
        found = calls.compare_transports(pairs=3 if self.is_quick else 21, calls=600)
        self.note("async_200_aiohttp_vs_default", 1 / found.ratio, found)
        found = calls.compare_aiohttp(pairs=3 if self.is_quick else 5, calls=600)
        self.note("async_200_vs_aiohttp", 1 / found.ratio, found)

    def growth(self) -> None:
        """How cost grows with items, size and calls in flight, drawn for docs/performance.md."""
        self.details["growth"] = plots.draw(self.show, is_quick=self.is_quick)


PARTS = ("encode", "decode", "call", "upload", "memory", "start", "concurrent", "growth")


def row(name: str, value: float) -> str:
    """One line of the table."""
    figure = FIGURES.get(name) or BESIDE[name]
    if figure.goal is None:
        return f"{name:30} {value:8.2f}  {'':15} {figure.what}"
    sign = "≥" if figure.is_least else "≤"
    verdict = "met" if figure.is_met(value) else "MISSED"
    return f"{name:30} {value:8.2f}  {sign} {figure.goal:<5g} {verdict:7} {figure.what}"


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    packages = ("esignwire", "httpx", "lxml", "zeep", "xsdata", "apiroute", "pydantic", "requests")
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load_at_start": round(os.getloadavg()[0], 2),
        "packages": {name: version(name) for name in packages},
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measures ours and the peers.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--quick", action="store_true", help="fewer pairs; nothing is written")
    found = parser.parse_args()
    unknown = sorted(set(found.parts) - set(PARTS))
    if unknown:
        parser.error(f"{', '.join(unknown)}: there is {', '.join(PARTS)}")
    return found


def _chosen(names: list[str]) -> Iterator[str]:
    return (part for part in PARTS if part in names or not names)


def main() -> None:
    arguments = _arguments()
    WORK.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    facts = machine()

    def show(line: str) -> None:
        print(line, file=sys.stderr if arguments.json else sys.stdout, flush=True)

    run = Run(is_quick=arguments.quick, show=show)
    for part in _chosen(arguments.parts):
        show(f"-- {part} ({time.monotonic() - begin:.0f} s)")
        getattr(run, part)()
    if not arguments.quick:
        # A part that was not run keeps what it had.
        old = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        results = {
            name: {**old, **run.results}[name] for name in FIGURES if name in {**old, **run.results}
        }
        RESULTS.write_text(json.dumps(results, indent=2) + "\n")
        details = json.loads(DETAILS.read_text()) if DETAILS.exists() else {}
        details.update(run.details)
        details["machine"] = facts
        DETAILS.write_text(json.dumps(details, indent=2, sort_keys=True) + "\n")
    missed = [name for name, value in run.results.items() if not FIGURES[name].is_met(value)]
    show(f"{len(run.results) - len(missed)} of {len(run.results)} goals met in this run")
    if arguments.json:
        print(json.dumps(run.results, indent=2))


if __name__ == "__main__":
    main()
