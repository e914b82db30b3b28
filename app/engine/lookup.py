"""One order's way to the cache and back: what is kept for it, and keeping what it got."""

from __future__ import annotations

from app.engine.answer import Whole
from app.engine.answer_cache import NOT_ASKED, AnswerCache
from app.engine.answer_key import AnswerKeys
from app.engine.answered import Answered
from app.engine.intake import Order
from app.engine.kept_vectors import packed
from app.engine.made_vectors import MadeVectors
from app.engine.runtime import Runtime
from app.engine.selection import Plan, Target
from app.engine.weighed import Weighed
from contracts.cache import CacheResult


class Lookup:
    """Looks once. `recall` is what it found."""

    def __init__(self, cache: AnswerCache, keys: AnswerKeys, order: Order, plan: Plan, runtime: Runtime) -> None:
        self.is_at_hand = cache.is_at_hand
        self.recall = NOT_ASKED
        self._has_looked = False
        self._cache = cache
        self._clears = cache.clears
        self._keys = keys
        self._order = order
        self._plan = plan
        self._runtime = runtime

    def flight(self) -> str:
        """The name under which the order may share a call; who asks after a clearing shares none of before."""
        return f"{self._keys.flight()}.{self._clears}"

    @property
    def result(self) -> CacheResult:
        """What becomes of a request for which nothing was found."""
        return CacheResult.MISS if self.recall.was_asked else CacheResult.BYPASS

    async def answered(self) -> Answered | None:
        """The answer that serves before anybody is asked, if it is kept."""
        target = await self._first()
        whole = self.recall.of(target) if target is not None else None
        if target is None or whole is None:
            return None
        return Answered(target, whole, self._is_second(target), CacheResult.HIT)

    async def made(self) -> MadeVectors | None:
        """The same of vectors."""
        target = await self._first()
        weighed = self.recall.vectors_of(target) if target is not None else None
        if target is None or weighed is None:
            return None
        return MadeVectors(target, weighed, self._is_second(target), CacheResult.HIT)

    async def keep(self, target: Target, whole: Whole) -> None:
        """Keeps what `target` gave, if it may be given again, and nobody has cleared the cache meanwhile."""
        if self._cache.clears == self._clears:
            await self._cache.keep(self._keys, self._order, target, whole)

    async def keep_vectors(self, target: Target, weighed: Weighed) -> None:
        """The same of vectors."""
        kept = await packed(self._order, weighed)
        if kept is not None and self._cache.clears == self._clears:
            await self._cache.keep_vectors(self._keys, target, kept)

    async def _first(self) -> Target | None:
        if self._has_looked:
            return None
        self._has_looked = True
        self.recall = await self._cache.recall(self._keys, self._order, self._plan)
        return self.recall.first(self._plan, self._runtime.routes)

    def _is_second(self, target: Target) -> bool:
        return self._plan.is_second_choice or target is not self._plan.targets[0]
