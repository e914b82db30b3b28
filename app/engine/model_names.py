"""Who would serve a call that names a model so? The names of one snapshot, as `selection` reads them; nobody is called.

Circuits and rests are not asked: they pass by themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from app import catalogue
from app.engine.named_model import model_in, successor_of
from app.engine.permission import may_see
from app.engine.row_order import row_order
from app.engine.runtime import Runtime
from app.engine.wanted import AnswerWanted, VectorsWanted, Wanted
from app.ports import Provider
from contracts.caller import Caller
from contracts.chat import Conversation
from contracts.models import ModelKind
from contracts.providers import ProviderType, provider_name
from contracts.surfaces import AUTO

_WANTED: tuple[Wanted, ...] = (AnswerWanted(Conversation(messages=())), VectorsWanted())
# Their models answer and make vectors as well; with every other kind those that make vectors do nothing else.
_DO_BOTH = frozenset({ProviderType.LOCAL, ProviderType.MOCK})

# A row, what it calls the model, and whether it was found for answers or for vectors.
_Found = tuple[str, str, bool]
_Places = Collection[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Server:
    """A row and what it calls the model that was named; `chats` and `embeds`: what a call may want of it."""

    provider: Provider
    model: str
    chats: bool
    embeds: bool

    @property
    def name(self) -> str:
        """`provider/model`."""
        return f"{self.provider.name}/{self.model}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name of a model: what it is `served_as`, and by whom, the first asked first.

    `asked` is how the caller wrote it, `model` what it means without its `row`, where one stands before it.
    """

    asked: str
    served_as: str
    model: str
    servers: tuple[Server, ...]
    kind: ModelKind = ModelKind.MODEL
    row: str | None = None

    def for_caller(self, caller: Caller, rows: Collection[str]) -> Named:
        """What a caller may use of it whose key has limits (see `permission`); `rows`: all that there are."""
        if not caller.is_limited:
            return self
        left = tuple(server for server in self.servers if self._may_use(caller, server, rows))
        is_forbidden = self.row is not None and not any(server.provider.name == self.row for server in left)
        return replace(self, servers=() if is_forbidden else left)

    def _may_use(self, caller: Caller, server: Server, rows: Collection[str]) -> bool:
        row = server.provider.name
        if not may_see(caller, row):
            return False
        if caller.models is None or (self.kind is ModelKind.LOGICAL and self.model in caller.models):
            return True
        names = {server.model, self.model, self.asked} if self.kind is ModelKind.MODEL else {server.model}
        return any(
            f"{row}/{name}" in caller.models or (name in caller.models and _row_in(name, rows) in (None, row))
            for name in names
        )


