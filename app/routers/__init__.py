"""The doors: one module, one APIRouter and one tag each. `ROUTERS` is all of them, in the order they are shown."""

from app.routers import (
    audit,
    cache,
    circuit_breakers,
    comparison,
    configuration,
    health,
    process,
    provider_health,
    providers,
    statistics,
    usage,
)

ROUTERS = tuple(
    module.router
    for module in (
        process,
        comparison,
        providers,
        provider_health,
        circuit_breakers,
        cache,
        configuration,
        statistics,
        usage,
        audit,
        health,
    )
)
TAGS: list[dict[str, str]] = [
    {"name": "process", "description": "Model calls: one answer, a stream of it, or many at once."},
    {"name": "comparison", "description": "Which of two essays is better: one verdict, or many at once."},
    {"name": "providers", "description": "Who can serve: every provider row, and switching it on and off."},
    {"name": "provider_health", "description": "How a provider fares: what its last calls showed, or a call now."},
    {"name": "circuit_breakers", "description": "Which vendors and models are left alone, why, and until when."},
    {"name": "cache", "description": "Answers that are kept: how many, how often they helped, and taking them out."},
    {"name": "configuration", "description": "The live configuration: read, and changed by merge patches."},
    {"name": "statistics", "description": "What this process did since the last reset."},
    {"name": "usage", "description": "Who spent what, on which model: reports over the ledger."},
    {"name": "audit", "description": "Who did what to the service, and what changed by it."},
    {"name": "health", "description": "Whether the service lives, is ready, and can serve."},
]
