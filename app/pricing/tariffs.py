"""What does a model cost at a provider, and whose figure is it? One tariff for each way to know.

Money is rounded here, once, to the picodollar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from app.pricing.library import known_model, ladder_of, library_version
from app.pricing.rates import Rates
from contracts.chat import Usage
from contracts.prices import HIGHEST_CALL_USD
from contracts.providers import ProviderType
from contracts.responses import Cost
from contracts.vouched import vouched

MONEY_DIGITS = 12
# OpenRouter's own name for a variant that costs nothing, which the library prices as the other ones.
_FREE_ENDING = ":free"
_PICODOLLAR = Decimal(1).scaleb(-MONEY_DIGITS)
_NOTHING = Cost(usd=Decimal(0), source="free")


class Tariff(Protocol):
    """What calls of one model at one provider cost."""

    def __hash__(self) -> int:
        """By it, what such a call costs can be remembered."""
        ...

    def cost_of(self, usage: Usage, *, at: datetime, vendor_usd: Decimal | None = None) -> Cost | None:
        """The cost of a call that came in `at`; `vendor_usd`: the vendor's own figure for it.

        None when no price is known: never a silent zero.
        """
        ...

    def listed_usd(self, usage: Usage, *, at: datetime) -> Decimal | None:
        """What the price library says, to hold a vendor's figure against; None when it says nothing that counts."""
        ...


@dataclass(frozen=True, slots=True)
class FreeTariff:
    """Of what runs on the user's own machine, or is no vendor at all."""

    def cost_of(self, usage: Usage, *, at: datetime, vendor_usd: Decimal | None = None) -> Cost | None:
        """Nothing."""
        return _NOTHING

    def listed_usd(self, usage: Usage, *, at: datetime) -> Decimal | None:
        """Nothing is listed."""
        return None


@dataclass(frozen=True, slots=True, eq=False)
class OwnTariff:
    """Of a price that the configuration gives: it goes before every other figure. `version` names it."""

    rates: Rates
    version: str

    def cost_of(self, usage: Usage, *, at: datetime, vendor_usd: Decimal | None = None) -> Cost | None:
        """See `Tariff.cost_of`."""
        usd = settled(self.rates.usd(usage))
        return None if usd is None else _cost(usd, "config", self.version)

    def listed_usd(self, usage: Usage, *, at: datetime) -> Decimal | None:
        """What is listed does not count."""
        return None


@dataclass(frozen=True, slots=True)
class ListedTariff:
    """Of a vendor's model: its own figure where it gives one, else the price library's."""

    kind: ProviderType
    model: str

    def cost_of(self, usage: Usage, *, at: datetime, vendor_usd: Decimal | None = None) -> Cost | None:
        """See `Tariff.cost_of`."""
        known = known_model(self.kind, self.model)
        ladder = None if known is None else known.ladder(at)
        listed = None if ladder is None else settled(ladder.usd(usage))
        theirs = None if vendor_usd is None else settled(vendor_usd)
        # Nothing for what has a price is a figure that was left out, or one of another account: never a silent zero.
        if theirs is not None and (theirs or not listed or self.model.endswith(_FREE_ENDING)):
            return Cost(usd=theirs, source="vendor")
        return None if listed is None else _cost(listed, "prices", library_version())

    def listed_usd(self, usage: Usage, *, at: datetime) -> Decimal | None:
        """See `Tariff.listed_usd`."""
        ladder = ladder_of(self.kind, self.model, at)
        return settled(ladder.usd(usage)) if ladder is not None else None


def _cost(usd: Decimal, source: str, version: str) -> Cost:
    return vouched(Cost, {"usd": usd, "source": source, "price_version": version})


def settled(usd: Decimal | None) -> Decimal | None:
    """The amount in whole picodollars; None for one that cannot be true."""
    return usd.quantize(_PICODOLLAR) if usd is not None and 0 <= usd <= HIGHEST_CALL_USD else None
