"""What had the callers of a real service read when it was ended under load?

    python -m tests.integration.books.killed_service DATABASE_URL FOLDER ROUNDS

runs the proof of the test beside it for so many rounds, on a database that must be empty.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from app.settings import PREFIX
from tests.integration.books.opened_books import OpenedBooks, opened
from tests.integration.cli.process import Command
from tests.kit.waiting import until

_CALLERS = 12
_FEWEST_ANSWERS, _MOST_ANSWERS = 40, 300
_CALL = {"prompt": "Who are you?", "provider": "mock", "model": "mock-echo"}


@dataclass
class Callers:
    """Callers of the service at `url`, plain ones and readers of streams; `answered`: the ids of what they read."""

    url: str
    answered: list[str] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> Callers:
        """They begin."""
        self._tasks = [asyncio.create_task(self._call(number)) for number in range(_CALLERS)]
        return self

    async def __aexit__(self, *_: object) -> None:
        """They end when nobody answers them any more."""
        await asyncio.gather(*self._tasks)

    async def _call(self, number: int) -> None:
        async with httpx2.AsyncClient(base_url=self.url, timeout=30) as client:
            try:
                while (answered := await (_read if number % 2 else _ask)(client)) is not None:
                    self.answered.append(answered)
            except httpx2.TransportError:
                pass  # The service is gone, and with it what it had not said to the end.


async def _ask(client: httpx2.AsyncClient) -> str | None:
    reply = await client.post("/process", json=_CALL)
    return str(reply.json()["request_id"]) if reply.status_code == 200 else None


async def _read(client: httpx2.AsyncClient) -> str | None:
    """The id of the `done` event, and nothing that came before it."""
    async with client.stream("POST", "/process/stream", json=_CALL) as reply:
        async for name, data in _events(reply):
            if name == "done":
                return str(data["request_id"])
    return None


async def _events(reply: httpx2.Response) -> AsyncIterator[tuple[str, Any]]:
    name = ""
    async for line in reply.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


async def ended_under_load(folder: Path, url: str, number: signal.Signals, durability: str) -> list[str]:
    """The ids of all answers that were read from a service that was ended by `number` while it answered."""
    settings = {"DATABASE_URL": url, "LEDGER_DURABILITY": durability, "STATE_DIR": str(folder), "MOCK_ENABLED": "yes"}
    environ = {PREFIX + name: value for name, value in settings.items()}
    enough = random.randint(_FEWEST_ANSWERS, _MOST_ANSWERS)
    async with Command(folder).serving(**environ) as running, AsyncExitStack() as stack:
        callers = await stack.enter_async_context(Callers(running.url))
        await until(lambda: len(callers.answered) >= enough, within_seconds=60)
        exit_code = await running.end(number)
        assert exit_code == (-signal.SIGKILL if number is signal.SIGKILL else 0), running.text
    return callers.answered


async def check(folder: Path, url: str, answered: list[str]) -> int:
    """Every one has its row, none is there twice, and the sums count what is there; how many rows there are."""
    async with opened(url, folder / "journal") as its:
        await until(lambda: its.journals() == [])
        rows = _request_ids(its)
        assert set(answered) - set(rows) == set()
        assert [name for name, count in rows.items() if count > 1] == []
        assert its.sums()[:2] == (len(rows), len(rows))
        assert its.counts()[:2] == (len(rows), len(rows))
    return len(rows)


def _request_ids(its: OpenedBooks) -> Counter[str]:
    return Counter(row[0] for row in its.rows("SELECT request_id FROM requests"))


async def main(url: str, folder: str, rounds: str) -> None:
    """Kills as often as that, and says what was found."""
    answered: list[str] = []
    for _ in range(int(rounds)):
        answered += await ended_under_load(Path(folder), url, signal.SIGKILL, "strict")
    count = await check(Path(folder), url, answered)
    sys.stdout.write(f"{rounds} times killed: {len(answered)} answers were read, {count} rows, none missing or twice\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
