"""Which SQL does the writer send? Compiled once for a dialect, and given plain tuples: half of its time otherwise.

SQLite is given many rows in one statement: its driver lets go of the interpreter for each statement and has to fight
the event loop for it, which costs both of them more than the row. And it is given what its driver takes as it is: for
all but numbers, texts and bytearrays that looks for adapters, and takes 165 ns for a null or a bool where a number
takes 20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Boolean, Column, Connection, LargeBinary, String, Table, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.dml import Insert
from sqlalchemy.types import TypeEngine

from app.stores.books.rows import fit
from app.stores.books.tables import OUTBOX
from app.stores.books.upserts import upsert

_Rows = Sequence[tuple[Any, ...]]
_Values = Iterable[Any]

_DRAWN_BY_THE_DATABASE = {OUTBOX.c.position}
# What is left, fewer than the last, goes at once too. Of a table's 33 columns 3,300 values; every SQLite takes 32,766.
_ROWS_AT_ONCE = (100, 50, 20)
# A group decides which columns are in its statement.
_STATEMENTS_KEPT = 256
_TAKEN_AS_IT_IS: dict[type[TypeEngine[Any]], Callable[[Any], Any]] = {Boolean: int, LargeBinary: bytearray}


def insert_rows(connection: Connection, table: Table, rows: _Rows) -> None:
    """Inserts `rows`: values in the order of the table's columns, without those that the database draws.

    Texts are made to fit.
    """
    insert_columns(connection, table, list(zip(*rows, strict=True)))


def insert_columns(connection: Connection, table: Table, columns: Sequence[Sequence[Any]]) -> None:
    """The same, of rows that are given as what stands in each of their columns."""
    if not columns or not columns[0]:
        return
    said, dialect = list(_said(table, columns)), connection.dialect
    names = tuple([column.name for column, _ in said])
    if dialect.name == "sqlite":
        rows = zip(*[_taken_as_it_is(column, values) for column, values in said], strict=True)
        _write_many(connection, rows, len(columns[0]), lambda count: _insert(table, names, count, dialect))
    else:
        rows = zip(*[values for _, values in said], strict=True)
        connection.exec_driver_sql(_insert(table, names, 1, dialect), list(rows))


def add_to_rows(connection: Connection, table: Table, rows: _Rows) -> None:
    """Inserts `rows`, or where one of that primary key stands, adds the other values to it. In their order.

    A primary key stands before what is added up; its texts are made to fit.
    """
    if not rows:
        return
    limits, dialect = _limits(table), connection.dialect
    fitted = [(*map(_fit_key, row, limits), *row[len(limits) :]) for row in rows]
    if dialect.name == "sqlite":
        _write_many(connection, fitted, len(rows), lambda count: _add(table, count, dialect))
    else:
        connection.exec_driver_sql(_add(table, 1, dialect), fitted)


def _write_many(
    connection: Connection, rows: Iterable[tuple[Any, ...]], count: int, statement_of: Callable[[int], str]
) -> None:
    """Writes `count` rows, with as few of the statements for so many rows as there are."""
    values = list(chain.from_iterable(rows))
    width, done = len(values) // count, 0
    while count:
        at_once = next((many for many in _ROWS_AT_ONCE if many <= count), count)
        end = done + at_once * width
        connection.exec_driver_sql(statement_of(at_once), tuple(values[done:end]))
        count, done = count - at_once, end


def _said(table: Table, columns: Iterable[Sequence[Any]]) -> Iterator[tuple[Column[Any], Sequence[Any]]]:
    """Each column in which a row says something, and what they say: the others are left to their null."""
    for column, values in zip(_columns(table), columns, strict=True):
        if not (column.nullable and values[0] is None and values.count(None) == len(values)):
            yield column, _fitting(column, values)


def _fitting(column: Column[Any], values: Sequence[Any]) -> Sequence[Any]:
    """`values` as the column takes them. All texts of a group are looked at at once."""
    limit = column.type.length if isinstance(column.type, String) else None
    if limit is None:
        return values
    texts = [text for text in values if text is not None] if column.nullable else values
    together = "".join(texts)
    if together.isascii() and "\0" not in together and max(map(len, texts)) <= limit:
        return values
    return [None if text is None else fit(text, limit) for text in values]


@cache
def _limits(table: Table) -> tuple[int, ...]:
    """How long each part of the primary key may be; 0: it is no text."""
    return tuple(column.type.length or 0 if isinstance(column.type, String) else 0 for column in table.primary_key)


def _fit_key(value: int | str, limit: int) -> int | str:
    return fit(value, limit) if isinstance(value, str) else value


def _taken_as_it_is(column: Column[Any], values: _Values) -> _Values:
    """`values` as SQLite's driver takes them without looking for adapters."""
    turned = _TAKEN_AS_IT_IS.get(type(column.type))
    return values if turned is None else map(turned, values)


@cache
def _columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column not in _DRAWN_BY_THE_DATABASE]


@lru_cache(_STATEMENTS_KEPT)
def _insert(table: Table, names: tuple[str, ...], count: int, dialect: Dialect) -> str:
    one = insert(table).inline().values(dict.fromkeys(names))
    return _for_rows(count, _compiled(one, names, dialect))


@cache
def _add(table: Table, count: int, dialect: Dialect) -> str:
    names = [column.name for column in table.columns]
    one = upsert(table, dialect).values(dict.fromkeys(names))
    sums = [column for column in table.columns if not column.primary_key]
    added = {column.name: column + one.excluded[column.name] for column in sums}
    statement = one.on_conflict_do_update(index_elements=list(table.primary_key), set_=added)
    return _for_rows(count, _compiled(statement, names, dialect))


def _for_rows(count: int, statement: str) -> str:
    """`statement` for so many rows at once: more than one only where marks have no names."""
    head, values, rest = statement.partition("VALUES ")
    row, end, tail = rest.partition(")")
    return head + values + ", ".join([row + end] * count) + tail


def _compiled(statement: Insert, names: Sequence[str], dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect, column_keys=list(names)))
