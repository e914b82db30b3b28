"""POST /v1/chat/completions: OpenAI's SDK, and what a caller without one sees."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import openai
import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from contracts import LLMRequest
from tests.api.conftest import ADMIN_KEY, CALLER_KEY, MakeClient, config
from tests.unit.http.asgi import Exchange, local_scope

PATH = "/v1/chat/completions"
HELLO: list[Any] = [{"role": "user", "content": "hello there"}]
LOOK: Any = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


@pytest.fixture
def sdk(client: TestClient) -> openai.OpenAI:
    """OpenAI's SDK, of which only the address and the key are ours."""
    return sdk_of(client)


def sdk_of(client: TestClient, key: str = "sk-whatever") -> openai.OpenAI:
    """The SDK, over `client`."""
    return openai.OpenAI(base_url="http://testserver/v1", api_key=key, http_client=client, max_retries=0)


def body(**fields: Any) -> dict[str, Any]:
    """A request for a greeting."""
    return {"model": "auto", "messages": HELLO, **fields}


def test_chat_answers_the_sdk(sdk: openai.OpenAI) -> None:
    """A vendor of the same dialect answers in its own words, and our headers say what it took."""
    raw = sdk.chat.completions.with_raw_response.create(model="auto", messages=HELLO)
    answer = raw.parse()
    assert answer.choices[0].message.content == "[mock] hello there"
    assert (answer.id, answer.choices[0].finish_reason) == ("chatcmpl-mock", "stop")
    assert answer.usage is not None
    assert answer.usage.total_tokens > 0
    assert answer._request_id == raw.headers["x-request-id"]
    told = ("x-llm-provider", "x-llm-model", "x-llm-attempts", "x-llm-cache", "x-llm-cost-usd")
    assert [raw.headers[name] for name in told] == ["mock", "mock-echo", "1", "bypass", "0"]


def test_chat_streams_to_the_sdk(sdk: openai.OpenAI) -> None:
    """Its events are the vendor's; the usage comes to whoever asks for it."""
    stream = sdk.chat.completions.create(
        model="mock/mock-echo", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "[mock] hello there"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None


def test_chat_stream_without_usage_has_none(sdk: openai.OpenAI) -> None:
    """The vendor was asked for it, its caller was not."""
    chunks = list(sdk.chat.completions.create(model="auto", messages=HELLO, stream=True))
    assert chunks
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)


def test_chat_stream_says_what_it_took_in_a_comment(client: TestClient) -> None:
    """Before its finish; no data of the vendor is touched."""
    text = client.post(PATH, json=body(stream=True)).text
    comment, rest = text.partition(": llm_service ")[2].split("\n\n", maxsplit=1)
    told = json.loads(comment)
    assert (told["provider"], told["cost_usd"], len(told["attempts"])) == ("mock", 0, 1)
    assert '"finish_reason": "stop"' in rest
    assert '"finish_reason": "stop"' not in text.partition(": llm_service ")[0]
    assert rest.endswith("data: [DONE]\n\n")


