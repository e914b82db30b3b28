"""Does the service start, stop and start again, refuse what comes too early, and answer everything in between?"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.service import LLMProviderService
from app.settings import Settings
from contracts import (
    ConfigurationError,
    DoneEvent,
    ILLMProviderService,
    InvalidRequestError,
    LLMProviderConfig,
    LLMRequest,
    LLMResponse,
    ModelNotFoundError,
    ProviderNotFoundError,
    ProviderType,
    ServiceNotStartedError,
    StartEvent,
)
from tests.kit.mocked_service import mocked

BEFORE_START = {"start", "stop", "is_running", "health_check", "memory_report", "get_status"}
ARGUMENTS: dict[str, Any] = {
    "request": LLMRequest(prompt="x"),
    "requests": [LLMRequest(prompt="x")],
    "provider": "mock",
    "key_id": "key_01939f0d-7c3a-7b0e-9f64-d2a1b8c05e77",
    "model": "mock-echo",
    "update": {"max_retries": 1},
}
REFUSING = sorted(ILLMProviderService.__abstractmethods__ - BEFORE_START)


async def call(service: LLMProviderService, name: str) -> Any:
    """The method `name` with good arguments."""
    method = getattr(service, name)
    required = [
        parameter.name
        for parameter in inspect.signature(method).parameters.values()
        if parameter.default is inspect.Parameter.empty
    ]
    return await method(*(ARGUMENTS[one] for one in required))


@pytest.fixture
async def service() -> AsyncIterator[LLMProviderService]:
    """Started."""
    made = mocked()
    await made.start()
    yield made
    await made.stop()


@pytest.mark.parametrize("name", REFUSING)
async def test_method_before_start_and_after_stop_is_refused(name: str) -> None:
    """Every method of the contract but the named ones, with a sentence that says what to do."""
    service = mocked()
    with pytest.raises(ServiceNotStartedError, match="call start"):
        await call(service, name)
    await service.start()
    await service.stop()
    with pytest.raises(ServiceNotStartedError):
        await call(service, name)


async def test_reports_work_before_start() -> None:
    """Health, memory and status are what one asks when nothing works."""
    service = mocked()
    assert (await service.health_check())["status"] == "not_started"
    assert (await service.memory_report()).rss > 0
    status = await service.get_status()
    assert (status.status, status.uptime, service.is_running()) == ("stopped", 0.0, False)


async def test_start_and_stop_are_idempotent() -> None:
    """Twice is once: the second start keeps what the first opened, and stopping what never ran is no error."""
    service = mocked()
    await service.stop()
    await service.start()
    await service.update_configuration({"max_retries": 2})
    await service.start()
    assert (await service.get_configuration()).revision == 2
    assert (service.is_running(), (await service.get_status()).status) == (True, "running")
    await service.stop()
    await service.stop()
    assert service.is_running() is False


async def test_service_starts_again(service: LLMProviderService) -> None:
    """It answers after a restart, with the configuration that it was made with."""
    await service.update_configuration({"max_retries": 2})
    await service.stop()
    await service.start()
    assert (await service.process_request(LLMRequest(prompt="hi"))).content == "[mock] hi"
    view = await service.get_configuration()
    assert (view.revision, view.config.max_retries) == (1, 0)


async def test_service_with_a_key_that_is_not_there_does_not_start() -> None:
    """One sentence that names the variable; after it is mended the same service starts."""
    row = {"openai": {"api_key": "env:NO_SUCH_VARIABLE"}}
    service = mocked(providers=row)
    with pytest.raises(ConfigurationError, match=r"providers\.openai\.api_key: NO_SUCH_VARIABLE is not set"):
        await service.start()
    assert service.is_running() is False
    await service.stop()


def test_service_takes_config_or_settings() -> None:
    """One of them would be dropped without a word."""
    with pytest.raises(ConfigurationError, match="not both"):
        LLMProviderService(LLMProviderConfig(), settings=Settings())


async def test_service_reads_keys_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`LLMProviderService(config)` fills in what the configuration leaves open, and `.env` is not read."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("DEEPSEEK_API_KEY=sk-of-file\n")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-environment")
    service = LLMProviderService(LLMProviderConfig(max_retries=1))
    await service.start()
    view = await service.get_configuration()
    usable = {info.name: info.usable for info in await service.get_providers()}
    await service.stop()
    assert view.config.max_retries == 1
    assert (usable["openai"], usable["deepseek"]) == (True, False)
    assert "sk-of-environment" not in f"{view!r} {view.model_dump_json()}"


async def test_service_reads_where_the_local_model_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The variables that are no part of the configuration count in plain Python too."""
    model = tmp_path / "My-Model.gguf"
    model.write_bytes(b"GGUF")
    monkeypatch.setenv("LLM_PROVIDER_SERVICE_LOCAL_MODEL_PATH", str(model))
    service = LLMProviderService()
    await service.start()
    info = await service.get_provider_info("local")
    await service.stop()
    assert info.default_model == "my-model"


