"""Do later instructions stand where newer models take them, and nowhere else?"""

from __future__ import annotations

import pytest

from app.providers.claude_models import abilities_of
from app.wires.anthropic_messages import Abilities, encode_request
from app.wires.encoded import Encoded
from contracts.chat import CacheControl, Conversation, Message, Role, TextPart, ToolCallPart, ToolResultPart
from tests.referees.feature import assistant, system, tool, user

NEWER = Abilities(max_output_tokens=64, takes_late_system=True, takes_prefill=False)
CALL = ToolCallPart(id="c1", name="look", arguments="{}")
RESULT = ToolResultPart(tool_call_id="c1", content=(TextPart(text="seen"),))
BEHIND = "a system message was sent behind the user's words that followed it"
AHEAD = "a system message was moved before the conversation"


def encoded(*messages: Message) -> Encoded:
    return encode_request(Conversation(messages=messages), provider="row", model="m", stream=False, abilities=NEWER)


def roles(found: Encoded) -> list[str]:
    return [message["role"] for message in found.body["messages"]]


def test_instructions_behind_a_users_turn_stay_there() -> None:
    """With their marks, neighbours in one message, at the end as before the assistant's turn; none is moved."""
    marked = Message(role=Role.SYSTEM, content=(TextPart(text="Be kind.", cache_control=CacheControl()),))
    found = encoded(system("Be brief."), user("Hi"), marked, system("Be bold."), assistant("Hi."), user("So"), marked)
    kind = {"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}
    assert roles(found) == ["user", "system", "assistant", "user", "system"]
    assert found.body["messages"][1]["content"] == [kind, {"type": "text", "text": "Be bold."}]
    assert found.body["system"] == [{"type": "text", "text": "Be brief."}]
    assert found.warnings == ()


def test_instructions_before_a_users_turn_stand_behind_it() -> None:
    """The vendor takes them nowhere else, so the order of the two is another, and a warning says so."""
    found = encoded(user("Hi"), assistant("Hi."), system("Be kind."), user("Go on."), user("Please."))
    assert roles(found) == ["user", "assistant", "user", "system"]
    assert [block["text"] for block in found.body["messages"][2]["content"]] == ["Go on.", "Please."]
    assert found.warnings == (BEHIND,)


def test_instructions_amid_tool_calls_stand_behind_their_answers() -> None:
    """An answer must follow its call without a gap."""
    found = encoded(user("Hi"), assistant(CALL), system("Be kind."), tool(RESULT))
    assert (roles(found), found.warnings) == (["user", "assistant", "user", "system"], (BEHIND,))
    found = encoded(user("Hi"), assistant(CALL), tool(RESULT), system("Be kind."))
    assert (roles(found), found.warnings) == (["user", "assistant", "user", "system"], ())


def test_instructions_between_two_answers_go_ahead() -> None:
    """No user's turn stands between them that could be followed."""
    found = encoded(user("Hi"), assistant("Hi."), system("Be kind."), assistant("Yes."), user("So"))
    assert (roles(found), found.warnings) == (["user", "assistant", "user"], (AHEAD,))
    assert found.body["system"] == [{"type": "text", "text": "Be kind."}]


@pytest.mark.parametrize(
    "model,takes",
    [
        ("claude-haiku-5-5", True),
        ("claude-opus-4-8", True),
        ("claude-opus-4-7", False),
        ("claude-sonnet-5", False),
        ("claude-haiku-4-5", False),
        ("claude-opus-9", False),
        ("their-own", False),
    ],
)
def test_model_takes_later_instructions_where_it_is_known_to(model: str, takes: bool) -> None:
    """Others would answer 400; of Sonnet 5 the sources differ."""
    assert abilities_of(model).takes_late_system is takes
