"""Which tables tell of everybody, each figure beside its ratio to ours?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.comparison.figures import Footprint, Loaded, Measured, Times, added, middle, ratio, times
from benchmarks.comparison.run import OURS
from benchmarks.comparison.turns import InTurns

_NONE = "-"
_LEAST_RATIO = 0.001


def turns_table(turns: Sequence[InTurns]) -> str:
    """Who was loaded in turns, and how many times as fast ours with one worker was on the same path."""
    mine = [one for one in turns if one.contender == OURS]
    rows = []
    for one in turns:
        ours = next((other for other in mine if other.surface == one.surface), None)
        if not one.rounds or ours is None:
            continue
        busy = middle(one.rounds)
        faster = times(ours.rounds, one.rounds, lambda row: row.requests_per_second)
        lighter = times(ours.rounds, one.rounds, lambda row: row.cpu_us)
        rows.append(
            [
                f"{one.contender} {one.surface}",
                _shown(busy.requests_per_second, ",.0f"),
                _shown(busy.spread, ".0%"),
                _shown(busy.cpu_us, ",.0f"),
                _range(faster),
                _range(lighter),
            ]
        )
    head = ("who", "requests/s", "spread", "CPU µs a request", "ours is so many times as fast", "and takes of its CPU")
    return table(head, rows)


def _range(found: Times | None) -> str:
    return _NONE if found is None else f"{_times(found.typical)} ({_times(found.least)} to {_times(found.most)})"


def load_table(measured: Sequence[Measured]) -> str:
    """One caller, and 32 at once."""
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
                _shown(busy.spread, ".0%"),
                _beside(busy.p50_ms, ours, 32, lambda row: row.p50_ms, ".2f"),
                _beside(busy.p99_ms, ours, 32, lambda row: row.p99_ms, ".2f"),
                _beside(busy.added_p50_ms, ours, 32, lambda row: row.added_p50_ms, ".2f"),
                _beside(busy.cpu_us, ours, 32, lambda row: row.cpu_us, ",.0f"),
                _shown(busy.requests_per_second_per_core, ",.0f"),
            ]
        )
    head = ("who", "alone p50 ms", "added", "requests/s by 32", "spread", "p50 ms", "p99 ms", "added")
    return table([*head, "CPU µs a request", "requests/s a core"], rows)


def thinking_table(measured: Sequence[Measured]) -> str:
    """Where waiting is most of the work."""
    rows = []
    for one in measured:
        cells, ours = [f"{one.contender} {one.surface}"], _ours(measured, one.surface)
        for connections in (32, 256):
            row, mine = (each and each.under(connections, is_thinking=True) for each in (one, ours))
            for name, form in (("requests_per_second", ",.0f"), ("added_p50_ms", ".2f"), ("p99_ms", ".1f")):
                cells.append(_with_ratio(getattr(row, name, None), getattr(mine, name, None), form))
        rows.append(cells)
    names = ("requests/s", "added p50 ms", "p99 ms")
    return table(["who", *(f"{name} by {by}" for by in (32, 256) for name in names)], _with_figures(rows))


def stream_table(measured: Sequence[Measured]) -> str:
    """When first tokens come, against the first of `measured`, which is the vendor itself."""
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
    return table(["who", *head, "1,000 whole"], _with_figures(rows))


def _late(one: Measured | None, direct: Measured, streams: int, name: str, is_thinking: bool) -> float | None:
    """How much later than directly a first token comes."""
    rows = (each and each.of_streams(streams, is_thinking=is_thinking) for each in (one, direct))
    late, at_once = (getattr(row, name, None) for row in rows)
    return None if one is direct else added(late, at_once)


def _with_figures(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    return [row for row in rows if any(cell != _NONE for cell in row[1:])]


def footprint_table(footprints: Sequence[Footprint]) -> str:
    """What each needs, but for those that have no process of their own."""
    ours = next(one for one in footprints if one.contender == OURS)
    rows = []
    for one in footprints:
        if one.idle is None:
            continue
        first = _with_ratio(one.first_answer_seconds, ours.first_answer_seconds, ".2f")
        cells = [one.contender, str(one.workers), first]
        for held, of_ours in ((one.idle, ours.idle), (one.loaded, ours.loaded)):
            cells += [
                _with_ratio(getattr(held, kind, None), getattr(of_ours, kind, None), ".0f")
                for kind in ("rss_mb", "pss_mb")
            ]
        rows.append(cells)
    kinds = [f"{when}, {kind} MB" for when in ("idle", "after the load") for kind in ("RSS", "PSS")]
    return table(["who", "workers", "s to the first answer", *kinds], rows)


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


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """In Markdown, figures to the right."""
    rule = "|---|" + "---:|" * (len(head) - 1)
    return "\n".join([f"| {' | '.join(head)} |", rule, *(f"| {' | '.join(row)} |" for row in rows)])
