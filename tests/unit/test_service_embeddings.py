"""Does the service make vectors through everything that it is built of?"""

from __future__ import annotations

import pytest

from app.service import LLMProviderService
from app.settings import Settings
from contracts import EmbeddingRequest, EmbeddingResponse, LLMProviderConfig, ModelNotFoundError, ServiceNotStartedError


def mocked() -> LLMProviderService:
    """A service whose only usable row is the mock."""
    config = LLMProviderConfig.model_validate({"enabled_providers": ["mock"], "fallback_order": ["mock"]})
    return LLMProviderService(settings=Settings(config=config))


async def test_service_makes_vectors_and_counts_the_request() -> None:
    """The snapshot is given back, and the statistics know of it."""
    service = mocked()
    await service.start()
    try:
        answer = await service.embed(EmbeddingRequest.model_validate({"input": "a red apple", "dimensions": 8}))
        statistics = await service.get_statistics()
    finally:
        await service.stop()
    assert (answer.provider, answer.model) == ("mock", "mock-embedding")
    assert [len(vector) for vector in answer.embeddings] == [8]
    assert EmbeddingResponse.model_validate_json(answer.model_dump_json()) == answer
    assert statistics.total_successful_requests == 1


async def test_service_that_is_not_started_makes_none() -> None:
    """As for everything else."""
    with pytest.raises(ServiceNotStartedError):
        await mocked().embed(EmbeddingRequest(input=("a",)))


async def test_service_answers_an_error_with_the_ids_of_the_request() -> None:
    """The caller's own, where there are some."""
    service = mocked()
    await service.start()
    try:
        with pytest.raises(ModelNotFoundError) as caught:
            await service.embed(EmbeddingRequest(input=("a",), model="nobody-has-it", correlation_id="mine"))
    finally:
        await service.stop()
    assert caught.value.correlation_id == "mine"