def test_chat_stream_that_breaks_off_is_gone_on_with(client: TestClient) -> None:
    """Another row writes the rest under the first one's id, and the last chunk says so."""
    ours = {"fallback_providers": ["second/mock-echo"]}
    text = client.post(PATH, json=body(model="mock/mock-cut", stream=True, llm_service=ours)).text
    chunks = [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: {")]
    assert {chunk["id"] for chunk in chunks} == {"chatcmpl-mock"}
    assert [leg["provider"] for leg in chunks[-1]["llm_service"]["legs"]] == ["mock", "second"]
    assert text.endswith("data: [DONE]\n\n")


def test_chat_stream_that_breaks_for_good_is_the_sdks_error(sdk: openai.OpenAI) -> None:
    """It is never called whole: the SDK raises."""
    stream = sdk.chat.completions.create(
        model="mock/mock-cut",
        messages=HELLO,
        stream=True,
        extra_body={"llm_service": {"stream_recovery": "error"}},
    )
    with pytest.raises(openai.APIError) as caught:
        list(stream)
    assert caught.value.code == "provider_protocol"


def test_chat_stream_is_held_back_where_that_is_asked(client: TestClient) -> None:
    """`buffer`: the answer of who could give it whole, written by us."""
    ours = {"fallback_providers": ["second/mock-echo"], "stream_recovery": "buffer"}
    text = client.post(PATH, json=body(model="mock/mock-cut", stream=True, llm_service=ours)).text
    assert "[mock] hello there" in text
    assert '"provider":"second"' in text
    assert text.endswith("data: [DONE]\n\n")


def test_chat_tool_call_reaches_the_sdk(sdk: openai.OpenAI) -> None:
    """And its result goes back."""
    asked: list[Any] = [{"role": "user", "content": "look"}]
    message = (
        sdk.chat.completions.create(model="auto", messages=asked, tools=[LOOK], tool_choice="required")
        .choices[0]
        .message
    )
    assert message.tool_calls is not None
    call = message.tool_calls[0]
    assert call.type == "function"
    assert call.function.name == "look"
    result = {"role": "tool", "tool_call_id": call.id, "content": "42"}
    again = sdk.chat.completions.create(model="auto", messages=[*asked, message, result], tools=[LOOK])
    assert again.choices[0].message.content == "[mock] look"


@pytest.mark.parametrize(
    "model,kind,status",
    [
        ("mock/mock-context-length", openai.BadRequestError, 400),
        ("mock/mock-content-policy", openai.BadRequestError, 400),
        ("mock/mock-404", openai.NotFoundError, 404),
        ("mock/mock-429", openai.RateLimitError, 429),
        ("mock/mock-401", openai.InternalServerError, 502),
        ("mock/mock-503", openai.InternalServerError, 503),
        ("mock/mock-unreadable", openai.InternalServerError, 502),
    ],
)
@pytest.mark.parametrize("is_stream", [False, True])
def test_chat_failures_are_the_sdks_classes(
    sdk: openai.OpenAI, model: str, kind: type[openai.APIStatusError], status: int, is_stream: bool
) -> None:
    """By their status; what the service tried in vain the SDK does not repeat."""
    ours = {"enable_fallback": False}
    with pytest.raises(kind) as caught:
        sdk.chat.completions.create(model=model, messages=HELLO, stream=is_stream, extra_body={"llm_service": ours})
    assert caught.value.status_code == status
    assert caught.value.request_id is not None
    assert caught.value.response.headers["x-should-retry"] == "false"


@pytest.mark.parametrize(
    "wrong,param",
    [
        ({"messages": HELLO}, "model"),
        ({"model": "auto"}, "messages"),
        (body(temperature=3), "temperature"),
        (body(messages=[{"content": "x"}]), "messages.0.role"),
        (body(llm_service={"use_cash": True}), "llm_service.use_cash"),
    ],
)
def test_chat_wrong_field_is_named(client: TestClient, wrong: dict[str, Any], param: str) -> None:
    """In the dialect's own document, as a 400."""
    answer = client.post(PATH, json=wrong)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "method,path,content,headers,status",
    [
        ("POST", PATH, b'{"model": "auto"', {"content-type": "application/json"}, 400),
        ("POST", PATH, b'{"model": "a", "model": "b"}', {"content-type": "application/json"}, 400),
        ("POST", PATH, b"x" * 32_000_001, {"content-type": "application/json"}, 413),
        ("POST", PATH, b"<x/>", {"content-type": "text/xml"}, 415),
        ("GET", PATH, b"", {}, 405),
        ("POST", "/v1/completions", b"{}", {"content-type": "application/json"}, 404),
        ("POST", PATH, b"{}", {"content-type": "application/json", "x-correlation-id": "x" * 129}, 400),
    ],
)
def test_chat_refusals_are_in_the_dialect(
    client: TestClient, method: str, path: str, content: bytes, headers: dict[str, str], status: int
) -> None:
    """Whatever refuses it: the reader of bodies, the router, the edge."""
    answer = client.request(method, path, content=content, headers=headers)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert {"message", "type", "param", "code"} <= set(error)
    assert error["llm_service"]["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["content-type"] == "application/json"


def test_chat_key_of_the_sdk_is_ours(make_client: MakeClient) -> None:
    """The caller's key opens the door; another one is the SDK's own error, which it does not repeat."""
    client = make_client(admin=True, callers=True)
    for key in (CALLER_KEY, ADMIN_KEY):
        assert sdk_of(client, key).chat.completions.create(model="auto", messages=HELLO).choices
    with pytest.raises(openai.AuthenticationError) as caught:
        sdk_of(client, "sk-another").chat.completions.create(model="auto", messages=HELLO)
    assert caught.value.response.headers["www-authenticate"].startswith("Bearer")
    assert "x-should-retry" not in caught.value.response.headers


def test_chat_unknown_model_is_told_the_nearest(client: TestClient) -> None:
    """By the names that this service knows."""
    for model in ("mock-ecko", "mock/mock-ecko"):
        answer = client.post(PATH, json=body(model=model, llm_service={"enable_fallback": False}))
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
        assert "did you mean mock" in answer.json()["error"]["message"]


def test_chat_shares_cache_and_books_with_process(client: TestClient) -> None:
    """An answer is bought once, and counted like any."""
    asked = body(llm_service={"use_cache": True})
    answers = [client.post(PATH, json=asked) for _ in range(2)]
    assert [answer.headers["x-llm-cache"] for answer in answers] == ["miss", "hit"]
    assert answers[0].json()["choices"] == answers[1].json()["choices"]
    assert client.get("/statistics").json()["total_requests_processed"] == 2


def test_chat_defaults_are_the_contracts(client: TestClient) -> None:
    """What `/process` and the surface answer to the same words is the same."""
    asked = LLMRequest(prompt="hello there").model_dump(mode="json", exclude_unset=True)
    content = client.post(PATH, json=body()).json()["choices"][0]["message"]["content"]
    assert content == client.post("/process", json=asked).json()["content"]


async def test_chat_caller_who_leaves_ends_the_call() -> None:
    """A silent vendor keeps nothing busy once its caller has gone, plain or streamed."""
    app = create_app(Settings(config=config()))
    async with app.router.lifespan_context(app):
        for is_stream in (False, True):
            scope = local_scope("POST", PATH, {"content-type": "application/json"})
            asked = json.dumps(body(model="mock/mock-silent", stream=is_stream)).encode()
            exchange = Exchange(app, scope, asked)
            exchange.leaving.set()
            async with asyncio.timeout(3):
                await exchange.run()
            assert exchange.status == 499
