"""Which schemas does `openapi.yaml` hold? Those of the contracts, made as true as JSON Schema can say.

What callers send keeps a model's own name. Where an answer's form differs from what may be sent (a message's content
is always a list there) the answer's is named `Answer…`. Fields of answers are all required: they are always there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_type_hints, is_typeddict

from pydantic import BaseModel, create_model
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from app.http.merge_patch import merge_patch_schemas
from app.http.validation_rules import tell_the_whole_truth
from contracts import (
    AuditPage,
    BatchRequest,
    BatchResponse,
    CacheCleared,
    CacheStats,
    CircuitBreakerInfo,
    ComparisonBatchRequest,
    ComparisonBatchResponse,
    ComparisonRequest,
    ComparisonResponse,
    ConfigView,
    Explanation,
    HealthReport,
    Healthz,
    KeyCreate,
    KeyCreated,
    KeyInfo,
    KeyPage,
    KeyRotate,
    Liveness,
    LLMProviderConfig,
    LLMRequest,
    LLMResponse,
    LLMServiceStatistics,
    MemoryReport,
    ModelInfo,
    Problem,
    ProviderHealth,
    ProviderInfo,
    ProviderOverview,
    ProviderToggle,
    ReasoningEvent,
    ServiceStatus,
    StartEvent,
    StatisticsReset,
    TextEvent,
    ToolCallEvent,
    UsageQuery,
    UsageReport,
    UsageSummary,
    WarningEvent,
)

# What a caller may write as a plain string: in an answer only the long form appears.
_WRITTEN_SHORTER = ("Message", "ToolResultPart")
_WRITTEN_IN_PLACE = ("Candidate",)
REF = "#/components/schemas/{model}"


def _model_of(shape: Any) -> type[BaseModel]:
    """A model like the TypedDict `shape`: pydantic reads the standard library's own only from Python 3.12 on."""
    fields: Any = {
        name: (_model_of(kind) if is_typeddict(kind) else kind, ...) for name, kind in get_type_hints(shape).items()
    }
    model: type[BaseModel] = create_model(shape.__name__, __doc__=shape.__doc__, **fields)
    return model


HEALTH_REPORT = _model_of(HealthReport)

_SENT: tuple[type[BaseModel], ...] = (
    LLMRequest,
    BatchRequest,
    ComparisonRequest,
    ComparisonBatchRequest,
    UsageQuery,
    KeyCreate,
    KeyRotate,
)
_ANSWERED: tuple[type[BaseModel], ...] = (
    LLMResponse,
    BatchResponse,
    ComparisonResponse,
    ComparisonBatchResponse,
    StartEvent,
    TextEvent,
    ReasoningEvent,
    ToolCallEvent,
    WarningEvent,
    Explanation,
    ModelInfo,
    ProviderInfo,
    ProviderOverview,
    ProviderToggle,
    ProviderHealth,
    CircuitBreakerInfo,
    CacheStats,
    CacheCleared,
    ConfigView,
    LLMServiceStatistics,
    StatisticsReset,
    UsageReport,
    UsageSummary,
    AuditPage,
    KeyInfo,
    KeyCreated,
    KeyPage,
    HEALTH_REPORT,
    MemoryReport,
    ServiceStatus,
    Healthz,
    Liveness,
    Problem,
)


def component_schemas() -> dict[str, Any]:
    """Every schema by its component name, sorted."""
    sent = _definitions(_SENT, "validation")
    answered = _definitions(_ANSWERED, "serialization")
    tell_the_whole_truth(sent)
    renamed = {name: f"Answer{name}" for name in answered if name in sent and name in _WRITTEN_SHORTER}
    answered = {renamed.get(name, name): _with_refs(schema, renamed) for name, schema in answered.items()}
    for name in answered.keys() - sent.keys():
        _describe_answer(answered[name])
    patch = merge_patch_schemas(_definitions((LLMProviderConfig,), "validation"), LLMProviderConfig.__name__)
    schemas = {**patch, **answered, **sent}
    for name, schema in schemas.items():
        schema["title"] = name
    return dict(sorted(schemas.items()))


def _definitions(models: tuple[type[BaseModel], ...], mode: JsonSchemaMode) -> dict[str, Any]:
    _, schema = models_json_schema([(model, mode) for model in models], ref_template=REF)
    definitions: dict[str, Any] = schema["$defs"]
    hoisted: dict[str, Any] = {}
    named = {name: _hoist(_name_keys(definition), hoisted) for name, definition in definitions.items()}
    return {**hoisted, **named}


def _map(node: Any, change: Callable[[Any], Any]) -> Any:
    """`node` with `change` applied to everything in it, the innermost first."""
    if isinstance(node, dict):
        node = {key: _map(value, change) for key, value in node.items()}
    elif isinstance(node, list):
        node = [_map(value, change) for value in node]
    return change(node)


def _name_keys(definition: Any) -> Any:
    """Says of an object's keys both what they look like and what is behind them, so that others are refused."""

    def rewrite(node: Any) -> Any:
        patterns = node.get("patternProperties") if isinstance(node, dict) else None
        if not isinstance(patterns, dict):
            return node
        ((pattern, value),) = patterns.items()
        rest = {key: child for key, child in node.items() if key != "patternProperties"}
        names = {**rest.get("propertyNames", {}), "pattern": pattern}
        return {**rest, "additionalProperties": value, "propertyNames": names}

    return _map(definition, rewrite)


def _hoist(definition: Any, hoisted: dict[str, Any]) -> Any:
    """Gives a model that pydantic wrote out in place (a shorthand's long form) a component of its own."""

    def rewrite(node: Any) -> Any:
        if isinstance(node, dict) and node is not definition and node.get("title") in _WRITTEN_IN_PLACE:
            hoisted[node["title"]] = node
            return {"$ref": REF.format(model=node["title"])}
        return node

    return _map(definition, rewrite)


def _with_refs(schema: Any, renamed: dict[str, str]) -> Any:
    def rewrite(node: Any) -> Any:
        prefix = REF.format(model="")
        if isinstance(node, str) and node.startswith(prefix):
            name = node.removeprefix(prefix)
            return prefix + renamed.get(name, name)
        return node

    return _map(schema, rewrite)


def _describe_answer(schema: dict[str, Any]) -> None:
    """Every field is there, and a secret is there too: masked."""
    if "properties" in schema:
        schema["required"] = list(schema["properties"])
    for field in schema.get("properties", {}).values():
        for node in (field, field.get("additionalProperties"), *field.get("anyOf", ())):
            if isinstance(node, dict):
                node.pop("writeOnly", None)
