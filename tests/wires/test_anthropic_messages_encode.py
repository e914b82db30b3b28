"""Does a conversation become the body that /v1/messages takes, with all that does not fit named?"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from app.providers.claude_models import abilities_of
from app.wires.anthropic_messages import encode_request
from app.wires.encoded import Encoded
from contracts.chat import (
    Conversation,
    FilePart,
    ImagePart,
    Message,
    Part,
    RawPart,
    ReasoningPart,
    ResponseFormat,
    Role,
    Sampling,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from contracts.errors import InvalidRequestError

HAIKU, SONNET, OPUS, MANUAL = "claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-4-5"
CACHED = {"type": "text", "text": "Long.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}


def turn(role: str, *parts: Part | str) -> Message:
    content = tuple(TextPart(text=part) if isinstance(part, str) else part for part in parts)
    return Message(role=Role(role), content=content)


def encoded(*messages: Message, model: str = HAIKU, options: dict[str, Any] | None = None, **fields: Any) -> Encoded:
    conversation = Conversation(messages=messages or (turn("user", "Hi"),), **fields)
    return encode_request(
        conversation, provider="row", model=model, stream=False, abilities=abilities_of(model), options=options
    )


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


@pytest.mark.parametrize(
    "model,limit",
    [(HAIKU, 128_000), (MANUAL, 64_000), ("claude-opus-4-1", 32_000), ("claude-3-5-sonnet-20241022", 8192)],
)
def test_max_tokens_is_the_models_limit_unless_asked(model: str, limit: int) -> None:
    """The dialect needs one: the documented limit limits nothing, and a caller's value is never changed."""
    assert encoded(model=model).body["max_tokens"] == limit
    assert encoded(model=model).warnings == ()
    assert encoded(model=model, sampling=Sampling(max_tokens=10**7)).body["max_tokens"] == 10**7


def test_max_tokens_of_an_unknown_model_is_named() -> None:
    """A limit that we chose is not a silent one."""
    sent = encoded(model="their-own")
    assert sent.body["max_tokens"] == 4096
    assert "max_tokens 4096 was sent" in sent.warnings[0]


def test_system_stands_beside_the_messages() -> None:
    """In blocks, with the marks that a caller set; for an older model a later one is moved, and said so."""
    raw = RawPart(provider="row", data=CACHED)
    later = turn("system", "Now longer.")
    sent = encoded(turn("system", "Be brief.", raw), turn("user", "Hi"), later, model=MANUAL)
    assert sent.body["system"] == [text("Be brief."), CACHED, text("Now longer.")]
    assert sent.body["messages"] == [{"role": "user", "content": [text("Hi")]}]
    assert sent.warnings == ("a system message was moved before the conversation",)


def test_turns_alternate_with_tool_results_first() -> None:
    """Neighbours of one role are one turn, and what tools answered stands at its head."""
    image = ImagePart(url="https://a.example/i.png")
    result = ToolResultPart(tool_call_id="b:2", content=(TextPart(text="9"), image), is_error=True)
    sent = encoded(
        turn("user", "Go"),
        turn("assistant", ToolCallPart(id="a.1", name="n", arguments="")),
        turn("assistant", ToolCallPart(id="b:2", name="n", arguments='{"x":1}')),
        turn("user", "And hurry."),
        turn("tool", ToolResultPart(tool_call_id="a.1", content=()), result),
    )
    calls, answers = (message["content"] for message in sent.body["messages"][1:])
    assert [(call["id"], call["input"]) for call in calls] == [("a_1", {}), ("b_2", {"x": 1})]
    assert answers == [
        {"type": "tool_result", "tool_use_id": "a_1"},
        {
            "type": "tool_result",
            "tool_use_id": "b_2",
            "content": [text("9"), {"type": "image", "source": {"type": "url", "url": "https://a.example/i.png"}}],
            "is_error": True,
        },
        text("And hurry."),
    ]


def test_arguments_that_are_no_object_are_sent_as_text() -> None:
    """Another vendor's model may have written them; the conversation still goes on."""
    sent = encoded(turn("assistant", ToolCallPart(id="a", name="n", arguments="[1")), turn("user", "Hi"))
    assert sent.body["messages"][0]["content"][0]["input"] == {"INVALID_JSON": "[1"}
    assert "no JSON object" in sent.warnings[0]


def test_reasoning_goes_back_to_its_own_vendor_only() -> None:
    """Signed thoughts and redacted ones unchanged and in their order; foreign and unsigned ones are left out."""
    redacted = {"type": "redacted_thinking", "data": "xyz"}
    sent = encoded(
        turn(
            "assistant",
            ReasoningPart(text="", signature="sig", provider="row"),
            RawPart(provider="row", data=redacted),
            RawPart(provider="other", data=redacted),
            ReasoningPart(text="mine", provider="row"),
            ReasoningPart(text="theirs", signature="sig", provider="other"),
            "Done.",
        ),
        turn("user", "Hi", ReasoningPart(text="lost", signature="sig", provider="row")),
    )
    thinking = {"type": "thinking", "thinking": "", "signature": "sig"}
    assert sent.body["messages"][0]["content"] == [thinking, redacted, text("Done.")]
    assert [warning.split()[0] for warning in sent.warnings] == ["a", "reasoning"]


def test_text_of_spaces_is_left_out() -> None:
    """The vendor answers 400 to it; nothing at all is left out without a word."""
    sent = encoded(turn("user", "", " \n", "Hi"), turn("user", " "))
    assert sent.body["messages"] == [{"role": "user", "content": [text("Hi")]}]
    assert sent.warnings == ("a text of spaces was not sent: row takes none",)


PNG = "iVBORw0KGgoAAAA"
B64 = base64.b64encode("Grüße".encode()).decode()


