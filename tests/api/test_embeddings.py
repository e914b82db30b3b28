"""POST /v1/embeddings: OpenAI's SDK, and what a caller without one sees."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import httpx2
import openai
import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, CALLER_KEY, ROWS, MakeClient, config

PATH = "/v1/embeddings"
TEXTS = ["a red apple", "a green pear"]
# A row that no caller's body is passed to: all is translated for it.
FOREIGN = {"foreign": {"type": "mock", "api_key": "sk-foreign-0123456789", "dialects": []}}


def sdk_of(client: TestClient, key: str = "sk-whatever") -> openai.OpenAI:
    """OpenAI's SDK, of which only the address and the key are ours."""
    return openai.OpenAI(base_url="http://testserver/v1", api_key=key, http_client=client, max_retries=0)


def told(answer: httpx2.Response) -> tuple[str, ...]:
    """What the headers say of the cache, of calls, and of money."""
    return tuple(answer.headers[name] for name in ("x-llm-cache", "x-llm-attempts", "x-llm-cost-usd"))


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """A client of an app that has a row of another dialect, too."""
    return make_client(providers={**ROWS, **FOREIGN}, fallback_order=("mock", "foreign"))


@pytest.mark.parametrize("model", ["auto", "mock/mock-embedding", "foreign/mock-embedding"])
@pytest.mark.parametrize("more", [{}, {"encoding_format": "float"}, {"encoding_format": "base64"}])
def test_embeddings_answer_the_sdk(client: TestClient, model: str, more: dict[str, Any]) -> None:
    """Relayed or translated, the vectors are the same; the SDK asks for base64 unless it is told otherwise."""
    raw = sdk_of(client).embeddings.with_raw_response.create(model=model, input=TEXTS, dimensions=8, **more)
    answer = raw.parse()
    vectors = [one.embedding for one in answer.data]
    if more.get("encoding_format") == "base64":
        vectors = [list(memoryview(base64.b64decode(str(one))).cast("f")) for one in vectors]
    assert [one.index for one in answer.data] == [0, 1]
    assert [sum(number * number for number in vector) for vector in vectors] == pytest.approx([1.0, 1.0])
    assert [len(vector) for vector in vectors] == [8, 8]
    assert (answer.model, answer.usage.prompt_tokens, answer.usage.total_tokens) == ("mock-embedding", 6, 6)
    assert raw.headers["x-llm-model"] == "mock-embedding"
    assert [raw.headers[name] for name in ("x-llm-attempts", "x-llm-cache", "x-llm-cost-usd")] == ["1", "bypass", "0"]


async def test_embeddings_answer_the_asynchronous_sdk() -> None:
    """In the same words."""
    app = create_app(Settings(config=config()))
    transport = httpx2.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=transport) as http:
        sdk = openai.AsyncOpenAI(base_url="http://127.0.0.1/v1", api_key="k", http_client=http, max_retries=0)
        answer = await sdk.embeddings.create(model="auto", input="a red apple", user="ada")
    assert len(answer.data[0].embedding) == 32


def test_embeddings_relayed_have_no_field_of_ours(client: TestClient) -> None:
    """Translated ones have our object: what was not sent is warned of there."""
    asked = {"input": "a red apple", "user": "ada", "llm_service": {"use_cache": True}}
    relayed = client.post(PATH, json={**asked, "model": "mock/mock-embedding"}).json()
    translated = client.post(PATH, json={**asked, "model": "foreign/mock-embedding"}).json()
    first, second = (answer["data"][0]["embedding"] for answer in (relayed, translated))
    assert second == pytest.approx(first)
    assert "llm_service" not in relayed
    ours = translated["llm_service"]
    assert (ours["provider"], ours["cost_usd"], len(ours["attempts"])) == ("foreign", 0, 1)
    assert (ours["warnings"], ours["cache"]) == (["user was not sent: foreign has no field for it"], "miss")


@pytest.mark.parametrize("row", ["mock", "foreign"])
@pytest.mark.parametrize("more", [{}, {"encoding_format": "float"}])
def test_embeddings_that_are_kept_are_given_again(client: TestClient, row: str, more: dict[str, Any]) -> None:
    """The same bytes for nothing, relayed or translated; to the same request only, and until it is cleared."""

    def ask(*texts: str, **asked: Any) -> httpx2.Response:
        ours = {"llm_service": {"use_cache": True}}
        model = f"{row}/mock-embedding"
        return client.post(PATH, json={"model": model, "input": texts, **ours, **more, **asked})

    first, second = ask(*TEXTS), ask(*TEXTS)
    assert [told(first), told(second)] == [("miss", "1", "0"), ("hit", "0", "0")]
    assert second.json()["data"] == first.json()["data"]
    assert second.json()["usage"] == first.json()["usage"]
    assert (second.content == first.content) == (row == "mock")
    others = [ask(*reversed(TEXTS)), ask(*TEXTS, dimensions=8), ask(*TEXTS, user="ada"), ask(*TEXTS, llm_service={})]
    assert [told(one)[0] for one in others] == ["miss", "miss", "miss", "bypass"]
    stats = client.get("/api/v1/cache/stats").json()
    assert (stats["hits"], stats["keys"]) == (1, 4)
    assert client.post("/api/v1/cache/clear?model=mock-embedding").json()["cleared"] == 4
    assert told(ask(*TEXTS))[0] == "miss"


