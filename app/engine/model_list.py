"""Which models can be named now, and what is known of each? What GET /v1/models answers; nobody is called.

A model is listed once, by the shortest name that leads to it, however many rows serve it; `provider/model` is found,
and listed only where nothing shorter leads there. Of a server of one's own (a row with `base_url`, Ollama) only the
models that its row names are listed: what else it holds only it can say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from app.catalogue.on_sale import on_sale
from app.engine.health import unusable_reason
from app.engine.model_facts import described
from app.engine.model_names import ModelNames, Named, Server
from app.engine.runtime import Runtime
from contracts.caller import Caller
from contracts.errors import CallerForbiddenError, ModelNotFoundError
from contracts.models import ModelInfo, ModelKind, ModelStatus
from contracts.surfaces import AUTO

_SHOWN_NAME_LENGTH = 64
_NEAREST = 3
_Entries = tuple[tuple[Named, ModelInfo], ...]


@dataclass(frozen=True, slots=True)
class _Listing:
    """All that could be said in one minute, in which prices stand still, while those rows are usable."""

    runtime: Runtime
    usable: frozenset[str]
    minute: datetime
    entries: _Entries

    def has_names_of(self, runtime: Runtime, usable: frozenset[str], at: datetime) -> bool:
        """Whether the same models would be listed: what vendors sell changes with the day."""
        return self.runtime is runtime and self.usable == usable and self.minute.date() == at.date()


class ModelList:
    """The models of the snapshot that was asked last, remembered: it is made beside the loop, once a minute at most."""

    def __init__(self) -> None:
        self._listing: _Listing | None = None
        self._making = asyncio.Lock()

    async def of(self, runtime: Runtime, caller: Caller, at: datetime) -> list[ModelInfo]:
        """What `caller` may name, in the configuration's order: `auto`, logical names, then each row's models."""
        entries = (await self._current(runtime, at)).entries
        if caller.is_limited:
            left = (named.for_caller(caller, runtime.providers) for named, _ in entries)
            entries = await asyncio.to_thread(_described, [one for one in left if one.servers], runtime, at)
        return [_as_it_stands(info, named, runtime) for named, info in entries]

    async def one(self, name: str, runtime: Runtime, caller: Caller, at: datetime) -> ModelInfo:
        """What `name` stands for: a model that is listed, or one not listed of which something is known.

        Raises ModelNotFoundError with the nearest names, and CallerForbiddenError.
        """
        named = ModelNames(runtime, _usable(runtime)).read(name)
        left = named.for_caller(caller, runtime.providers)
        if not left.servers and named.servers:
            raise _forbidden(named, caller)
        info = described(left, runtime, at) if left.servers else None
        if info is None or _is_hearsay(info):
            listed = [one.id for one in await self.of(runtime, caller, at)]
            if info is None or info.id not in listed:
                raise _not_found(named, listed, info.providers if info else ())
        return _as_it_stands(info, left, runtime)

    async def _current(self, runtime: Runtime, at: datetime) -> _Listing:
        usable = _usable(runtime)
        async with self._making:
            before = self._listing
            names = None
            if before is not None and before.has_names_of(runtime, usable, at):
                if before.minute == _minute(at):
                    return before
                names = [named for named, _ in before.entries]
            # The price library takes some milliseconds for each score of models that it was not asked for yet.
            self._listing = await asyncio.to_thread(_made, runtime, usable, at, names)
            return self._listing


def _is_hearsay(info: ModelInfo) -> bool:
    """Whether nothing is known of the model but that its name sounds like one of that vendor's: maybe a slip."""
    return info.context_window is None and info.prices is None and info.kind is ModelKind.MODEL


def _not_found(named: Named, listed: list[str], providers: Sequence[str]) -> ModelNotFoundError:
    shown = named.asked[:_SHOWN_NAME_LENGTH]
    near = get_close_matches(shown, listed, n=_NEAREST, cutoff=0.6)
    advice = f"did you mean {', '.join(near)}?" if near else "GET /v1/models lists what can be named"
    if providers:
        advice += f" (a call that names it is sent to {providers[0]} all the same)"
    return ModelNotFoundError(f"nobody who can be used now is known to offer the model {shown}: {advice}")


def _forbidden(named: Named, caller: Caller) -> CallerForbiddenError:
    shown = named.asked[:_SHOWN_NAME_LENGTH]
    return CallerForbiddenError(
        f"the key {caller.key_id} may not use the model {shown}: GET /v1/models lists what it may"
    )


def _usable(runtime: Runtime) -> frozenset[str]:
    rows = runtime.providers.items()
    return frozenset(name for name, provider in rows if unusable_reason(provider, runtime) is None)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _made(runtime: Runtime, usable: frozenset[str], at: datetime, names: Sequence[Named] | None) -> _Listing:
    if names is None:
        found: dict[str, Named] = {}
        for named in _listed(ModelNames(runtime, usable), runtime, usable, at):
            if named.servers:
                found.setdefault(named.served_as, named)
        names = list(found.values())
    return _Listing(runtime, usable, _minute(at), _described(names, runtime, at))


def _described(names: Sequence[Named], runtime: Runtime, at: datetime) -> _Entries:
    return tuple((named, described(named, runtime, at)) for named in names)


def _listed(names: ModelNames, runtime: Runtime, usable: frozenset[str], at: datetime) -> Iterator[Named]:
    yield names.read(AUTO)
    yield from (names.read(logical) for logical in runtime.config.models)
    for row in (name for name in (*runtime.order, *runtime.embedded) if name in usable):
        models = (names.shortest(row, model) for model in _models_of(row, runtime, at))
        yield from (named for named in models if named is not None)


def _models_of(name: str, runtime: Runtime, at: datetime) -> Iterator[str]:
    """What the row may show, its default first; some of it it may not offer."""
    row, provider = runtime.config.providers[name], runtime.providers[name]
    yield provider.default_model
    if row.models:
        yield from row.models
        return
    if provider.default_embedding_model is not None:
        yield provider.default_embedding_model
    if row.base_url is None:
        yield from on_sale(provider.type, at.date())


def _as_it_stands(info: ModelInfo, named: Named, runtime: Runtime) -> ModelInfo:
    """With its status at this moment."""
    is_resting = all(_rests(server, runtime) for server in named.servers)
    return info.model_copy(update={"status": ModelStatus.RESTING}) if is_resting else info


def _rests(server: Server, runtime: Runtime) -> bool:
    """Whether a call would be refused now. A route that nobody used has only its row's state, and is not made here."""
    row = runtime.routes.row(server.provider.name)
    route = row.routes.get(server.model)
    if route is not None:
        return route.refusal() is not None
    return row.cooldown.remaining() > 0 or row.breaker.refusal() is not None
