"""Is it counted when a vendor's figure is not what the price library says?"""

from __future__ import annotations

from decimal import Decimal

import pytest
from prometheus_client import CollectorRegistry

from app.observers.metrics import Metrics
from contracts.responses import Cost
from tests.kit.metrics_page import page
from tests.kit.witnessed import call


@pytest.mark.parametrize(
    "usd,listed,counted",
    [
        ("1", "1", 0),
        ("1.01", "1", 0),
        ("1.0101", "1", 1),
        ("0.99", "1", 0),
        ("0.98", "1", 1),
        ("0.5", "0", 1),
        # More than a hundredth, but of next to nothing.
        ("0.000000002", "0.000000001", 0),
        ("0.0000000021", "0.000000001", 1),
        ("0.5", None, 0),
    ],
)
def test_mismatch_beyond_a_hundredth_is_counted(usd: str, listed: str | None, counted: int) -> None:
    """By provider and model; what was charged is the vendor's figure all the same."""
    registry = CollectorRegistry()
    metrics = Metrics(registry, lambda provider, model: True)
    cost = Cost(usd=Decimal(usd), source="vendor")
    metrics.attempt_ended(call(cost=cost, listed_usd=None if listed is None else Decimal(listed)))
    metrics.send()
    told = page(registry)
    assert told.labels("llm_cost_mismatch_total") == {"provider", "model"}
    assert told.value("llm_cost_mismatch_total", provider="openai", model="gpt-5") == counted
    charged = told.value("llm_cost_dollars_total", provider="openai", model="gpt-5")
    assert charged == pytest.approx(float(usd))


def test_mismatch_of_an_unpriced_call_is_none() -> None:
    """There is nothing to compare."""
    registry = CollectorRegistry()
    metrics = Metrics(registry, lambda provider, model: True)
    metrics.attempt_ended(call(cost=None, listed_usd=Decimal(1)))
    metrics.send()
    assert page(registry).value("llm_cost_mismatch_total", provider="openai", model="gpt-5") == 0
