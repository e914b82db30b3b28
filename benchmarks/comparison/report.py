"""What does a reader see? Tables in Markdown and two plots, from what a run measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.comparison import plots
from benchmarks.comparison.figures import Footprint, Measured
from benchmarks.comparison.own_tables import budget_table, crowd_section, failures
from benchmarks.comparison.replies import CHAT_PATH
from benchmarks.comparison.run import Run
from benchmarks.comparison.tables import footprint_table, load_table, stream_table, thinking_table, turns_table

_LATENCY, _PER_CORE = "latency.svg", "requests_per_core.svg"


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
        "## In turns",
        _in_turns(run),
        "## One caller, and 32 at once",
        load_table(run.measured),
        f"![latency against load]({_LATENCY})\n\n![requests a second for each core]({_PER_CORE})",
        "## A vendor that thinks for 60 ms",
        thinking_table(run.measured),
        "## Streams",
        stream_table(run.measured),
        "## Start and memory",
        footprint_table(run.footprints),
        "## A thousand open streams on one worker, and a caller who does not read",
        crowd_section(run.crowd, run.held),
        "## Parts that have a budget",
        budget_table(run.budgets),
        "## What was not measured",
        _list(run.absent),
        "## What failed",
        "\n".join(f"- {failure}" for failure in failures(run)) or "Nothing.",
        "## Settings",
        _list({f"{one.contender} {one.version}".strip(): _settings(one) for one in run.footprints}),
    ]
    return "\n\n".join(parts) + "\n"


def _settings(one: Footprint) -> str:
    return f"{one.settings}; `{one.command}`" if one.command else one.settings


def _head(run: Run) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in run.versions.items())
    return (
        f"Measured from {run.measured_at} by `{run.command}`: {run.machine}; {versions}. All on this one machine's "
        f"loopback: the vendor, the load and one contender at a time. Each step {run.effort.seconds:g} s after a "
        f"second of warm-up, the median of {run.effort.rounds} rounds; five times as long for who answers fewer than "
        "five requests a connection in that second. Everybody gets the same body over as many connections that are "
        "kept, and must answer each with a 2xx as long as the one in which the vendor's text was looked for. The "
        "vendor's plain answer is 800 bytes. `added` is against direct calls of as many callers in the same minute, or "
        "as many direct streams. Processor time and memory are of the contender's whole process tree: RSS counts what "
        "two processes share twice, PSS divides it between all that map it. `spread` is how far apart the best and the "
        "worst round were; so is `again, at the end` against the beginning. In brackets stands how many times ours it "
        "is: one worker, the same surface. These ratios are the point: absolute figures belong to the machine. The "
        "load and the vendor need the same cores as the contender, so that two workers have less than two cores."
    )


def _in_turns(run: Run) -> str:
    told = (
        "All of them run at once, and are loaded by 32 connections one after the other, round after round. Each ratio "
        "is of two figures of the same round: the median, in brackets the least and the most. A machine that others "
        "use too may be twice as fast in one minute as in the next; these are the ratios to go by."
    )
    return f"{told}\n\n{turns_table(run.turns)}"


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
