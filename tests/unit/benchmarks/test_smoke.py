"""Does `make bench-smoke` judge by ratio, and only by the bounds that give a reason?"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import smoke
from benchmarks.load import Figures
from benchmarks.smoke import Bound, bounds_of, times_direct, verdict

BOUND = Bound("chat-alone", "/process", 1, "p50", 10.0, "because")
DIRECT = Figures(requests=4000, requests_per_second=2000.0, p50_ms=0.5, p99_ms=1.0)
OURS = Figures(requests=1000, requests_per_second=500.0, p50_ms=1.5, p99_ms=9.0)


def test_bounds_of_the_project_are_usable() -> None:
    """Each names a path and a figure that are measured, and why it is as it is."""
    bounds = bounds_of(Path(smoke.__file__).with_name("bounds.toml").read_text(encoding="utf-8"))
    assert {bound.path for bound in bounds} == {"/v1/chat/completions", "/process"}
    assert all(bound.most > 1 and len(bound.reason) > 20 for bound in bounds)


@pytest.mark.parametrize("slip", ['path = "/v2"', 'figure = "p42"', 'reason = ""'])
def test_bounds_that_cannot_be_used_are_refused(slip: str) -> None:
    """A bound that measures nothing would never be missed."""
    fields = {"path": '"/process"', "connections": "1", "figure": '"p50"', "most": "2.0", "reason": '"why"'}
    name, _, value = slip.partition(" = ")
    text = "\n".join(f"{field} = {told}" for field, told in {**fields, name: value}.items())
    with pytest.raises(ValueError, match="the bound it"):
        bounds_of(f"[it]\n{text}\n")


def test_times_direct_compares_medians_or_rates() -> None:
    """Three times the latency, and four times as long for each request."""
    by_rate = Bound("chat-busy", "/process", 32, "seconds_per_request", 10.0, "because")
    assert (times_direct(BOUND, OURS, DIRECT), times_direct(by_rate, OURS, DIRECT)) == (3.0, 4.0)


def test_verdict_takes_the_best_round() -> None:
    """One quiet round is enough; when none is, the bound and its reason are told."""
    assert verdict(BOUND, [40.0, 10.0, 12.0]) is None
    assert verdict(BOUND, [40.0, 10.1]) == "chat-alone: 10.1 times a direct call, at most 10 (because)"
