"""What does the price library know of a model? Asked once for each model and each of its prices, not once a call.

The library is loaded on first use: it takes 15 MB and a tenth of a second that a service without paid vendors never
spends. Its own sums take a tenth of a millisecond, so its rates are taken over, and added up here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from app.pricing.rates import Ladder, Rates
from contracts.providers import ProviderType

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice

_LIBRARY_IDS = {ProviderType.GEMINI: "google"}
_NOTHING = Decimal(0)


def ladder_of(kind: ProviderType, model: str, at: datetime) -> Ladder | None:
    """The rates of a model for a request of that moment; None when the library knows no price by the token."""
    known = known_model(kind, model)
    return known.ladder(at) if known is not None else None


def preload() -> None:
    """Loads the library now, so that no request waits for it."""
    known_model(ProviderType.OPENAI, "gpt-6-luna")


@lru_cache(maxsize=1)
def library_version() -> str:
    """Which prices these are."""
    return f"genai-prices {version('genai-prices')}"


@dataclass(slots=True)
class KnownModel:
    """A model of the library, and the rates of each of its prices: some change by the hour or on a day."""

    info: ModelInfo
    _ladders: dict[int, Ladder | None] = field(default_factory=dict)

    def ladder(self, at: datetime) -> Ladder | None:
        """The rates for a request of that moment; None where there is no price by the token."""
        price = self.info.get_prices(at)
        if id(price) not in self._ladders:
            self._ladders[id(price)] = _ladder(price)
        return self._ladders[id(price)]


@lru_cache(maxsize=2048)
def known_model(kind: ProviderType, model: str) -> KnownModel | None:
    """What the library knows of a model; None: nothing."""
    from genai_prices.data_snapshot import get_snapshot

    try:
        _, info = get_snapshot().find_provider_model(model, None, _LIBRARY_IDS.get(kind, kind.value), None)
    except LookupError:
        return None
    return KnownModel(info)


def _ladder(price: ModelPrice) -> Ladder | None:
    if price.input_mtok is None and price.output_mtok is None:
        # Priced by the hour or the character, or not at all: its tokens would add up to nothing.
        return None
    starts = {-1, *(tier.start for one in vars(price).values() for tier in getattr(one, "tiers", ()))}
    return Ladder(tuple((start, _rates(price, start)) for start in sorted(starts)))


def _rates(price: ModelPrice, start: int) -> Rates:
    """Those of a call with more than `start` tokens of input. What has no rate of its own costs what it is part of."""

    def rate(name: str, otherwise: Decimal) -> Decimal:
        found = getattr(price, name)
        if found is None:
            return otherwise
        if isinstance(found, Decimal):
            return found
        reached: list[Decimal] = [tier.price for tier in found.tiers if tier.start <= start]
        base: Decimal = found.base
        return reached[-1] if reached else base

    of_input, of_output = rate("input_mtok", _NOTHING), rate("output_mtok", _NOTHING)
    of_write = rate("cache_write_mtok", of_input)
    return Rates(
        input=of_input,
        output=of_output,
        cached_input=rate("cache_read_mtok", of_input),
        cache_write=of_write,
        cache_write_1h=rate("cache_write_1h_mtok", of_write),
        reasoning=rate("output_reasoning_mtok", of_output),
        per_request=rate("requests_kcount", _NOTHING).scaleb(-3),
    )
