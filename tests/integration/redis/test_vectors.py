"""Do the processes that share a Redis share the vectors in it, to the last bit?"""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
from pydantic import SecretStr

from app.service import LLMProviderService
from app.settings import Settings
from app.stores.packing import LARGEST_BYTES
from app.stores.redis_cache import RedisCache
from contracts import CacheResult, EmbeddingRequest, EmbeddingResponse, LLMProviderConfig
from tests.kit.answers import key, vectors
from tests.kit.redis_server import RedisServer
from tests.kit.waiting import until

ROWS = {"providers": {"mock": {"enabled": True}}, "fallback_order": ["mock"]}


async def test_vectors_bought_by_one_process_serve_another(server: RedisServer) -> None:
    """Few and many: what one process bought costs the other nothing, until somebody clears it."""
    async with AsyncExitStack() as opened:
        buyer, other = [await _started(opened, server) for _ in range(2)]
        for count in (1, 300):
            texts = tuple(f"text {number} of {count}" for number in range(count))
            bought = await _asked(buyer, texts)

            async def is_kept(texts: tuple[str, ...] = texts) -> bool:
                return (await _asked(buyer, texts)).cache is CacheResult.HIT

            await until(is_kept, within_seconds=10)
            given = await _asked(other, texts)
            assert (bought.cache, given.cache) == (CacheResult.MISS, CacheResult.HIT)
            assert repr(given.embeddings) == repr(bought.embeddings)
            assert given.attempts == []
        assert (await other.clear_cache(model="mock-embedding")).cleared == 2
        assert (await _asked(buyer, ("text 0 of 1",))).cache is CacheResult.MISS


async def test_vectors_that_nobody_could_read_in_time_are_not_written(
    cache: RedisCache, caplog: pytest.LogCaptureFixture
) -> None:
    """They would hold up everybody else; that is no fault of anybody's, so nothing is told."""
    await cache.keep(key("a"), vectors((0.5,) * (LARGEST_BYTES // 8 + 1)))
    await cache.keep(key("b"), vectors((0.5,) * (LARGEST_BYTES // 16)))
    found = await cache.find([key("a"), key("b")]) or ()
    assert [one is not None for one in found] == [False, True]
    assert caplog.records == []


async def _started(opened: AsyncExitStack, server: RedisServer) -> LLMProviderService:
    config = LLMProviderConfig.model_validate(ROWS)
    service = LLMProviderService(settings=Settings(config=config, redis_url=SecretStr(server.url)))
    await service.start()
    opened.push_async_callback(service.stop)
    return service


async def _asked(service: LLMProviderService, texts: tuple[str, ...]) -> EmbeddingResponse:
    return await service.embed(EmbeddingRequest(input=texts, dimensions=512, use_cache=True))
