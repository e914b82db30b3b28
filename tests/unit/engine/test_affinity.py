"""Is who served a conversation asked first at its next turn, and nobody who cannot or was not asked for?"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from app.engine.affinity import KEPT_SECONDS, MAX_THREADS, Affinity
from app.engine.intake import take_in
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import ModelCall
from contracts.chat import Conversation, Message, Role, TextPart
from contracts.config import LLMProviderConfig
from contracts.explanation import AffinitySource
from contracts.requests import LLMRequest
from contracts.responses import LLMResponse
from contracts.selection_strategy import SelectionStrategy
from contracts.streams import DoneEvent
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Says, limited, out_of_quota, streams, unavailable, unreadable
from tests.kit.virtual_time import EPOCH, HandClock

ALL = list(SelectionStrategy)
FIRST: list[Any] = [{"role": "user", "content": "Hello"}]


def rows(*names: str, **fields: Any) -> list[FakeProvider]:
    return [FakeProvider(name, **fields) for name in names]


def going_on(answer: LLMResponse, before: list[Any] = FIRST, ask: str = "And then?") -> list[Any]:
    """The messages of the next turn, as a caller sends them."""
    return [*before, {"role": "assistant", "content": answer.content}, {"role": "user", "content": ask}]


@pytest.mark.parametrize("strategy", ALL)
async def test_affinity_stays_with_who_served(strategy: str) -> None:
    """Turn after turn, whatever the strategy; the next turn brings back the words only."""
    engine = Engine(*rows("alpha", "beta", "gamma"), selection_strategy=strategy)
    answer = await engine.ask(messages=FIRST, preferred_provider="beta")
    messages = going_on(answer)
    for _ in range(10):
        answer = await engine.ask(messages=messages)
        assert (answer.provider, answer.fallback_used, answer.warnings) == ("beta", False, [])
        messages = going_on(answer, messages)


async def test_affinity_leaves_other_conversations_to_the_strategy() -> None:
    """First turns are spread evenly, though every one is remembered."""
    engine = Engine(*rows("alpha", "beta"), selection_strategy="round-robin")
    counted = Counter([(await engine.ask(prompt=f"Question {number}")).provider for number in range(200)])
    assert counted == {"alpha": 100, "beta": 100}


async def test_affinity_of_a_stream() -> None:
    """A stream that ended whole is remembered, one that was left is not."""
    engine = Engine(*rows("alpha", "beta"))
    last = (await engine.events(messages=FIRST, preferred_provider="beta"))[-1]
    assert isinstance(last, DoneEvent)
    assert (await engine.open_and_close(messages=going_on(last.response))).provider == "beta"
    other: list[Any] = [{"role": "user", "content": "Another"}]
    await engine.open_and_close(messages=other, preferred_provider="beta")
    assert (await engine.ask(messages=going_on(last.response, other))).provider == "alpha"


async def test_affinity_of_a_fallback() -> None:
    """Who stood in has the conversation now: its vendor has the prompt in its cache."""
    alpha, beta = FakeProvider("alpha", [unreadable()]), FakeProvider("beta")
    engine = Engine(alpha, beta, max_retries=0)
    answer = await engine.ask(messages=FIRST)
    assert (answer.provider, answer.fallback_used) == ("beta", True)
    answer = await engine.ask(messages=going_on(answer))
    assert (answer.provider, answer.fallback_used) == ("beta", False)


async def test_affinity_by_prompt_cache_key() -> None:
    """Requests with the same key go where the last one went, though they have no words in common."""
    engine = Engine(*rows("alpha", "beta", "gamma"), selection_strategy="round-robin")
    first = await engine.ask(prompt="One", prompt_cache_key="k")
    assert {(await engine.ask(prompt=f"{n}", prompt_cache_key="k")).provider for n in range(9)} == {first.provider}
    others = {(await engine.ask(prompt="x", prompt_cache_key=f"k{n}")).provider for n in range(3)}
    assert others == {"alpha", "beta", "gamma"}


def signed(provider: str, signature: str | None = "s-1") -> list[Any]:
    reasoning = {"type": "reasoning", "text": "hm", "signature": signature, "provider": provider}
    answer = {"role": "assistant", "content": [reasoning, {"type": "text", "text": "hello"}]}
    return [*FIRST, answer, {"role": "user", "content": "And then?"}]


async def test_affinity_of_a_signature_wins() -> None:
    """Only the row that signed can read its reasoning: it goes before who gave the last answer."""
    engine = Engine(*rows("alpha", "beta", "gamma"))
    await engine.ask(messages=FIRST, preferred_provider="beta")
    assert (await engine.ask(messages=signed("gamma"))).provider == "gamma"
    assert (await engine.ask(messages=signed("gamma", None))).provider == "beta"
    assert (await engine.ask(messages=signed("nobody"))).provider == "beta"


@pytest.mark.parametrize(
    "fields,served",
    [
        ({"preferred_provider": "alpha"}, "alpha"),
        ({"model": "alpha/alpha-1"}, "alpha"),
        ({"model": "alpha-1"}, "alpha"),
        ({"model": "shared"}, "beta"),
        ({"fallback_providers": ["alpha"]}, "beta"),
    ],
)
async def test_affinity_never_overrides_what_is_named(fields: dict[str, Any], served: str) -> None:
    """A provider or model that the caller names is his; among rows that offer the named model affinity chooses."""
    engine = Engine(*rows("alpha", "beta", models=["shared"]))
    answer = await engine.ask(messages=FIRST, preferred_provider="beta")
    assert (await engine.ask(messages=going_on(answer), **fields)).provider == served


async def test_affinity_chooses_among_a_logical_models_candidates() -> None:
    """The very model that served is first, where a row stands there twice."""
    engine = Engine(*rows("alpha", "beta"), models={"fast": ["alpha/a", "beta/b", "beta/c"]})
    answer = await engine.ask(messages=FIRST, model="beta/c")
    again = await engine.ask(messages=going_on(answer), model="fast")
    assert (again.provider, again.model) == ("beta", "c")
    assert (await engine.ask(messages=signed("beta"), model="fast")).model == "b"
    assert (await engine.ask(messages=going_on(answer), model="fast", preferred_provider="alpha")).model == "a"


@pytest.mark.parametrize("failure", [limited(retry_after=60), out_of_quota()])
async def test_affinity_leaves_a_row_that_rests(failure: Any) -> None:
    """It is not moved to the front, and so not even skipped with a warning; the conversation goes over to the next."""
    alpha, beta, gamma = rows("alpha", "beta", "gamma")
    gamma.script = [Says(), failure]
    engine = Engine(alpha, beta, gamma, max_retries=0)
    answer = await engine.ask(messages=FIRST, preferred_provider="gamma")
    await engine.ask(prompt="x", preferred_provider="gamma")
    again = await engine.ask(messages=going_on(answer))
    assert (again.provider, again.warnings) == ("alpha", [])


async def test_affinity_leaves_a_row_whose_circuit_is_open() -> None:
    """Others serve until it closes."""
    alpha, beta = rows("alpha", "beta")
    engine = Engine(alpha, beta, max_retries=0)
    answer = await engine.ask(messages=FIRST, preferred_provider="beta")
    beta.script = [unavailable()] * 3
    for _ in range(3):
        await engine.ask(prompt="x", preferred_provider="beta")
    assert (await engine.ask(messages=going_on(answer))).provider == "alpha"


async def test_affinity_leaves_a_disabled_row() -> None:
    """It is no candidate at all."""
    engine = Engine(*rows("alpha", "beta"), rows={"beta": {"enabled": False}})
    assert (await engine.ask(messages=signed("beta"))).provider == "alpha"


async def test_affinity_can_be_turned_off() -> None:
    """Then nothing is remembered, and the order stands."""
    engine = Engine(*rows("alpha", "beta"), affinity=False)
    answer = await engine.ask(messages=FIRST, preferred_provider="beta")
    assert (await engine.ask(messages=going_on(answer))).provider == "alpha"
    assert (await engine.ask(messages=signed("beta"))).provider == "alpha"
    assert len(engine.snapshots.current.steering.affinity) == 0


async def test_affinity_remembers_nothing_where_there_is_no_choice() -> None:
    """With one usable row nothing is hashed."""
    engine = Engine(*rows("alpha"))
    await engine.ask(messages=FIRST)
    assert len(engine.snapshots.current.steering.affinity) == 0


async def test_affinity_remembers_nothing_where_one_row_is_up() -> None:
    """Whatever its caller names: nobody else could serve the next turn, unless logical models give a choice there."""
    alone = Engine(*rows("alpha"), FakeProvider("keyless", unusable="no key"))
    await alone.ask(messages=FIRST, model="alpha-1")
    await alone.ask(messages=FIRST, preferred_provider="alpha")
    assert len(alone.snapshots.current.steering.affinity) == 0
    grouped = Engine(*rows("alpha"), models={"fast": ["alpha/a", "alpha/b"]})
    answer = await grouped.ask(messages=FIRST, model="alpha/b")
    assert (await grouped.ask(messages=going_on(answer), model="fast")).model == "b"


async def test_affinity_remembers_nothing_of_a_model_that_one_row_has() -> None:
    """Who names it will name it again, and then there is no choice; who names the row may name nobody next time."""
    engine = Engine(*rows("alpha", "beta"))
    await engine.ask(messages=FIRST, model="beta-1")
    assert len(engine.snapshots.current.steering.affinity) == 0
    await engine.ask(messages=FIRST, model="beta-1", preferred_provider="beta")
    assert len(engine.snapshots.current.steering.affinity) == 1


async def test_affinity_lasts_an_hour_from_the_last_turn() -> None:
    """Vendors' caches are gone by then."""
    engine = Engine(*rows("alpha", "beta"))
    answer = await engine.ask(messages=FIRST, preferred_provider="beta")
    await engine.wait(KEPT_SECONDS - 1)
    messages = going_on(answer)
    again = await engine.ask(messages=messages)
    assert again.provider == "beta"
    await engine.wait(KEPT_SECONDS - 1)
    assert (await engine.ask(messages=going_on(again, messages))).provider == "beta"
    await engine.wait(KEPT_SECONDS + 1)
    assert (await engine.ask(messages=messages)).provider == "alpha"


