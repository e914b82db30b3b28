"""How is a model shown what is wrong with its answer, so that it can mend it?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from app.engine.answer import Whole
from app.engine.intake import Order
from app.engine.shape import unfenced
from contracts.chat import Message, Role, TextPart
from contracts.errors import InvalidOutputError


@dataclass(frozen=True, slots=True)
class Spoilt:
    """An answer of the wrong shape, and what is wrong with it."""

    whole: Whole = field(repr=False)
    faults: tuple[str, ...]

    def error(self, provider: str) -> InvalidOutputError:
        """The error that says so."""
        return InvalidOutputError(
            f"{provider} gave an answer of the wrong shape: {'; '.join(self.faults)}",
            provider=provider,
            upstream_status=200,
        )


def spoilt(whole: Whole, order: Order) -> Spoilt | None:
    """What is wrong with the shape of a whole answer; None when nothing is, or nothing was asked."""
    if order.shape is None or not order.shape.judges(whole.reply):
        return None
    faults = order.shape.faults(whole.reply.message.text)
    return Spoilt(whole, faults) if faults else None


def out_of_its_fence(whole: Whole, order: Order) -> Whole | None:
    """The same answer without the Markdown fence around it, when that is all that is wrong with it."""
    text = unfenced(whole.reply.message.text)
    if text is None or order.shape is None or order.shape.faults(text):
        return None
    reply = whole.reply
    others = tuple(part for part in reply.message.content if not isinstance(part, TextPart))
    message = replace(reply.message, content=(*others, TextPart(text=text)))
    warnings = (*reply.warnings, "the answer's JSON was taken out of a Markdown fence")
    return replace(whole, reply=replace(reply, message=message, warnings=warnings, raw=None))


def asking_again(order: Order, before: Spoilt) -> Order:
    """The order that shows the model its answer and asks for it again."""
    said = before.whole.reply.message.text
    answered = (Message(role=Role.ASSISTANT, content=(TextPart(text=said),)),) if said.strip() else ()
    complaint = (
        f"That answer is not valid: {'; '.join(before.faults)}. "
        "Answer again, with the corrected JSON value only: no other text, no Markdown."
    )
    conversation = order.call.conversation
    messages = (*conversation.messages, *answered, Message(role=Role.USER, content=(TextPart(text=complaint),)))
    call = replace(order.call, conversation=replace(conversation, messages=messages))
    return replace(order, call=call)