@pytest.mark.parametrize(
    "part,block",
    [
        (ImagePart(data=PNG), {"type": "base64", "media_type": "image/png", "data": PNG}),
        (ImagePart(data="x", media_type="image/webp"), {"type": "base64", "media_type": "image/webp", "data": "x"}),
        (FilePart(data=PNG, media_type="image/png"), {"type": "base64", "media_type": "image/png", "data": PNG}),
        (FilePart(data="JVBE"), {"type": "base64", "media_type": "application/pdf", "data": "JVBE"}),
        (FilePart(data=B64, media_type="text/markdown"), {"type": "text", "media_type": "text/plain", "data": "Grüße"}),
        (FilePart(url="https://a.example/a.pdf"), {"type": "url", "url": "https://a.example/a.pdf"}),
        (FilePart(file_id="file_1"), {"type": "file", "file_id": "file_1"}),
    ],
)
def test_media_become_blocks(part: Part, block: dict[str, str]) -> None:
    """Inline, by URL or by the vendor's id, each under its own type."""
    (sent,) = encoded(turn("user", part)).body["messages"][0]["content"]
    assert sent["source"] == block
    is_image = isinstance(part, ImagePart) or part == FilePart(data=PNG, media_type="image/png")
    assert sent["type"] == ("image" if is_image else "document")


def test_document_keeps_its_name() -> None:
    """As the title that the model sees."""
    (sent,) = encoded(turn("user", FilePart(data="JVBE", filename="a.pdf"))).body["messages"][0]["content"]
    assert sent["title"] == "a.pdf"


@pytest.mark.parametrize(
    "part,fact",
    [
        (ImagePart(data="abc"), "not an unknown one"),
        (ImagePart(data="abc", media_type="image/tiff"), "not image/tiff"),
        (FilePart(data="abc", media_type="application/zip"), "takes PDF and text files, not application/zip"),
        (FilePart(data="\N{SNOWMAN}", media_type="text/plain"), "UTF-8 and base64 only"),
        (FilePart(data="/w==", media_type="text/plain"), "UTF-8 and base64 only"),
        (FilePart(url="https://a.example/a.txt", media_type="text/plain"), "by URL"),
    ],
)
def test_media_that_are_not_taken_are_refused(part: Part, fact: str) -> None:
    """Before the call, with the reason."""
    with pytest.raises(InvalidRequestError, match=fact) as caught:
        encoded(turn("user", part))
    assert caught.value.errors[0].field == "messages"


def test_media_of_an_assistant_and_detail_are_named() -> None:
    """What is left out is said."""
    image = ImagePart(data=PNG, detail="high")
    sent = encoded(turn("assistant", "Look:", image), turn("user", image))
    assert [warning.split(" was ")[0] for warning in sent.warnings] == ["a part of type image", "detail of an image"]


@pytest.mark.parametrize(
    "messages,fact",
    [
        ((turn("system", "Be brief."),), "row needs a message with role user"),
        ((turn("user", "Hi"), turn("assistant", "Well,")), "does not continue an assistant's turn"),
        ((turn("system", ImagePart(data=PNG)), turn("user", "Hi")), "no part of type image in a system message"),
    ],
)
def test_conversation_that_cannot_be_told_is_refused(messages: tuple[Message, ...], fact: str) -> None:
    """The answer would be another one without it."""
    with pytest.raises(InvalidRequestError, match=fact):
        encoded(*messages)


def test_turn_may_be_continued_where_the_model_does() -> None:
    """Older models continue what is begun, and a turn that the vendor paused goes back to any."""
    begun = (turn("user", "Hi"), turn("assistant", "Well,"))
    paused = turn("assistant", RawPart(provider="row", data={"type": "server_tool_use", "id": "s"}))
    assert encoded(*begun, model=MANUAL).body["messages"][-1]["role"] == "assistant"
    assert encoded(turn("user", "Hi"), paused).body["messages"][-1]["role"] == "assistant"


def test_options_are_laid_over_last() -> None:
    """Beta fields and cache marks pass; what the service sets is refused."""
    sent = encoded(options={"cache_control": {"type": "ephemeral"}, "top_k": 5}).body
    assert (sent["cache_control"], sent["top_k"]) == ({"type": "ephemeral"}, 5)
    for name in ("model", "messages", "system", "stream"):
        with pytest.raises(InvalidRequestError, match=f"vendor_options.row.{name}"):
            encoded(options={name: "x"})


@pytest.mark.parametrize(
    "model,schema,enforced",
    [
        (HAIKU, {"type": "object", "properties": {"a": {"type": "string"}}}, True),
        (HAIKU, {"type": "object"}, False),
        ("claude-opus-4-1", {"type": "object", "properties": {"a": {"type": "string"}}}, False),
    ],
)
def test_schema_is_enforced_or_becomes_an_instruction(model: str, schema: dict[str, Any], enforced: bool) -> None:
    """By the model's ability and by what a schema can say; the second way is named."""
    sent = encoded(model=model, response_format=ResponseFormat(type="json_schema", json_schema=schema))
    assert ("output_config" in sent.body) is enforced
    assert any("JSON Schema" in block["text"] for block in sent.body.get("system", [])) is not enforced
    assert bool(sent.warnings) is not enforced


def test_json_object_is_an_instruction() -> None:
    """There is no such mode; plain text needs nothing."""
    sent = encoded(turn("system", "Be brief."), turn("user", "Hi"), response_format=ResponseFormat(type="json_object"))
    assert sent.body["system"][1:] == [text("Answer with one JSON object only.")]
    assert "json_object was sent as an instruction" in sent.warnings[0]
    assert "system" not in encoded(response_format=ResponseFormat(type="text")).body
