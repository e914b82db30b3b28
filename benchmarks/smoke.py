"""Did the service get slower? A minute of calls, judged by their ratio to direct calls, so that any machine will do.

    python -m benchmarks.smoke

Direct calls and ours take turns. Of the rounds of a bound the best counts: what else the machine does makes a round
worse, never better. The bounds and their reasons stand in bounds.toml; fails when one is missed.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Figures, Load
from benchmarks.processes import fake_vendor, our_service, put_load
from benchmarks.vendor import MODEL

_BOUNDS = Path(__file__).with_name("bounds.toml")
_ROUNDS = 3
_SECONDS = 2.0
_DIRECT_PATH = "/v1/chat/completions"
_PROMPT = "Say how a bridge carries a load, in one paragraph."
_BODIES = {
    _DIRECT_PATH: {"model": MODEL, "messages": [{"role": "user", "content": _PROMPT}]},
    "/process": {"prompt": _PROMPT, "provider": "bench", "model": MODEL},
}


@dataclass(frozen=True)
class Bound:
    """At a path, by so many connections, `figure` of ours may be `most` times that of a direct call.

    `figure` is `p50`, the median latency, or `seconds_per_request`, what all connections together take for one.
    """

    name: str
    path: str
    connections: int
    figure: str
    most: float
    reason: str


def main() -> None:
    """Measure, print, and fail when a bound is missed."""
    bounds = bounds_of(_BOUNDS.read_text(encoding="utf-8"))
    with fake_vendor() as vendor_port, our_service(vendor_port) as (our_port, _):
        ratios = {bound: [_ratio(bound, vendor_port, our_port) for _ in range(_ROUNDS)] for bound in bounds}
    print("| bound | times a direct call | at most |\n|---|---:|---:|")
    for bound, seen in ratios.items():
        print(f"| {bound.name} | {', '.join(f'{one:.1f}' for one in sorted(seen))} | {bound.most:g} |")
    missed = [told for bound, seen in ratios.items() if (told := verdict(bound, seen))]
    if missed:
        raise SystemExit("\n".join(missed))


def bounds_of(text: str) -> list[Bound]:
    """The bounds in a TOML document, each a table. Raises ValueError and TypeError for one that cannot be used."""
    bounds = [Bound(name, **fields) for name, fields in tomllib.loads(text).items()]
    for bound in bounds:
        if bound.path not in _BODIES or bound.figure not in ("p50", "seconds_per_request") or not bound.reason:
            msg = f"the bound {bound.name} names an unknown path or figure, or gives no reason"
            raise ValueError(msg)
    return bounds


def verdict(bound: Bound, ratios: Sequence[float]) -> str | None:
    """What is wrong when even the best round misses the bound, else None."""
    best = min(ratios)
    if best <= bound.most:
        return None
    return f"{bound.name}: {best:.1f} times a direct call, at most {bound.most:g} ({bound.reason})"


def times_direct(bound: Bound, ours: Figures, direct: Figures) -> float:
    """How many times the bound's figure of a direct call ours is."""
    if bound.figure == "p50":
        return ours.p50_ms / direct.p50_ms
    return direct.requests_per_second / ours.requests_per_second


def _ratio(bound: Bound, vendor_port: int, our_port: int) -> float:
    direct = Load(vendor_port, _DIRECT_PATH, json.dumps(_BODIES[_DIRECT_PATH]), bound.connections, _SECONDS)
    ours = Load(our_port, bound.path, json.dumps(_BODIES[bound.path]), bound.connections, _SECONDS)
    least = put_load(direct)
    return times_direct(bound, put_load(ours), least)


if __name__ == "__main__":
    main()
