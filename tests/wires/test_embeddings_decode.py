"""Is a reply read only if it holds one whole vector for each text, and refused with one clear error otherwise?"""

from __future__ import annotations

import base64
import json
import struct
from decimal import Decimal
from typing import Any

import pytest

from contracts.chat import UsageSource
from contracts.embeddings import EmbeddingInput
from contracts.errors import ProviderProtocolError, RateLimitExceededError
from tests.wires.embedding_cases import DIALECTS, TEXTS, Dialect

OPENAI, GEMINI, OLLAMA = DIALECTS
EVERY = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
ROWS: list[Any] = [[0.5, -1, 2e-3], [1.0, 0.0, 3]]
BROKEN = {
    "too few": [[1.0, 2.0]],
    "too many": [[1.0], [1.0], [1.0]],
    "none": [],
    "different lengths": [[1.0, 2.0], [1.0]],
    "empty": [[], []],
    "null": [[1.0], None],
    "a text": [[1.0], ["1.0"]],
    "a null number": [[1.0], [None]],
    "a truth": [[1.0], [True]],
    "no number": [[1.0], [float("nan")]],
    "endless": [[1.0], [float("inf")]],
    "beyond a float": [[1.0], [10**400]],
    "nested": [[1.0], [[1.0]]],
    "an object": [[1.0], {"0": 1.0}],
    "bad base64": [[1.0], "not base64!"],
    "base64 outside ASCII": [[1.0], "\u2602"],
    "half a float": [[1.0], "AAAA"],
    "empty base64": [[1.0], ""],
}
BODIES = [b"", b"<html></html>", b"[]", b"null", b"1", b"{}", b'"x"', b"[" * 100_000, b"\xff", b'{"data": {}}']


def packed(*numbers: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


@EVERY
def test_reply_has_a_vector_for_each_text(dialect: Dialect) -> None:
    """Integers are numbers too; usage is the vendor's."""
    reply = dialect.read(ROWS)
    assert reply.vectors == ((0.5, -1.0, 0.002), (1.0, 0.0, 3.0))
    assert {type(number) for vector in reply.vectors for number in vector} == {float}
    assert reply.usage is not None
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.total_tokens) == (9, 0, 9)
    assert reply.usage.source is UsageSource.REPORTED
    assert reply.model == (None if dialect is GEMINI else "m-2")
    assert reply.warnings == ()


@EVERY
def test_reply_without_usage_is_good(dialect: Dialect) -> None:
    """The engine estimates it; no model named is no fault either."""
    whole = dialect.write(ROWS)
    kept = {name: value for name, value in whole.items() if name in ("data", "embeddings")}
    reply = dialect.read_body(json.dumps(kept).encode())
    assert (len(reply.vectors), reply.usage, reply.model) == (2, None, None)


@EVERY
@pytest.mark.parametrize("fault", BROKEN)
def test_reply_that_is_not_whole_is_refused(dialect: Dialect, fault: str) -> None:
    """Better no vector than one that belongs to another text."""
    with pytest.raises(ProviderProtocolError) as caught:
        dialect.read(BROKEN[fault])
    assert caught.value.provider == "vendor"
    assert caught.value.__cause__ is None


@EVERY
@pytest.mark.parametrize("body", BODIES, ids=[body[:12].decode("latin-1") for body in BODIES])
def test_body_that_is_no_reply_is_refused(dialect: Dialect, body: bytes) -> None:
    """A page, an empty body, JSON of another shape."""
    with pytest.raises(ProviderProtocolError):
        dialect.read_body(body)


@EVERY
def test_error_inside_a_200_is_that_error(dialect: Dialect) -> None:
    """A proxy may have lost the status."""
    error: Any = {"error": {"message": "slow down", "code": 429, "status": "RESOURCE_EXHAUSTED"}}
    if dialect is OLLAMA:
        error = {"error": "slow down", "status": 429}
    with pytest.raises(RateLimitExceededError):
        dialect.read_body(json.dumps(error).encode())


@EVERY
def test_other_length_than_asked_is_named(dialect: Dialect) -> None:
    """A server that passes over `dimensions` is not found out by a database only."""
    assert dialect.read(ROWS, dimensions=3).warnings == ()
    assert dialect.read(ROWS, dimensions=2).warnings == ("vendor answered vectors of 3 numbers, and 2 were asked for",)


def test_base64_is_read_as_the_floats_it_packs() -> None:
    """Also beside a list, from a server that does both."""
    assert OPENAI.read([packed(0.5, -2.0), [1, 2]]).vectors == ((0.5, -2.0), (1.0, 2.0))


def test_base64_of_no_number_is_refused() -> None:
    """NaN packs as well as any other."""
    with pytest.raises(ProviderProtocolError, match="no list of finite numbers"):
        OPENAI.read([packed(1.0), packed(float("nan"))])


def test_vectors_are_put_into_the_order_of_their_texts() -> None:
    """`index` counts, not the place in the list."""
    body = OPENAI.write([[1.0], [2.0]])
    body["data"].reverse()
    assert OPENAI.read_body(json.dumps(body).encode()).vectors == ((1.0,), (2.0,))


def test_vectors_without_index_stand_in_order() -> None:
    """OpenRouter's type leaves it out."""
    body = OPENAI.write([[1.0], [2.0]])
    for entry in body["data"]:
        del entry["index"]
    assert OPENAI.read_body(json.dumps(body).encode()).vectors == ((1.0,), (2.0,))


@pytest.mark.parametrize("numbers", [(0, 0), (1, 2), (0, None), ("0", "1"), (False, True), (0.0, 1.0)])
def test_vectors_whose_index_is_not_that_of_a_text_are_refused(numbers: tuple[Any, Any]) -> None:
    """Twice the same, out of range, of half of them, or no number."""
    body = OPENAI.write([[1.0], [2.0]])
    for entry, number in zip(body["data"], numbers, strict=True):
        entry["index"] = number
    with pytest.raises(ProviderProtocolError, match="not those of the texts"):
        OPENAI.read_body(json.dumps(body).encode())


def test_cost_of_the_vendor_keeps_its_digits() -> None:
    """OpenRouter reports dollars: a sum of money is no float."""
    body = OPENAI.write(ROWS)
    body["usage"]["cost"] = 0.00000012
    assert OPENAI.read_body(json.dumps(body).encode()).cost_usd == Decimal("0.00000012")
    body["usage"]["cost"] = 1
    assert OPENAI.read_body(json.dumps(body).encode()).cost_usd == Decimal(1)


def test_one_text_is_a_list_of_one() -> None:
    """The shortest request there is."""
    assert OLLAMA.read([[1.0]], asked=EmbeddingInput(texts=("x",))).vectors == ((1.0,),)


def test_repr_of_a_reply_shows_no_vector() -> None:
    """Nor of what was asked a text."""
    assert "0.5" not in repr(OPENAI.read(ROWS))
    assert "apple" not in repr(TEXTS)
