"""Which item of the whole answer is which that was streamed?

An answer tells in its parts what a stream told in deltas, which have no boundaries between texts of a kind. Where the
two cannot be laid side by side, what was streamed stays as it is, and the answer's signatures are added to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from app.wires.openai_responses.ending import INCOMPLETE
from app.wires.openai_responses.foreign_reasoning import wrapped
from app.wires.openai_responses.inbound.output_items import PlannedItem, planned_items
from app.wires.openai_responses.inbound.streamed import StreamedItem, StreamedText
from contracts.calls import Wire
from contracts.chat import ReasoningPart

Pair = tuple[PlannedItem, StreamedItem | None]


def paired(planned: Sequence[PlannedItem], streamed: Sequence[StreamedItem]) -> list[Pair]:
    """The items of the answer in its order, each with what was streamed of it; None: nothing was."""
    return _side_by_side(planned, streamed) or _as_streamed(planned, streamed)


def carried_on(
    planned: Sequence[PlannedItem], begun: Sequence[StreamedItem], added: Sequence[StreamedItem]
) -> list[Pair]:
    """The items of an answer that one vendor began and another ended: what was `begun` stands as it was streamed.

    `planned` are those of the answer as the last vendor gave it, whose signatures are for what it `added`.
    """
    names = {item.id for item in begun}
    new = [item for item in planned if item.fields.get("id") not in names]
    return [*((_begun(item), item) for item in begun), *_as_streamed(new, added)]


def _begun(item: StreamedItem) -> PlannedItem:
    if item.whole is not None:
        return PlannedItem(kind="raw", fields=item.whole, is_streamed=True)
    fields = item.fields()
    if item.kind == "reasoning":
        # Without its own end the vendor that began it does not know it: so it is marked as one of ours.
        fields["encrypted_content"] = wrapped(ReasoningPart(provider=Wire.OPENAI_RESPONSES.value))
    if item.kind == "raw":
        fields = {**fields, **({"status": INCOMPLETE} if "status" in fields else {})}
    return PlannedItem(kind=item.kind, fields=fields, is_streamed=True)


def _side_by_side(planned: Sequence[PlannedItem], streamed: Sequence[StreamedItem]) -> list[Pair]:
    """Empty when the two do not fit."""
    pairs: list[Pair] = []
    waiting = list(reversed(streamed))
    for item in planned:
        if not item.is_streamed:
            pairs.append((item, None))
        elif waiting and waiting[-1].kind == item.kind:
            pairs.append((_with_its_parts(item, waiting[-1]), waiting.pop()))
        elif item.kind == "reasoning" and pairs and pairs[-1][0].kind == "reasoning":
            # Its text was streamed as more of the one before it.
            pairs.append((item, None))
        else:
            return []
    return [] if waiting else pairs


def _with_its_parts(item: PlannedItem, streamed: StreamedItem) -> PlannedItem:
    """A message in the parts in which it was streamed, where it says the same."""
    if item.kind != "message" or _said(item.fields) != _said(streamed.fields()):
        return item
    return _own(streamed, iter(()))


def _said(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The texts of a message, those of a kind that follow each other as one."""
    runs = groupby(message["content"], key=lambda part: str(part["type"]))
    return [(kind, "".join(str(part.get("text", part.get("refusal"))) for part in run)) for kind, run in runs]


def _as_streamed(planned: Sequence[PlannedItem], streamed: Sequence[StreamedItem]) -> list[Pair]:
    thoughts = (item.thought for item in planned if item.thought is not None and item.is_streamed)
    late: list[Pair] = [(item, None) for item in planned if not item.is_streamed]
    return [*late, *((_own(item, thoughts), item) for item in streamed)]


def _own(item: StreamedItem, thoughts: Iterator[ReasoningPart]) -> PlannedItem:
    if not isinstance(item, StreamedText) or item.kind != "reasoning":
        return PlannedItem(kind=item.kind, fields=item.fields(), is_streamed=True)
    thought = replace(next(thoughts, ReasoningPart()), text=item.text())
    return planned_items([thought], provider="")[0]
