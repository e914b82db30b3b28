"""Which surfaces are there, and what does each make of an answer?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.surfaces.dialects import CHAT_COMPLETIONS, MESSAGES, RESPONSES
from app.surfaces.surface import Door
from app.surfaces.token_counts import COUNTED_MESSAGES
from contracts import DoneEvent, FinishReason, LLMResponse, Message, Reply, StartEvent, ToolCallEvent
from contracts.chat import Role, ToolCallPart
from contracts.kept_state import is_kept, states_in
from contracts.surfaces import Completion
from tests.unit.http.fake_service import FakeService
from tests.unit.http.fake_stream import FakeStream
from tests.unit.http.fake_surfaces import ANSWER

CALL = Message(role=Role.ASSISTANT, content=(ToolCallPart(id="c1", name="look", arguments="{}"),))
CALLED: LLMResponse = ANSWER.model_copy(update={"message": CALL, "finish_reason": FinishReason.TOOL_CALLS})
START = StartEvent(request_id="req_1", correlation_id="c-1", provider="local", model="m")
HELLO: list[Any] = [{"role": "user", "content": "x"}]


@pytest.fixture
def doors(service: FakeService) -> Iterator[TestClient]:
    """A client of the whole app over the fake service."""
    with TestClient(create_app(Settings(), service=service)) as client:
        yield client


def test_chat_whoever_asks_in_the_older_form_reads_it(doors: TestClient, service: FakeService) -> None:
    """`functions` are answered by a `function_call`, whole and streamed."""
    service.completion = Completion(response=CALLED, reply=Reply(message=CALL, finish_reason=FinishReason.TOOL_CALLS))
    service.stream = FakeStream(START, ToolCallEvent(index=0, id="c1", name="look"), DoneEvent(response=CALLED))
    asked = {"model": "m", "messages": HELLO, "functions": [{"name": "look", "parameters": {"type": "object"}}]}
    choice = doors.post("/v1/chat/completions", json=asked).json()["choices"][0]
    assert (choice["finish_reason"], choice["message"]["function_call"]["name"]) == ("function_call", "look")
    assert '"function_call":{"name":"look"' in doors.post("/v1/chat/completions", json={**asked, "stream": True}).text


def test_chat_usage_of_a_stream_comes_to_who_asked_for_it(doors: TestClient, service: FakeService) -> None:
    """Written in the dialect, it has a chunk of its own."""
    asked: dict[str, Any] = {"model": "m", "messages": HELLO, "stream": True}
    for options, has_usage in ((None, False), ({"include_usage": True}, True)):
        service.stream = FakeStream(START, DoneEvent(response=ANSWER))
        text = doors.post("/v1/chat/completions", json={**asked, "stream_options": options}).text
        assert ('"usage":{"prompt_tokens"' in text) is has_usage
        assert text.endswith("data: [DONE]\n\n")


def test_responses_repeat_what_was_asked(doors: TestClient) -> None:
    """As the vendor's do: instructions, limits, tools."""
    asked = {"model": "m", "input": "x", "instructions": "Be brief.", "max_output_tokens": 9}
    answer = doors.post("/v1/responses", json=asked).json()
    assert (answer["instructions"], answer["max_output_tokens"]) == ("Be brief.", 9)
    assert answer["llm_service"]["provider"] == ANSWER.provider
    assert "llm_service" not in answer["metadata"]


def test_surfaces_speak_their_dialect_while_the_service_ends(doors: TestClient) -> None:
    """A call that comes too late is told so by the edge itself, and is worth sending again."""
    edge: Any = doors.app.state.edge  # type: ignore[attr-defined]
    edge.close()
    openai = doors.post("/v1/chat/completions", json={})
    anthropic = doors.post("/v1/messages", json={})
    assert (openai.status_code, openai.json()["error"]["code"]) == (503, "shutting_down")
    assert (anthropic.status_code, anthropic.json()["error"]["type"]) == (503, "overloaded_error")
    for answer in (openai, anthropic):
        assert (answer.headers["retry-after-ms"], answer.headers["retry-after"]) == ("1000", "1")
        assert "x-should-retry" not in answer.headers


def test_surfaces_defects_are_in_the_dialect(doors: TestClient, service: FakeService) -> None:
    """A 500 that tells nothing, and that SDKs do not repeat."""
    service.completion = RuntimeError("s3cret")
    answer = doors.post("/v1/chat/completions", json={"model": "m", "messages": HELLO})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert answer.headers["x-should-retry"] == "false"
    assert "s3cret" not in answer.text


@pytest.mark.parametrize("door", [CHAT_COMPLETIONS, COUNTED_MESSAGES, MESSAGES, RESPONSES])
def test_stateless_fields_build_on_nothing_and_have_nothing_kept(door: Door) -> None:
    """What is taken for granted of a body that has no others is what a look at each field says."""
    for value in ("id_1", {"id": "id_1", "previous_message_id": "id_1"}, [{"id": "id_1"}]):
        body = dict.fromkeys(door.stateless, value)
        assert states_in(body) == ()
        assert not body or not is_kept(door.wire, body)
