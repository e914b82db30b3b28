"""The composition root: settings become a service. The only room that names concrete classes."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

from app import __version__
from app.bootstrap.books import BookRooms, open_books
from app.bootstrap.providers import Providers
from app.bootstrap.watching import watching
from app.engine.accounts import Accounts
from app.engine.answer_cache import AnswerCache
from app.engine.auditing import Auditing
from app.engine.caller_keys import CallerKeys
from app.engine.config_store import FIRST_REVISION, ConfigStore
from app.engine.config_watch import ConfigWatch
from app.engine.content_log import (
    Complete,
    ContentLog,
    LoggedCompletions,
    LoggedStreams,
    LoggedVectors,
    MakeVectors,
    Open,
)
from app.engine.embeddings import EmbeddingCalls
from app.engine.health import Health
from app.engine.key_ring import KeyRing
from app.engine.plain import PlainCalls
from app.engine.probe import Probe
from app.engine.refusals import Refusals
from app.engine.statistics import Statistics
from app.engine.stream import StreamedCalls
from app.engine.token_counting import TokenCounting
from app.engine.told_models import is_known
from app.local_model import LocalModel, LocalModelSettings
from app.observers.witnesses import Witnesses
from app.ports import Limiter, RequestRecord, ResponseCache
from app.ports.books import BookReader
from app.ports.withheld import Withheld
from app.resilience.clock import Clock
from app.settings import Settings, load_settings
from app.stores.memory_cache import MemoryCache
from app.upstream import UpstreamClient
from contracts.calls import ModelCall
from contracts.config import LLMProviderConfig

__all__ = ["OpenLimiter", "Providers", "Rooms", "Witnesses", "open_rooms", "settings_for"]


class OpenLimiter:
    """Lets every call through: budgets and rates of callers' keys come later."""

    # So nobody need ask it, or tell it anything.
    limits = False

    def admit(self, call: ModelCall) -> None:
        """Nothing is refused."""

    def settle(self, record: RequestRecord) -> None:
        """Nothing is counted."""


@dataclass(slots=True)
class Rooms:
    """What is made by `open_rooms`, started by `start`, and closed by `aclose` in reverse order."""

    store: ConfigStore
    config_watch: ConfigWatch | None
    plain: Complete
    streamed: Open
    embeddings: MakeVectors
    counting: TokenCounting
    shared: tuple[StreamedCalls, PlainCalls, EmbeddingCalls]
    probe: Probe
    health: Health
    statistics: Statistics
    clock: Clock
    upstream: UpstreamClient
    model: LocalModel
    cache: AnswerCache
    cache_store: ResponseCache
    book_rooms: BookRooms
    witnesses: Witnesses
    auditing: Auditing
    refusals: Refusals
    key_ring: KeyRing
    keys: CallerKeys

    @property
    def reader(self) -> BookReader:
        """What the books say."""
        return self.book_rooms.reader

    async def start(self) -> None:
        """Begins to watch, and opens the books. Raises ConfigurationError."""
        await self.witnesses.start()
        await self.book_rooms.start()
        if self.config_watch is not None:
            await self.config_watch.start()
        await self.cache_store.start()

    async def aclose(self) -> None:
        """Ends shared calls, rows, books, the embedded model and the HTTP client, each even if one before it fails."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.witnesses.aclose)
            stack.push_async_callback(self.upstream.aclose)
            stack.push_async_callback(self.model.aclose)
            stack.push_async_callback(self.book_rooms.aclose)
            stack.push_async_callback(self.cache_store.aclose)
            stack.push_async_callback(self.store.aclose)
            if self.config_watch is not None:
                stack.push_async_callback(self.config_watch.aclose)
            stack.callback(self.refusals.tell_rest)
            for calls in self.shared:
                stack.push_async_callback(calls.aclose)


def settings_for(config: LLMProviderConfig | None) -> Settings:
    """The settings of a service that is used from Python: `config`, what it leaves open from the environment."""
    return load_settings(env_file=None, config=config)


def open_rooms(settings: Settings, statistics: Statistics, clock: Clock) -> Rooms:
    """Everything that the service holds, wired. Sends nothing and starts no process.

    Raises ConfigurationError.
    """
    upstream = UpstreamClient(version=__version__)
    model = LocalModel(LocalModelSettings(model_path=settings.local_model_path))
    cache_store = _cache_store(settings, clock)
    cache = AnswerCache(cache_store)
    withheld = Withheld(settings.own_keys())
    factory = Providers(settings, upstream, model, clock, cache_store, withheld)
    first = factory.build(settings.config, FIRST_REVISION, None)
    book_rooms = open_books(settings)
    may_edit = settings.allow_upstream_edits
    store = ConfigStore(factory, first, book_rooms.revisions, may_edit_upstreams=may_edit)
    is_shared = settings.database_url is not None
    key_ring = KeyRing(book_rooms.keys, clock, is_known=not is_shared)

    def faults() -> dict[str, str | None]:
        # Memory is the service's own.
        found = book_rooms.faults()
        if is_shared:
            found["configuration"] = store.fault()
        if cache_store.backend != "memory":
            found[cache_store.backend] = cache_store.fault()
        return found

    witnesses = watching(settings, store, faults=faults, rows_lost=book_rooms.books.lost)
    limiter: Limiter = OpenLimiter()
    accounts = Accounts(
        observers=(statistics, cache, witnesses.observer),
        limiter=limiter,
        clock=clock,
        books=book_rooms.books,
        events=book_rooms.events,
        # Asked at the end of each request, so without a call of Python.
        keeps_usage=partial(attrgetter("current.config.enable_usage_analytics"), store.snapshots),
        knows_model=lambda name: is_known(store.view().config, name),
    )
    plain, streamed = PlainCalls(accounts, cache), StreamedCalls(accounts, cache)
    embeddings = EmbeddingCalls(accounts, cache)
    is_strict = settings.ledger_durability == "strict"
    auditing = Auditing(book_rooms.books, clock, is_strict=is_strict, withheld=withheld)
    log = ContentLog(auditing) if settings.audit_content else None
    return Rooms(
        store=store,
        config_watch=ConfigWatch((store.refresh, key_ring.refresh), clock) if is_shared else None,
        plain=LoggedCompletions(plain, log) if log is not None else plain,
        streamed=LoggedStreams(streamed, log) if log is not None else streamed,
        embeddings=LoggedVectors(embeddings, log) if log is not None else embeddings,
        counting=TokenCounting(accounts),
        shared=(streamed, plain, embeddings),
        probe=Probe(accounts),
        health=Health(statistics, clock, dependency_faults=faults, rows_lost=book_rooms.books.lost),
        statistics=statistics,
        clock=clock,
        upstream=upstream,
        model=model,
        cache=cache,
        cache_store=cache_store,
        book_rooms=book_rooms,
        witnesses=witnesses,
        auditing=auditing,
        refusals=Refusals(auditing, clock),
        key_ring=key_ring,
        keys=CallerKeys(book_rooms.keys, key_ring, clock),
    )


def _cache_store(settings: Settings, clock: Clock) -> ResponseCache:
    if settings.redis_url is None:
        return MemoryCache(settings.config.cache, clock=clock.monotonic)
    # Only here: its client's import is a matter of megabytes and of who asked for it.
    from app.stores.redis_cache import RedisCache

    return RedisCache(settings.redis_url.get_secret_value(), settings.config.cache)
