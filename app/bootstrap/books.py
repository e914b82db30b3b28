"""Which books does the service keep: where, for how long, and who is told of them?

Without a database named, they are kept for this process's life only, in a file of a temporary folder.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.engine.events import Events
from app.ports.books import BookReader, Books, ConfigRevisions
from app.ports.keys import KeyStore
from app.settings import Settings
from app.stores.books.asking import Asking
from app.stores.books.caller_keys import SqlKeyStore
from app.stores.books.config_revisions import SqlConfigRevisions
from app.stores.books.database import open_engine
from app.stores.books.outbox import SqlOutbox
from app.stores.books.reader import SqlBookReader
from app.stores.books.sql_books import SqlBooks
from app.stores.memory_revisions import MemoryConfigRevisions

if TYPE_CHECKING:
    from app.relay.relay import Relay

_FILE = "ledger.sqlite3"
_JOURNAL = "journal"


@dataclass(slots=True)
class BookRooms:
    """The books, who reads them, and who carries their events to Kafka, if there is one."""

    books: Books
    reader: BookReader
    revisions: ConfigRevisions
    keys: KeyStore
    asking: Asking
    events: Events | None = None
    relay: Relay | None = None
    folder: tempfile.TemporaryDirectory[str] | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Opens them. Raises ConfigurationError for a database, or a broker's address, that can never do."""
        await self.books.open()
        if self.relay is not None:
            await self.relay.start()

    async def aclose(self) -> None:
        """Keeps what is queued, sends what can be sent, and closes all."""
        await self.books.flush()
        if self.relay is not None:
            await self.relay.aclose()
        self.asking.close()
        await self.books.aclose()
        if self.folder is not None:
            self.folder.cleanup()

    def faults(self) -> dict[str, str | None]:
        """By dependency: why it is down."""
        kafka = {"kafka": self.relay.fault()} if self.relay is not None else {}
        return {"database": self.books.fault(), **kafka}


def open_books(settings: Settings) -> BookRooms:
    """The books of `settings`. Opens nothing yet. Raises ConfigurationError."""
    is_strict = settings.ledger_durability == "strict"
    folder = None
    if settings.database_url is not None:
        url, journals = settings.database_url.get_secret_value(), settings.state_dir / _JOURNAL
    else:
        folder = tempfile.TemporaryDirectory(prefix="llm-provider-service-")
        url, journals = f"sqlite:///{folder.name}/{_FILE}", Path(folder.name) / _JOURNAL
    engine = open_engine(url, is_strict=is_strict)
    asking = Asking(engine)
    relay, events = None, None
    if settings.kafka_bootstrap_servers is not None:
        # Only here: its client is a matter of megabytes, and of who asked for it.
        from app.relay.relay import Relay

        given = settings.kafka_options.get_secret_value() if settings.kafka_options is not None else "{}"
        relay = Relay(SqlOutbox(engine), settings.kafka_bootstrap_servers, options=json.loads(given))
        events = Events(settings.kafka_topic_prefix)
    return BookRooms(
        books=SqlBooks(engine, journals, is_strict=is_strict, retention_days=settings.ledger_retention_days),
        reader=SqlBookReader(asking),
        revisions=SqlConfigRevisions(asking) if folder is None else MemoryConfigRevisions(),
        keys=SqlKeyStore(asking),
        asking=asking,
        events=events,
        relay=relay,
        folder=folder,
    )
