"""How are answers kept in Redis, for all processes, without anybody ever waiting for a Redis that is not well?

Reads and writes have their times; a failure is a miss for the one who asked and opens the circuit for the others; a
watch finds out when it is well again.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

from redis.exceptions import ResponseError

from app.ports import CachedAnswer, CacheKey, CacheSize
from app.stores.answer_weight import is_heavy, is_heavy_to_read
from app.stores.cached_answer_json import decode_answer, encode_answer
from app.stores.redis_circuit import RedisCircuit
from app.stores.redis_connections import Command, RedisConnections
from app.stores.redis_faults import REDIS_FAILURES, words_for
from app.stores.redis_names import ANSWERS, name_of, pattern_of
from app.stores.redis_upkeep import measured, take_out
from app.stores.redis_watch import RedisWatch
from app.stores.seldom import Seldom
from contracts.cache import CacheConfig
from contracts.errors import StoreUnavailableError

logger = logging.getLogger(__name__)

READ_SECONDS = 0.05
WRITE_SECONDS = 1.0
SIZE_SECONDS = 5.0
MOST_CONNECTIONS = 16
# So that readers always find connections.
MOST_WRITES_AT_ONCE = 8
# As it is stored. A larger one could not be read in time over a network, and would open the circuit for everybody.
LARGEST_STORED_BYTES = 4 * 2**20
# Answers that were kept together do not all go together.
SHORTEST_TTL = 0.9
DROPS_TOLD_EVERY_SECONDS = 60.0
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
        self._chance, self._now, self._clock, self._under = chance, now, clock, under
        self._connections = RedisConnections(url, limit=MOST_CONNECTIONS)
        self._circuit = RedisCircuit(self._connections.address, clock=clock)
        self._watch = RedisWatch(self._connections, self._circuit, within_seconds=READ_SECONDS)
        self._writes = 0
        self._drops = Seldom(DROPS_TOLD_EVERY_SECONDS, clock)

    async def start(self) -> None:
        """Begins to watch over Redis, so that `fault` is true without traffic too. Waits for nothing."""
        self._watch.begin()

    def adopt(self, config: CacheConfig) -> None:
        """From now on its time to live holds, for what is kept already too; the limits are those of Redis."""
        self._config = config

    def fault(self) -> str | None:
        """Why it cannot be used as it should be now, in words; None while it can."""
        return self._circuit.fault

    async def find(self, keys: Sequence[CacheKey]) -> Sequence[CachedAnswer | None] | None:
        """The answer under each key, or None for it; None for all when Redis does not say within 50 ms."""
        self._watch.begin()
        if not self._circuit.may_read:
            return None
        if not keys:
            return ()
        values = await self._asked(("MGET", *(self._name(key) for key in keys)), within_seconds=READ_SECONDS)
        if values is None:
            return None
        return [await self._read(value, key) for value, key in zip(values, keys, strict=True)]

    async def keep(self, key: CacheKey, answer: CachedAnswer) -> None:
        """Keeps `answer`; takes up to a second when Redis is slow. Drops it when too many are being kept."""
        self._watch.begin()
        if not self._circuit.may_write:
            return
        if self._writes >= MOST_WRITES_AT_ONCE:
            self._drop()
            return
        self._writes += 1
        try:
            await self._write(key, answer)
        finally:
            self._writes -= 1

    async def clear(self, *, provider: str | None, model: str | None) -> int:
        """Takes out all, or those of a provider, a model, or a model there; how many. Raises StoreUnavailableError."""
        self._watch.begin()
        if not self._circuit.may_read:
            raise StoreUnavailableError(self._circuit.fault or "", retry_after=RETRY_AFTER_SECONDS)
        try:
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
            return await measured(
                self._connections, pattern_of(None, None, under=self._under), within_seconds=SIZE_SECONDS
            )
        except REDIS_FAILURES as failure:
            logger.info("the size of the cache is not known: %s", words_for(failure, self._connections.address))
            return None

    async def aclose(self) -> None:
        """Ends the watch, waits for the commands under way (a second at most) and ends the connections."""
        await self._watch.aclose()
        await self._connections.aclose()

    def _name(self, key: CacheKey) -> str:
        return name_of(key, under=self._under)

    async def _asked(self, command: Command, *, within_seconds: float) -> Any:
        """The reply; None when there is none, which the circuit is told."""
        began = self._clock()
        try:
            (reply,) = await self._connections.ask(command, within_seconds=within_seconds)
        except TimeoutError:
            self._circuit.kept_waiting(since=began, within_seconds=within_seconds)
            return None
        except REDIS_FAILURES as failure:
            if not self._connections.is_closed:
                self._circuit.failed(failure)
            return None
        if isinstance(reply, ResponseError):
            self._circuit.failed(reply)
            return None
        self._circuit.answered()
        return reply

    async def _read(self, value: bytes | None, key: CacheKey) -> CachedAnswer | None:
        if value is None:
            return None
        kept_after = self._now() - self._config.ttl_seconds
        if is_heavy_to_read(value):
            return await asyncio.to_thread(decode_answer, value, key, kept_after=kept_after)
        return decode_answer(value, key, kept_after=kept_after)

    async def _write(self, key: CacheKey, answer: CachedAnswer) -> None:
        now = self._now()
        try:
            if is_heavy(answer):
                value = await asyncio.to_thread(encode_answer, key, answer, kept_at=now)
            else:
                value = encode_answer(key, answer, kept_at=now)
        except ValueError as error:
            logger.warning("an answer of %s cannot be kept: %s", key.provider, error)
            return
        if len(value) <= LARGEST_STORED_BYTES:
            lives_ms = int(1000 * self._config.ttl_seconds * (SHORTEST_TTL + (1 - SHORTEST_TTL) * self._chance()))
            await self._asked(("SET", self._name(key), value, "PX", lives_ms), within_seconds=WRITE_SECONDS)

    def _drop(self) -> None:
        if dropped := self._drops.count():
            logger.warning("answers not kept, since %d were being written: %d", MOST_WRITES_AT_ONCE, dropped)
