"""Do several processes behind one port start, say so once, stay alive, and end as one does?"""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import httpx2
import psutil
import pytest

from app.settings import PREFIX
from tests.integration.cli.process import Command, Running
from tests.kit.waiting import until

TWO = ("--workers", "2")
MOCK = {f"{PREFIX}MOCK_ENABLED": "yes"}
_STARTED = re.compile("Application startup complete")


def workers_of(running: Running) -> list[int]:
    """The processes that answer."""
    children = psutil.Process(running.pid).children()
    return [child.pid for child in children if "spawn_main" in " ".join(child.cmdline())]


async def both(running: Running) -> None:
    """The second one has started too."""
    while len(_STARTED.findall(running.text)) < 2:
        await running.wait_for(_STARTED)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_workers_answer_and_end_well(command: Command, number: signal.Signals) -> None:
    """One greeting, one port, no line of a failure, and nobody is left."""
    async with command.serving(*TWO, **MOCK) as running, httpx2.AsyncClient(base_url=running.url) as client:
        await both(running)
        alive = workers_of(running)
        assert len(alive) == 2
        assert (await client.get("/livez")).status_code == 200
        assert await running.end(number) == 0
    assert running.text.count("  API  ") == 1
    assert "Traceback" not in running.text
    assert not any(map(psutil.pid_exists, alive))


async def test_workers_take_calls_while_they_drain(command: Command) -> None:
    """As a single process does: balancers see that `/readyz` is 503 before anything is refused."""
    drains = {**MOCK, f"{PREFIX}DRAIN_SECONDS": "3"}
    async with command.serving(*TWO, **drains) as running, httpx2.AsyncClient(base_url=running.url) as client:
        await both(running)
        running.send(signal.SIGTERM)
        await running.wait_for(re.compile("draining"))
        await running.wait_for(re.compile("draining"))
        assert (await client.get("/readyz")).status_code == 503
        asked = {"prompt": "x", "provider": "mock", "model": "mock-echo"}
        assert (await client.post("/process", json=asked)).status_code == 200
        assert await running.end() == 0


async def test_workers_second_signal_ends_at_once(command: Command) -> None:
    """Whoever does not want to wait for the draining."""
    slow = {**MOCK, f"{PREFIX}DRAIN_SECONDS": "600"}
    async with command.serving(*TWO, **slow) as running:
        await both(running)
        running.send(signal.SIGTERM)
        await running.wait_for(re.compile("draining"))
        assert await running.end(signal.SIGTERM) == 0


async def test_workers_one_that_is_killed_is_replaced(command: Command) -> None:
    """And nobody is greeted again."""
    async with command.serving(*TWO, **MOCK) as running, httpx2.AsyncClient(base_url=running.url) as client:
        await both(running)
        killed = workers_of(running)[0]
        os.kill(killed, signal.SIGKILL)
        await running.wait_for(_STARTED)
        assert killed not in workers_of(running)
        assert len(workers_of(running)) == 2
        assert (await client.get("/livez")).status_code == 200
        assert await running.end(signal.SIGTERM) == 0
    assert running.text.count("  API  ") == 1


async def test_workers_end_when_nobody_keeps_them(command: Command) -> None:
    """They would keep the port for ever."""
    async with command.serving(*TWO, **MOCK) as running:
        await both(running)
        alive = workers_of(running)
        running.send(signal.SIGKILL)
        await until(lambda: not any(map(psutil.pid_exists, alive)))


async def test_workers_share_the_admin_key_that_is_made(command: Command) -> None:
    """By the parent; every one of them knows it."""
    async with command.serving(*TWO, "--host", "127.1", **MOCK) as running:
        await both(running)
        (file,) = command.folder.rglob("admin-key")
        bearer = {"Authorization": f"Bearer {file.read_text().strip()}"}
        for _ in range(8):
            async with httpx2.AsyncClient(base_url=running.url, headers=bearer) as client:
                assert (await client.get("/config")).status_code == 200
        assert await running.end(signal.SIGTERM) == 0


def test_workers_that_cannot_start_say_so_once(command: Command) -> None:
    """Exit code 1, as of a single process."""
    wrong = {f"{PREFIX}KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", f"{PREFIX}KAFKA_OPTIONS": '{"debug": "all"}'}
    ended = command.run(*TWO, "--port", "0", **MOCK, **wrong)
    assert ended.returncode == 1
    assert ended.stderr.count("llm-provider-service: the service did not start") == 1


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_log_as_json_has_no_other_line(command: Command, workers: str) -> None:
    """The greeting too, in the process that answers and in those beside it."""
    environ = {**MOCK, f"{PREFIX}LOG_FORMAT": "json", f"{PREFIX}WORKERS": workers}
    async with command.serving(says=re.compile('"message": "providers'), **environ) as running:
        assert await running.end(signal.SIGTERM) == 0
    told = [json.loads(line)["message"] for line in running.text.splitlines()]
    assert any(message.startswith("API  ") for message in told)


def test_log_as_json_tells_why_nothing_started(command: Command) -> None:
    """Of a wrong setting too."""
    ended = command.run(**{f"{PREFIX}LOG_FORMAT": "json", f"{PREFIX}PORT": "x"})
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, json.loads(line)["level"]) == (2, "ERROR")
    assert f"{PREFIX}PORT" in json.loads(line)["message"]


async def test_metrics_of_workers_are_for_their_owner(command: Command) -> None:
    """Files and folders."""
    async with command.serving(*TWO, **MOCK) as running:
        await both(running)
        folder = command.folder / ".local/state/llm-provider-service"
        await until(lambda: len(list(folder.rglob("*.json"))) == 2)
        assert {_mode(path) for path in (folder, *folder.rglob("*")) if path.is_dir()} == {0o700}
        assert {_mode(path) for path in folder.rglob("*") if path.is_file()} == {0o600}
        assert await running.end(signal.SIGTERM) == 0


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("form,level", [("json", "DEBUG"), ("text", "INFO")])
async def test_log_under_a_server_of_ones_own_is_as_the_settings_say(command: Command, form: str, level: str) -> None:
    """`uvicorn app.main:app` sets up its own lines alone."""
    environ = {**MOCK, f"{PREFIX}LOG_FORMAT": form, f"{PREFIX}LOG_LEVEL": level}
    async with command.under_uvicorn(**environ) as running:
        async with httpx2.AsyncClient(base_url=running.url) as client:
            asked = {"prompt": "x", "provider": "mock", "model": "mock-echo"}
            assert (await client.post("/process", json=asked)).status_code == 200
        await running.wait_for(re.compile("app.observers.request_log"))
        assert await running.end(signal.SIGINT) is not None
    (line,) = [one for one in running.text.splitlines() if "app.observers.request_log" in one]
    assert line.startswith("{") is (form == "json")
