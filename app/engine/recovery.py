"""How is a stream that failed in its middle gone on with, by the next candidate, as if it had not?

The candidate is shown the text so far: as the beginning of its own answer where its model continues one (the
catalogue's `prefill`), else as a turn that it is told to continue. A prefill that a model refuses after all is asked
the other way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app import catalogue
from app.engine.answer import Whole, added
from app.engine.intake import Order
from app.engine.joint import Joint, cut_back
from app.engine.selection import Plan, Target
from contracts.chat import CHARACTERS_PER_TOKEN, Conversation, Message, ReasoningPart, Role, TextPart, Usage
from contracts.deltas import Delta, ReasoningDelta, TextDelta
from contracts.errors import InvalidOutputError, InvalidRequestError, LLMProviderError
from contracts.fault import Fault
from contracts.requests import StreamRecovery
from contracts.responses import Attempt, Cost, Leg

_INSTRUCTION = (
    "Your answer was cut off. Continue it exactly where it stops: do not repeat any of it, do not begin anew, and add "
    "nothing else. The two parts will be read as one text."
)


@dataclass(frozen=True, slots=True)
class Written:
    """What one candidate wrote of an answer: from the character `begin` on, at this price."""

    target: Target
    begin: int
    usage: Usage
    cost: Cost | None


@dataclass(slots=True)
class Progress:
    """What of an answer was sent to the caller, and who had written which part of it."""

    text: str = field(default="", repr=False)
    is_text_only: bool = True
    legs: list[Written] = field(default_factory=list, repr=False)
    _pieces: list[str] = field(default_factory=list, repr=False)

    def note(self, delta: Delta) -> None:
        """`delta` was sent. Reasoning does not count: nobody goes on with it."""
        if isinstance(delta, TextDelta) and not delta.is_refusal:
            self._pieces.append(delta.text)
        elif not isinstance(delta, ReasoningDelta):
            self.is_text_only = False

    def so_far(self) -> str:
        """The text that the caller has."""
        if self._pieces:
            self.text += "".join(self._pieces)
            self._pieces.clear()
        return self.text


def may_go_on(order: Order, error: LLMProviderError, progress: Progress) -> bool:
    """Whether another candidate may write the rest: half a tool call, or half a JSON, cannot be continued."""
    if order.stream_recovery is not StreamRecovery.CONTINUE or not progress.is_text_only:
        return False
    if error.fault is not Fault.PROVIDER or isinstance(error, InvalidOutputError):
        return False
    if order.call.source is not None and order.call.source.choices > 1:
        return False
    return order.shape is None or not progress.so_far()


def rest_of(plan: Plan, attempts: Sequence[Attempt]) -> Plan:
    """The candidates that were not asked yet."""
    asked = {(attempt.provider, attempt.model) for attempt in attempts}
    targets = tuple(target for target in plan.targets if (target.provider.name, target.model) not in asked)
    return replace(plan, targets=targets, is_second_choice=True)


class Continuation:
    """What each candidate is asked, so that it goes on with `sent`."""

    def __init__(self, order: Order, sent: str) -> None:
        self._order = order
        self._sent = sent
        self._shown = cut_back(sent)
        self._instructed: set[str] = set()

    def order_for(self, target: Target) -> Order:
        """The order as `target` gets it."""
        if not self._shown:
            return _not_passed(self._order)
        turns: tuple[Message, ...] = (_said(Role.ASSISTANT, self._shown),)
        if not self._is_prefilled(target):
            turns = (*turns, _said(Role.USER, _INSTRUCTION))
        conversation = self._order.call.conversation
        conversation = replace(conversation, messages=(*conversation.messages, *turns))
        return replace(self._order, call=replace(self._order.call, conversation=self._shortened(conversation)))

    def asks_again(self, target: Target, error: LLMProviderError) -> bool:
        """Whether the same target is to be asked the other way: it does not take the beginning of an answer."""
        if not isinstance(error, InvalidRequestError) or not self._is_prefilled(target):
            return False
        self._instructed.add(target.name)
        return True

    def joint(self, target: Target) -> Joint:
        """Where the text of `target` joins."""
        return Joint(self._sent, self._shown, is_prefilled=self._is_prefilled(target))

    def _is_prefilled(self, target: Target) -> bool:
        takes_prefill = catalogue.capabilities(target.provider.type, target.model).prefill
        return bool(self._shown) and takes_prefill and target.name not in self._instructed

    def _shortened(self, conversation: Conversation) -> Conversation:
        """What was written already counts against the caller's limit of tokens."""
        limit = conversation.sampling.max_tokens
        if limit is None:
            return conversation
        left = max(1, limit - len(self._shown) // CHARACTERS_PER_TOKEN)
        return replace(conversation, sampling=replace(conversation.sampling, max_tokens=left))


def _not_passed(order: Order) -> Order:
    """The order in our own words: what a vendor would say to the caller's own bytes could not be joined to anything."""
    source = order.call.source
    if source is None:
        return order
    return replace(order, call=replace(order.call, source=replace(source, may_pass=False)))


def merged(whole: Whole, progress: Progress) -> Whole:
    """The last candidate's reply with the text of all, billed together. No vendor has it whole."""
    reply = whole.reply
    thoughts = tuple(part for part in reply.message.content if isinstance(part, ReasoningPart))
    others = tuple(part for part in reply.message.content if not isinstance(part, ReasoningPart | TextPart))
    text = (TextPart(text=progress.so_far()),) if progress.so_far() else ()
    message = replace(reply.message, content=(*thoughts, *text, *others))
    whole = replace(whole, reply=replace(reply, message=message, id=None, item_ids=()))
    for leg in progress.legs:
        whole = whole.with_earlier(leg.usage, leg.cost)
    return whole


def legs_of(progress: Progress, last: Written) -> list[Leg]:
    """Who wrote the answer, part by part; empty when one candidate wrote all of it."""
    return [_leg(one) for one in (*progress.legs, last)] if progress.legs else []


def billed(progress: Progress, last: Written) -> tuple[Usage, Cost | None]:
    """What all candidates together took for an answer that did not become whole."""
    usage, cost = last.usage, last.cost
    for leg in progress.legs:
        usage = added(leg.usage, usage)
        cost = cost.model_copy(update={"usd": cost.usd + leg.cost.usd}) if cost and leg.cost else None
    return usage, cost


def _leg(one: Written) -> Leg:
    provider, model = one.target.provider.name, one.target.model
    return Leg(provider=provider, model=model, recovered_at=one.begin, usage=one.usage, cost=one.cost)


def _said(role: Role, text: str) -> Message:
    return Message(role=role, content=(TextPart(text=text),))
