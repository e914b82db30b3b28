"""How are the endpoints of models described in `openapi.yaml`? In both dialects, with an example of each."""

from __future__ import annotations

from typing import Any

from app.http.described import IDS, Responses, example_of, guarded, ref
from app.routers.model_shapes import ANTHROPIC, OPENAI
from app.surfaces.document.errors import ANTHROPIC_FORM, OPENAI_FORM
from app.wires.anthropic_messages.inbound.version import VERSION_HEADER, VERSION_PATTERN
from contracts import CallerForbiddenError, ModelInfo, ModelNotFoundError, ModelQuery

_INFO = ModelInfo.model_validate(example_of(ModelInfo))
_TEXT, _WHOLE = {"type": "string"}, {"type": "integer"}
_TEXT_OR_NULL, _WHOLE_OR_NULL = {"type": ["string", "null"]}, {"type": ["integer", "null"]}


def _object(title: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "title": title, "required": list(properties), "properties": properties}


_OPENAI_MODEL = _object(
    "OpenAIModel",
    id=_TEXT,
    object={"type": "string", "enum": ["model"]},
    created={**_WHOLE, "description": "Unix time of its release; 0: not known."},
    owned_by=_TEXT,
    shutdown_date=_TEXT_OR_NULL,
    llm_service=ref("ModelInfo"),
)
_ANTHROPIC_MODEL = _object(
    "AnthropicModel",
    type={"type": "string", "enum": ["model"]},
    id=_TEXT,
    display_name=_TEXT,
    created_at={**_TEXT, "description": "When it was released; 1970-01-01T00:00:00Z: not known."},
    lifecycle={"type": "string", "enum": ["active", "deprecated"]},
    deprecated_at=_TEXT_OR_NULL,
    retires_at=_TEXT_OR_NULL,
    line=_TEXT_OR_NULL,
    max_input_tokens=_WHOLE_OR_NULL,
    max_tokens=_WHOLE_OR_NULL,
    capabilities={"type": "object"},
    llm_service=ref("ModelInfo"),
)
_PAGED = {"has_more": {"type": "boolean"}, "first_id": _TEXT_OR_NULL, "last_id": _TEXT_OR_NULL}
_OPENAI_LIST = _object(
    "OpenAIModelList",
    object={"type": "string", "enum": ["list"]},
    data={"type": "array", "items": _OPENAI_MODEL},
    **_PAGED,
)
_ANTHROPIC_LIST = _object("AnthropicModelPage", data={"type": "array", "items": _ANTHROPIC_MODEL}, **_PAGED)


def _both(openai: Any, anthropic: Any) -> dict[str, Any]:
    return {
        "openai": {"summary": "In OpenAI's shape", "value": openai},
        "anthropic": {"summary": "In Anthropic's shape", "value": anthropic},
    }


def _answers(description: str, schemas: tuple[dict[str, Any], dict[str, Any]], examples: dict[str, Any]) -> Responses:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in IDS}
    content = {"application/json": {"schema": {"anyOf": list(schemas)}, "examples": examples}}
    return {200: {"description": description, "headers": headers, "content": content}}


LISTED = _answers(
    "The models, or a page of them.",
    (_OPENAI_LIST, _ANTHROPIC_LIST),
    _both(OPENAI.encode_models([_INFO], has_more=False), ANTHROPIC.encode_models([_INFO], has_more=False)),
)
SHOWN = _answers(
    "The model.",
    (_OPENAI_MODEL, _ANTHROPIC_MODEL),
    _both(OPENAI.encode_model(_INFO), ANTHROPIC.encode_model(_INFO)),
)


def _errors() -> Responses:
    """Each error in both dialects, which have the same statuses."""
    openai, anthropic = (
        guarded(CallerForbiddenError, ModelNotFoundError, form=form) for form in (OPENAI_FORM, ANTHROPIC_FORM)
    )
    return {status: _either(openai[status], anthropic[status]) for status in openai}


def _either(openai: dict[str, Any], anthropic: dict[str, Any]) -> dict[str, Any]:
    ((media_type, first),), ((_, second),) = openai["content"].items(), anthropic["content"].items()
    schema = {"anyOf": [first["schema"], second["schema"]]}
    content = {"schema": schema, "examples": {**first["examples"], **second["examples"]}}
    return {**openai, "content": {media_type: content}}


ERRORS = _errors()

_VERSION = {
    "name": VERSION_HEADER,
    "in": "header",
    "required": False,
    "description": "Sent by Anthropic's SDKs: answers and errors are in its shape then, else in OpenAI's.",
    "schema": {"type": "string", "pattern": VERSION_PATTERN},
}
LIST_PARAMETERS = [
    _VERSION,
    *(
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": ModelQuery.model_fields[name].description,
            "schema": schema,
        }
        for name, schema in {
            "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
            "after_id": {"type": "string", "minLength": 1, "maxLength": 320},
            "before_id": {"type": "string", "minLength": 1, "maxLength": 320},
            "lifecycle": {
                "type": "array",
                "items": {"type": "string", "enum": ["active", "deprecated", "retired"]},
            },
        }.items()
    ),
]
MODEL_PARAMETERS = [
    {
        "name": "model",
        "in": "path",
        "required": True,
        "description": "Any name of a model that a call may use; it may hold slashes.",
        "schema": {"type": "string", "minLength": 1},
        "example": "gpt-6-luna",
    },
    _VERSION,
]
