"""Does a caller's own body reach a vendor of its dialect as it was written, and the answer come back so?"""

from __future__ import annotations

import json
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from app.ports import Provider
from app.providers import VENDORS
from app.providers.openai_passing import OPENAIS_OWN, passed_chat
from app.providers.passing import returned
from app.wires.encoded import Encoded
from app.wires.splice import JsonObject
from contracts.calls import EmbeddingReply, ModelCall, Reply, Wire
from contracts.chat import FinishReason, Message, Role, TextPart, Usage
from contracts.errors import InvalidRequestError, ProviderProtocolError
from contracts.providers import ProviderType
from tests.unit.providers.passed import PAIRS, PATHS, WRITTEN, asked, reply_of, with_source
from tests.unit.providers.vendor_double import LIMITS, VendorDouble

MODEL = "a-model"


async def answered(row: Provider, asking: ModelCall, model: str = MODEL) -> Reply | EmbeddingReply:
    """The plain answer."""
    if asking.embedding is not None:
        return await row.embed(asking, model=model, limits=LIMITS)
    return await row.complete(asking, model=model, limits=LIMITS)


async def sent(asking: ModelCall, kind: str = "openai", **row: Any) -> bytes:
    """The bytes that go to a row of `kind` for a plain answer."""
    vendor = VendorDouble()
    assert asking.source is not None
    vendor.replies.append(httpx2.Response(200, content=reply_of(asking.source.wire)))
    await answered(vendor.row(kind, **row), asking)
    return bytes(vendor.requests[-1].content)


@pytest.mark.parametrize("kind,wire", PAIRS)
async def test_body_reaches_a_vendor_of_its_dialect_as_it_was_written(kind: str, wire: Wire) -> None:
    """Only the model is another: spaces, numbers, escapes, order and unknown fields are the caller's."""
    vendor = VendorDouble()
    vendor.replies.append(httpx2.Response(200, content=reply_of(wire)))
    await answered(vendor.row(kind), asked(wire))
    (request,) = vendor.requests
    assert request.content == WRITTEN[wire].replace(b'"smart"', b'"a-model"')
    assert request.url.path.endswith(PATHS[wire])
    assert "sk-secret-of-the-row" in str(request.headers.values())


@pytest.mark.parametrize("kind,wire", PAIRS)
async def test_answer_to_a_passed_body_comes_back_as_it_came(kind: str, wire: Wire) -> None:
    """Its text for the caller, and what it says for us; nothing is warned of."""
    vendor = VendorDouble()
    vendor.replies.append(httpx2.Response(200, content=reply_of(wire)))
    reply = await answered(vendor.row(kind), asked(wire))
    assert reply.raw == reply_of(wire).decode()
    assert reply.warnings == ()
    if isinstance(reply, Reply):
        assert (reply.message.text, reply.finish_reason) == ("hi", FinishReason.STOP)
    else:
        # Nobody here needs them as numbers.
        assert (reply.vectors, reply.model) == ((), "m-2")


def test_answer_keeps_all_that_was_read_of_it() -> None:
    """What is said of the call comes before its own warnings, and every other field is as it was."""
    call = asked(Wire.OPENAI_CHAT)
    assert call.source is not None
    reply = Reply(
        message=Message(role=Role.ASSISTANT, content=(TextPart(text="hi"),)),
        finish_reason=FinishReason.LENGTH,
        model="m",
        usage=Usage(input_tokens=1, output_tokens=2, total_tokens=3),
        cost_usd=Decimal(1),
        warnings=("own",),
        raw="read",
        id="r-1",
        item_ids=("i-1",),
    )
    assert all(getattr(reply, one.name) != one.default for one in fields(Reply))
    exchange = passed_chat(
        call, call.source, kind=ProviderType.OPENAI, provider="a", model="m", stream=False, quirks=OPENAIS_OWN
    )
    assert exchange is not None
    exchange = replace(exchange, encoded=Encoded(body={}, warnings=("said",)))
    found = returned(reply, exchange, call.source, provider="a", wires=(), raw="as it came")
    assert found == replace(reply, raw="as it came", warnings=("said", "own"))


async def test_answer_that_is_no_text_has_no_raw_form() -> None:
    """Half a character in it can be read by us and sent to nobody."""
    vendor = VendorDouble()
    vendor.replies.append(httpx2.Response(200, content=reply_of(Wire.OPENAI_CHAT).replace(b"hi", b"\xed\xa0\x80")))
    reply = await answered(vendor.row(), asked(Wire.OPENAI_CHAT))
    assert (reply.raw, isinstance(reply, Reply)) == (None, True)


