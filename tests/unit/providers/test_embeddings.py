"""Does each row ask its vendor for vectors where and how that vendor wants it, and know which models make any?"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from app.providers import VENDORS
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import EmbeddingReply, ModelCall, Operation, UnsupportedParameters
from contracts.embeddings import EmbeddingInput
from contracts.errors import (
    AuthenticationError,
    ContextLengthExceededError,
    InvalidRequestError,
    LLMProviderError,
    ModelNotFoundError,
    ProviderProtocolError,
    RateLimitExceededError,
    UnsupportedParameterError,
)
from tests.unit.providers.vendor_double import LIMITS, ModelServerDouble, VendorDouble

KINDS = [vendor.kind.value for vendor in VENDORS]
MAKERS = {"openai", "openrouter", "gemini", "ollama", "local", "mock"}
PATHS = {
    "openai": "https://api.openai.com/v1/embeddings",
    "openrouter": "https://openrouter.ai/api/v1/embeddings",
    "gemini": "https://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001:batchEmbedContents",
    "ollama": "https://ollama.com/api/embed",
    "local": "http://127.0.0.1:1001/v1/embeddings",
}
KEYS = ("Bearer sk-secret-of-the-row", "sk-secret-of-the-row", "Bearer key-1001")
ROWS = [[0.5, 1.0], [1.0, 0.0]]


def texts(*given: str, options: dict[str, dict[str, Any]] | None = None, **asked: Any) -> ModelCall:
    return ModelCall(
        operation=Operation.EMBEDDINGS,
        embedding=EmbeddingInput(texts=given or ("a red apple", "a green pear"), **asked),
        caller=IN_PROCESS_CALLER,
        request_id="r",
        correlation_id="c",
        vendor_options=options or {},
    )


def written(kind: str, rows: list[Any]) -> dict[str, Any]:
    """A reply of a vendor of `kind`."""
    if kind == "gemini":
        return {"embeddings": [{"values": row} for row in rows]}
    if kind == "ollama":
        return {"model": "m", "embeddings": rows, "prompt_eval_count": 7}
    return {"data": [{"index": index, "embedding": row} for index, row in enumerate(rows)]}


async def embedded(
    kind: str, call: ModelCall, *, model: str | None = None, rows: list[Any] | None = None, **config: Any
) -> tuple[VendorDouble, EmbeddingReply]:
    """What a row of `kind` sends for `call`, and what it makes of a good answer."""
    vendor = VendorDouble()
    vendor.answers(200, written(kind, ROWS if rows is None else rows))
    row = vendor.row(kind, model_server=ModelServerDouble() if kind == "local" else None, **config)
    return vendor, await row.embed(call, model=model or row.default_embedding_model or "any", limits=LIMITS)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_knows_whether_it_makes_embeddings(kind: str) -> None:
    """And those that do have a model for it, which they offer."""
    row = VendorDouble().row(kind, model_server=ModelServerDouble() if kind == "local" else None)
    assert row.makes_embeddings is (kind in MAKERS)
    assert (row.default_embedding_model is not None) is (kind in MAKERS)
    assert row.offers_embeddings(row.default_embedding_model or "text-embedding-3-small") is (kind in MAKERS)
    assert not row.offers_embeddings("gpt-5.2")


@pytest.mark.parametrize("kind", PATHS)
async def test_vectors_are_asked_for_where_the_vendor_makes_them(kind: str) -> None:
    """With the row's key, and they come back in the order of the texts."""
    vendor, reply = await embedded(kind, texts())
    (request,) = vendor.requests
    assert (request.method, str(request.url)) == ("POST", PATHS[kind])
    assert request.headers.get("authorization", request.headers.get("x-goog-api-key")) in KEYS
    assert reply.vectors == ((0.5, 1.0), (1.0, 0.0))
    assert reply.warnings == ()


@pytest.mark.parametrize("kind", sorted(set(KINDS) - MAKERS))
async def test_vendor_without_embeddings_is_not_called(kind: str) -> None:
    """The caller is told which one it is."""
    vendor = VendorDouble()
    with pytest.raises(InvalidRequestError, match=f"{kind} makes no embeddings"):
        await vendor.row(kind).embed(texts(), model="any", limits=LIMITS)
    assert vendor.requests == []


