"""Processes that book under load and are killed with -9, one after the other: what had they been told was durable?

    python -m tests.integration.books.nursery URL JOURNAL_FOLDER strict|relaxed ROUNDS

Each child is forked from here, so that only the first has to import anything. It says on its pipe the number of each
entry: strict, once it was durable; relaxed, when it was appended. The answer is JSON on standard output.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from app.stores.books.database import open_engine
from app.stores.books.sql_books import SqlBooks
from tests.kit.entries import with_event
from tests.kit.virtual_time import elapse

_AT_ONCE = 16
_EACH = 1_000_000


def main(url: str, folder: str, mode: str, rounds: str) -> None:
    """Prints, for each round, what the child had said and when (seconds of the monotonic clock), and its end."""
    told = [_round(url, Path(folder), mode == "strict", number) for number in range(int(rounds))]
    sys.stdout.write(json.dumps(told))


def _round(url: str, folder: Path, is_strict: bool, number: int) -> dict[str, object]:
    said, says = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(said)
        try:
            asyncio.run(_book(url, folder, is_strict, number * _EACH, says))
        finally:
            os._exit(1)
    os.close(says)
    with os.fdopen(said, "rb", 0) as pipe:
        heard = b""
        enough = random.randint(200, 1500) * 10
        while len(heard) < enough and (more := os.read(pipe.fileno(), 4096)):
            heard += more
        killed_at = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        while more := os.read(pipe.fileno(), 4096):
            heard += more
    lines = [line.split() for line in heard.decode().splitlines()]
    return {"killed_at": killed_at, "entries": [(int(entry), float(at)) for entry, at in lines]}


async def _book(url: str, folder: Path, is_strict: bool, start: int, says: int) -> None:
    books = SqlBooks(open_engine(url, is_strict=is_strict), folder, is_strict=is_strict)
    await books.open()
    numbers = iter(range(start, start + _EACH))

    async def one_after_the_other() -> None:
        for number in numbers:
            await books.room()
            durable = books.append(with_event(number))
            if durable is not None:
                await durable
            else:
                await elapse(0.005)
            os.write(says, b"%d %.6f\n" % (number, time.monotonic()))

    await asyncio.gather(*(one_after_the_other() for _ in range(_AT_ONCE)))


if __name__ == "__main__":
    main(*sys.argv[1:])
