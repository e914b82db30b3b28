"""Which tariff holds for a model at a provider? The configuration's, else the vendor's own figure, else the library's.

Made anew with every snapshot of the configuration; what the library knows is remembered beyond it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache, partial

from app.pricing.rates import Rates
from app.pricing.tariffs import FreeTariff, ListedTariff, OwnTariff, Tariff
from contracts.prices import TokenPrices
from contracts.providers import ProviderType

_FREE_KINDS = frozenset({ProviderType.LOCAL, ProviderType.MOCK, ProviderType.OLLAMA})
_FREE = FreeTariff()


class Prices:
    """Of one configuration. `given`: its own prices, by `provider/model` and by provider; the closer name wins.

    `tariff` is what holds for a model at a row, which is of that kind. It is kept, because each request asks for it.
    """

    def __init__(self, given: Mapping[str, TokenPrices] | None = None) -> None:
        own = {name: _own(name, prices) for name, prices in (given or {}).items()}
        self.tariff: Callable[[str, ProviderType, str], Tariff] = lru_cache(maxsize=1024)(partial(_tariff, own))


def is_free(kind: ProviderType) -> bool:
    """Whether a kind of provider runs on the user's own machine, or is no vendor at all."""
    return kind in _FREE_KINDS


def _tariff(given: Mapping[str, OwnTariff], provider: str, kind: ProviderType, model: str) -> Tariff:
    own = given.get(f"{provider}/{model}") or given.get(provider)
    if own is not None:
        return own
    return _FREE if kind in _FREE_KINDS else ListedTariff(kind, model)


def _own(name: str, prices: TokenPrices) -> OwnTariff:
    def rate(given: Decimal | None, otherwise: Decimal) -> Decimal:
        return otherwise if given is None else given

    of_write = rate(prices.cache_write, prices.input)
    rates = Rates(
        input=prices.input,
        output=prices.output,
        cached_input=rate(prices.cached_input, prices.input),
        cache_write=of_write,
        cache_write_1h=rate(prices.cache_write_1h, of_write),
        reasoning=rate(prices.reasoning, prices.output),
        per_request=prices.per_request_usd,
    )
    return OwnTariff(rates, _version(name, rates))


def _version(name: str, rates: Rates) -> str:
    """The same for the same price of the same name, whatever else was configured, and however it was written."""
    amounts = {field: str(getattr(rates, field).normalize()) for field in sorted(Rates.__slots__)}
    said = json.dumps([name, amounts], separators=(",", ":")).encode()
    return f"config {hashlib.sha256(said).hexdigest()[:12]}"
