"""Do the sums of the books have room for the dearest calls?"""

from __future__ import annotations

from decimal import Decimal

from app.stores.books.rollup import picodollars
from contracts.prices import HIGHEST_CALL_USD

LARGEST = 2**63 - 1


def test_a_row_holds_thousands_of_the_dearest_calls() -> None:
    """A vendor that miscounts its own prices must not keep everybody's rows out of a database of 64 bits."""
    assert picodollars(Decimal(HIGHEST_CALL_USD)) * 9_000 < LARGEST
