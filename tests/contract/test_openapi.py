"""Is `openapi.yaml` what the service serves, and is it a document that SDKs and readers can use?"""

from __future__ import annotations

import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel
from starlette.testclient import TestClient

import contracts
from app import routers
from app.cli.document import as_yaml
from app.http.components import HEALTH_REPORT
from app.main import create_app
from app.settings import Settings
from contracts import ComparisonBatchRequest, ComparisonRequest, LLMProviderConfig, LLMRequest, LLMResponse, Problem
from tests.unit.http.asgi import events_of

FILE = Path(__file__).resolve().parents[2] / "openapi.yaml"
DOCUMENT: dict[str, Any] = create_app(Settings()).openapi()
ROUTER_MODULES = {
    name for _, name, _ in pkgutil.iter_modules(routers.__path__) if hasattr(getattr(routers, name, None), "router")
}


def _operations() -> list[tuple[str, dict[str, Any]]]:
    paths = DOCUMENT["paths"].items()
    return [(f"{method.upper()} {path}", operation) for path, item in paths for method, operation in item.items()]


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def _responses() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, operation in _operations():
        for status, response in operation["responses"].items():
            yield name, status, _resolved(response)


def is_surface(name: str) -> bool:
    """Whether an operation is one at which the vendors' SDKs call."""
    return " /v1/" in name


def _refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from _refs(child)
    elif isinstance(node, list):
        for child in node:
            yield from _refs(child)


def _examples(content: dict[str, Any]) -> list[Any]:
    many = [_resolved(example)["value"] for example in content.get("examples", {}).values()]
    return [*many, content["example"]] if "example" in content else many


def _model(schema: dict[str, Any]) -> type[BaseModel]:
    name = schema["$ref"].rpartition("/")[2]
    return HEALTH_REPORT if name == "HealthReport" else getattr(contracts, name)


def test_openapi_file_is_what_the_service_serves() -> None:
    """The committed document is the generated one, letter by letter; `make openapi` writes it."""
    written = FILE.read_text(encoding="utf-8")
    assert written == as_yaml(DOCUMENT)
    with TestClient(create_app(Settings())) as client:
        assert client.get("/openapi.json").json() == yaml.safe_load(written)


def test_openapi_has_every_endpoint_of_the_issue() -> None:
    """Seed B's endpoints, its configuration's second name, seed A's, the audit, and the probes."""
    assert {name for name, _ in _operations()} == {
        "POST /process",
        "POST /process/stream",
        "POST /process/batch",
        "POST /process/explain",
        "POST /api/v1/comparison",
        "POST /api/v1/comparison/batch",
        "GET /api/v1/providers",
        "POST /api/v1/providers/{provider}/test",
        "GET /api/v1/cache/stats",
        "POST /api/v1/cache/clear",
        "POST /v1/chat/completions",
        "POST /v1/responses",
        "POST /v1/messages",
        "POST /v1/embeddings",
        "POST /v1/messages/count_tokens",
        "GET /v1/models",
        "GET /v1/models/{model}",
        "GET /providers",
        "GET /providers/{provider}",
        "POST /providers/{provider}/enable",
        "POST /providers/{provider}/disable",
        "GET /providers/{provider}/health",
        "POST /providers/{provider}/test",
        "GET /api/v1/circuit-breakers",
        "POST /api/v1/circuit-breakers/{provider}/reset",
        "GET /health",
        "GET /health/memory",
        "GET /status",
        "GET /statistics",
        "POST /statistics/reset",
        "POST /reports/usage",
        "GET /api/v1/usage/summary",
        "GET /api/v1/audit",
        "GET /api/v1/keys",
        "POST /api/v1/keys",
        "GET /api/v1/keys/{key_id}",
        "POST /api/v1/keys/{key_id}/rotate",
        "POST /api/v1/keys/{key_id}/revoke",
        "GET /config",
        "PUT /config",
        "POST /config/update",
        "GET /healthz",
        "GET /metrics",
        "GET /livez",
        "GET /readyz",
    }


def test_openapi_tags_are_the_routers() -> None:
    """One tag per router module, each described, and each operation under its own router's."""
    tags = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}
    assert set(tags) == ROUTER_MODULES
    assert all(tags.values())
    assert all(operation["tags"][0] in tags and len(operation["tags"]) == 1 for _, operation in _operations())


@pytest.mark.parametrize("name,operation", _operations())
def test_openapi_operation_is_described(name: str, operation: dict[str, Any]) -> None:
    """Each has a summary, a description, an id that makes a method name, security, and examples both ways."""
    assert operation["summary"]
    assert operation["description"].endswith(".")
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation["operationId"])
    assert "security" in operation
    assert all(parameter["description"] for parameter in operation.get("parameters", []))
    responses = operation["responses"]
    content = _resolved(responses.get("200") or responses["201"])["content"]
    assert content
    assert all(_examples(answer) for answer in content.values())
    if "requestBody" in operation:
        assert operation["requestBody"]["required"]
        assert all(_examples(content) for content in operation["requestBody"]["content"].values())


