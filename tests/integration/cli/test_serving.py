"""Does the service start, say so, answer, and end as it should?"""

from __future__ import annotations

import signal
import socket
import stat

import httpx2
import pytest

from app.settings import PREFIX
from tests.integration.cli.process import Command

KEY = "sk-swordfish-9"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_service_answers_and_ends_well(command: Command, number: signal.Signals) -> None:
    """Port 0 is printed as the real one, requests are answered there, and a signal ends it with exit code 0."""
    async with command.serving() as running, httpx2.AsyncClient(base_url=running.url) as client:
        reply = await client.get("/livez")
        assert reply.status_code == 200
        assert "server" not in reply.headers
        assert await running.end(number) == 0
    assert "Traceback" not in running.text
    assert "answers come from the embedded model local/smollm2-135m-instruct" in running.text


async def test_service_off_loopback_makes_an_admin_key(command: Command) -> None:
    """The key stands in a file for its owner, opens the administration, and is the same after a restart.

    `127.1` is loopback written so that only the resolver knows it.
    """
    file = command.folder / ".local/state/llm-provider-service/admin-key"
    keys = set()
    for _ in range(2):
        async with command.serving("--host", "127.1") as running:
            key = file.read_text().strip()
            async with httpx2.AsyncClient(base_url=running.url) as client:
                refused = await client.get("/config")
                opened = await client.get("/config", headers={"Authorization": f"Bearer {key}"})
            assert await running.end(signal.SIGTERM) == 0
        assert (refused.status_code, opened.status_code) == (401, 200)
        assert f"admin key  {file} (mode 0600" in running.text
        assert key not in running.text
        keys.add(key)
    assert len(keys) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_service_off_loopback_with_admin_key_makes_none(command: Command) -> None:
    """A key that was given is the key, and no other is written."""
    async with command.serving("--host", "127.1", **{f"{PREFIX}ADMIN_API_KEY": KEY}) as running:
        async with httpx2.AsyncClient(base_url=running.url, headers={"x-api-key": KEY}) as client:
            assert (await client.get("/config")).status_code == 200
        assert await running.end(signal.SIGTERM) == 0
    assert list(command.folder.rglob("admin-key")) == []


async def test_service_keeps_its_books_in_the_state_folder(command: Command) -> None:
    """The next one reads what the first one wrote; nobody else can."""
    environ = {f"{PREFIX}MOCK_ENABLED": "yes", f"{PREFIX}STATE_DIR": str(command.folder / "state")}
    async with command.serving(**environ) as running, httpx2.AsyncClient(base_url=running.url) as client:
        reply = await client.post("/process", json={"prompt": "x", "provider": "mock", "model": "mock-echo"})
        assert reply.status_code == 200
        assert await running.end(signal.SIGTERM) == 0
    async with command.serving(**environ) as running, httpx2.AsyncClient(base_url=running.url) as client:
        report = (await client.post("/reports/usage", json={"provider": "mock"})).json()
    assert (report["totals"]["requests"], report["totals"]["calls"]) == (1, 1)
    file = command.folder / "state" / "ledger.sqlite3"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


async def test_service_never_says_a_key_or_a_prompt(command: Command) -> None:
    """Not even at DEBUG, with keys of every sort, a prompt, and a request that is no HTTP."""
    word = "marmalade"
    environ = {"OPENAI_API_KEY": KEY, f"{PREFIX}API_KEYS": KEY, f"{PREFIX}MOCK_ENABLED": "yes"}
    async with command.serving("--log-level", "DEBUG", **environ) as running:
        async with httpx2.AsyncClient(base_url=running.url, headers={"x-api-key": KEY}) as client:
            reply = await client.post("/process", json={"prompt": word, "provider": "mock", "enable_fallback": False})
        assert reply.status_code == 200
        with socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2]))) as broken:
            broken.sendall(f"{word}\x1b[2J {KEY}\r\n\r\n".encode())
            broken.recv(1024)
        assert await running.end(signal.SIGTERM) == 0
    assert "Invalid HTTP request received." in running.text
    assert (KEY in running.text, word in running.text) == (False, False)


async def test_service_under_kubernetes_says_what_it_passes_over(command: Command) -> None:
    """The variables of a service of that name do no harm, and are named in the log."""
    environ = {f"{PREFIX}PORT_8080_TCP": "tcp://10.0.0.1:8080", f"{PREFIX}SERVICE_HOST": "10.0.0.1"}
    async with command.serving(**environ) as running:
        assert await running.end(signal.SIGTERM) == 0
    lines = [line for line in running.text.splitlines() if "Kubernetes" in line]
    assert [line.partition(" INFO ")[2].split()[1] for line in lines] == [
        f"{PREFIX}PORT_8080_TCP",
        f"{PREFIX}SERVICE_HOST",
    ]


async def test_service_names_only_who_can_answer(command: Command) -> None:
    """Those with a key, in the order they are tried, and nobody else; a model that is turned off answers nobody."""
    keys = {"ANTHROPIC_API_KEY": KEY, "DEEPSEEK_API_KEY": KEY}
    async with command.serving(**keys) as running:
        assert await running.end(signal.SIGTERM) == 0
    assert "usable, in the order they are tried: anthropic, deepseek (" in running.text
    async with command.serving(**{f"{PREFIX}LOCAL_ENABLED": "no"}) as running:
        assert await running.end(signal.SIGTERM) == 0
    assert "none can answer: set OPENAI_API_KEY" in running.text


async def test_service_with_dotenv_uses_its_keys(command: Command) -> None:
    """A key from `.env` makes its vendor a usable one."""
    async with command.with_dotenv(f"DEEPSEEK_API_KEY={KEY}\n").serving() as running:
        assert await running.end(signal.SIGTERM) == 0
    assert "usable, in the order they are tried: deepseek (" in running.text
