"""Are Gemini's replies and streams understood, with all their oddities?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.wires.gemini import StreamDecoder, decode_response
from contracts.calls import Reply
from contracts.chat import FinishReason, Part, RawPart, ReasoningPart, TextPart
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta
from contracts.errors import (
    ContentPolicyError,
    ProviderProtocolError,
    ProviderUnavailableError,
)


def document(*parts: Any, finish: Any = "STOP", **fields: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": list(parts)}, "finishReason": finish}], "responseId": "r", **fields}


def plain(*parts: Any, finish: Any = "STOP", **fields: Any) -> Reply:
    body = json.dumps(document(*parts, finish=finish, **fields)).encode()
    return decode_response(body, provider="row", model="m")


def decoder() -> StreamDecoder:
    return StreamDecoder(provider="row", model="m")


def fed(*chunks: dict[str, Any]) -> tuple[list[Delta], Reply]:
    stream = decoder()
    deltas = [delta for chunk in chunks for delta in stream.feed("message", json.dumps(chunk))]
    return deltas, stream.reply()


def thought(text: str, **fields: Any) -> dict[str, Any]:
    return {"text": text, "thought": True, **fields}


def call(name: Any = "a", **fields: Any) -> dict[str, Any]:
    return {"functionCall": {"name": name, **fields}}


def own(text: str = "", signature: str | None = None) -> ReasoningPart:
    return ReasoningPart(text=text, signature=signature, provider="row")


@pytest.mark.parametrize(
    "parts,decoded",
    [
        ([{"text": "a"}, {"text": "b"}], [TextPart(text="ab")]),
        ([thought("h"), thought("m"), {"text": "a"}], [own("hm"), TextPart(text="a")]),
        ([thought("hm")], [own("hm")]),
        ([{"text": "a", "thoughtSignature": "S"}], [own(signature="S"), TextPart(text="a")]),
        ([thought("hm"), {"text": "a"}, {"text": "", "thoughtSignature": "S"}], [own("hm", "S"), TextPart(text="a")]),
        (
            [{"text": "a", "thoughtSignature": "S"}, {"text": "b"}],
            [own(signature="S"), TextPart(text="a"), TextPart(text="b")],
        ),
        ([{"thoughtSignature": "S"}], [own(signature="text:S")]),
        ([thought("h"), {"text": "", "thoughtSignature": "S"}], [own("h"), own(signature="text:S")]),
        ([thought("h", thoughtSignature="S"), {"text": "a"}], [own("h", "thought:S"), TextPart(text="a")]),
        ([{"text": "", "thoughtSignature": ""}, {"text": "a", "thoughtSignature": 7}], [TextPart(text="a")]),
        (
            [{"inlineData": {"mimeType": "audio/wav", "data": "x"}}],
            [RawPart(provider="row", data={"inlineData": {"mimeType": "audio/wav", "data": "x"}})],
        ),
        (
            [{"toolCall": {"x": 1.5}, "thoughtSignature": "S"}],
            [RawPart(provider="row", data={"toolCall": {"x": 1.5}, "thoughtSignature": "S"})],
        ),
        (
            [{"thought": True, "inlineData": {"mimeType": "image/png", "data": "x"}}],
            [RawPart(provider="row", data={"thought": True, "inlineData": {"mimeType": "image/png", "data": "x"}})],
        ),
        ([{"inlineData": None}], [RawPart(provider="row", data={"inlineData": None})]),
        ([{}], []),
    ],
)
def test_parts_are_read_whole_and_streamed_alike(parts: list[dict[str, Any]], decoded: list[Part]) -> None:
    """A signature stands right before its part, whichever fragment brought it."""
    assert list(plain(*parts).message.content) == decoded
    chunks = [document(part, finish=None) for part in parts]
    _, streamed = fed(*chunks, document(finish="STOP"))
    assert list(streamed.message.content) == decoded


def test_stream_deltas_are_the_texts_and_whole_calls() -> None:
    """Calls come whole, with arguments as an object; signatures and own parts give no delta."""
    deltas, reply = fed(
        document(thought("hm"), {"text": "a"}, finish=""),
        document(call(args={"x": 0.5}), {"executableCode": {}}, finish="FINISH_REASON_UNSPECIFIED"),
        document({"text": "", "thoughtSignature": "S"}, modelVersion="models/m-1"),
    )
    assert deltas == [
        ReasoningDelta(text="hm"),
        TextDelta(text="a"),
        ToolCallDelta(index=0, id="call_r_0", name="a", arguments='{"x":0.5}'),
    ]
    assert (reply.finish_reason, reply.model) == (FinishReason.TOOL_CALLS, "m-1")


@pytest.mark.parametrize(
    "calls,ids",
    [
        ([call(id="x"), call(id="y")], ["x", "y"]),
        ([call(), call()], ["call_r_0", "call_r_1"]),
        ([call(id="x"), call(id="x")], ["x", "call_r_1"]),
        ([call(id=""), call(id=7)], ["call_r_0", "call_r_1"]),
    ],
)
def test_call_ids_are_the_vendors_or_invented(calls: list[dict[str, Any]], ids: list[str]) -> None:
    """No two calls of an answer share one."""
    assert [one.id for one in plain(*calls).message.tool_calls] == ids


def test_arguments_keep_their_numbers() -> None:
    """From the digits of the reply to the text of the call."""
    body = b'{"candidates":[{"content":{"parts":[{"functionCall":{"name":"a","args":{"x":1.10,"y":12345678901234567890,'
    body += b'"z":0.1234567890123456789}}}]},"finishReason":"STOP"}]}'
    (one,) = decode_response(body, provider="row", model="m").message.tool_calls
    assert one.arguments in (
        '{"x":1.1,"y":12345678901234567890,"z":0.1234567890123456789}',
        '{"x":1.10,"y":12345678901234567890,"z":0.1234567890123456789}',
    )


@pytest.mark.parametrize(
    "finish,parts,reason",
    [
        ("STOP", [{"text": "x"}], FinishReason.STOP),
        ("STOP", [call()], FinishReason.TOOL_CALLS),
        ("MAX_TOKENS", [call()], FinishReason.LENGTH),
        ("CONTINUATION", [{"text": "x"}], FinishReason.LENGTH),
        *(
            (name, [], FinishReason.CONTENT_FILTER)
            for name in ("SAFETY", "RECITATION", "BLOCKLIST", "SPII", "LANGUAGE")
        ),
        ("PROHIBITED_CONTENT", [{"text": "x"}], FinishReason.CONTENT_FILTER),
    ],
)
def test_finish_reason_says_what_happened(finish: str, parts: list[Any], reason: FinishReason) -> None:
    """Calls end with STOP, too; what is here is kept, whatever ended it."""
    reply = plain(*parts, finish=finish)
    assert (reply.finish_reason, len(reply.message.content)) == (reason, len(parts))


@pytest.mark.parametrize(
    "finish,pointless",
    [("MALFORMED_FUNCTION_CALL", False), ("OTHER", False), ("MISSING_THOUGHT_SIGNATURE", True)],
)
def test_failed_finish_reason_is_the_vendors_failure(finish: str, pointless: bool) -> None:
    """An answer that the vendor gave up on never looks whole."""
    with pytest.raises(ProviderUnavailableError, match=finish) as caught:
        plain({"text": "half"}, finish=finish)
    assert caught.value.retry_is_pointless is pointless


@pytest.mark.parametrize("finish", ["NOVELTY", 7])
def test_unknown_finish_reason_is_stop_with_a_warning(finish: Any) -> None:
    """A word that we do not know ends the answer, and the caller learns of it."""
    reply = plain({"text": "x"}, finish=finish)
    assert reply.finish_reason is FinishReason.STOP
    assert reply.warnings == ("row gave a finish reason that is not known: taken as stop",)


@pytest.mark.parametrize("reason,shown", [("SAFETY", "(200, SAFETY)"), ("what you wrote", "(200)"), (7, "(200)")])
def test_blocked_prompt_is_refused_content(reason: Any, shown: str) -> None:
    """Nothing was answered, so no answer was filtered; only what is plainly a code is shown."""
    body = json.dumps({"promptFeedback": {"blockReason": reason}})
    for read in (
        lambda: decode_response(body.encode(), provider="row", model="m"),
        lambda: decoder().feed("message", body),
    ):
        with pytest.raises(ContentPolicyError) as caught:
            read()
        assert str(caught.value) == f"row refused the content {shown}"


def test_further_candidates_are_named() -> None:
    """Only one answer is passed on; that there were more is said."""
    body = document({"text": "one"})
    body["candidates"].append({"index": 1, "content": {"parts": [{"text": "two"}]}, "finishReason": "STOP"})
    reply = decode_response(json.dumps([body, body]).encode(), provider="row", model="m")
    assert (reply.message.text, len(reply.warnings)) == ("oneone", 1)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"null",
        b"7",
        b"{}",
        b"[]",
        b"[7]",
        b'{"candidates":[]}',
        b'{"candidates":7}',
        b'{"candidates":[7]}',
        b'{"candidates":[{"content":{"parts":7},"finishReason":"STOP"}]}',
        b'{"candidates":[{"content":{"parts":[7]},"finishReason":"STOP"}]}',
        b'{"candidates":[{"content":{"parts":[{"functionCall":{"args":{}}}]},"finishReason":"STOP"}]}',
        b'{"candidates":[{"content":{"parts":[{"functionCall":{"name":"a","args":[]}}]},"finishReason":"STOP"}]}',
        b'{"candidates":[{"content":{"parts":[{"functionCall":{"name":"a","args":{"x":NaN}}}]},"finishReason":"STOP"}]}',
        b'{"candidates":[{"content":{"parts":[{"text":"half"}]}}]}',
        b"[" * 100_000,
        b"\xff",
        b"<html>",
    ],
)
def test_body_that_is_no_answer_is_unreadable(body: bytes) -> None:
    """Nothing of it is an answer, and nothing of it is in the error."""
    with pytest.raises(ProviderProtocolError) as caught:
        decode_response(body, provider="row", model="m")
    assert caught.value.upstream_status == 200


@pytest.mark.parametrize("content", [None, {}, {"parts": None}, {"role": "model"}, "odd"])
def test_answer_may_be_empty(content: Any) -> None:
    """A model may say nothing at all, in several ways."""
    body = {"candidates": [{"content": content, "finishReason": "STOP"}]}
    reply = decode_response(json.dumps(body).encode(), provider="row", model="m")
    assert (reply.message.content, reply.finish_reason) == ((), FinishReason.STOP)


def test_half_characters_are_replaced() -> None:
    """A lone surrogate in a reply would break everyone behind us."""
    body = b'{"candidates":[{"content":{"parts":[{"text":"a\\ud83d b"}]},"finishReason":"STOP"}]}'
    assert decode_response(body, provider="row", model="m").message.text == "a\ufffd b"
