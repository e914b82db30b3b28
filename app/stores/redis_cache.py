"""How are answers kept in Redis, for all processes, without anybody ever waiting for a Redis that is not well?

Reads and writes go together with those of others, and have their times; a failure is a miss for the one who asked and
opens the circuit for the others; a watch finds out when it is well again.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from typing import Literal

from app.ports import CachedVectors, CacheKey, CacheSize, Kept
from app.stores.answer_weight import is_heavy, is_heavy_to_read
from app.stores.kept_bytes import decode_kept, encode_kept
from app.stores.packing import LARGEST_BYTES
from app.stores.redis_circuit import RedisCircuit
from app.stores.redis_connections import Command, RedisConnections
from app.stores.redis_faults import REDIS_FAILURES, words_for
from app.stores.redis_names import ANSWERS, name_of, pattern_of
from app.stores.redis_reads import SILENCE_SECONDS, RedisReads
from app.stores.redis_upkeep import measured, take_out
from app.stores.redis_watch import RedisWatch
from app.stores.redis_writes import RedisWrites
from contracts.cache import CacheConfig
from contracts.errors import StoreUnavailableError

logger = logging.getLogger(__name__)

SIZE_SECONDS = 5.0
# Readers and writers have a few each and the watch one, so that none of them ever waits for a connection.
MOST_CONNECTIONS = 16
MOST_AT_UPKEEP = 4
# As it is stored. A larger one could not be read in time over a network, and would open the circuit for everybody.
LARGEST_STORED_BYTES = 4 * 2**20
# Answers that were kept together do not all go together.
SHORTEST_TTL = 0.9
# The watch looks twice a second.
RETRY_AFTER_SECONDS = 1.0


class RedisCache:
    """Answers in the Redis of `url` (redis://, rediss:// or unix://), shared by all who use the same.

    Making one does no I/O. Raises ValueError, without the URL, when redis-py cannot use it. `chance` gives 0 to 1,
    `now` seconds since 1970, `clock` seconds. `under` is what the names of the answers begin with.
    Belongs to one event loop.
    """

    backend: Literal["redis"] = "redis"

    def __init__(
        self,
        url: str,
        config: CacheConfig,
        *,
        chance: Callable[[], float] = random.random,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
        under: str = ANSWERS,
    ) -> None:
        self._config = config
        self._chance, self._now, self._under = chance, now, under
        self._connections = RedisConnections(url, limit=MOST_CONNECTIONS)
        self._circuit = RedisCircuit(self._connections.address, clock=clock)
        self._watch = RedisWatch(self._connections, self._circuit, within_seconds=SILENCE_SECONDS)
        self._reads = RedisReads(self._connections, self._circuit, clock=clock)
        self._writes = RedisWrites(self._connections, self._circuit, clock=clock)
        self._upkeep = asyncio.Semaphore(MOST_AT_UPKEEP)

    async def start(self) -> None:
        """Begins to watch over Redis, so that `fault` is true without traffic too. Waits for nothing."""
        self._watch.begin()

    def adopt(self, config: CacheConfig) -> None:
        """From now on its time to live holds, for what is kept already too; the limits are those of Redis."""
        self._config = config

    def fault(self) -> str | None:
        """Why it cannot be used as it should be now, in words; None while it can."""
        return self._circuit.fault

    async def find(self, keys: Sequence[CacheKey]) -> Sequence[Kept | None] | None:
        """The answer under each key, or None for it; None for all when Redis is silent for 50 ms.

        Behind many others it takes half a second at most.
        """
        self._watch.begin()
        if not self._circuit.may_read:
            return None
        if not keys:
            return ()
        values = await self._reads.values([self._name(key) for key in keys])
        if values is None:
            return None
        return [await self._read(value, key) for value, key in zip(values, keys, strict=True)]

    async def keep(self, key: CacheKey, answer: Kept) -> None:
        """Keeps `answer` as soon as Redis takes it, for which whoever brings it waits 50 ms at most.

        When too many wait to be written it is dropped, which is told.
        """
        self._watch.begin()
        if not self._circuit.may_write:
            return
        if not self._writes.has_room():
            self._writes.drop()
            return
        value = await self._encoded(key, answer)
        if value is not None:
            await self._writes.put(self._set(key, value), size=len(value))

    async def clear(self, *, provider: str | None, model: str | None) -> int:
        """Takes out all, or those of a provider, a model, or a model there; how many. Raises StoreUnavailableError."""
        self._watch.begin()
        if not self._circuit.may_read:
            raise StoreUnavailableError(self._circuit.fault or "", retry_after=RETRY_AFTER_SECONDS)
        # What was kept before goes too.
        await self._writes.settled()
        try:
            async with self._upkeep:
                return await take_out(self._connections, pattern_of(provider, model, under=self._under))
        except REDIS_FAILURES as failure:
            why = words_for(failure, self._connections.address)
            raise StoreUnavailableError(why, retry_after=RETRY_AFTER_SECONDS) from failure

    async def size(self) -> CacheSize | None:
        """What it holds now; None when it does not say within 5 s. `evictions` are those of the whole Redis."""
        self._watch.begin()
        if not self._circuit.may_read:
            return None
        try:
            async with asyncio.timeout(SIZE_SECONDS), self._upkeep:
                return await measured(self._connections, pattern_of(None, None, under=self._under))
        except REDIS_FAILURES as failure:
            logger.info("the size of the cache is not known: %s", words_for(failure, self._connections.address))
            return None

    async def aclose(self) -> None:
        """Ends the watch, waits for the commands under way (a second or two at most) and ends the connections."""
        await self._watch.aclose()
        await self._writes.aclose()
        await self._reads.aclose()
        await self._connections.aclose()

    def _name(self, key: CacheKey) -> str:
        return name_of(key, under=self._under)

    async def _read(self, value: bytes | None, key: CacheKey) -> Kept | None:
        if value is None:
            return None
        kept_after = self._now() - self._config.ttl_seconds
        if is_heavy_to_read(value):
            return await asyncio.to_thread(decode_kept, value, key, kept_after=kept_after)
        return decode_kept(value, key, kept_after=kept_after)

    async def _encoded(self, key: CacheKey, answer: Kept) -> bytes | None:
        """None, which is told, when it cannot be kept; None when nobody could read it in time."""
        if isinstance(answer, CachedVectors) and len(answer.numbers) > LARGEST_BYTES:
            # Numbers cannot be packed much smaller.
            return None
        now = self._now()
        try:
            if is_heavy(answer):
                value = await asyncio.to_thread(encode_kept, key, answer, kept_at=now)
            else:
                value = encode_kept(key, answer, kept_at=now)
        except ValueError as error:
            logger.warning("an answer of %s cannot be kept: %s", key.provider, error)
            return None
        return value if len(value) <= LARGEST_STORED_BYTES else None

    def _set(self, key: CacheKey, value: bytes) -> Command:
        lives_ms = int(1000 * self._config.ttl_seconds * (SHORTEST_TTL + (1 - SHORTEST_TTL) * self._chance()))
        return ("SET", self._name(key), value, "PX", lives_ms)