@pytest.mark.parametrize("kind,encoding", [("openai", "base64"), ("openrouter", "base64"), ("local", "float")])
async def test_vectors_are_packed_where_bytes_cost_time(kind: str, encoding: str) -> None:
    """The embedded model is on loopback."""
    vendor, _ = await embedded(kind, texts())
    assert vendor.sent["encoding_format"] == encoding


@pytest.mark.parametrize("asked", [None, EmbeddingInput(texts=())])
async def test_call_without_texts_is_refused(asked: EmbeddingInput | None) -> None:
    """Nothing is sent: there is nothing to make vectors of."""
    vendor = VendorDouble()
    with pytest.raises(InvalidRequestError, match="no texts were given"):
        await vendor.row("openai").embed(replace(texts(), embedding=asked), model="m", limits=LIMITS)
    assert vendor.requests == []


@pytest.mark.parametrize(
    "kind,model,field,value",
    [
        ("openrouter", "google/gemini-embedding-001", "input_type", "search_query"),
        ("gemini", "gemini-embedding-001", "taskType", "RETRIEVAL_QUERY"),
    ],
)
async def test_purpose_is_a_field_where_there_is_one(kind: str, model: str, field: str, value: str) -> None:
    """For models that tell queries from documents."""
    vendor, reply = await embedded(kind, texts(purpose="query"), model=model)
    body = vendor.sent.get("requests", [vendor.sent])[0]
    assert (body[field], reply.warnings) == (value, ())


@pytest.mark.parametrize(
    "kind,model,purpose,start",
    [
        ("gemini", "gemini-embedding-2", "query", "task: search result | query: a red apple"),
        ("gemini", "models/gemini-embedding-2-preview", "document", "title: none | text: a red apple"),
        ("ollama", "nomic-embed-text:v1.5", "query", "search_query: a red apple"),
        ("ollama", "nomic-embed-text", "document", "search_document: a red apple"),
        ("ollama", "mxbai-embed-large", "document", "a red apple"),
    ],
)
async def test_purpose_is_a_prefix_where_the_model_was_trained_on_one(
    kind: str, model: str, purpose: str, start: str
) -> None:
    """The makers' own words, and no field that such a model refuses."""
    vendor, reply = await embedded(kind, texts(purpose=purpose), model=model)
    if kind == "gemini":
        first = vendor.sent["requests"][0]
        assert "taskType" not in first
        assert first["content"]["parts"][0]["text"] == start
    else:
        assert vendor.sent["input"][0] == start
    assert reply.warnings == ()


@pytest.mark.parametrize("kind", ["openai", "local", "mock"])
async def test_purpose_changes_nothing_for_a_model_that_makes_one_vector_for_both(kind: str) -> None:
    """Nothing is lost, so nothing is said."""
    if kind == "mock":
        row = VendorDouble().row("mock")
        assert (await row.embed(texts(purpose="query"), model="mock-embedding", limits=LIMITS)).warnings == ()
        return
    vendor, reply = await embedded(kind, texts(purpose="query"))
    assert (vendor.sent["input"], reply.warnings) == (["a red apple", "a green pear"], ())


async def test_purpose_that_an_unknown_model_may_need_is_named() -> None:
    """Nobody knows what prefix it wants."""
    _, reply = await embedded("openai", texts(purpose="query"), model="bge-of-our-own")
    assert reply.warnings == ("purpose was not sent: openai does not know it",)


async def test_dimensions_are_sent_and_checked() -> None:
    """Two were asked for, two came; of three the caller hears."""
    vendor, reply = await embedded("gemini", texts(dimensions=2))
    assert [one["outputDimensionality"] for one in vendor.sent["requests"]] == [2, 2]
    assert reply.warnings == ()
    for kind in ("openai", "ollama", "gemini"):
        _, reply = await embedded(kind, texts(dimensions=3))
        assert reply.warnings == (f"{kind} answered vectors of 2 numbers, and 3 were asked for",)


