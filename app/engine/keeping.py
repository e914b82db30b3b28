"""Which row alone may be asked, since its vendor keeps what the request builds on?

An id is of one account: another would know nothing of it, or worse, something of somebody else's. So nobody else is
asked, whatever the strategy or a list of fallbacks says, and only for the tenant who was given that answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

from app.engine.intake import Order
from app.engine.permission import may_see
from app.engine.runtime import Runtime
from app.engine.target import Target
from app.engine.wanted import Wanted
from contracts.calls import Reply, Source
from contracts.errors import InvalidRequestError, LLMProviderError
from contracts.kept_state import NOT_KNOWN, KeptState, states_in
from contracts.responses import FieldError


class Keeping:
    """Of one order. `provider` is the one row that may be asked, once that is settled; None: any."""

    __slots__ = ("_call", "_fallbacks", "_runtime", "provider")

    def __init__(self, order: Order, runtime: Runtime) -> None:
        self._call = order.call
        self._fallbacks = order.fallbacks or ()
        self._runtime = runtime
        self.provider: str | None = None

    @classmethod
    def of(cls, order: Order, runtime: Runtime) -> Self | None:
        """None for an order that names nothing that is kept, and whose answer nobody can build on."""
        call, source = order.call, order.call.source
        if call.vendor_options or order.fallbacks or (source is not None and (source.states or source.is_kept)):
            return cls(order, runtime)
        return None

    def settle(self, preferred: str | None, model: str | None, wanted: Wanted) -> None:
        """Finds the row. `preferred` and `model` are what is asked for.

        Raises InvalidRequestError for what is not known, or is another tenant's, and where another row is preferred.
        """
        if self._call.vendor_options or self._fallbacks:
            for name, state in self._in_options():
                if self._keeper(state) not in (None, name):
                    raise _wrong(state)
        source = self._call.source
        if source is None or not source.states:
            return
        for state in source.states:
            keeper = self._keeper(state)
            if keeper is None:
                continue
            if self.provider not in (None, keeper):
                raise _wrong(state)
            self.provider = keeper
            if preferred not in (None, keeper):
                raise _wrong(state, f"names an answer that {keeper} keeps: {preferred} cannot build on it")
        if self.provider is None:
            self.provider = self._first(source, preferred, model, wanted)

    def refusal(self, name: str) -> LLMProviderError | None:
        """Why the row of that name is not asked."""
        if self.provider in (None, name):
            return None
        return InvalidRequestError(f"only {self.provider} keeps what this builds on", provider=name)

    def telling(self, refusals: Sequence[LLMProviderError]) -> Sequence[LLMProviderError]:
        """Those of `refusals` that say why the request is not served: the keeper's own, if there is one."""
        if self.provider is None:
            return refusals
        own = [refusal for refusal in refusals if refusal.provider == self.provider]
        source = self._call.source
        return own or ([_wrong(source.states[0])] if source is not None else refusals)

    def answered(self, target: Target, reply: Reply) -> None:
        """`target` has given the whole `reply`: whose it is, is remembered if it can be built on."""
        source = self._call.source
        if source is None or not source.is_kept or reply.id is None or not target.provider.speaks(source.wire):
            return
        for kept in (reply.id, *reply.item_ids):
            self._runtime.steering.kept_states.remember(kept, target.provider.name, self._call.caller.tenant)

    def _in_options(self) -> Iterator[tuple[str, KeptState]]:
        """What is named beside the body, for one row each."""
        for name, options in self._call.vendor_options.items():
            for state in states_in(options):
                yield name, KeptState(f"vendor_options.{name}.{state.path}", state.id)
        for one in self._fallbacks:
            for state in states_in(one.params):
                yield one.provider, KeptState(f"the params of {one.provider}: {state.path}", state.id)

    def _keeper(self, state: KeptState) -> str | None:
        """The row that keeps it; None where that is not known, and the caller is no tenant whom it could betray."""
        keeper, tenant = self._runtime.steering.kept_states.keeper(state.id), self._call.caller.tenant
        if keeper is None and tenant is None:
            return None
        if keeper is None or keeper.tenant != tenant or keeper.provider not in self._runtime.providers:
            raise _wrong(state)
        return keeper.provider

    def _first(self, source: Source, preferred: str | None, model: str | None, wanted: Wanted) -> str | None:
        """The first row that could know it: of the dialect, up, and with the model if anybody has that."""
        group = [candidate.provider for candidate in self._runtime.config.models.get(model or "", ())]
        if preferred is not None and (not group or preferred in group):
            return preferred
        speaking = [name for name in group or self._runtime.order if self._speaks(name, source)]
        providers = self._runtime.providers
        fit = (name for name in speaking if group or model is None or wanted.name_at(providers[name], model))
        return next(fit, speaking[0] if speaking else None)

    def _speaks(self, name: str, source: Source) -> bool:
        provider, row = self._runtime.providers[name], self._runtime.config.providers[name]
        is_up = row.enabled and provider.unusable_reason() is None
        return is_up and provider.speaks(source.wire) and may_see(self._call.caller, name)


def _wrong(state: KeptState, message: str = NOT_KNOWN) -> InvalidRequestError:
    return InvalidRequestError(f"{state.path} {message}", errors=(FieldError(field=state.path, message=message),))
