"""Can a caller stop the embedded model, which all callers share, by what a request holds?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.service import LLMProviderService
from app.settings import Settings
from contracts import InvalidRequestError, LLMProviderConfig, LLMRequest

# Given as it is, llama.cpp computes on this for minutes, and serves nobody meanwhile.
EXPLODING = {"type": "string", "pattern": "^" + "a?" * 300 + "$"}
TOOLS = [{"type": "function", "function": {"name": "idle"}}]


@pytest.fixture
async def service() -> AsyncIterator[LLMProviderService]:
    """A service with nothing but the embedded model."""
    async with asyncio.timeout(60):
        made = LLMProviderService(settings=Settings(config=LLMProviderConfig()))
        await made.start()
        yield made
        await made.stop()


def asking(**fields: Any) -> LLMRequest:
    """A request to the embedded model."""
    return LLMRequest.model_validate({"prompt": "Say hello.", "provider": "local", "max_tokens": 8, **fields})


async def test_pattern_that_explodes_does_not_reach_the_model(service: LLMProviderService) -> None:
    """The answer is whatever it may be; it comes, it is said what was not sent, and the next caller is served."""
    schema = {"type": "object", "properties": {"a": EXPLODING}, "required": ["a"], "additionalProperties": False}
    answer = await service.process_request(asking(response_format={"type": "json_schema", "json_schema": schema}))
    assert answer.content.lstrip().startswith(("{", "```"))
    assert "response_format: patterns were not sent, local does not enforce them" in answer.warnings
    assert (await service.process_request(asking())).content


@pytest.mark.parametrize(
    "fields",
    [
        {"vendor_options": {"local": {"grammar": 'root ::= "a"'}}},
        {"vendor_options": {"local": {"tools": TOOLS, "tool_choice": "required"}}},
        {"vendor_options": {"local": {"response_format": {"type": "json_schema"}}}},
        {"vendor_options": {"local": {"repeat_last_n": 2**31 - 1}}},
        {"tools": [{"name": "idle"}], "tool_choice": {"mode": "required"}},
    ],
    ids=["grammar", "tools", "schema", "memory", "forced call"],
)
async def test_field_that_could_stop_the_model_is_refused_before_it_is_sent(
    service: LLMProviderService, fields: dict[str, Any]
) -> None:
    """With 422, and no attempt is counted."""
    with pytest.raises(InvalidRequestError) as raised:
        await service.process_request(asking(**fields))
    assert raised.value.attempts == ()
