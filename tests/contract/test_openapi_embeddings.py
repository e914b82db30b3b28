"""Does `openapi.yaml` say of POST /v1/embeddings what OpenAI's SDK sends and reads?"""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from openai.types import CreateEmbeddingResponse

from app.main import create_app
from app.settings import Settings

DOCUMENT: dict[str, Any] = create_app(Settings()).openapi()
OPERATION: dict[str, Any] = DOCUMENT["paths"]["/v1/embeddings"]["post"]


def is_valid(value: Any, schema: dict[str, Any]) -> bool:
    """Whether `schema` of the document takes `value`."""
    return jsonschema_rs.validator_for({**schema, "components": DOCUMENT["components"]}).is_valid(value)


@pytest.mark.parametrize(
    "said,is_right",
    [
        ({}, True),
        ({"input": ["a", "b"], "dimensions": 8, "encoding_format": "base64", "x_new": 1}, True),
        ({"input": [1, 2]}, True),
        ({"input": [[1], [2, 3]]}, True),
        ({"input": ""}, False),
        ({"input": []}, False),
        ({"model": None}, False),
        ({"dimensions": 0}, False),
    ],
)
def test_embeddings_body_is_described(said: dict[str, Any], is_right: bool) -> None:
    """As the service takes it; a vendor's further fields may stand in it."""
    schema = OPERATION["requestBody"]["content"]["application/json"]["schema"]
    assert is_valid({"model": "auto", "input": "a pear", **said}, schema) is is_right


def test_embeddings_answer_shown_is_what_the_sdk_reads() -> None:
    """Its own type takes the example, which fits our schema and has our own object."""
    content = OPERATION["responses"]["200"]["content"]["application/json"]
    answer = CreateEmbeddingResponse.model_validate(content["example"])
    assert [len(one.embedding) for one in answer.data] == [3, 3]
    assert is_valid(content["example"], content["schema"])
    assert content["example"]["llm_service"]["attempts"]


def test_embeddings_errors_are_in_the_dialect() -> None:
    """Every status that a model call can answer."""
    statuses = {"200", "400", "401", "403", "404", "413", "415", "429", "500", "502", "503", "504"}
    assert set(OPERATION["responses"]) == statuses
