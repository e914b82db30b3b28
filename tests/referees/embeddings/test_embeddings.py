"""Do we ask each vendor for vectors as its own SDK does, and read its reply as the SDK reads it?"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from app.providers.dialect import EmbeddingExchange
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import ModelCall, Operation
from contracts.embeddings import EmbeddingInput
from tests.referees.capture import Capture
from tests.referees.score import Score
from tests.referees.wire_json import plain_json
from tests.wires.vendor_cases import VENDORS

MODELS = {"openai": "text-embedding-3-small", "gemini": "gemini-embedding-001", "ollama": "all-minilm"}
ROWS = [[0.5, -1.25], [1e-3, 0.0]]
ASKED = {
    "one text": EmbeddingInput(texts=("a red apple",)),
    "some texts": EmbeddingInput(texts=("a red apple", "ein grüner Apfel ☂\n", '"quoted" \\ and {braced}')),
    "shorter": EmbeddingInput(texts=("a", "b"), dimensions=256),
    "queries": EmbeddingInput(texts=("a", "b"), purpose="query"),
    "documents, shorter": EmbeddingInput(texts=("a", "b"), purpose="document", dimensions=64),
}


@pytest.fixture(scope="session")
def sdk(capture: Capture) -> Iterator[Callable[[str], Any]]:
    """Gives the SDK of a name; they take seconds to import."""
    made: dict[str, Any] = {}

    def give(name: str) -> Any:
        if name not in made:
            made[name] = import_module("tests.referees.embeddings.sdks").SDKS[name](capture.address)
        return made[name]

    yield give
    for one in made.values():
        one.close()


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("name", MODELS)
def test_request_for_vectors_is_what_the_sdk_sends(
    name: str, asked: str, sdk: Callable[[str], Any], capture: Capture, score: Score
) -> None:
    """Path and JSON."""
    score.compared(name)
    exchange = exchange_of(name, ASKED[asked])
    capture.will_answer(written(name, ROWS[: len(ASKED[asked].texts)]), "json")
    sdk(name).embed(ASKED[asked], MODELS[name])
    (sent,) = capture.sent
    assert plain_json(exchange.encoded.body) == sent.body
    assert sent.path.endswith(exchange.path)
    assert exchange.encoded.warnings == ()
    score.alike(name)


@pytest.mark.parametrize("name", MODELS)
def test_reply_is_read_as_the_sdk_reads_it(name: str, sdk: Callable[[str], Any], capture: Capture) -> None:
    """Number for number, and each with its text; OpenAI's are packed and out of order."""
    two = EmbeddingInput(texts=("a", "b"))
    body = written(name, ROWS)
    capture.will_answer(body, "json")
    theirs = sdk(name).embed(two, MODELS[name])
    assert [list(vector) for vector in exchange_of(name, two).decode(body).vectors] == theirs


def exchange_of(name: str, asked: EmbeddingInput) -> EmbeddingExchange:
    """Ours."""
    call = ModelCall(
        operation=Operation.EMBEDDINGS,
        embedding=asked,
        caller=IN_PROCESS_CALLER,
        request_id="r",
        correlation_id="c",
    )
    vendor = VENDORS[name]
    return vendor.dialect.embedding_exchange(call, kind=vendor.kind, provider=name, model=MODELS[name])


def written(name: str, rows: list[list[float]]) -> bytes:
    """A reply of the vendor."""
    documents: dict[str, Any] = {
        "openai": {
            "object": "list",
            "model": "text-embedding-3-small",
            "usage": {"prompt_tokens": 3, "total_tokens": 3},
            "data": [
                {"object": "embedding", "index": index, "embedding": _packed(row)}
                for index, row in reversed(list(enumerate(rows)))
            ],
        },
        "gemini": {"embeddings": [{"values": row} for row in rows], "usageMetadata": {"promptTokenCount": 3}},
        "ollama": {"model": "all-minilm", "embeddings": rows, "prompt_eval_count": 3, "total_duration": 1},
    }
    return json.dumps(documents[name]).encode()


def _packed(row: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(row)}f", *row)).decode()
