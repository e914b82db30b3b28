"""Do processes with one database know one another's keys within a second, and do keys outlive its absence?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from app.service import LLMProviderService
from app.settings import PREFIX, Settings
from contracts import (
    CallerAuthenticationError,
    KeyCreate,
    KeyCreated,
    KeyRotate,
    KeyStatus,
    LLMProviderConfig,
    LLMRequest,
    StoreUnavailableError,
)
from tests.integration.cli.process import Command
from tests.kit.postgres_server import PostgresServer
from tests.kit.waiting import until

PROMISED_SECONDS = 1.0
ADMIN_KEY = "admin-key-7f3a"
ADMIN = {"x-api-key": ADMIN_KEY}
KEYS = "/api/v1/keys"


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """One of this test alone."""
    made = PostgresServer()
    yield made
    made.close()


@asynccontextmanager
async def service_on(url: str, state: Path) -> AsyncIterator[LLMProviderService]:
    """One process's service, started."""
    config = LLMProviderConfig.model_validate({"providers": {"mock": {"enabled": True}}})
    service = LLMProviderService(settings=Settings(config=config, database_url=SecretStr(url), state_dir=state))
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


def opens(service: LLMProviderService, created: KeyCreated) -> bool:
    """Whether the key's secret is known there, and has not ended."""
    try:
        return service.key_verifier.verify(created.key.encode()) is not None
    except CallerAuthenticationError:
        return False


def everything_in(folder: Path) -> bytes:
    """All files below it, as they are on disk now."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_key_reaches_another_process_within_a_second(database_url: str, tmp_path: Path) -> None:
    """Real processes, over HTTP: made in one, it opens the other; revoked there, it opens neither."""
    environ = {f"{PREFIX}DATABASE_URL": database_url, f"{PREFIX}ADMIN_API_KEY": ADMIN_KEY}
    async with AsyncExitStack() as opened:
        clients = []
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            running = await opened.enter_async_context(Command(tmp_path / name).serving(**environ))
            clients.append(await opened.enter_async_context(httpx2.AsyncClient(base_url=running.url)))
        one, other = clients
        created = (await one.post(KEYS, json={"name": "n"}, headers=ADMIN)).json()

        async def status(client: httpx2.AsyncClient, secret: str) -> int:
            return (await client.get("/providers", headers={"x-api-key": secret})).status_code

        async def is_known() -> bool:
            return await status(other, created["key"]) == 200

        assert await status(one, created["key"]) == 200
        await until(is_known, within_seconds=PROMISED_SECONDS)
        rotated = (await other.post(f"{KEYS}/{created['id']}/rotate", json={}, headers=ADMIN)).json()["key"]

        async def is_replaced() -> bool:
            return [await status(one, secret) for secret in (created["key"], rotated)] == [401, 200]

        await until(is_replaced, within_seconds=PROMISED_SECONDS)
        await other.post(f"{KEYS}/{created['id']}/revoke", headers=ADMIN)
        assert await status(other, rotated) == 401

        async def is_revoked() -> bool:
            return await status(one, rotated) == 401

        await until(is_revoked, within_seconds=PROMISED_SECONDS)
        refused = await one.get("/providers", headers={"x-api-key": rotated})
        assert "was revoked on" in refused.json()["detail"]


async def test_keys_outlive_a_restart(database_url: str, tmp_path: Path) -> None:
    """From the first request on; revoked stays revoked."""
    async with service_on(database_url, tmp_path) as service:
        kept, gone = [await service.create_key(KeyCreate(name=name, tenant="t")) for name in ("kept", "gone")]
        await service.revoke_key(gone.id)
    async with service_on(database_url, tmp_path) as service:
        assert (opens(service, kept), opens(service, gone)) == (True, False)
        assert [(key.name, key.status) for key in (await service.list_keys()).keys] == [
            ("gone", KeyStatus.REVOKED),
            ("kept", KeyStatus.ACTIVE),
        ]


async def test_keys_in_process_live_as_long_as_the_service() -> None:
    """Without a database named they are there, known at once, and not looked for."""
    config = LLMProviderConfig.model_validate({"providers": {"mock": {"enabled": True}}})
    service = LLMProviderService(settings=Settings(config=config))
    await service.start()
    created = await service.create_key(KeyCreate(name="n"))
    rotated = await service.rotate_key(created.id, KeyRotate(grace_seconds=60))
    assert (opens(service, created), opens(service, rotated), created.created_by) == (True, True, "in-process")
    assert (await service.rotate_key(created.id)).id == (await service.get_key(created.id)).id
    assert not opens(service, created)
    await service.revoke_key(created.id)
    assert not opens(service, rotated)
    await service.stop()


async def test_no_secret_is_on_disk(tmp_path: Path) -> None:
    """Every byte of the database, its WAL and the rest of the state is searched, after all that is done with keys."""
    async with service_on(f"sqlite:///{tmp_path}/books.sqlite3", tmp_path / "state") as service:
        created = await service.create_key(KeyCreate(name="marzipan"))
        rotated = await service.rotate_key(created.id, KeyRotate(grace_seconds=60))
        caller = service.key_verifier.verify(rotated.key.encode())
        assert caller is not None
        await service.process_request(LLMRequest(prompt="hi"), caller=caller)
        await service.revoke_key(created.id)
        await service.get_audit()
        written = everything_in(tmp_path)
    assert (b"marzipan" in written, created.id.encode() in written) == (True, True)
    for secret in (created.key, rotated.key):
        assert not [part for part in (secret[6:], secret[6:26], secret[-20:]) if part.encode() in written]


async def test_known_keys_work_while_the_database_is_away(server: PostgresServer, tmp_path: Path) -> None:
    """No new ones are made meanwhile; afterwards they reach the others again."""
    async with service_on(server.url(), tmp_path / "a") as one, service_on(server.url(), tmp_path / "b") as other:
        created = await one.create_key(KeyCreate(name="n"))
        await until(lambda: opens(other, created), within_seconds=PROMISED_SECONDS)
        server.kill()
        for asked in (one.create_key(KeyCreate(name="m")), one.revoke_key(created.id), one.list_keys()):
            with pytest.raises(StoreUnavailableError) as refused:
                await asked
            assert refused.value.retry_after is not None
        assert (opens(one, created), opens(other, created)) == (True, True)
        assert one.key_verifier.verify(b"llmps_" + b"0" * 64) is None
        server.start()

        async def is_revoked() -> bool:
            try:
                return (await one.revoke_key(created.id)).status is KeyStatus.REVOKED
            except StoreUnavailableError:
                return False

        await until(is_revoked)
        assert not opens(one, created)
        await until(lambda: not opens(other, created))


async def test_service_that_starts_without_its_database_says_so_of_keys(server: PostgresServer, tmp_path: Path) -> None:
    """503 for what could be a key of ours, until the database comes; then it opens."""
    async with service_on(server.url(), tmp_path) as service:
        created = await service.create_key(KeyCreate(name="n"))
    server.stop()
    async with service_on(server.url(), tmp_path) as service:
        with pytest.raises(StoreUnavailableError) as refused:
            service.key_verifier.verify(created.key.encode())
        assert refused.value.retry_after is not None
        assert service.key_verifier.verify(b"sk-of-another-service") is None
        server.start()

        def is_known() -> bool:
            try:
                return opens(service, created)
            except StoreUnavailableError:
                return False

        await until(is_known)
