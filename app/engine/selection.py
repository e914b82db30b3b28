"""Which candidates may serve a request, in which order, and why each other may not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from app.engine.intake import Order
from app.engine.keeping import Keeping
from app.engine.named_model import row_and_model, successor_of
from app.engine.needs import beyond
from app.engine.nobody import nobody_for
from app.engine.permission import permission_of
from app.engine.ranking import Ranking
from app.engine.row_order import rows_asked
from app.engine.runtime import Runtime, find_provider
from app.engine.target import Plan, Target, Targets, nothing, of_different_names, target_of
from app.engine.wanted import StandIn, wanted_by
from app.engine.wish import Wish, preferred_wish, wish_for_row, wishes_of_group
from app.ports import Provider
from contracts.config import LLMProviderConfig
from contracts.errors import (
    CallerForbiddenError,
    InvalidRequestError,
    LLMProviderError,
    ModelNotFoundError,
    ProviderDisabledError,
    ProviderUnavailableError,
)
from contracts.requests import Candidate

__all__ = ["Plan", "Selection", "Target", "find_provider", "select"]


def select(order: Order, runtime: Runtime) -> Plan:
    """The plan for an order.

    Raises ProviderNotFoundError, ModelNotFoundError, ProviderDisabledError and ProviderUnavailableError; the
    last says which variable would make a provider usable.
    """
    if (kept := runtime.plans.of(order)) is not None:
        return kept
    selection = Selection(order, runtime)
    plan = selection.plan()
    is_chosen = not selection.ranking.is_as_it_comes
    if is_chosen:
        selection.ranking.take_turn(plan.targets)
    if selection.is_smooth:
        runtime.plans.keep(order, plan, is_whole=selection.may_fall_back, is_chosen=is_chosen)
    return plan


class Selection:
    """One order's. `group` is the logical model that was asked, if one was."""

    def __init__(self, order: Order, runtime: Runtime) -> None:
        self._order = order
        self._runtime = runtime
        self._config: LLMProviderConfig = runtime.config
        self.warnings: list[str] = list(order.warnings)
        self.group: str | None = None
        self._refused: list[LLMProviderError] = []
        self._passed_over: list[str] = []
        self._wanted = wanted_by(order.call)
        self._permission = permission_of(order, runtime.config)
        self._keeping = Keeping.of(order, runtime)
        self._only_model: str | None = None
        self.may_fall_back = self._config.enable_fallback if order.enable_fallback is None else order.enable_fallback
        self._stand_ins: list[tuple[Wish, StandIn]] = []
        self._preferred = order.preferred
        self._model = self._successor(order.model) if order.model in self._config.model_aliases else order.model
        if self._model is not None and "/" in self._model:
            self._split_model(self._model)
        self.ranking = Ranking(order, runtime, preferred=self._preferred)

    @property
    def refusals(self) -> list[LLMProviderError]:
        """Why rows and candidates are not in the plan, once that was made. Who was passed over is judged only now."""
        names, self._passed_over = self._passed_over, []
        for name in names:
            self._target(wish_for_row(name))
        return self._refused

    def plan(self) -> Plan:
        """The plan; makes no turn of anybody's count. Raises what `select` does."""
        if self._keeping is not None:
            self._keeping.settle(self._preferred, self._model, self._wanted)
        found: list[Target] = []
        is_second_choice = False
        wished = self._in_order()
        for wish, target in wished:
            if target is not None:
                found.append(target)
            elif wish.is_preferred:
                is_second_choice = True
            if not self.may_fall_back and (found or wish.is_preferred):
                wished = iter(())
                break
            if found and self._order.use_cache and self._may_be_judged_later:
                break
        is_second_choice = is_second_choice or not found
        if self._stand_ins:
            found.extend(self._standing_in())
        if not found:
            told = list if self._keeping is None else self._keeping.telling
            raise nobody_for(self._model, told(self.refusals), is_named=self._preferred is not None)
        # Only who may be answered from the cache is perhaps content with the first.
        others = (target for _, target in wished if target is not None) if self._order.use_cache else None
        targets = of_different_names(tuple(found)) if others is None else Targets(found, others)
        has_choice = self.ranking.has_choice_next
        return Plan(
            targets=targets,
            warnings=tuple(self.warnings),
            is_second_choice=is_second_choice,
            affinity=self.ranking.affinity if has_choice or others is not None or len(targets) > 1 else None,
            has_choice=has_choice,
            answered=nothing if self._keeping is None else self._keeping.answered,
        )

    @property
    def is_smooth(self) -> bool:
        """Whether nobody was refused, and there is nothing to tell."""
        return not (self._refused or self.warnings)

    @property
    def _may_be_judged_later(self) -> bool:
        """Whether behind the first target only rows come that nobody named: what they lack is told to nobody."""
        is_of_rows = self._order.fallbacks is None and self.group is None
        return is_of_rows and self.ranking.is_as_it_comes and not self._config.similar_models

    def _successor(self, model: str | None) -> str | None:
        successor = successor_of(model, self._config) if model in self._config.model_aliases else None
        if successor is None:
            return model
        self.warnings.append(f"the model {model} is retired: {successor} was asked instead")
        return successor

    def _split_model(self, model: str) -> None:
        """`provider/model` names a provider too, unless a provider or a logical model of that name is meant."""
        if self._preferred is not None or model in self._config.models:
            return
        named = row_and_model(model, self._config)
        if named is not None:
            self._preferred, self._model = named[0], self._successor(named[1])

    def _in_order(self) -> Iterator[tuple[Wish, Target | None]]:
        """Every wish with its target, in the order of trying; None where it cannot serve."""
        logical = self._config.models.get(self._model) if self._model else None
        given = self._order.fallbacks
        is_any_named = given is not None or self._preferred is not None
        if is_any_named or self._order.call.vendor_options:
            for name in (self._preferred, *(one.provider for one in given or ()), *self._order.call.vendor_options):
                if name is not None:
                    find_provider(self._runtime, name)
        if self._permission is not None:
            self._permission.check_named(self._preferred, self._model, logical)
        return self._named_first(logical, given) if logical is not None or is_any_named else self._rows()

    def _rows(self) -> Iterator[tuple[Wish, Target | None]]:
        return self._ranked(self._of_rows(rows_asked(self._runtime, self._wanted, self._preferred, self._model)))

    def _named_first(
        self, logical: tuple[Candidate, ...] | None, given: tuple[Candidate, ...] | None
    ) -> Iterator[tuple[Wish, Target | None]]:
        if given and any(candidate.weight is not None for candidate in given):
            self.warnings.append("weight was ignored in fallback_providers: they are tried in the order given")
        behind = [Wish(candidate=candidate, is_named=True) for candidate in given or ()]
        if logical is not None:
            group = self._ranked(self._judged(self._wishes_of_group(logical)))
            yield from group if given is None else (next(group), *self._judged(behind))
            return
        if self._preferred is not None:
            wish = preferred_wish(self._preferred, self._model)
            yield wish, self._target(wish)
        if given is None:
            yield from self._rows()
            return
        if self._preferred is None:
            yield from islice((pair for pair in self._rows() if pair[1] is not None), 1)
        yield from self._judged(behind)

    def _wishes_of_group(self, group: tuple[Candidate, ...]) -> list[Wish]:
        name, self._model = self._model, None
        self.group = name
        wishes = wishes_of_group(group, self._preferred)
        if self._preferred is not None and not wishes[0].is_preferred:
            self.warnings.append(f"{self._preferred} is not behind the model {name}: it was skipped")
        return wishes

    def _judged(self, wishes: Iterable[Wish]) -> Iterator[tuple[Wish, Target | None]]:
        return ((wish, self._target(wish)) for wish in wishes)

    def _of_rows(self, rows: Iterable[tuple[str, bool]]) -> Iterator[tuple[Wish, Target | None]]:
        """The rows that can serve; what exactly the others lack is of interest only if all lack something."""
        for name, may_serve in rows:
            if may_serve or self._config.similar_models:
                wish = wish_for_row(name)
                yield wish, self._target(wish)
            else:
                self._passed_over.append(name)

    def _ranked(self, judged: Iterator[tuple[Wish, Target | None]]) -> Iterator[tuple[Wish, Target | None]]:
        """The wishes among which the service may choose; a preferred one that cannot serve stays in front."""
        return judged if self.ranking.is_as_it_comes else self._by_rank(judged)

    def _by_rank(self, wished: Iterator[tuple[Wish, Target | None]]) -> Iterator[tuple[Wish, Target | None]]:
        judged = list(wished)
        yield from (pair for pair in judged if pair[1] is None and pair[0].is_preferred)
        fit = {id(target): (wish, target) for wish, target in judged if target is not None}
        for target in self.ranking.ranked([target for _, target in fit.values()]):
            yield fit[id(target)]
        yield from (pair for pair in judged if pair[1] is None and not pair[0].is_preferred)

    def _target(self, wish: Wish) -> Target | None:
        candidate = wish.candidate
        provider = find_provider(self._runtime, candidate.provider)
        wished = self._model or (None if wish.is_named else self._only_model)
        named = candidate.model and self._successor(candidate.model)
        model = named or wished or self._wanted.default_model(provider)
        if model is None:
            name = provider.name
            lacking = self._wanted.lack(provider, None)
            lacking = lacking or f"{name} has no model for this: name one of its own as {name}/MODEL"
            self._skip(wish, InvalidRequestError(lacking, provider=name))
            return None
        is_free_choice = candidate.model is None and wished is not None
        asked, offered = model, self._wanted.name_at(provider, model)
        # Who names both row and model is taken at his word.
        model = offered if is_free_choice or (offered is not None and "/" not in asked) else asked
        # Of a model that the row has not it is told that, whoever asks; a row that was named is refused as it is.
        if self._permission is not None and (model is not None or wish.is_named):
            spoken = self._order.model if is_free_choice else candidate.model
            if forbidden := self._permission.refusal_of(wish, asked, model, spoken):
                self._skip(wish, forbidden)
                return None
        if model is None and (stand_in := self._stand_in(provider, asked)) is not None:
            self._stand_ins.append((wish, stand_in))
            return None
        refusal, model = self._refusal(provider, asked, model), model or asked
        if self._wanted.is_of_one_model and (wish.is_named or refusal is None):
            self._only_model = self._only_model or model
        if refusal is not None:
            self._skip(wish, refusal)
            return None
        note = None if model == asked else f"{provider.name} was asked for {asked} by its name {model}"
        return target_of(candidate, provider, model, note, self._config)

    def _stand_in(self, provider: Provider, model: str) -> StandIn | None:
        if not (self._config.similar_models and self.may_fall_back):
            return None
        return self._wanted.stand_in(provider, model)

    def _standing_in(self) -> Iterator[Target]:
        """Models of the same tier, of rows that do not offer the one that was named: after all that do."""
        for wish, similar in self._stand_ins:
            provider = find_provider(self._runtime, wish.candidate.provider)
            refusal = self._refusal(provider, similar.model, similar.model)
            if self._permission is not None:
                refusal = self._permission.refusal(provider.name, similar.model) or refusal
            if refusal is not None:
                self._skip(wish, refusal)
                continue
            note = f"{provider.name}/{similar.model} stood in for {self._model}: {similar.reason}"
            yield target_of(wish.candidate, provider, similar.model, note, self._config)

    def _skip(self, wish: Wish, refusal: LLMProviderError) -> None:
        self._refused.append(refusal)
        # What a key may not use of a logical model is no news to who named only that.
        is_own = wish.candidate in (self._order.fallbacks or ())
        if wish.is_named and (is_own or not isinstance(refusal, CallerForbiddenError)):
            self.warnings.append(f"{wish.candidate.provider} was skipped: {refusal}")

    def _refusal(self, provider: Provider, asked: str, model: str | None) -> LLMProviderError | None:
        """Why the provider cannot serve the model that was `asked`, which is its `model`; None: it has none such."""
        name = provider.name
        if model is None:
            detail = f"{name} does not offer the model {asked}; name one of its own as {name}/MODEL"
            return ModelNotFoundError(detail, provider=name, model=asked)
        if refusal := self.row_refusal(provider):
            return refusal
        if lacking := self._wanted.lack(provider, model):
            return InvalidRequestError(lacking, provider=name, errors=beyond(self._order.call.source, provider))
        return None

    def row_refusal(self, provider: Provider) -> LLMProviderError | None:
        """Why the provider can serve nobody now, or not this caller."""
        name = provider.name
        if self._permission is not None and (forbidden := self._permission.row_refusal(name)):
            return forbidden
        if self._keeping is not None and (elsewhere := self._keeping.refusal(name)):
            return elsewhere
        if name in self._runtime.up:
            return None
        if not self._config.providers[name].enabled:
            return ProviderDisabledError(
                f"{name} is disabled: enable it with POST /providers/{name}/enable", provider=name
            )
        if reason := provider.unusable_reason():
            return ProviderUnavailableError(reason, provider=name)
        return None
