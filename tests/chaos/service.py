"""How do our service and the vendor run beside the runner? As processes of their own, in an emptied environment."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.chaos.pace import Pace
from tests.chaos.scenario import Row

ROOT = Path(__file__).parents[2]
_START_SECONDS = 60.0
_STOP_SECONDS = 40.0
_ADDRESS = re.compile(r"^  API +(http://\S+)$")
_DEFECT = re.compile(r"^Traceback|^\S+ (ERROR|CRITICAL) ")
_CLOSED_PORT = 1


class Service:
    """The service at `url`; `log` is what it wrote."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.url = ""
        self.log: list[str] = []
        self._process = process
        self._reader: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @classmethod
    async def start(cls, name: str, folder: Path, config: dict[str, Any]) -> Service:
        """Raises RuntimeError with what it wrote when it does not come up."""
        file = folder / f"{name}.yaml"
        # JSON is YAML.
        file.write_text(json.dumps(config), encoding="utf-8")
        state = folder / name
        state.mkdir()
        service = cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "app.cli", "--config", str(file), "--port", "0"),
                cwd=ROOT,
                env=_environment() | {"LLM_PROVIDER_SERVICE_STATE_DIR": str(state)},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
        )
        found = asyncio.get_running_loop().create_future()
        service._reader = asyncio.create_task(service._read(found))
        try:
            service.url = await asyncio.wait_for(found, _START_SECONDS)
        except BaseException:
            await service.stop()
            raise
        return service

    def terminate(self) -> None:
        """SIGTERM."""
        self._process.terminate()

    async def wait(self) -> int:
        """Its exit code, once it has one."""
        return await self._process.wait()

    async def stop(self) -> int:
        """Ends it, by force when it takes too long, and gives its exit code."""
        if self._process.returncode is None:
            self.terminate()
        try:
            return await asyncio.wait_for(self.wait(), _STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            return await self.wait()
        finally:
            if self._reader is not None:
                await self._reader

    def defects(self) -> list[str]:
        """Lines of its log that no fault of a vendor's explains."""
        return [line for line in self.log if _DEFECT.search(line)]

    async def _read(self, found: asyncio.Future[str]) -> None:
        assert self._process.stderr is not None
        async for raw in self._process.stderr:
            line = raw.decode(errors="replace").rstrip("\n")
            self.log.append(line)
            if (match := _ADDRESS.search(line)) and not found.done():
                found.set_result(match[1])
        if not found.done():
            found.set_exception(RuntimeError("the service did not start: " + " | ".join(self.log[-3:])))


class VendorProcess:
    """The vendor at `port`."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.port = port
        self._process = process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @classmethod
    async def start(cls) -> VendorProcess:
        """Starts it."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.chaos.vendor"),
            cwd=ROOT,
            env=_environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        return cls(process, int(await asyncio.wait_for(process.stdout.readline(), _START_SECONDS)))

    async def stop(self) -> None:
        """Ends it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)


def configuration(pace: Pace, rows: Iterable[Row], vendor_port: int) -> dict[str, Any]:
    """The service's configuration: these rows and no others, all of them the vendor's."""
    providers = {row.name: _provider(row, vendor_port) for row in rows}
    enabled = [name for name, row in providers.items() if row.get("enabled", True)]
    return {"enabled_providers": enabled, "providers": providers, **pace.settings()}


def open_files(pid: int) -> int:
    """Open file descriptors of a process; 0 where the system does not tell."""
    folder = Path(f"/proc/{pid}/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def resident_mb(pid: int) -> float:
    """Resident memory of a process; 0 where the system does not tell."""
    file = Path(f"/proc/{pid}/statm")
    return int(file.read_text().split()[1]) * 4096 / 2**20 if file.is_file() else 0.0


def _provider(row: Row, vendor_port: int) -> dict[str, Any]:
    port = _CLOSED_PORT if row.fault == "closed-port" else vendor_port
    base = f"http://127.0.0.1:{port}/{row.name}" + (f"/{row.fault}" if row.fault else "")
    url = base if row.kind == "anthropic" else f"{base}/v1"
    return {"type": row.kind, "base_url": url, "api_key": "chaos", **row.settings}


def _environment() -> dict[str, str]:
    """Without coverage's own: a service that is measured is some times slower, and here time is what is judged."""
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", "NO_PROXY": "127.0.0.1"}
