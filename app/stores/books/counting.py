"""What must the writer know of the database before it counts? The last reset, and which tags and models have rows.

All are read in the transaction that writes the sums. Tags and models are asked for only while an hour, or a day, still
takes new ones, so in the long run this is one small query for each commit.

A model that has answered is one; any other name may be its caller's invention, and so many of them only have sums of
their own. Nothing is lost of the sums: the rest is summed as `other`, and the rows of requests keep the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select

from app.ports.records import RequestRecord
from app.stores.books.rollup import Counted, Increments, Line, day_of, has_answered, hour_of, increments, lines_of
from app.stores.books.tables import FACTS, TAG_HOURS, USAGE_HOURS
from contracts.requests import OTHER_TAG

MOST_TAGS = 1000
"""Tags with rows of their own in one hour. Processes that write at once may pass it by what they write at once."""
MOST_UNANSWERED = 500
"""Names of models in the sums of one day, while they did not answer; as for tags, processes may pass it a little."""
MOST_MODELS = 5000
"""Names in the sums of one day at all."""
STATISTICS_SINCE = "statistics_since"
_HOURS_REMEMBERED = 48
_DAYS_REMEMBERED = 3
# Made once: to put it together takes longer than to ask it, and leaves a hundred objects to the garbage collector.
_SINCE = select(FACTS.c.value).where(FACTS.c.name == STATISTICS_SINCE).with_for_update(read=True)


class Counting:
    """Counts for one writer; not for several threads."""

    def __init__(
        self, *, most_tags: int = MOST_TAGS, most_unanswered: int = MOST_UNANSWERED, most_models: int = MOST_MODELS
    ) -> None:
        self._most_tags = most_tags
        self._most_unanswered = most_unanswered
        self._most_models = most_models
        self._tags: dict[int, set[str]] = {}
        self._models: dict[int, set[str]] = {}

    def increments(self, connection: Connection, requests: Sequence[RequestRecord]) -> Increments:
        """What `requests` add to the sums; `connection` is in the transaction that will write them."""
        since_us = statistics_since(connection)
        lines = lines_of(requests, since_us)
        by_hour: dict[int, list[Line]] = {}
        for line in lines:
            by_hour.setdefault(hour_of(line), []).append(line)
        by_day: dict[int, list[Line]] = {}
        for hour in sorted(by_hour):
            self._admit(connection, hour, by_hour[hour])
            by_day.setdefault(day_of(hour), []).extend(by_hour[hour])
        for day, of_day in by_day.items():
            self._admit_models(connection, day, {line: lines[line] for line in of_day})
        counted = increments(lines, since_us=since_us, tags=self._tags, models=self._models)
        while len(self._tags) > _HOURS_REMEMBERED:
            del self._tags[min(self._tags)]
        while len(self._models) > _DAYS_REMEMBERED:
            del self._models[min(self._models)]
        return counted

    def _admit(self, connection: Connection, hour: int, lines: Iterable[Line]) -> None:
        known = self._tags.setdefault(hour, set())
        wanted = {tag for *_, tags, _ in lines for tag in tags if tag}
        if wanted <= known or len(known) >= self._most_tags:
            return
        rows = connection.execute(select(TAG_HOURS.c.tag).distinct().where(TAG_HOURS.c.hour == hour))
        known.update(set(rows.scalars()) - {"", OTHER_TAG})
        room = max(0, self._most_tags - len(known))
        known.update(sorted(wanted - known)[:room])

    def _admit_models(self, connection: Connection, day: int, lines: Mapping[Line, Counted]) -> None:
        known = self._models.setdefault(day, set())
        named = {model for *_, model, _, _ in lines if model}
        if named <= known:
            return
        answered = {model for (*_, model, _, _), counted in lines.items() if model and has_answered(counted)}
        if len(known) < self._most_unanswered:
            hours = USAGE_HOURS.c.hour.between(day * 24, day * 24 + 23)
            known.update(connection.execute(select(USAGE_HOURS.c.model).distinct().where(hours)).scalars())
        known.update(sorted(answered - known)[: max(0, self._most_models - len(known))])
        known.update(sorted(named - known)[: max(0, self._most_unanswered - len(known))])


def statistics_since(connection: Connection) -> int:
    """Microseconds of the last reset; 0: never. A reset waits for the transaction, so nothing is counted past it."""
    value = connection.execute(_SINCE).scalar()
    return int(value) if value is not None else 0
