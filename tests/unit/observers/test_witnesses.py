"""What watches over a service, as one thing?"""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.observers.gauges import State
from app.observers.witnesses import Watch, Witnesses
from contracts import StoreUnavailableError
from tests.kit.metrics_page import Page
from tests.kit.otlp_collector import collecting
from tests.kit.witnessed import SECRET, call, failed, request


@asynccontextmanager
async def watching(**watch: Any) -> AsyncIterator[Witnesses]:
    """Witnesses of a service whose one known model is gpt-5."""
    made = Witnesses(Watch(knows_model=lambda provider, model: model == "gpt-5", version="1", **watch))
    await made.start()
    try:
        yield made
    finally:
        await made.aclose()


async def shown(witnesses: Witnesses) -> Page:
    return Page(await witnesses.page())


async def test_witnesses_page_has_what_was_observed_a_moment_ago() -> None:
    """Calls, requests, HTTP requests and how things stand, on one page; the threads are waited for."""
    async with watching(state=State(in_flight=lambda: 2, rows_lost=lambda: 1)) as witnesses:
        for _ in range(300):
            witnesses.observer.attempt_ended(call())
        witnesses.observer.request_ended(request())
        witnesses.http_ended("POST", "/process", 200, 0.3)
        told = await shown(witnesses)
    assert told.value("llm_requests_total", provider="openai", model="gpt-5", status="success") == 300
    assert told.value("llm_cache_requests_total", result="miss") == 1
    assert told.value("llm_in_flight_requests") == 2
    assert told.value("llm_ledger_rows_lost_total") == 1
    assert told.series("llm_observer_dropped_total") == {("log",): 0, ("metrics",): 0}
    assert told.value("http_requests_total", handler="/process", method="POST", status="200") == 1
    assert told.value("http_request_duration_seconds_sum", handler="/process", method="POST") == 0.3


async def test_witnesses_http_requests_of_a_series_add_up() -> None:
    """Another status is another count, of the same times; another route or method is another of both."""
    async with watching() as witnesses:
        for status in (200, 200, 429):
            witnesses.http_ended("POST", "/process", status, 0.5)
        witnesses.http_ended("GET", "/process", 200, 0.5)
        witnesses.http_ended("POST", "/batch", 200, 0.5)
        told = await shown(witnesses)
    assert told.series("http_requests_total") == {
        ("/process", "POST", "200"): 2,
        ("/process", "POST", "429"): 1,
        ("/process", "GET", "200"): 1,
        ("/batch", "POST", "200"): 1,
    }
    assert told.series("http_request_duration_seconds_sum") == {
        ("/process", "POST"): 1.5,
        ("/process", "GET"): 0.5,
        ("/batch", "POST"): 0.5,
    }


async def test_witnesses_http_requests_are_all_on_the_next_page() -> None:
    """However many there were since the last one."""
    async with watching() as witnesses:
        for count in (1, 62, 130):
            for _ in range(count):
                witnesses.http_ended("POST", "/process", 200, 0.5)
            told = await shown(witnesses)
    assert told.series("http_requests_total") == {("/process", "POST", "200"): 193}
    assert told.series("http_request_duration_seconds_count") == {("/process", "POST"): 193}


async def test_witnesses_http_labels_hold_no_text_of_callers() -> None:
    """A request that led nowhere is `none`, a method that nobody defined is `other`."""
    async with watching() as witnesses:
        witnesses.http_ended(SECRET, None, 404, 0.1)
        told = await shown(witnesses)
    assert told.series("http_requests_total") == {("none", "other", "404"): 1}
    assert SECRET not in told.text


async def test_witnesses_send_spans_where_an_endpoint_is_set() -> None:
    """The end sends what was gathered."""
    with collecting() as collector:
        async with watching(otlp_endpoint=collector.url) as witnesses:
            witnesses.observer.request_ended(request(failed(), call()))
        assert len(collector.spans) == 3
        assert set(witnesses.observer.dropped()) == {"metrics", "log", "traces"}


async def test_witnesses_share_figures_in_a_folder(tmp_path: Path) -> None:
    """Two that meet there tell the same; the last one takes the folder away."""
    folder = tmp_path / "metrics" / "1"
    async with watching(workers_folder=folder) as one, watching(workers_folder=folder) as other:
        one.observer.attempt_ended(call())
        other.observer.attempt_ended(call())
        await one.page()
        told = await shown(other)
        assert told.series("llm_requests_total") == {("gpt-5", "openai", "success"): 2}
        assert (await shown(one)).values == told.values
    assert not folder.exists()


async def test_witnesses_page_is_refused_rather_than_go_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be read of the others would make counters smaller than they were."""
    folder = tmp_path / "metrics" / "1"
    async with watching(workers_folder=folder) as witnesses:
        await witnesses.page()
        (folder / "7-broken.json").write_text("{")
        with pytest.raises(StoreUnavailableError, match="JSONDecodeError"):
            await witnesses.page()
        (folder / "7-broken.json").unlink()
        assert await witnesses.page()
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    assert "the last metrics of this process cannot be laid down" in caplog.text


async def test_witnesses_go_on_alone_where_no_folder_can_be_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says so; the service is worth more than its metrics."""
    (tmp_path / "metrics").write_text("in the way")
    async with watching(workers_folder=tmp_path / "metrics" / "1") as witnesses:
        witnesses.observer.attempt_ended(call())
        told = await shown(witnesses)
    assert told.series("llm_requests_total") == {("gpt-5", "openai", "success"): 1}
    assert "the metrics are those of this worker alone" in caplog.text


async def test_witnesses_log_what_ended(caplog: pytest.LogCaptureFixture) -> None:
    """One line for each request, from a thread of its own."""
    with caplog.at_level(logging.INFO, logger="app"):
        async with watching() as witnesses:
            witnesses.observer.request_ended(request())
    (line,) = [one for one in caplog.records if one.name == "app.observers.request_log"]
    assert line.threadName == "observer-log"


def test_witnesses_import_nothing_of_tracing_without_an_endpoint() -> None:
    """OpenTelemetry is megabytes that only its users pay for; so are the locks of workers."""
    program = (
        "import sys\n"
        "from app.observers.witnesses import Watch, Witnesses\n"
        "Witnesses(Watch(knows_model=lambda provider, model: True, version='1'))\n"
        "print(sorted(name for name in sys.modules if name in ('opentelemetry', 'google', 'requests', 'fcntl')))\n"
    )
    root = Path(__file__).parents[3]
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=root, check=True)
    assert "opentelemetry" not in ran.stdout
    assert "requests" not in ran.stdout
