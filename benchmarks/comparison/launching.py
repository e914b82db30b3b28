"""How is a program started and ended, when does it first answer, and what does it use? One process tree, by its id."""

from __future__ import annotations

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
from benchmarks.comparison.probing import probe

_START_SECONDS = 120.0
_STOP_SECONDS = 15.0
_LOOK_AGAIN_SECONDS = 0.005
_QUIET_SECONDS, _QUIET_LOOK_SECONDS, _QUIET_SHARE = 5.0, 0.1, 0.2
_PASSED_ON = ("PATH", "LANG", "TMPDIR")


@dataclass(frozen=True)
class Program:
    """What to start. Nothing of the environment of whoever runs the benchmark reaches it but the search path."""

    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Memory:
    """Megabytes of a process tree at this moment.

    `rss_mb` is the sum of what is resident, so that a library that two of them map is counted twice. `pss_mb` counts
    it once, but shares it with whatever else on the machine maps it too; None where the system does not tell.
    """

    rss_mb: float
    pss_mb: float | None


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
    """Seconds from the start of `process` to its first whole answer; the ask is repeated until then.

    Raises RuntimeError, with the end of its log, when the process ends or does not answer within two minutes.
    """
    began_at = time.monotonic() - (time.time() - process.create_time())
    told = "nothing"
    while time.monotonic() < began_at + _START_SECONDS and process.is_running():
        if process.status() == psutil.STATUS_ZOMBIE:
            break
        answer = probe(ask)
        if answer.failure is None:
            return time.monotonic() - began_at
        told = answer.failure
        time.sleep(_LOOK_AGAIN_SECONDS)
    log = (folder / "log").read_text(encoding="utf-8", errors="replace")[-1000:]
    raise RuntimeError(f"no answer from {ask.path} (last: {told}); the end of its log:\n{log}")


def cpu_seconds(process: psutil.Process) -> float:
    """Seconds of processor time that the process and its descendants have used so far."""
    seconds = 0.0
    for one in _family(process):
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            seconds += times.user + times.system
    return seconds


def memory(process: psutil.Process) -> Memory:
    """What the process and its descendants hold."""
    rss, pss = 0.0, []
    for one in _family(process):
        with suppress(psutil.NoSuchProcess):
            held = one.memory_full_info()
            rss += held.rss / 1e6
            pss += [held.pss / 1e6] if hasattr(held, "pss") else []
    return Memory(rss, sum(pss) if pss else None)


def wait_until_quiet(process: psutil.Process) -> None:
    """Until the tree has next to nothing to do, or five seconds have passed.

    Callers that left while they waited leave their requests behind, which the next step must not pay for.
    """
    ends_at = time.monotonic() + _QUIET_SECONDS
    before = cpu_seconds(process)
    while time.monotonic() < ends_at:
        time.sleep(_QUIET_LOOK_SECONDS)
        now = cpu_seconds(process)
        if now - before <= _QUIET_SHARE * _QUIET_LOOK_SECONDS:
            return
        before = now


def _family(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return [process, *process.children(recursive=True)]
    return []


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
