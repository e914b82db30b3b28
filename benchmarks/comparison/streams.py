"""When does the first token of a stream come, and are all streams whole? Measured by a process of its own.

Run as a module it reads one JSON line, the arguments of `put_streams`, and prints one, the fields of `Heard`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import uvloop

from benchmarks.comparison.asking import Ask
from benchmarks.comparison.paces import Pace
from benchmarks.stream_load import StreamFigures, StreamLoad, measure

_PATIENCE_SECONDS = 120
_LONGEST_FAILURE = 300


@dataclass(frozen=True)
class Heard:
    """Milliseconds to the first token. `failure` is why not all streams were whole, and then there are no figures."""

    first_p50_ms: float | None = None
    first_p99_ms: float | None = None
    streams: int = 0
    failure: str | None = None


@dataclass(frozen=True)
class _HeadedLoad(StreamLoad):
    headers: Mapping[str, str] = field(default_factory=dict)

    def request(self) -> bytes:
        return Ask(self.port, self.path, self.body, self.headers).request()


def put_streams(ask: Ask, pace: Pace, *, streams: int, seconds: float) -> Heard:
    """So many streams at a time for `seconds`, after as long as one of them takes."""
    load = {**asdict(ask), "streams": streams, "ramp_seconds": max(0.5, pace.stream_seconds), "seconds": seconds}
    patience = pace.stream_seconds + seconds + _PATIENCE_SECONDS
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.comparison.streams"],
            input=json.dumps({"load": load, "tokens": pace.tokens}) + "\n",
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=patience,
        )
    except subprocess.TimeoutExpired:
        return Heard(failure=f"not all were whole within {patience:.0f} s")
    except subprocess.CalledProcessError as exc:
        return Heard(failure=f"the listener ended with code {exc.returncode}")
    return Heard(**json.loads(done.stdout))


def judged(figures: StreamFigures, tokens: int) -> Heard:
    """What was heard, when each stream should have had so many tokens."""
    missing = figures.streams * tokens - figures.tokens
    if missing:
        return Heard(streams=figures.streams, failure=f"{missing} of {figures.streams * tokens} tokens did not come")
    return Heard(figures.first_p50_ms, figures.first_p99_ms, figures.streams)


def _main() -> None:
    told = json.loads(sys.stdin.readline())
    try:
        heard = judged(uvloop.run(measure(_HeadedLoad(**told["load"]))), told["tokens"])
    except* (RuntimeError, OSError, LookupError) as group:
        heard = Heard(failure=_first_of(group))
    print(json.dumps(asdict(heard)))


def _first_of(group: BaseExceptionGroup[BaseException]) -> str:
    leaf: BaseException = group
    while isinstance(leaf, BaseExceptionGroup):
        leaf = leaf.exceptions[0]
    text = str(leaf) or type(leaf).__name__
    # Of an answer that was refused, the status stands at the beginning, the reason at the end.
    half = _LONGEST_FAILURE // 2
    short = text if len(text) <= _LONGEST_FAILURE else f"{text[:40]} … {text[-half:]}"
    return short.replace("|", "/")


if __name__ == "__main__":
    _main()
