"""Does the next turn of a conversation find the key under which its last answer was remembered?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.engine.conversation_key import (
    FIRST_MESSAGES,
    LAST_MESSAGES,
    SAMPLE_CHARACTERS,
    continuation_key,
    named_key,
    prefix_key,
)
from contracts.caller import IN_PROCESS_CALLER
from contracts.chat import (
    Conversation,
    FilePart,
    ImagePart,
    Message,
    Part,
    RawPart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

OTHER = replace(IN_PROCESS_CALLER, tenant="other")


def said(role: Role, *parts: Part | str) -> Message:
    return Message(role=role, content=tuple(TextPart(text=part) if isinstance(part, str) else part for part in parts))


def user(*parts: Part | str) -> Message:
    return said(Role.USER, *parts)


def model(*parts: Part | str) -> Message:
    return said(Role.ASSISTANT, *parts)


def talk(*messages: Message) -> Conversation:
    return Conversation(messages=messages)


CALL = ToolCallPart(id="c1", name="weather", arguments='{"city":"Oslo"}')
ANSWERS: list[Message] = [
    model("Good day."),
    model(RefusalPart(text="No.")),
    model("I look.", CALL),
    model("lone \ud800 surrogate"),
    model("x" * 5000),
    model(),
]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(
    "before",
    [
        (user("Hello"),),
        (said(Role.SYSTEM, "Be brief."), user("Hello")),
        (user("See", ImagePart(url="https://x/y.png"), FilePart(file_id="f1")), model("Yes"), user("And now?")),
        (user("Go"), model(CALL), said(Role.TOOL, ToolResultPart(tool_call_id="c1", content=(TextPart(text="rain"),)))),
        tuple(user(str(number)) if number % 2 == 0 else model(str(number)) for number in range(101)),
    ],
)
def test_key_of_the_answer_is_the_next_turns(before: tuple[Message, ...], answer: Message) -> None:
    """Whatever is asked next, and however often the caller has spoken since."""
    key = continuation_key(IN_PROCESS_CALLER, talk(*before), answer)
    assert prefix_key(IN_PROCESS_CALLER, talk(*before, answer, user("Next"))) == key
    assert prefix_key(IN_PROCESS_CALLER, talk(*before, answer, user("Something"), user("else"))) == key


def test_key_of_an_answer_sent_back_without_its_reasoning() -> None:
    """Many callers keep the words only."""
    whole = model(ReasoningPart(text="hm", signature="s", provider="a"), RawPart(provider="a", data={"x": 1}), "Yes")
    key = continuation_key(IN_PROCESS_CALLER, talk(user("Hello")), whole)
    assert prefix_key(IN_PROCESS_CALLER, talk(user("Hello"), model("Yes"), user("Why?"))) == key


def test_key_before_the_first_answer_is_none() -> None:
    """Nobody can have served it."""
    assert prefix_key(IN_PROCESS_CALLER, talk(said(Role.SYSTEM, "Be brief."), user("Hello"))) is None


BASE = (user("Hello"), model("Good day."), user("Next"))
CHANGED: list[tuple[Message, ...]] = [
    (user("Hello!"), BASE[1]),
    (user("Hello"), model("Good night.")),
    (model("Hello"), BASE[1]),
    (user("Hello"), user("Hello"), BASE[1]),
    (user("Hel", "lo"), BASE[1]),
    (user("Hello", ImagePart(data="aGk=", media_type="image/png")), BASE[1]),
    (user("Hello", FilePart(url="https://x/a.pdf")), BASE[1]),
    (user("Hello"), model("Good day.", CALL)),
    (user("Hello"), model("Good day.", replace(CALL, arguments='{"city":"Bergen"}'))),
]


@pytest.mark.parametrize("messages", CHANGED)
def test_key_of_another_conversation_is_another(messages: tuple[Message, ...]) -> None:
    """Every part counts, and in its place."""
    assert prefix_key(IN_PROCESS_CALLER, talk(*messages)) != prefix_key(IN_PROCESS_CALLER, talk(*BASE))


def test_keys_of_changed_conversations_are_all_different() -> None:
    """None of them falls together with another."""
    assert len({prefix_key(IN_PROCESS_CALLER, talk(*messages)) for messages in CHANGED}) == len(CHANGED)


def test_key_of_a_long_text_depends_on_its_ends_and_length() -> None:
    """Only samples are hashed, so that a book costs no more than a page."""
    text = "a" * (SAMPLE_CHARACTERS * 4)
    keys = {
        prefix_key(IN_PROCESS_CALLER, talk(model(each)))
        for each in (text, f"b{text[1:]}", f"{text[:-1]}b", text + "a", text)
    }
    assert len(keys) == 4


def test_key_of_a_long_conversation_depends_on_its_ends_and_length() -> None:
    """The same holds for many messages."""
    many: list[Any] = [model(str(number)) for number in range(FIRST_MESSAGES + LAST_MESSAGES + 20)]
    first, last = [model("x"), *many[1:]], [*many[:-1], model("x")]
    keys = {prefix_key(IN_PROCESS_CALLER, talk(*each)) for each in (many, first, last, [many[0], *many])}
    assert len(keys) == 4


def test_keys_belong_to_a_tenant() -> None:
    """Two tenants who say the same are two conversations; so are a name and a text that read alike."""
    talked = talk(*BASE)
    assert prefix_key(IN_PROCESS_CALLER, talked) != prefix_key(OTHER, talked)
    assert named_key(IN_PROCESS_CALLER, "k") != named_key(OTHER, "k")
    assert named_key(IN_PROCESS_CALLER, "k") == named_key(replace(IN_PROCESS_CALLER, tags=("t",)), "k")
    assert named_key(IN_PROCESS_CALLER, "1") != prefix_key(IN_PROCESS_CALLER, talk(model()))


def test_key_is_a_hash() -> None:
    """One word of the machine, whatever was said: nothing of it can be in there."""
    for text in ("Hello", "Hello " * 10_000):
        key = prefix_key(IN_PROCESS_CALLER, talk(user(text), *BASE))
        assert isinstance(key, int)
        assert key.bit_length() < 64


def test_key_of_a_tenant_is_not_that_of_a_key_of_its_name() -> None:
    """Nobody finds out who served another's conversation by the name of his key."""
    tenant, key = replace(IN_PROCESS_CALLER, tenant="acme"), replace(IN_PROCESS_CALLER, key_id="acme", tenant=None)
    assert named_key(tenant, "thread") != named_key(key, "thread")
