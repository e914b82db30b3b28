"""How is one target asked for a whole answer, and once more when the first has the wrong shape?"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace

from app.engine.answer import Whole, weigh
from app.engine.dispatch import Dispatch, Recall, Served, nothing_kept
from app.engine.mending import Spoilt, asking_again, out_of_its_fence, spoilt
from app.engine.open_attempt import OpenAttempt
from app.engine.selection import Target
from app.engine.upstream_call import answer_limit, collected_reply, open_reply, plain_call, traced
from app.resilience.deadline import AttemptLimits
from contracts.errors import InvalidOutputError, LLMProviderError


class Asking(Dispatch):
    """One request for a whole answer, on its way through the plan's targets."""

    _spoilt: dict[str, Spoilt] | None = None

    def answer(self, recall: Recall[Whole] = nothing_kept) -> Awaitable[Served[Whole]]:
        """The first answer that is whole and of the shape asked for. Raises the most telling of the errors."""
        if self.order.shape is not None:
            # Only of a shape that was asked for can an answer miss it.
            self._asks_again, self._spoilt = _asks_again, {}
        return self.run(self._send, recall)

    async def _send(self, target: Target, limits: AttemptLimits, attempt: OpenAttempt) -> Whole:
        """Called again for the same target after InvalidOutputError: then the model is shown its faults."""
        before = self._spoilt.get(target.name) if self._spoilt else None
        order = self.order if before is None else asking_again(self.order, before)
        config = self.runtime.config
        row = config.providers[target.provider.name]
        asked = traced(order, attempt, config) if row.send_trace_context else order
        if order.is_stream or row.stream_upstream:
            reading = await open_reply(target, asked, limits, config, self.clock)
            reply = await collected_reply(reading, asked, attempt, self.deadline)
        else:
            async with answer_limit(target, limits):
                reply = await plain_call(target, asked, limits)
        whole = weigh(target, reply, order, self.runtime.prices)
        bad = None if order.shape is None else spoilt(whole, order)
        if bad is not None:
            bare = out_of_its_fence(whole, order)
            if bare is None:
                if self._spoilt is not None:
                    self._spoilt[target.name] = bad
                error = bad.error(target.provider.name)
                attempt.failed(error, whole.usage, whole.cost)
                raise error
            whole = bare
        attempt.succeeded(whole.usage, whole.cost)
        return whole if before is None else _with_mended(whole, before)


def _asks_again(target: Target, error: LLMProviderError) -> bool:
    return isinstance(error, InvalidOutputError)


def _with_mended(whole: Whole, before: Spoilt) -> Whole:
    sentence = "the first answer had the wrong shape and was mended: usage and cost are of both"
    reply = replace(whole.reply, warnings=(*whole.reply.warnings, sentence), raw=None)
    return replace(whole, reply=reply).with_earlier(before.whole.usage, before.whole.cost)