async def test_request_is_answered(service: LLMProviderService) -> None:
    """By the first row, and counted."""
    response = await service.process_request(LLMRequest(prompt="hi", correlation_id="c-1"))
    assert (response.content, response.provider, response.correlation_id) == ("[mock] hi", "mock", "c-1")
    statistics = await service.get_statistics()
    assert (statistics.total_requests_processed, statistics.providers["mock"].requests) == (1, 1)
    assert (await service.reset_statistics()).total_requests_processed == 0


async def test_request_that_fails_raises_with_its_ids(service: LLMProviderService) -> None:
    """The error carries what the caller needs to follow it."""
    with pytest.raises(ModelNotFoundError) as caught:
        await service.process_request(LLMRequest(prompt="x", model="no-such-model", request_id="r-1"))
    assert (caught.value.request_id, caught.value.correlation_id) == ("r-1", "r-1")


async def test_stream_is_answered(service: LLMProviderService) -> None:
    """It begins with who answers and ends with the whole answer."""
    async with await service.process_stream(LLMRequest(prompt="one two")) as stream:
        events = [event async for event in stream]
    assert isinstance(events[0], StartEvent)
    assert isinstance(events[-1], DoneEvent)
    assert events[-1].response.content == "[mock] one two"
    assert (await service.get_statistics()).total_requests_processed == 1


async def test_stream_that_cannot_open_raises(service: LLMProviderService) -> None:
    """Until the first content, errors are raised as for a plain call; the snapshot is given back."""
    with pytest.raises(ProviderNotFoundError):
        await service.process_stream(LLMRequest(prompt="x", preferred_provider="nobody"))
    await service.update_configuration({"providers": {"mock": {"default_model": "mock-reasoning"}}})
    assert (await service.get_statistics()).total_failed_requests == 1


async def test_batch_is_answered_in_order(service: LLMProviderService) -> None:
    """A bad item is its own error."""
    requests = [LLMRequest(prompt="a"), LLMRequest(prompt="b", model="no-such-model"), LLMRequest(prompt="c")]
    first, second, third = await service.process_batch(requests)
    assert isinstance(first, LLMResponse)
    assert isinstance(second, ModelNotFoundError)
    assert isinstance(third, LLMResponse)
    assert (first.content, third.content) == ("[mock] a", "[mock] c")


async def test_batch_is_bounded_by_the_live_configuration(service: LLMProviderService) -> None:
    """Its limit changes with it."""
    await service.update_configuration({"max_batch_size": 1})
    with pytest.raises(InvalidRequestError, match="at most 1 requests"):
        await service.process_batch([LLMRequest(prompt="a"), LLMRequest(prompt="b")])


@pytest.mark.parametrize("name", ["mock", ProviderType.MOCK, " mock "])
async def test_provider_is_named_by_row_or_type(service: LLMProviderService, name: str) -> None:
    """However it is written, answers say the row's name."""
    assert (await service.get_provider_info(name)).name == "mock"
    assert (await service.get_provider_health(name)).provider == "mock"
    assert (await service.test_provider(name)).provider == "mock"


async def test_google_is_gemini(service: LLMProviderService) -> None:
    """Wherever a provider is named."""
    assert (await service.get_provider_info("google")).name == "gemini"


@pytest.mark.parametrize(
    "method", ["get_provider_info", "get_provider_health", "test_provider", "enable_provider", "disable_provider"]
)
async def test_unknown_provider_is_not_found(service: LLMProviderService, method: str) -> None:
    """404 with the list."""
    with pytest.raises(ProviderNotFoundError, match="no provider is named opnai; configured: openai, anthropic"):
        await getattr(service, method)("opnai")


async def test_concurrent_requests_are_all_counted(service: LLMProviderService) -> None:
    """Fifty at once."""
    answers = await asyncio.gather(*(service.process_request(LLMRequest(prompt=f"p{n}")) for n in range(50)))
    assert [answer.content for answer in answers] == [f"[mock] p{n}" for n in range(50)]
    assert len({answer.request_id for answer in answers}) == 50
    assert (await service.get_statistics()).total_successful_requests == 50
