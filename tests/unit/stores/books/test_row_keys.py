"""Are keys of rows UUIDs of version 7 that only grow?"""

from __future__ import annotations

from uuid import RFC_4122, UUID

from app.stores.books.row_keys import RowKeys, call_key

_NOW_NS = 1_795_293_900_123_456_789


def test_row_keys_are_uuids_of_version_7_with_the_time() -> None:
    """RFC 9562: 48 bits of milliseconds, the version, the variant."""
    key = UUID(bytes=RowKeys(lambda: _NOW_NS).draw())
    assert (key.version, key.variant) == (7, RFC_4122)
    assert key.int >> 80 == _NOW_NS // 1_000_000


def test_row_keys_grow_within_a_millisecond_and_past_its_count() -> None:
    """More than 4096 in one millisecond are still in the order in which they were drawn."""
    keys = RowKeys(lambda: _NOW_NS)
    drawn = [keys.draw() for _ in range(10_000)]
    assert drawn == sorted(set(drawn))
    assert all(UUID(bytes=key).version == 7 for key in drawn)


def test_row_keys_grow_when_the_clock_steps_back() -> None:
    """A clock that is set right does not put new rows before old ones."""
    times = iter([_NOW_NS, _NOW_NS - 60_000_000_000, _NOW_NS + 5_000_000])
    keys = RowKeys(lambda: next(times))
    drawn = [keys.draw() for _ in range(3)]
    assert drawn == sorted(set(drawn))
    assert UUID(bytes=drawn[2]).int >> 80 == _NOW_NS // 1_000_000 + 5


def test_row_keys_of_two_processes_differ() -> None:
    """What is drawn in the same millisecond elsewhere is another key."""
    ours, theirs = (RowKeys(lambda: _NOW_NS) for _ in range(2))
    assert len({keys.draw() for _ in range(500) for keys in (ours, theirs)}) == 1000


def test_call_keys_follow_their_request() -> None:
    """They are told by the request's key alone, and lie between it and the next request's."""
    keys = RowKeys(lambda: _NOW_NS)
    first, second = keys.draw(), keys.draw()
    calls = [call_key(first, number) for number in range(7)]
    assert [first, *calls, second] == sorted({first, *calls, second})
    assert calls == [call_key(first, number) for number in range(7)]
    assert all(UUID(bytes=key).version == 7 for key in calls)
