"""The embedded model makes vectors beside its talk: from one process, by the service's own way."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence

import psutil
import pytest

from app.local_model.supervisor import LocalModel
from app.service import LLMProviderService
from app.settings import Settings
from contracts import (
    ContextLengthExceededError,
    EmbeddingRequest,
    LLMProviderConfig,
    LLMRequest,
    UsageSource,
)
from tests.integration.local_model.conftest import Asker

ALIKE = ("How do I reset my password?", "I forgot my login password, how can I change it?")
OTHER = "The weather in Paris is mild today."
SHAPE = {"type": "json_schema", "json_schema": {"enum": ["yes", "no"]}}


def likeness(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of the angle between two vectors."""
    return sum(a * b for a, b in zip(one, other, strict=True)) / (math.hypot(*one) * math.hypot(*other))


@pytest.fixture
async def service() -> AsyncIterator[LLMProviderService]:
    """A service with nothing but the embedded model."""
    async with asyncio.timeout(60):
        made = LLMProviderService(settings=Settings(config=LLMProviderConfig()))
        await made.start()
        yield made
        await made.stop()


async def test_similar_texts_are_nearer_than_a_third(service: LLMProviderService) -> None:
    """With nobody named, by the embedded model, at no cost and with the usage it reports."""
    answer = await service.embed(EmbeddingRequest(input=(*ALIKE, OTHER)))
    first, second, third = answer.embeddings
    assert likeness(first, second) > max(likeness(first, third), likeness(second, third)) + 0.05
    assert (answer.provider, answer.model, answer.warnings) == ("local", "smollm2-135m-instruct", [])
    assert {len(vector) for vector in answer.embeddings} == {576}
    assert answer.usage.source is UsageSource.REPORTED
    assert answer.usage.input_tokens > 20
    assert answer.cost is not None
    assert answer.cost.usd == 0


async def test_long_text_is_whole_or_refused(service: LLMProviderService) -> None:
    """Longer than a batch is made a vector of; longer than the context is the caller's error. Nothing is cut."""
    whole = await service.embed(EmbeddingRequest(input=("word " * 600,)))
    assert whole.usage.input_tokens >= 600
    with pytest.raises(ContextLengthExceededError):
        await service.embed(EmbeddingRequest(input=("word " * 5000,)))


async def test_talk_goes_on_while_vectors_are_made(service: LLMProviderService) -> None:
    """Chat, JSON by a schema and vectors from the same process, at the same time."""
    asked = LLMRequest.model_validate({"prompt": "Is water wet?", "max_tokens": 8, "response_format": SHAPE})
    said, made, plain = await asyncio.gather(
        service.process_request(asked),
        service.embed(EmbeddingRequest(input=tuple(f"text {number}" for number in range(20)))),
        service.process_request(LLMRequest(prompt="Say hello.", max_tokens=4)),
    )
    assert said.content in ('"yes"', '"no"')
    assert len(made.embeddings) == 20
    assert plain.content


async def test_vectors_take_no_second_process_and_little_memory(model: LocalModel, ask: Asker) -> None:
    """One child, which grows by less than 48 MB over a hundred texts."""
    assert (await ask("Say hello")).status_code == 200
    address = await model.address()
    assert model.pid is not None
    child = psutil.Process(model.pid)
    before = child.memory_info().rss
    reply = await ask.client.post(
        f"{address.base_url}/embeddings",
        headers={"Authorization": f"Bearer {address.api_key}"},
        json={"input": [f"text number {number}" for number in range(100)]},
    )
    assert len(reply.json()["data"]) == 100
    assert child.children() == []
    assert child.memory_info().rss - before < 48_000_000
    assert (await ask("Say hello")).status_code == 200
    assert model.restarts == 0
