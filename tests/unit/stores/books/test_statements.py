"""Does each row get into SQLite, and into its columns, however many go in one statement?"""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import IntegrityError

from app.stores.books.rows import request_columns
from app.stores.books.statements import add_to_rows, insert_columns, insert_rows
from app.stores.books.tables import AUDIT, METADATA, OUTBOX, REQUESTS, STATISTICS_LATENCIES
from tests.kit.entries import request


def rows_of(count: int) -> list[tuple[str, str, str, bytes]]:
    """Of the outbox: its position is drawn by the database."""
    return [(f"e{number}", f"topic{number}", f"key{number}", b"%d" % number) for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 9, 19, 20, 21, 49, 50, 51, 71, 100, 101, 149, 171, 223])
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


@pytest.mark.parametrize("count", [0, 1, 2, 19, 20, 21, 171])
def test_add_to_rows_adds_to_each_once(count: int) -> None:
    """To those that are there, and to those that are not; below, at and above what goes in one statement."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    columns = tuple(STATISTICS_LATENCIES.c)
    rows = [(0, "p", "call", bucket, bucket + 1) for bucket in range(count)]
    with engine.begin() as connection:
        add_to_rows(connection, STATISTICS_LATENCIES, rows[: count // 2])
        add_to_rows(connection, STATISTICS_LATENCIES, rows)
        found = connection.execute(select(*columns).order_by(STATISTICS_LATENCIES.c.bucket)).all()
    engine.dispose()
    twice = [(*key, 2 * added) for *key, added in rows[: count // 2]]
    assert [tuple(row) for row in found] == [*twice, *rows[count // 2 :]]


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


def test_insert_rows_keeps_what_only_some_rows_say() -> None:
    """A null beside a text; a column in which all are null is left to its null."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    columns = (AUDIT.c.actor, AUDIT.c.address, AUDIT.c.target, AUDIT.c.request_id)
    said = [("a", None, None, "r"), ("b", "127.0.0.1", None, None), ("c", None, None, None)]
    with engine.begin() as connection:
        for number, some in enumerate((said, said[2:])):
            rows = [
                (bytes([number, place]), 1, actor, address, "x", target, "done", None, None, request_id, None)
                for place, (actor, address, target, request_id) in enumerate(some)
            ]
            insert_rows(connection, AUDIT, rows)
        found = connection.execute(select(*columns).order_by(AUDIT.c.id)).all()
    engine.dispose()
    assert [tuple(row) for row in found] == [*said, *said[2:]]


def test_insert_rows_makes_texts_fit() -> None:
    """Each by the length of its column, in whatever company; one that is null stays so."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    addresses = [None, "nul\0", "half \ud83d", "\N{GRINNING FACE}" * 65, "a" * 65, "a"]
    rows = [
        (bytes([number]), 1, "a", address, "x", None, "done", None, None, None, None)
        for number, address in enumerate(addresses)
    ]
    with engine.begin() as connection:
        insert_rows(connection, AUDIT, rows)
        insert_rows(connection, AUDIT, [(b"z", 1, "a", "a" * 65, "x", None, "done", None, None, None, None)])
        found = connection.execute(select(AUDIT.c.address).order_by(AUDIT.c.id)).scalars().all()
    engine.dispose()
    fitted = [None, "nul\N{REPLACEMENT CHARACTER}", "half ?", "\N{GRINNING FACE}" * 64, "a" * 64, "a"]
    assert found == [*fitted, "a" * 64]


def test_insert_columns_stores_bytes_and_truths_as_sqlite_does() -> None:
    """However the driver is given them: an id is a blob, and what is true a 1."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    key = bytes(range(16))
    with engine.begin() as connection:
        insert_columns(connection, REQUESTS, request_columns([(key, request(1, is_stream=True))]))
        kinds = connection.execute(text("SELECT typeof(id), is_stream, fallback_used FROM requests")).one()
        found = connection.execute(select(REQUESTS.c.id, REQUESTS.c.is_stream)).one()
    engine.dispose()
    assert (tuple(kinds), tuple(found)) == (("blob", 1, 0), (key, True))
