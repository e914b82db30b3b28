"""How does a coroutine ask the database? On a few threads of its own, and never for longer than its time limit.

Not on the loop's common threads: names of vendors are resolved there, and a database that hangs must not hold those.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlalchemy import Connection, Engine

from app.stores.books.database import address_of, reading, writing
from app.stores.books.faults import DATABASE_FAILURES, is_worth_repeating, refuses_rows, words_for
from contracts.errors import StoreUnavailableError

Answer = TypeVar("Answer")

_THREADS = 4
# Of a transaction that met another: PostgreSQL ends one of the two.
_TRIES = 5
_RETRY_AFTER_SECONDS = 1.0


class Asking:
    """Runs pieces of work, each in one transaction; more than once where two of them kept each other from going on.

    Both ways raise StoreUnavailableError when the database is away or gives no answer within `time_limit_seconds`.
    """

    def __init__(self, engine: Engine, *, time_limit_seconds: float = 10.0) -> None:
        self._engine = engine
        self._time_limit_seconds = time_limit_seconds
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="books-reader")

    async def read(self, work: Callable[[Connection], Answer]) -> Answer:
        """What `work` finds."""
        return await self._in_time(reading, work)

    async def write(self, work: Callable[[Connection], Answer]) -> Answer:
        """What `work` answers, once what it wrote is committed."""
        return await self._in_time(writing, work)

    def close(self) -> None:
        """Takes no more work. What runs ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_time(
        self,
        transaction: Callable[[Engine], AbstractContextManager[Connection]],
        work: Callable[[Connection], Answer],
    ) -> Answer:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._time_limit_seconds):
                return await loop.run_in_executor(self._threads, self._run, transaction, work)
        except TimeoutError as failure:
            msg = f"the database ({address_of(self._engine)}) gave no answer in {self._time_limit_seconds} s"
            raise StoreUnavailableError(msg, retry_after=_RETRY_AFTER_SECONDS) from failure

    def _run(
        self,
        transaction: Callable[[Engine], AbstractContextManager[Connection]],
        work: Callable[[Connection], Answer],
    ) -> Answer:
        try:
            return self._repeated(transaction, work)
        except DATABASE_FAILURES as failure:
            if refuses_rows(failure):
                raise
            raise StoreUnavailableError(words_for(failure, self._engine), retry_after=_RETRY_AFTER_SECONDS) from failure

    def _repeated(
        self,
        transaction: Callable[[Engine], AbstractContextManager[Connection]],
        work: Callable[[Connection], Answer],
    ) -> Answer:
        def once() -> Answer:
            with transaction(self._engine) as connection:
                return work(connection)

        for _ in range(_TRIES - 1):
            try:
                return once()
            except DATABASE_FAILURES as failure:
                if not is_worth_repeating(failure):
                    raise
        return once()
