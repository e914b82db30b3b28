"""Which field of what is asked changes the name of its answer? Each is decided on, also the next one that is added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

import pytest

from app.engine.answer_key import AnswerKeys
from app.engine.intake import Order
from app.engine.selection import select
from app.engine.shape import shape_of
from contracts.calls import ModelCall, Operation, Source, Wire
from contracts.chat import (
    CacheControl,
    Conversation,
    FilePart,
    ImagePart,
    Message,
    RawPart,
    ReasoningEffort,
    ReasoningPart,
    RefusalPart,
    ResponseFormat,
    Role,
    Sampling,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from contracts.config import ProviderConfig
from contracts.embeddings import EmbeddingInput
from contracts.providers import ProviderType
from contracts.requests import Candidate, Priority, SignalType, StreamRecovery, UnsupportedParameters
from tests.kit.cached_engine import CachedEngine
from tests.kit.fake_provider import FakeProvider
from tests.kit.virtual_time import EPOCH

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
PARTS = (
    TextPart(text="a"),
    ImagePart(url="https://a.test"),
    FilePart(file_id="a"),
    ToolCallPart(id="a", name="a", arguments="{}"),
    ToolResultPart(tool_call_id="a", content=(TextPart(text="a"),)),
    ReasoningPart(text="a"),
    RefusalPart(text="a"),
    RawPart(provider="a", data={"a": 1}),
)
SAMPLING_CHANGES: Mapping[str, Any] = {
    "max_tokens": 7,
    "temperature": 0.5,
    "top_p": 0.5,
    "frequency_penalty": 0.5,
    "presence_penalty": 0.5,
    "stop": ("x",),
    "seed": 7,
}
TOOL_CHANGES: Mapping[str, Any] = {
    "name": "b",
    "description": "b",
    "parameters": {"type": "object"},
    "strict": True,
    "cache_control": MARK,
}
FORMAT_CHANGES: Mapping[str, Any] = {
    "type": "text",
    "json_schema": {"type": "array"},
    "name": "b",
    "strict": False,
}
SHAPED = ResponseFormat(type="json_schema", json_schema={"type": "object"})
CONVERSATION_CHANGES: Mapping[str, Any] = {
    "messages": (Message(role=Role.USER, content=(TextPart(text="b"),)),),
    "sampling": Sampling(seed=1),
    "tools": (Tool(name="b"),),
    "tool_choice": ToolChoice(mode="auto"),
    "parallel_tool_calls": False,
    "response_format": SHAPED,
    "reasoning_effort": ReasoningEffort.LOW,
}
CALL_CHANGES: Mapping[str, Any] = {
    "operation": Operation.EMBEDDINGS,
    "conversation": Conversation(messages=()),
    "embedding": EmbeddingInput(texts=("b",)),
    "vendor_options": {"alpha": {"b": 1}},
    "vendor_headers": {"openai-beta": "b"},
    "unsupported_parameters": UnsupportedParameters.REJECT,
    "source": Source(wire=Wire.OPENAI_CHAT, body=b"{}", read_as=Conversation(messages=())),
}
EMBEDDING_CHANGES: Mapping[str, Any] = {"texts": ("c",), "dimensions": 7, "purpose": "query", "token_counts": (1, None)}
ORDER_CHANGES: Mapping[str, Any] = {
    "signal_type": SignalType.SCORE,
    "shape": None,
}
# Of these no answer depends, so its name must not.
CALL_SAME: Mapping[str, Any] = {"request_id": "other", "correlation_id": "other", "trace_parent": "00-a-b-01"}
ORDER_SAME: Mapping[str, Any] = {
    "preferred": "alpha",
    "model": "alpha-1",
    "fallbacks": (Candidate(provider="beta"),),
    "enable_fallback": False,
    "timeout_seconds": 7.0,
    "stream_recovery": StreamRecovery.ERROR,
    "use_cache": False,
    "priority": Priority.URGENT,
    "tags": ("a",),
    "user_id": "u",
    "metadata": {"class": 7},
    "is_stream": True,
    "received_at": EPOCH.replace(year=2030),
    "patience_seconds": 7.0,
    "warnings": ("a",),
}
# Who shares a call asks for the same of the same, in the same way.
SHARED_APART = {"preferred", "model", "fallbacks", "enable_fallback", "stream_recovery", "is_stream"}
ROW_CHANGES: Mapping[str, Any] = {
    "type": ProviderType.OPENAI,
    "base_url": "https://b.test",
    "headers": {"x-b": "b"},
}
ROW_SAME: Mapping[str, Any] = {
    "enabled": False,
    "api_key": "sk-other-0123456789",
    "default_model": "other",
    "models": ("other",),
    "dialects": (),
    "weight": 7,
    "stream_upstream": True,
    "send_trace_context": True,
    "max_concurrency": 7,
    "max_queue": 7,
    "requests_per_minute": 7,
    "tokens_per_minute": 7,
}


def engine_for(**config: Any) -> CachedEngine:
    """One with two rows."""
    return CachedEngine(FakeProvider("alpha"), FakeProvider("beta"), **config)


def keys_of(engine: CachedEngine, order: Order) -> AnswerKeys:
    """The names of the order's answer."""
    keys = AnswerKeys.of(order, select(order, engine.snapshots.current), engine.snapshots.current)
    assert keys is not None
    return keys


