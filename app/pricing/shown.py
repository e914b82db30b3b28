"""At which rates is a tariff counted now? For those who read a price; `Tariff.cost_of` is for those who pay it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from app.pricing.library import ladder_of, library_version
from app.pricing.rates import Rates
from app.pricing.tariffs import FreeTariff, ListedTariff, OwnTariff, Tariff

_NOTHING = Decimal(0)
_FREE = Rates(
    input=_NOTHING,
    output=_NOTHING,
    cached_input=_NOTHING,
    cache_write=_NOTHING,
    cache_write_1h=_NOTHING,
    reasoning=_NOTHING,
)


@dataclass(frozen=True, slots=True)
class ShownRates:
    """`steps` are as in a Ladder: the first rates hold from the first token on."""

    source: Literal["config", "prices", "free"]
    version: str | None
    steps: tuple[tuple[int, Rates], ...]


def shown_rates(tariff: Tariff, at: datetime) -> ShownRates | None:
    """The rates of a call that comes in `at`; None when no price by the token is known."""
    if isinstance(tariff, FreeTariff):
        return ShownRates("free", None, ((-1, _FREE),))
    if isinstance(tariff, OwnTariff):
        return ShownRates("config", tariff.version, ((-1, tariff.rates),))
    if isinstance(tariff, ListedTariff) and (ladder := ladder_of(tariff.kind, tariff.model, at)) is not None:
        return ShownRates("prices", library_version(), ladder.steps)
    return None
