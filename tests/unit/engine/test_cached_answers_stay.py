"""Can an answer that is kept be changed, or outlive its clearing?"""

from __future__ import annotations

from contracts.cache import CacheResult
from contracts.chat import RawPart, TextPart
from tests.kit.cached_engine import CachedEngine, Crowd
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Says
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
