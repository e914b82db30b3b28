"""How does the real service run beside a test? As a process of its own, in an emptied environment.

Nothing leaves the machine: its proxies are a socket of ours that takes no connection and tells whether one was tried.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import yaml

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 30.0

_ADDRESS = re.compile(r"^  API +(http://\S+)$", re.MULTILINE)
_DEFECT = re.compile(r"Traceback|^\S+ (ERROR|CRITICAL) ", re.MULTILINE)
# The mock first, the embedded model beside it, and no vendor of the outside world even switched on.
_CONFIG: dict[str, Any] = {
    "default_provider": "mock",
    "enabled_providers": ["mock", "local"],
    "providers": {"mock": {"type": "mock", "models": ["mock-echo"]}},
}


class Log:
    """What a process writes, read as it comes; `wait_for` a line without polling."""

    def __init__(self, stream: IO[str]) -> None:
        self.text = ""
        self._stream = stream
        self._ended = False
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, pattern: re.Pattern[str], seconds: float) -> re.Match[str]:
        """The first match. Raises TimeoutError with all that was written when none comes."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or pattern.search(self.text), seconds)
            found = pattern.search(self.text)
        if found is None:
            msg = f"no line like {pattern.pattern!r} in:\n{self.text}"
            raise TimeoutError(msg)
        return found

    def close(self) -> None:
        """Reads the rest of a process that has ended."""
        self._reader.join(STOP_SECONDS)
        self._stream.close()

    def _read(self) -> None:
        for line in self._stream:
            with self._changed:
                self.text += line
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


class RunningService:
    """The service at `url`; `log` is what it wrote."""

    def __init__(self, url: str, log: Log) -> None:
        self.url = url
        self.log = log


@contextmanager
def run_service(folder: Path, **variables: str) -> Iterator[RunningService]:
    """The service with its state in `folder` and these variables; checked at its end.

    Raises AssertionError when its log holds an error or a traceback, when it ends otherwise than by 0, or when it tried
    to reach anything that is not on this machine.
    """
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump(_CONFIG), encoding="utf-8")
    with _tripwire() as proxy:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli"],
            cwd=ROOT,
            env=_environment(folder, config, proxy) | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        log = Log(process.stderr)
        try:
            yield RunningService(log.wait_for(_ADDRESS, START_SECONDS)[1], log)
        finally:
            _end(process)
            log.close()
    assert not _DEFECT.search(log.text), log.text
    assert process.returncode == 0, log.text


def _environment(folder: Path, config: Path, proxy: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "LLM_PROVIDER_SERVICE_PORT": "0",
        "LLM_PROVIDER_SERVICE_CONFIG_FILE": str(config),
        "LLM_PROVIDER_SERVICE_STATE_DIR": str(folder),
        "LLM_PROVIDER_SERVICE_DRAIN_SECONDS": "0",
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), proxy),
        "NO_PROXY": "127.0.0.1,localhost,::1",
    }


@contextmanager
def _tripwire() -> Iterator[str]:
    """The address of a proxy that takes no connection. Raises AssertionError when one was tried."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.setblocking(False)
        try:
            listener.accept()
        except BlockingIOError:
            return
        msg = "the service tried to reach something off this machine"
        raise AssertionError(msg)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)
