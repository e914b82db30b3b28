"""Is a plan made once for all who name the same, and anew for whoever has something else to say?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.engine.intake import Order, take_in
from app.engine.runtime import Runtime
from app.engine.selection import Plan, select
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import Operation, Source, Wire
from contracts.errors import LLMProviderError
from contracts.kept_state import KeptState
from contracts.requests import LLMRequest
from contracts.responses import FieldError
from contracts.selection_strategy import SelectionStrategy
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.virtual_time import EPOCH

PICTURE = {"type": "image", "url": "https://x/y.png"}
TURNS = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}, {"role": "user", "content": "So?"}]


def order(runtime: Runtime, **fields: Any) -> Order:
    given = {"prompt": "hi", **fields} if "messages" not in fields else fields
    request = LLMRequest.model_validate(given)
    return take_in(request, IN_PROCESS_CALLER, now=EPOCH, is_stream=False, config=runtime.config)


def runtime(*providers: FakeProvider, **config: Any) -> Runtime:
    return Engine(*providers, **config).snapshots.current


def served(snapshot: Runtime, asked: Order) -> list[str]:
    return [target.name for target in select(asked, snapshot).targets]


def two() -> Runtime:
    """Two rows that offer one model together."""
    return runtime(FakeProvider("alpha", models=["shared"]), FakeProvider("beta", models=["shared"]))


@pytest.mark.parametrize(
    "fields",
    [{}, {"model": "shared"}, {"model": "beta/shared"}, {"preferred_provider": "beta"}, {"enable_fallback": False}],
)
async def test_plan_is_made_once_for_all_who_name_the_same(fields: dict[str, Any]) -> None:
    """Whatever they say, and whoever they are; it is what it was the first time."""
    pair = two()
    first = select(order(pair, **fields), pair)
    again = replace(order(pair, **fields, user_id="u"), call=order(pair, prompt="something else").call)
    assert select(again, pair) is first


async def test_plans_of_other_names_are_others() -> None:
    """A model, a row and a switch count each."""
    pair = two()
    asked: list[dict[str, Any]] = [{}, {"model": "alpha-1"}, {"preferred_provider": "beta"}, {"enable_fallback": False}]
    for _ in range(2):
        found = [served(pair, order(pair, **fields)) for fields in asked]
        assert found == [
            ["alpha/alpha-1", "beta/beta-1"],
            ["alpha/alpha-1"],
            ["beta/beta-1", "alpha/alpha-1"],
            ["alpha/alpha-1"],
        ]


async def test_plan_belongs_to_its_snapshot() -> None:
    """Another configuration plans anew."""
    pair = two()
    select(order(pair, model="shared"), pair)
    other = runtime(FakeProvider("beta", models=["shared"]), FakeProvider("alpha", models=["shared"]))
    assert served(other, order(other, model="shared")) == ["beta/shared", "alpha/shared"]


async def test_plan_with_something_to_tell_is_not_kept() -> None:
    """A row that was named and cannot serve may be able to the next time: the warning comes each time, for each."""
    snapshot = runtime(FakeProvider("alpha", unusable="no key"), FakeProvider("beta"))
    plans = [select(order(snapshot, preferred_provider="alpha"), snapshot) for _ in range(2)]
    assert plans[0] is not plans[1]
    assert [plan.warnings for plan in plans] == [("alpha was skipped: no key",)] * 2


def limited(asked: Order) -> Order:
    caller = replace(asked.call.caller, models=frozenset({"beta/shared"}))
    return replace(asked, call=replace(asked.call, caller=caller))


def sourced(asked: Order, **fields: Any) -> Order:
    source = Source(wire=Wire.OPENAI_RESPONSES, body=b"{}", read_as=asked.call.conversation, **fields)
    return replace(asked, call=replace(asked.call, source=source))


async def test_key_that_is_limited_gets_its_own_plan() -> None:
    """Before the plan of all is kept, and after it; nobody gets a limited key's."""
    pair = two()
    everybody, one = order(pair, model="shared"), limited(order(pair, model="shared"))
    for _ in range(2):
        assert served(pair, one) == ["beta/shared"]
        assert served(pair, everybody) == ["alpha/shared", "beta/shared"]


