"""Which patches make the configuration that is in force? Kept, so that it survives a restart and reaches all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from app.stores.books.asking import Asking
from app.stores.books.rollup import microseconds
from app.stores.books.tables import CONFIG_REVISIONS
from contracts.errors import ConfigurationError

_INSERTS: Mapping[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class SqlConfigRevisions:
    """ConfigRevisions over a database; see the port. Raises StoreUnavailableError while it is away."""

    def __init__(self, asking: Asking, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._asking = asking
        self._now = now

    async def latest(self) -> tuple[int, Mapping[str, Any]] | None:
        """The newest revision and its patch; None: there is none. Raises ConfigurationError when it is no patch."""
        return await self._asking.read(_latest)

    async def add(self, revision: int, patch: Mapping[str, Any], *, author: str) -> bool:
        """Adds `revision`; False when it was there already, and nothing was written."""
        row = {
            "revision": revision,
            "at_us": microseconds(self._now()),
            "author": author,
            "patch": json.dumps(patch, ensure_ascii=False, separators=(",", ":"), allow_nan=False),
        }
        return await self._asking.write(lambda connection: _add(connection, row))


def _latest(connection: Connection) -> tuple[int, dict[str, Any]] | None:
    columns = select(CONFIG_REVISIONS.c.revision, CONFIG_REVISIONS.c.patch)
    row = connection.execute(columns.order_by(CONFIG_REVISIONS.c.revision.desc()).limit(1)).one_or_none()
    return None if row is None else (row.revision, _patch(row.revision, row.patch))


def _patch(revision: int, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        # Not `from` it: the words of its error hold the text, and that may hold keys.
        found = None
    if not isinstance(found, dict):
        msg = f"revision {revision} of the configuration cannot be read: what the database has of it is no JSON object"
        raise ConfigurationError(msg)
    return found


def _add(connection: Connection, row: Mapping[str, Any]) -> bool:
    insert = _INSERTS[connection.dialect.name](CONFIG_REVISIONS).values(row).on_conflict_do_nothing()
    return connection.execute(insert.returning(CONFIG_REVISIONS.c.revision)).one_or_none() is not None
