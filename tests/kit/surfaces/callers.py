"""How does a program that uses an official SDK hold a conversation at each surface?

Only the address and the key are ours. What the SDK makes of an answer goes back into the next request as it is, the way
the vendors' own examples do it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import anthropic
import openai
from starlette.testclient import TestClient

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
LOOK = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
SHAPE = {
    "type": "object",
    "properties": {"sum": {"type": "number"}},
    "required": ["sum"],
    "additionalProperties": False,
}
KEY = "sk-of-the-caller"


@dataclass(frozen=True, slots=True)
class Heard:
    """What the SDK made of an answer: `calls` are (id, name, arguments), `finish` the dialect's own word."""

    id: str
    text: str
    calls: list[tuple[str, str, Any]]
    finish: str
    tokens: tuple[int, int]
    thoughts: str = ""
    raw: Any = field(default=None, repr=False)


class Caller(Protocol):
    """A program with its conversation; the tool `look` is offered from the start."""

    def ask(self, text: str, *, picture: bool = False) -> None:
        """The user says `text`, perhaps with an image."""
        ...

    def show(self, call_id: str, result: str) -> None:
        """What the tool gave."""
        ...

    def hear(self, *, stream: bool, **fields: Any) -> Heard:
        """The answer, which is then part of the conversation; raises what the SDK raises."""
        ...


class ChatCaller:
    """OpenAI's SDK at /v1/chat/completions."""

    finishes = ("stop", "tool_calls")
    effort: ClassVar[dict[str, Any]] = {"reasoning_effort": "low"}
    shape: ClassVar[dict[str, Any]] = {
        "response_format": {"type": "json_schema", "json_schema": {"name": "total", "strict": True, "schema": SHAPE}}
    }

    def __init__(self, client: TestClient, model: str) -> None:
        self._sdk = openai.OpenAI(base_url="http://testserver/v1", api_key=KEY, http_client=client, max_retries=0)
        self._model = model
        self.turns: list[Any] = []
        self.tools: list[Any] = [{"type": "function", "function": {"name": "look", "parameters": LOOK}}]

    def ask(self, text: str, *, picture: bool = False) -> None:
        """See Caller."""
        image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
        content = [{"type": "text", "text": text}, image] if picture else text
        self.turns.append({"role": "user", "content": content})

    def show(self, call_id: str, result: str) -> None:
        """See Caller."""
        self.turns.append({"role": "tool", "tool_call_id": call_id, "content": result})

    def hear(self, *, stream: bool, **fields: Any) -> Heard:
        """See Caller."""
        asked: Any = {"model": self._model, "messages": self.turns, "tools": self.tools or openai.omit, **fields}
        if stream:
            with self._sdk.chat.completions.stream(**asked, stream_options={"include_usage": True}) as opened:
                answer: Any = opened.get_final_completion()
        else:
            answer = self._sdk.chat.completions.create(**asked)
        message = answer.choices[0].message
        self.turns.append(message)
        calls = [(one.id, one.function.name, json.loads(one.function.arguments)) for one in message.tool_calls or []]
        return Heard(
            id=answer.id,
            text=message.content or "",
            calls=calls,
            finish=answer.choices[0].finish_reason,
            tokens=(answer.usage.prompt_tokens, answer.usage.completion_tokens),
            thoughts=(message.model_extra or {}).get("reasoning_content") or "",
            raw=answer,
        )


