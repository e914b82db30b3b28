"""Which turns of ours are the messages of a body?

Every message becomes one turn; one of a role that is not known here becomes none, and is a demand. The older form of
tool calls, one `function_call` answered by a message with role `function`, has no ids: they are made here, from the
place of the call.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.wires.demands import STRANGE
from app.wires.free_json import read_object
from app.wires.openai_chat.inbound.parts import KEPT, read_content
from app.wires.openai_chat.inbound.thoughts import THOUGHT_FIELDS, read_thoughts
from app.wires.place import Place
from app.wires.plain_turns import plain_turns
from app.wires.request_fields import MOST_MESSAGES
from contracts.broken_rule import BrokenRuleError
from contracts.chat import (
    ImagePart,
    Message,
    Part,
    RawPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from contracts.tool_turns import check_tool_turns

MOST_CALLS = 10_000
_MORE = frozenset({"refusal", "tool_calls", "function_call", "audio", *THOUGHT_FIELDS})
_USUAL = frozenset({"role", "content"})
_FIELDS = {
    "developer": _USUAL,
    "system": _USUAL,
    "user": _USUAL,
    "assistant": _USUAL | _MORE,
    "tool": _USUAL | {"tool_call_id"},
    "function": _USUAL | {"name"},
}
SPEAKERS = {
    "developer": Role.SYSTEM,
    "system": Role.SYSTEM,
    "user": Role.USER,
    "assistant": Role.ASSISTANT,
}
_SYSTEM_PARTS = (TextPart, RawPart)
# Who gathers a stream has the place of a call in it, too.
_CALL_FIELDS = frozenset({"type", "id", "index", "function"})
_FUNCTION_FIELDS = frozenset({"name", "arguments"})


def read_turns(body: Place, *, provider: str) -> tuple[Message, ...]:
    """The conversation in `messages`; `provider` is whose reasoning and own parts stand in it."""
    plain = plain_turns(body.value.get("messages"), SPEAKERS)
    if plain is not None:
        return plain
    reader = _TurnReader(provider)
    entries = body.need("messages").entries(least=1, most=MOST_MESSAGES)
    turns: list[Message] = []
    said: list[Place] = []
    for number, entry in enumerate(entries):
        turn = reader.read(number, entry)
        if turn is not None:
            turns.append(turn)
            said.append(entry)
    if reader.may_have_calls and not body.findings.has_faults:
        _check_calls(turns, said)
    return tuple(turns)


class _TurnReader:
    """Reads message after message; it remembers function calls, which are answered by name."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._called: dict[str, str] = {}
        # Whether a message is of a role that calls tools, or answers for them.
        self.may_have_calls = False

    def read(self, number: int, message: Place) -> Message | None:
        if not message.is_object(required=True):
            return None
        role = message.value.get("role")
        known = _FIELDS.get(role) if isinstance(role, str) else None
        if known is None:
            message.need("role").word()
            message.at("role").demand(STRANGE)
            return None
        message.ignore_others(known)
        self.may_have_calls |= known is not _USUAL
        match role:
            case "developer" | "system":
                return Message(role=Role.SYSTEM, content=self._texts(message))
            case "assistant":
                return Message(role=Role.ASSISTANT, content=self._assistant(number, message))
            case "tool":
                return self._result(message, message.need("tool_call_id").name())
            case "function":
                return self._result(message, self._call_of(message.need("name")))
            case _:
                return Message(role=Role.USER, content=read_content(message.need("content"), self._provider))

    def _texts(self, message: Place) -> tuple[Part, ...]:
        parts = read_content(message.need("content"), self._provider)
        if not all(isinstance(part, _SYSTEM_PARTS) for part in parts):
            message.at("content").wrong("must hold text only: this is a system message")
        return parts

    def _result(self, message: Place, call_id: str) -> Message:
        content = message.at("content") if message.value["role"] == "function" else message.need("content")
        parts = self._said(content)
        answer = tuple(part for part in parts if isinstance(part, TextPart | ImagePart))
        if len(answer) != len([part for part in parts if not isinstance(part, RawPart)]):
            content.wrong("must hold text and images only: it is what a tool answered")
        return Message(role=Role.TOOL, content=(ToolResultPart(tool_call_id=call_id, content=answer),))

    def _assistant(self, number: int, message: Place) -> tuple[Part, ...]:
        content = message.at("content")
        said = self._said(content)
        others = [part for part in said if _says(part)]
        if message.says_any(_MORE):
            others = self._with_more(number, message, others)
        if not others and not said and not content.value:
            content.wrong("is required where there are neither tool_calls nor a refusal")
        # A text without a word beside something else is how some write that there is none.
        return tuple(others) or said

    def _with_more(self, number: int, message: Place, said: list[Part]) -> list[Part]:
        """What an assistant says beside the `content`, of which `said` are the parts."""
        refusal = message.at("refusal").text()
        thoughts = read_thoughts(message, self._provider)
        return [
            *thoughts,
            *said,
            *([RefusalPart(text=refusal)] if refusal else ()),
            *self._calls(message),
            *self._function_call(number, message.at("function_call")),
            *self._audio(message.at("audio")),
        ]

    def _said(self, content: Place) -> tuple[Part, ...]:
        return () if content.value == [] else read_content(content, self._provider)

    def _calls(self, message: Place) -> list[Part]:
        return [self._call(entry) for entry in message.at("tool_calls").entries(most=MOST_CALLS)]

    def _call(self, call: Place) -> Part:
        if call.is_object(required=True) and call.value.get("type") not in (None, "function"):
            call.at("type").word()
            call.demand(STRANGE)
            call.need("id").name()
            return RawPart(provider=self._provider, data=read_object(call))
        call.ignore_others(_CALL_FIELDS)
        function = call.need("function")
        function.ignore_others(_FUNCTION_FIELDS)
        has_function = function.is_object()
        return ToolCallPart(
            id=call.need("id").name(),
            name=function.need("name").name() if has_function else "",
            arguments=(function.need("arguments").text() if has_function else None) or "",
        )

    def _function_call(self, number: int, call: Place) -> list[Part]:
        if not call.is_object():
            return []
        call.ignore_others(_FUNCTION_FIELDS)
        name = call.need("name").name()
        self._called[name] = f"call_legacy_{number}"
        return [ToolCallPart(id=self._called[name], name=name, arguments=call.need("arguments").text() or "")]

    def _call_of(self, name: Place) -> str:
        word = name.name()
        if word and word not in self._called:
            name.wrong("must be the name of a function that an earlier message calls")
        return self._called.get(word, "")

    def _audio(self, audio: Place) -> list[Part]:
        if not audio.is_object():
            return []
        audio.demand(KEPT)
        return [RawPart(provider=self._provider, data={"type": "audio", "audio": read_object(audio)})]


