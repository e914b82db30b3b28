"""Are percentiles within five percent, whatever was measured?"""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.histogram import Histogram

MILLISECONDS = st.floats(min_value=0.01, max_value=1e7)


def filled(values: list[float]) -> Histogram:
    """A histogram of `values`."""
    made = Histogram()
    for value in values:
        made.add(value)
    return made


def exact(values: list[float], share: float) -> float:
    """The percentile by its definition: the least value that `share` of all do not exceed."""
    ordered = sorted(values)
    return next(value for rank, value in enumerate(ordered, start=1) if rank >= share * len(ordered))


@given(st.lists(MILLISECONDS, min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_percentile_is_within_five_percent(values: list[float], share: float) -> None:
    """For any measurements; it is told in whole microseconds, so half of one comes on top."""
    right = exact(values, share)
    found = filled(values).percentile(share)
    assert found is not None
    assert abs(found - right) <= 0.05 * right + 0.0006


def test_percentiles_of_a_real_looking_distribution() -> None:
    """Ten thousand answers around 600 ms."""
    rng = random.Random(7)
    values = [rng.lognormvariate(6.4, 0.6) for _ in range(10_000)]
    made = filled(values)
    for share in (0.5, 0.95, 0.99):
        assert made.percentile(share) == pytest.approx(exact(values, share), rel=0.05)
    assert made.mean() == pytest.approx(sum(values) / len(values), abs=0.001)


def test_histogram_without_measurements_knows_nothing() -> None:
    """None, not zero."""
    assert (Histogram().percentile(0.5), Histogram().mean(), Histogram().count) == (None, None, 0)


@given(st.lists(MILLISECONDS, max_size=200))
def test_histogram_takes_many_as_one_after_the_other(values: list[float]) -> None:
    """Whoever has several adds them in one call."""
    together, apart = Histogram(), filled(values)
    together.add(*values)
    assert (together.count, together.percentile(0.5)) == (apart.count, apart.percentile(0.5))
    assert together.total_ms == pytest.approx(apart.total_ms)


def test_histogram_takes_zero() -> None:
    """A clock may not have moved: that is the smallest bucket, and zero in the mean."""
    made = filled([0.0, 0.0])
    assert made.percentile(0.99) == pytest.approx(0.01, rel=0.05)
    assert made.mean() == 0.0
