"""Does each row get into SQLite, and into its columns, however many go in one statement?"""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.exc import IntegrityError

from app.stores.books.statements import insert_rows
from app.stores.books.tables import METADATA, OUTBOX


def rows_of(count: int) -> list[tuple[str, str, str, bytes]]:
    """Of the outbox: its position is drawn by the database."""
    return [(f"e{number}", f"topic{number}", f"key{number}", b"%d" % number) for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 100, 149])
def test_insert_rows_writes_each_once_in_its_order(count: int) -> None:
    """Below, at and above what goes in one statement."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    columns = (OUTBOX.c.event_id, OUTBOX.c.topic, OUTBOX.c.key, OUTBOX.c.payload)
    with engine.begin() as connection:
        insert_rows(connection, OUTBOX, rows_of(count))
        found = connection.execute(select(*columns).order_by(OUTBOX.c.position)).all()
    engine.dispose()
    assert [tuple(row) for row in found] == rows_of(count)


def test_insert_rows_refuses_all_of_a_statement_for_one_that_is_there() -> None:
    """So that whoever writes them again, one by one, does not meet rows of the first try."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    *others, last = rows_of(50)
    with engine.connect() as connection:
        insert_rows(connection, OUTBOX, [last])
        with pytest.raises(IntegrityError):
            insert_rows(connection, OUTBOX, [*others, last])
        assert connection.execute(select(OUTBOX.c.event_id)).scalars().all() == [last[0]]
    engine.dispose()
