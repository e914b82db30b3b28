"""POST /v1/messages/count_tokens: Anthropic's SDK at a vendor that counts nothing, so that all is estimated."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from starlette.testclient import TestClient

PATH = "/v1/messages/count_tokens"
HELLO: list[Any] = [{"role": "user", "content": "hello there"}]


@pytest.fixture
def sdk(client: TestClient) -> anthropic.Anthropic:
    """Anthropic's SDK, of which only the address and the key are ours."""
    return anthropic.Anthropic(
        base_url="http://testserver",
        api_key="whatever",
        http_client=client,
        max_retries=0,
        _strict_response_validation=True,
    )


def test_tokens_are_counted_for_the_sdk(sdk: anthropic.Anthropic) -> None:
    """Nobody counts for the mock vendor, and our own object says so."""
    count = sdk.messages.count_tokens(model="auto", messages=HELLO)
    assert count.input_tokens == 7
    assert count.model_extra is not None
    ours = count.model_extra["llm_service"]
    assert (ours["provider"], ours["model"], ours["is_estimated"]) == ("mock", "mock-echo", True)
    assert "no counter" in ours["warnings"][-1]
    assert ours["request_id"] == count._request_id


def test_longer_request_counts_more(sdk: anthropic.Anthropic) -> None:
    """Instructions and tools are sent like words."""
    tools: list[Any] = [{"name": "look", "description": "looks at what is there", "input_schema": {"type": "object"}}]
    short = sdk.messages.count_tokens(model="auto", messages=HELLO).input_tokens
    instructed = sdk.messages.count_tokens(model="auto", messages=HELLO, system="Be brief.").input_tokens
    equipped = sdk.messages.count_tokens(model="auto", messages=HELLO, tools=tools).input_tokens
    assert short < instructed < equipped


def test_count_is_in_the_headers_who_would_answer(client: TestClient) -> None:
    """As with an answer."""
    answer = client.post(PATH, json={"model": "second/mock-echo", "messages": HELLO})
    assert (answer.headers["x-llm-provider"], answer.headers["x-llm-model"]) == ("second", "mock-echo")


@pytest.mark.parametrize(
    "body,status,says",
    [
        ({"model": "auto"}, 400, "messages: is required"),
        ({"messages": HELLO}, 400, "model: is required"),
        ({"model": "nobodys", "messages": HELLO}, 404, "nobodys"),
        ({"model": "auto", "messages": HELLO, "container": "c"}, 400, "container"),
    ],
)
def test_request_that_cannot_be_counted_is_refused(
    client: TestClient, body: dict[str, Any], status: int, says: str
) -> None:
    """In the dialect's own document: what could not be asked is not counted either."""
    answer = client.post(PATH, json=body)
    assert answer.status_code == status
    assert answer.json()["type"] == "error"
    assert says in answer.text


def test_version_of_the_dialect_is_checked(client: TestClient) -> None:
    """As for a message."""
    answer = client.post(PATH, json={"model": "auto", "messages": HELLO}, headers={"anthropic-version": "yesterday"})
    assert answer.status_code == 400
