"""How does every provider stand, and who would be asked first? Nobody is called."""

from __future__ import annotations

from app.engine.health import Health, unusable_reason
from app.engine.row_order import row_order
from app.engine.runtime import Runtime
from app.engine.wanted import AnswerWanted
from app.ports import Provider
from contracts.chat import Conversation
from contracts.provider_overview import ProviderOverview, ProviderStanding

_ANY_ANSWER = AnswerWanted(Conversation(messages=()))


def overview_of(runtime: Runtime, health: Health) -> ProviderOverview:
    """The rows of `runtime` as they stand now."""
    return ProviderOverview(
        providers=[_standing(provider, runtime, health) for provider in runtime.providers.values()],
        default_provider=_first_asked(runtime),
        selection_strategy=runtime.config.selection_strategy,
    )


def _standing(provider: Provider, runtime: Runtime, health: Health) -> ProviderStanding:
    failures = (route.breaker.failures for route in runtime.routes.used_lately(provider.name))
    info = health.info(provider, runtime)
    return ProviderStanding(**dict(info), failures=max(failures, default=0))


def _first_asked(runtime: Runtime) -> str | None:
    """The embedded model is in the order only where nobody else could be asked."""
    order = row_order(runtime, _ANY_ANSWER, preferred=None)
    return next((name for name in order if unusable_reason(runtime.providers[name], runtime) is None), None)
