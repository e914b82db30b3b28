"""Who counts the tokens of a request, where is it asked, and what is it sent?"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from contracts.calls import ModelCall, Wire
from contracts.chat import Tool
from contracts.errors import InvalidRequestError, ProviderProtocolError, RateLimitExceededError
from contracts.responses import FieldError
from tests.unit.providers.passed import as_changed, asked, with_source
from tests.unit.providers.vendor_double import LIMITS, VendorDouble, call

COUNTERS = {
    "anthropic": ("claude-haiku-5-5", "/v1/messages/count_tokens", "input_tokens"),
    "openai": ("gpt-6-luna", "/v1/responses/input_tokens", "input_tokens"),
    "gemini": ("gemini-3-flash", "/v1beta/models/gemini-3-flash:countTokens", "totalTokens"),
}
WRITTEN = b'{"messages" : [{"role":"user","content":"caf\\u00e9"}], "x_new": 1.50, "model":"smart"}'
LOOK = Tool(name="look", parameters={"type": "object"})


def counting(**fields: Any) -> ModelCall:
    """A call that came in as `WRITTEN`, or as a body with `fields`, which are beyond what a count needs."""
    body = {**json.loads(WRITTEN), "max_tokens": 9, **fields}
    made = asked(Wire.ANTHROPIC_MESSAGES, body)
    return made if fields else with_source(made, body=WRITTEN)


async def counted(vendor: VendorDouble, kind: str, asking: ModelCall) -> int:
    """The count of a row of `kind`."""
    return await vendor.row(kind).count_tokens(asking, model=COUNTERS[kind][0], limits=LIMITS)


@pytest.mark.parametrize("kind", COUNTERS)
async def test_count_is_asked_where_the_vendor_counts(kind: str) -> None:
    """With the key of the row, and no more than what is counted."""
    _, path, name = COUNTERS[kind]
    vendor = VendorDouble()
    vendor.answers(200, {name: 17})
    assert await counted(vendor, kind, call(tools=(LOOK,))) == 17
    (request,) = vendor.requests
    assert (request.method, request.url.path) == ("POST", path)
    assert any("sk-secret-of-the-row" in value for value in request.headers.values())
    whole = vendor.sent.get("generateContentRequest", vendor.sent)
    assert "Hello" in json.dumps(whole)
    assert "look" in json.dumps(whole["tools"])
    assert not {"max_tokens", "stream", "store"} & whole.keys()


async def test_gemini_is_told_the_model_in_the_body_too() -> None:
    """Its whole request stands in one field, which names it again."""
    vendor = VendorDouble()
    vendor.answers(200, {"totalTokens": 17})
    await counted(vendor, "gemini", call())
    assert list(vendor.sent) == ["generateContentRequest"]
    assert vendor.sent["generateContentRequest"]["model"] == "models/gemini-3-flash"


@pytest.mark.parametrize("kind,base_url", [("mock", None), ("deepseek", None), ("openai", "http://127.0.0.1:1/v1")])
def test_row_without_a_counter_says_so(kind: str, base_url: str | None) -> None:
    """Copies of OpenAI have none either."""
    assert not VendorDouble().row(kind, base_url=base_url).counts_tokens
    assert VendorDouble().row("openai").counts_tokens


async def test_row_without_a_counter_cannot_be_made_to_count() -> None:
    """Nothing is sent."""
    vendor = VendorDouble()
    with pytest.raises(ProviderProtocolError, match="counts no tokens"):
        await vendor.row("deepseek").count_tokens(call(), model="m", limits=LIMITS)
    assert vendor.requests == []


async def test_body_of_the_dialect_is_counted_as_it_came() -> None:
    """With fields that are newer than us, but for the model, and what is laid over it as far as that is counted."""
    vendor = VendorDouble()
    vendor.answers(200, {"input_tokens": 17})
    options = {"anthropic": {"temperature": 0.5, "thinking": {"type": "adaptive"}}}
    assert await counted(vendor, "anthropic", replace(counting(), vendor_options=options)) == 17
    sent = vendor.requests[0].content
    assert b'"x_new": 1.50' in sent
    assert b"caf\\u00e9" in sent
    assert vendor.sent["model"] == "claude-haiku-5-5"
    assert vendor.sent["thinking"] == {"type": "adaptive"}
    assert "temperature" not in vendor.sent


async def test_body_that_cannot_be_passed_is_written_with_what_is_counted() -> None:
    """And with the extras of the caller's body that the counter knows."""
    vendor = VendorDouble()
    vendor.answers(200, {"input_tokens": 17})
    asking = counting(speed="fast", top_k=5, mcp_servers=[{"type": "url", "url": "https://a", "name": "a"}])
    await counted(vendor, "anthropic", as_changed(asking))
    assert sorted(vendor.sent) == ["mcp_servers", "messages", "model", "speed"]


async def test_demand_that_cannot_be_told_is_refused() -> None:
    """A count without it would be of another request."""
    vendor = VendorDouble()
    lost = FieldError(field="a_field", message="is known to vendors of this dialect only")
    with pytest.raises(InvalidRequestError, match="a_field"):
        await counted(vendor, "openai", with_source(counting(), demands=(lost,)))
    assert vendor.requests == []


async def test_refusal_of_a_counter_is_the_vendors_error() -> None:
    """As it is for an answer."""
    vendor = VendorDouble()
    vendor.answers(429, {"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}})
    with pytest.raises(RateLimitExceededError):
        await counted(vendor, "anthropic", call())


@pytest.mark.parametrize("body", [{}, [], {"input_tokens": "7"}, {"input_tokens": True}, {"input_tokens": -1}, 7])
async def test_answer_without_a_count_is_unreadable(body: Any) -> None:
    """And is never taken for none."""
    vendor = VendorDouble()
    vendor.answers(200, body)
    with pytest.raises(ProviderProtocolError, match="without a count"):
        await counted(vendor, "anthropic", call())
