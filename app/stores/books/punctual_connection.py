"""What if PostgreSQL takes a question and never answers? The driver waits for ever, so the wait is cut here.

The server's own statement_timeout does not help against a server that is frozen, or behind a network that swallows.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

from psycopg import Connection, OperationalError

_LOOKS_EVERY_SECONDS = 0.1


class PunctualConnection(Connection[Any]):
    """A connection that is closed when it did not answer for `patience_seconds`; then OperationalError is raised."""

    patience_seconds = 35.0

    def wait(
        self, gen: Generator[Any, Any, Any], interval: float = _LOOKS_EVERY_SECONDS, *more: Any, **named: Any
    ) -> Any:
        """What the driver waits with, for each question and its answer."""
        return super().wait(self._until_late(gen), interval, *more, **named)

    def _until_late(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        latest = time.monotonic() + self.patience_seconds
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > latest:
                    self.pgconn.finish()
                    raise OperationalError(f"timeout: no answer in {self.patience_seconds:g} s")
                wanted = gen.send(ready)
        except StopIteration as done:
            return done.value
