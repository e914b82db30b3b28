"""Can an answer that is kept be changed, or outlive its clearing?"""

from __future__ import annotations

import pytest

from app.ports import CachedAnswer
from contracts.cache import CacheResult
from contracts.calls import Reply
from contracts.chat import FinishReason, Message, RawPart, Role, TextPart
from tests.kit.answer_stores import FarStore
from tests.kit.cached_engine import CachedEngine, Crowd
from tests.kit.comparisons import judged, verdict
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import USAGE, Says
from tests.kit.speaking_provider import SpeakingProvider


async def test_cached_answer_is_not_changed_by_who_was_given_it() -> None:
    """Free data of a vendor's part is each caller's own, the first one's too."""
    engine = CachedEngine(SpeakingProvider("alpha", (RawPart(provider="alpha", data={"n": 1}), TextPart(text="hi"))))
    answers = [await engine.ask() for _ in range(3)]
    parts = [part for answer in answers for part in answer.message.content if isinstance(part, RawPart)]
    for part in parts[:2]:
        part.data["n"] = 2
    last = await engine.ask()
    assert [answer.cache for answer in answers] == [CacheResult.MISS, CacheResult.HIT, CacheResult.HIT]
    assert [part.data for part in last.message.content if isinstance(part, RawPart)] == [{"n": 1}]


async def test_cached_answer_that_was_under_way_at_a_clearing_is_not_kept() -> None:
    """Whoever cleared the cache gets none of before, however late it came."""
    alpha = FakeProvider("alpha", [Says("old", after=2), Says("new")])
    engine = CachedEngine(alpha)
    crowd = Crowd(engine, 2)
    await engine.wait(1)
    await engine.cache.clear(provider=None, model=None)
    answers = await crowd.answers()
    after = await engine.ask()
    assert ({answer.content for answer in answers}, after.content) == ({"old"}, "new")
    assert (after.cache, (await engine.ask()).cache) == (CacheResult.MISS, CacheResult.HIT)


@pytest.mark.parametrize(
    "said,finish",
    [
        (verdict("neither"), FinishReason.STOP),
        (verdict(confidence=9), FinishReason.STOP),
        ("X" + verdict(), FinishReason.STOP),
        (verdict(), FinishReason.LENGTH),
        (verdict(), FinishReason.CONTENT_FILTER),
        ("", FinishReason.STOP),
    ],
)
async def test_cached_answer_that_others_could_write_is_judged_like_a_vendors(said: str, finish: FinishReason) -> None:
    """What lies in a shared store and is no whole answer to this request is a miss, and the verdict is bought."""
    store = FarStore(lambda: 0.0)
    alpha = FakeProvider("alpha", [Says(verdict("Essay A")), Says(verdict("Essay B"))])
    engine = Engine(alpha, store=store)
    await judged(engine)
    await engine.wait(1)
    forged = Reply(message=Message(role=Role.ASSISTANT, content=(TextPart(text=said),)), finish_reason=finish)
    await store.keep(store.kept[0], CachedAnswer(reply=forged, usage=USAGE, cost=None))
    answer = await judged(engine)
    assert (answer.winner, answer.cached, len(alpha.asked)) == ("Essay B", False, 2)


async def test_request_after_a_clearing_shares_no_call_of_before() -> None:
    """Who cleared the cache and asks again asks a vendor, even while the old call is under way."""
    alpha = FakeProvider("alpha", [Says("old", after=2), Says("new")])
    engine = CachedEngine(alpha)
    crowd = Crowd(engine, 2)
    await engine.wait(1)
    await engine.cache.clear(provider=None, model=None)
    assert (await engine.ask()).content == "new"
    assert {answer.content for answer in await crowd.answers()} == {"old"}
