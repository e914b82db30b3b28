"""What does openapi.yaml say, and how must Schemathesis read it?"""

from __future__ import annotations

from typing import Any

import yaml

from tests.clients.running_service import ROOT

PATH = ROOT / "openapi.yaml"
_Json = dict[str, Any]

_STREAM = "text/event-stream"
_EVENTS = {
    "start": "StartEvent",
    "text": "TextEvent",
    "reasoning": "ReasoningEvent",
    "tool_call": "ToolCallEvent",
    "warning": "WarningEvent",
    "done": "LLMResponse",
    "error": "Problem",
}
_ANY_EVENT = {"type": "object", "required": ["data"]}


def read_document() -> _Json:
    """The document as it stands."""
    document: _Json = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return document


def operations(document: _Json) -> dict[str, tuple[str, str]]:
    """Method and path of every operation, by its operationId."""
    return {
        operation["operationId"]: (method.upper(), path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def with_events(document: _Json) -> _Json:
    """The document with the schema of one event where the answer is a stream.

    By OpenAPI 3.1 such an answer is one text, and generators of clients take it so; Schemathesis takes the schema there
    for that of each event. So the shapes of the events, which the document has and names in words, are put there.
    """
    for path, item in document["paths"].items():
        for operation in item.values():
            content = operation["responses"].get("200", {}).get("content", {})
            if _STREAM in content:
                assert content[_STREAM]["schema"] == {"type": "string"}
                ours = {"oneOf": [_event(*one) for one in _EVENTS.items()]}
                # Below /v1 the events are those of a vendor's dialect, of which this document tells no shapes.
                content[_STREAM]["schema"] = _ANY_EVENT if path.startswith("/v1/") else ours
    return document


def with_keys(document: _Json) -> _Json:
    """The document of a service that has a key: `security` that is optional in general is required there."""
    for item in document["paths"].values():
        for operation in item.values():
            ways = operation["security"]
            operation["security"] = [] if not ways or ways[0] == {} else [way for way in ways if way]
    return document


def _event(name: str, shape: str) -> _Json:
    data = {"contentMediaType": "application/json", "contentSchema": {"$ref": f"#/components/schemas/{shape}"}}
    return {
        "type": "object",
        "required": ["event", "data"],
        "properties": {"event": {"const": name}, "data": {"type": "string", **data}},
    }
