"""Which turns of ours are the items of `input`?

What an assistant did is one turn, up to the next item of somebody else: its messages, reasoning, tool calls and the
vendor's own items. Answers to its calls that follow each other are one turn too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.wires.demands import STRANGE
from app.wires.free_json import read_object
from app.wires.openai_chat.inbound.parts import KEPT
from app.wires.openai_responses.foreign_reasoning import is_wrapped
from app.wires.openai_responses.inbound.content import read_content
from app.wires.openai_responses.inbound.output_items import is_refused_elsewhere
from app.wires.openai_responses.reasoning_items import reasoning_part
from app.wires.place import Place
from app.wires.request_fields import MOST_PARTS
from contracts.broken_rule import BrokenRuleError
from contracts.chat import (
    FilePart,
    ImagePart,
    Message,
    Part,
    RawPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from contracts.message_checks import check_messages

MOST_ITEMS = 10_000
# What every item that a vendor made has, and that says nothing to a service that keeps none.
_STATE_FIELDS = frozenset({"type", "id", "status"})
_MESSAGE_FIELDS = _STATE_FIELDS | {"role", "content"}
_RESULT_FIELDS = _STATE_FIELDS | {"call_id", "output"}
_CALL_FIELDS = _STATE_FIELDS | {"call_id", "name", "arguments"}
_MERGED = (Role.ASSISTANT, Role.TOOL)
SPEAKERS = {"user": Role.USER, "assistant": Role.ASSISTANT, "system": Role.SYSTEM, "developer": Role.SYSTEM}
# The vendor's own items that a caller says; all others are what an assistant did.
_SAID_BY_CALLERS = ("mcp_approval_response", "additional_tools", "compaction_trigger", "configuration_update")
# The contract's field, and what stands there in this dialect.
_FIELDS = {"id": "call_id", "tool_call_id": "call_id"}


def read_turns(body: Place, *, provider: str, has_state: bool = False) -> tuple[Message, ...]:
    """The conversation in `instructions` and `input`; `provider` is whose reasoning and own items stand in it.

    `has_state`: more of it is kept at the vendor, so that there may be no input, or results of calls made before it.
    """
    reader = _TurnReader(provider)
    given = body.at("input") if has_state else body.need("input")
    if body.value.get("instructions") is not None and (instructions := body.at("instructions")).text():
        reader.say(Role.SYSTEM, read_content(instructions, provider), instructions)
    if isinstance(given.value, str):
        reader.say(Role.USER, read_content(given, provider), given)
    else:
        for entry in given.entries(least=1, most=MOST_ITEMS):
            reader.read(entry)
    for turn in reader.turns:
        turn.drop_blanks()
    messages = tuple([Message(role=turn.role, content=tuple(turn.parts)) for turn in reader.turns])
    if not body.findings.has_faults:
        _check(messages, reader.turns, is_all=not (has_state or reader.has_references))
    return messages


@dataclass(slots=True)
class _Turn:
    role: Role
    place: Place
    parts: list[Part] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    def drop_blanks(self) -> None:
        """Beside something else an assistant's text without a word is how some write that there is none."""
        if self.role is not Role.ASSISTANT:
            return
        placed = zip(self.parts, self.places, strict=True)
        kept = [one for one in placed if not isinstance(one[0], TextPart) or one[0].text]
        if kept:
            self.parts, self.places = [part for part, _ in kept], [place for _, place in kept]


