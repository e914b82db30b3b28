"""How do spans reach a collector? A real one on loopback, which may be slow, failing or away."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator

import pytest

from app.observers.fanout import Fanout
from app.observers.spans import Spans
from app.observers.tracing import Tracing
from tests.kit.otlp_collector import Collector, attributes, collecting
from tests.kit.witnessed import SECRET, call, failed, request

PATIENCE_SECONDS = 20.0


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as started:
        yield started


def tracing(url: str, *, timeout_seconds: float = 5.0, batch: int = 128) -> Tracing:
    return Tracing(url, Spans("llm-provider-service", "1"), timeout_seconds=timeout_seconds, batch=batch)


@pytest.mark.parametrize("path", ["", "/", "/v1/traces", "/behind/a/proxy"])
def test_tracing_spans_arrive_whole(collector: Collector, path: str) -> None:
    """At the conventional path, decoded by OpenTelemetry's own messages, with the ids of the record."""
    observer = tracing(collector.url + path)
    observer.attempt_ended(call())
    observer.request_ended(request(failed(), call()))
    assert observer.send() == 0
    observer.close()
    own, first, second = collector.spans
    assert collector.paths == [path.rstrip("/").removesuffix("/v1/traces") + "/v1/traces"]
    assert collector.services == {"llm-provider-service"}
    assert own.trace_id.hex() == first.trace_id.hex() == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert first.parent_span_id == second.parent_span_id == own.span_id
    assert attributes(first)["error.type"] == "rate_limit_exceeded"
    assert attributes(second)["gen_ai.usage.input_tokens"] == 41


def test_tracing_sends_in_batches(collector: Collector) -> None:
    """One message for many requests; nothing is sent when nothing was gathered."""
    observer = tracing(collector.url, batch=4)
    for _ in range(10):
        observer.request_ended(request())
    assert len(collector.bodies) == 2
    assert (observer.send(), observer.send()) == (0, 0)
    assert len(collector.bodies) == 3
    assert len(collector.spans) == 20
    observer.close()


def test_tracing_unsampled_request_sends_nothing(collector: Collector) -> None:
    """Its caller keeps no spans."""
    observer = tracing(collector.url)
    observer.request_ended(request(is_sampled=False))
    assert observer.send() == 0
    assert collector.bodies == []
    observer.close()


def test_tracing_collector_that_refuses_costs_spans_only(
    collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    """They are counted by request, nothing is logged for each batch, and later ones arrive."""
    observer = tracing(collector.url)
    collector.status = 400
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            observer.request_ended(request())
        assert observer.send() == 3
    assert caplog.records == []
    collector.status = 200
    observer.request_ended(request())
    assert observer.send() == 0
    assert len(collector.spans) == 2
    observer.close()


def test_tracing_collector_that_is_away_is_given_up_soon() -> None:
    """Nobody listens there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        observer = tracing(f"http://127.0.0.1:{taken.getsockname()[1]}", timeout_seconds=0.2)
        observer.request_ended(request())
        assert observer.send() == 1
        observer.close()


async def test_tracing_slow_collector_delays_no_caller(collector: Collector) -> None:
    """Its lane fills and drops, counted; the engine is not held, and what was gathered before arrives later."""
    collector.is_open.clear()
    fanout = Fanout({"traces": tracing(collector.url, batch=1)}, capacity=5)
    fanout.start()
    for _ in range(40):
        fanout.request_ended(request())
        assert not await fanout.caught_up("traces", within_seconds=0.001)
    # One is being sent, five wait; while the thread slept, none was being sent.
    assert 30 <= fanout.dropped()["traces"] <= 35
    collector.is_open.set()
    assert await fanout.caught_up("traces", within_seconds=PATIENCE_SECONDS)
    await fanout.aclose()
    assert len(collector.spans) == 2 * (40 - fanout.dropped()["traces"])


def test_tracing_sends_no_words_of_callers(collector: Collector) -> None:
    """A sweep over the bytes as they were sent."""
    observer = tracing(collector.url)
    observer.request_ended(request(call(error_message=SECRET), error_message=SECRET))
    assert observer.send() == 0
    assert len(collector.spans) == 2
    assert SECRET.encode() not in b"".join(collector.bodies)
    observer.close()