@pytest.mark.parametrize(
    "changed",
    [
        lambda asked: replace(asked, warnings=("told",)),
        lambda asked: replace(asked, use_cache=True),
        lambda asked: replace(asked, fallbacks=()),
        lambda asked: replace(asked, call=replace(asked.call, vendor_options={"alpha": {"x": 1}})),
        lambda asked: replace(asked, call=replace(asked.call, operation=Operation.COUNT_TOKENS)),
        lambda asked: sourced(asked, is_kept=True),
        lambda asked: sourced(asked, states=(KeptState("previous_response_id", "resp_1"),)),
        lambda asked: sourced(asked, demands=(FieldError(field="x", message="is of one dialect"),)),
    ],
    ids=["warnings", "cache", "fallbacks", "options", "count", "kept", "states", "demands"],
)
async def test_order_with_more_to_say_is_planned_by_itself(changed: Any) -> None:
    """What it says has a say, whoever came before; and nobody after it gets its plan."""
    pair = two()
    usual = order(pair, model="shared")
    plan = select(usual, pair)
    made: list[Plan | None] = []
    for _ in range(2):
        try:
            made.append(select(changed(usual), pair))
        except LLMProviderError:
            # Nobody keeps that answer: who were given the plan of others would be answered.
            made.append(None)
    assert plan not in made
    assert select(usual, pair) is plan


async def test_images_are_shown_to_nobody_who_takes_none() -> None:
    """In either order; those who can, get the kept plan with images too."""
    blind = FakeProvider("blind", models=["shared"])
    blind.capabilities = replace_vision(blind)
    snapshot = runtime(blind, FakeProvider("seeing", models=["shared"]))
    seen = order(snapshot, model="shared", messages=[{"role": "user", "content": [PICTURE]}])
    for _ in range(2):
        assert served(snapshot, order(snapshot, model="shared")) == ["blind/shared", "seeing/shared"]
        assert served(snapshot, seen) == ["seeing/shared"]


def replace_vision(row: FakeProvider) -> Any:
    return row.capabilities.model_copy(update={"vision": False})


async def test_turns_of_a_strategy_are_taken_each_time() -> None:
    """Where there is somebody to choose; a model that one row has is planned once."""
    snapshot = runtime(
        FakeProvider("alpha", models=["shared"]),
        FakeProvider("beta", models=["shared"]),
        selection_strategy=SelectionStrategy.ROUND_ROBIN,
    )
    firsts = [served(snapshot, order(snapshot, model="shared"))[0] for _ in range(4)]
    assert firsts == ["alpha/shared", "beta/shared"] * 2
    assert select(order(snapshot, model="alpha-1"), snapshot) is select(order(snapshot, model="alpha-1"), snapshot)


async def test_one_of_several_that_a_strategy_chose_is_not_kept() -> None:
    """Without fallback a plan has one target, whoever's turn it was."""
    snapshot = runtime(FakeProvider("alpha"), FakeProvider("beta"), selection_strategy=SelectionStrategy.ROUND_ROBIN)
    asked = order(snapshot, enable_fallback=False)
    assert [served(snapshot, asked) for _ in range(4)] == [["alpha/alpha-1"], ["beta/beta-1"]] * 2


async def test_conversation_that_goes_on_is_led_back() -> None:
    """Who held it is asked first, and the plan of those that begin stays as it is."""
    pair = two()
    begun, going_on = order(pair, model="shared"), order(pair, model="shared", messages=TURNS)
    assert served(pair, begun) == ["alpha/shared", "beta/shared"]
    assert served(pair, going_on) == ["alpha/shared", "beta/shared"]
    remembered = replace(going_on.call.conversation, messages=going_on.call.conversation.messages[:1])
    answer = going_on.call.conversation.messages[1]
    pair.steering.affinity.remember(replace(going_on.call, conversation=remembered), answer, "beta", "shared")
    assert served(pair, going_on) == ["beta/shared", "alpha/shared"]
    assert served(pair, begun) == ["alpha/shared", "beta/shared"]


async def test_models_that_callers_make_up_fill_no_memory() -> None:
    """A row that offers whatever is asked keeps no more than so many plans."""

    class Anything(FakeProvider):
        def offers(self, model: str) -> bool:
            return True

    snapshot = runtime(Anything("alpha"))
    for number in range(3_000):
        assert served(snapshot, order(snapshot, model=f"made-up-{number}")) == [f"alpha/made-up-{number}"]
    assert len(snapshot.plans) <= 1_000
