"""What does the engine know of the cache? Who wants it, what it holds for an order, what may be kept, how it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal

from app.engine.answer import Whole
from app.engine.answer_key import AnswerKeys
from app.engine.intake import Order
from app.engine.kept_vectors import are_fit
from app.engine.mending import spoilt
from app.engine.runtime import Runtime
from app.engine.structured import read_signals
from app.engine.target import Plan, Target
from app.engine.weighed import Weighed
from app.ports import AttemptRecord, CachedAnswer, CachedVectors, Kept, RequestRecord, ResponseCache
from app.resilience.routes import Routes
from contracts.cache import CacheCleared, CacheConfig, CacheResult, CacheStats
from contracts.calls import Reply
from contracts.chat import FinishReason, RawPart, RefusalPart
from contracts.responses import Cost

# Of a longer plan the first ones: behind so many candidates nobody waits for an answer that is free.
_MOST_LOOKED_UP = 16
_KEPT = Cost(usd=Decimal(0), source="cache")
_WHOLE = (FinishReason.STOP, FinishReason.TOOL_CALLS)


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is kept for one order, by the target that gave it. `was_asked`: the cache could be asked."""

    was_asked: bool = False
    kept: Mapping[str, Kept] = field(default_factory=dict, repr=False)

    def of(self, target: Target) -> Whole | None:
        """The answer that `target` gave to the same order before; it costs nothing now."""
        kept = self.kept.get(target.name)
        return Whole(_of_its_own(kept.reply), kept.usage, _KEPT) if isinstance(kept, CachedAnswer) else None

    def vectors_of(self, target: Target) -> Weighed | None:
        """The same of vectors."""
        kept = self.kept.get(target.name)
        return Weighed(kept.reply, kept.usage, _KEPT, kept) if isinstance(kept, CachedVectors) else None

    def first(self, plan: Plan, routes: Routes) -> Target | None:
        """Whose answer serves before anybody is asked: the first target's, or one's that comes last only for its limit.

        None: whoever is asked first has none.
        """
        for target in plan.targets:
            if target.name in self.kept:
                return target
            if not routes.route(target.provider.name, target.model).spared_for():
                return None
        return None


NOT_ASKED = Recalled()


class AnswerCache:
    """The cache as the engine uses it; an observer too, which counts what became of requests at it."""

    # A call says nothing of it.
    sees_calls = False

    def __init__(self, store: ResponseCache) -> None:
        self._store = store
        self._results: Counter[CacheResult] = Counter()
        # How often it was cleared: an answer that was asked for before that is not kept after it.
        self.clears = 0
        # A look into this process's own memory takes no time, so nobody needs to share one.
        self.is_at_hand = store.backend == "memory"

    def keys_of(self, order: Order, plan: Plan, runtime: Runtime) -> AnswerKeys | None:
        """The names of the order's answer; None for one that shall not, or cannot, be given from the cache."""
        if not (order.use_cache and runtime.config.cache.enabled) or _asks_more_than_is_kept(order):
            return None
        return AnswerKeys.of(order, plan, runtime)

    async def recall(self, keys: AnswerKeys, order: Order, plan: Plan) -> Recalled:
        """What is kept for the plan's targets."""
        if not self.is_at_hand:
            kept = await self._found(keys, plan.targets[:_MOST_LOOKED_UP])
            if kept is None:
                return NOT_ASKED
            # What lay where others can write is judged as if it came from a vendor.
            return Recalled(True, {name: answer for name, answer in kept.items() if await _is_fit(order, answer)})
        # A look takes no time here, so those behind the first one are looked at only when that has none.
        kept = await self._found(keys, [plan.targets[0]])
        kept = kept or await self._found(keys, plan.targets[1:_MOST_LOOKED_UP])
        return Recalled(kept is not None, kept or {})

    async def _found(self, keys: AnswerKeys, targets: Sequence[Target]) -> dict[str, Kept] | None:
        found = await self._store.find([keys.key(target) for target in targets])
        if found is None:
            return None
        named = zip(targets, found, strict=True)
        return {target.name: answer for target, answer in named if answer is not None}

    async def keep(self, keys: AnswerKeys, order: Order, target: Target, whole: Whole) -> None:
        """Keeps an answer that `target` gave, if it is one that may be given again."""
        if is_worth_keeping(order, whole):
            answer = CachedAnswer(reply=_of_its_own(whole.reply), usage=whole.usage, cost=whole.cost)
            await self._store.keep(keys.key(target), answer)

    async def keep_vectors(self, keys: AnswerKeys, target: Target, kept: CachedVectors) -> None:
        """Keeps vectors that `target` gave."""
        await self._store.keep(keys.key(target), kept)

    async def stats(self, config: CacheConfig) -> CacheStats:
        """The report."""
        size, fault = await self._store.size(), self._store.fault()
        hits, misses = self._results[CacheResult.HIT], self._results[CacheResult.MISS]
        return CacheStats(
            backend=self._store.backend,
            state="ok" if fault is None else "down",
            detail=fault,
            enabled=config.enabled,
            keys=size.keys if size else None,
            bytes=size.bytes if size else None,
            hits=hits,
            misses=misses,
            hit_rate=round(100 * hits / (hits + misses), 2) if hits + misses else None,
            evictions=size.evictions if size else None,
            coalesced=self._results[CacheResult.COALESCED],
        )

    async def clear(self, *, provider: str | None, model: str | None) -> CacheCleared:
        """Takes answers out. Raises StoreUnavailableError."""
        self.clears += 1
        cleared = await self._store.clear(provider=provider, model=model)
        return CacheCleared(cleared=cleared, provider=provider, model=model)

    def attempt_ended(self, record: AttemptRecord) -> None:
        """Observer: nothing is counted."""

    def request_ended(self, record: RequestRecord) -> None:
        """Observer: one request has ended."""
        self._results[record.cache] += 1


def _asks_more_than_is_kept(order: Order) -> bool:
    """Of a stream only the answer is kept, not what a vendor's own fields asked beside it."""
    source = order.call.source
    return source is not None and order.is_stream and bool(source.extras or source.demands)


async def _is_fit(order: Order, answer: Kept) -> bool:
    if isinstance(answer, CachedVectors):
        return await are_fit(order, answer)
    if order.call.embedding is not None:
        return False
    whole = Whole(answer.reply, answer.usage, answer.cost)
    return is_worth_keeping(order, whole) and spoilt(whole, order) is None


def _of_its_own(reply: Reply) -> Reply:
    """The reply, or a copy where a part of it is free data, which whoever has it could change for all others."""
    return deepcopy(reply) if any(isinstance(part, RawPart) for part in reply.message.content) else reply


def is_worth_keeping(order: Order, whole: Whole) -> bool:
    """Whether the answer is whole and one: neither cut, nor refused, nor empty, and its signals can be read."""
    message = whole.reply.message
    if whole.reply.finish_reason not in _WHOLE or any(isinstance(part, RefusalPart) for part in message.content):
        return False
    if not (message.text.strip() or message.tool_calls):
        return False
    return (
        order.signal_type is None
        or read_signals(order.signal_type, message.text, whole.reply.finish_reason)[0] is not None
    )
