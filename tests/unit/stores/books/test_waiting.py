"""Is everybody told who waits for the writer's thread, and nobody kept who need not wait?"""

from __future__ import annotations

import asyncio

import pytest

from app.ports.books import Entry
from app.stores.books.posting import NO_KEY, Posting
from app.stores.books.queue import GROUP, PostingQueue
from app.stores.books.waiting import Waiting
from contracts.errors import StoreUnavailableError
from tests.kit.gate import settle


async def test_waiting_for_room_ends_when_a_group_was_taken() -> None:
    """For all who wait, also for one who came while the others were told."""
    waiting = Waiting(asyncio.get_running_loop())
    crowd = [asyncio.create_task(waiting.for_room(lambda: True)) for _ in range(3)]
    await settle()
    waiting.tell([], are_lost=False)
    late = asyncio.create_task(waiting.for_room(lambda: True))
    await settle()
    assert all(one.done() for one in crowd)
    waiting.tell([], are_lost=False)
    await settle()
    assert late.done()


async def test_waiting_for_room_that_is_there_is_none() -> None:
    """A group may have been taken out in the moment before."""
    waiting = Waiting(asyncio.get_running_loop())
    asked = asyncio.create_task(waiting.for_room(lambda: False))
    await settle()
    assert asked.done()


async def test_waiting_for_a_posting_ends_well_or_in_an_error() -> None:
    """One who left meanwhile is passed over."""
    waiting = Waiting(asyncio.get_running_loop())
    kept, lost, left = waiting.new(), waiting.new(), waiting.new()
    left.cancel()
    waiting.tell([Posting(NO_KEY, Entry(), kept), Posting(NO_KEY, Entry(), left)], are_lost=False)
    waiting.tell([Posting(NO_KEY, Entry(), lost), Posting(NO_KEY, Entry())], are_lost=True)
    await kept
    with pytest.raises(StoreUnavailableError):
        await lost
    assert left.cancelled()


def test_waiting_on_a_loop_that_is_closed_is_over() -> None:
    """The writer's thread outlives a loop that was thrown away, and must not die of it."""
    loop = asyncio.new_event_loop()
    waiting = Waiting(loop)
    waiter = waiting.new()
    loop.close()
    waiting.tell([Posting(NO_KEY, Entry(), waiter)], are_lost=False)
    assert not waiter.done()


def test_queue_gives_out_groups_in_order() -> None:
    """A full group is there at once, though nobody hurries; the rest follows."""
    queue = PostingQueue(linger_seconds=3600)
    postings = [Posting(number.to_bytes(16), Entry()) for number in range(GROUP + 5)]
    for posting in postings:
        queue.put(posting)
    queue.wait(3600)
    assert queue.take() == postings[:GROUP]
    queue.hurry()
    queue.wait(3600)
    assert queue.take() == postings[GROUP:]
    assert len(queue) == 0
