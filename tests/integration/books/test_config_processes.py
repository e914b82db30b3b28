"""Do processes with one database have one configuration within a second, and do they outlive its absence?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from app.service import LLMProviderService
from app.settings import PREFIX, Settings
from app.stores.books.database import writing
from contracts import (
    AuditEntry,
    AuditQuery,
    ConfigurationConflictError,
    LLMProviderConfig,
    LLMRequest,
    StoreUnavailableError,
)
from tests.integration.cli.process import Command
from tests.kit.postgres_server import PostgresServer
from tests.kit.waiting import until
from tests.kit.written_books import WrittenBooks

ROWS: dict[str, Any] = {"mock": {"enabled": True}, "second": {"type": "mock"}}
PROMISED_SECONDS = 1.0


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """One of this test alone."""
    made = PostgresServer()
    yield made
    made.close()


@asynccontextmanager
async def service_on(url: str, state: Path, **config: Any) -> AsyncIterator[LLMProviderService]:
    """One process's service, started; `config` is what its file says."""
    settings = Settings(
        config=LLMProviderConfig.model_validate({"providers": ROWS, **config}),
        database_url=SecretStr(url),
        state_dir=state,
    )
    service = LLMProviderService(settings=settings)
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


async def retries_of(service: LLMProviderService) -> int:
    """What is in force there."""
    return (await service.get_configuration()).config.max_retries


async def test_patch_reaches_another_service_within_a_second(database_url: str, tmp_path: Path) -> None:
    """With its revision, and requests there are served by it."""
    async with service_on(database_url, tmp_path / "a") as one, service_on(database_url, tmp_path / "b") as other:
        made = await one.update_configuration({"max_retries": 1, "default_provider": "second"})

        async def has_come() -> bool:
            return await other.get_configuration() == made

        await until(has_come, within_seconds=PROMISED_SECONDS)
        assert (await other.process_request(LLMRequest(prompt="hi"))).provider == "second"


async def test_switched_row_reaches_another_service_and_outlives_both(database_url: str, tmp_path: Path) -> None:
    """Off is off everywhere, until it is switched on again."""
    async with service_on(database_url, tmp_path / "a") as one, service_on(database_url, tmp_path / "b") as other:
        await one.disable_provider("second")

        async def is_off() -> bool:
            return not (await other.get_provider_info("second")).enabled

        await until(is_off, within_seconds=PROMISED_SECONDS)
    async with service_on(database_url, tmp_path / "a") as again:
        assert not (await again.get_provider_info("second")).enabled
        await again.enable_provider("second")
        assert (await again.get_configuration()).revision == 3


async def test_patch_outlives_a_restart_with_its_key(database_url: str, tmp_path: Path) -> None:
    """Over a file that says something else by then: the patch wins, what it does not name is the file's."""
    async with service_on(database_url, tmp_path, max_retries=5) as service:
        await service.update_configuration({"max_retries": 1, "providers": {"openai": {"api_key": "sk-kept"}}})
    async with service_on(database_url, tmp_path, max_retries=4, max_batch_size=9) as service:
        view = await service.get_configuration()
        assert (view.revision, view.config.max_retries, view.config.max_batch_size) == (2, 1, 9)
        assert (await service.get_provider_info("openai")).usable


async def test_updates_expecting_one_revision_let_one_service_win(database_url: str, tmp_path: Path) -> None:
    """At the same time, in two services: the other one is told, and nothing of its patch is anywhere."""
    async with service_on(database_url, tmp_path / "a") as one, service_on(database_url, tmp_path / "b") as other:
        patches = [
            each.update_configuration({"max_retries": number}, expected_revision=1)
            for number, each in enumerate((one, other))
        ]
        outcomes = await asyncio.gather(*patches, return_exceptions=True)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ConfigView", "ConfigurationConflictError"]
        winner = next(number for number, each in enumerate(outcomes) if not isinstance(each, BaseException))

        async def is_one() -> bool:
            return [await retries_of(one), await retries_of(other)] == [winner, winner]

        await until(is_one, within_seconds=PROMISED_SECONDS)
        with pytest.raises(ConfigurationConflictError, match="revision 1 was expected, 2 is in force"):
            await one.update_configuration({"max_retries": 4}, expected_revision=1)


async def test_updates_of_two_services_at_once_lose_nothing(database_url: str, tmp_path: Path) -> None:
    """Each row is everywhere."""
    async with service_on(database_url, tmp_path / "a") as one, service_on(database_url, tmp_path / "b") as other:
        await asyncio.gather(
            *(
                each.update_configuration({"providers": {f"row-{place}-{number}": {"type": "mock"}}})
                for number in range(5)
                for place, each in enumerate((one, other))
            )
        )
        rows = {f"row-{place}-{number}" for number in range(5) for place in range(2)}

        async def has_all() -> bool:
            configs = [(await each.get_configuration()).config for each in (one, other)]
            return all(rows <= set(config.providers) for config in configs)

        await until(has_all, within_seconds=PROMISED_SECONDS)
        assert (await one.get_configuration()).revision == (await other.get_configuration()).revision == 11


async def test_audit_of_two_services_at_once_tells_each_step_alone(database_url: str, tmp_path: Path) -> None:
    """`before` is what a patch was really laid over, whatever the other service did after it was last read."""
    async with service_on(database_url, tmp_path / "a") as one, service_on(database_url, tmp_path / "b") as other:
        services = [one, other] * 5
        names = [f"row-{number}" for number in range(10)]
        patches = [{"providers": {name: {"type": "mock"}}} for name in names]
        await asyncio.gather(*(each.update_configuration(patch) for each, patch in zip(services, patches, strict=True)))

        async def entries() -> list[AuditEntry]:
            return (await one.get_audit(AuditQuery(action="config.update"))).entries

        async def are_all_there() -> bool:
            return len(await entries()) == len(names)

        await until(are_all_there)
        steps = [(entry.before or {}, entry.after or {}) for entry in await entries()]
        assert sorted(after["revision"] for _, after in steps) == list(range(2, 12))
        assert all(before["revision"] + 1 == after["revision"] for before, after in steps)
        assert all(len(after["providers"]) == 1 for _, after in steps)
        assert sorted(name for _, after in steps for name in after["providers"]) == names


