"""Which part of ours does each content block of Anthropic's dialect become?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.wires.anthropic_messages import decode_request
from contracts.chat import (
    CacheControl,
    FilePart,
    ImagePart,
    RawPart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

PIXELS = "iVBORw0KGgoAAAANSUhEUg=="
CALL = {"type": "tool_use", "id": "a", "name": "look", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "a", "content": "r"}


def asked(*blocks: Any, role: str = "user") -> dict[str, Any]:
    """A body whose only turn holds `blocks`."""
    return {"model": "m", "max_tokens": 9, "messages": [{"role": role, "content": list(blocks)}]}


def parts(*blocks: Any, role: str = "user") -> tuple[Any, ...]:
    (message,) = decode_request(asked(*blocks, role=role)).conversation.messages
    return message.content


PNG = {"type": "base64", "media_type": "image/png", "data": PIXELS}
PDF = {"type": "base64", "media_type": "application/pdf", "data": "aGk="}
MARK = {"type": "ephemeral", "ttl": "5m"}
CITED = {"type": "text", "text": "Hi", "citations": [{"type": "char_location"}]}


@pytest.mark.parametrize(
    "block,part",
    [
        ({"type": "text", "text": "Hi", "citations": None}, TextPart(text="Hi")),
        (CITED, TextPart(text="Hi")),
        (
            {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral", "scope": "all"}},
            TextPart(text="Hi", cache_control=CacheControl()),
        ),
        (
            {"type": "image", "source": PNG, "cache_control": MARK},
            ImagePart(data=PIXELS, media_type="image/png", cache_control=CacheControl(ttl="5m")),
        ),
        (
            {"type": "image", "source": {"type": "url", "url": f"data:image/PNG;x=1;base64,{PIXELS}"}},
            ImagePart(data=PIXELS, media_type="image/png"),
        ),
        ({"type": "image", "source": {"type": "url", "url": "https://a/i"}}, ImagePart(url="https://a/i")),
        (
            {"type": "document", "source": PDF, "title": "t", "citations": {"enabled": False}},
            FilePart(data="aGk=", media_type="application/pdf", filename="t"),
        ),
        (
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "hi"}, "title": None},
            FilePart(data="aGk=", media_type="text/plain"),
        ),
        (
            {"type": "document", "source": {"type": "url", "url": "http://a/d"}},
            FilePart(url="http://a/d", media_type="application/pdf"),
        ),
        (
            {"type": "document", "source": {"type": "url", "url": "data:text/plain;base64,aGk="}},
            FilePart(data="aGk=", media_type="text/plain"),
        ),
        ({"type": "document", "source": {"type": "file", "file_id": "f"}, "title": ""}, FilePart(file_id="f")),
    ],
)
def test_block_becomes_our_part(block: dict[str, Any], part: Any) -> None:
    """What both can say is said the same; a data: URL is data, and nothing is ever fetched."""
    assert parts(block) == (part,)


@pytest.mark.parametrize(
    "block,role",
    [
        ({"type": "search_result", "source": "s", "title": "t", "content": []}, "user"),
        ({"type": "container_upload", "file_id": "f"}, "user"),
        ({"type": "image", "source": {"type": "file", "file_id": "f"}}, "user"),
        ({"type": "image", "source": PNG, "transformations": {"oversized_image": "error"}}, "user"),
        ({"type": "image", "source": {**PNG, "future": 1}}, "user"),
        ({"type": "document", "source": {"type": "content", "content": "c"}}, "user"),
        ({"type": "document", "source": PDF, "citations": {"enabled": True}}, "user"),
        ({"type": "document", "source": PDF, "title": "t" * 257}, "user"),
        ({"type": "redacted_thinking", "data": "d"}, "assistant"),
        ({"type": "server_tool_use", "id": "b", "name": "web_search", "input": {"query": "q"}}, "assistant"),
        ({**CALL, "caller": {"type": "code_execution_20260521", "tool_id": "b"}}, "assistant"),
        ({**RESULT, "content": [{"type": "document", "source": PDF}]}, "user"),
        ({**RESULT, "toolset_name": "browser"}, "user"),
    ],
)
def test_block_without_a_part_is_kept_as_it_came(block: dict[str, Any], role: str) -> None:
    """What says more than our parts can hold goes back to its vendor untouched."""
    assert parts(block, role=role) == (RawPart(provider="anthropic_messages", data=block),)


def test_raw_numbers_are_plain() -> None:
    """A part that others may keep or compare holds no number of our own reader."""
    (part,) = parts({"type": "future", "size": Decimal("0.5")})
    assert part.data == {"type": "future", "size": 0.5}
    assert type(part.data["size"]) is float


@pytest.mark.parametrize(
    "signature,expected",
    [
        ("c2ln", ReasoningPart(text="hm", signature="c2ln", provider="claude")),
        ("", ReasoningPart(text="hm", provider="claude")),
        ("llm-service:gemini:thought:c2ln", ReasoningPart(text="hm", signature="thought:c2ln", provider="gemini")),
        ("llm-service:a%3Ab:c2ln", ReasoningPart(text="hm", signature="c2ln", provider="a:b")),
        ("llm-service:gemini", ReasoningPart(text="hm", signature="llm-service:gemini", provider="claude")),
    ],
)
def test_thoughts_come_back_to_the_row_that_signed(signature: str, expected: ReasoningPart) -> None:
    """The row behind the door, or the one whose name we had laid before the signature."""
    block = {"type": "thinking", "thinking": "hm", "signature": signature}
    (turn,) = decode_request(asked(block, role="assistant"), provider="claude").conversation.messages
    assert turn.content == (expected,)


def test_calls_keep_their_digits_and_results_their_pictures() -> None:
    """A tool's input is text with us; what it answered may be text, pictures or nothing."""
    call = {
        **CALL,
        "input": {"at": Decimal("0.1234567890123456789"), "word": "ß"},
        "caller": {"type": "direct"},
        "toolset_name": None,
    }
    expected = '{"at":0.1234567890123456789,"word":"ß"}'
    image = {"type": "image", "source": PNG}
    answers: list[dict[str, Any]] = [
        {**RESULT, "content": [image, {"type": "text", "text": "r"}], "is_error": True, "cache_control": MARK},
        {**RESULT, "tool_use_id": "b", "content": None},
    ]
    body = asked(call, {**CALL, "id": "b"}, role="assistant")
    body["messages"].append({"role": "user", "content": answers})
    turns = decode_request(body).conversation.messages
    assert turns[0].content[0] == ToolCallPart(id="a", name="look", arguments=expected)
    assert turns[1].content == (
        ToolResultPart(
            tool_call_id="a",
            content=(ImagePart(data=PIXELS, media_type="image/png"), TextPart(text="r")),
            is_error=True,
            cache_control=CacheControl(ttl="5m"),
        ),
        ToolResultPart(tool_call_id="b", content=()),
    )
