"""Is anything of a prompt, an answer or a key left in what a real service writes? Every byte of it is searched."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.settings import PREFIX
from tests.integration.cli.process import Command, Running
from tests.kit.broker import Broker, Reading, new_prefix, stated_servers
from tests.kit.otlp_collector import Collector, collecting
from tests.kit.priced_vendor import PricedVendor, rows_of
from tests.kit.waiting import until

PROMPT = "marzipanprompt"
SYSTEM = "marzipansystem"
ESSAY = "marzipanessay"
TEXT = "marzipantext"
ANSWER = "zanzibaranswer"
ROW_KEY = "sk-proj-rowrowrow0123456789abcdef"
CALLER_KEY = "sk-caller-rowrow0123456789abcdef"
ADMIN_KEY = "sk-admin-rowrow0123456789abcdef"
METRICS_TOKEN = "scraper-rowrow0123456789abcdef"
WRONG_KEY = "sk-wrong-rowrow0123456789abcdef"
DATABASE_PASSWORD = "passwordrowrow0123456789"
# The words that are in all prompts, answers and keys.
CANARIES = (b"marzipan", b"zanzibar", b"rowrow")
# Nobody listens there: rows go to the journal.
AWAY = f"postgresql://books:{DATABASE_PASSWORD}@127.0.0.1:1/books"


@dataclass(frozen=True)
class Run:
    """A service that runs, and who it tells what."""

    running: Running
    state: Path
    collector: Collector
    client: httpx2.AsyncClient

    def files(self) -> dict[str, bytes]:
        """Everything that it has written, as it is on disk now: the database with its WAL, or the journal."""
        found = [path for path in self.state.rglob("*") if path.is_file()]
        return {path.name: path.read_bytes() for path in found}

    async def ask(self, path: str, body: Any, key: str = CALLER_KEY) -> int:
        """The status of a call, whose answer is read to its end."""
        content = body if isinstance(body, str) else json.dumps(body)
        headers = {"x-api-key": key, "content-type": "application/json"}
        async with self.client.stream("POST", path, content=content, headers=headers) as reply:
            async for _ in reply.aiter_bytes():
                pass
        return reply.status_code


@pytest.fixture(scope="module")
def servers() -> Iterator[str]:
    """A broker."""
    if stated := stated_servers():
        yield stated
        return
    broker = Broker()
    yield broker.servers
    broker.close()


@pytest.mark.parametrize("form", ["text", "json"])
async def test_service_writes_nothing_of_prompts_answers_and_keys(form: str, servers: str, tmp_path: Path) -> None:
    """Not into a table, the WAL, an event, a metric, a span or a line of the log, in whichever form and at DEBUG."""
    prefix = new_prefix()
    environ = {"KAFKA_BOOTSTRAP_SERVERS": servers, "KAFKA_TOPIC_PREFIX": prefix, "LOG_FORMAT": form}
    async with serving(tmp_path, environ) as run:
        count = await mixed(run)
        metrics = await run.client.get("/metrics", headers={"x-api-key": METRICS_TOKEN})
        with Reading(servers, prefix) as reader:
            await until(lambda: reader.read() > 2 * count, within_seconds=60)
            reader.read()
        live = run.files()
        assert await run.running.end(signal.SIGTERM) == 0
        assert {"ledger.sqlite3", "ledger.sqlite3-wal"} <= set(live)
        for name, written in (*live.items(), *run.files().items()):
            clean(name, written)
        clean("/metrics", metrics.content)
        assert len(reader.messages) > 2 * count
        clean("events", b"\n".join(f"{topic} {key} ".encode() + value for topic, key, value in reader.messages))
        assert len(run.collector.spans) > count
        clean("spans", b"\n".join(run.collector.bodies))
        assert run.running.text.count("ended: ") >= 8
        clean("log", run.running.text.encode())


async def test_service_whose_database_is_away_writes_nothing_of_them_either(tmp_path: Path) -> None:
    """The journal holds what the tables would; the password of the database is told to nobody."""
    async with serving(tmp_path, {"DATABASE_URL": AWAY}) as run:
        await mixed(run)
        metrics = await run.client.get("/metrics", headers={"x-api-key": METRICS_TOKEN})
        health = await run.client.get("/health", headers={"x-api-key": ADMIN_KEY})
        assert await run.running.end(signal.SIGTERM) == 0
        written = run.files()
        assert b"gpt-6-luna" in b"".join(written.values())
        for name, content in (*written.items(), ("/metrics", metrics.content), ("/health", health.content)):
            clean(name, content)
        assert "127.0.0.1:1" in run.running.text
        clean("log", run.running.text.encode())


def test_search_finds_a_canary_in_any_case() -> None:
    """The proof can fail."""
    with pytest.raises(AssertionError, match="log holds"):
        clean("log", b"\x00 MarziPan \xff")


def clean(name: str, content: bytes) -> None:
    """None of the words is in it."""
    found = [word for word in CANARIES if word in content.lower()]
    assert not found, f"{name} holds {found}"


async def mixed(run: Run) -> int:
    """Calls that succeed, fail in each way, go on elsewhere, are kept and are refused; how many were requests."""
    statuses = []
    for conduct in ("", "", "first=broken", "first=refusing", "first=cut", "first=broken second=broken"):
        body = {
            "messages": [{"role": "user", "content": f"{PROMPT} {conduct}"}],
            "system": SYSTEM,
            "fallback_providers": ["second"],
            "use_cache": True,
        }
        statuses += [await run.ask("/process", body), await run.ask("/process/stream", body)]
    assert set(statuses) == {200, 422, 503}
    essays = {"essay_a": f"{ESSAY} and more", "essay_b": ESSAY, "user_prompt": PROMPT}
    assert await run.ask("/api/v1/comparison", {**essays, "provider": "first"}) == 200
    batch = {"requests": [{"prompt": f"{PROMPT} {TEXT}"}, {"prompt": f"{PROMPT} first=refusing"}]}
    assert await run.ask("/process/batch", batch) == 200
    # Whoever mistakes the fields.
    for named in (WRONG_KEY, f"first/{WRONG_KEY}"):
        for path in ("/process", "/process/stream"):
            await run.ask(path, {"prompt": f"{PROMPT} first=broken", "model": named, "fallback_providers": ["second"]})
    await refused(run)
    return len(statuses) + 7


async def refused(run: Run) -> None:
    """What never becomes a request, and what administrators do."""
    assert await run.ask("/process", f'{{"prompt": "{PROMPT}"') == 400
    assert await run.ask("/process", {"prompt": PROMPT, "temperature": PROMPT, PROMPT: 1}) == 422
    assert await run.ask("/process", {"prompt": PROMPT}, key=WRONG_KEY) == 401
    # 503: a database that is away cannot keep a change.
    assert await run.ask("/config/update", {"default_provider": PROMPT}, key=ADMIN_KEY) in (422, 503)
    assert await run.ask("/api/v1/cache/clear", {}, key=ADMIN_KEY) == 200
    assert await run.ask("/providers/first/test", {}, key=ADMIN_KEY) == 200


@asynccontextmanager
async def serving(folder: Path, environ: dict[str, str]) -> AsyncIterator[Run]:
    """The service with everything switched on but the logging of contents."""
    async with PricedVendor(says=ANSWER) as vendor:
        rows = dict(rows_of(vendor, key=ROW_KEY))
        config = {"providers": rows, "fallback_order": list(rows), "max_retries": 0}
        (folder / "config.yaml").write_text(json.dumps({**config, "circuit_breaker": {"enabled": False}}))
        with collecting() as collector:
            settings = {
                "CONFIG_FILE": str(folder / "config.yaml"),
                "STATE_DIR": str(folder / "state"),
                "ADMIN_API_KEY": ADMIN_KEY,
                "API_KEYS": CALLER_KEY,
                "METRICS_TOKEN": METRICS_TOKEN,
                "OTLP_ENDPOINT": collector.url,
                "LOG_LEVEL": "DEBUG",
                **environ,
            }
            named = {PREFIX + name: value for name, value in settings.items()}
            async with (
                Command(folder).serving(**named) as running,
                httpx2.AsyncClient(base_url=running.url, timeout=30) as client,
            ):
                yield Run(running, folder / "state", collector, client)
