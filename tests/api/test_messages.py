"""POST /v1/messages: Anthropic's SDK at a vendor of another dialect, so that all is translated."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import pytest
from starlette.testclient import TestClient

from tests.api.conftest import CALLER_KEY, MakeClient

PATH = "/v1/messages"
HELLO: list[Any] = [{"role": "user", "content": "hello there"}]
LOOK: Any = {"name": "look", "input_schema": {"type": "object", "properties": {}}}


@pytest.fixture
def sdk(client: TestClient) -> anthropic.Anthropic:
    """Anthropic's SDK, of which only the address and the key are ours."""
    return sdk_of(client)


def sdk_of(client: TestClient, key: str = "sk-ant-whatever") -> anthropic.Anthropic:
    """The SDK, over `client`."""
    return anthropic.Anthropic(base_url="http://testserver", api_key=key, http_client=client, max_retries=0)


def body(**fields: Any) -> dict[str, Any]:
    """A request for a greeting."""
    return {"model": "auto", "messages": HELLO, "max_tokens": 64, **fields}


def test_messages_answer_the_sdk(sdk: anthropic.Anthropic) -> None:
    """Text, usage, the model that served, our own object, and the id that the SDK shows."""
    answer = sdk.messages.create(**body())
    (block,) = answer.content
    assert block.type == "text"
    assert (block.text, answer.stop_reason, answer.model) == ("[mock] hello there", "end_turn", "mock-echo")
    assert answer.usage.output_tokens > 0
    assert answer.model_extra is not None
    ours = answer.model_extra["llm_service"]
    assert (ours["provider"], ours["cost_usd"]) == ("mock", 0)
    assert answer._request_id == ours["request_id"]


def test_messages_stream_to_the_sdk(sdk: anthropic.Anthropic) -> None:
    """Its helper puts the answer together from our events."""
    with sdk.messages.stream(**body()) as stream:
        text = "".join(stream.text_stream)
        answer = stream.get_final_message()
    assert text == "[mock] hello there"
    assert (answer.stop_reason, answer.usage.output_tokens > 0) == ("end_turn", True)


def test_messages_stream_says_what_it_took(client: TestClient) -> None:
    """In our own field, before the stream's end."""
    text = client.post(PATH, json=body(stream=True)).text
    assert '"llm_service":{"request_id":' in text
    assert text.rstrip().splitlines()[-2] == "event: message_stop"


def test_messages_tool_call_reaches_the_sdk(sdk: anthropic.Anthropic) -> None:
    """And its result goes back."""
    asked: list[Any] = [{"role": "user", "content": "look"}]
    answer = sdk.messages.create(**body(messages=asked, tools=[LOOK], tool_choice={"type": "any"}))
    (call,) = answer.content
    assert call.type == "tool_use"
    assert (call.name, answer.stop_reason) == ("look", "tool_use")
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "42"}
    turns = [*asked, {"role": "assistant", "content": answer.content}, {"role": "user", "content": [result]}]
    again = sdk.messages.create(**body(messages=turns, tools=[LOOK]))
    assert again.content[0].type == "text"


def test_messages_failure_in_mid_stream_is_the_sdks_error(sdk: anthropic.Anthropic) -> None:
    """An `error` event, after which nothing follows."""
    ours = {"stream_recovery": "error"}
    with (
        pytest.raises(anthropic.APIStatusError),
        sdk.messages.stream(**body(model="mock/mock-cut"), extra_body={"llm_service": ours}) as stream,
    ):
        stream.get_final_message()


@pytest.mark.parametrize(
    "model,kind,status",
    [
        ("mock/mock-context-length", anthropic.BadRequestError, 400),
        ("mock/mock-404", anthropic.NotFoundError, 404),
        ("mock/mock-429", anthropic.RateLimitError, 429),
        ("mock/mock-503", anthropic.InternalServerError, 503),
    ],
)
def test_messages_failures_are_the_sdks_classes(
    sdk: anthropic.Anthropic, model: str, kind: type[anthropic.APIStatusError], status: int
) -> None:
    """By their status; what the service tried in vain the SDK does not repeat."""
    with pytest.raises(kind) as caught:
        sdk.messages.create(**body(model=model), extra_body={"llm_service": {"enable_fallback": False}})
    assert caught.value.status_code == status
    assert caught.value.request_id == caught.value.response.headers["x-request-id"]
    assert caught.value.response.headers["x-should-retry"] == "false"


@pytest.mark.parametrize(
    "changes,says",
    [
        ({"model": None}, "model: is required"),
        ({"max_tokens": None}, "max_tokens: is required"),
        ({"llm_service": {"use_cash": True}}, "llm_service.use_cash"),
    ],
)
def test_messages_wrong_field_is_named(client: TestClient, changes: dict[str, Any], says: str) -> None:
    """In the dialect's own document, as a 400."""
    answer = client.post(PATH, json=body(**changes))
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert says in answer.json()["error"]["message"]


def test_messages_wrong_version_is_refused(client: TestClient) -> None:
    """By the name of its header."""
    answer = client.post(PATH, json=body(), headers={"anthropic-version": "yesterday"})
    assert (answer.status_code, answer.json()["type"]) == (400, "error")
    assert "anthropic-version" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "method,path,content,headers,status,kind",
    [
        ("POST", PATH, b"{", {"content-type": "application/json"}, 400, "invalid_request_error"),
        ("POST", PATH, b"<x/>", {"content-type": "text/xml"}, 415, "invalid_request_error"),
        ("GET", PATH, b"", {}, 405, "invalid_request_error"),
        ("POST", f"{PATH}/batches", b"{}", {}, 404, "not_found_error"),
        ("GET", "/v1/files", b"", {"anthropic-version": "2023-06-01"}, 404, "not_found_error"),
    ],
)
def test_messages_refusals_are_in_the_dialect(
    client: TestClient, method: str, path: str, content: bytes, headers: dict[str, str], status: int, kind: str
) -> None:
    """Whatever refuses it: the reader of bodies, the router, the edge."""
    answer = client.request(method, path, content=content, headers=headers)
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind)
    assert answer.json()["request_id"] == answer.headers["request-id"] == answer.headers["x-request-id"]


def test_messages_key_of_the_sdk_is_ours(make_client: MakeClient) -> None:
    """It comes as `x-api-key`; another one is the SDK's own error."""
    client = make_client(admin=True, callers=True)
    assert sdk_of(client, CALLER_KEY).messages.create(**body()).content
    with pytest.raises(anthropic.AuthenticationError):
        sdk_of(client, "sk-ant-another").messages.create(**body())


def test_messages_beta_client_is_answered_too(sdk: anthropic.Anthropic) -> None:
    """It calls the same path with `?beta=true`."""
    answer = sdk.beta.messages.create(**body(), betas=["interleaved-thinking-2025-05-14"])
    assert json.loads(answer.to_json())["content"][0]["text"] == "[mock] hello there"
