"""What is wanted of a provider: an answer to a conversation, or vectors? And so which model, and who has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app import catalogue
from app.engine.needs import beyond, lack
from app.ports import Provider
from contracts.calls import ModelCall, Operation, Source
from contracts.chat import Conversation
from contracts.quick_making import quickly_made


@dataclass(frozen=True, slots=True)
class StandIn:
    """A model that is similar to the one that was asked, and why; `reason` ends a sentence."""

    model: str
    reason: str


class Wanted(Protocol):
    """How candidates are judged by what is asked of them."""

    @property
    def is_of_one_model(self) -> bool:
        """Whether only the model that was asked, or chosen, first may stand in for itself elsewhere."""
        ...

    def default_model(self, provider: Provider) -> str | None:
        """What the provider would use when nobody names a model; None when it has nothing to give."""
        ...

    def name_at(self, provider: Provider, model: str) -> str | None:
        """What the provider calls `model`, when a caller names no provider; None when it does not offer it."""
        ...

    def stand_in(self, provider: Provider, model: str) -> StandIn | None:
        """A model of the provider's that is similar to `model`; None when it has none."""
        ...

    def lack(self, provider: Provider, model: str | None) -> str | None:
        """What the provider, or its `model`, cannot do of what is asked, as a sentence; None when it can do all."""
        ...


@quickly_made
@dataclass(frozen=True, slots=True)
class AnswerWanted:
    """An answer to `conversation`."""

    conversation: Conversation
    source: Source | None = None
    is_of_one_model: bool = False

    def default_model(self, provider: Provider) -> str:
        """The row's own."""
        return provider.default_model

    def name_at(self, provider: Provider, model: str) -> str | None:
        """As the row says, under the name that it was asked by or its vendor's spelling of that."""
        if provider.offers(model):
            return model
        spelled = catalogue.spelling(provider.type, model)
        return spelled if spelled is not None and provider.offers(spelled) else None

    def stand_in(self, provider: Provider, model: str) -> StandIn | None:
        """Of the same tier, and offered by the row."""
        similar = catalogue.similar(provider.type, model)
        if similar is None:
            return None
        offered = next((name for name in similar.models if provider.offers(name)), None)
        return StandIn(offered, similar.reason) if offered is not None else None

    def lack(self, provider: Provider, model: str | None) -> str | None:
        """Images, files, tools that must be called, or what only the dialect of the caller's body has words for."""
        source = self.source
        unsaid = None if source is None or not source.demands else _unsaid(source, provider)
        return unsaid or lack(self.conversation, provider, model or provider.default_model)


@dataclass(frozen=True, slots=True)
class VectorsWanted:
    """Vectors: those of different models cannot be compared, so no model stands in for another unasked."""

    source: Source | None = None
    is_of_one_model: bool = True

    def default_model(self, provider: Provider) -> str | None:
        """The row's own for embeddings."""
        return provider.default_embedding_model

    def name_at(self, provider: Provider, model: str) -> str | None:
        """As the row says."""
        return model if provider.offers_embeddings(model) else None

    def stand_in(self, provider: Provider, model: str) -> StandIn | None:
        """None: see above."""
        return None

    def lack(self, provider: Provider, model: str | None) -> str | None:
        """All of it, with some vendors; or what only the dialect of the caller's body has words for."""
        if not provider.makes_embeddings:
            return f"{provider.name} makes no embeddings"
        return _unsaid(self.source, provider) if self.source is not None else None


def wanted_by(call: ModelCall) -> Wanted:
    """What `call` wants."""
    if call.operation is Operation.EMBEDDINGS:
        return VectorsWanted(call.source)
    # Each model cuts a text into tokens in its own way.
    return AnswerWanted(call.conversation, call.source, is_of_one_model=call.operation is Operation.COUNT_TOKENS)


def _unsaid(source: Source, provider: Provider) -> str | None:
    fields = beyond(source, provider)
    if not fields:
        return None
    names = ", ".join(one.field for one in fields)
    return f"{provider.name} cannot be asked for {names}: its dialect has no words for that"
