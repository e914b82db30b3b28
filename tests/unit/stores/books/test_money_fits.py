"""Do the sums of the books have room for the dearest calls, and are they exact to the last digit?"""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.stores.books.reports import dollars
from app.stores.books.rollup import PICO_PER_MICRO, increments, lines_of, picodollars
from app.stores.books.tables import STATISTICS, TAG_HOURS, USAGE_HOURS, USAGE_MINUTES
from contracts.prices import HIGHEST_CALL_USD
from tests.kit.records import call_record, cost_of, request_record, usage_of

LARGEST = 2**63 - 1
# More than any service could make in the longest time that one row is of: a day.
MOST_CALLS = 10**9

COSTS = st.decimals(0, HIGHEST_CALL_USD, places=12, allow_nan=False, allow_infinity=False)


def test_a_row_holds_a_day_of_the_dearest_calls() -> None:
    """A vendor that miscounts its own prices must not keep everybody's rows out of a database of 64 bits."""
    micro, _ = divmod(picodollars(Decimal(HIGHEST_CALL_USD)), PICO_PER_MICRO)
    assert micro * MOST_CALLS < LARGEST
    assert PICO_PER_MICRO * MOST_CALLS < LARGEST
    # A row of one request is not summed up further.
    assert picodollars(Decimal(HIGHEST_CALL_USD)) * 9_000 < LARGEST


@given(st.lists(st.tuples(COSTS, st.booleans()), min_size=1, max_size=20))
def test_sums_of_money_are_exact(costs: list[tuple[Decimal, bool]]) -> None:
    """Of any calls, in every roll-up: what Decimal says, counted and estimated apart."""
    calls = [
        call_record(usage=usage_of(1, is_estimated=is_estimated), cost=cost_of(str(usd))) for usd, is_estimated in costs
    ]
    added = increments(lines_of([request_record(*calls)], 0), since_us=0)
    for table in (USAGE_MINUTES, USAGE_HOURS, TAG_HOURS, STATISTICS):
        (sums,) = added[table].values()
        for name, is_wanted in (("cost", False), ("estimated_cost", True)):
            assert dollars(sums, name) == sum((usd for usd, is_one in costs if is_one is is_wanted), Decimal(0))
