"""How does every provider stand that a caller may use, and who would be asked first? Nobody is called."""

from __future__ import annotations

from app.engine.health import Health, unusable_reason
from app.engine.permission import may_see
from app.engine.row_order import row_order
from app.engine.runtime import Runtime
from app.engine.wanted import AnswerWanted
from app.ports import Provider
from contracts.caller import Caller
from contracts.chat import Conversation
from contracts.errors import CallerForbiddenError
from contracts.provider_overview import ProviderOverview, ProviderStanding

_ANY_ANSWER = AnswerWanted(Conversation(messages=()))


def overview_of(runtime: Runtime, health: Health, caller: Caller) -> ProviderOverview:
    """The rows of `runtime` as they stand now."""
    return ProviderOverview(
        providers=[_standing(provider, runtime, health) for provider in seen_by(caller, runtime)],
        default_provider=_first_asked(runtime, caller),
        selection_strategy=runtime.config.selection_strategy,
    )


def seen_by(caller: Caller, runtime: Runtime) -> list[Provider]:
    """The rows that its key may use: what it may not use is nothing to choose from."""
    return [provider for provider in runtime.providers.values() if may_see(caller, provider.name)]


def check_sight(caller: Caller, provider: Provider) -> None:
    """Raises CallerForbiddenError for a row that is not among those."""
    if not may_see(caller, provider.name):
        raise CallerForbiddenError(f"the key {caller.key_id} may not use the provider {provider.name}")


def _standing(provider: Provider, runtime: Runtime, health: Health) -> ProviderStanding:
    failures = (route.breaker.failures for route in runtime.routes.used_lately(provider.name))
    info = health.info(provider, runtime)
    return ProviderStanding(**dict(info), failures=max(failures, default=0))


def _first_asked(runtime: Runtime, caller: Caller) -> str | None:
    """The embedded model is in the order only where nobody else could be asked."""
    order = [name for name, _ in row_order(runtime, _ANY_ANSWER, preferred=None) if may_see(caller, name)]
    return next((name for name in order if unusable_reason(runtime.providers[name], runtime) is None), None)
