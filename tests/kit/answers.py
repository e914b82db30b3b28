"""Answers and vectors to keep: one by hand, and every one that the types allow."""

from __future__ import annotations

import dataclasses
import struct
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from app.ports import CachedAnswer, CachedVectors, CacheKey
from contracts.calls import EmbeddingReply, Reply
from contracts.chat import FinishReason, Message, Part, Role, TextPart, Usage
from contracts.responses import Cost


def key(digest: str = "d1", *, provider: str = "openai", model: str = "gpt-5-mini") -> CacheKey:
    """The key of an answer."""
    return CacheKey(provider=provider, model=model, digest=digest)


def answer(text: str = "Four.", *parts: Part) -> CachedAnswer:
    """An answer of this text and these parts."""
    usage = Usage(input_tokens=7, output_tokens=3, total_tokens=10)
    return CachedAnswer(
        reply=Reply(
            message=Message(role=Role.ASSISTANT, content=(TextPart(text=text), *parts)),
            finish_reason=FinishReason.STOP,
            model="gpt-5-mini-2026",
            usage=usage,
        ),
        usage=usage,
        cost=Cost(usd=Decimal("0.000123"), source="prices", price_version="2026-11-21"),
    )


def vectors(*rows: tuple[float, ...], raw: str | None = None) -> CachedVectors:
    """Vectors, or the vendor's own body of them."""
    usage = Usage(input_tokens=7, total_tokens=7)
    return CachedVectors(
        reply=EmbeddingReply(vectors=(), model="e-1-2026", usage=usage, raw=raw),
        usage=usage,
        cost=Cost(usd=Decimal("0.000001"), source="prices", price_version="2026-11-21"),
        numbers=b"".join(struct.pack(f"<{len(row)}d", *row) for row in rows),
        length=len(rows[0]) if rows else 0,
    )


# Vendors send NUL and halves of surrogate pairs too; the edge refuses them from callers only.
_TEXT = st.text(st.characters(exclude_categories=()))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: _TEXT,
    # Numbers of tokens.
    int: st.integers(0, 10**9),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    NoneType: st.none(),
    # Dollars.
    Decimal: st.decimals(0, 10**6),
    dict: st.dictionaries(_TEXT, _JSON, max_size=3),
}


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Every value of a type that records are made of, every field of a record given."""
    origin = get_origin(hint)
    if (origin or hint) in _SIMPLE:
        return _SIMPLE[origin or hint]
    if origin in {Union, UnionType}:
        return st.one_of(*map(values_of, get_args(hint)))
    if origin is tuple:
        return st.lists(values_of(get_args(hint)[0]), max_size=3).map(tuple)
    if origin is Literal:
        return st.sampled_from(get_args(hint))
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    names = [field.name for field in dataclasses.fields(hint)] if dataclasses.is_dataclass(hint) else hint.model_fields
    hints = get_type_hints(hint)
    return st.builds(hint, **{name: values_of(hints[name]) for name in names})


ANSWERS = values_of(CachedAnswer)
# Of whole numbers of bytes; a body as text has none beside it.
VECTORS = st.one_of(
    st.lists(st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 3), max_size=4).map(
        lambda rows: vectors(*rows)
    ),
    st.text(st.characters(exclude_categories=("Cs",))).map(lambda raw: vectors(raw=raw)),
)
KEYS = values_of(CacheKey)
