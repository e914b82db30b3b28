"""Books that are open on a real database, and what their database says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from app.ports.books import Entry
from app.stores.books.database import close_engine, open_engine, reading, writing
from app.stores.books.sql_books import SqlBooks
from tests.kit.waiting import until

COUNTED = ("requests", "calls", "audit", "outbox")


class OpenedBooks:
    """The books at `url` with their journal in `folder`, and a second way to the database that only looks."""

    def __init__(
        self, url: str, folder: Path, *, is_strict: bool, engine: Engine | None = None, **options: Any
    ) -> None:
        self.folder = folder
        self.engine = engine if engine is not None else open_engine(url, is_strict=is_strict)
        self.books = SqlBooks(self.engine, folder, is_strict=is_strict, **options)
        self.database: Engine = open_engine(url, is_strict=False)

    async def append(self, entries: Sequence[Entry]) -> None:
        """Appends all, and waits until each is durable."""
        waiting = [awaited for entry in entries if (awaited := self.books.append(entry)) is not None]
        await asyncio.gather(*waiting)
        await self.books.flush()

    async def is_well(self) -> None:
        """Waits until the database can be written again, and the journal is in it."""
        await until(lambda: self.books.fault() is None)

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with reading(self.database) as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]

    def run(self, statement: str) -> None:
        """Changes the database behind the back of the books."""
        with writing(self.database) as connection:
            connection.execute(text(statement))

    def counts(self) -> tuple[int, ...]:
        """Rows of requests, calls, audit and outbox."""
        return tuple(self.rows(f"SELECT count(*) FROM {table}")[0][0] for table in COUNTED)  # noqa: S608

    def sums(self) -> tuple[int, int, int]:
        """Requests, calls and picodollars that the minutes sum up."""
        summed = ("requests", "calls", "cost_micro * 1000000 + cost_pico")
        columns = ", ".join(f"coalesce(sum({what}), 0)" for what in summed)
        (row,) = self.rows(f"SELECT {columns} FROM usage_minutes")  # noqa: S608
        return int(row[0]), int(row[1]), int(row[2])

    def journals(self) -> list[str]:
        """Kinds of the files beside the database."""
        return sorted(path.suffix for path in self.folder.glob("*.*") if path.is_file())

    async def aclose(self) -> None:
        """Closes both ways."""
        await self.books.aclose()
        close_engine(self.database)


@asynccontextmanager
async def opened(url: str, folder: Path, *, is_strict: bool = False, **options: Any) -> AsyncIterator[OpenedBooks]:
    """Books that were opened, and are closed at the end."""
    made = OpenedBooks(url, folder, is_strict=is_strict, **options)
    try:
        await made.books.open()
        yield made
    finally:
        await made.aclose()
