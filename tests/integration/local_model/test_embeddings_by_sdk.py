"""OpenAI's SDK gets vectors of the embedded model, whose numbers we write in the form that the SDK asks for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import openai
import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from contracts import LLMProviderConfig

ALIKE = ["How do I reset my password?", "I forgot my login password, how can I change it?"]
OTHER = "The weather in Paris is mild today."


@pytest.fixture
def sdk() -> Iterator[openai.OpenAI]:
    """The SDK, and a service with nothing but the embedded model."""
    with TestClient(create_app(Settings(config=LLMProviderConfig()))) as client:
        yield openai.OpenAI(base_url="http://testserver/v1", api_key="k", http_client=client, max_retries=0)


def likeness(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of the angle between two vectors."""
    return sum(a * b for a, b in zip(one, other, strict=True)) / (math.hypot(*one) * math.hypot(*other))


@pytest.mark.parametrize("more", [{}, {"encoding_format": "float"}])
def test_similar_texts_are_nearer_than_a_third_to_the_sdk(sdk: openai.OpenAI, more: dict[str, Any]) -> None:
    """In base64, which it decodes by itself, as in plain numbers."""
    answer = sdk.embeddings.create(model="auto", input=[*ALIKE, OTHER], **more)
    first, second, third = (one.embedding for one in answer.data)
    assert likeness(first, second) > max(likeness(first, third), likeness(second, third)) + 0.05
    assert len(first) == 576
    assert answer.usage.prompt_tokens > 20
    assert answer.model == "smollm2-135m-instruct"


def test_tokens_are_refused_by_name(sdk: openai.OpenAI) -> None:
    """Whose tokens they were nobody knows."""
    with pytest.raises(openai.BadRequestError, match="local cannot be asked for input") as caught:
        sdk.embeddings.create(model="auto", input=[[1, 2, 3]])
    assert caught.value.param == "input"
