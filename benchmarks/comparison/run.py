"""What is one run? Vendors that stay, contenders one after the other, and what a reader must know of the machine."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from benchmarks.comparison import crowd, nginx, peers
from benchmarks.comparison.contenders import Contender, Vendors, direct, ours, plain_proxy
from benchmarks.comparison.crowd import Crowd, Held
from benchmarks.comparison.figures import Budget, Footprint, Measured
from benchmarks.comparison.launching import announced, first_answer, free_port, launched
from benchmarks.comparison.measuring import Effort, Session, measure
from benchmarks.comparison.turns import InTurns, in_turns

OURS = "ours, 1 worker"
_AGAIN = "again, at the end"
_ALWAYS = ("direct", OURS, f"direct, {_AGAIN}")
_LIBRARIES = ("fastapi", "starlette", "uvicorn", "uvloop", "httptools", "httpx2", "aiohttp", "pydantic", "sqlalchemy")
_OPEN_FILES = 16_384
# Side by side so many times the rounds: it is there that ratios are told.
_TURNS = 3


@dataclass(frozen=True)
class Run:
    """Everything that was measured, and where."""

    measured_at: str
    command: str
    machine: str
    versions: Mapping[str, str]
    effort: Effort
    turns: list[InTurns]
    measured: list[Measured]
    footprints: list[Footprint]
    absent: Mapping[str, str]
    crowd: Crowd
    held: Held
    budgets: list[Budget]


def compare(effort: Effort, *, only: str = "", budgets: Callable[[], list[Budget]]) -> Run:
    """Measures every contender whose name holds `only`, and always the direct call and ours with one worker.

    `budgets` measures the parts of ours that have one. Raises RuntimeError when a tool is missing.
    """
    _need("nginx", "wrk")
    _allow_open_files()
    began_at = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    with serving_vendors() as vendors:
        least = direct(vendors)
        makers = {name: make for name, make in _makers(vendors).items() if name in _ALWAYS or only in name}
        turns = in_turns(_side_by_side(makers), least, rounds=_TURNS * effort.rounds, seconds=effort.seconds)
        sessions, failed = _sessions(makers, least, effort)
        open_streams, held = crowd.measure(makers[OURS])
    return Run(
        measured_at=began_at,
        command=_command(),
        machine=_machine(),
        versions={"Python": platform.python_version(), **_tools(), **{name: version(name) for name in _LIBRARIES}},
        effort=effort,
        turns=turns,
        measured=[one for session in sessions for one in session.measured],
        footprints=[session.footprint for session in sessions],
        absent={**peers.absent(), **failed},
        crowd=open_streams,
        held=held,
        budgets=budgets(),
    )


def _sessions(
    makers: Mapping[str, Callable[[Path], Contender]], least: Contender, effort: Effort
) -> tuple[list[Session], dict[str, str]]:
    """What was measured, and which contenders did not start, and why. Raises RuntimeError when ours did not."""
    sessions, failed = [], {}
    for name, make in makers.items():
        try:
            sessions.append(measure(make, least, effort))
        except RuntimeError as exc:
            if name == OURS:
                raise
            failed[name] = str(exc)
    return sessions, failed


def _makers(vendors: Vendors) -> dict[str, Callable[[Path], Contender]]:
    missing = peers.absent()
    makers: dict[str, Callable[[Path], Contender]] = {
        "direct": lambda _: direct(vendors),
        "nginx": lambda folder: plain_proxy(vendors, folder, free_port(), _tools()["nginx"]),
        OURS: lambda folder: ours(vendors, folder, free_port(), 1),
        "ours, 2 workers": lambda folder: ours(vendors, folder, free_port(), 2),
        "LiteLLM's proxy": lambda folder: peers.litellm(vendors, folder, free_port()),
        "Portkey's gateway": lambda folder: peers.portkey(vendors, folder, free_port()),
        f"direct, {_AGAIN}": lambda _: _again(direct(vendors)),
        f"nginx, {_AGAIN}": lambda folder: _again(plain_proxy(vendors, folder, free_port(), _tools()["nginx"])),
    }
    return {name: make for name, make in makers.items() if name not in missing}


def _again(contender: Contender) -> Contender:
    """The same as before: what differs from its first figures is the machine's noise."""
    surfaces = tuple(replace(surface, is_main=False) for surface in contender.surfaces)
    return replace(contender, name=f"{contender.name}, {_AGAIN}", surfaces=surfaces)


def _side_by_side(makers: Mapping[str, Callable[[Path], Contender]]) -> dict[str, Callable[[Path], Contender]]:
    return {name: make for name, make in makers.items() if not name.startswith("direct") and _AGAIN not in name}


@contextmanager
def serving_vendors() -> Iterator[Vendors]:
    """Both vendors, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="llm-provider-service-vendor-") as name:
        folder, port = Path(name), free_port()
        with launched(nginx.vendor(folder, port)) as quick, announced("benchmarks.comparison.paced_vendor") as paced:
            vendors = Vendors(port, paced)
            first_answer(quick, direct(vendors).surfaces[0].plain(None), folder)
            yield vendors


def _command() -> str:
    """What was called, without the folder of this machine that it was written into."""
    told = sys.argv[1:]
    if "--into" in told:
        where = told.index("--into")
        told = told[:where] + told[where + 2 :]
    return " ".join(["python -m benchmarks", *told])


def _need(*tools: str) -> None:
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        raise RuntimeError(f"the comparison needs {' and '.join(missing)} on the path (Debian: apt-get install …)")


def _allow_open_files() -> None:
    """A thousand streams are two thousand sockets in a gateway; what is allowed here, children inherit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def _tools() -> dict[str, str]:
    """What the load and the vendor are."""
    told = {tool: _first_line(tool, "-v") for tool in ("wrk", "nginx")}
    return {"wrk": told["wrk"].split()[1], "nginx": told["nginx"].rpartition("/")[2]}


def _first_line(*command: str) -> str:
    """wrk tells its version with an exit code of 1, nginx on its second stream."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).splitlines()[0]


def _machine() -> str:
    models = [line for line in _cpu_info() if line.startswith("model name")]
    processor = models[0].partition(":")[2].strip() if models else platform.machine()
    return f"{os.cpu_count()} cores ({processor}), {platform.system()} {platform.release()}"


def _cpu_info() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
