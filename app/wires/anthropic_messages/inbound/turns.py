"""Which turns does a request hold?

What tools answered stands in a user's turn here and in turns of its own with us, so a user's turn that holds both
becomes several; `system` becomes the first turn.
"""

from __future__ import annotations

from itertools import groupby

from app.wires.anthropic_messages.inbound.blocks import decode_content
from app.wires.anthropic_messages.inbound.fields import THREAD
from app.wires.demands import STRANGE
from app.wires.place import Place
from app.wires.request_fields import MOST_MESSAGES
from contracts.broken_rule import BrokenRuleError
from contracts.chat import Message, Part, RawPart, Role, ToolResultPart
from contracts.tool_turns import check_tool_turns

# What our names of fields are called here.
_FIELDS = {"tool_call_id": "tool_use_id", "id": "id"}
_MESSAGE_FIELDS = frozenset({"role", "content"})
SPEAKERS = {"user": Role.USER, "assistant": Role.ASSISTANT, "system": Role.SYSTEM}
_Placed = tuple[Place, Part]


def decode_turns(body: Place, *, provider: str) -> tuple[Message, ...]:
    """The `system` text and `messages` of a request."""
    turns: list[Message] = []
    places: list[list[Place]] = []
    for role, run in _runs_of(body, provider):
        turns.append(Message(role=role, content=tuple([part for _, part in run])))
        places.append([place for place, _ in run])
    _check_calls(turns, places, body)
    return tuple(turns)


def _goes_on(body: Place) -> bool:
    """Whether the turns before these are kept by the vendor."""
    return THREAD in body.value and body.at(THREAD).at("type").value not in (None, "create")


def _runs_of(body: Place, provider: str) -> list[tuple[Role, list[_Placed]]]:
    """Our turns in each message."""
    found: list[tuple[Role, list[_Placed]]] = []
    # An empty one is what SDKs send for none.
    if body.value.get("system") not in (None, "", []):
        found += _runs(Role.SYSTEM, decode_content(body.at("system"), Role.SYSTEM, provider=provider))
    for message in body.need("messages").entries(least=0 if _goes_on(body) else 1, most=MOST_MESSAGES):
        if not message.is_object(required=True):
            continue
        message.ignore_others(_MESSAGE_FIELDS)
        word = message.value.get("role")
        role = SPEAKERS.get(word) if isinstance(word, str) else None
        if role is not None:
            found += _runs(role, decode_content(message.at("content"), role, provider=provider))
            continue
        message.need("role").word()
        if word is not None:
            message.at("role").demand(STRANGE)
    return found


def _runs(role: Role, parts: list[_Placed]) -> list[tuple[Role, list[_Placed]]]:
    if role is not Role.USER or True not in [isinstance(part, ToolResultPart) for _, part in parts]:
        return [(role, parts)] if parts else []
    runs = groupby(parts, key=lambda placed: isinstance(placed[1], ToolResultPart))
    return [(Role.TOOL if is_result else Role.USER, list(run)) for is_result, run in runs]


def _check_calls(turns: list[Message], places: list[list[Place]], body: Place) -> None:
    """Every result answers a call; where blocks that we do not read, or turns kept there, hold more of them the vendor
    itself must judge.
    """
    has_others = _goes_on(body) or any(isinstance(part, RawPart) for turn in turns for part in turn.content)
    if body.findings.has_faults or has_others:
        return
    try:
        check_tool_turns(turns)
    except BrokenRuleError as error:
        _, turn, _, part, name = error.path
        places[int(turn)][int(part)].at(_FIELDS[str(name)]).wrong(error.message, error.hint)
