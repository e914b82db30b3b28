"""What does a stream hold that an SDK would forgive: two ids, two ends, numbers out of order? Read from its bytes."""

from __future__ import annotations

import json
from typing import Any


def events_of(text: str) -> list[dict[str, Any]]:
    """The documents of the events; comments and `[DONE]` are none."""
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def assert_one_chat_answer(text: str) -> None:
    """One id, one role, one finish, one end."""
    chunks = events_of(text)
    assert len({chunk["id"] for chunk in chunks}) == 1
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    assert len([choice for choice in choices if choice.get("finish_reason")]) == 1
    assert len([choice for choice in choices if choice["delta"].get("role")]) == 1
    assert text.count("data: [DONE]") == 1
    assert text.rstrip().endswith("data: [DONE]")


def assert_one_response(text: str) -> None:
    """One id, one beginning, one end; numbers rise, and every item that is opened is closed once, in its place."""
    events = events_of(text)
    assert len({event["response"]["id"] for event in events if "response" in event}) == 1
    numbers = [event["sequence_number"] for event in events]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    kinds = [event["type"] for event in events]
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    assert (kinds.count("response.created"), kinds.count("response.completed")) == (1, 1)
    for edge in ("output_item", "content_part"):
        assert kinds.count(f"response.{edge}.added") == kinds.count(f"response.{edge}.done") == 1
    assert len({event["item_id"] for event in events if "item_id" in event}) == 1


def assert_one_message(text: str) -> None:
    """One beginning, one end, and each block opened and closed in its turn."""
    events = events_of(text)
    kinds = [event["type"] for event in events]
    assert (kinds[0], kinds[-1]) == ("message_start", "message_stop")
    for kind in ("message_start", "message_delta", "message_stop"):
        assert kinds.count(kind) == 1
    edges = [(event["type"], event["index"]) for event in events if event["type"].startswith("content_block_st")]
    blocks = range(len(edges) // 2)
    assert edges == [(f"content_block_{edge}", number) for number in blocks for edge in ("start", "stop")]


ONE_ANSWER = {"chat": assert_one_chat_answer, "responses": assert_one_response, "messages": assert_one_message}
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
QUESTIONS: dict[str, dict[str, Any]] = {
    "chat": {"messages": [{"role": "user", "content": "A pangram?"}]},
    "responses": {"input": "A pangram?"},
    "messages": {"messages": [{"role": "user", "content": "A pangram?"}], "max_tokens": 99},
}