async def test_dimensions_that_the_model_cannot_make_are_named_or_refused() -> None:
    """As the policy wants it."""
    vendor, reply = await embedded("openai", texts(dimensions=2), model="text-embedding-ada-002")
    assert "dimensions" not in vendor.sent
    assert reply.warnings == ("dimensions was not sent: text-embedding-ada-002 has vectors of one length only",)
    strict = replace(texts(dimensions=2), unsupported_parameters=UnsupportedParameters.REJECT)
    with pytest.raises(UnsupportedParameterError, match="does not take what was asked: dimensions"):
        await embedded("openai", strict, model="text-embedding-ada-002")


async def test_options_for_the_row_go_into_its_body() -> None:
    """Of others nothing."""
    vendor, _ = await embedded("ollama", texts(options={"ollama": {"keep_alive": "1h"}, "openai": {"user": "u"}}))
    assert (vendor.sent["keep_alive"], "user" in vendor.sent) == ("1h", False)


async def test_embedded_model_passes_for_no_other() -> None:
    """It would answer under any name."""
    with pytest.raises(ModelNotFoundError, match="serves no model but tiny"):
        await embedded("local", texts(), model="text-embedding-3-small")


@pytest.mark.parametrize(
    "status,document,error",
    [
        (401, {"code": "invalid_api_key"}, AuthenticationError),
        (429, {"code": "rate_limit_exceeded"}, RateLimitExceededError),
        (404, {"code": "model_not_found"}, ModelNotFoundError),
        (
            400,
            {"message": "This model's maximum context length is 8192 tokens, however you requested 9000 tokens"},
            ContextLengthExceededError,
        ),
    ],
)
async def test_error_is_that_of_the_dialect(
    status: int, document: dict[str, Any], error: type[LLMProviderError]
) -> None:
    """The same table as for conversations."""
    vendor = VendorDouble()
    vendor.answers(status, {"error": {"message": "no", "type": "invalid_request_error", **document}})
    with pytest.raises(error) as caught:
        await vendor.row("openai").embed(texts(), model="m", limits=LIMITS)
    assert (caught.value.provider, caught.value.model, caught.value.upstream_status) == ("openai", "m", status)


async def test_reply_of_too_few_vectors_is_an_error() -> None:
    """Two texts, one vector."""
    with pytest.raises(ProviderProtocolError, match="openai answered 1 vectors to 2 texts"):
        await embedded("openai", texts(), rows=[[1.0]])


async def test_limits_that_come_with_vectors_are_remembered() -> None:
    """The vendor says them on every reply."""
    vendor = VendorDouble()
    vendor.replies.append(
        httpx2.Response(
            200,
            json=written("openai", ROWS),
            headers={"x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "9"},
        )
    )
    row = vendor.row("openai")
    await row.embed(texts(), model="m", limits=LIMITS)
    assert [limit.remaining for limit in row.rate_limits()] == [9]


def test_row_that_lists_models_offers_these() -> None:
    """Its default for vectors is the first that is known to make some, or none."""
    listed = VendorDouble().row("openai", models=("gpt-5.2", "text-embedding-3-large", "bge-of-our-own"))
    assert listed.default_embedding_model == "text-embedding-3-large"
    assert listed.offers_embeddings("bge-of-our-own")
    assert not listed.offers_embeddings("text-embedding-3-small")
    assert VendorDouble().row("openai", models=("gpt-5.2",)).default_embedding_model is None


async def test_model_of_gemini_may_be_named_with_its_collection() -> None:
    """As its own list names it."""
    vendor, _ = await embedded("gemini", texts(), model="models/gemini-embedding-001")
    assert str(vendor.requests[0].url) == PATHS["gemini"]
    assert {one["model"] for one in vendor.sent["requests"]} == {"models/gemini-embedding-001"}


async def test_row_reads_many_vectors_off_the_loop() -> None:
    """While a million numbers are read, other requests go on."""
    rows = [[0.125] * 1_000] * 1_000
    ticks: list[float] = []

    async def tick() -> None:
        while True:
            await asyncio.sleep(0)
            ticks.append(time.perf_counter())

    ticking = asyncio.create_task(tick())
    _, reply = await embedded("openai", texts(*["a"] * len(rows)), rows=rows)
    ticking.cancel()
    assert len(reply.vectors) == len(rows)
    assert len(ticks) > 20
