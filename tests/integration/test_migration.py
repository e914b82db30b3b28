"""Does the Python of docs/migration.md run as printed, against a running service?

The page's host name leads to the service by the test's own resolver; the vendor is one on loopback.
"""

from __future__ import annotations

import ast
import asyncio
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from types import FunctionType
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.integration.cli.process import Command
from tests.kit.judging_vendor import KEY, JudgingVendor

PAGE = Path(__file__).parents[2] / "docs" / "migration.md"
CALLER_KEY = "key-of-the-grading-platform"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CLOSED_PORT = 1
LONG, SHORT = "The sea is deep. Whoever dives must know how long a breath lasts.", "Sea good. Fish."
PAIR = {"provider": "anthropic", "user_prompt": "Which is clearer?", "essay_a": LONG, "essay_b": SHORT}


class Network(AbstractResolver):
    """Knows one host, and leads to `port` from the port 8080 that callers name; `lost` connections before that fail."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.lost = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The address of llm-provider-service:8080."""
        assert (host, port) == ("llm-provider-service", 8080)
        self.lost -= 1
        open_port = self.port if self.lost < 0 else _CLOSED_PORT
        return [ResolveResult(hostname=host, host="127.0.0.1", port=open_port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is open."""


def printed(number: int) -> str:
    """The Python block of that place on the page."""
    return _BLOCK.findall(PAGE.read_text(encoding="utf-8"))[number]


async def run(source: str, **names: Any) -> dict[str, Any]:
    """Runs a block, which may await at its top; what it has named."""
    code = compile(source, PAGE.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    namespace = {"__name__": "printed", **names}
    running = FunctionType(code, namespace)()
    if running is not None:
        await running
    return namespace


@pytest.fixture
async def vendor() -> AsyncIterator[JudgingVendor]:
    """Anthropic, on loopback."""
    made = JudgingVendor()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def network(vendor: JudgingVendor, tmp_path: Path) -> AsyncIterator[Network]:
    """The way to a service that was deployed as the page says."""
    environ = {
        "LLM_PROVIDER_SERVICE_ANTHROPIC_API_KEY": KEY,
        "LLM_PROVIDER_SERVICE_ANTHROPIC_BASE_URL": vendor.url,
        "LLM_PROVIDER_SERVICE_ADMIN_API_KEY": "key-of-its-administrators",
        "LLM_PROVIDER_SERVICE_API_KEYS": CALLER_KEY,
        "LLM_PROVIDER_SERVICE_RETRY_DELAY_SECONDS": "0.05",
    }
    async with Command(tmp_path).serving(**environ) as service:
        yield Network(urlsplit(service.url).port or 0)


@pytest.fixture
async def connector(network: Network) -> AsyncIterator[aiohttp.TCPConnector]:
    """A connector of aiohttp's that asks `network`, each time anew."""
    async with aiohttp.TCPConnector(resolver=network, use_dns_cache=False, force_close=True) as made:
        yield made


@pytest.fixture
async def judge(connector: aiohttp.TCPConnector, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, Any]]:
    """The page's judge.py, with its session opened as `session`."""
    monkeypatch.setenv("LLM_PROVIDER_SERVICE_KEY", CALLER_KEY)
    module = await run(printed(1))
    async with module["open_session"](connector=connector) as session:
        yield {**module, "session": session}


async def test_printed_call_is_answered(vendor: JudgingVendor, connector: aiohttp.TCPConnector) -> None:
    """Seed A's call, word for word: the retired model's successor gives the verdict, and the answer says so."""
    correlation_id = uuid4()
    pair = {"prompt": "Which is clearer?", "essay_a_content": LONG, "essay_b_content": SHORT}
    async with aiohttp.ClientSession(headers={"x-api-key": CALLER_KEY}, connector=connector) as session:
        found = await run(printed(0), session=session, correlation_id=correlation_id, **pair)
    result = found["result"]
    assert (found["response"].status, result["winner"], result["confidence"]) == (200, "Essay A", 4.0)
    assert (result["provider"], result["model"]) == ("anthropic", "claude-opus-5-5")
    assert "the model claude-3-opus-20240229 is retired: claude-opus-5-5 was asked instead" in result["warnings"]
    assert result["correlation_id"] == str(correlation_id)
    (asked,) = vendor.asked
    prompt = asked["messages"][0]["content"][0]["text"]
    assert (asked["model"], prompt.count(LONG), prompt.count(SHORT)) == ("claude-opus-5-5", 1, 1)


async def test_printed_call_is_paid_once(vendor: JudgingVendor, connector: aiohttp.TCPConnector) -> None:
    """The same pair again, under another correlation id, is the verdict that was bought."""
    pair = {"prompt": "Which is clearer?", "essay_a_content": LONG, "essay_b_content": SHORT}
    async with aiohttp.ClientSession(headers={"x-api-key": CALLER_KEY}, connector=connector) as session:
        first, second = [
            (await run(printed(0), session=session, correlation_id=uuid4(), **pair))["result"] for _ in range(2)
        ]
    assert ([first["cached"], second["cached"]], len(vendor.asked)) == ([False, True], 1)
    assert first["correlation_id"] != second["correlation_id"]
    assert first["justification"] == second["justification"]


async def test_printed_call_without_a_key_is_refused(connector: aiohttp.TCPConnector) -> None:
    """The session carries the key: without one the answer says where to send it."""
    names = {"prompt": "x", "essay_a_content": "x", "essay_b_content": "x", "correlation_id": uuid4()}
    async with aiohttp.ClientSession(connector=connector) as session:
        found = await run(printed(0), session=session, **names)
    assert (found["response"].status, found["result"]["error_type"]) == (401, "authentication_required")
    assert "x-api-key" in found["result"]["detail"]


async def test_printed_judge_survives_lost_connections(judge: dict[str, Any], network: Network) -> None:
    """Two are tried again, a third is the platform's own trouble."""
    network.lost = 2
    assert (await judge["judge"](judge["session"], PAIR, pause_seconds=0))["winner"] == "Essay A"
    network.lost = 3
    with pytest.raises(aiohttp.ClientConnectionError):
        await judge["judge"](judge["session"], PAIR, pause_seconds=0)


async def test_printed_judge_says_when_to_come_back(judge: dict[str, Any], vendor: JudgingVendor) -> None:
    """A vendor that fails means later, a wrong pair means never; neither is asked again at once."""
    vendor.refuses = True
    with pytest.raises(judge["NoVerdictError"], match="provider_unavailable") as failed:
        await judge["judge"](judge["session"], PAIR)
    assert failed.value.retry_after > 0
    asked = len(vendor.asked)
    with pytest.raises(judge["NoVerdictError"], match="invalid_request") as wrong:
        await judge["judge"](judge["session"], {**PAIR, "essay_b": " "})
    assert (wrong.value.retry_after, len(vendor.asked)) == (None, asked)
    assert wrong.value.problem["errors"][0]["field"] == "essay_b"


async def test_printed_shadow_counts_how_often_both_agree(judge: dict[str, Any], vendor: JudgingVendor) -> None:
    """The old code's verdict is given; equal, other and failed ones of the service are counted beside it."""
    shadow = await run(printed(2))

    async def old(pair: dict[str, Any]) -> dict[str, Any]:
        return {"winner": "Essay A"}

    async def new(pair: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = await judge["judge"](judge["session"], pair)
        return found

    for pair in (PAIR, {**PAIR, "essay_a": SHORT, "essay_b": LONG}, {**PAIR, "essay_a": " "}):
        assert await shadow["shadowed"](old, new, pair, share=1.0) == {"winner": "Essay A"}
    await asyncio.gather(*shadow["under_way"])
    assert shadow["tally"] == {"same": 1, "other": 1, "failed": 1}
    await shadow["shadowed"](old, new, PAIR, share=0.0)
    assert (len(shadow["under_way"]), len(vendor.asked)) == (0, 2)


def test_printed_page_holds_no_placeholder() -> None:
    """Every output is there; and the links lead somewhere."""
    page = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^[A-Z]{3,}$|\bDATE\b", page, flags=re.MULTILINE) == []
    targets = re.findall(r"\]\(([^)#]+)", page)
    assert targets
    assert [target for target in targets if not (PAGE.parent / target).exists()] == []
