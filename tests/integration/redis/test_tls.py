"""Does the cache speak TLS, and to those alone whose certificate it can check?"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import trustme

from app.stores.redis_cache import RedisCache
from tests.kit.answers import answer, key
from tests.kit.redis_server import RedisServer
from tests.kit.waiting import until


@pytest.fixture
def authority() -> trustme.CA:
    """Known only to those who are told of it."""
    return trustme.CA()


@pytest.fixture
async def tls_port(server: RedisServer, authority: trustme.CA) -> AsyncIterator[int]:
    """TLS in front of this test's server, whose wheel may have none."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", server.port)
        await asyncio.gather(carry(reader, inner_writer), carry(inner_reader, writer), return_exceptions=True)

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    front = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    yield int(front.sockets[0].getsockname()[1])
    front.close()


async def test_cache_over_tls_checks_who_answers(
    tls_port: int, authority: trustme.CA, caching: Callable[[str], RedisCache], tmp_path: Path
) -> None:
    """rediss:// works with the authority of that server; a cache that does not know it sends nothing."""
    pem = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(pem))
    trusting = caching(f"rediss://localhost:{tls_port}?ssl_ca_certs={pem}")
    stranger = caching(f"rediss://localhost:{tls_port}")

    async def is_used() -> bool:
        await trusting.keep(key(), answer())
        return list(await trusting.find([key()]) or ()) == [answer()]

    async def is_refused() -> bool:
        assert await stranger.find([key()]) is None
        return str(stranger.fault()).endswith("cannot be reached")

    await until(is_used)
    await until(is_refused)