class ModelNames:
    """The names that lead somewhere in one snapshot, while the rows in `usable` can be called."""

    def __init__(self, runtime: Runtime, usable: frozenset[str]) -> None:
        self._runtime = runtime
        self._config = runtime.config
        self._usable = usable
        # Who is asked for an answer and for vectors, where nobody is named: the embedded model only at need.
        self._rows = tuple(
            [name for name, _ in row_order(runtime, wanted, preferred=None) if name in usable] for wanted in _WANTED
        )

    def read(self, asked: str) -> Named:
        """What the name stands for; nobody serves one that is not known."""
        if asked == AUTO and AUTO not in self._config.models:
            servers = self._merged(self._defaults())
            return Named(asked=asked, served_as=asked, model=asked, kind=ModelKind.AUTO, servers=servers)
        model = self._successor(asked)
        if model in self._config.models:
            servers = self._merged(self._of_group(model))
            return Named(asked=asked, served_as=model, model=model, kind=ModelKind.LOGICAL, servers=servers)
        row = _row_in(model, self._runtime.providers)
        if row is not None:
            return self._of_row(asked, row, model)
        return Named(asked=asked, served_as=model, model=model, servers=self._merged(self._offering(model)))

    def shortest(self, row: str, model: str) -> Named | None:
        """The name that leads to `model` of that row: the maker's own if it does, else with the row before it."""
        kind = self._runtime.providers[row].type
        for name in dict.fromkeys((own_name(kind, model), model, f"{row}/{model}")):
            named = self.read(name)
            if f"{row}/{model}" in (server.name for server in named.servers):
                return named
        return None

    def _of_row(self, asked: str, row: str, whole: str) -> Named:
        """Of a name with its row before it: that row first, then the others that offer the model."""
        model = self._model_in(row, whole)
        is_offered = any(self._name_at(wanted, row, model) is not None for wanted in _WANTED)
        first = self._at((row,), (row,), model) if row in self._usable else ()
        servers = self._merged((*first, *(self._offering(model) if is_offered else ())))
        return Named(asked=asked, served_as=f"{row}/{model}", model=model, row=row, servers=servers)

    def _model_in(self, row: str, whole: str) -> str:
        """The model of `row/model`, by its maker's name where OpenRouter's was given: `anthropic/claude-haiku-5.5`."""
        return self._successor(model_in(row, whole, self._config))

    def _defaults(self) -> Iterator[_Found]:
        for wanted, rows in zip(_WANTED, self._rows, strict=True):
            for row in rows:
                model = wanted.default_model(self._runtime.providers[row])
                if model is not None:
                    yield row, model, wanted is _WANTED[0]

    def _of_group(self, name: str) -> Iterator[_Found]:
        for candidate in self._config.models[name]:
            row = candidate.provider
            provider = self._runtime.providers[row]
            if row not in self._usable:
                continue
            for wanted in _WANTED:
                model = self._successor(candidate.model) if candidate.model else wanted.default_model(provider)
                if model is not None and (wanted is _WANTED[0] or provider.makes_embeddings):
                    yield row, self._name_at(wanted, row, model) or model, wanted is _WANTED[0]

    def _offering(self, model: str) -> Iterator[_Found]:
        return self._at(self._rows[0], self._rows[1], model)

    def _at(self, chat: Iterable[str], vectors: Iterable[str], model: str) -> Iterator[_Found]:
        for wanted, rows in zip(_WANTED, (chat, vectors), strict=True):
            for row in rows:
                name = self._name_at(wanted, row, model)
                if name is not None:
                    yield row, name, wanted is _WANTED[0]

    def _name_at(self, wanted: Wanted, row: str, model: str) -> str | None:
        return wanted.name_at(self._runtime.providers[row], model)

    def _merged(self, found: Iterable[_Found]) -> tuple[Server, ...]:
        """Each row and model once, with what it is known to do of what it was found for; who answers comes first."""
        for_chat: dict[tuple[str, str], None] = {}
        for_vectors: dict[tuple[str, str], None] = {}
        for row, model, is_chat in found:
            (for_chat if is_chat else for_vectors)[row, model] = None
        servers = [self._server(*place, for_chat, for_vectors) for place in {**for_vectors, **for_chat}]
        answering = {(one.provider.name, one.model): one for one in servers if one.chats}
        return (
            *(answering[place] for place in for_chat if place in answering),
            *(one for one in servers if one.embeds and not one.chats),
        )

    def _server(self, row: str, model: str, for_chat: _Places, for_vectors: _Places) -> Server:
        provider, place = self._runtime.providers[row], (row, model)
        embeds = catalogue.embeds(provider.type, model)
        chats = not embeds or provider.type in _DO_BOTH
        return Server(provider, model, chats=chats and place in for_chat, embeds=embeds and place in for_vectors)

    def _successor(self, model: str) -> str:
        return successor_of(model, self._config) or model


def _row_in(name: str, rows: Collection[str]) -> str | None:
    """The row that stands before the model in `provider/model`."""
    head, slash, tail = name.partition("/")
    row = provider_name(head)
    return row if slash and tail and row in rows else None


@lru_cache(maxsize=4096)
def own_name(kind: ProviderType, model: str) -> str:
    """What its maker calls a model that a vendor of `kind` calls `model`, as far as that is known."""
    if kind is not ProviderType.OPENROUTER:
        return model
    makers = (maker for maker in ProviderType if maker is not kind)
    return next((name for maker in makers if (name := catalogue.spelling(maker, model)) is not None), model)
