"""What is a whole answer billed with, and which of its vendor's own figures were not believed?"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from app.engine.selection import Target
from app.pricing import Prices, settled
from contracts.chat import Usage, UsageSource
from contracts.responses import Cost

_ONE_TOKEN = Usage(input_tokens=1, total_tokens=1)


def doubts(
    target: Target, told: Usage | None, usage: Usage, vendor_usd: Decimal | None, cost: Cost | None
) -> list[str]:
    """What to say of figures that were not taken: `told` and `vendor_usd` are the vendor's, the others hold."""
    name = target.provider.name
    found = []
    if told is not None and told.source is UsageSource.REPORTED and usage.source is UsageSource.ESTIMATED:
        found.append(f"{name} counted no tokens of what was sent or said: they were estimated")
    # Settled, or the noughts of 1e-1000000 would fill a megabyte.
    theirs = settled(vendor_usd)
    if theirs is not None and cost is not None and cost.source == "prices":
        found.append(f"the cost of {theirs.normalize():f} USD that {name} gave was not taken: the list price was")
    return found


def unknown_cost(target: Target, prices: Prices, at: datetime) -> str:
    """Why an answer has no cost, though tokens were used."""
    provider = target.provider
    if prices.tariff(provider.name, provider.type, target.model).cost_of(_ONE_TOKEN, at=at) is not None:
        return f"cost is unknown: the token counts of {provider.name} cannot be priced"
    return f"cost is unknown: no price is known for {target.name}"
