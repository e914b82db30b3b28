"""Are texts written as each vendor's /embeddings wants them, and is what it cannot be told named?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.wires import openai_embeddings
from app.wires.encoded import Encoded
from app.wires.openai_embeddings import EmbeddingQuirks
from contracts.embeddings import EmbeddingInput
from contracts.errors import InvalidRequestError
from tests.wires.embedding_cases import ENCODERS, TEXTS

SHORT_QUERY = replace(TEXTS, dimensions=4, purpose="query")
RESERVED = [("openai", "input"), ("openai", "encoding_format"), ("gemini", "content"), ("ollama", "model")]


def encoded(name: str, asked: EmbeddingInput = TEXTS, **fields: Any) -> Encoded:
    return ENCODERS[name](asked, provider=name, model="m", **fields)


def test_openai_is_asked_for_base64_as_by_its_own_sdk() -> None:
    """All texts in one body; a third of the bytes come back."""
    assert encoded("openai").body == {"model": "m", "input": list(TEXTS.texts), "encoding_format": "base64"}


def test_openai_is_told_dimensions_and_not_the_purpose() -> None:
    """It has no field for the purpose, which is named."""
    made = encoded("openai", SHORT_QUERY)
    assert made.body["dimensions"] == 4
    assert made.warnings == ("purpose was not sent: openai does not know it",)
    assert [one.field for one in made.unsupported] == ["purpose"]


@pytest.mark.parametrize("name", ["openai", "gemini"])
def test_dimensions_are_left_out_where_the_model_has_one_length(name: str) -> None:
    """Sent, they would be an error for the whole request; so they are named."""
    made = encoded(name, replace(TEXTS, dimensions=4), takes_dimensions=False)
    assert "imension" not in str(made.body)
    assert made.warnings == ("dimensions was not sent: m has vectors of one length only",)
    assert [one.field for one in made.unsupported] == ["dimensions"]


def test_openrouter_is_told_the_purpose_in_its_own_field() -> None:
    """`input_type` is its own addition to the dialect."""
    quirks = EmbeddingQuirks(encoding_format="float", purposes={"query": "search_query"})
    made = openai_embeddings.encode_embeddings(SHORT_QUERY, provider="p", model="m", quirks=quirks)
    assert (made.body["input_type"], made.body["encoding_format"]) == ("search_query", "float")
    assert not made.warnings


@pytest.mark.parametrize("purpose,task", [("query", "RETRIEVAL_QUERY"), ("document", "RETRIEVAL_DOCUMENT")])
def test_gemini_gets_one_request_for_each_text(purpose: Any, task: str) -> None:
    """Each with the model, what the vector is for and how long it shall be."""
    made = encoded("gemini", EmbeddingInput(texts=("a", "b"), dimensions=4, purpose=purpose))
    shared = {"model": "m", "taskType": task, "outputDimensionality": 4}
    assert made.body == {"requests": [{**shared, "content": {"parts": [{"text": text}]}} for text in ("a", "b")]}
    assert not made.warnings


def test_gemini_refuses_more_texts_than_a_batch_may_hold() -> None:
    """A hundred are taken; one more would be the vendor's 400."""
    assert len(encoded("gemini", EmbeddingInput(texts=("a",) * 100)).body["requests"]) == 100
    with pytest.raises(InvalidRequestError, match="at most 100 texts in one request, not 101") as caught:
        encoded("gemini", EmbeddingInput(texts=("a",) * 101))
    assert [one.field for one in caught.value.errors] == ["input"]


def test_ollama_is_told_not_to_cut() -> None:
    """Left alone it would answer a vector of half a text."""
    made = encoded("ollama", SHORT_QUERY)
    assert made.body == {"model": "m", "input": list(TEXTS.texts), "truncate": False, "dimensions": 4}
    assert made.warnings == ("purpose was not sent: ollama does not know it",)


@pytest.mark.parametrize("name", ENCODERS)
def test_options_of_the_caller_are_laid_over(name: str) -> None:
    """For Gemini over the request of each text."""
    body = encoded(name, options={"extra": {"deep": 1}}).body
    assert all(one["extra"] == {"deep": 1} for one in body.get("requests", [body]))


@pytest.mark.parametrize("name,field", RESERVED)
def test_options_cannot_take_the_place_of_what_we_set(name: str, field: str) -> None:
    """Neither the texts nor how the vectors come back."""
    with pytest.raises(InvalidRequestError, match=f"the service itself sets {field}"):
        encoded(name, options={field: "x"})
