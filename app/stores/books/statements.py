"""Which SQL does the writer send? Compiled once for a dialect, and given plain tuples: half of its time otherwise.

SQLite is given many rows in one statement: its driver lets go of the interpreter for each statement and has to fight
the event loop for it, which costs both of them more than the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.dml import Insert

from app.stores.books.tables import OUTBOX
from app.stores.books.upserts import upsert

_DRAWN_BY_THE_DATABASE = {OUTBOX.c.position}
# Of a table's 33 columns 1,650 values; every SQLite takes 32,766.
_ROWS_AT_ONCE = 50


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts `rows`: values in the order of the table's columns, without those that the database draws."""
    single = 0
    if connection.dialect.name == "sqlite":
        single = len(rows) - len(rows) % _ROWS_AT_ONCE
        for start in range(0, single, _ROWS_AT_ONCE):
            values = tuple(chain.from_iterable(rows[start : start + _ROWS_AT_ONCE]))
            connection.exec_driver_sql(_insert_many(table, connection.dialect), values)
    if rows[single:]:
        connection.exec_driver_sql(_insert(table, connection.dialect), list(rows[single:]))


def add_to_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts `rows`, or where one of that primary key stands, adds the other values to it. In their order."""
    if rows:
        connection.exec_driver_sql(_add(table, connection.dialect), list(rows))


@cache
def _insert(table: Table, dialect: Dialect) -> str:
    return _compiled(insert(table).inline().values(_marks(table)), table, dialect)


@cache
def _insert_many(table: Table, dialect: Dialect) -> str:
    """For SQLite, whose marks have no names."""
    head, values, row = _insert(table, dialect).partition("VALUES ")
    return head + values + ", ".join([row] * _ROWS_AT_ONCE)


@cache
def _add(table: Table, dialect: Dialect) -> str:
    one = upsert(table, dialect).values(_marks(table))
    sums = [column for column in table.columns if not column.primary_key]
    added = {column.name: column + one.excluded[column.name] for column in sums}
    return _compiled(one.on_conflict_do_update(index_elements=list(table.primary_key), set_=added), table, dialect)


def _marks(table: Table) -> dict[str, None]:
    return {column.name: None for column in table.columns if column not in _DRAWN_BY_THE_DATABASE}


def _compiled(statement: Insert, table: Table, dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect, column_keys=list(_marks(table))))
