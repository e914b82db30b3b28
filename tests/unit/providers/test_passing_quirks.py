"""Does a body pass to a vendor with ways of its own only where these ways make no difference?"""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from contracts.calls import ModelCall, Wire
from tests.unit.providers.passed import GOLDEN, asked, reply_of
from tests.unit.providers.vendor_double import LIMITS, VendorDouble

USER = {"role": "user", "content": "a"}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}, "strict": True}}
EXTRA = {"x_new": [1.0]}


def chat(**fields: Any) -> ModelCall:
    """A chat with these fields and one that is unknown."""
    return asked(Wire.OPENAI_CHAT, {"model": "x", "messages": [USER], **EXTRA, **fields})


async def told(asking: ModelCall, kind: str, model: str = "m") -> tuple[bool, dict[str, Any], tuple[str, ...]]:
    """Whether the body was passed, what was sent, and what was warned of."""
    vendor = VendorDouble()
    vendor.replies.append(httpx2.Response(200, content=reply_of(Wire.OPENAI_CHAT)))
    reply = await vendor.row(kind).complete(asking, model=model, limits=LIMITS)
    assert {"x_new": [1.0]}.items() <= vendor.sent.items()
    return reply.raw is not None, vendor.sent, reply.warnings


@pytest.mark.parametrize(
    "kind,fields",
    [
        ("deepseek", {"max_tokens": 5, "temperature": 0.7, "stop": ["a"], "tools": [TOOL], "tool_choice": "auto"}),
        ("deepseek", {"response_format": {"type": "json_object"}, "logprobs": True, "user": "u"}),
        ("deepseek", {"thinking": {"type": "disabled"}}),
        ("openrouter", {"max_completion_tokens": 5, "seed": 7, "tools": [TOOL], "response_format": SCHEMA}),
        ("openrouter", {"reasoning": {"effort": "low"}, "provider": {"order": ["a"]}, "models": ["b"]}),
    ],
)
async def test_body_passes_where_the_vendor_reads_it_as_openai_does(kind: str, fields: dict[str, Any]) -> None:
    """Fields of the vendor's own among it, which nobody else knows."""
    is_passed, sent, warnings = await told(chat(**fields), kind)
    assert is_passed
    assert fields.items() <= sent.items()
    assert warnings == ()


@pytest.mark.parametrize(
    "kind,fields,written",
    [
        ("deepseek", {"max_completion_tokens": 5}, {"max_tokens": 5}),
        ("deepseek", {"reasoning_effort": "high"}, {"reasoning_effort": "high", "thinking": {"type": "enabled"}}),
        ("deepseek", {"stop": "a"}, {"stop": ["a"]}),
        ("openrouter", {"max_tokens": 5}, {"max_completion_tokens": 5}),
        ("openrouter", {"reasoning_effort": "high"}, {"reasoning": {"effort": "high"}}),
    ],
)
async def test_body_that_the_vendor_would_not_understand_is_encoded_for_it(
    kind: str, fields: dict[str, Any], written: dict[str, Any]
) -> None:
    """In its own words, and with all else that the caller said."""
    is_passed, sent, warnings = await told(chat(**fields), kind)
    assert not is_passed
    assert written.items() <= sent.items()
    assert not [name for name in fields if name not in written and name in sent]
    assert warnings == ()


async def test_field_that_the_vendor_lacks_is_named() -> None:
    """As for a caller of our own dialect."""
    is_passed, sent, warnings = await told(chat(seed=7), "deepseek")
    assert (is_passed, "seed" in sent) == (False, False)
    assert warnings == ("seed was not sent: deepseek does not know it",)


async def test_messages_that_the_vendor_takes_in_another_form_are_encoded() -> None:
    """DeepSeek takes no list of texts."""
    texts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    is_passed, sent, _ = await told(chat(messages=[{"role": "user", "content": texts}]), "deepseek")
    assert (is_passed, sent["messages"]) == (False, [{"role": "user", "content": "a\nb"}])


async def test_schema_that_the_vendor_does_not_enforce_is_an_instruction() -> None:
    """With a word, as ever."""
    is_passed, sent, warnings = await told(chat(response_format=SCHEMA), "deepseek")
    assert (is_passed, sent["response_format"]) == (False, {"type": "json_object"})
    assert "sent as an instruction" in warnings[0]


async def test_what_only_this_vendor_takes_is_encoded_for_it() -> None:
    """OpenRouter takes a file by its URL, which OpenAI does not; it is written as OpenRouter wants it."""
    file = {"type": "file", "file": {"file_data": "https://a.test/b.pdf", "filename": "b.pdf"}}
    is_passed, sent, _ = await told(chat(messages=[{"role": "user", "content": [file]}]), "openrouter")
    assert (is_passed, sent["messages"][0]["content"]) == (False, [file])


async def test_openai_judges_every_body_itself() -> None:
    """So does every server that copies it: a body is theirs, whatever we would have written."""
    body = {"max_tokens": 5, "seed": 7, "reasoning_effort": "high", "stop": "a"}
    is_passed, sent, warnings = await told(chat(**body), "openai")
    assert (is_passed, warnings) == (True, ())
    assert body.items() <= sent.items()


async def bridged(asking: ModelCall) -> tuple[VendorDouble, bool, tuple[str, ...]]:
    """What becomes of a chat with a model that takes tools and reasoning on /responses only."""
    vendor = VendorDouble()
    vendor.answers(200, json.loads((GOLDEN / "openai_responses" / "tool_call.json").read_text()))
    reply = await vendor.row().complete(asking, model="gpt-6-luna", limits=LIMITS)
    return vendor, reply.raw is not None, reply.warnings


async def test_chat_that_a_model_takes_on_responses_only_is_translated() -> None:
    """What both dialects call by the same name goes along; what is not said is named."""
    fields = {"metadata": {"a": "b"}, "service_tier": "flex", "verbosity": "low"}
    wanted = asked(Wire.OPENAI_CHAT, {"model": "x", "messages": [USER], "tools": [TOOL], **fields})
    vendor, is_passed, warnings = await bridged(wanted)
    assert (is_passed, str(vendor.requests[0].url)) == (False, "https://api.openai.com/v1/responses")
    assert (vendor.sent["metadata"], vendor.sent["service_tier"]) == ({"a": "b"}, "flex")
    assert warnings == ("verbosity was not sent: openai has no field for it",)


async def test_chat_with_demands_is_not_translated() -> None:
    """The vendor itself says that it does not take it."""
    wanted = asked(Wire.OPENAI_CHAT, {"model": "x", "messages": [USER], "tools": [TOOL], "logprobs": True})
    vendor = VendorDouble()
    vendor.replies.append(httpx2.Response(200, content=reply_of(Wire.OPENAI_CHAT)))
    reply = await vendor.row().complete(wanted, model="gpt-6-luna", limits=LIMITS)
    assert str(vendor.requests[0].url).endswith("/chat/completions")
    assert (vendor.sent["logprobs"], reply.raw is not None) == (True, True)


async def test_responses_call_stays_with_responses() -> None:
    """Whatever the model, a caller of /responses is asked for there, its body passed or not."""
    body = {"model": "x", "input": "a", "previous_response_id": "resp_1", "tools": [{"type": "web_search"}]}
    for asking in (asked(Wire.OPENAI_RESPONSES, body), asked(Wire.OPENAI_RESPONSES, {"model": "x", "input": "a"})):
        vendor, is_passed, warnings = await bridged(asking)
        assert str(vendor.requests[0].url).endswith("/responses")
        assert (is_passed, warnings) == (True, ())
