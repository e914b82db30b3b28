"""Is an object whose values were vouched for the same as one that pydantic looked at?"""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from contracts.responses import Attempt, AttemptOutcome, Cost, Latency
from contracts.vouched import vouched

ATTEMPT = {
    "provider": "p",
    "model": "m",
    "outcome": AttemptOutcome.SUCCESS,
    "status": 200,
    "error_type": None,
    "duration_ms": 1.5,
    "ttft_ms": None,
}
LATENCY = {"total_ms": 3.0, "upstream_ms": 2.0, "overhead_ms": 0.5, "queue_ms": 0.5}
COST = {"usd": Decimal("0.000000000001"), "source": "prices", "price_version": "v"}


@pytest.mark.parametrize("model, values", [(Attempt, ATTEMPT), (Latency, LATENCY), (Cost, COST)])
def test_vouched_object_is_as_if_it_was_looked_at(model: type[BaseModel], values: dict[str, Any]) -> None:
    """By its fields, what is written of it, its copies, and in refusing to be written to."""
    made, looked_at = vouched(model, dict(values)), model(**values)
    assert (made, repr(made), hash(made)) == (looked_at, repr(looked_at), hash(looked_at))
    assert (made.model_dump(), made.model_dump_json()) == (looked_at.model_dump(), looked_at.model_dump_json())
    assert list(vars(made)) == list(model.model_fields)
    assert (made.model_fields_set, made.model_extra) == (looked_at.model_fields_set, looked_at.model_extra)
    assert copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == looked_at  # noqa: S301 - our own
    with pytest.raises(ValidationError, match="frozen"):
        setattr(made, next(iter(values)), None)


def test_vouched_objects_share_nothing_that_a_copy_can_change() -> None:
    """What a copy says was given is its own affair."""
    first = vouched(Latency, dict(LATENCY))
    changed = first.model_copy(update={"total_ms": 4.0, "made_up": 1})
    assert (changed.total_ms, first.total_ms) == (4.0, 3.0)
    assert first.model_fields_set == vouched(Latency, dict(LATENCY)).model_fields_set == set(LATENCY)