class _TurnReader:
    """Reads item after item into turns."""

    def __init__(self, provider: str) -> None:
        self.turns: list[_Turn] = []
        self.has_references = False
        self._provider = provider

    def say(self, role: Role, said: Iterable[tuple[Part, Place]], place: Place) -> None:
        """Add what somebody said, to his own turn where that is still the last."""
        if role not in _MERGED or not self.turns or self.turns[-1].role is not role:
            self.turns.append(_Turn(role, place))
        turn = self.turns[-1]
        for part, at in said:
            turn.parts.append(part)
            turn.places.append(at)

    def read(self, item: Place) -> None:
        """Add one item; one without a type is a message, or the name of an item."""
        if not item.is_object(required=True):
            return
        if is_refused_elsewhere(str(item.value.get("type")), str(item.value.get("id"))):
            item.findings.claim()
        nameless = "message" if item.at("role").is_given else "item_reference" if item.at("id").is_given else ""
        match item.at("type").name() if item.at("type").is_given or not nameless else nameless:
            case "":
                item.need("type")
            case "message":
                self._message(item)
            case "function_call":
                self.say(Role.ASSISTANT, [(_call(item), item)], item)
            case "function_call_output":
                self._result(item)
            case "reasoning":
                self._reasoning(item)
            case "item_reference":
                self.has_references = True
                self._raw(Role.USER, item, KEPT)
            case kind:
                by_caller = kind.endswith("_output") or kind in _SAID_BY_CALLERS
                self._raw(Role.USER if by_caller else Role.ASSISTANT, item)

    def _message(self, item: Place) -> None:
        word = item.need("role").word(*SPEAKERS)
        if word is None:
            self._raw(Role.USER, item)
            item.need("content")
            return
        role = SPEAKERS[word]
        item.ignore_others(_MESSAGE_FIELDS)
        self.say(role, read_content(item.need("content"), self._provider), item)

    def _result(self, item: Place) -> None:
        call_id, output = item.need("call_id").name(), item.need("output")
        parts = [part for part, _ in read_content(output, self._provider)]
        content = tuple(part for part in parts if isinstance(part, TextPart | ImagePart))
        if len(content) != len(parts):
            # A file, or an image by its id, which a result of ours has no place for.
            self._raw(Role.USER, item)
            return
        item.ignore_others(_RESULT_FIELDS)
        content = () if output.value == "" else content
        self.say(Role.TOOL, [(ToolResultPart(tool_call_id=call_id, content=content), item)], item)

    def _reasoning(self, item: Place) -> None:
        item.at("encrypted_content").text()
        if is_wrapped(item.value.get("encrypted_content")):
            item.findings.claim()
        for name in ("summary", "content"):
            for piece in item.at(name).entries(most=MOST_PARTS):
                if piece.is_object(required=True):
                    piece.need("text").text()
        try:
            part = reasoning_part(item.value, provider=self._provider)
        except ValueError:
            item.wrong("must hold nothing but what JSON can say")
            return
        if part is not None:
            self.say(Role.ASSISTANT, [(part, item)], item)

    def _raw(self, role: Role, item: Place, message: str = STRANGE) -> None:
        item.demand(message)
        self.say(role, [(RawPart(provider=self._provider, data=read_object(item)), item)], item)


def _call(item: Place) -> ToolCallPart:
    item.ignore_others(_CALL_FIELDS)
    return ToolCallPart(
        id=item.need("call_id").name(), name=item.need("name").name(), arguments=item.need("arguments").text() or ""
    )


def _check(messages: tuple[Message, ...], turns: list[_Turn], *, is_all: bool) -> None:
    """The contract's own rules, named as this dialect does. Unless it `is_all`, a result may answer an earlier call."""
    earlier = () if is_all else _earlier_calls(messages)
    try:
        check_messages((*earlier, *messages), may_be_blank=True)
    except BrokenRuleError as error:
        _, number, _, *inner = error.path
        turn = turns[int(number) - len(earlier)]
        if not inner:
            turn.place.breaks(error)
            return
        index = int(inner[0])
        _field(turn.parts[index], turn.places[index], str(inner[-1])).breaks(error)


def _earlier_calls(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """A turn with the calls that are answered here and made before."""
    parts = [part for message in messages for part in message.content]
    made = {part.id for part in parts if isinstance(part, ToolCallPart)}
    answered = [part.tool_call_id for part in parts if isinstance(part, ToolResultPart)]
    calls = (ToolCallPart(id=one, name="", arguments="") for one in dict.fromkeys(answered) if one not in made)
    turn = Message(role=Role.ASSISTANT, content=tuple(calls))
    return (turn,) if turn.content else ()


def _field(part: Part, place: Place, name: str) -> Place:
    match part:
        case ImagePart():
            return place.at("image_url")
        case FilePart():
            return place.at("file_data")
        case ToolResultPart() if name not in _FIELDS:
            return place.at("output")
    return place.at(_FIELDS[name]) if name in _FIELDS else place
