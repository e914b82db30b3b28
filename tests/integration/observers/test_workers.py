"""What did the other processes behind the same port count? Asked of real processes, which are killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Metric

from app.observers.exposition import families_of
from app.observers.witnesses import shared_folder
from app.observers.workers import Workers
from tests.kit.metrics_page import Page

ROOT = Path(__file__).parents[3]
PROGRAM = Path(__file__).with_name("worker_process.py")
TIMEOUT_SECONDS = 30.0


class Worker:
    """A process that counts."""

    def __init__(self, folder: Path, provider: str, calls: int) -> None:
        kept = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_") or name == "PATH"}
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(folder), provider, str(calls)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**kept, "PYTHONPATH": str(ROOT)},
        )
        assert self._hear() == "ready"

    def told(self, word: str) -> str:
        """What it says to that."""
        assert self.process.stdin
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        return self._hear()

    def page(self) -> Page:
        """The metrics, asked of this one."""
        return Page(json.loads(self.told("page")).encode())

    def kill(self) -> None:
        """As the system does when memory is short."""
        self.process.kill()
        self.process.communicate(timeout=TIMEOUT_SECONDS)

    def _hear(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "metrics" / "4711"


@pytest.fixture
def worker(folder: Path) -> Iterator[Callable[[str, int], Worker]]:
    """Starts one; all are ended after the test."""
    with ExitStack() as stack:

        def started(provider: str, calls: int) -> Worker:
            made = Worker(folder, provider, calls)
            stack.callback(made.kill)
            return made

        yield started


def until(condition: Callable[[], bool]) -> None:
    """Waits for what another process does within a second."""
    deadline = monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert monotonic() < deadline


def sent(told: Page) -> dict[str, float]:
    """Provider → calls."""
    return {provider: value for (_, provider, _), value in told.series("llm_requests_total").items()}


def test_workers_are_told_of_as_one(worker: Callable[[str, int], Worker], folder: Path) -> None:
    """Whoever is asked: counters and sums of both, one page, no series twice."""
    first, second = worker("openai", 3), worker("gemini", 5)
    assert (first.told("more"), second.told("more")) == ("done", "done")
    assert sent(second.page())["gemini"] == 5
    assert sent(first.page()) == {"openai": 3, "gemini": 5}
    until(lambda: sent(second.page()) == {"openai": 3, "gemini": 5})
    told = second.page()
    assert told.value("llm_in_flight_requests") == 8
    assert told.series("llm_circuit_breaker_state") == {("gemini",): 1, ("openai",): 1}
    assert told.value("llm_response_duration_seconds_count", provider="openai", model="gpt-5") == 3
    lines = [line.rpartition(" ")[0] for line in told.text.splitlines() if not line.startswith("#")]
    assert len(lines) == len(set(lines))


def test_workers_figures_never_go_back(worker: Callable[[str, int], Worker]) -> None:
    """What one process has told of itself, every other knows when it is asked next."""
    first, second = worker("openai", 50), worker("gemini", 1)
    seen = 0.0
    for _ in range(20):
        first.told("more")
        told = sent(first.page())["openai"]
        also = sent(second.page())["openai"]
        assert seen < told == also
        seen = told


def test_workers_killed_one_leaves_its_counters_and_no_gauge(worker: Callable[[str, int], Worker]) -> None:
    """By SIGKILL, after it was asked; another that takes its place counts on."""
    first, second = worker("openai", 3), worker("gemini", 5)
    first.told("more")
    assert sent(first.page()) == {"openai": 3}
    first.kill()
    for _ in range(3):
        told = second.page()
        assert sent(told) == {"openai": 3}
        assert told.value("llm_in_flight_requests") == 5
        assert told.series("llm_circuit_breaker_state") == {("gemini",): 1}
    third = worker("openai", 2)
    third.told("more")
    assert sent(third.page()) == {"openai": 5}
    assert sent(second.page()) == {"openai": 5}


def test_workers_last_one_takes_the_folder_away(worker: Callable[[str, int], Worker], folder: Path) -> None:
    """Who leaves before leaves its counters."""
    first, second = worker("openai", 3), worker("gemini", 5)
    first.told("more")
    assert first.told("leave") == "left"
    assert sent(second.page()) == {"openai": 3}
    assert second.told("leave") == "left"
    assert not folder.exists()


def test_workers_do_not_inherit_from_an_earlier_run(worker: Callable[[str, int], Worker], folder: Path) -> None:
    """What was left when all were killed is taken away by the next that starts, other groups' leavings too."""
    first = worker("openai", 3)
    first.told("more")
    assert sent(first.page()) == {"openai": 3}
    other = folder.with_name("99")
    other.mkdir()
    (other / "1-dead.alive").touch()
    first.kill()
    second = worker("gemini", 5)
    assert sent(second.page()) == {}
    assert not other.exists()


def figures(calls: int) -> list[Metric]:
    """Of a process that has made so many calls."""
    registry = CollectorRegistry()
    Counter("calls", "Calls.", registry=registry).inc(calls)
    Gauge("busy", "Now.", registry=registry).set(calls)
    return list(families_of([registry]))


def counted(families: list[Metric]) -> dict[str, float]:
    return {sample.name: sample.value for family in families for sample in family.samples}


def test_workers_dead_are_counted_once_after_a_crash_between_writing_and_clearing(folder: Path) -> None:
    """Their sum was written and their files are still there: the next that looks adds nothing twice."""
    dead, living = Workers(folder), Workers(folder)
    living.join()
    dead.join()
    dead.lay_down(figures(4))
    (file,) = folder.glob("*.json")
    left = file.read_bytes()
    dead.leave(figures(4))
    assert counted(living.all(figures(1))) == {"calls_total": 5, "busy": 1}
    file.write_bytes(left)
    assert counted(living.all(figures(1))) == {"calls_total": 5, "busy": 1}
    assert sorted(one.suffix for one in folder.glob("*.json")) == [".json", ".json"]
    living.leave(figures(1))
    assert not folder.exists()


def _shared(state_dir: Path) -> None:
    assert shared_folder(state_dir) == state_dir / "metrics" / str(os.getppid())


def test_workers_of_one_server_meet_and_a_lone_process_meets_nobody(tmp_path: Path) -> None:
    """uvicorn's workers are children that multiprocessing spawned; they meet under their parent's number."""
    assert shared_folder(tmp_path) is None
    child = get_context("spawn").Process(target=_shared, args=(tmp_path,))
    child.start()
    child.join(TIMEOUT_SECONDS)
    assert child.exitcode == 0
