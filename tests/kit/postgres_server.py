"""Where does a real PostgreSQL for tests come from? From PATH or a wheel, on loopback; it may be stopped at will."""

from __future__ import annotations

import collections
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

_READY = "ready to accept connections"
_TRIES = 50
_INSTALL = (
    "tests of the books need PostgreSQL (14 or later): set LLM_PROVIDER_SERVICE_TEST_DATABASE_URL to a server on which "
    "databases may be made, put `postgres` and `initdb` on PATH, or (up to Python 3.12) `pip install pgserver`"
)
# What it is told to keep survives a killed client; a lost machine is not what these tests are about.
_QUICK = ("fsync=off", "full_page_writes=off", "max_connections=60", "shared_buffers=32MB", "unix_socket_directories=")


def postgres_binaries() -> Path:
    """The folder with `postgres` and `initdb`. Raises FileNotFoundError saying what to install."""
    if shutil.which("initdb") and (found := shutil.which("postgres")):
        return Path(found).resolve().parent
    # The wheel is not imported: it would register an end of its own, and make files.
    spec = importlib.util.find_spec("pgserver")
    for folder in (spec and spec.submodule_search_locations) or ():
        binaries = Path(folder) / "pginstall" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    raise FileNotFoundError(_INSTALL)


class PostgresServer:
    """One server on a port of loopback, which it keeps when it is ended and started again.

    `options` are settings, `name=value`; by default what makes tests quick. Its files are its own, and go at `close`.
    """

    def __init__(self, *options: str) -> None:
        self._options = options or _QUICK
        # PostgreSQL refuses to be run by root, and another user cannot enter the folders of pytest.
        self._user = _unprivileged_user()
        self._folder = Path(tempfile.mkdtemp(prefix="books-"))
        self._binaries = self._reachable(postgres_binaries())
        self._process: subprocess.Popen[str] | None = None
        self.port = _free_port()
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._initialize()
        self.start()

    def url(self, database: str = "postgres", *, user: str = "postgres") -> str:
        """Where it answers."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Starts it (again), with all that it was told before. Raises RuntimeError with its last words."""
        last_words = ""
        # After a crash it refuses while a process of its former life is still there.
        for _ in range(_TRIES):
            words = self._ran()
            if words is None:
                return
            last_words = words
        raise RuntimeError(last_words)

    def stop(self) -> None:
        """Ends it in order, at once: connections are cut."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Ends it as a crash would; at its start it recovers."""
        self._end(signal.SIGQUIT)

    def pause(self) -> None:
        """Connections are taken (the kernel does), and nothing is answered."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on."""
        self._signal_all(signal.SIGCONT)

    def close(self) -> None:
        """Ends it, and takes its files away."""
        if self._process is not None and self._process.returncode is None:
            self.resume()
            self.kill()
        shutil.rmtree(self._folder)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _reachable(self, binaries: Path) -> Path:
        """`binaries`, or a copy of its installation where the unprivileged user cannot enter it."""
        try:
            subprocess.run([binaries / "postgres", "--version"], user=self._user, check=True, capture_output=True)
        except PermissionError:
            copied = self._folder / "installation"
            shutil.copytree(binaries.parent, copied, symlinks=True)
            self._folder.chmod(0o755)
            return copied / "bin"
        return binaries

    def _initialize(self) -> None:
        options = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-locale")
        command = [self._binaries / "initdb", "-D", self._data, *options]
        subprocess.run(command, user=self._user, cwd=self._folder, check=True, capture_output=True)

    def _ran(self) -> str | None:
        """None when it is ready; else its last words."""
        settings = (f"port={self.port}", "listen_addresses=127.0.0.1", *self._options)
        self._process = subprocess.Popen(
            [self._binaries / "postgres", "-D", self._data, *(word for one in settings for word in ("-c", one))],
            stderr=subprocess.PIPE,
            text=True,
            user=self._user,
            cwd=self._folder,
        )
        assert self._process.stderr is not None
        words: list[str] = []
        for line in self._process.stderr:
            words.append(line)
            if _READY in line:
                # What it goes on saying is read, so that it never has to wait.
                self._reader = threading.Thread(target=collections.deque, args=(self._process.stderr, 0), daemon=True)
                self._reader.start()
                return None
        self._process.wait()
        self._process.stderr.close()
        return "".join(words[-5:])

    def _end(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait()
        self._reader.join()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def _signal_all(self, number: signal.Signals) -> None:
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        for pid in (self._process.pid, *map(int, children.read_text().split())):
            # One of its workers may just have ended.
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def _unprivileged_user() -> str | None:
    """Somebody else, when we are root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])
