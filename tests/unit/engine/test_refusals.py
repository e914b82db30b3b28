"""Are those who are turned away written down, without a stranger filling the disk?"""

from __future__ import annotations

import pytest

from app.engine.auditing import Auditing
from app.engine.refusals import Refusals
from app.ports.trail import Trail, enter_trail, leave_trail
from contracts import CallerAuthenticationError, CallerForbiddenError
from tests.kit.fake_books import FakeBooks
from tests.kit.virtual_time import HandClock

WRONG = CallerAuthenticationError("no")


@pytest.fixture
def books() -> FakeBooks:
    """Where they are written."""
    return FakeBooks()


@pytest.fixture
def hand() -> HandClock:
    """Their clock."""
    return HandClock()


@pytest.fixture
def refusals(books: FakeBooks, hand: HandClock) -> Refusals:
    """Of a process that has just begun."""
    return Refusals(Auditing(books, hand.clock, is_strict=False), hand.clock)


def test_refusal_tells_who_wanted_what(refusals: Refusals, books: FakeBooks) -> None:
    """The endpoint, the reason, and the address."""
    token = enter_trail(Trail("r", "c", address="10.0.0.7"))
    refusals.refused("GET /config", CallerForbiddenError("no"))
    leave_trail(token)
    (entry,) = [one.audit for one in books.entries if one.audit is not None]
    shown = (entry.action, entry.target, entry.outcome, entry.actor, entry.address, entry.after)
    assert shown == ("auth.refused", "GET /config", "forbidden", "unknown", "10.0.0.7", None)


def test_refusals_are_counted_where_there_are_too_many(refusals: Refusals, books: FakeBooks, hand: HandClock) -> None:
    """Twenty at once, then one a minute, which tells how many were passed over."""
    for _ in range(1000):
        refusals.refused("GET /config", WRONG)
    assert len(books.entries) == 20
    hand.advance(61)
    for _ in range(1000):
        refusals.refused("GET /config", WRONG)
    assert [one.audit.after for one in books.entries[20:] if one.audit] == [{"passed_over": 980}]


def test_refusals_allow_no_more_after_a_long_peace(refusals: Refusals, books: FakeBooks, hand: HandClock) -> None:
    """What was not used is not saved up."""
    hand.advance(1_000_000)
    for _ in range(1000):
        refusals.refused("GET /config", WRONG)
    assert len(books.entries) == 20


def test_refusals_passed_over_are_told_at_the_end(refusals: Refusals, books: FakeBooks) -> None:
    """Once; and nothing is told where none was."""
    refusals.tell_rest()
    assert books.entries == []
    for _ in range(25):
        refusals.refused("GET /config", WRONG)
    refusals.tell_rest()
    refusals.tell_rest()
    (entry,) = [one.audit for one in books.entries[20:] if one.audit is not None]
    assert (entry.outcome, entry.target, entry.after) == ("passed_over", None, {"passed_over": 5})
