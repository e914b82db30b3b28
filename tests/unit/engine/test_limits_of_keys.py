"""Does a key that is limited to models stay so, whatever is said beside the model's name?"""

from __future__ import annotations

from typing import Any

import pytest

from contracts.errors import CallerForbiddenError
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.unit.engine.test_selection_keys import key, names, plan, three

OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"models": ["b"]}, "models"),
    ({"Model": "b"}, "Model"),
    ({"llm_service": {}}, "llm_service"),
    ({"reasoning": {"model": "b"}}, "reasoning.model"),
    ({"tools": [{"type": "image_generation", "model": "b"}]}, "tools.0.model"),
    ({"top_p": 0.5, "x_new": 1}, "x_new"),
]


@pytest.mark.parametrize("options,path", OPTIONS)
async def test_options_of_a_limited_key_name_no_other_model(options: dict[str, Any], path: str) -> None:
    """Of the row that is asked, or of one that only might be; and as the params of a fallback."""
    engine, caller = three(), key(["shared"])
    for row in ("alpha", "beta"):
        with pytest.raises(CallerForbiddenError, match=rf"key_1 .* may not use vendor_options\.{row}\.{path}:"):
            plan(engine, caller, model="shared", vendor_options={row: options})
        fallback = {"provider": row, "model": "shared", "params": options}
        with pytest.raises(CallerForbiddenError, match=rf"may not use the params of {row}: {path}:"):
            plan(engine, caller, model="alpha/shared", fallback_providers=[fallback])


async def test_options_of_other_keys_are_the_vendors_to_judge() -> None:
    """Who may use every model of the row, or everything, may send what we do not know."""
    engine = three()
    for caller in (key(), key(providers=["alpha"])):
        made = plan(engine, caller, model="alpha/shared", vendor_options={"alpha": {"models": ["b"]}})
        assert names(made)[0] == "alpha/shared"


async def test_options_that_are_known_stay_allowed() -> None:
    """A limited key is no key of fewer parameters."""
    options = {"service_tier": "flex", "top_p": 0.5, "reasoning": {"effort": "low"}, "metadata": {"model": "mine"}}
    made = plan(three(), key(["shared"]), model="alpha/shared", vendor_options={"alpha": options})
    assert names(made)[0] == "alpha/shared"


async def test_params_of_the_operator_are_not_looked_at() -> None:
    """He may give a logical model what a caller may not."""
    group = [{"provider": "alpha", "model": "shared", "params": {"models": ["b"]}}]
    made = plan(three(models={"smart": group}), key(["smart"]), model="smart")
    assert names(made) == ["alpha/shared"]


async def test_row_and_model_is_no_name_of_a_model_behind_the_row() -> None:
    """`alpha/alpha/shared` asks for a model `alpha/shared`, which is another, though the letters are the same."""
    engine = Engine(
        FakeProvider("alpha", models=("shared", "alpha/shared")), FakeProvider("beta", models=("alpha/shared",))
    )
    caller = key(["alpha/shared"])
    assert names(plan(engine, caller, model="alpha/shared")) == ["alpha/shared"]
    for model in ("alpha/alpha/shared", "beta/alpha/shared"):
        with pytest.raises(CallerForbiddenError):
            plan(engine, caller, model=model)
    with pytest.raises(CallerForbiddenError):
        plan(engine, caller, preferred_provider="beta", model="alpha/shared")
