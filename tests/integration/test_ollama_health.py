"""Is it said plainly how a server of Ollama stands: not there, there without the model, or ready?"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.service import LLMProviderService
from contracts import LLMProviderConfig, LLMRequest, ModelNotFoundError, ProviderHealth, ProviderStatus
from tests.integration.upstream.conftest import Vendor, Visit

READY = {"models": [{"name": "llama3.2:latest", "model": "llama3.2:latest"}]}


class Ollama(Vendor):
    """A server that says what a test tells it, on a port that is known before it listens."""

    def says(self, body: Any, status: bytes = b"200 OK") -> None:
        """To every request from now on."""

        async def answer(visit: Visit) -> None:
            await visit.reply(json.dumps(body).encode(), b"Content-Type: application/json", status=status)

        self.answer = answer


@pytest.fixture
async def ollama() -> AsyncIterator[Ollama]:
    """It listens."""
    server = Ollama()
    yield server
    await server.close()


@pytest.fixture
async def service(ollama: Ollama) -> AsyncIterator[LLMProviderService]:
    """Its row is the one in use, and nothing stands in for it."""
    row = {"type": "ollama", "base_url": f"http://127.0.0.1:{await ollama.listen()}"}
    made = LLMProviderService(LLMProviderConfig.model_validate({"providers": {"ollama": row}}))
    await made.start()
    yield made
    await made.stop()


async def probed(service: LLMProviderService) -> ProviderHealth:
    """The test of the row; what is known of it afterwards is the same."""
    found = await service.test_provider("ollama")
    assert await service.get_provider_health("ollama") == found
    assert (await service.get_provider_info("ollama")).status is found.status
    return found


async def test_ollama_that_does_not_run_is_offline(service: LLMProviderService, ollama: Ollama) -> None:
    """With its address, and what to start; the service itself is not called healthy for it."""
    await ollama.close()
    found = await probed(service)
    assert found.status is ProviderStatus.OFFLINE
    assert found.error_message is not None
    assert found.error_message.startswith("provider_unavailable: ollama is not reachable at http://127.0.0.1:")
    assert found.error_message.endswith(": is `ollama serve` running? (ollama refused the connection)")
    assert (await service.health_check())["status"] != "healthy"


async def test_ollama_without_the_model_is_degraded(service: LLMProviderService, ollama: Ollama) -> None:
    """With how to pull it, and what is pulled."""
    ollama.says({"models": [{"name": "gpt-oss:20b", "model": "gpt-oss:20b"}]})
    found = await probed(service)
    assert (found.status, found.error_message) == (
        ProviderStatus.DEGRADED,
        "llama3.2 is not pulled: run `ollama pull llama3.2` (pulled: gpt-oss:20b)",
    )


async def test_ollama_that_is_ready_is_healthy(service: LLMProviderService, ollama: Ollama) -> None:
    """It answers, and the model is there: one request, and none by itself before."""
    ollama.says(READY)
    assert ollama.connections == 0
    found = await probed(service)
    assert (found.status, found.error_message) == (ProviderStatus.HEALTHY, None)
    assert len(ollama.visits) == 1


async def test_key_that_a_proxy_refuses_is_no_outage(service: LLMProviderService, ollama: Ollama) -> None:
    """It answers, so it is not offline; what to mend stands in the type."""
    ollama.says({"error": "unauthorized"}, b"401 Unauthorized")
    found = await probed(service)
    assert found.status is ProviderStatus.UNHEALTHY
    assert found.error_message is not None
    assert found.error_message.startswith("provider_authentication: ")


async def test_call_for_a_model_that_is_not_pulled_says_how_to(service: LLMProviderService, ollama: Ollama) -> None:
    """A completion's 404 too, to the caller and to a deep test."""
    ollama.says({"error": "model 'llama3.2' not found"}, b"404 Not Found")
    with pytest.raises(ModelNotFoundError, match=r"run `ollama pull llama3\.2` there"):
        await service.process_request(LLMRequest(prompt="x", preferred_provider="ollama", enable_fallback=False))
    found = await service.test_provider("ollama", deep=True)
    assert found.status is ProviderStatus.DEGRADED
    assert "run `ollama pull llama3.2` there" in str(found.error_message)
