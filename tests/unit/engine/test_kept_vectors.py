"""Are vectors kept to the last bit, and is what comes back what was asked for?"""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from typing import Any

import pytest

from app.engine.intake import Order
from app.engine.kept_vectors import are_fit, packed, unpacked
from app.engine.weighed import Weighed
from app.ports import CachedVectors
from contracts.calls import EmbeddingReply, Source, Wire
from contracts.embeddings import EmbeddingInput
from tests.kit.answers import vectors
from tests.kit.embedding_engine import EmbeddingEngine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import USAGE

TWO = EmbeddingInput(texts=("a", "b"))
BODY = '{"data":[{"embedding":[1.0,2.0]},{"embedding":[1.0,2.0]}]}'


def order_of(asked: EmbeddingInput = TWO, *, at_surface: bool = False) -> Order:
    """An order for vectors of two texts."""
    order = EmbeddingEngine(FakeProvider("alpha", embeds=["e-1"])).order("a", "b")
    source = Source(wire=Wire.OPENAI_EMBEDDINGS, body=b"{}", read_as=asked) if at_surface else None
    return replace(order, call=replace(order.call, embedding=asked, source=source))


def reply(*rows: tuple[float, ...], raw: str | None = None) -> Weighed:
    """What a vendor gave."""
    return Weighed(EmbeddingReply(vectors=rows, model="e-1", warnings=("w",), raw=raw), USAGE, None)


async def come_back(weighed: Weighed, order: Order) -> EmbeddingReply | None:
    """Packed, and out again."""
    kept = await packed(order, weighed)
    return None if kept is None else await unpacked(Weighed(kept.reply, kept.usage, kept.cost, kept))


@pytest.mark.parametrize("length", [1, 3, 20_000])
def test_vectors_come_back_to_the_last_bit(length: int) -> None:
    """Few or many, by a thread then; a zero keeps its sign, the smallest number is there."""
    given = reply((-0.0,) * length, (5e-324,) * (length - 1) + (0.1,))

    async def check() -> EmbeddingReply | None:
        return await come_back(given, order_of())

    # A loop of real time: the tests' own does not wait for threads.
    found = asyncio.run(check())
    assert repr(found) == repr(given.reply)
    assert found == given.reply


async def test_vectors_that_were_not_kept_are_as_they_came() -> None:
    """Nothing is copied."""
    given = reply((1.0,), (2.0,))
    assert await unpacked(given) is given.reply


async def test_vectors_of_a_relayed_body_stay_in_it() -> None:
    """For a caller of the dialect only."""
    given = reply(raw=BODY)
    assert await come_back(given, order_of(at_surface=True)) == given.reply
    assert await come_back(given, order_of()) is None


@pytest.mark.parametrize(
    "rows", [(), ((1.0,),), ((1.0,),) * 3, ((1.0,), (1.0, 2.0)), ((), ()), ((1.0,), (math.inf,)), ((math.nan,),) * 2]
)
async def test_vectors_that_are_not_those_of_the_texts_are_not_kept(rows: tuple[tuple[float, ...], ...]) -> None:
    """Too few, too many, of several lengths, of none, or no numbers."""
    assert await packed(order_of(), reply(*rows)) is None


async def test_vectors_of_another_length_than_was_asked_are_not_kept() -> None:
    """A server may pass over `dimensions`, and may not do so tomorrow."""
    asked = replace(TWO, dimensions=2)
    assert await packed(order_of(asked), reply((1.0, 2.0), (1.0, 2.0))) is not None
    assert await packed(order_of(asked), reply((1.0,), (1.0,))) is None
    assert await packed(order_of(asked, at_surface=True), reply(raw=BODY)) is not None
    assert await packed(order_of(replace(TWO, dimensions=3), at_surface=True), reply(raw=BODY)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"length": 3},
        {"length": -1},
        {"length": 0},
        {"numbers": b""},
        {"numbers": b"\0" * 31},
        {"numbers": b"\xff" * 32},
        {"reply": EmbeddingReply(vectors=((1.0, 2.0), (1.0, 2.0)))},
        {"reply": EmbeddingReply(vectors=(), raw=BODY)},
    ],
)
async def test_vectors_out_of_a_store_are_judged(change: dict[str, Any]) -> None:
    """Wrong data is no hit."""
    right: CachedVectors = vectors((1.0, 2.0), (1.0, 2.0))
    for at_surface in (False, True):
        assert await are_fit(order_of(at_surface=at_surface), right)
        assert not await are_fit(order_of(at_surface=at_surface), replace(right, **change))


async def test_vectors_are_no_answer_to_a_conversation() -> None:
    """Whoever wrote them there."""
    order = order_of()
    chat = replace(order, call=replace(order.call, embedding=None))
    assert not await are_fit(chat, vectors((1.0, 2.0), (1.0, 2.0)))