def _check_calls(turns: Sequence[Message], entries: Sequence[Place]) -> None:
    """Every result answers a call before it, by the contract's own rule; calls of tools that are not known too."""
    try:
        check_tool_turns([_with_calls(turn) for turn in turns])
    except BrokenRuleError as error:
        number, index = int(error.path[1]), int(error.path[3])
        entry, content = entries[number], turns[number].content
        if isinstance(content[index], ToolResultPart):
            is_older = entry.value["role"] == "function"
            entry.at("name" if is_older else "tool_call_id").breaks(error)
        else:
            calls_before = [part for part in content[:index] if isinstance(_as_call(part), ToolCallPart)]
            entry.at("tool_calls").at(len(calls_before)).at("id").breaks(error)


def _with_calls(turn: Message) -> Message:
    has_raw = turn.role is Role.ASSISTANT and any(isinstance(part, RawPart) for part in turn.content)
    return Message(role=turn.role, content=tuple(map(_as_call, turn.content))) if has_raw else turn


def _as_call(part: Part) -> Part:
    if isinstance(part, RawPart) and isinstance(part.data.get("id"), str):
        return ToolCallPart(id=part.data["id"], name="", arguments="")
    return part


def _says(part: Part) -> bool:
    return not isinstance(part, TextPart) or bool(part.text)
