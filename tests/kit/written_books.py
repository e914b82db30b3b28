"""Books that a test writes into by the writer's own code, and reads by the readers'."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select

from app.ports.books import Entry
from app.ports.records import RequestRecord
from app.stores.books.asking import Asking
from app.stores.books.config_revisions import SqlConfigRevisions
from app.stores.books.database import close_engine, open_engine, reading, writing
from app.stores.books.ledger import Ledger
from app.stores.books.posting import NO_KEY, Posting
from app.stores.books.reader import SqlBookReader
from app.stores.books.row_keys import RowKeys
from app.stores.books.tables import METADATA
from contracts.audit import AuditEntry
from tests.kit.records import NOON


class WrittenBooks:
    """Empty books at `url`. `now` is what time it is for who reads them."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = open_engine(url, is_strict=False)
        METADATA.create_all(self.engine)
        self.asking = Asking(self.engine)
        self.now: datetime = NOON
        self.reader = SqlBookReader(self.asking, now=lambda: self.now)
        self.revisions = SqlConfigRevisions(self.asking, now=lambda: self.now)
        self._ledger = Ledger()
        self._keys = RowKeys()

    def write(self, *requests: RequestRecord) -> None:
        """One group of requests, committed."""
        postings = [Posting(self._keys.draw(), Entry(request=request)) for request in requests]
        with writing(self.engine) as connection:
            self._ledger.write(connection, postings, may_be_there=False)

    def write_audit(self, *entries: AuditEntry) -> None:
        """One group of entries of the audit, committed."""
        postings = [Posting(NO_KEY, Entry(audit=entry)) for entry in entries]
        with writing(self.engine) as connection:
            self._ledger.write(connection, postings, may_be_there=False)

    def audit_id(self) -> str:
        """A fresh id of an entry."""
        return str(UUID(bytes=self._keys.draw()))

    def count(self, table: str) -> int:
        """How many rows `table` has."""
        with reading(self.engine) as connection:
            return connection.execute(select(func.count()).select_from(METADATA.tables[table])).scalar_one()

    def close(self) -> None:
        """Lets go of the database."""
        self.asking.close()
        close_engine(self.engine)


@pytest.fixture
def written(database_url: str) -> Iterator[WrittenBooks]:
    """Empty books on each kind of database in turn."""
    opened = WrittenBooks(database_url)
    yield opened
    opened.close()
