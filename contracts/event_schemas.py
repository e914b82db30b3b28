"""What may an event look like, as JSON Schemas that any consumer can read?"""

from __future__ import annotations

import json
from types import MappingProxyType

from pydantic import BaseModel

from contracts.events import (
    COMPLETED_SUFFIX,
    FAILURE_SUFFIX,
    STARTED_SUFFIX,
    ProviderFailureEvent,
    RequestCompletedEvent,
    RequestStartedEvent,
)

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
# The end of a topic's name → what is in it.
EVENTS: MappingProxyType[str, type[BaseModel]] = MappingProxyType(
    {
        STARTED_SUFFIX: RequestStartedEvent,
        COMPLETED_SUFFIX: RequestCompletedEvent,
        FAILURE_SUFFIX: ProviderFailureEvent,
    }
)


def event_schemas() -> dict[str, str]:
    """File name, as in `contracts/schemas`, → the text of the schema. Always the same text for the same models."""
    return {f"{suffix.removeprefix('.')}.json": _text(model) for suffix, model in EVENTS.items()}


def _text(model: type[BaseModel]) -> str:
    schema = {"$schema": _DIALECT, **model.model_json_schema(mode="serialization")}
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
