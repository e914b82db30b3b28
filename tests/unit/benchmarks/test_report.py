"""Does the page tell what was measured, as ratios to ours, and what was not?"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.comparison.crowd import Crowd, Held
from benchmarks.comparison.figures import Budget, Footprint, Loaded, Measured, Streamed
from benchmarks.comparison.launching import Memory
from benchmarks.comparison.measuring import Effort
from benchmarks.comparison.report import document
from benchmarks.comparison.run import OURS, Run
from benchmarks.comparison.turns import InTurns
from benchmarks.comparison.wrk import Rate

CHAT = "/v1/chat/completions"


def measured(name: str, *, rate: float, late_ms: float, added_ms: float | None, cpu_us: float | None) -> Measured:
    rows = [
        Loaded(connections, is_thinking, rate, 1.0, 2.0, added_ms, cpu_us, spread=0.1)
        for connections, is_thinking in ((1, False), (32, False), (32, True))
    ]
    return Measured(name, CHAT, 1, rows, [Streamed(1000, False, 1234, late_ms, late_ms)])


def loaded(rate: float, cpu_us: float) -> Loaded:
    return Loaded(32, False, rate, 1.0, 2.0, 0.5, cpu_us)


def footprint(name: str, idle_mb: float | None) -> Footprint:
    idle = None if idle_mb is None else Memory(idle_mb, idle_mb - 50)
    return Footprint(name, "1.0", "as it comes", "serve --fast", 1, 2.0, idle, idle and replace(idle, pss_mb=None))


def run_of() -> Run:
    return Run(
        "2026-11-22",
        "python -m benchmarks",
        "2 cores",
        {"wrk": "4.1"},
        Effort(2, 3, 3),
        [
            InTurns(OURS, CHAT, 1, [loaded(1000, 500.0), loaded(400, 1200.0)]),
            InTurns("Other", CHAT, 1, [loaded(250, 2000.0), loaded(200, 2400.0)]),
            InTurns("Broken", CHAT, 1, failure="Broken in turns: no answer"),
        ],
        [
            measured("direct", rate=50_000, late_ms=1.0, added_ms=None, cpu_us=None),
            measured(OURS, rate=1000, late_ms=3.0, added_ms=0.5, cpu_us=500.0),
            measured("Other", rate=250, late_ms=9.0, added_ms=1.0, cpu_us=2000.0),
        ],
        [footprint("direct", None), footprint(OURS, 100.0), footprint("Other", 300.0)],
        {"Absent": "not to be had"},
        Crowd(1900, Rate(400, 360_000, 100.0, 1.0, 2.0), Rate(40, 36_000, 10.0, 9.0, 20.0), 40.0, None),
        Held(20.0, 8.0, 0.5, None),
        [Budget("guard", 12.0, 30.0, 20.0), Budget("kept", 120.0, 150.0, 100.0)],
    )


def page() -> str:
    return document(run_of())


def row(of: str, table: str) -> str:
    section = page().partition(f"## {table}")[2].partition("##")[0]
    return next(line for line in section.splitlines() if line.startswith(f"| {of}"))


def test_report_puts_ratios_to_ours_beside_figures() -> None:
    """A quarter of our requests a second, at four times the processor time."""
    assert row("Other", "One caller") == (
        f"| Other {CHAT} | 1.000 | 1.000 (2) | 250 (0.25) | 10% | 1.00 (1) | 2.00 (1) | 1.00 (2) | 2,000 (4) | 500 |"
    )


def test_report_tells_ratios_of_the_same_round() -> None:
    """Four and two times as fast, with a quarter and a half of the processor time; who failed is told as such."""
    assert row("Other", "In turns") == f"| Other {CHAT} | 225 | 22% | 2,200 | 3 (2 to 4) | 0.38 (0.25 to 0.5) |"
    assert row(OURS, "In turns").endswith("| 1 (1 to 1) | 1 (1 to 1) |")
    assert "Broken" not in page().partition("## In turns")[2].partition("##")[0]
    assert "- Broken in turns: no answer" in page()


def test_report_tells_how_much_later_streams_begin() -> None:
    """Against direct streams, which are not compared with themselves; what was not measured is a dash."""
    assert row("Other", "Streams").endswith("| 8.00 (4) | 8.00 (4) | yes, 1234 |")
    assert row("direct", "Streams").endswith("| - | - | yes, 1234 |")


def test_report_tells_a_thinking_vendor_apart() -> None:
    """Only the steps that were measured have figures."""
    assert row("Other", "A vendor that thinks").endswith("| 250 (0.25) | 1.00 (2) | 2.0 (1) | - | - | - |")


def test_report_names_memory_and_what_is_absent() -> None:
    """A contender without a process of its own has no memory; what could not be had is named with its reason."""
    assert row("Other", "Start and memory") == "| Other | 1 | 2.00 (1) | 300 (3) | 250 (5) | 300 (3) | - |"
    assert "| direct |" not in page().partition("## Start")[2].partition("##")[0]
    assert "- Other 1.0: as it comes; `serve --fast`" in page()
    assert "- Absent: not to be had" in page()


def test_report_lists_what_failed() -> None:
    """A budget that was missed, a stream that was cut and a step that was refused stand in one place; else nothing."""
    assert "## What failed\n\n- Broken in turns: no answer\n- kept: 120.0 µs, at most 100\n" in page()
    run = run_of()
    fine = replace(run, budgets=run.budgets[:1], turns=run.turns[:2])
    assert "## What failed\n\nNothing." in document(fine)
    cut = replace(fine, held=replace(run.held, failure="7 tokens did not come"))
    assert "## What failed\n\n- 7 tokens did not come\n" in document(cut)
    starved = document(replace(fine, crowd=replace(run.crowd, meanwhile=Rate(0, 0, 0.0, 0.0, 0.0))))
    assert "## What failed\n\n- no plain answer while 1,000 streams were open\n" in starved
    assert "| while 1,000 streams are open | 0 | - | - |" in starved


def test_report_tells_of_callers_while_streams_are_open() -> None:
    """One caller alone and meanwhile, what each stream takes, and how much a caller who does not read holds back."""
    section = page().partition("## A thousand open streams")[2].partition("##")[0]
    assert "| alone | 100 | 1.00 | 2.00 |\n| while 1,000 streams are open | 10 | 9.00 | 20.00 |" in section
    assert "1900 whole; 40 kB resident for each" in section
    assert "could send 8.0 MB of it" in section
    assert "every token came" in section
