"""Which patches make the configuration that is in force? Kept, so that it survives a restart and reaches all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from app.ports.books import ConfigRevision
from app.stores.books.asking import Asking
from app.stores.books.rollup import microseconds
from app.stores.books.tables import CONFIG_REVISIONS
from app.stores.books.upserts import upsert

_MOST_KEPT = 200


class SqlConfigRevisions:
    """ConfigRevisions over a database; see the port. Raises StoreUnavailableError while it is away."""

    def __init__(self, asking: Asking, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._asking = asking
        self._now = now

    async def latest(self) -> ConfigRevision | None:
        """The newest; None: there is none."""
        return await self._asking.read(_latest)

    async def add(self, revision: int, patch: Mapping[str, Any], *, author: str) -> bool:
        """Adds `revision`; False when it was there already, and nothing was written. Beyond 200 the oldest go."""
        row = {
            "revision": revision,
            "at_us": microseconds(self._now()),
            "author": author,
            "patch": json.dumps(patch, ensure_ascii=False, separators=(",", ":"), allow_nan=False),
        }
        return await self._asking.write(lambda connection: _add(connection, row))


def _latest(connection: Connection) -> ConfigRevision | None:
    columns = select(CONFIG_REVISIONS.c.revision, CONFIG_REVISIONS.c.patch)
    newest_first = columns.order_by(CONFIG_REVISIONS.c.revision.desc())
    newest = connection.execute(newest_first.limit(1)).one_or_none()
    if newest is None:
        return None
    if (patch := _patch(newest.patch)) is not None:
        return ConfigRevision(newest.revision, patch)
    fault = f"revision {newest.revision} of the configuration cannot be read: what the database has is no JSON object"
    patches = (_patch(row.patch) for row in connection.execute(newest_first))
    return ConfigRevision(newest.revision, next((found for found in patches if found is not None), {}), fault)


def _patch(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        # Nothing of its error is told: the words hold the text, and that may hold keys.
        return None
    return found if isinstance(found, dict) else None


def _add(connection: Connection, row: Mapping[str, Any]) -> bool:
    insert = upsert(CONFIG_REVISIONS, connection.dialect).values(row).on_conflict_do_nothing()
    is_added = connection.execute(insert.returning(CONFIG_REVISIONS.c.revision)).one_or_none() is not None
    if is_added:
        connection.execute(delete(CONFIG_REVISIONS).where(CONFIG_REVISIONS.c.revision <= row["revision"] - _MOST_KEPT))
    return is_added
