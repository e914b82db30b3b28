"""What is seen of a reply with vectors that goes on to the caller as it came?"""

from __future__ import annotations

import base64
import json
from array import array
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wires.counted_vectors import counted
from app.wires.openai_embeddings import decode_embeddings, decode_relayed
from contracts.calls import EmbeddingReply
from contracts.chat import Usage
from contracts.embeddings import EmbeddingInput
from contracts.errors import LLMProviderError, ProviderProtocolError, RateLimitExceededError


def body_of(*vectors: Any, **fields: Any) -> bytes:
    """A reply with `vectors`."""
    data = [{"object": "embedding", "index": index, "embedding": one} for index, one in enumerate(vectors)]
    return json.dumps({"object": "list", "data": data, "model": "m-2", **fields}).encode()


def packed(*numbers: float) -> str:
    """As base64."""
    return base64.b64encode(array("f", numbers).tobytes()).decode()


def relayed(body: bytes, count: int = 1, **more: Any) -> EmbeddingReply:
    """What is read of it."""
    return decode_relayed(body, count=count, provider="p", model="m", **more)


@pytest.mark.parametrize(
    "vectors",
    [
        ([0.5, -1e-9, 3],),
        ([0.1], [0.2], [0.3]),
        (packed(0.5, 1.0, 2.0),),
        (packed(0.5), packed(1.0)),
        (packed(0.5, 1.0), packed(1.0, 2.0)),
        ([0.5, 1.0], packed(1.0, 2.0)),
    ],
)
def test_relayed_vectors_are_counted(vectors: tuple[Any, ...]) -> None:
    """Numbers or base64, of which none is read; model, usage and the vendor's own price are."""
    usage = {"prompt_tokens": 5, "total_tokens": 5, "cost": 0.0000001}
    reply = relayed(body_of(*vectors, usage=usage), len(vectors))
    assert (reply.vectors, reply.model, reply.warnings) == ((), "m-2", ())
    assert reply.usage == Usage(input_tokens=5, output_tokens=0, total_tokens=5)
    assert reply.cost_usd == Decimal("1e-7")


@pytest.mark.parametrize("vector", [[0.5, 1.0], packed(0.5, 1.0)])
def test_relayed_vectors_of_another_length_are_told_of(vector: Any) -> None:
    """As those that are read."""
    assert relayed(body_of(vector), dimensions=2).warnings == ()
    (warning,) = relayed(body_of(vector), dimensions=3).warnings
    assert warning == "p answered vectors of 2 numbers, and 3 were asked for"


@pytest.mark.parametrize(
    "body,fact",
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (body_of([1.0]).replace(b"m-2", b"\xff"), "not JSON"),
        (body_of([1.0]).decode().encode("utf-16"), "not JSON"),
        (b'{"data": [{"index": 0, "embedding": [1.0', "not JSON"),
        (b"[]", "without a list of vectors"),
        (b'{"data": [5]}', "without a list of vectors"),
        (body_of([1.0], [2.0]), "2 vectors to 1 texts"),
        (body_of(), "0 vectors to 1 texts"),
        (body_of([1.0]).replace(b'"index": 0', b'"index": 3'), "not those of the texts"),
        (body_of([]), "no list of finite numbers"),
        (body_of(["a"]), "no list of finite numbers"),
        (body_of([float("nan")]), "no list of finite numbers"),
        (body_of(None), "no list of finite numbers"),
        (body_of(5), "no list of finite numbers"),
        (body_of({"a": [1.0]}), "no list of finite numbers"),
        (body_of(""), "no list of finite numbers"),
        (body_of(packed(1.0)[:-1]), "no list of finite numbers"),
        (body_of(base64.b64encode(b"12345").decode()), "no list of finite numbers"),
        (body_of(base64.b64encode(b"123456").decode()), "no list of finite numbers"),
    ],
)
def test_relayed_body_that_cannot_be_an_answer_is_refused(body: bytes, fact: str) -> None:
    """So that another candidate is asked; nothing of the body is told."""
    with pytest.raises(ProviderProtocolError, match=fact) as caught:
        relayed(body)
    assert caught.value.__cause__ is None


def test_relayed_vectors_of_two_lengths_are_refused() -> None:
    """No model makes such."""
    with pytest.raises(ProviderProtocolError, match="different lengths"):
        relayed(body_of([1.0], [1.0, 2.0]), 2)


def test_relayed_error_is_the_vendors() -> None:
    """Some answer 200 with one."""
    error = {"error": {"message": "slow down", "code": "rate_limit_exceeded", "type": "requests"}}
    with pytest.raises(LLMProviderError) as caught:
        relayed(json.dumps(error).encode())
    assert isinstance(caught.value, RateLimitExceededError)


def test_relayed_byte_order_mark_is_passed_over() -> None:
    """Some servers begin with one."""
    assert relayed(b"\xef\xbb\xbf" + body_of([1.0])).model == "m-2"


def test_counting_leaves_texts_alone() -> None:
    """What looks like a vector inside a text is none."""
    text = '"embedding": [1, 2]'
    (entry,) = json.loads(counted(body_of([1.0, 2.0], model=text)))["data"]
    assert json.loads(counted(body_of([1.0], model=text)))["model"] == text
    assert list(entry["embedding"].values()) == [2]


_VECTORS = st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=3, max_size=3)


@given(st.lists(st.one_of(_VECTORS, _VECTORS.map(lambda numbers: packed(*numbers))), min_size=1, max_size=4))
def test_relayed_says_of_a_good_reply_what_reading_it_says(vectors: list[Any]) -> None:
    """Only the vectors are not there."""
    body = body_of(*vectors, usage={"prompt_tokens": 2, "total_tokens": 2})
    asked = EmbeddingInput(texts=("x",) * len(vectors))
    read = decode_embeddings(body, asked=asked, provider="p", model="m", dimensions=7)
    told = relayed(body, len(vectors), dimensions=7)
    assert (told.model, told.usage, told.warnings) == (read.model, read.usage, read.warnings)
