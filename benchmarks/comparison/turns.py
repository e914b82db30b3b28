"""How many times as fast are we, in the same minute? All run at once, and are loaded one after the other, in rounds.

A machine that others use too is twice as fast in one minute as in the next. Who is compared by a ratio has to be
measured beside the other; the rest of the comparison takes one contender at a time, for its memory and its streams.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.comparison.asking import Surface
from benchmarks.comparison.contenders import Contender
from benchmarks.comparison.figures import Loaded
from benchmarks.comparison.launching import first_answer
from benchmarks.comparison.measuring import load_once, made, warm

_STEP = (32, False)


@dataclass
class InTurns:
    """One surface of one contender: a row for each round, in their order; `failure` is why it has no more of them."""

    contender: str
    surface: str
    workers: int
    rounds: list[Loaded] = field(default_factory=list)
    failure: str | None = None


def in_turns(
    makers: Mapping[str, Callable[[Path], Contender]], direct: Contender, *, rounds: int, seconds: float
) -> list[InTurns]:
    """All main surfaces of all that `makers` make, by 32 connections, as many rounds as that.

    Raises RuntimeError when one of them does not start.
    """
    with ExitStack() as running:
        turns = [turn for make in makers.values() for turn in _started(running.enter_context(made(make)))]
        for number in range(rounds):
            # So that nobody always comes after the same one.
            for turn in turns if number % 2 else reversed(turns):
                turn.take(direct.surfaces[0], seconds)
    return [turn.told for turn in turns]


def _started(running: tuple[Contender, psutil.Process | None, Path]) -> list[_Turn]:
    contender, process, folder = running
    if process is not None:
        first_answer(process, contender.surfaces[0].plain(None), folder)
    return [_Turn(contender, surface, process) for surface in contender.surfaces if surface.is_main]


class _Turn:
    """One surface that is loaded again and again, until it fails."""

    def __init__(self, contender: Contender, surface: Surface, process: psutil.Process | None) -> None:
        probed, failure = warm(surface)
        self.told = InTurns(contender.name, surface.name, contender.workers, failure=failure)
        self._surface, self._process, self._probed = surface, process, probed

    def take(self, direct: Surface, seconds: float) -> None:
        if self.told.failure is not None:
            return
        try:
            row = load_once(self._surface, self._process, direct, _STEP, seconds, self._probed[False])
        except (RuntimeError, ValueError, subprocess.SubprocessError) as exc:
            self.told.failure = f"{self.told.contender} {self.told.surface} in turns: {exc}"
        else:
            self.told.rounds.append(row)
