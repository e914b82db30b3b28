"""What do callers of the whole service feel when its Redis is killed under load, and when it comes back?"""

from __future__ import annotations

import asyncio
from pathlib import Path

from pydantic import SecretStr

from app.service import LLMProviderService
from app.settings import Settings
from contracts import CacheResult, LLMProviderConfig, LLMRequest, LLMResponse
from tests.kit.redis_server import RedisServer
from tests.kit.waiting import until

CALLERS = 16


async def test_redis_killed_under_load_fails_no_request_and_is_used_again(tmp_path: Path) -> None:
    """Callers never stop asking: each is answered, health says what is down, and answers are kept again in 5 s."""
    server = RedisServer(tmp_path)
    config = LLMProviderConfig.model_validate({"providers": {"mock": {"enabled": True}}})
    service = LLMProviderService(settings=Settings(config=config, redis_url=SecretStr(server.url)))
    await service.start()
    answers: list[LLMResponse] = []
    is_over = asyncio.Event()

    async def keep_asking(caller: int) -> None:
        while not is_over.is_set():
            answers.append(await service.process_request(_request(f"What of {caller}?")))

    async def is_kept() -> bool:
        return (await service.process_request(_request("What of me?"))).cache is CacheResult.HIT

    async def is_told(state: str) -> bool:
        return (await service.health_check())["dependencies"]["redis"] == state

    try:
        async with asyncio.TaskGroup() as group:
            for caller in range(CALLERS):
                group.create_task(keep_asking(caller))
            await until(is_kept)
            server.kill()
            await until(lambda: is_told("down"), within_seconds=5)
            before = len(answers)
            await until(lambda: len(answers) > before + 10 * CALLERS)
            server.start()
            await until(is_kept, within_seconds=5)
            assert await is_told("ok")
            is_over.set()
    finally:
        await service.stop()
        server.close()
    assert {answer.cache for answer in answers} >= {CacheResult.HIT, CacheResult.BYPASS}
    assert all(answer.content for answer in answers)


def _request(prompt: str) -> LLMRequest:
    return LLMRequest(prompt=prompt, preferred_provider="mock", use_cache=True)