@pytest.mark.parametrize("changes", [{"may_pass": False}, {"read_as": asked(Wire.OPENAI_CHAT).conversation}])
async def test_body_that_no_longer_says_what_is_asked_is_not_passed(changes: dict[str, Any]) -> None:
    """It is encoded, and the answer belongs to us."""
    vendor = VendorDouble()
    vendor.replies.append(httpx2.Response(200, content=reply_of(Wire.OPENAI_CHAT)))
    reply = await answered(vendor.row(), with_source(asked(Wire.OPENAI_CHAT), **changes))
    assert reply.raw is None
    assert vendor.requests[0].content != WRITTEN[Wire.OPENAI_CHAT].replace(b'"smart"', b'"a-model"')
    assert vendor.sent["messages"] == [{"role": "user", "content": "café 😀"}]


async def test_call_without_a_source_has_no_raw_answer() -> None:
    """Callers of our own dialect are answered in it."""
    vendor = VendorDouble()
    vendor.replies.append(httpx2.Response(200, content=reply_of(Wire.OPENAI_CHAT)))
    assert (await answered(vendor.row(), replace(asked(Wire.OPENAI_CHAT), source=None))).raw is None


async def test_our_own_object_never_reaches_a_vendor() -> None:
    """`llm_service` is what a caller says to us."""
    body = b'{"llm_service":{"tags":["a"]}, "messages":[{"role":"user","content":"a"}],"model":"x"}'
    assert await sent(asked(Wire.OPENAI_CHAT, body)) == (
        b'{"messages":[{"role":"user","content":"a"}],"model":"a-model"}'
    )


async def test_body_that_was_opened_is_not_read_again() -> None:
    """What its reader knows of it is enough."""
    asking = asked(Wire.OPENAI_CHAT)
    assert asking.source is not None
    as_read = JsonObject.of(asking.source.body)
    unread = replace(asking, source=replace(asking.source, body=b"nobody reads this", opened=as_read))
    assert await sent(unread) == await sent(asking)


async def test_options_of_the_row_are_laid_over_the_body() -> None:
    """Deep, by member; numbers as they were given; what they do not name stays as it was written."""
    body = b'{"model":"x","messages":[{"role":"user","content":"a"}],"reasoning":{"a":1.0, "b":2},"top_p":0.50}'
    options = {"openai": {"reasoning": {"b": {"c": 3}}, "user": "é", "top_p": None}, "other": {"x": 1}}
    assert (
        await sent(asked(Wire.OPENAI_CHAT, body, vendor_options=options))
        == (
            '{"model":"a-model","messages":[{"role":"user","content":"a"}],'
            '"reasoning":{"a":1.0, "b":{"c":3}},"top_p":null,"user":"é"}'
        ).encode()
    )


@pytest.mark.parametrize(
    "kind,wire,field",
    [
        ("openai", Wire.OPENAI_CHAT, "messages"),
        ("openai", Wire.OPENAI_CHAT, "stream_options"),
        ("openai", Wire.OPENAI_RESPONSES, "store"),
        ("anthropic", Wire.ANTHROPIC_MESSAGES, "system"),
        ("openai", Wire.OPENAI_EMBEDDINGS, "model"),
    ],
)
async def test_options_that_are_the_services_own_are_refused(kind: str, wire: Wire, field: str) -> None:
    """As for a call that is encoded; nothing is sent."""
    vendor = VendorDouble()
    wanted = asked(wire, vendor_options={kind: {field: 1}})
    with pytest.raises(InvalidRequestError, match=f"vendor_options.{kind}.{field} is not allowed") as caught:
        await answered(vendor.row(kind), wanted)
    assert (vendor.requests, caught.value.was_sent) == ([], False)


async def test_options_that_json_cannot_say_are_refused() -> None:
    """They would make the body unreadable."""
    vendor = VendorDouble()
    wanted = asked(Wire.OPENAI_CHAT, vendor_options={"openai": {"a": {"b": float("nan")}}})
    with pytest.raises(InvalidRequestError, match="holds a value that JSON cannot say"):
        await answered(vendor.row(), wanted)
    assert vendor.requests == []


async def test_body_that_is_none_is_refused_without_its_words() -> None:
    """The door has read it, so it never comes; and if it does, its text is in no error."""
    vendor = VendorDouble()
    with pytest.raises(InvalidRequestError, match="the body is not a JSON object") as caught:
        await answered(vendor.row(), with_source(asked(Wire.OPENAI_CHAT), body=b'{"secret'))
    assert (vendor.requests, caught.value.__cause__) == ([], None)


async def test_body_that_names_its_model_twice_is_refused() -> None:
    """The door has refused it, too: a vendor that takes the first would serve a model that nobody looked at."""
    vendor = VendorDouble()
    twice = b'{"model":"another","messages":[],"model":"a-model"}'
    with pytest.raises(InvalidRequestError, match="the body names a member twice"):
        await answered(vendor.row(), with_source(asked(Wire.OPENAI_CHAT), body=twice))
    assert vendor.requests == []


