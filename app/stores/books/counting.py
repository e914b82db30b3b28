"""What must the writer know of the database before it counts? The last reset, and the tags that have rows already.

Both are read in the transaction that writes the sums. Tags are asked for only while an hour still takes new ones, so
in the long run this is one small query for each commit.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from app.ports.records import RequestRecord
from app.stores.books.rollup import OTHER_TAG, Increments, hour_of, increments, tags_of
from app.stores.books.tables import FACTS, TAG_HOURS

MOST_TAGS = 1000
"""Tags with rows of their own in one hour. Processes that write at once may pass it by what they write at once."""
STATISTICS_SINCE = "statistics_since"
_HOURS_REMEMBERED = 48


class Counting:
    """Counts for one writer; not for several threads."""

    def __init__(self, *, most_tags: int = MOST_TAGS) -> None:
        self._most_tags = most_tags
        self._tags: dict[int, set[str]] = {}

    def increments(self, connection: Connection, requests: Sequence[RequestRecord]) -> Increments:
        """What `requests` add to the sums; `connection` is in the transaction that will write them."""
        since_us = statistics_since(connection)
        for hour in sorted({hour_of(request) for request in requests}):
            self._admit(connection, hour, [request for request in requests if hour_of(request) == hour])
        counted = increments(requests, since_us=since_us, tags=self._tags)
        while len(self._tags) > _HOURS_REMEMBERED:
            del self._tags[min(self._tags)]
        return counted

    def _admit(self, connection: Connection, hour: int, requests: Sequence[RequestRecord]) -> None:
        known = self._tags.setdefault(hour, set())
        wanted = {tag for request in requests for tag in tags_of(request) if tag}
        if wanted <= known or len(known) >= self._most_tags:
            return
        rows = connection.execute(select(TAG_HOURS.c.tag).distinct().where(TAG_HOURS.c.hour == hour))
        known.update(set(rows.scalars()) - {"", OTHER_TAG})
        room = max(0, self._most_tags - len(known))
        known.update(sorted(wanted - known)[:room])


def statistics_since(connection: Connection) -> int:
    """Microseconds of the last reset; 0: never. A reset waits for the transaction, so nothing is counted past it."""
    query = select(FACTS.c.value).where(FACTS.c.name == STATISTICS_SINCE).with_for_update(read=True)
    value = connection.execute(query).scalar()
    return int(value) if value is not None else 0
