"""Is the benchmark's own arithmetic right: medians of rounds, what was added, ratios?"""

from __future__ import annotations

import pytest

from benchmarks.comparison.figures import Loaded, Measured, Streamed, added, middle, middle_stream, ratio, times


def loaded(rate: float, *, p50: float = 1.0, cpu_us: float | None = None, connections: int = 32) -> Loaded:
    return Loaded(connections, False, rate, p50, 2 * p50, added_p50_ms=p50 - 0.25, cpu_us=cpu_us)


def test_ratio_says_how_many_times_ours() -> None:
    """Twice as much is 2, half as much 0.5."""
    assert (ratio(200.0, 100.0), ratio(50.0, 100.0)) == (2.0, 0.5)


@pytest.mark.parametrize("figure, of_ours", [(None, 1.0), (1.0, None), (1.0, 0.0), (1.0, -0.1), (-0.1, 1.0)])
def test_ratio_of_noise_is_none(figure: float | None, of_ours: float | None) -> None:
    """What is missing, nothing or less than nothing has no ratio."""
    assert ratio(figure, of_ours) is None


def test_added_may_be_less_than_nothing() -> None:
    """Noise is told as it is, and what is missing stays missing."""
    assert (added(3.0, 1.0), added(1.0, 3.0), added(None, 1.0), added(1.0, None)) == (2.0, -2.0, None, None)


def test_middle_takes_the_median_of_each_figure() -> None:
    """The rounds' best requests a second and best latency need not come from one round."""
    rounds = [loaded(100, p50=9.0, cpu_us=50.0), loaded(300, p50=1.0, cpu_us=70.0), loaded(200, p50=2.0, cpu_us=90.0)]
    row = middle(rounds)
    assert (row.requests_per_second, row.p50_ms, row.p99_ms) == (200.0, 2.0, 4.0)
    assert (row.added_p50_ms, row.cpu_us, row.connections) == (1.75, 70.0, 32)


def test_middle_tells_how_far_rounds_are_apart() -> None:
    """Between 100 and 300 a second lies twice the third of them; a single round says nothing of noise."""
    assert middle([loaded(100), loaded(300), loaded(100)]).spread == 2.0
    assert middle([loaded(100)]).spread is None


def test_middle_without_processor_time_has_none() -> None:
    """Direct calls have no contender whose processor time could be told."""
    row = middle([loaded(100), loaded(200)])
    assert (row.requests_per_second, row.cpu_us, row.requests_per_second_per_core) == (150.0, None, None)


def test_middle_of_no_round_is_refused() -> None:
    """No figure is made up."""
    with pytest.raises(ValueError, match="no round"):
        middle([])
    with pytest.raises(ValueError, match="no round"):
        middle_stream([])


def test_middle_stream_keeps_a_failure_of_any_round() -> None:
    """A thousand streams are whole only when they were in every round."""
    whole = Streamed(1000, False, 1200, first_p50_ms=2.0, first_p99_ms=4.0)
    row = middle_stream([whole, Streamed(1000, False, 0, failure="the stream was cut"), whole])
    assert (row.failure, row.heard, row.first_p50_ms, row.first_p99_ms) == ("the stream was cut", 2400, 2.0, 4.0)
    assert middle_stream([whole]).failure is None


def test_requests_per_core_follow_from_processor_time() -> None:
    """At 250 µs a request one core answers 4,000 a second, however many it answered."""
    assert loaded(10, cpu_us=250.0).requests_per_second_per_core == 4000.0


def test_measured_rows_are_found_by_load() -> None:
    """A row is named by its connections and by whether the vendor thinks."""
    thousand = Streamed(1000, False, 1000)
    one = Measured("ours", "/process", 1, [loaded(1, connections=1), loaded(2)], [thousand])
    assert one.under(32) == loaded(2)
    assert one.under(32, is_thinking=True) is None
    assert one.of_streams(1000) is thousand
    assert one.of_streams(1000, is_thinking=True) is None


def test_times_are_of_the_same_round() -> None:
    """A round that is slow for both says the same as a fast one; the medians of each would say 2.5."""
    found = times([loaded(400), loaded(100)], [loaded(100), loaded(50)], lambda row: row.requests_per_second)
    assert found is not None
    assert (found.typical, found.least, found.most) == (3.0, 2.0, 4.0)


def test_times_of_what_was_not_measured_are_none() -> None:
    """The vendor itself has no processor time of a contender."""
    assert times([loaded(400, cpu_us=5.0)], [loaded(100)], lambda row: row.cpu_us) is None
    assert times([], [loaded(100)], lambda row: row.requests_per_second) is None
