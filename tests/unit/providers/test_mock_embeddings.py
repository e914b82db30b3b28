"""Does the mock make vectors that behave as a caller's tests expect of vectors?"""

from __future__ import annotations

import pytest

from app.ports import Provider
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import EmbeddingReply, ModelCall, Operation
from contracts.embeddings import EmbeddingInput
from contracts.errors import (
    ProviderProtocolError,
    ProviderUnavailableError,
    RateLimitExceededError,
)
from tests.unit.providers.vendor_double import LIMITS, VendorDouble


def mock() -> Provider:
    return VendorDouble().row("mock")


async def vectors(*texts: str, model: str = "mock-embedding", dimensions: int | None = None) -> EmbeddingReply:
    call = ModelCall(
        operation=Operation.EMBEDDINGS,
        embedding=EmbeddingInput(texts=texts, dimensions=dimensions),
        caller=IN_PROCESS_CALLER,
        request_id="r",
        correlation_id="c",
    )
    return await mock().embed(call, model=model, limits=LIMITS)


def likeness(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_same_text_has_the_same_vector_of_length_one() -> None:
    """And its words are counted."""
    reply = await vectors("a red apple", "a red apple")
    first, second = reply.vectors
    assert first == second
    assert likeness(first, first) == pytest.approx(1.0, abs=1e-6)
    assert (len(first), reply.usage and reply.usage.input_tokens) == (32, 6)


async def test_texts_that_share_words_are_nearer() -> None:
    """So that a search over them finds something."""
    apple, red, engine = (await vectors("a red apple", "my red apple tree", "diesel engines roar")).vectors
    assert likeness(apple, red) > likeness(apple, engine)


async def test_vectors_are_as_long_as_asked() -> None:
    """Any length; a text without a word has a vector too."""
    assert {len(vector) for vector in (await vectors("a", "☂ !", dimensions=5)).vectors} == {5}


@pytest.mark.parametrize(
    "model,error",
    [
        ("mock-429", RateLimitExceededError),
        ("mock-503", ProviderUnavailableError),
        ("mock-unreadable", ProviderProtocolError),
        ("mock-cut", ProviderProtocolError),
    ],
)
async def test_fault_is_the_error_of_its_name(model: str, error: type[Exception]) -> None:
    """The same names as for conversations."""
    with pytest.raises(error):
        await vectors("a", model=model)


def test_mock_offers_its_embedding_model() -> None:
    """It is the default, so the mock can stand in for any vendor."""
    assert mock().default_embedding_model == "mock-embedding"
    assert mock().offers_embeddings("mock-embedding")
