"""What may the caller's key use? Which provider rows, and which models there, as callers name them.

What a caller names and may not use is refused; where the service chooses, it is passed over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from app.engine.intake import Order
from app.engine.known_options import KNOWN_OPTIONS
from app.engine.named_model import row_and_model
from app.engine.wish import Wish
from contracts.caller import Caller
from contracts.config import LLMProviderConfig
from contracts.errors import CallerForbiddenError
from contracts.model_naming import check_no_other_model
from contracts.providers import provider_name
from contracts.requests import Candidate

_MOST_SHOWN = 20


def may_see(caller: Caller, provider: str) -> bool:
    """Whether the key may use the row, if any of its models there."""
    return caller.providers is None or provider in caller.providers


def may_use(caller: Caller, provider: str, model: str, rows: Collection[str]) -> bool:
    """Whether the key may use a row's model of that name; `rows` are the names of all."""
    models = caller.models
    if not may_see(caller, provider):
        return False
    if models is None or f"{provider}/{model}" in models:
        return True
    # `openai/gpt-6` of a key is a row and its model, at whichever row a model is asked for by these letters.
    head, slash, _ = model.partition("/")
    return model in models and not (slash and provider_name(head) in rows)


def permission_of(order: Order, config: LLMProviderConfig) -> Permission | None:
    """None for a caller who may use everything."""
    return Permission(order, config) if order.call.caller.is_limited else None


class Permission:
    """Of one order's key.

    A model is allowed by its own name, at every allowed row, or as `provider/model` at that row. `openai/gpt-6` means
    the row `openai` where there is one, and not a vendor who calls a model so. A logical model that is allowed allows
    its candidates; in one that is not, each is judged by itself. A retired name stands for its successor too.
    """

    def __init__(self, order: Order, config: LLMProviderConfig) -> None:
        self._order = order
        self._caller = order.call.caller
        self._config = config
        self._allowing = replace(self._caller, models=_with_other_names(self._caller.models, config))
        self._members: tuple[Candidate, ...] = ()

    def check_named(self, preferred: str | None, model: str | None, logical: tuple[Candidate, ...] | None) -> None:
        """Looks at what the order names: `model` as it is asked now, `logical` are its candidates.

        Raises CallerForbiddenError.
        """
        self._check(preferred, *(() if logical is not None else (model, self._order.model)))
        if logical is not None and (self._caller.models is None or model in self._caller.models):
            self._members = logical
        for name, options in self._order.call.vendor_options.items():
            self._check(name)
            self._check_options(options, f"vendor_options.{name}.")
        for one in self._order.fallbacks or ():
            self._check(one.provider, one.model, self._config.model_aliases.get(one.model or ""))
            self._check_options(one.params, f"the params of {one.provider}: ")

    def refusal_of(self, wish: Wish, *names: str | None) -> CallerForbiddenError | None:
        """Why a candidate may not be used; it is raised where the caller asked for that row first."""
        if wish.candidate in self._members:
            return self.row_refusal(wish.candidate.provider)
        refusal = self.refusal(wish.candidate.provider, *names)
        is_behind_logical = self._order.model in self._config.models
        if refusal is not None and wish.is_preferred and not is_behind_logical:
            raise refusal
        return refusal

    def row_refusal(self, provider: str) -> CallerForbiddenError | None:
        """Why it may not use the row at all."""
        if may_see(self._caller, provider):
            return None
        return self._refusal(f"the provider {provider}", provider=provider)

    def refusal(self, provider: str, *names: str | None) -> CallerForbiddenError | None:
        """Why it may not use the model of that row; `names`: all that the model goes by, the one to speak of first."""
        if refusal := self.row_refusal(provider):
            return refusal
        rows = self._config.providers
        if any(name is not None and may_use(self._allowing, provider, name, rows) for name in names):
            return None
        return self._refusal(f"{provider}/{names[0]}", provider=provider, model=names[0])

    def _check_options(self, options: Mapping[str, Any], prefix: str) -> None:
        check_no_other_model(options, known=KNOWN_OPTIONS, caller=self._caller, prefix=prefix)

    def _check(self, provider: str | None, *names: str | None) -> None:
        """The row, the model by `names` there, or without a row that model anywhere."""
        refusal = self.row_refusal(provider) if provider is not None else None
        if refusal is None and any(names):
            rows = [provider] if provider is not None else self._caller.providers or self._config.providers
            refusals = [self.refusal(row, *names) for row in rows]
            refusal = None if None in refusals else refusals[0]
            if refusal is not None and provider is None:
                refusal = self._refusal(f"the model {names[0]}", model=names[0])
        if refusal is not None:
            raise refusal

    def _refusal(self, what: str, *, provider: str | None = None, model: str | None = None) -> CallerForbiddenError:
        limits = (("models", self._caller.models), ("providers", self._caller.providers))
        may = "; ".join(_listed(kind, names) for kind, names in limits if names is not None)
        detail = f"the key {self._caller.key_id} may not use {what}; it may use: {may}"
        return CallerForbiddenError(detail, provider=provider, model=model)


def _with_other_names(models: Iterable[str] | None, config: LLMProviderConfig) -> frozenset[str] | None:
    """A name that has retired since the key was made stands for the name of today too, `row/model` for the row's own.

    (`openrouter/auto` is at that row `openrouter/auto` again.)
    """
    if models is None:
        return None
    today = set(models)
    for name in models:
        row, slash, model = name.rpartition("/")
        if (successor := config.model_aliases.get(model)) is not None:
            today.add(f"{row}{slash}{successor}")
        if (named := row_and_model(name, config)) is not None:
            today.add("/".join(named))
    return frozenset(today)


def _listed(kind: str, names: Iterable[str]) -> str:
    shown = sorted(names)
    more = f" and {len(shown) - _MOST_SHOWN} more" if len(shown) > _MOST_SHOWN else ""
    return f"{kind} {', '.join(shown[:_MOST_SHOWN])}{more}"
