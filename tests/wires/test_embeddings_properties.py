"""Does any reply, whole or broken in any way, become vectors or one error of ours?"""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.embeddings import EmbeddingInput
from contracts.errors import LLMProviderError
from tests.wires.embedding_cases import DIALECTS, Dialect

SOME = settings(max_examples=60, deadline=None)
EVERY = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "embedding", "embeddings", "values", "index", "usage", "usageMetadata", "error"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


def matrices() -> st.SearchStrategy[list[list[float]]]:
    """Some vectors of one length."""
    return st.integers(1, 5).flatmap(
        lambda length: st.lists(st.lists(NUMBERS, min_size=length, max_size=length), min_size=1, max_size=4)
    )


@EVERY
@SOME
@given(rows=matrices(), order=st.randoms())
def test_vectors_come_back_as_they_were_written(dialect: Dialect, rows: list[list[float]], order: Any) -> None:
    """As numbers and, in OpenAI's dialect, as base64 and in any order."""
    asked = EmbeddingInput(texts=("x",) * len(rows))
    wanted = tuple(map(tuple, rows))
    assert dialect.read(rows, asked=asked).vectors == wanted
    if dialect.name == "openai":
        body = dialect.write([base64.b64encode(struct.pack(f"<{len(row)}f", *row)).decode() for row in rows])
        order.shuffle(body["data"])
        assert dialect.read_body(json.dumps(body).encode(), asked=asked).vectors == wanted


@EVERY
@SOME
@given(body=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_vectors_or_an_error_of_ours(dialect: Dialect, body: bytes) -> None:
    """No other exception, whatever a vendor or a proxy before it sends."""
    try:
        reply = dialect.read_body(body)
    except LLMProviderError:
        return
    assert len(reply.vectors) == 2


@EVERY
@SOME
@given(data=st.data())
def test_reply_that_was_cut_is_an_error(dialect: Dialect, data: st.DataObject) -> None:
    """Wherever it ends."""
    whole = json.dumps(dialect.write([[1.5, 2.5], [3.5, 4.5]])).encode()
    kept = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(LLMProviderError):
        dialect.read_body(whole[:kept])


@EVERY
@SOME
@given(value=JSON, place=st.integers(0, 1))
def test_anything_in_the_place_of_a_vector_is_read_or_refused(dialect: Dialect, value: Any, place: int) -> None:
    """Half a good reply is no good reply."""
    rows: list[Any] = [[1.0, 2.0], [3.0, 4.0]]
    rows[place] = value
    try:
        reply = dialect.read(rows)
    except LLMProviderError:
        return
    assert {len(vector) for vector in reply.vectors} == {2}
