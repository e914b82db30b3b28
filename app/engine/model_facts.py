"""What can a model do, and what does it cost, where it would be asked first?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app import catalogue
from app.catalogue.on_sale import known_life
from app.engine.model_names import Named, Server, own_name
from app.engine.runtime import Runtime
from app.pricing.rates import Rates
from app.pricing.shown import shown_rates
from contracts.models import LongInputRates, ModelCapabilities, ModelInfo, ModelKind, ModelPrices, ModelRates
from contracts.providers import ProviderType

OURS = "llm-provider-service"


def described(named: Named, runtime: Runtime, at: datetime) -> ModelInfo:
    """All that is known of a name that somebody serves, at that moment."""
    first = named.servers[0]
    kind, model = first.provider.type, first.model
    can = catalogue.capabilities(kind, model)
    facts = catalogue.embedding_facts(kind, model) if first.embeds else None
    life = known_life(own_name(kind, model)) if named.kind is ModelKind.MODEL else None
    return ModelInfo(
        id=named.served_as,
        kind=named.kind,
        owned_by=_owner(first, runtime) if named.kind is ModelKind.MODEL else OURS,
        asked_as=named.asked if _is_retired(named) else None,
        providers=tuple(dict.fromkeys(server.provider.name for server in named.servers)),
        candidates=tuple(server.name for server in named.servers),
        capabilities=_capabilities(named.servers),
        context_window=can.context_window or (facts.max_input_tokens if facts else None),
        max_output_tokens=can.max_output_tokens,
        embedding_dimensions=facts.dimensions if facts else None,
        prices=_prices(first, runtime, at),
        released=life.released if life else None,
        retires=life.retires if life else None,
    )


def _is_retired(named: Named) -> bool:
    """Whether the model goes by another name than was asked."""
    return not f"/{named.asked}".endswith(f"/{named.model}")


def _owner(server: Server, runtime: Runtime) -> str:
    kind, model = server.provider.type, server.model
    maker = catalogue.maker_of(own_name(kind, model))
    if maker is not None:
        return maker.value
    if kind is ProviderType.OPENROUTER:
        return model.partition("/")[0]
    is_elsewhere = runtime.config.providers[server.provider.name].base_url is not None
    return server.provider.name if is_elsewhere else kind.value


def _capabilities(servers: Sequence[Server]) -> ModelCapabilities:
    first = servers[0]
    row, can = first.provider.capabilities, catalogue.capabilities(first.provider.type, first.model)
    thinks = row.reasoning and first.chats and can.thinking is not catalogue.Thinking.NEVER
    has_shape = can.structured_output is not catalogue.StructuredOutput.NONE
    return ModelCapabilities(
        chat=any(server.chats for server in servers),
        embeddings=any(server.embeds for server in servers),
        streaming=row.streaming and first.chats,
        tools=row.tools and first.chats and can.tools,
        vision=any(_sees(server) for server in servers),
        files=any(_reads_files(server) for server in servers),
        structured_output=row.structured_output and first.chats and has_shape,
        reasoning=thinks,
        thinking=can.thinking.value if thinks else "never",
        thinking_efforts=can.efforts if thinks else (),
        thinking_budget=thinks and can.thinking_tokens is not None,
    )


def _sees(server: Server) -> bool:
    can = catalogue.capabilities(server.provider.type, server.model)
    return server.chats and server.provider.capabilities.vision and can.vision


def _reads_files(server: Server) -> bool:
    return server.chats and catalogue.capabilities(server.provider.type, server.model).files


def _prices(server: Server, runtime: Runtime, at: datetime) -> ModelPrices | None:
    row = server.provider.name
    shown = shown_rates(runtime.prices.tariff(row, server.provider.type, server.model), at)
    if shown is None:
        return None
    (_, base), *longer = shown.steps
    return ModelPrices(
        **_classes(base).__dict__,
        provider=row,
        per_request_usd=base.per_request,
        source=shown.source,
        price_version=shown.version,
        long_inputs=tuple(
            LongInputRates(above_input_tokens=above, **_classes(rates).__dict__) for above, rates in longer
        ),
    )


def _classes(rates: Rates) -> ModelRates:
    return ModelRates(
        input=rates.input, output=rates.output, cached_input=rates.cached_input, cache_write=rates.cache_write
    )