def order_of(engine: CachedEngine, **said: Any) -> Order:
    """A plain order with a shape."""
    order = engine.order(**{"request_id": "r", **said})
    return replace(order, shape=replace(demanded, is_demanded=True)) if (demanded := shape_of(SHAPED)) else order


def with_conversation(order: Order, **changes: Any) -> Order:
    """The order, with another conversation."""
    return replace(order, call=replace(order.call, conversation=replace(order.call.conversation, **changes)))


def digests(orders: Iterable[Order], engine: CachedEngine) -> list[str]:
    """Of all that is said in each: who serves is the same."""
    target = select(engine.order(), engine.snapshots.current).targets[0]
    found = [AnswerKeys(order, engine.snapshots.current) for order in orders]
    assert len({keys.flight() for keys in found}) == len({keys.key(target) for keys in found})
    return [keys.key(target).digest for keys in found]


def names_of(kind: type[Any]) -> set[str]:
    """The fields of a dataclass, without the word that names its kind."""
    return {field.name for field in fields(kind)} - ({"type"} if kind in PART_CHANGES else set())


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.type)
async def test_answer_key_depends_on_every_part(part: Any) -> None:
    """Each field of each kind of part, its kind, its place and who speaks; a new field is decided on here first."""
    engine = engine_for()
    changes = PART_CHANGES[type(part)]
    assert names_of(type(part)) == set(changes)
    changed = [replace(part, **{name: value}) for name, value in changes.items()]
    contents = [(), (part,), (part, part), *((one,) for one in changed)]
    orders = [with_conversation(engine.order(), messages=(Message(role=Role.USER, content=it),)) for it in contents]
    orders.append(with_conversation(engine.order(), messages=(Message(role=Role.ASSISTANT, content=(part,)),)))
    orders.append(with_conversation(engine.order(), messages=(Message(role=Role.USER, content=(part,)),) * 2))
    assert len(set(digests(orders, engine))) == len(orders)


