"""What becomes of circuits, counts and requests under way when the service is changed while it runs?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.service import LLMProviderService
from contracts import (
    CircuitState,
    ConfigView,
    DoneEvent,
    LLMProviderConfigUpdate,
    LLMProviderError,
    LLMRequest,
    ProviderStatus,
    ProviderType,
)
from tests.kit.mocked_service import mocked


@pytest.fixture
async def service() -> AsyncIterator[LLMProviderService]:
    """Started."""
    made = mocked()
    await made.start()
    yield made
    await made.stop()


async def test_provider_is_switched_off_and_on(service: LLMProviderService) -> None:
    """The next request follows, and switching twice is switching once."""
    assert await service.disable_provider("mock") is True
    assert await service.disable_provider("mock") is True
    assert (await service.process_request(LLMRequest(prompt="x"))).provider == "second"
    assert (await service.get_configuration()).revision == 2
    assert await service.enable_provider(ProviderType.MOCK) is True
    assert (await service.process_request(LLMRequest(prompt="x"))).provider == "mock"


async def test_update_takes_a_model_or_a_mapping(service: LLMProviderService) -> None:
    """Both are merge patches."""
    view = await service.update_configuration(LLMProviderConfigUpdate.model_validate({"max_retries": 1}))
    assert (view.revision, view.config.max_retries) == (2, 1)
    view = await service.update_configuration({"max_retries": None}, expected_revision=2)
    assert isinstance(view, ConfigView)
    assert (view.revision, view.config.max_retries) == (3, 0)


async def test_circuits_and_statistics_survive_an_update(service: LLMProviderService) -> None:
    """Of another row, and of settings that have nothing to do with them."""
    await fail_thrice(service)
    await service.update_configuration({"providers": {"second": {"default_model": "mock-reasoning"}}, "max_retries": 1})
    info = await service.get_provider_info("mock")
    assert (info.circuit_state, info.status) == (CircuitState.OPEN, ProviderStatus.UNHEALTHY)
    assert (await service.get_statistics()).providers["mock"].requests == 3


async def test_circuit_survives_switching_its_row(service: LLMProviderService) -> None:
    """Off and on again is no repair."""
    await fail_thrice(service)
    await service.disable_provider("mock")
    await service.enable_provider("mock")
    assert (await service.get_provider_info("mock")).circuit_state is CircuitState.OPEN


async def test_row_whose_key_changed_forgets_its_circuits(service: LLMProviderService) -> None:
    """What was learnt with the old key says nothing of the new one."""
    await fail_thrice(service)
    await service.update_configuration({"providers": {"mock": {"api_key": "sk-new"}}})
    assert (await service.get_provider_info("mock")).circuit_state is CircuitState.CLOSED


async def test_request_under_way_keeps_its_snapshot(service: LLMProviderService) -> None:
    """An update in the middle of a stream does not touch it."""
    async with await service.process_stream(LLMRequest(prompt="one two three")) as stream:
        events = aiter(stream)
        await anext(events)
        await service.update_configuration({"providers": {"mock": {"default_model": "mock-503", "api_key": "sk"}}})
        last = [event async for event in events][-1]
    assert isinstance(last, DoneEvent)
    assert last.response.model == "mock-echo"


async def fail_thrice(service: LLMProviderService) -> None:
    """Three failed requests open the mock's circuit."""
    request = LLMRequest(prompt="x", preferred_provider="mock", model="mock-503", enable_fallback=False)
    for _ in range(3):
        with pytest.raises(LLMProviderError):
            await service.process_request(request)
