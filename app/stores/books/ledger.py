"""How is a group of postings written into the database, in one transaction, and none of them twice?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Table, select

from app.ports.books import Entry
from app.stores.books.counting import Counting
from app.stores.books.posting import Posting
from app.stores.books.rollup import Increments
from app.stores.books.rows import audit_key, audit_row, call_columns, outbox_row, request_columns
from app.stores.books.statements import add_to_rows, insert_columns, insert_rows
from app.stores.books.tables import AUDIT, CALLS, OUTBOX, REQUESTS

# So many values fit into one question on every SQLite.
_ASKED_AT_ONCE = 500


class Ledger:
    """Writes rows and their sums. For one thread; the caller begins and ends the transaction."""

    def __init__(self) -> None:
        self._counting = Counting()

    def write(self, connection: Connection, postings: Sequence[Posting], *, may_be_there: bool) -> None:
        """Inserts the rows of `postings`, and adds what they count for to the sums.

        `may_be_there`: some may have been written before, when we did not learn whether a commit came through; those
        are left out, and not counted again. An event that was delivered since is inserted again: consumers know it by
        its id. Raises SQLAlchemyError; IntegrityError when one is there that may not be.
        """
        fresh = _unwritten(connection, postings) if may_be_there else postings
        requests = [(one.key, one.entry.request) for one in fresh if one.entry.request is not None]
        records = [record for _, record in requests]
        insert_columns(connection, REQUESTS, request_columns(requests))
        insert_columns(connection, CALLS, call_columns(requests))
        insert_rows(connection, AUDIT, [audit_row(one.entry.audit) for one in fresh if one.entry.audit is not None])
        insert_rows(connection, OUTBOX, [outbox_row(event) for one in fresh for event in one.entry.events])
        if records:
            _add(connection, self._counting.increments(connection, records))


def _add(connection: Connection, increments: Increments) -> None:
    for table, added in increments.items():
        add_to_rows(connection, table, [(*key, *sums.values()) for key, sums in added.items()])


def _unwritten(connection: Connection, postings: Sequence[Posting]) -> list[Posting]:
    """Those of `postings` that are not in the database, each once."""
    entries = [one.entry for one in postings]
    keys = [one.key for one in postings if one.entry.request is not None]
    seen = {
        *_there(connection, REQUESTS, "id", keys),
        *_there(connection, AUDIT, "id", [audit_key(entry.audit) for entry in entries if entry.audit is not None]),
        *_there(connection, OUTBOX, "event_id", [event.event_id for entry in entries for event in entry.events]),
    }
    found: list[Posting] = []
    for one in postings:
        names = _names(one)
        # All of an entry was written together; what is alone in it are events.
        if names and seen.intersection(names):
            continue
        events = tuple(event for event in one.entry.events if event.event_id not in seen)
        seen.update(names, (event.event_id for event in events))
        found.append(Posting(one.key, replace(one.entry, events=events)))
    return found


def _names(posting: Posting) -> list[bytes]:
    entry: Entry = posting.entry
    names = [posting.key] if entry.request is not None else []
    return names + ([audit_key(entry.audit)] if entry.audit is not None else [])


def _there(connection: Connection, table: Table, column: str, values: Sequence[Any]) -> set[Any]:
    asked = [values[start : start + _ASKED_AT_ONCE] for start in range(0, len(values), _ASKED_AT_ONCE)]
    name = table.c[column]
    return {one for some in asked for one in connection.execute(select(name).where(name.in_(some))).scalars()}