def call(text: str) -> ModelCall:
    """The second turn after `text`."""
    messages = [{"role": "user", "content": text}, {"role": "assistant", "content": "yes"}]
    request = LLMRequest.model_validate({"messages": [*messages, {"role": "user", "content": "go on"}]})
    return take_in(request, IN_PROCESS_CALLER, now=EPOCH, is_stream=False, config=LLMProviderConfig()).call


def test_affinity_is_bounded() -> None:
    """Of ten thousand conversations and more the least lately served are forgotten."""
    affinity = Affinity(HandClock().clock)
    yes = Message(role=Role.ASSISTANT, content=(TextPart(text="yes"),))
    first = call("x")
    for number in range(MAX_THREADS + 10):
        asked = Message(role=Role.USER, content=(TextPart(text=f"{number}"),))
        affinity.remember(replace(first, conversation=Conversation(messages=(asked,))), yes, "beta", "m")
    assert len(affinity) == MAX_THREADS
    assert list(affinity.holders(call("9"))) == []
    (holder,) = affinity.holders(call("10"))
    assert (holder.provider, holder.model, holder.source) == ("beta", "m", AffinitySource.CONVERSATION)


def test_affinity_keeps_no_words() -> None:
    """Digests and names are all that is there."""
    affinity = Affinity(HandClock().clock)
    secret = Message(role=Role.ASSISTANT, content=(TextPart(text="a secret answer"),))
    affinity.remember(call("a secret question"), secret, "beta", "m")
    assert "secret" not in repr(vars(affinity))


async def test_affinity_of_a_stream_that_another_went_on_with() -> None:
    """Who wrote the end has the conversation, under the whole of its text."""
    alpha, beta = FakeProvider("alpha", [streams("Good ", unreadable())]), FakeProvider("beta", [Says("day to you")])
    engine = Engine(alpha, beta, max_retries=0)
    last = (await engine.events(messages=FIRST, stream_recovery="continue"))[-1]
    assert isinstance(last, DoneEvent)
    assert last.response.content == "Good day to you"
    assert (await engine.ask(messages=going_on(last.response))).provider == "beta"
