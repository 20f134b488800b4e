"""Draws how cost grows: with items, with the size of a document, with calls in flight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lxml import etree

from benchmarks import calls, codecs, documents
from benchmarks.measure import Comparison, compare
from benchmarks.peers import by_hand
from benchmarks.places import PLOTS

Series = Mapping[str, Sequence[float]]


def _draw(name: str, title: str, x_name: str, y_name: str, x: Sequence[int], lines: Series) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update(
        {"svg.hashsalt": "esignwire", "font.size": 9, "svg.fonttype": "none"}
    )
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5.5, 3.4), layout="constrained")
    for label, values in lines.items():
        axes.plot(x, values, marker="o", markersize=3, label=label)
    axes.set(title=title, xlabel=x_name, ylabel=y_name, xscale="log", yscale="log")
    axes.grid(visible=True, which="major", linewidth=0.3)
    axes.legend()
    PLOTS.mkdir(parents=True, exist_ok=True)
    figure.savefig(PLOTS / f"{name}.svg", metadata={"Date": None})
    pyplot.close(figure)


def _one_count(count: int, seconds: float) -> tuple[Comparison, Comparison, Comparison]:
    """Reading, libxml2 alone, and writing."""
    answer, message = codecs.answer(count), codecs.request(count)

    def alone() -> object:
        return etree.fromstring(answer)

    return (
        compare(lambda: codecs.decode(answer), lambda: by_hand.decode(answer), seconds=seconds),
        compare(alone, alone, seconds=seconds / 3),
        compare(lambda: codecs.encode(message), lambda: by_hand.encode(message), seconds=seconds),
    )


def _items(seconds: float) -> dict[str, object]:
    counts = [1, 10, 100, 1000, 10_000]
    lines: dict[str, list[float]] = {"esignwire": [], "lxml by hand": [], "libxml2 alone": []}
    written: dict[str, list[float]] = {"esignwire": [], "lxml by hand": []}
    for count in counts:
        read, alone, sent = _one_count(count, seconds)
        lines["esignwire"].append(read.ours * 1000)
        lines["lxml by hand"].append(read.other * 1000)
        lines["libxml2 alone"].append(alone.ours * 1000)
        written["esignwire"].append(sent.ours * 1000)
        written["lxml by hand"].append(sent.other * 1000)
    _draw("decode", "Reading a CheckStatus answer", "items", "ms", counts, lines)
    _draw("encode", "Writing a CheckStatus request", "items", "ms", counts, written)
    return {"items": counts, "decode_ms": lines, "encode_ms": written}


def _sizes(pairs: int) -> dict[str, object]:
    sizes = [1, 10, 30, 100]
    lines: dict[str, list[float]] = {
        "SubmitWithFile": [],
        "SubmitDocument": [],
        "DownloadDocument": [],
        "bare httpx, up": [],
    }
    for size in sizes:
        found = dict(documents.compare_uploads(size, pairs=pairs))
        text = found["upload_100mb_vs_httpx"]
        lines["SubmitWithFile"].append(text.ours * 1000)
        lines["bare httpx, up"].append(text.other * 1000)
        lines["SubmitDocument"].append(found["signix_upload_100mb_vs_form"].ours * 1000)
        lines["DownloadDocument"].append(documents.time_download(size, pairs=pairs) * 1000)
    _draw("documents", "Documents up and down", "MiB", "ms", sizes, lines)
    return {"mebibytes": sizes, "documents_ms": lines}


def _in_flight(pairs: int) -> dict[str, object]:
    counts = [1, 10, 50, 100, 200]
    lines: dict[str, list[float]] = {"esignwire": [], "bare httpx": []}
    for count in counts:
        found = calls.compare_async(count, calls=400, pairs=pairs)
        lines["esignwire"].append(1 / found.ours)
        lines["bare httpx"].append(1 / found.other)
    _draw("in-flight", "Calls in flight", "calls in flight", "calls a second", counts, lines)
    return {"in_flight": counts, "calls_a_second": lines}


def draw(show: Callable[[str], None], *, is_quick: bool) -> dict[str, object]:
    """Measures and draws.

    Args:
        show: Where progress is told.
        is_quick: Whether a rough answer is enough.

    Returns:
        What was drawn.
    """
    found: dict[str, object] = {}
    for what, one in (
        ("items", lambda: _items(0.4 if is_quick else 1.2)),
        ("sizes", lambda: _sizes(1 if is_quick else 3)),
        ("calls in flight", lambda: _in_flight(1 if is_quick else 3)),
    ):
        show(f"   growth with {what}")
        found.update(one())
    return found
