"""What is told of ours alone: open streams, a caller who does not read, parts that have a budget, what failed?"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.comparison.crowd import STREAMS, Crowd, Held
from benchmarks.comparison.figures import Budget
from benchmarks.comparison.run import Run
from benchmarks.comparison.tables import table
from benchmarks.comparison.wrk import Rate


def crowd_section(crowd: Crowd, held: Held) -> str:
    """A table, and a sentence for each of the two."""
    callers = (("alone", crowd.alone), (f"while {STREAMS:,} streams are open", crowd.meanwhile))
    rows = [(name, *_told(rate)) for name, rate in callers]
    streams = (
        f"{STREAMS:,} streams at a time, ten tokens a second in each: {crowd.failure or f'{crowd.heard} whole'}; "
        f"{crowd.kb_per_stream:.0f} kB resident for each, by what the processes grew."
    )
    reader = (
        f"One stream of {held.whole_mb:.0f} MB, as fast as the vendor can, to a caller who reads nothing at first: the "
        f"vendor could send {held.sent_mb:.1f} MB of it (what the system's own buffers take), the service grew by "
        f"{held.grown_mb:.1f} MB; read at last, {held.failure or 'every token came'}."
    )
    return "\n\n".join([table(["one plain caller", "requests/s", "p50 ms", "p99 ms"], rows), streams, reader])


def _told(rate: Rate) -> tuple[str, str, str]:
    """Who got no answer has no latency."""
    if not rate.requests:
        return "0", "-", "-"
    return f"{rate.requests_per_second:,.0f}", f"{rate.p50_ms:.2f}", f"{rate.p99_ms:.2f}"


def budget_table(budgets: Sequence[Budget]) -> str:
    """Each part with what it may cost."""
    rows = [(one.part, f"{one.p50_us:.1f}", f"{one.p99_us:.1f}", f"{one.most_us:.0f}") for one in budgets]
    return table(["part", "p50 µs", "p99 µs", "at most, p50"], rows)


def failures(run: Run) -> list[str]:
    """Everything that did not go as it should, a missed budget too."""
    missed = [
        f"{one.part}: {one.p50_us:.1f} µs, at most {one.most_us:.0f}" for one in run.budgets if one.p50_us > one.most_us
    ]
    starved = None if run.crowd.meanwhile.requests else f"no plain answer while {STREAMS:,} streams were open"
    crowd = [failure for failure in (run.crowd.failure, starved, run.held.failure) if failure]
    turns = [one.failure for one in run.turns if one.failure]
    return turns + [failure for one in run.measured for failure in one.failures] + crowd + missed
