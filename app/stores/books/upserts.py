"""Which INSERT knows what to do where a row stands already? Each database's own, imported only with that database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Table
from sqlalchemy.engine import Dialect

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def upsert(table: Table, dialect: Dialect) -> postgresql.Insert | sqlite.Insert:
    """An INSERT into `table` that has `on_conflict_do_update` and `on_conflict_do_nothing`."""
    # PostgreSQL's package alone costs 2 MB and 25 ms, which a service with SQLite never spends.
    if dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite

        return insert_on_sqlite(table)
    from sqlalchemy.dialects.postgresql import insert

    return insert(table)
