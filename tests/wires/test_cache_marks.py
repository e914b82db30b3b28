"""Do marks and the key for a vendor's cache go where the vendor takes them, and are they named where it does not?"""

from __future__ import annotations

from typing import Any

import pytest

from app.wires.encoded import Encoded
from contracts.chat import (
    CacheControl,
    FilePart,
    ImagePart,
    Message,
    Role,
    TextPart,
    Tool,
    ToolCallPart,
    ToolResultPart,
)
from tests.referees.feature import assistant, said, tool, user
from tests.referees.our_side import exchange_of
from tests.wires.vendor_cases import model_of

MARK, HOUR = CacheControl(), CacheControl(ttl="1h")
WRITTEN, WRITTEN_HOUR = {"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}
WITHOUT_MARKS = ("openai", "deepseek", "gemini", "ollama", "local")
TEXT = TextPart(text="Long.", cache_control=HOUR)
CALL = ToolCallPart(id="c1", name="look", arguments="{}", cache_control=MARK)
RESULT = ToolResultPart(tool_call_id="c1", content=(TextPart(text="seen"),), cache_control=MARK)


def encoded(name: str, *messages: Message, **asked: Any) -> Encoded:
    call = said("", "", *messages, **asked).call(name)
    return exchange_of(call, name=name, model=model_of(name), stream=False).encoded


def test_marks_stand_on_the_blocks_of_anthropic() -> None:
    """On texts, media, calls, results, instructions and tools, each with the time that was asked."""
    image = ImagePart(data="/9j/", media_type="image/jpeg", cache_control=MARK)
    file = FilePart(data="aGk=", media_type="application/pdf", cache_control=MARK)
    found = encoded(
        "anthropic",
        Message(role=Role.SYSTEM, content=(TEXT,)),
        user(TEXT, image, file),
        assistant(CALL),
        tool(RESULT),
        tools=(Tool(name="look", cache_control=HOUR),),
    )
    blocks = [block for turn in found.body["messages"] for block in turn["content"]]
    assert [(block["type"], block["cache_control"]) for block in blocks] == [
        ("text", WRITTEN_HOUR),
        ("image", WRITTEN),
        ("document", WRITTEN),
        ("tool_use", WRITTEN),
        ("tool_result", WRITTEN),
    ]
    assert found.body["system"][0]["cache_control"] == WRITTEN_HOUR
    assert found.body["tools"][0]["cache_control"] == WRITTEN_HOUR
    assert (found.warnings, found.unsupported) == ((), ())


def test_mark_on_what_is_not_sent_is_named() -> None:
    """Anthropic takes no text of spaces, so its mark has nothing to stand on."""
    found = encoded("anthropic", user("Hello", TextPart(text=" ", cache_control=MARK)))
    assert [one.field for one in found.unsupported] == ["messages.cache_control"]
    assert "cache_control" not in str(found.body)


def test_marks_stand_on_the_texts_of_openrouter() -> None:
    """A marked text is a part, never a plain string; the mark of an answer stands on its last part; tools have one."""
    answers = [assistant(TextPart(text="Hi.", cache_control=MARK)), user(TEXT)]
    found = encoded(
        "openrouter",
        Message(role=Role.SYSTEM, content=(TEXT,)),
        *answers,
        assistant(ToolCallPart(id="c1", name="look", arguments="{}")),
        tool(RESULT),
        tools=(Tool(name="look", cache_control=HOUR),),
    )
    contents = [message["content"] for message in found.body["messages"]]
    assert contents == [
        [{"type": "text", "text": "Long.", "cache_control": WRITTEN_HOUR}],
        [{"type": "text", "text": "Hi.", "cache_control": WRITTEN}],
        [{"type": "text", "text": "Long.", "cache_control": WRITTEN_HOUR}],
        None,
        [{"type": "text", "text": "seen", "cache_control": WRITTEN}],
    ]
    assert found.body["tools"][0]["cache_control"] == WRITTEN_HOUR
    assert (found.warnings, found.unsupported) == ((), ())


@pytest.mark.parametrize(
    "part,kind",
    [
        (ImagePart(data="a", media_type="image/png", cache_control=MARK), "image"),
        (FilePart(data="a", cache_control=MARK), "file"),
        (ToolResultPart(tool_call_id="c1", content=(), cache_control=MARK), "tool_result"),
    ],
)
def test_mark_on_what_is_no_text_is_named(part: Any, kind: str) -> None:
    """OpenRouter takes marks on texts only, and an answer without any part has no place for one."""
    found = encoded("openrouter", user("Hello", part))
    assert found.warnings == (
        f"cache_control of a part of type {kind} was not sent: openrouter takes it on texts only",
    )
    assert [one.field for one in found.unsupported] == ["messages.cache_control"]


def test_mark_on_a_call_is_named() -> None:
    """OpenRouter has no place for it."""
    found = encoded("openrouter", user("Hello"), assistant(CALL), tool(RESULT))
    assert "cache_control of a part of type tool_call was not sent" in found.warnings[0]


@pytest.mark.parametrize("name", WITHOUT_MARKS)
def test_marks_are_named_where_there_is_no_place_for_them(name: str) -> None:
    """Once for messages and once for tools, so that a caller may have them refused."""
    found = encoded(name, user(TEXT, TEXT), tools=(Tool(name="look", cache_control=MARK),))
    assert [one.field for one in found.unsupported if "cache" in one.field] == [
        "messages.cache_control",
        "tools.cache_control",
    ]
    assert "cache_control" not in str(found.body)


@pytest.mark.parametrize("name", WITHOUT_MARKS)
def test_mark_within_a_tools_answer_is_found(name: str) -> None:
    """It is named like any other."""
    within = ToolResultPart(tool_call_id="c1", content=(TEXT,))
    found = encoded(name, user("Hello"), assistant(ToolCallPart(id="c1", name="look", arguments="{}")), tool(within))
    assert [one.field for one in found.unsupported] == ["messages.cache_control"]


@pytest.mark.parametrize("name", ["openai", "openrouter"])
def test_key_of_the_cache_is_sent_as_it_is(name: str) -> None:
    """It is OpenAI's own field."""
    found = encoded(name, user("Hello"), prompt_cache_key="tenant-1")
    assert (found.body["prompt_cache_key"], found.warnings) == ("tenant-1", ())


@pytest.mark.parametrize("name", ["anthropic", "deepseek", "gemini", "ollama", "local"])
def test_key_of_the_cache_is_named_where_it_is_not_known(name: str) -> None:
    """It is left out."""
    found = encoded(name, user("Hello"), prompt_cache_key="tenant-1")
    assert "prompt_cache_key" not in found.body
    assert found.warnings == (f"prompt_cache_key was not sent: {name} does not know it",)
    assert [one.field for one in found.unsupported] == ["prompt_cache_key"]