async def test_embeddings_that_are_asked_at_once_are_bought_once() -> None:
    """Fifty callers: one is billed, the others share it."""
    app = create_app(Settings(config=config()))
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            asked = {"model": "auto", "input": ["x" * 5000] * 20, "llm_service": {"use_cache": True}}
            answers = await asyncio.gather(*(http.post(PATH, json=asked) for _ in range(50)))
            statistics = (await http.get("/statistics")).json()
    results = sorted(told(answer)[0] for answer in answers)
    assert (results.count("miss"), results.count("coalesced") + results.count("hit")) == (1, 49)
    assert len({answer.content for answer in answers}) == 1
    assert statistics["total_requests_processed"] == 50


@pytest.mark.parametrize("tokens,count", [([1, 2, 3], 1), ([[1, 2], [3]], 2)])
def test_embeddings_of_tokens_go_to_who_can_read_them(client: TestClient, tokens: Any, count: int) -> None:
    """LangChain sends tokens for texts: a vendor of the dialect takes them, though another row comes first."""
    ours: Any = {"llm_service": {"preferred_provider": "foreign", "fallback_providers": ["mock"]}}
    raw = sdk_of(client).embeddings.with_raw_response.create(model="auto", input=tokens, extra_body=ours)
    assert (len(raw.parse().data), raw.headers["x-llm-provider"]) == (count, "mock")


def test_embeddings_of_tokens_are_refused_where_nobody_can_read_them(client: TestClient) -> None:
    """By name: no retry would help."""
    with pytest.raises(openai.BadRequestError, match="foreign cannot be asked for input") as caught:
        sdk_of(client).embeddings.create(
            model="foreign/mock-embedding",
            input=[[1, 2], [3]],
            extra_body={"llm_service": {"enable_fallback": False}},
        )
    assert caught.value.param == "input"


def test_embeddings_of_as_many_tokens_as_openai_takes_are_read(client: TestClient) -> None:
    """Three hundred thousand in one request; more values than in any conversation."""
    body = json.dumps({"model": "auto", "input": [[5] * 1500] * 200}).encode()
    answer = client.post(PATH, content=body, headers={"content-type": "application/json"})
    assert len(answer.json()["data"]) == 200
    many = json.dumps({"model": "auto", "input": [5] * 400_000}).encode()
    assert client.post(PATH, content=many, headers={"content-type": "application/json"}).status_code == 413


@pytest.mark.parametrize(
    "wrong,param",
    [
        ({"model": "auto"}, "input"),
        ({"input": "a"}, "model"),
        ({"model": "auto", "input": ["a", 5]}, "input.1"),
        ({"model": "auto", "input": "a", "dimensions": 0}, "dimensions"),
        ({"model": "auto", "input": "a", "llm_service": {"use_cash": True}}, "llm_service.use_cash"),
    ],
)
def test_embeddings_wrong_field_is_named(client: TestClient, wrong: dict[str, Any], param: str) -> None:
    """In the dialect's own document, as a 400."""
    answer = client.post(PATH, json=wrong)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "model,kind,status",
    [
        ("mock/mock-context-length", openai.BadRequestError, 400),
        ("nobody-has-it", openai.NotFoundError, 404),
        ("mock/mock-429", openai.RateLimitError, 429),
        ("mock/mock-503", openai.InternalServerError, 503),
    ],
)
def test_embeddings_failures_are_the_sdks_classes(
    client: TestClient, model: str, kind: type[openai.APIStatusError], status: int
) -> None:
    """By their status; what the service tried in vain the SDK does not repeat."""
    with pytest.raises(kind) as caught:
        sdk_of(client).embeddings.create(model=model, input="a")
    assert caught.value.status_code == status
    assert caught.value.request_id is not None


def test_embeddings_null_is_what_is_not_said(client: TestClient) -> None:
    """In every field that may be left out."""
    asked = {"model": "auto", "input": "a", "dimensions": None, "encoding_format": None, "user": None}
    answer = client.post(PATH, json={**asked, "llm_service": None})
    assert len(answer.json()["data"][0]["embedding"]) == 32


def test_embeddings_key_of_the_sdk_is_ours(make_client: MakeClient) -> None:
    """The caller's key opens the door, another does not."""
    client = make_client(admin=True, callers=True)
    for key in (CALLER_KEY, ADMIN_KEY):
        assert sdk_of(client, key).embeddings.create(model="auto", input="a").data
    with pytest.raises(openai.AuthenticationError):
        sdk_of(client, "sk-another").embeddings.create(model="auto", input="a")


def test_embeddings_are_counted_like_any_request(client: TestClient) -> None:
    """In the books as in the statistics."""
    client.post(PATH, json={"model": "auto", "input": "a red apple"})
    assert client.get("/statistics").json()["total_requests_processed"] == 1
