"""Many requests put to one strategy, and who was first for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.engine.intake import Order, take_in
from app.engine.strategies.strategy import Choice, Strategy
from app.pricing import Prices
from contracts.caller import IN_PROCESS_CALLER
from contracts.config import LLMProviderConfig
from contracts.providers import ProviderType
from contracts.requests import LLMRequest
from tests.kit.virtual_time import EPOCH

CONFIG = LLMProviderConfig()


def choice(
    name: str, *, kind: ProviderType = ProviderType.OPENAI, weight: float = 1, is_recovering: bool = False
) -> Choice:
    """A choice of the route `name`, its model the part behind the slash."""
    provider, _, model = name.partition("/")
    tariff = Prices().tariff(provider, kind, model or name)
    return Choice(name, kind, model or name, weight, is_recovering, tariff)


def choices(names: str) -> list[Choice]:
    """One for each letter."""
    return [choice(name) for name in names]


def order(*, is_stream: bool = False, **fields: Any) -> Order:
    """An order of a short prompt."""
    request = LLMRequest.model_validate({"prompt": "Say hello.", **fields})
    return take_in(request, IN_PROCESS_CALLER, now=EPOCH, is_stream=is_stream, config=CONFIG)


def firsts(strategy: Strategy, among: Sequence[Choice], times: int, asked: Order | None = None) -> str:
    """The names of those who were first, one request after the other."""
    asked = asked or order()
    names = []
    for _ in range(times):
        first = strategy.ordered(among, asked)[0]
        strategy.chose(among, first)
        names.append(first.name)
    return "".join(names)
