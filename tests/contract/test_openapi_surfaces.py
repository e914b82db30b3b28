"""Does `openapi.yaml` say of the drop-in surfaces what their SDKs send and read?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anthropic.types
import jsonschema_rs
import openai.types.chat
import openai.types.responses
import pytest
from pydantic import BaseModel

from app.main import create_app
from app.settings import Settings

DOCUMENT: dict[str, Any] = create_app(Settings()).openapi()
_SCHEMES = {
    "/v1/chat/completions": ("OpenAIError", openai.types.chat.ChatCompletion),
    "/v1/responses": ("OpenAIError", openai.types.responses.Response),
    "/v1/messages": ("AnthropicError", anthropic.types.Message),
}
_STATUSES = {"200", "400", "401", "403", "404", "413", "415", "429", "500", "502", "503", "504"}


def _operation(path: str) -> dict[str, Any]:
    operation: dict[str, Any] = DOCUMENT["paths"][path]["post"]
    return operation


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def _is_valid(value: Any, schema: dict[str, Any]) -> bool:
    whole = {**schema, "components": DOCUMENT["components"]}
    return jsonschema_rs.validator_for(whole).is_valid(value)


def _errors(path: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    for status, response in _operation(path)["responses"].items():
        if int(status) >= 400:
            (content,) = _resolved(response)["content"].items()
            yield int(status), *content


@pytest.mark.parametrize("path", _SCHEMES)
def test_surface_tells_all_its_errors_in_its_dialect(path: str) -> None:
    """Every status that a call can answer, each with documents that fit their schema."""
    assert set(_operation(path)["responses"]) == _STATUSES
    for _, media_type, content in _errors(path):
        assert (media_type, content["schema"]["$ref"].rpartition("/")[2]) == ("application/json", _SCHEMES[path][0])
        examples = [_resolved(example)["value"] for example in content["examples"].values()]
        assert examples
        assert all(_is_valid(example, content["schema"]) for example in examples)


@pytest.mark.parametrize("path", _SCHEMES)
def test_surface_bodies_shown_fit_their_schema(path: str) -> None:
    """Whoever copies an example sends what is taken; a body without its model is not."""
    content = _operation(path)["requestBody"]["content"]["application/json"]
    examples = [example["value"] for example in content["examples"].values()]
    assert all(_is_valid(example, content["schema"]) for example in examples)
    assert not _is_valid({**examples[0], "model": None}, content["schema"])
    assert not _is_valid({**examples[0], "temperature": "hot"}, content["schema"])


@pytest.mark.parametrize("path", _SCHEMES)
def test_surface_answer_shown_is_what_the_sdk_reads(path: str) -> None:
    """Its own type takes the example, which fits our schema and has our own object."""
    content = _operation(path)["responses"]["200"]["content"]
    example, kind = content["application/json"]["example"], _SCHEMES[path][1]
    assert isinstance(kind.model_validate(example, strict=False), BaseModel)
    assert _is_valid(example, content["application/json"]["schema"])
    assert example["llm_service"]["attempts"]


@pytest.mark.parametrize("path", _SCHEMES)
def test_surface_stream_shown_is_whole(path: str) -> None:
    """Its last event but the dialect's own end carries our object."""
    example = _operation(path)["responses"]["200"]["content"]["text/event-stream"]["example"]
    data = [line.removeprefix("data: ") for line in example.splitlines() if line.startswith("data: {")]
    assert "llm_service" in data[-1] or "llm_service" in data[-2]
    assert all(json.loads(one) for one in data)
