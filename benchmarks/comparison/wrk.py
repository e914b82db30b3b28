"""What does wrk measure? Requests a second and latencies of one POST, sent again and again by some connections."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.comparison.asking import Ask

# wrk counts an answer that takes longer as an error, and so do we.
_TIMEOUT_SECONDS = 60
_PATIENCE_SECONDS = 30
TELLING = """
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\\n{"requests":%d,"bytes":%d,"micros":%d,"p50":%d,"p99":%d,"failed":%d,"refused":%d}\\n',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
"""


@dataclass(frozen=True)
class Rate:
    """What came back: whole answers, the bytes of all of them with their heads, latencies in milliseconds."""

    requests: int
    received: int
    requests_per_second: float
    p50_ms: float
    p99_ms: float


def put_load(ask: Ask, *, connections: int, seconds: float) -> Rate:
    """Loads one port of this machine for that long. Raises RuntimeError when an answer fails or is no 2xx."""
    return rate_of(run_script(script_of(ask), ask.port, ask.path, connections=connections, seconds=seconds))


def run_script(script: str, port: int, path: str, *, connections: int, seconds: float) -> str:
    """What wrk prints when it has run `script`, of which `TELLING` is the end, against one port for that long."""
    with tempfile.TemporaryDirectory(prefix="llm-provider-service-wrk-") as folder:
        file = Path(folder) / "ask.lua"
        file.write_text(script, encoding="utf-8")
        # It knows whole seconds only, and needs one thread to be faster than every contender.
        options = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", f"--timeout={_TIMEOUT_SECONDS}s"]
        done = subprocess.run(
            ["wrk", *options, "-s", str(file), f"http://127.0.0.1:{port}{path}"],
            capture_output=True,
            text=True,
            check=True,
            timeout=seconds + _TIMEOUT_SECONDS + _PATIENCE_SECONDS,
        )
    return done.stdout


def script_of(ask: Ask) -> str:
    """The script by which wrk sends `ask` and tells its figures as JSON."""
    lines = ['wrk.method = "POST"', f"wrk.body = {_quoted(ask.body)}"]
    lines += [f"wrk.headers[ {_quoted(name)} ] = {_quoted(value)}" for name, value in ask.headers.items()]
    return "\n".join(lines) + TELLING


def _quoted(text: str) -> str:
    """As Lua writes a string in which nothing has a meaning."""
    return f"[==[{text}]==]"


def rate_of(output: str) -> Rate:
    """The figures in what wrk printed.

    They may be of no request at all. Raises RuntimeError when they tell of failed or refused requests, and ValueError
    when there are none.
    """
    told = figures_in(output)
    if told["failed"] or told["refused"]:
        raise RuntimeError(f"{told['failed']} failed, {told['refused']} no 2xx of {told['requests']} requests")
    return Rate(
        requests=told["requests"],
        received=told["bytes"],
        requests_per_second=told["requests"] / told["micros"] * 1e6,
        p50_ms=told["p50"] / 1000,
        p99_ms=told["p99"] / 1000,
    )


def figures_in(output: str) -> dict[str, int]:
    """What `TELLING` told, refused and failed requests too. Raises ValueError when it told nothing."""
    last = output.strip().rpartition("\n")[2]
    if not last.startswith("{"):
        msg = f"wrk told no figures, but: {last[:200]}"
        raise ValueError(msg)
    told: dict[str, int] = json.loads(last)
    return told
