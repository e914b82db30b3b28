"""What watches over a service? Its metrics, its log of requests, and its traces where they are wanted, as one thing."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Metric

from app.observers.exposition import families_of, page_of
from app.observers.fanout import Fanout
from app.observers.gauges import Gauges, State
from app.observers.http_metrics import HttpMetrics
from app.observers.label_values import KnowsModel
from app.observers.metrics import Metrics
from app.observers.request_log import RequestLog
from app.ports.records import Observer
from contracts.errors import StoreUnavailableError

if TYPE_CHECKING:
    from app.observers.tracing import Tracing
    from app.observers.workers import Workers

logger = logging.getLogger(__name__)

_METRICS = "metrics"
_LOG = "log"
_TRACES = "traces"
_SECONDS_BETWEEN_FIGURES = 1.0
# Longer than the longest nap of a lane that nobody hurries.
_PATIENCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is watched, and where it is told. Without `otlp_endpoint` no spans are made.

    `workers_folder`: where the processes behind one port meet; see `shared_folder`.
    """

    knows_model: KnowsModel
    version: str
    state: State = field(default_factory=State)
    otlp_endpoint: str | None = None
    workers_folder: Path | None = None


class Witnesses:
    """Hand `observer` to the engine, and `http_ended` to the edge; `page` is what Prometheus reads."""

    def __init__(self, watch: Watch) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._http = HttpMetrics(self._registry)
        self._tracing = _tracing(watch)
        observers: dict[str, Observer] = {_METRICS: Metrics(self._registry, watch.knows_model), _LOG: RequestLog()}
        if self._tracing is not None:
            observers[_TRACES] = self._tracing
        self.observer = Fanout(observers)
        self.http_ended = self._http.ended
        self._gauges = Gauges(watch.state, self.observer.dropped)
        self._folder = watch.workers_folder
        self._workers = _workers(watch.workers_folder)
        # Figures are laid down in the order in which they were read, so that none goes back.
        self._one_at_a_time = asyncio.Lock()
        self._is_over = asyncio.Event()
        self._laying: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts the threads that observe, and meets the other workers. Once; what follows its end is a new one."""
        self.observer.start()
        if self._workers is None:
            return
        try:
            await asyncio.to_thread(self._workers.join)
        except OSError as error:
            self._workers = None
            logger.warning("the metrics are those of this worker alone: %s: %s", self._folder, error.strerror)
        else:
            self._laying = asyncio.create_task(self._lay_down_figures())

    async def page(self) -> bytes:
        """The metrics of all workers as they are now, in Prometheus' text format.

        What was observed a moment ago is in it, unless the thread that counts is far behind. Raises
        StoreUnavailableError.
        """
        await self.observer.caught_up(_METRICS, within_seconds=_PATIENCE_SECONDS)
        if self._workers is None:
            return await asyncio.to_thread(page_of, self._figures())
        try:
            async with self._one_at_a_time:
                return page_of(await asyncio.to_thread(self._workers.all, self._figures()))
        except (OSError, ValueError) as error:
            # Figures of this process alone would look like counters that went back.
            msg = f"the figures of the other workers cannot be read: {type(error).__name__}"
            raise StoreUnavailableError(msg) from error

    async def aclose(self) -> None:
        """Lets the observers see what waits, for a bounded time, and leaves the other workers its figures."""
        self._is_over.set()
        if self._laying is not None:
            await self._laying
        await self.observer.aclose()
        if self._tracing is not None:
            self._tracing.close()
        if self._workers is not None:
            await self._leave(self._workers)

    async def _leave(self, workers: Workers) -> None:
        try:
            async with self._one_at_a_time:
                await asyncio.to_thread(workers.leave, self._figures())
        except OSError as error:
            logger.warning("the last metrics of this process cannot be laid down: %s", error.strerror)

    def _figures(self) -> list[Metric]:
        self._http.count()
        self._gauges.read()
        return list(families_of((self._registry, self._gauges)))

    async def _lay_down_figures(self) -> None:
        while self._workers is not None and not self._is_over.is_set():
            try:
                async with self._one_at_a_time:
                    await asyncio.to_thread(self._workers.lay_down, self._figures())
            except OSError as error:
                logger.warning("the metrics of this process cannot be laid down for the others: %s", error.strerror)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_over.wait(), _SECONDS_BETWEEN_FIGURES)


def shared_folder(state_dir: Path) -> Path | None:
    """Where the workers of one server meet; None for a process that is alone, as `llm-provider-service` is."""
    parent = multiprocessing.parent_process()
    return None if parent is None else state_dir / "metrics" / str(parent.pid)


def _tracing(watch: Watch) -> Tracing | None:
    if watch.otlp_endpoint is None:
        return None
    # Only here: OpenTelemetry is a matter of megabytes, and of who asked for it.
    from app.observers.spans import Spans
    from app.observers.tracing import Tracing

    return Tracing(watch.otlp_endpoint, Spans("llm-provider-service", watch.version))


def _workers(folder: Path | None) -> Workers | None:
    if folder is None:
        return None
    # Only here: its locks are a matter of Unix.
    from app.observers.workers import Workers

    return Workers(folder)
