"""Does the SDK's tool runner, which has the vendor keep the conversation, work with a vendor that keeps none?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic, beta_tool

from app.wires.anthropic_messages import decode_error
from contracts.calls import Reply
from contracts.chat import FinishReason, Message, Part, Role, TextPart, ToolCallPart
from contracts.errors import InvalidRequestError, LLMProviderError
from tests.referees.inbound_anthropic.door import Door, opened_door

ASK: dict[str, Any] = {"model": "m", "max_tokens": 64, "messages": [{"role": "user", "content": "Weather?"}]}
WHOLE = ["user", "assistant", "tool"]


def answer(part: Part, finish: FinishReason = FinishReason.STOP) -> Reply:
    """One of a single part."""
    return Reply(message=Message(role=Role.ASSISTANT, content=(part,)), finish_reason=finish)


CALL = answer(ToolCallPart(id="call_1", name="look", arguments='{"at": "x"}'), FinishReason.TOOL_CALLS)
END = answer(TextPart(text="Rain."))


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """Our inbound half, served, without the developer's own proxy before it."""
    monkeypatch.setenv("NO_PROXY", "*")
    with opened_door() as opened:
        yield opened


@pytest.fixture
def client(door: Door) -> Iterator[Anthropic]:
    """The SDK."""
    with Anthropic(base_url=door.address, api_key="none", max_retries=0, timeout=10) as made:
        yield made


@beta_tool
def look(at: str) -> str:
    """What is to be seen."""
    return f"rain at {at}"


def roles(door: Door) -> list[str]:
    """Who speaks in the last request."""
    return [turn.role.value for turn in door.understood[-1].conversation.messages]


def run(door: Door, client: Anthropic, *refusals: LLMProviderError) -> list[str]:
    """What the tool runner hears after its call; `refusals` come when the call was answered."""
    door.will_answer(CALL)
    steps = client.beta.messages.tool_runner(**ASK, tools=[look])
    heard: list[str] = []
    for number, step in enumerate(steps):
        door.will_answer(END)
        door.refusals.extend(refusals if number == 0 else ())
        heard += [block.text for block in step.content if block.type == "text"]
    return heard


def refused(**error: Any) -> LLMProviderError:
    """Our error for one of the vendor's."""
    body = json.dumps({"type": "error", "error": error}).encode()
    return decode_error(404, {}, body, provider="anthropic", model="m", now=datetime(2026, 11, 22, tzinfo=UTC))


def test_tool_runner_sends_everything_where_nobody_keeps_a_thread(door: Door, client: Anthropic) -> None:
    """It asks once for a thread, is told that there is none, and goes on by itself."""
    door.keeps_threads = False
    assert run(door, client) == ["Rain."]
    assert [bool(one.demands) for one in door.understood] == [True, False, False]
    assert roles(door) == WHOLE


def test_tool_runner_sends_what_is_new_where_a_thread_is_kept(door: Door, client: Anthropic) -> None:
    """Its results answer calls that only the vendor remembers."""
    assert run(door, client) == ["Rain."]
    assert [demand.field for one in door.understood for demand in one.demands] == ["thread", "thread"]
    assert roles(door) == ["tool"]


@pytest.mark.parametrize("code", ["thread_not_found", "thread_already_continued", "thread_continue_in_flight"])
def test_thread_that_the_vendor_lost_is_begun_anew(door: Door, client: Anthropic, code: str) -> None:
    """The vendor's own `details` reach the SDK, which sends the whole conversation again."""
    lost = refused(type="not_found_error", message="Gone.", details={"error_code": code})
    assert type(lost) is InvalidRequestError
    assert run(door, client, lost) == ["Rain."]
    assert roles(door) == WHOLE
    assert len(door.understood) == 3


def test_sdk_shows_the_vendors_own_words(door: Door, client: Anthropic) -> None:
    """Class, type and message are those that a program for the vendor knows."""
    door.will_fail(refused(type="not_found_error", message="Gone.", details={"error_code": "thread_not_found"}))
    with pytest.raises(anthropic.NotFoundError) as caught:
        client.messages.create(**ASK)
    body: Any = caught.value.body
    assert caught.value.type == "not_found_error"
    assert (body["error"]["message"], body["error"]["details"]) == ("Gone.", {"error_code": "thread_not_found"})
