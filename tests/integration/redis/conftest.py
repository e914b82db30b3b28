"""A Redis of this test alone, which may be killed, and a cache that uses it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from app.stores.redis_cache import RedisCache
from contracts.cache import CacheConfig
from tests.kit.redis_server import RedisServer

Serve = Callable[..., RedisServer]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts servers with words of their command line."""
    servers: list[RedisServer] = []

    def start(*options: str) -> RedisServer:
        folder = tmp_path / str(len(servers))
        folder.mkdir()
        servers.append(RedisServer(folder, *options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def server(serve: Serve) -> RedisServer:
    """One with nothing special."""
    return serve()


@pytest.fixture
async def caching() -> AsyncIterator[Callable[[str], RedisCache]]:
    """Makes caches of a URL, and closes them."""
    made: list[RedisCache] = []

    def make(url: str) -> RedisCache:
        made.append(RedisCache(url, CacheConfig()))
        return made[-1]

    yield make
    for cache in made:
        await cache.aclose()


@pytest.fixture
async def cache(server: RedisServer, caching: Callable[[str], RedisCache]) -> RedisCache:
    """A cache on this test's server."""
    return caching(server.url)
