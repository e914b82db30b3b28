"""What does a call through the service cost? Measures, prints a Markdown table and writes results.json.

    python -m benchmarks [--seconds 5] [--connections 32]

results.json is not committed: its figures belong to the machine that measured them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from benchmarks import kept
from benchmarks.load import Figures, Load
from benchmarks.processes import fake_vendor, our_service, put_load
from benchmarks.vendor import MODEL

_RESULTS = Path(__file__).with_name("results.json")
_VERSIONS = ("fastapi", "starlette", "uvicorn", "uvloop", "httpx2", "aiohttp", "pydantic")
_SETTLE_SECONDS = 2.0
_KEPT_CALLS = 5000
_PROMPT = "Say how a bridge carries a load, in one paragraph."


def main() -> None:
    """Run the whole comparison; each row takes `--seconds` and one second of warm-up."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=32)
    options = parser.parse_args()
    results = _compare(options.seconds, options.connections)
    _RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(_table(results))


def _compare(seconds: float, connections: int) -> dict[str, Any]:
    direct_body = json.dumps({"model": MODEL, "messages": [{"role": "user", "content": _PROMPT}]})
    asked = {"prompt": _PROMPT, "provider": "bench", "model": MODEL}
    our_body, cached_body = json.dumps(asked), json.dumps({**asked, "use_cache": True})
    rows: list[dict[str, Any]] = []
    with fake_vendor() as vendor_port, our_service(vendor_port) as (our_port, process_id):
        time.sleep(_SETTLE_SECONDS)
        idle_mb = _memory_mb(process_id)
        for count in (1, connections):
            direct = put_load(Load(vendor_port, "/v1/chat/completions", direct_body, count, seconds))
            ours = put_load(Load(our_port, "/process", our_body, count, seconds))
            cached = put_load(Load(our_port, "/process", cached_body, count, seconds))
            rows += [
                _row("direct", count, direct, direct),
                _row("ours, /process", count, ours, direct),
                _row("ours, /process, kept in memory", count, cached, direct),
            ]
        loaded_mb = _memory_mb(process_id)
    return {
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": _machine(),
        "versions": {name: version(name) for name in _VERSIONS},
        "seconds_per_row": seconds,
        "rows": rows,
        "kept": [asdict(row) for row in kept.measure(_KEPT_CALLS)],
        "memory_idle_mb": idle_mb,
        "memory_after_load_mb": loaded_mb,
    }


def _row(path: str, connections: int, figures: Figures, direct: Figures) -> dict[str, Any]:
    added = round(figures.p50_ms - direct.p50_ms, 3)
    return {"path": path, "connections": connections, **asdict(figures), "added_p50_ms": added}


def _memory_mb(process_id: int) -> float:
    """Resident memory of the process itself: the embedded model's child is not counted."""
    return round(psutil.Process(process_id).memory_info().rss / 1e6, 1)


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def _table(results: dict[str, Any]) -> str:
    lines = [
        "| path | connections | requests/s | p50 ms | p99 ms | added at p50, ms |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in results["rows"]:
        figures = f"{row['requests_per_second']:.0f} | {row['p50_ms']:.2f} | {row['p99_ms']:.2f}"
        lines.append(f"| {row['path']} | {row['connections']} | {figures} | {row['added_p50_ms']:.2f} |")
    libraries = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    memory = f"idle {results['memory_idle_mb']:.0f} MB, after the load {results['memory_after_load_mb']:.0f} MB"
    return "\n".join(
        [
            *lines,
            "",
            kept.table([kept.Kept(**row) for row in results["kept"]]),
            "",
            f"Memory of the service process: {memory} (resident; the embedded model's process aside).",
            f"{results['machine']}; {libraries}. One service process; vendor and load on the same machine;",
            f"{results['seconds_per_row']:g} s a row, an 800-byte chat completion.",
        ]
    )


if __name__ == "__main__":
    main()