def test_openapi_operation_ids_are_unique() -> None:
    """No two operations make the same method of an SDK."""
    ids = [operation["operationId"] for _, operation in _operations()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name,status,response", list(_responses()))
def test_openapi_response_is_described(name: str, status: str, response: dict[str, Any]) -> None:
    """Each has a description and the ids; each error is a Problem whose examples have that status.

    Below /v1 errors are in the dialects of SDKs: `test_openapi_surfaces` looks at those.
    """
    assert response["description"]
    assert {"x-request-id", "x-correlation-id"} <= set(response["headers"])
    if int(status) >= 400 and not is_surface(name):
        assert set(response["content"]) == {"application/problem+json"}
        content = response["content"]["application/problem+json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        problems = [Problem.model_validate(example) for example in _examples(content)]
        assert problems
        assert {problem.status for problem in problems} == {int(status)}


def test_openapi_model_calls_tell_all_their_errors() -> None:
    """A model call documents every status that it can answer."""
    statuses = {"200", "400", "401", "403", "404", "413", "415", "422", "429", "500", "502", "503", "504"}
    for path in ("/process", "/process/stream", "/api/v1/comparison"):
        assert set(DOCUMENT["paths"][path]["post"]["responses"]) == statuses


def test_openapi_examples_of_bodies_are_accepted() -> None:
    """What the document shows to send is what the strict models take."""
    for path in ("/process", "/process/stream"):
        content = DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        for example in _examples(content):
            assert LLMRequest.model_validate_json(json.dumps(example), strict=True)
    (batch,) = _examples(DOCUMENT["paths"]["/process/batch"]["post"]["requestBody"]["content"]["application/json"])
    assert all(LLMRequest.model_validate_json(json.dumps(item), strict=True) for item in batch["requests"])
    for path, model in (("", ComparisonRequest), ("/batch", ComparisonBatchRequest)):
        operation = DOCUMENT["paths"][f"/api/v1/comparison{path}"]["post"]
        for example in _examples(operation["requestBody"]["content"]["application/json"]):
            assert model.model_validate_json(json.dumps(example), strict=True)
    for method, path in (("put", "/config"), ("post", "/config/update")):
        for example in _examples(DOCUMENT["paths"][path][method]["requestBody"]["content"]["application/json"]):
            assert LLMProviderConfig.model_validate({key: value for key, value in example.items() if value is not None})


def test_openapi_examples_of_answers_are_whole() -> None:
    """Each good answer's example fits its model and has every field that the schema requires."""
    checked = 0
    for name, status, response in _responses():
        content = response.get("content", {}).get("application/json")
        if int(status) >= 400 or content is None or is_surface(name):
            continue
        is_list = content["schema"].get("type") == "array"
        schema = content["schema"]["items"] if is_list else content["schema"]
        for example in content["example"] if is_list else [content["example"]]:
            assert _model(schema).model_validate(example), name
            assert set(_resolved(schema)["required"]) == set(example), name
            checked += 1
    assert checked >= 19


def test_openapi_stream_example_is_a_whole_stream() -> None:
    """The example of a stream begins with `start` and ends with a `done` that is an LLMResponse."""
    content = DOCUMENT["paths"]["/process/stream"]["post"]["responses"]["200"]["content"]["text/event-stream"]
    events = events_of(content["example"].encode())
    assert [name for name, _ in events] == ["start", "text", "text", "done"]
    whole = LLMResponse.model_validate(events[-1][1])
    assert "".join(event["text"] for name, event in events if name == "text") == whole.content


def test_openapi_references_lead_somewhere_and_components_are_used() -> None:
    """Every reference resolves; every component is referred to, but the events, which are for SDKs of streams."""
    refs = set(_refs(DOCUMENT))
    assert all(_resolved({"$ref": ref}) for ref in refs)
    groups = ("schemas", "responses", "examples", "headers")
    held = {f"#/components/{group}/{name}" for group in groups for name in DOCUMENT["components"][group]}
    unused = {ref.rpartition("/")[2] for ref in held - refs}
    assert unused == {"StartEvent", "TextEvent", "ReasoningEvent", "ToolCallEvent", "WarningEvent"}


def test_openapi_names_no_server_and_needs_no_key_for_probes() -> None:
    """The document is right wherever the service runs; probes look at no key, all else names both ways to send one."""
    assert "servers" not in DOCUMENT
    keys: list[dict[str, list[str]]] = [{"bearer": []}, {"api_key": []}]
    others = {"GET /livez": [], "GET /readyz": [], "GET /healthz": [{}, *keys]}
    for name, operation in _operations():
        assert operation["security"] == others.get(name, [*keys, {}]), name
