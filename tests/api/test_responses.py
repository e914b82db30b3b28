"""POST /v1/responses: OpenAI's SDK at a vendor of another dialect, so that all is translated."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from starlette.testclient import TestClient

from tests.api.conftest import MakeClient

PATH = "/v1/responses"
LOOK: Any = {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}, "strict": False}


@pytest.fixture
def sdk(client: TestClient) -> openai.OpenAI:
    """OpenAI's SDK, of which only the address and the key are ours."""
    return openai.OpenAI(base_url="http://testserver/v1", api_key="sk-x", http_client=client, max_retries=0)


def test_responses_answer_the_sdk(sdk: openai.OpenAI) -> None:
    """Text, usage, the model that served, and our own object beside them."""
    answer = sdk.responses.create(model="auto", input="hello there")
    assert (answer.output_text, answer.status, answer.model) == ("[mock] hello there", "completed", "mock-echo")
    assert answer.usage is not None
    assert answer.usage.total_tokens > 0
    assert answer.model_extra is not None
    ours = answer.model_extra["llm_service"]
    assert (ours["provider"], ours["cost_usd"], ours["cache"]) == ("mock", 0, "bypass")
    assert answer.id == f"resp_{ours['request_id']}"
    assert answer._request_id == ours["request_id"]


def test_responses_stream_to_the_sdk(sdk: openai.OpenAI) -> None:
    """Its helper puts the answer together from our events."""
    with sdk.responses.stream(model="auto", input="hello there") as stream:
        kinds = [event.type for event in stream]
        answer = stream.get_final_response()
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    assert answer.output_text == "[mock] hello there"
    assert answer.usage is not None


def test_responses_stream_says_what_it_took_in_its_last_event(client: TestClient) -> None:
    """In our own field."""
    text = client.post(PATH, json={"model": "auto", "input": "hello", "stream": True}).text
    assert text.rstrip().splitlines()[-2] == "event: response.completed"
    last = json.loads(text.rstrip().splitlines()[-1].removeprefix("data: "))
    assert '"llm_service":{"request_id":' in text
    assert last["type"] == "response.completed"
    assert ": llm_service" not in text


def test_responses_tool_call_reaches_the_sdk(sdk: openai.OpenAI) -> None:
    """And its result goes back."""
    asked: list[Any] = [{"role": "user", "content": "look"}]
    answer = sdk.responses.create(model="auto", input=asked, tools=[LOOK], tool_choice="required")
    (call,) = answer.output
    assert call.type == "function_call"
    assert call.name == "look"
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "42"}
    again = sdk.responses.create(model="auto", input=[*asked, call, result], tools=[LOOK])
    assert again.output_text == "[mock] look"


@pytest.mark.parametrize("field,value", [("previous_response_id", "resp_1"), ("conversation", "conv_1")])
def test_responses_state_of_a_vendor_is_refused_by_name(sdk: openai.OpenAI, field: str, value: Any) -> None:
    """Nobody here speaks the dialect in which it could be had."""
    with pytest.raises(openai.BadRequestError) as caught:
        sdk.responses.create(model="auto", input="x", **{field: value})
    assert caught.value.param == field


def test_responses_hints_are_named_when_they_are_left_out(sdk: openai.OpenAI) -> None:
    """A vendor of another dialect has no field for them."""
    answer = sdk.responses.create(model="auto", input="x", service_tier="flex")
    assert answer.model_extra is not None
    (warning,) = answer.model_extra["llm_service"]["warnings"]
    assert "service_tier" in warning


def test_responses_failure_in_mid_stream_is_the_sdks_error(sdk: openai.OpenAI) -> None:
    """The stream ends as failed, and the SDK raises."""
    ours = {"stream_recovery": "error"}
    stream = sdk.responses.create(model="mock/mock-cut", input="one two", stream=True, extra_body={"llm_service": ours})
    with pytest.raises(openai.APIError):
        list(stream)


@pytest.mark.parametrize(
    "model,kind",
    [("mock/mock-429", openai.RateLimitError), ("mock/mock-404", openai.NotFoundError)],
)
def test_responses_failures_are_the_sdks_classes(
    sdk: openai.OpenAI, model: str, kind: type[openai.APIStatusError]
) -> None:
    """As with chat completions."""
    with pytest.raises(kind) as caught:
        sdk.responses.create(model=model, input="x", extra_body={"llm_service": {"enable_fallback": False}})
    assert caught.value.response.headers["x-should-retry"] == "false"


def test_responses_need_a_key_where_one_is_set(make_client: MakeClient) -> None:
    """Without one it is the dialect's 401."""
    answer = make_client(admin=True).post(PATH, json={"model": "auto", "input": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")
