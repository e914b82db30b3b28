"""Does all that could change an answer change its name, and nothing else?"""

from __future__ import annotations

import random
import string
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

import pytest

from app.engine.answer_key import AnswerKeys
from app.engine.intake import Order
from app.engine.selection import select
from app.ports import CacheKey
from contracts.cache import CacheResult
from contracts.caller import IN_PROCESS_CALLER, Scope
from contracts.chat import (
    CacheControl,
    FilePart,
    ImagePart,
    Message,
    RawPart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    Tool,
    ToolCallPart,
    ToolResultPart,
)
from tests.kit.cached_engine import CachedEngine
from tests.kit.fake_provider import FakeProvider
from tests.kit.virtual_time import run

# What a field becomes that is changed. A field of none of these tables was added since: decide what it does, first.
MARK = CacheControl(ttl="1h")
PART_CHANGES: Mapping[type, Mapping[str, Any]] = {
    TextPart: {"text": "b", "cache_control": MARK},
    ImagePart: {
        "url": "https://b.test",
        "data": "Yg==",
        "media_type": "image/gif",
        "detail": "low",
        "cache_control": MARK,
    },
    FilePart: {
        "data": "Yg==",
        "media_type": "text/plain",
        "url": "https://b.test",
        "file_id": "b",
        "filename": "b",
        "cache_control": MARK,
    },
    ToolCallPart: {"id": "b", "name": "b", "arguments": "[]", "cache_control": MARK},
    ToolResultPart: {"tool_call_id": "b", "content": (TextPart(text="b"),), "is_error": True, "cache_control": MARK},
    ReasoningPart: {"text": "b", "signature": "b", "provider": "b"},
    RefusalPart: {"text": "b"},
    RawPart: {"provider": "b", "data": {"b": 1}},
}


def engine_for(**config: Any) -> CachedEngine:
    """One with two rows."""
    return CachedEngine(FakeProvider("alpha"), FakeProvider("beta"), **config)


def keys_of(engine: CachedEngine, order: Order) -> AnswerKeys:
    """The names of the order's answer."""
    keys = AnswerKeys.of(order, select(order, engine.snapshots.current), engine.snapshots.current)
    assert keys is not None
    return keys


def key_of(engine: CachedEngine, order: Order) -> CacheKey:
    """The name of the first target's answer."""
    return keys_of(engine, order).key(select(order, engine.snapshots.current).targets[0])


def with_conversation(order: Order, **changes: Any) -> Order:
    """The order, with another conversation."""
    return replace(order, call=replace(order.call, conversation=replace(order.call.conversation, **changes)))


def digests(orders: Iterable[Order], engine: CachedEngine) -> list[str]:
    """Of all that is said in each: who serves is the same."""
    target = select(engine.order(), engine.snapshots.current).targets[0]
    found = [AnswerKeys(order, engine.snapshots.current) for order in orders]
    assert len({keys.flight() for keys in found}) == len({keys.key(target) for keys in found})
    return [keys.key(target).digest for keys in found]


def nested(depth: int) -> object:
    """A list in a list in a list."""
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def names_of(kind: type[Any]) -> set[str]:
    """The fields of a dataclass, without the word that names its kind."""
    return {field.name for field in fields(kind)} - ({"type"} if kind in PART_CHANGES else set())


def test_answer_key_differs_with_the_last_character() -> None:
    """10,000 pairs of texts that differ only there, each longer than any prefix that one would think of: all apart."""
    rng = random.Random(5)

    async def main() -> set[str]:
        engine = engine_for()
        base = engine.order()
        letters = string.ascii_letters + "äß漢 \n"
        texts = []
        for number in range(10_000):
            text = f"{number}" + "".join(rng.choices(letters, k=rng.randint(150, 400)))
            texts += [f"{text}{last}" for last in rng.sample(letters, 2)]
        orders = (
            with_conversation(base, messages=(Message(role=Role.USER, content=(TextPart(text=text),)),))
            for text in texts
        )
        return set(digests(orders, engine))

    assert len(run(main())) == 20_000


async def test_answer_key_of_the_same_words_is_the_same() -> None:
    """Two orders that say the same, made apart, have one name: of the answer, and of the call that they share."""
    engine = engine_for()
    said: dict[str, Any] = {
        "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}],
        "tools": [{"name": "look", "parameters": {"type": "object", "properties": {"a": {"enum": [1, None]}}}}],
        "vendor_options": {"alpha": {"b": [1.5, True]}},
        "temperature": 1,
    }
    one, other = engine.order(**said), engine.order(**said, tags=["x"], metadata={"a": 1}, user_id="u")
    assert one.call.request_id != other.call.request_id
    assert key_of(engine, one) == key_of(engine, other)
    assert keys_of(engine, one).flight() == keys_of(engine, other).flight()


async def test_answer_key_tells_kinds_of_parts_apart() -> None:
    """The same words as text, as a refusal, as a thought: three names."""
    engine = engine_for()
    same = (TextPart(text="a"), RefusalPart(text="a"), ReasoningPart(text="a"))
    orders = [with_conversation(engine.order(), messages=(Message(role=Role.USER, content=(it,)),)) for it in same]
    assert len(set(digests(orders, engine))) == 3


