"""How is one question asked at each surface, by its vendor's SDK? The same call, in the words of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import openai
from anthropic import Anthropic
from openai import OpenAI

from tests.sdks.targets import Target

Extra = dict[str, Any] | None


def openai_sdk(target: Target, **options: Any) -> OpenAI:
    """OpenAI's SDK, at `target`."""
    return OpenAI(base_url=f"{target.url}/v1", api_key=target.key, **options)


def anthropic_sdk(target: Target, **options: Any) -> Anthropic:
    """Anthropic's SDK, at `target`."""
    return Anthropic(base_url=target.url, api_key=target.key, **options)


def ask_chat(target: Target, question: str, *, model: str = "gpt-6-luna", extra: Extra = None, **options: Any) -> str:
    """By chat completions."""
    with openai_sdk(target, **options) as sdk:
        messages: list[Any] = [{"role": "user", "content": question}]
        return (
            sdk.chat.completions.create(model=model, messages=messages, extra_body=extra).choices[0].message.content
            or ""
        )


def ask_responses(
    target: Target, question: str, *, model: str = "gpt-6-luna", extra: Extra = None, **options: Any
) -> str:
    """By responses."""
    with openai_sdk(target, **options) as sdk:
        return sdk.responses.create(model=model, input=question, store=False, extra_body=extra).output_text


def ask_messages(
    target: Target, question: str, *, model: str = "claude-haiku-5-5", extra: Extra = None, **options: Any
) -> str:
    """By messages."""
    with anthropic_sdk(target, **options) as sdk:
        messages: list[Any] = [{"role": "user", "content": question}]
        message = sdk.messages.create(model=model, max_tokens=100, messages=messages, extra_body=extra)
        return "".join(block.text for block in message.content if block.type == "text")


def stream_chat(target: Target, question: str, *, model: str = "gpt-6-luna", extra: Extra = None) -> Iterator[str]:
    """By chat completions, piece by piece."""
    with openai_sdk(target) as sdk:
        messages: list[Any] = [{"role": "user", "content": question}]
        for chunk in sdk.chat.completions.create(model=model, messages=messages, stream=True, extra_body=extra):
            yield from (choice.delta.content for choice in chunk.choices if choice.delta.content)


def stream_responses(target: Target, question: str, *, model: str = "gpt-6-luna", extra: Extra = None) -> Iterator[str]:
    """By responses, piece by piece."""
    with openai_sdk(target) as sdk:
        for event in sdk.responses.create(model=model, input=question, store=False, stream=True, extra_body=extra):
            if event.type == "response.output_text.delta":
                yield event.delta


def stream_messages(
    target: Target, question: str, *, model: str = "claude-haiku-5-5", extra: Extra = None
) -> Iterator[str]:
    """By messages, piece by piece."""
    with anthropic_sdk(target) as sdk:
        messages: list[Any] = [{"role": "user", "content": question}]
        with sdk.messages.stream(model=model, max_tokens=100, messages=messages, extra_body=extra) as stream:
            yield from stream.text_stream


ASK: dict[str, Callable[..., str]] = {"chat": ask_chat, "responses": ask_responses, "messages": ask_messages}
STREAM: dict[str, Callable[..., Iterator[str]]] = {
    "chat": stream_chat,
    "responses": stream_responses,
    "messages": stream_messages,
}
# The row of the surface's own dialect, and the module that its SDK's errors are in.
OWN_ROW = {"chat": "home", "responses": "home", "messages": "claude"}
ERRORS: dict[str, Any] = {"chat": openai, "responses": openai, "messages": anthropic}
