"""What does a reader see? Tables in Markdown and two plots, from what a run measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.comparison import plots
from benchmarks.comparison.figures import Footprint, Loaded, Measured, added, ratio
from benchmarks.comparison.replies import CHAT_PATH
from benchmarks.comparison.run import OURS, Run

_LATENCY, _PER_CORE = "latency.svg", "requests_per_core.svg"
_NONE = "-"
_LEAST_RATIO = 0.001


def write(run: Run, folder: Path) -> None:
    """RESULTS.md and its plots, into `folder`."""
    (folder / _LATENCY).write_text(_latency(run.measured), encoding="utf-8")
    (folder / _PER_CORE).write_text(_per_core(run.measured), encoding="utf-8")
    (folder / "RESULTS.md").write_text(document(run), encoding="utf-8")


def document(run: Run) -> str:
    """The whole page."""
    parts = [
        "# What a call through the service costs, and through others",
        _head(run),
        "## One caller, and 32 at once",
        _load_table(run.measured),
        f"![latency against load]({_LATENCY})\n\n![requests a second for each core]({_PER_CORE})",
        "## A vendor that thinks for 60 ms",
        _thinking_table(run.measured),
        "## Streams",
        _stream_table(run.measured),
        "## Start and memory",
        _footprint_table(run.footprints),
        "## A kept answer",
        run.kept,
        "## What was not measured",
        _list(run.absent),
        "## What failed",
        "\n".join(f"- {failure}" for one in run.measured for failure in one.failures) or "Nothing.",
        "## Settings",
        _list({f"{one.contender} {one.version}".strip(): _settings(one) for one in run.footprints}),
    ]
    return "\n\n".join(parts) + "\n"


def _settings(one: Footprint) -> str:
    return f"{one.settings}; `{one.command}`" if one.command else one.settings


def _head(run: Run) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in run.versions.items())
    return (
        f"Measured {run.measured_at} by `{run.command}`: {run.machine}; {versions}. All on this one machine's "
        f"loopback: the vendor, the load and one contender at a time. Each step {run.effort.seconds:g} s after a "
        f"second of warm-up, the median of {run.effort.rounds}. The vendor's plain answer is 800 bytes. `added` is "
        "against direct calls of as many callers in the same minute, or as many direct streams. In brackets stands how "
        "many times ours it is: one worker, the same surface. These ratios are the point: absolute figures belong to "
        "the machine."
    )


def _load_table(measured: Sequence[Measured]) -> str:
    rows = []
    for one in measured:
        alone, busy, ours = one.under(1), one.under(32), _ours(measured, one.surface)
        if alone is None or busy is None:
            continue
        rows.append(
            [
                f"{one.contender} {one.surface}",
                f"{alone.p50_ms:.3f}",
                _beside(alone.added_p50_ms, ours, 1, lambda row: row.added_p50_ms, ".3f"),
                _beside(busy.requests_per_second, ours, 32, lambda row: row.requests_per_second, ",.0f"),
                _beside(busy.p50_ms, ours, 32, lambda row: row.p50_ms, ".2f"),
                _beside(busy.p99_ms, ours, 32, lambda row: row.p99_ms, ".2f"),
                _beside(busy.added_p50_ms, ours, 32, lambda row: row.added_p50_ms, ".2f"),
                _beside(busy.cpu_us, ours, 32, lambda row: row.cpu_us, ",.0f"),
                _shown(busy.requests_per_second_per_core, ",.0f"),
            ]
        )
    head = ("who", "alone p50 ms", "added", "requests/s by 32", "p50 ms", "p99 ms", "added")
    return _table([*head, "CPU µs a request", "requests/s a core"], rows)


def _thinking_table(measured: Sequence[Measured]) -> str:
    rows = []
    for one in measured:
        cells, ours = [f"{one.contender} {one.surface}"], _ours(measured, one.surface)
        for connections in (32, 256):
            row, mine = (each and each.under(connections, is_thinking=True) for each in (one, ours))
            for name, form in (("requests_per_second", ",.0f"), ("added_p50_ms", ".2f"), ("p99_ms", ".1f")):
                cells.append(_with_ratio(getattr(row, name, None), getattr(mine, name, None), form))
        rows.append(cells)
    names = ("requests/s", "added p50 ms", "p99 ms")
    return _table(["who", *(f"{name} by {by}" for by in (32, 256) for name in names)], _with_figures(rows))


def _stream_table(measured: Sequence[Measured]) -> str:
    rows = []
    for one in measured:
        cells, ours = [f"{one.contender} {one.surface}"], _ours(measured, one.surface)
        for streams, is_thinking in ((1, False), (256, False), (256, True), (1000, False)):
            for name in ("first_p50_ms", "first_p99_ms"):
                late, of_ours = (_late(each, measured[0], streams, name, is_thinking) for each in (one, ours))
                cells.append(_with_ratio(late, of_ours, ".2f"))
        thousand = one.of_streams(1000)
        cells.append(_NONE if thousand is None else thousand.failure or f"yes, {thousand.heard}")
        rows.append(cells)
    kinds = ("1", "256", "256 thinking", "1,000")
    head = [f"first token of {kind}, added {share} ms" for kind in kinds for share in ("p50", "p99")]
    return _table(["who", *head, "1,000 whole"], _with_figures(rows))


def _late(one: Measured | None, direct: Measured, streams: int, name: str, is_thinking: bool) -> float | None:
    """How much later than directly a first token comes."""
    rows = (each and each.of_streams(streams, is_thinking=is_thinking) for each in (one, direct))
    late, at_once = (getattr(row, name, None) for row in rows)
    return None if one is direct else added(late, at_once)


def _with_figures(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    return [row for row in rows if any(cell != _NONE for cell in row[1:])]


def _footprint_table(footprints: Sequence[Footprint]) -> str:
    ours = next(one for one in footprints if one.contender == OURS)
    rows = []
    for one in footprints:
        if one.idle_mb is None:
            continue
        cells = [one.contender, str(one.workers)]
        for name, form in (("first_answer_seconds", ".2f"), ("idle_mb", ".0f"), ("loaded_mb", ".0f")):
            cells.append(_with_ratio(getattr(one, name), getattr(ours, name), form))
        rows.append(cells)
    return _table(["who", "workers", "s to the first answer", "idle MB", "MB after the load"], rows)


def _ours(measured: Sequence[Measured], surface: str) -> Measured | None:
    """Ours with one worker: the same surface where we have it, as the direct call has not."""
    mine = [one for one in measured if one.contender == OURS]
    return next((one for one in mine if one.surface == surface), None)


def _beside(
    figure: float | None, ours: Measured | None, connections: int, get: Callable[[Loaded], float | None], form: str
) -> str:
    row = ours.under(connections) if ours else None
    return _with_ratio(figure, get(row) if row else None, form)


def _with_ratio(figure: float | None, of_ours: float | None, form: str) -> str:
    times = ratio(figure, of_ours)
    return _shown(figure, form) + ("" if times is None else f" ({_times(times)})")


def _times(times: float) -> str:
    if times < _LEAST_RATIO:
        return f"<{_LEAST_RATIO}"
    return f"{times:,.0f}" if times >= 10 else f"{times:.2g}"


def _shown(figure: float | None, form: str) -> str:
    return _NONE if figure is None else format(figure, form)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = "|---|" + "---:|" * (len(head) - 1)
    return "\n".join([f"| {' | '.join(head)} |", rule, *(f"| {' | '.join(row)} |" for row in rows)])


def _list(items: Mapping[str, str]) -> str:
    return "\n".join(f"- {name}: {text}" for name, text in items.items()) or "- nothing"


def _latency(measured: Sequence[Measured]) -> str:
    series = {
        one.contender: [(row.connections, row.p50_ms) for row in one.loaded if not row.is_thinking and row.p50_ms > 0]
        for one in measured
        if one.surface == CHAT_PATH
    }
    return plots.lines(f"Latency against load, {CHAT_PATH} (both axes logarithmic)", "connections", "p50, ms", series)


def _per_core(measured: Sequence[Measured]) -> str:
    figures = {}
    for one in measured:
        row = one.under(32)
        if row and row.requests_per_second_per_core:
            figures[f"{one.contender} {one.surface}"] = row.requests_per_second_per_core
    return plots.bars("Requests a second for each core used, by 32 connections (logarithmic)", figures)