class ResponsesCaller:
    """OpenAI's SDK at /v1/responses."""

    finishes = ("completed", "completed")
    effort: ClassVar[dict[str, Any]] = {"reasoning": {"effort": "low", "summary": "auto"}}
    shape: ClassVar[dict[str, Any]] = {
        "text": {"format": {"type": "json_schema", "name": "total", "strict": True, "schema": SHAPE}}
    }

    def __init__(self, client: TestClient, model: str) -> None:
        self._sdk = openai.OpenAI(base_url="http://testserver/v1", api_key=KEY, http_client=client, max_retries=0)
        self._model = model
        self.turns: list[Any] = []
        self.tools: list[Any] = [{"type": "function", "name": "look", "parameters": LOOK, "strict": False}]

    def ask(self, text: str, *, picture: bool = False) -> None:
        """See Caller."""
        image = {"type": "input_image", "detail": "auto", "image_url": f"data:image/png;base64,{PIXEL}"}
        content = [{"type": "input_text", "text": text}, image] if picture else text
        self.turns.append({"role": "user", "content": content})

    def show(self, call_id: str, result: str) -> None:
        """See Caller."""
        self.turns.append({"type": "function_call_output", "call_id": call_id, "output": result})

    def hear(self, *, stream: bool, **fields: Any) -> Heard:
        """See Caller."""
        asked: Any = {"model": self._model, "input": self.turns, "tools": self.tools or openai.omit, **fields}
        if stream:
            with self._sdk.responses.stream(**asked) as opened:
                answer: Any = opened.get_final_response()
        else:
            answer = self._sdk.responses.create(**asked)
        self.turns += answer.output
        summaries = [part.text for item in answer.output if item.type == "reasoning" for part in item.summary]
        return Heard(
            id=answer.id,
            text=answer.output_text,
            calls=[
                (item.call_id, item.name, json.loads(item.arguments))
                for item in answer.output
                if item.type == "function_call"
            ],
            finish=answer.status,
            tokens=(answer.usage.input_tokens, answer.usage.output_tokens),
            thoughts="".join(summaries),
            raw=answer,
        )


class MessagesCaller:
    """Anthropic's SDK at /v1/messages."""

    finishes = ("end_turn", "tool_use")
    effort: ClassVar[dict[str, Any]] = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 4000}
    shape: ClassVar[dict[str, Any]] = {"output_config": {"format": {"type": "json_schema", "schema": SHAPE}}}

    def __init__(self, client: TestClient, model: str) -> None:
        self._sdk = anthropic.Anthropic(base_url="http://testserver", api_key=KEY, http_client=client, max_retries=0)
        self._model = model
        self.turns: list[Any] = []
        self.tools: list[Any] = [{"name": "look", "input_schema": LOOK}]

    def ask(self, text: str, *, picture: bool = False) -> None:
        """See Caller."""
        image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
        content = [{"type": "text", "text": text}, image] if picture else text
        self.turns.append({"role": "user", "content": content})

    def show(self, call_id: str, result: str) -> None:
        """See Caller."""
        shown = {"type": "tool_result", "tool_use_id": call_id, "content": result}
        self.turns.append({"role": "user", "content": [shown]})

    def hear(self, *, stream: bool, **fields: Any) -> Heard:
        """See Caller."""
        asked: Any = {"model": self._model, "messages": self.turns, "max_tokens": 200, **fields}
        asked |= {"tools": self.tools} if self.tools else {}
        if stream:
            with self._sdk.messages.stream(**asked) as opened:
                answer: Any = opened.get_final_message()
        else:
            answer = self._sdk.messages.create(**asked)
        self.turns.append({"role": "assistant", "content": answer.content})
        return Heard(
            id=answer.id,
            text="".join(block.text for block in answer.content if block.type == "text"),
            calls=[(block.id, block.name, block.input) for block in answer.content if block.type == "tool_use"],
            finish=answer.stop_reason,
            tokens=(answer.usage.input_tokens, answer.usage.output_tokens),
            thoughts="".join(block.thinking for block in answer.content if block.type == "thinking"),
            raw=answer,
        )


CALLERS = {"chat": ChatCaller, "responses": ResponsesCaller, "messages": MessagesCaller}
# The dialect that each surface has in common with a vendor.
OWN_WIRE = {"chat": "openai_chat", "responses": "openai_responses", "messages": "anthropic_messages"}
