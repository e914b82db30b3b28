"""Is a histogram that is counted by batches told as the library tells its own?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram

from app.observers.histograms import Histograms
from tests.kit.metrics_page import page

BOUNDS = (0.0005, 0.01, 0.25, 1, 2.5, 300)

Batches = list[list[float]]


@given(st.lists(st.lists(st.sampled_from((*BOUNDS, 0.0, 0.0004, 0.3, 1.5, 301.0)))))
def test_histogram_page_is_that_of_the_library(batches: Batches) -> None:
    """To the byte; what is on a bound is below it. Binary fractions add up to the same in any order."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    batched = Histograms("seconds", "How long.", BOUNDS, ("provider", "model"), registry=ours)
    single = Histogram("seconds", "How long.", ("provider", "model"), buckets=BOUNDS, registry=theirs)
    for number, batch in enumerate(batches):
        labels = ("openai", f"model-{number % 2}")
        batched.labels(*labels).observe_all([round(value * 2**20) / 2**20 for value in batch])
        for value in batch:
            single.labels(*labels).observe(round(value * 2**20) / 2**20)
        single.labels(*labels)
    assert page(ours).text == page(theirs).text


def test_histogram_without_labels_is_there_from_the_beginning() -> None:
    """As the library's, at nought."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    Histograms("seconds", "How long.", BOUNDS, (), registry=ours).labels()
    Histogram("seconds", "How long.", buckets=BOUNDS, registry=theirs)
    assert page(ours).text == page(theirs).text
