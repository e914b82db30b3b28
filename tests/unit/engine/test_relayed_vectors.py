"""Is a vendor's own body of vectors, that was kept where others can write, seen for what it is?"""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest

from app.engine.relayed_vectors import relayed_length


def packed(*numbers: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def body(*vectors: Any, **more: Any) -> str:
    entries = [{"object": "embedding", "index": at, "embedding": one} for at, one in enumerate(vectors)]
    return json.dumps({"object": "list", "data": entries, "note": 'an "embedding": [1]', **more}, indent=1)


@pytest.mark.parametrize("length", range(1, 9))
def test_relayed_vectors_are_as_long_as_they_are(length: int) -> None:
    """Numbers or base64, of whatever length."""
    numbers = [0.5, -1e-9, 3][:1] * length
    assert relayed_length(body(numbers, numbers), count=2) == length
    assert relayed_length(body(packed(*numbers), packed(*numbers)), count=2) == length


@pytest.mark.parametrize(
    "raw",
    [
        body(),
        body([1.0]),
        body([1.0], [1.0], [1.0]),
        body([1.0], [1.0, 2.0]),
        body([1.0], packed(1.0, 2.0)),
        body([1.0], None),
        body([1.0], ["a"]),
        body([], []),
        body("", ""),
        body("AAAA", "AAAA"),
        body([1.0], [1.0])[:-1],
        body([1.0], [1.0]) + "x",
        body([1.0], [1.0], data={"embedding": [1.0]}),
        body([1.0], [1.0], data=[1, 2]),
        '{"error": "embedding"}',
        "[]",
        "null",
        "",
        "[" * 100_000,
    ],
)
def test_relayed_vectors_that_are_not_what_was_asked_are_none(raw: str) -> None:
    """Another number of them, of several lengths, none at all, or no document."""
    assert relayed_length(raw, count=2) is None
