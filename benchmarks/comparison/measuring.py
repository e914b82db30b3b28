"""In which order is a contender measured? Started, left idle, loaded step by step in rounds, streamed from, ended."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from benchmarks.comparison.asking import Ask, Surface
from benchmarks.comparison.contenders import Contender
from benchmarks.comparison.figures import Footprint, Loaded, Measured, Streamed, middle, middle_stream
from benchmarks.comparison.launching import cpu_seconds, first_answer, launched, memory, wait_until_quiet
from benchmarks.comparison.paces import BRIEF, LONG, THINKING, Pace
from benchmarks.comparison.probing import Probe, probe, short
from benchmarks.comparison.streams import put_streams
from benchmarks.comparison.wrk import put_load

# Connections at once, and whether the vendor thinks before it answers.
MAIN_STEPS = ((1, False), (8, False), (32, False), (128, False), (32, True), (256, True))
OTHER_STEPS = ((1, False), (32, False))
# Streams at once, and how each of them goes.
MAIN_STREAMS = ((1, BRIEF), (256, LONG), (256, THINKING), (1000, LONG))
OTHER_STREAMS = ((1, BRIEF),)
_WARM_UP_SECONDS = 1
# Once for each surface, before everything else: what compiles while it runs must have done so.
_FIRST_WARM_UP = (32, 4)
_DIRECT_SECONDS = 1
# Where each connection has fewer answers in the second of warm-up, a step takes so many times longer.
_ANSWERS_EACH = 5
_MORE_TIME = 5
_SETTLE_SECONDS = 2.0


@dataclass(frozen=True)
class Effort:
    """How long a step takes, how often it is repeated, and how long streams are listened to."""

    seconds: float
    rounds: int
    stream_seconds: float


@dataclass(frozen=True)
class Session:
    """What was measured of one contender."""

    footprint: Footprint
    measured: list[Measured]


def measure(make: Callable[[Path], Contender], direct: Contender, effort: Effort) -> Session:
    """One contender, made in an empty folder of its own, from its start to its end."""
    starts = [_start_seconds(make) for _ in range(effort.rounds - 1)]
    with made(make) as (contender, process, folder):
        if process is not None:
            starts.append(first_answer(process, contender.surfaces[0].plain(None), folder))
        time.sleep(_SETTLE_SECONDS)
        idle = memory(process) if process else None
        measured = [_surface(contender, surface, process, direct.surfaces[0], effort) for surface in contender.surfaces]
        loaded = memory(process) if process else None
    known = [seconds for seconds in starts if seconds is not None]
    footprint = Footprint(
        contender.name,
        contender.version,
        contender.settings,
        contender.command,
        contender.workers,
        median(known) if known else None,
        idle,
        loaded,
    )
    return Session(footprint, measured)


@contextmanager
def made(make: Callable[[Path], Contender]) -> Iterator[tuple[Contender, psutil.Process | None, Path]]:
    """A contender that is started, its process, and the empty folder of its own; ended on leaving."""
    with tempfile.TemporaryDirectory(prefix="llm-provider-service-bench-") as name:
        contender = make(Path(name))
        with launched(contender.program) if contender.program else nullcontext() as process:
            yield contender, process, Path(name)


def _start_seconds(make: Callable[[Path], Contender]) -> float | None:
    with made(make) as (contender, process, folder):
        return first_answer(process, contender.surfaces[0].plain(None), folder) if process else None


def _surface(
    contender: Contender, surface: Surface, process: psutil.Process | None, direct: Surface, effort: Effort
) -> Measured:
    """All rounds of all steps. A step that fails is told as such, and the others go on."""
    steps, kinds = (MAIN_STEPS, MAIN_STREAMS) if surface.is_main else (OTHER_STEPS, OTHER_STREAMS)
    name = f"{contender.name} {surface.name}"
    probed, failed = warm(surface)
    if failed:
        return Measured(contender.name, surface.name, contender.workers, failures=[f"{name}: {failed}"])
    failures: list[str] = []
    loaded: dict[tuple[int, bool], list[Loaded]] = {step: [] for step in steps}
    streamed: dict[tuple[int, Pace], list[Streamed]] = {kind: [] for kind in kinds}
    for _ in range(effort.rounds):
        for step, rows in loaded.items():
            try:
                rows.append(load_once(surface, process, direct, step, effort.seconds, probed[step[1]]))
            except (RuntimeError, ValueError, subprocess.SubprocessError) as exc:
                failures.append(f"{name} by {step[0]}{' thinking' if step[1] else ''}: {exc}")
        for (count, pace), heard in streamed.items():
            # One failure is the row's, and takes long to find.
            if surface.streamed and not any(one.failure for one in heard):
                heard.append(_streamed(surface.streamed(pace), count, pace, effort.stream_seconds))
        _tell(f"{name}: a round is done")
    return Measured(
        contender.name,
        surface.name,
        contender.workers,
        [middle(rows) for rows in loaded.values() if rows],
        [middle_stream(heard) for heard in streamed.values() if heard],
        failures,
    )


def load_once(
    surface: Surface,
    process: psutil.Process | None,
    direct: Surface,
    step: tuple[int, bool],
    seconds: float,
    probed: Probe,
) -> Loaded:
    """One step of a surface that is warm, and `direct` after it. Raises RuntimeError when it does not go as it should.

    And what `put_load` raises.
    """
    connections, is_thinking = step
    pace = THINKING if is_thinking else None
    ask = surface.plain(pace)
    warm = put_load(ask, connections=connections, seconds=_WARM_UP_SECONDS)
    if warm.requests < _ANSWERS_EACH * connections:
        seconds *= _MORE_TIME
    if process:
        wait_until_quiet(process)
    before = cpu_seconds(process) if process else 0.0
    rate = put_load(ask, connections=connections, seconds=seconds)
    if not rate.requests:
        raise RuntimeError(f"no answer within {seconds:g} s")
    if cut := short(probed, received=rate.received, answers=rate.requests):
        raise RuntimeError(cut)
    figures = (rate.requests_per_second, rate.p50_ms, rate.p99_ms)
    if process is None:
        return Loaded(*step, *figures, added_p50_ms=None, cpu_us=None)
    cpu_us = (cpu_seconds(process) - before) * 1e6 / rate.requests
    # The same call without the contender, in the same minute.
    least = put_load(direct.plain(pace), connections=connections, seconds=_DIRECT_SECONDS)
    return Loaded(*step, *figures, added_p50_ms=rate.p50_ms - least.p50_ms, cpu_us=cpu_us)


def warm(surface: Surface) -> tuple[dict[bool, Probe], str | None]:
    """Loads the surface once for nothing; what one answer is then, by whether the vendor thinks, and what failed."""
    first = probe(surface.plain(None))
    if first.failure:
        return {}, first.failure
    try:
        put_load(surface.plain(None), connections=_FIRST_WARM_UP[0], seconds=_FIRST_WARM_UP[1])
    except (RuntimeError, ValueError, subprocess.SubprocessError) as exc:
        return {}, str(exc)
    # Only now: an answer that is kept is another one than the first, which was bought.
    probed = {is_thinking: probe(surface.plain(THINKING if is_thinking else None)) for is_thinking in (False, True)}
    return probed, next((one.failure for one in probed.values() if one.failure), None)


def _streamed(ask: Ask, streams: int, pace: Pace, seconds: float) -> Streamed:
    # Long enough for each of them to begin once more after the ramp.
    heard = put_streams(ask, pace, streams=streams, seconds=max(seconds, 1.5 * pace.stream_seconds))
    return Streamed(streams, pace is THINKING, heard.streams, heard.first_p50_ms, heard.first_p99_ms, heard.failure)


def _tell(line: str) -> None:
    """How far it is, for whoever waits for minutes."""
    print(line, file=sys.stderr, flush=True)
