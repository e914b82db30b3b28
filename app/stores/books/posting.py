"""What is on its way into the books?"""

from __future__ import annotations

from asyncio import Future
from dataclasses import dataclass

from app.ports.books import Entry

NO_KEY = bytes(16)


@dataclass(slots=True)
class Posting:
    """An entry, the key of its request's row (drawn once, so that nothing is written twice), and who waits for it."""

    key: bytes
    entry: Entry
    waiter: Future[None] | None = None

    def rows(self) -> int:
        """How many rows it makes, sums aside."""
        entry = self.entry
        of_request = 1 + len(entry.request.calls) if entry.request is not None else 0
        return of_request + (entry.audit is not None) + len(entry.events)
