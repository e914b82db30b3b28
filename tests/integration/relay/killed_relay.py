"""A relay that is killed at the worst moment: the broker has acknowledged a batch, and it still stands in the outbox.

python -m tests.integration.relay.killed_relay DATABASE_URL BOOTSTRAP_SERVERS
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from app.relay.relay import Relay
from app.stores.books.database import open_engine
from app.stores.books.outbox import SqlOutbox


class DeadlyOutbox(SqlOutbox):
    """Kills its process instead of taking out what was delivered."""

    async def delivered(self, event_ids: Sequence[str]) -> None:
        """As a lost machine would."""
        os.kill(os.getpid(), signal.SIGKILL)


async def main(database_url: str, servers: str) -> None:
    """Relays until it dies."""
    relay = Relay(DeadlyOutbox(open_engine(database_url, is_strict=False)), servers)
    await relay.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