async def test_answer_key_depends_on_the_tenant_only() -> None:
    """Of the caller nothing else says whose answer it is: two keys of a tenant share, two tenants never do."""
    engine = engine_for()
    assert names_of(type(IN_PROCESS_CALLER)) == {"key_id", "scopes", "tenant", "tags", "models", "providers"}
    callers = [replace(IN_PROCESS_CALLER, tenant=tenant) for tenant in (None, "", "a", "b", "null")]
    assert len(set(digests([engine.order(caller) for caller in callers], engine))) == len(callers)
    same = [{"key_id": "k"}, {"scopes": frozenset({Scope.CALL})}, {"tags": ("t",)}]
    orders = [engine.order(replace(IN_PROCESS_CALLER, **it)) for it in ({}, *same)]
    assert len(set(digests(orders, engine))) == 1


async def test_answer_key_does_not_depend_on_what_a_key_may_use() -> None:
    """It says who is asked, not what he answers: only candidates that it may use are looked for."""
    engine = engine_for()
    limits = [{"models": frozenset({"alpha-1"})}, {"providers": frozenset({"alpha"})}]
    orders = [engine.order(replace(IN_PROCESS_CALLER, **it)) for it in ({}, *limits)]
    assert len({key_of(engine, order) for order in orders}) == 1


async def test_answer_key_of_a_target() -> None:
    """Who serves, with which model and parameters of its own; not how long it may take, nor its share."""
    engine = engine_for()
    order = engine.order()
    alpha, beta = select(order, engine.snapshots.current).targets
    keys = keys_of(engine, order)
    changed = [
        alpha,
        beta,
        replace(alpha, model="alpha-2"),
        replace(alpha, params={"a": 1}),
        replace(alpha, params={"a": 2}),
    ]
    same = [alpha, replace(alpha, note="n"), replace(alpha, timeout_seconds=7.0), replace(alpha, weight=7.0)]
    assert names_of(type(alpha)) == {"provider", "model", "params", "note", "timeout_seconds", "weight"}
    assert len({keys.key(target).digest for target in changed}) == len(changed)
    assert len({keys.key(target) for target in same}) == 1
    assert (keys.key(alpha).provider, keys.key(alpha).model) == ("alpha", "alpha-1")


async def test_answer_key_takes_only_the_options_of_who_serves() -> None:
    """What is meant for another vendor changes nothing of this one's answer, but the two are not one call."""
    engine = engine_for()
    plain, other = engine.order(), engine.order(vendor_options={"beta": {"b": 1}})
    assert key_of(engine, plain) == key_of(engine, other)
    assert keys_of(engine, plain).flight() != keys_of(engine, other).flight()


@pytest.mark.parametrize(
    "one,other",
    [
        (1, 1.0),
        (1, True),
        (1, "1"),
        (0, False),
        (0.0, -0.0),
        (None, float("nan")),
        (None, "null"),
        (None, []),
        (float("inf"), "Infinity"),
        (float("nan"), "NaN"),
        ([[1], 2], [1, [2]]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": {}}, {"a": []}),
        ("é", "e\u0301"),
        (2**64, 2**64 + 1),
        (0.1, 0.1 + 2**-55),
    ],
    ids=repr,
)
async def test_answer_key_tells_like_values_apart(one: object, other: object) -> None:
    """What is written otherwise, a vendor may read otherwise: in options, in schemas, and in order."""
    engine = engine_for()
    base = engine.order()
    orders = [replace(base, call=replace(base.call, vendor_options={"alpha": {"v": it}})) for it in (one, other)]
    tools = [with_conversation(base, tools=(Tool(name="a", parameters={"v": it}),)) for it in (one, other)]
    assert len(set(digests([*orders, *tools], engine))) == 4


async def test_answer_key_takes_whole_numbers_of_a_parameter_as_its_own_kind() -> None:
    """`temperature: 1` and `1.0` are the same wish: the request reads both as a number."""
    engine = engine_for()
    assert key_of(engine, engine.order(temperature=1)) == key_of(engine, engine.order(temperature=1.0))


@pytest.mark.parametrize(
    "said,config",
    [
        ({"vendor_options": {"alpha": {"x": "\ud800"}}}, {}),
        ({"vendor_options": {"alpha": {"\ud800": 1}}}, {}),
        ({"vendor_options": {"alpha": {"x": nested(251)}}}, {}),
        ({"vendor_options": {"alpha": {"x": nested(260)}}}, {}),
        ({"fallback_providers": [{"provider": "beta", "params": {"x": "\ud800"}}]}, {}),
        ({"model": "group"}, {"models": {"group": [{"provider": "alpha", "params": {"x": "\ud800"}}]}}),
    ],
)
async def test_answer_key_of_what_cannot_be_written_is_none(said: dict[str, Any], config: dict[str, Any]) -> None:
    """Half a surrogate pair, or too deep a nest: the answer has no name, and is given all the same, each time anew."""
    engine = engine_for(**config)
    first, second = await engine.ask(**said), await engine.ask(**said)
    assert [first.cache, second.cache] == [CacheResult.BYPASS] * 2
    assert len(engine.given[0].asked) == 2
    assert [record.cache for record in engine.records.requests] == [CacheResult.BYPASS] * 2
