"""The command as a real process, away from a developer's own environment."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.settings import PREFIX

ROOT = Path(__file__).parents[3]
TIMEOUT_SECONDS = 60
_URL = re.compile(r"(?:[ \"]API +|running on )(http://[^\s\"]+)")
_UVICORN = re.compile("running on")
# A line of text, or the message of a line that is JSON.
_LAST_LINE = re.compile(r"[ \"]providers  ")


@dataclass(frozen=True)
class Command:
    """`python -m app.cli` in a folder of its own, with an environment that holds nothing else."""

    folder: Path

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Runs it to its end."""
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments],
            cwd=self.folder,
            env=self.environ(environ),
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )

    def with_dotenv(self, text: str) -> Command:
        """The same, with a `.env` in its folder."""
        (self.folder / ".env").write_text(text)
        return self

    @asynccontextmanager
    async def serving(
        self, *arguments: str, says: re.Pattern[str] = _LAST_LINE, **environ: str
    ) -> AsyncIterator[Running]:
        """The service on a free port, once it `says` that it answers; ended when the test has not done so."""
        async with self._running("app.cli", *arguments, says=says, **environ) as running:
            yield running

    @asynccontextmanager
    async def under_uvicorn(self, **environ: str) -> AsyncIterator[Running]:
        """The same by a server of one's own."""
        async with self._running("uvicorn", "app.main:app", says=_UVICORN, **environ) as running:
            yield running

    @asynccontextmanager
    async def _running(
        self, module: str, *arguments: str, says: re.Pattern[str], **environ: str
    ) -> AsyncIterator[Running]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            "--port",
            "0",
            *arguments,
            cwd=self.folder,
            env=self.environ(environ),
            stderr=asyncio.subprocess.PIPE,
        )
        running = Running(process)
        try:
            await running.wait_for(says)
            yield running
        finally:
            if process.returncode is None:
                process.kill()
            await running.end()

    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        """What the process finds, beside what measures its coverage; it drains for no time unless told to."""
        kept = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_") or name == "PATH"}
        return {**kept, "HOME": str(self.folder), "PYTHONPATH": str(ROOT), f"{PREFIX}DRAIN_SECONDS": "0", **environ}


class Running:
    """A service that runs; `text` is what it has said on standard error so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.text = ""

    @property
    def pid(self) -> int:
        """The process that was started."""
        return self._process.pid

    @property
    def url(self) -> str:
        """The address that it printed."""
        found = _URL.search(self.text)
        assert found
        return found.group(1)

    async def wait_for(self, pattern: re.Pattern[str]) -> None:
        """Reads on until a line has `pattern`."""
        assert self._process.stderr
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while line := (await self._process.stderr.readline()).decode():
                self.text += line
                if pattern.search(line):
                    return
        raise AssertionError(self.text)

    def send(self, number: signal.Signals) -> None:
        """Sends the signal `number`."""
        self._process.send_signal(number)

    async def end(self, number: signal.Signals | None = None) -> int:
        """The exit code, after the signal `number`."""
        if number is not None:
            self.send(number)
        assert self._process.stderr
        async with asyncio.timeout(TIMEOUT_SECONDS):
            self.text += (await self._process.stderr.read()).decode()
            return await self._process.wait()