async def test_patch_that_does_not_fit_after_a_restart_is_told(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The row that it changes is gone from the file: the service starts, with the file, and its health says why."""
    own = {"own": {"type": "mock"}}
    async with service_on(database_url, tmp_path, providers={**ROWS, **own}) as service:
        await service.update_configuration({"max_retries": 1, "providers": {"own": {"api_key": "sk-hidden"}}})
        assert "configuration" not in (await service.health_check())["dependency_faults"]
    async with service_on(database_url, tmp_path) as service:
        assert (await retries_of(service), (await service.get_configuration()).revision) == (3, 2)
        health = await service.health_check()
        fault = health["dependency_faults"]["configuration"]
        assert fault.startswith("revision 2 of the configuration does not fit here: providers.own.type: ")
        assert health["status"] == "degraded"
        assert (await service.process_request(LLMRequest(prompt="hi"))).provider == "mock"
        assert "sk-hidden" not in caplog.text + fault
        await service.update_configuration({"providers": {"own": None}})
        assert await retries_of(service) == 1
        assert (await service.health_check())["dependency_faults"] == {}


@pytest.mark.parametrize("stored", ['{"api_key": "sk-hidden"', '["sk-hidden"]'])
async def test_patch_that_cannot_be_read_is_told(written: WrittenBooks, database_url: str, stored: str) -> None:
    """Somebody wrote into the table by hand; what stands there is not repeated, and the one before it is at hand."""
    await written.revisions.add(6, {"max_retries": 1}, author="x")
    with writing(written.engine) as connection:
        statement = "INSERT INTO config_revisions (revision, at_us, author, patch) VALUES (%s, 0, 'x', %s)"
        marks = statement.replace("%s", "?") if database_url.startswith("sqlite") else statement
        connection.exec_driver_sql(marks, (7, stored))
    newest = await written.revisions.latest()
    assert newest is not None
    assert (newest.revision, newest.patch) == (7, {"max_retries": 1})
    assert str(newest.fault).startswith("revision 7 of the configuration cannot be read: ")
    assert "sk-hidden" not in f"{newest!r}"


async def test_update_while_the_database_is_away_changes_nothing(
    server: PostgresServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """503 with Retry-After; calls go on, the absence is told once, and afterwards a patch reaches the others again."""
    caplog.set_level(logging.INFO, "app.engine.config_watch")
    async with service_on(server.url(), tmp_path / "a") as one, service_on(server.url(), tmp_path / "b") as other:
        await one.update_configuration({"max_retries": 1})
        server.kill()
        with pytest.raises(StoreUnavailableError) as refused:
            await one.update_configuration({"max_retries": 2})
        assert refused.value.retry_after is not None
        with pytest.raises(StoreUnavailableError):
            await one.disable_provider("second")
        assert (await one.process_request(LLMRequest(prompt="hi"))).provider == "mock"
        assert (await retries_of(one), (await one.get_provider_info("second")).enabled) == (1, True)
        await until(lambda: lines(caplog, "not seen meanwhile") == 2)
        server.start()
        await until(lambda: lines(caplog, "seen again") == 2)
        made = await one.update_configuration({"max_retries": 2})

        async def has_come() -> bool:
            return await other.get_configuration() == made

        await until(has_come, within_seconds=PROMISED_SECONDS)
        assert lines(caplog, "not seen meanwhile") == 2


async def test_service_that_starts_without_its_database_takes_the_patch_when_it_comes(
    server: PostgresServer, tmp_path: Path
) -> None:
    """File and environment are in force until then."""
    async with service_on(server.url(), tmp_path) as service:
        await service.update_configuration({"max_retries": 1})
    server.stop()
    async with service_on(server.url(), tmp_path) as service:
        assert await retries_of(service) == 3
        server.start()

        async def has_come() -> bool:
            return await retries_of(service) == 1

        await until(has_come)


async def test_patch_reaches_another_process_within_a_second(database_url: str, tmp_path: Path) -> None:
    """Real processes, over HTTP: `If-Match` holds over both, and the patch outlives the one that took it."""
    environ = {f"{PREFIX}DATABASE_URL": database_url}
    async with AsyncExitStack() as opened:
        urls = []
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            running = await opened.enter_async_context(Command(tmp_path / name).serving(**environ))
            urls.append(running.url)
        one, other = [await opened.enter_async_context(httpx2.AsyncClient(base_url=url)) for url in urls]
        first = (await other.get("/config")).headers["etag"]
        patched = await one.post("/config/update", json={"max_retries": 1}, headers={"if-match": first})
        assert patched.status_code == 200
        late = await other.post("/config/update", json={"max_retries": 2}, headers={"if-match": first})
        assert (late.status_code, late.json()["error_type"]) == (412, "configuration_conflict")
        etag = patched.headers["etag"]
        at_once = await other.put("/config", json={"max_batch_size": 7}, headers={"if-match": etag})
        assert at_once.json()["config"]["max_retries"] == 1

        async def has_come() -> bool:
            return (await one.get("/config")).json() == at_once.json()

        await until(has_come, within_seconds=PROMISED_SECONDS)


def lines(caplog: pytest.LogCaptureFixture, words: str) -> int:
    """How often it was told."""
    return sum(words in record.getMessage() for record in caplog.records)
