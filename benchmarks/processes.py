"""Which processes take part, and how do they end? Each is started here and ended here, by its own handle."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks.load import Figures, Load
from benchmarks.vendor import MODEL

_START_SECONDS = 60.0
_STOP_SECONDS = 30.0


@contextmanager
def fake_vendor() -> Iterator[int]:
    """The port of a running fake vendor."""
    with running(["-m", "benchmarks.vendor"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())


@contextmanager
def our_service(vendor_port: int) -> Iterator[tuple[int, int]]:
    """(port, process id) of our service in front of the vendor, once it is ready."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="llm-provider-service-bench-") as folder:
        config = Path(folder) / "config.yaml"
        # JSON is YAML too.
        config.write_text(json.dumps(_config(vendor_port)), encoding="utf-8")
        environment = {
            **bare_environment(),
            "LLM_PROVIDER_SERVICE_CONFIG_FILE": str(config),
            # Books of its own: those of whoever runs this may be in use.
            "XDG_STATE_HOME": folder,
            "LLM_PROVIDER_SERVICE_PORT": str(port),
            "LLM_PROVIDER_SERVICE_LOG_LEVEL": "WARNING",
            "LLM_PROVIDER_SERVICE_DRAIN_SECONDS": "0",
        }
        with running(["-m", "app.cli"], environment=environment, stdout=subprocess.DEVNULL) as process:
            _wait_until_ready(port, process)
            yield port, process.pid


def put_load(load: Load) -> Figures:
    """`load`, sent by a process of its own so that it does not slow down what it measures."""
    command = [sys.executable, "-m", "benchmarks.load"]
    done = subprocess.run(
        command,
        input=json.dumps(asdict(load)) + "\n",
        env=bare_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=load.seconds + 60,
    )
    return Figures(**json.loads(done.stdout))


def _config(vendor_port: int) -> dict[str, object]:
    row = {
        "type": "openai",
        "base_url": f"http://127.0.0.1:{vendor_port}/v1",
        "api_key": "bench",
        "default_model": MODEL,
    }
    return {"providers": {"bench": row}}


def bare_environment() -> dict[str, str]:
    """No settings, keys or proxies of whoever runs the benchmark."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}


@contextmanager
def running(
    arguments: list[str], *, stdout: int | None = None, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Python with `arguments`, ended on leaving."""
    process = subprocess.Popen(
        [sys.executable, *arguments], env=environment or bare_environment(), stdout=stdout, text=True
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(port: int, process: subprocess.Popen[str]) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    ends_at = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends_at:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with code {process.returncode} before it was ready")
        try:
            with direct.open(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise RuntimeError(f"the service was not ready within {_START_SECONDS:.0f} s")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
