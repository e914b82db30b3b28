"""Does `openapi.yaml` show models and errors of /v1/models as the SDKs of both vendors read them?"""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from anthropic.types import ModelInfo as AnthropicModel
from openai.types import Model as OpenAIModel

from app.main import create_app
from app.settings import Settings
from contracts import ModelInfo

DOCUMENT: dict[str, Any] = create_app(Settings()).openapi()
PATHS = ("/v1/models", "/v1/models/{model}")


def _content(path: str, status: str) -> dict[str, Any]:
    response: dict[str, Any] = DOCUMENT["paths"][path]["get"]["responses"][status]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    content: dict[str, Any] = response["content"]["application/json"]
    return content


def _shown(path: str, dialect: str) -> list[dict[str, Any]]:
    value: dict[str, Any] = _content(path, "200")["examples"][dialect]["value"]
    entries: list[dict[str, Any]] = value.get("data", [value])
    return entries


@pytest.mark.parametrize("path", PATHS)
def test_examples_of_models_are_the_sdks_own_types(path: str) -> None:
    """Every field of the SDK's type is there with a value that it takes, and all of ours in `llm_service`."""
    for dialect, kind in (("openai", OpenAIModel), ("anthropic", AnthropicModel)):
        for entry in _shown(path, dialect):
            assert set(kind.model_fields) <= set(entry)
            assert kind.model_validate(entry).id == "gpt-6-luna"
            assert set(entry["llm_service"]) == set(ModelInfo.model_fields)
            assert ModelInfo.model_validate(entry["llm_service"]).owned_by == "openai"


@pytest.mark.parametrize("path", PATHS)
def test_examples_of_models_fit_their_schemas(path: str) -> None:
    """Each is one of the two shapes, and none is both."""
    for example in _content(path, "200")["examples"].values():
        fits = [
            jsonschema_rs.is_valid({**shape, "components": DOCUMENT["components"]}, example["value"])
            for shape in _content(path, "200")["schema"]["anyOf"]
        ]
        assert sorted(fits) == [False, True]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("status", ["400", "401", "403", "404", "500", "503"])
def test_errors_of_models_are_shown_in_both_dialects(path: str, status: str) -> None:
    """The same errors, each in the words of both."""
    examples = _content(path, status)["examples"]
    names = {dialect: {name for name in examples if name.startswith(dialect)} for dialect in ("openai_", "anthropic_")}
    assert {name.removeprefix("openai_") for name in names["openai_"]} == {
        name.removeprefix("anthropic_") for name in names["anthropic_"]
    }
    assert len(examples) == 2 * len(names["openai_"]) > 0
