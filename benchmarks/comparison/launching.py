"""How is a program started and ended, when does it first answer, and what does it use? One process tree, by its id."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.comparison.asking import Ask

_START_SECONDS = 120.0
_STOP_SECONDS = 15.0
_LOOK_AGAIN_SECONDS = 0.005
_PASSED_ON = ("PATH", "LANG", "TMPDIR")


@dataclass(frozen=True)
class Program:
    """What to start. Nothing of the environment of whoever runs the benchmark reaches it but the search path."""

    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Use:
    """What a process tree has used: seconds of processor time so far, and megabytes at this moment.

    Memory is proportional where the system tells it: what two workers share is counted once.
    """

    cpu_seconds: float
    memory_mb: float


@contextmanager
def launched(program: Program) -> Iterator[psutil.Process]:
    """The running program; it and what it started are ended on leaving."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {"HOME": str(program.folder), **program.environment}
    with (program.folder / "log").open("ab") as log:
        child = subprocess.Popen(
            program.command, cwd=program.folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    process = psutil.Process(child.pid)
    try:
        yield process
    finally:
        family = _family(process)
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(_STOP_SECONDS)
        for left in psutil.wait_procs(family, timeout=0)[1]:
            with suppress(psutil.NoSuchProcess):
                left.kill()
        child.wait()


@contextmanager
def announced(module: str) -> Iterator[int]:
    """The port that a module of ours prints when it serves."""
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen([sys.executable, "-m", module], cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def first_answer(process: psutil.Process, ask: Ask, folder: Path) -> float:
    """Seconds from the start of `process` to its first whole answer with status 200; the ask is repeated until then.

    Raises RuntimeError, with the end of its log, when the process ends or does not answer within two minutes.
    """
    began_at = time.monotonic() - (time.time() - process.create_time())
    told = "nothing"
    while time.monotonic() < began_at + _START_SECONDS and process.is_running():
        if process.status() == psutil.STATUS_ZOMBIE:
            break
        told = _answer(ask)
        if told == "200":
            return time.monotonic() - began_at
        time.sleep(_LOOK_AGAIN_SECONDS)
    log = (folder / "log").read_text(encoding="utf-8", errors="replace")[-1000:]
    raise RuntimeError(f"no answer from {ask.path} (last: {told}); the end of its log:\n{log}")


def _answer(ask: Ask) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", ask.port, timeout=10)
    try:
        connection.request("POST", ask.path, ask.body, dict(ask.headers))
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException) as exc:
        return type(exc).__name__
    finally:
        connection.close()
    return "200" if response.status == http.HTTPStatus.OK else f"{response.status} {body[:300]!r}"


def used(process: psutil.Process) -> Use:
    """What the process and its descendants use."""
    cpu_seconds = memory_mb = 0.0
    for one in _family(process):
        with suppress(psutil.NoSuchProcess):
            times, memory = one.cpu_times(), one.memory_full_info()
            cpu_seconds += times.user + times.system
            memory_mb += getattr(memory, "pss", memory.rss) / 1e6
    return Use(cpu_seconds, memory_mb)


def _family(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return [process, *process.children(recursive=True)]
    return []


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
