"""Of which pieces are the schemas of the surfaces made?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from app.http.components import REF
from app.http.described import ref
from app.surfaces.extras import ServiceExtras
from contracts import Steering

Json = dict[str, Any]

# Null says the same as a field that is left out.
TEXT: Json = {"type": ["string", "null"]}
FLAG: Json = {"type": ["boolean", "null"]}
OBJECT: Json = {"type": ["object", "null"]}
TOKENS: Json = {"type": ["integer", "null"], "minimum": 1, "maximum": 10_000_000}
NAME: Json = {"type": "string", "minLength": 1, "maxLength": 256}
KIND: Json = {"type": "string", "minLength": 1}
PARTS: Json = {"type": "array", "items": {"type": "object"}}
TEXT_OR_PARTS: Json = {"anyOf": [{"type": "string"}, PARTS]}
TEXT_PARTS_OR_NOTHING: Json = {"anyOf": [{"type": "string"}, PARTS, {"type": "null"}]}
OBJECTS: Json = {"type": ["array", "null"], "items": {"type": "object"}}
MODEL: Json = {
    **NAME,
    "pattern": "^[!-~]+$",
    "description": "A vendor's model, `provider/model`, a logical name of the configuration, or `auto`.",
}
STEERING: Json = {
    "description": "What the dialect has no field for; never sent to a vendor. SDKs: `extra_body`.",
    "anyOf": [ref("Steering"), {"type": "null"}],
}
EXTRAS: Json = {**ref("ServiceExtras"), "description": "In answers that the service wrote; a relayed one has none."}


def number(low: float, high: float) -> Json:
    """A number within bounds, or nothing."""
    return {"type": ["number", "null"], "minimum": low, "maximum": high}


def entries(of: Json, *, least: int = 0) -> Json:
    """A list, or nothing where it may be empty."""
    if least:
        return {"type": "array", "items": of, "minItems": least}
    return {"type": ["array", "null"], "items": of}


def open_object(title: str, description: str, *, required: Iterable[str], **properties: Any) -> Json:
    """An object that may hold other fields."""
    return {
        "type": "object",
        "title": title,
        "description": description,
        "required": list(required),
        "properties": properties,
        "additionalProperties": True,
    }


def _component(model: type[BaseModel], mode: JsonSchemaMode) -> Json:
    """The schema of a model whose parts are components of the contracts."""
    schema = model.model_json_schema(mode=mode, ref_template=REF)
    schema.pop("$defs", None)
    return {**schema, "title": model.__name__}


def _answered(model: type[BaseModel]) -> Json:
    schema = _component(model, "serialization")
    return {**schema, "required": list(schema["properties"])}


def shared_schemas() -> Json:
    """Those of our own models that the bodies of every surface have in them."""
    return {"Steering": _component(Steering, "validation"), "ServiceExtras": _answered(ServiceExtras)}