@pytest.mark.parametrize(
    "field,base,changes",
    [
        ("sampling", Sampling(), SAMPLING_CHANGES),
        ("tools", Tool(name="a"), TOOL_CHANGES),
        ("response_format", SHAPED, FORMAT_CHANGES),
        ("tool_choice", ToolChoice(mode="tool", name="a"), {"mode": "required", "name": "b"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_answer_key_depends_on_every_parameter(field: str, base: Any, changes: Mapping[str, Any]) -> None:
    """Each field of sampling, tools, shape and choice of tool; a new field is decided on here first."""
    engine = engine_for()
    assert {one.name for one in fields(base)} == set(changes)
    values = [base, *(replace(base, **{name: value}) for name, value in changes.items())]
    orders = [with_conversation(engine.order(), **{field: (value,) if field == "tools" else value}) for value in values]
    assert len(set(digests(orders, engine))) == len(orders)


async def test_answer_key_depends_on_the_conversation() -> None:
    """On each field of it but the hint where a vendor should keep the prompt; a new one is decided on here first."""
    engine = engine_for()
    assert names_of(Conversation) == {*CONVERSATION_CHANGES, "prompt_cache_key"}
    base = engine.order()
    orders = [base, *(with_conversation(base, **{name: value}) for name, value in CONVERSATION_CHANGES.items())]
    assert len(set(digests(orders, engine))) == len(orders)
    assert len(set(digests([base, with_conversation(base, prompt_cache_key="k")], engine))) == 1


async def test_answer_key_depends_on_the_call() -> None:
    """On each field of it but its ids; a new one is decided on here first."""
    engine = engine_for()
    assert names_of(ModelCall) == {*CALL_CHANGES, *CALL_SAME, "caller"}
    base = engine.order()
    changed = [replace(base, call=replace(base.call, **{name: value})) for name, value in CALL_CHANGES.items()]
    assert len(set(digests([base, *changed], engine))) == len(changed) + 1
    same = [replace(base, call=replace(base.call, **{name: value})) for name, value in CALL_SAME.items()]
    assert len(set(digests([base, *same], engine))) == 1


async def test_answer_key_depends_on_every_text_of_a_request_for_vectors() -> None:
    """Each text, its place, and what shall be made of it; a new field is decided on here first."""
    engine = engine_for()
    assert names_of(EmbeddingInput) == set(EMBEDDING_CHANGES)
    base = EmbeddingInput(texts=("a", "b"))
    asked = [base, *(replace(base, **{name: value}) for name, value in EMBEDDING_CHANGES.items())]
    others = (("b", "a"), ("ab",), ("a",), ("a", "b", ""), ("a" * 5000,), ("a" * 4999 + "b",))
    asked += [EmbeddingInput(texts=texts) for texts in others]
    order = engine.order()
    orders = [replace(order, call=replace(order.call, embedding=one)) for one in asked]
    assert len(set(digests(orders, engine))) == len(orders)


async def test_answer_key_of_the_order() -> None:
    """Its shape and signals change the name, who else might serve and how urgently does not; a new field is decided."""
    engine = engine_for()
    assert names_of(Order) == {*ORDER_CHANGES, *ORDER_SAME, "call"}
    base = order_of(engine)
    target = select(engine.order(), engine.snapshots.current).targets[0]
    name = keys_of(engine, base).key(target)
    for field, value in ORDER_CHANGES.items():
        assert keys_of(engine, replace(base, **{field: value})).key(target) != name, field
    for field, value in ORDER_SAME.items():
        other = keys_of(engine, replace(base, **{field: value}))
        assert other.key(target) == name, field
        assert (other.flight() != keys_of(engine, base).flight()) == (field in SHARED_APART), field


async def test_answer_key_of_a_row() -> None:
    """Its kind, address and headers change the name, its load, key and share do not; a new field is decided on here."""
    assert set(ProviderConfig.model_fields) == {*ROW_CHANGES, *ROW_SAME}
    engine = engine_for()
    order = engine.order()
    target = select(order, engine.snapshots.current).targets[0]
    name, flight = keys_of(engine, order).key(target), keys_of(engine, order).flight()
    for field, value in {**ROW_CHANGES, **ROW_SAME}.items():
        engine.reconfigure({"alpha": {field: value}})
        keys = AnswerKeys(order, engine.snapshots.current)
        assert (keys.key(target) != name) == (field in ROW_CHANGES), field
        assert keys.flight() != flight, field
        engine.reconfigure({"alpha": {field: getattr(ProviderConfig(type=ProviderType.MOCK), field)}})
