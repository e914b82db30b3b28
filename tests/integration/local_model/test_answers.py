"""llama.cpp in its child process answers in the OpenAI dialect, through real sockets."""

from __future__ import annotations

import asyncio
import json

import httpx2

from app.local_model.supervisor import LocalModel
from tests.integration.local_model.conftest import Asker


async def test_model_answers_with_its_name_and_usage(ask: Asker) -> None:
    """One plain completion, started on first use."""
    reply = (await ask("Say hello")).json()
    assert reply["model"] == "smollm2-135m-instruct"
    assert reply["choices"][0]["message"]["content"]
    assert reply["usage"]["completion_tokens"] == 4
    assert reply["usage"]["total_tokens"] == reply["usage"]["prompt_tokens"] + 4


async def test_model_refuses_whoever_does_not_know_the_key(model: LocalModel) -> None:
    """Another user of this machine finds the port but not the key."""
    address = await model.address()
    async with httpx2.AsyncClient() as stranger:
        reply = await stranger.post(f"{address.base_url}/chat/completions", json={"messages": []})
    assert reply.status_code == 401


async def test_model_streams_tokens_and_then_usage(model: LocalModel, ask: Asker) -> None:
    """Several deltas come before the finish reason, usage after it, then the dialect's end."""
    address = await model.address()
    body = {
        "messages": [{"role": "user", "content": "Count to ten"}],
        "max_tokens": 8,
        # Left to chance it may count in emoji, of which one takes four tokens.
        "temperature": 0,
        "ignore_eos": True,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    headers = {"Authorization": f"Bearer {address.api_key}"}
    async with ask.client.stream("POST", f"{address.base_url}/chat/completions", headers=headers, json=body) as reply:
        events = [line.removeprefix("data: ") async for line in reply.aiter_lines() if line]
    assert events.pop() == "[DONE]"
    chunks = [json.loads(event) for event in events]
    assert chunks.pop()["usage"]["completion_tokens"] == 8
    assert chunks[-1]["choices"][0]["finish_reason"] == "length"
    assert len([chunk for chunk in chunks if chunk["choices"][0]["delta"].get("content")]) > 3


async def test_model_keeps_to_a_json_schema(ask: Asker) -> None:
    """The grammar leaves even a small model no other choice."""
    schema = {
        "type": "object",
        "properties": {"winner": {"enum": ["Essay A", "Essay B"]}, "confidence": {"enum": [1, 2, 3, 4, 5]}},
        "required": ["winner", "confidence"],
        "additionalProperties": False,
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "verdict", "strict": True, "schema": schema}}
    reply = (await ask("Write me a poem", response_format=wanted, max_tokens=200)).json()
    verdict = json.loads(reply["choices"][0]["message"]["content"])
    assert sorted(verdict) == ["confidence", "winner"]
    assert verdict["winner"] in ("Essay A", "Essay B")
    assert verdict["confidence"] in (1, 2, 3, 4, 5)


async def test_model_refuses_a_prompt_longer_than_its_context(ask: Asker) -> None:
    """Nothing is cut silently: the dialect's error names both numbers."""
    reply = await ask("word " * 2000)
    error = reply.json()["error"]
    assert reply.status_code == 400
    assert error["type"] == "exceed_context_size_error"
    assert error["n_ctx"] == 1024
    assert error["n_prompt_tokens"] > 2000


async def test_stream_that_its_reader_leaves_frees_the_model(model: LocalModel, ask: Asker) -> None:
    """The only slot is busy with a thousand tokens; when the reader leaves, the next one is served within a second."""
    address = await model.address()
    body = {
        "messages": [{"role": "user", "content": "Tell"}],
        "max_tokens": 1000,
        "ignore_eos": True,
        "stream": True,
    }
    headers = {"Authorization": f"Bearer {address.api_key}"}
    async with ask.client.stream("POST", f"{address.base_url}/chat/completions", headers=headers, json=body) as reply:
        await anext(reply.aiter_lines())
    async with asyncio.timeout(4):
        assert (await ask("Say hello", max_tokens=1)).status_code == 200


async def test_model_continues_an_assistants_turn(ask: Asker) -> None:
    """As the catalogue says (`prefill`); what it was given stands again before what it adds."""
    counted = "1, 2, 3, 4, 5,"
    turns = [{"role": "user", "content": "Count to ten, digits only."}, {"role": "assistant", "content": counted}]
    reply = (await ask("", messages=turns)).json()
    assert reply["choices"][0]["message"]["content"].startswith(f"{counted} 6")
