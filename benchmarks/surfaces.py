"""What does a stream through a drop-in surface cost, against the same stream from the vendor?

    python -m benchmarks.surfaces [--streams 100] [--seconds 8] [--gap-ms 30] [--tokens 100]

A vendor of OpenAI's dialect streams in a process of its own, a caller measures in another. Each row is measured
`--rounds` times in turns with the others, and the median of the rounds is shown. Fails when a median misses its budget.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from statistics import median

import psutil

from benchmarks.processes import bare_environment, our_service, running
from benchmarks.stream_load import StreamFigures, StreamLoad
from benchmarks.vendor import MODEL

FIRST_BUDGET_MS = 2.0
GAP_BUDGET_MS = 0.2
_ASKED = [{"role": "user", "content": "Say how a bridge carries a load, in one paragraph."}]
# The vendor's own dialect is relayed, the others are translated.
_SURFACES: dict[str, dict[str, object]] = {
    "/v1/chat/completions": {"messages": _ASKED},
    "/v1/messages": {"messages": _ASKED, "max_tokens": 200},
    "/v1/responses": {"input": _ASKED},
}
_DIRECT = "direct"


@dataclass(frozen=True)
class Measured:
    """One row: its figures, and the processor time of the service for each token of it, in microseconds."""

    figures: StreamFigures
    cpu_us: float


def main() -> None:
    """Measure, print, and fail when a budget is exceeded."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.surfaces", description=__doc__)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gap-ms", type=float, default=30.0)
    parser.add_argument("--tokens", type=int, default=100)
    options = parser.parse_args()
    ramp_seconds = options.tokens * options.gap_ms / 1000
    rounds: list[dict[str, Measured]] = []
    with _vendor(options.tokens, options.gap_ms) as vendor_port, our_service(vendor_port) as (our_port, process_id):
        for _ in range(options.rounds):
            loads = _loads(vendor_port, our_port, options.streams, ramp_seconds, options.seconds)
            rounds.append({name: _measured(load, process_id) for name, load in loads.items()})
    print(_table(rounds, options.streams, options.gap_ms))
    _check(rounds)


def _loads(vendor_port: int, our_port: int, streams: int, ramp_seconds: float, seconds: float) -> dict[str, StreamLoad]:
    def load(port: int, path: str) -> StreamLoad:
        body = json.dumps({"model": MODEL, "stream": True, **_SURFACES[path]})
        return StreamLoad(port, path, body, streams, ramp_seconds, seconds)

    return {_DIRECT: load(vendor_port, "/v1/chat/completions"), **{path: load(our_port, path) for path in _SURFACES}}


def _measured(load: StreamLoad, process_id: int) -> Measured:
    """By a process of its own, so that it does not slow down what it measures."""
    before = _cpu_seconds(process_id)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.stream_load"],
        input=json.dumps(asdict(load)) + "\n",
        env=bare_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=load.seconds + load.ramp_seconds + 90,
    )
    figures = StreamFigures(**json.loads(done.stdout))
    # The ramp is at work half of its time, and its tokens are not counted.
    share = load.seconds / (load.seconds + load.ramp_seconds)
    return Measured(figures, (_cpu_seconds(process_id) - before) * share * 1e6 / max(1, figures.tokens))


def _cpu_seconds(process_id: int) -> float:
    times = psutil.Process(process_id).cpu_times()
    return float(times.user + times.system)


def _table(rounds: list[dict[str, Measured]], streams: int, gap_ms: float) -> str:
    measures = ("first token", "between tokens", "vendor to caller")
    heads = " | ".join(f"{measure} p50 ms | p99 | added p50" for measure in measures)
    lines = [f"| path | {heads} | CPU µs a token |", f"|---{'|---:' * 10}|"]
    for path in rounds[0]:
        cells = []
        for kind in ("first", "gap", "delay"):
            shown = (_middle(rounds, path, f"{kind}_{share}_ms") for share in ("p50", "p99"))
            cells += [*(f"{value:.2f}" for value in shown), f"{_added(rounds, path, f'{kind}_p50_ms'):.3f}"]
        cpu = "" if path == _DIRECT else f"{median(one[path].cpu_us for one in rounds):.0f}"
        lines.append(f"| {path} | {' | '.join(cells)} | {cpu} |")
    told = f"{streams} streams at a time, a token each {gap_ms:g} ms in each, one service process."
    return "\n".join([*lines, "", told])


def _middle(rounds: list[dict[str, Measured]], path: str, name: str) -> float:
    return float(median(getattr(one[path].figures, name) for one in rounds))


def _added(rounds: list[dict[str, Measured]], path: str, name: str) -> float:
    return _middle(rounds, path, name) - _middle(rounds, _DIRECT, name)


def _check(rounds: list[dict[str, Measured]]) -> None:
    budgets = {"first_p50_ms": FIRST_BUDGET_MS, "gap_p50_ms": GAP_BUDGET_MS}
    missed = [
        f"{path} adds {_added(rounds, path, name):.2f} ms to {name}, more than {budget:g}"
        for path in _SURFACES
        for name, budget in budgets.items()
        if _added(rounds, path, name) > budget
    ]
    if missed:
        raise SystemExit("\n".join(missed))


@contextmanager
def _vendor(tokens: int, gap_ms: float) -> Iterator[int]:
    command = ["-m", "benchmarks.stream_vendor", str(tokens), str(gap_ms)]
    with running(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())


if __name__ == "__main__":
    main()
