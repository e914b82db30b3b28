"""Who gave the whole answer, and what does its caller get?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.engine.answer import Whole, answer
from app.engine.intake import Order
from app.engine.outcome import Outcome
from app.engine.selection import Plan
from app.engine.trace import Trace
from contracts.cache import CacheResult
from contracts.calls import Reply
from contracts.responses import LLMResponse


@dataclass(slots=True)
class Answered(Outcome[Whole]):
    """A whole answer and its way to one request."""

    @property
    def reply(self) -> Reply:
        """What the target said, with what is billed for it."""
        reply, usage = self.whole.reply, self.whole.usage
        return reply if reply.usage is usage else replace(reply, usage=usage)

    def response(self, order: Order, plan: Plan, trace: Trace) -> LLMResponse:
        """The caller's answer; the request ends with it."""
        trace.cache = self.cache
        if self.fallback_used or self.cache is CacheResult.COALESCED:
            self.met(trace)
        response = answer(order, plan, trace, target=self.target, whole=self.whole, fallback_used=self.fallback_used)
        self.recorded(trace)
        return response