async def test_body_that_names_the_model_to_be_asked_stays_as_it_is() -> None:
    """There is nothing to change, however it is spelled."""
    body = b'{"model" : "a\\u002dmodel", "messages":[{"role":"user","content":"a"}]}\n'
    assert await sent(asked(Wire.OPENAI_CHAT, body)) == body


async def test_body_that_asks_for_a_stream_is_answered_whole_where_that_is_wanted() -> None:
    """A stream that is held back to its end is made by a plain call."""
    body = b'{"stream":true,"model":"x","stream_options":{},"messages":[{"role":"user","content":"a"}]}'
    assert await sent(asked(Wire.OPENAI_CHAT, body)) == (
        b'{"model":"a-model","messages":[{"role":"user","content":"a"}]}'
    )


async def test_body_that_says_it_wants_no_stream_stays_as_it_is() -> None:
    """There is nothing to change."""
    body = b'{"stream" : false,"model":"x","stream_options":null,"messages":[{"role":"user","content":"a"}]}'
    assert await sent(asked(Wire.OPENAI_CHAT, body)) == body.replace(b'"x"', b'"a-model"')


@pytest.mark.parametrize(
    "header,kind,wire",
    [
        ("openai-beta", "openai", Wire.OPENAI_RESPONSES),
        ("anthropic-beta", "anthropic", Wire.ANTHROPIC_MESSAGES),
        ("anthropic-version", "anthropic", Wire.ANTHROPIC_MESSAGES),
    ],
)
async def test_headers_of_the_dialect_go_with_the_body(header: str, kind: str, wire: Wire) -> None:
    """What a body means may hang on them."""
    vendor = VendorDouble()
    vendor.replies.append(httpx2.Response(200, content=reply_of(wire)))
    await answered(vendor.row(kind), asked(wire, vendor_headers={header: "2026-10-21"}))
    assert vendor.requests[0].headers[header] == "2026-10-21"


async def test_more_than_one_choice_passes() -> None:
    """The caller gets all in the vendor's body; what is judged and billed is what the vendor says."""
    choices = [
        {"index": n, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        for n, text in enumerate("ab")
    ]
    vendor = VendorDouble()
    vendor.answers(200, {"choices": choices, "usage": {"prompt_tokens": 1, "completion_tokens": 7}})
    body = {"n": 2, "model": "x", "messages": [{"role": "user", "content": "a"}]}
    reply = await vendor.row().complete(asked(Wire.OPENAI_CHAT, body), model=MODEL, limits=LIMITS)
    assert (vendor.sent["n"], reply.message.text, reply.warnings) == (2, "a", ())
    assert json.loads(reply.raw or "")["choices"] == choices
    assert reply.usage is not None
    assert reply.usage.output_tokens == 7


@pytest.mark.parametrize("given,count", [([1, 2, 3], 1), ([[1, 2], [3]], 2), ("a", 1), (["a", "b"], 2)])
async def test_texts_given_as_tokens_pass(given: Any, count: int) -> None:
    """Nobody else can read them, and each list of them has its vector."""
    vendor = VendorDouble()
    vendor.answers(200, {"data": [{"index": n, "embedding": [1.0]} for n in range(count)]})
    reply = await vendor.row().embed(
        asked(Wire.OPENAI_EMBEDDINGS, {"input": given, "model": "x", "dimensions": 1}), model=MODEL, limits=LIMITS
    )
    assert (vendor.sent["input"], reply.warnings) == (given, ())
    vendor.answers(200, {"data": [{"index": n, "embedding": [1.0]} for n in range(count + 1)]})
    vendor.replies.pop(0)
    with pytest.raises(ProviderProtocolError, match=f"{count + 1} vectors to {count} texts"):
        await vendor.row().embed(
            asked(Wire.OPENAI_EMBEDDINGS, {"input": given, "model": "x"}), model=MODEL, limits=LIMITS
        )


async def test_vectors_of_another_length_than_was_asked_are_told_of() -> None:
    """As for a call that is encoded."""
    vendor = VendorDouble()
    vendor.answers(200, {"data": [{"index": 0, "embedding": [1.0, 2.0]}]})
    wanted = asked(Wire.OPENAI_EMBEDDINGS, {"input": "a", "model": "x", "dimensions": 1})
    reply = await vendor.row().embed(wanted, model=MODEL, limits=LIMITS)
    assert reply.warnings == ("openai answered vectors of 2 numbers, and 1 were asked for",)


@pytest.mark.parametrize("kind", [vendor.kind for vendor in VENDORS if vendor.kind is ProviderType.MOCK])
async def test_mock_answers_to_a_callers_own_body(kind: ProviderType) -> None:
    """In its dialect, by the whole way of a real call."""
    row = VendorDouble().row(kind.value)
    reply = await row.complete(asked(Wire.OPENAI_CHAT), model="mock-echo", limits=LIMITS)
    assert reply.raw is not None
    assert json.loads(reply.raw)["choices"][0]["message"]["content"] == reply.message.text
