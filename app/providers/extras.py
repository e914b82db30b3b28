"""What becomes of the rest of a caller's body where the body itself does not go to the vendor?

A vendor of the same dialect gets it laid over what is encoded; any other is not told it, and the answer says so.
Nothing of it is lost without a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any, NamedTuple

from app.wires.encoded import Encoded, with_options
from app.wires.notes import Notes
from contracts.calls import ModelCall, Source
from contracts.chat import Conversation, FilePart, Part, RawPart
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

_CONVERSATION = ("messages", "input", "instructions", "system")
# A turn of a role that is not known has no place in a conversation of ours.
_UNREAD_TURN = ".role"
# Raw parts without which the answer is the same.
_UNDEMANDED = ("thinking", "redacted_thinking")
_top_name = re.compile(r"\w*").match


class Laid(NamedTuple):
    """What is laid over an encoded body, and which of the caller's extras are in it."""

    options: Mapping[str, Any]
    told: frozenset[str] = frozenset()


_NOTHING_LAID = Laid({})


def laid_over(call: ModelCall, *, provider: str, reserved: tuple[str, ...], only: Set[str] | None = None) -> Laid:
    """The caller's extras, over them the row's options. Extras of `reserved`, or not of `only`, stay aside.

    Raises InvalidRequestError for an option of `reserved`.
    """
    options = call.vendor_options.get(provider) or {}
    if call.source is None:
        return Laid(options) if options else _NOTHING_LAID
    extras = {name: value for name, value in call.source.extras.items() if name not in reserved}
    if only is not None:
        extras = {name: value for name, value in extras.items() if name in only}
    return Laid(with_options(extras, options, provider=provider, reserved=reserved), frozenset(extras))


def with_losses(encoded: Encoded, call: ModelCall, *, told: Set[str], provider: str, speaks: bool) -> Encoded:
    """`encoded` with a word for each of the caller's extras that is not `told`.

    `speaks`: the vendor knows the caller's dialect, and so is sent the dialect's own parts again as they came.
    Raises InvalidRequestError where something would be lost that the answer depends on.
    """
    source = call.source
    if source is None:
        return encoded
    _check_demands(source, _kept_parts(call.conversation, source) if speaks else 0, told, provider)
    notes = Notes()
    for name, value in source.extras.items():
        # What the body says anyway is not lost.
        if name not in told and not (name in encoded.body and encoded.body[name] == value):
            notes.leave_out(name, f"{name} was not sent: {provider} has no field for it")
    if not notes.warnings:
        return encoded
    return replace(
        encoded,
        warnings=(*encoded.warnings, *notes.warnings),
        unsupported=(*encoded.unsupported, *notes.unsupported),
    )


def _check_demands(source: Source, kept: int, told: Set[str], provider: str) -> None:
    lost: list[FieldError] = []
    for demand in source.demands:
        name = _name(demand.field)
        if name in told:
            continue
        if name in _CONVERSATION and kept and not demand.field.endswith(_UNREAD_TURN):
            kept -= 1
            continue
        lost.append(demand)
    if source.choices > 1 and not any(_name(demand.field) == "n" for demand in lost):
        lost.append(FieldError(field="n", message="asks for more answers than one"))
    if lost:
        names = ", ".join(one.field for one in lost)
        detail = f"{provider} cannot be asked for {names}: the body does not go to it as it came"
        raise InvalidRequestError(detail, provider=provider, errors=lost)


def _kept_parts(conversation: Conversation, source: Source) -> int:
    """How many of the parts that were demanded, since only a vendor of the dialect can read them, are still said."""
    # What was asked stands before what came of it.
    asked = len(source.read_as.messages) if isinstance(source.read_as, Conversation) else 0
    return sum(_is_demanded(part) for message in conversation.messages[:asked] for part in message.content)


def _is_demanded(part: Part) -> bool:
    if isinstance(part, RawPart):
        return part.data.get("type") not in _UNDEMANDED
    return isinstance(part, FilePart) and part.file_id is not None


def _name(path: str) -> str:
    found = _top_name(path)
    return found[0] if found else ""
