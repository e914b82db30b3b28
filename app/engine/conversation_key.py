"""Under which key is a conversation known, so that its next turn finds who served the last? A hash, never its text.

The key of an answer's continuation is that of the next request's prefix, if its sender repeats what was said: all up
to the last assistant turn. Reasoning is left out, for many callers do not send it back. What is hashed is bounded, so
that a long conversation costs no more than a short one: a wrong guess costs a cached prefix, nothing else. So the
interpreter's own hash will do, which is drawn anew for each process and leaves it nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from contracts.caller import Caller
from contracts.chat import (
    Conversation,
    FilePart,
    ImagePart,
    Message,
    Part,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

FIRST_MESSAGES = 4
LAST_MESSAGES = 12
SAMPLE_CHARACTERS = 128
_SAID = (TextPart, RefusalPart)


def named_key(caller: Caller, prompt_cache_key: str) -> int:
    """The key of all conversations that `caller` gives the same `prompt_cache_key`."""
    return _hashed(caller, "named", [prompt_cache_key])


def prefix_key(caller: Caller, conversation: Conversation) -> int | None:
    """The key of what was said up to the last assistant turn; None when there was none yet."""
    messages = conversation.messages
    for index in range(len(messages) - 1, -1, -1):
        if messages[index].role is Role.ASSISTANT:
            return _messages_key(caller, messages[: index + 1])
    return None


def continuation_key(caller: Caller, conversation: Conversation, answer: Message) -> int:
    """The `prefix_key` of a request that goes on after `answer`."""
    return _messages_key(caller, (*conversation.messages, answer))


def _messages_key(caller: Caller, messages: Sequence[Message]) -> int:
    count = len(messages)
    if count > FIRST_MESSAGES + LAST_MESSAGES:
        messages = (*messages[:FIRST_MESSAGES], *messages[-LAST_MESSAGES:])
    said = [str(count)]
    for message in messages:
        said.append(message.role)
        for part in message.content:
            _add(said, part)
    return _hashed(caller, "said", said)


def _hashed(caller: Caller, kind: str, said: list[str]) -> int:
    # A key may be named as a tenant is.
    whose = ("key", caller.key_id) if caller.tenant is None else ("tenant", caller.tenant)
    return hash((*whose, kind, *said))


def _add(said: list[str], part: Part) -> None:
    if isinstance(part, _SAID):
        if part.text:
            said.append(_sample(part.text))
    elif isinstance(part, ToolCallPart):
        said += (part.id, part.name, _sample(part.arguments))
    elif isinstance(part, ToolResultPart):
        said.append(part.tool_call_id)
        for inner in part.content:
            _add(said, inner)
    elif isinstance(part, ImagePart):
        said.append(_sample(part.url or part.data or ""))
    elif isinstance(part, FilePart):
        said.append(_sample(part.file_id or part.url or part.data or ""))


def _sample(text: str) -> str:
    """The text, or of a long one its length, beginning and end."""
    if len(text) <= 2 * SAMPLE_CHARACTERS:
        return text
    return f"{len(text)}:{text[:SAMPLE_CHARACTERS]}{text[-SAMPLE_CHARACTERS:]}"
