"""The doors: one module, one APIRouter and one tag each. `ROUTERS` is all of them, in the order they are shown."""

from app.routers import (
    audit,
    cache,
    chat_completions,
    circuit_breakers,
    comparison,
    configuration,
    embeddings,
    health,
    keys,
    messages,
    models,
    process,
    provider_health,
    providers,
    responses,
    statistics,
    usage,
)

ROUTERS = tuple(
    module.router
    for module in (
        process,
        comparison,
        chat_completions,
        responses,
        messages,
        embeddings,
        models,
        providers,
        provider_health,
        circuit_breakers,
        cache,
        configuration,
        statistics,
        usage,
        keys,
        audit,
        health,
    )
)
TAGS: list[dict[str, str]] = [
    {"name": "process", "description": "Model calls: one answer, a stream of it, or many at once."},
    {"name": "comparison", "description": "Which of two essays is better: one verdict, or many at once."},
    {"name": "chat_completions", "description": "OpenAI's chat completions, for its SDKs: answered by any provider."},
    {"name": "responses", "description": "OpenAI's responses, for its SDKs: answered by any provider."},
    {"name": "messages", "description": "Anthropic's messages, for its SDKs: answered by any provider."},
    {"name": "embeddings", "description": "OpenAI's embeddings, for its SDKs: vectors of texts, by any provider."},
    {"name": "models", "description": "Which models can be named now, what they can do, and what they cost."},
    {"name": "providers", "description": "Who can serve: every provider row, and switching it on and off."},
    {"name": "provider_health", "description": "How a provider fares: what its last calls showed, or a call now."},
    {"name": "circuit_breakers", "description": "Which vendors and models are left alone, why, and until when."},
    {"name": "cache", "description": "Answers that are kept: how many, how often they helped, and taking them out."},
    {"name": "configuration", "description": "The live configuration: read, and changed by merge patches."},
    {"name": "statistics", "description": "What this process did since the last reset."},
    {"name": "usage", "description": "Who spent what, on which model: reports over the ledger."},
    {"name": "keys", "description": "Callers' keys: whose they are, what they may use, and until when."},
    {"name": "audit", "description": "Who did what to the service, and what changed by it."},
    {"name": "health", "description": "Whether the service lives, is ready, and can serve."},
]
