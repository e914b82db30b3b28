"""Which vectors does the body of a reply hold?

Each says by its `index` to which text it belongs. OpenRouter's type allows an answer without: then they stand in order.
Numbers come as a list or, where base64 was asked for, as text; a server that passes over the wish is understood, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.wires.answer_json import unreadable
from app.wires.counted_vectors import counted, read_length
from app.wires.openai_chat.errors import error_document, in_band_error
from app.wires.openai_chat.usage import read_cost, read_usage
from app.wires.vectors import Vector, dimension_warnings, length_warnings, load_vectors, read_vectors
from contracts.calls import EmbeddingReply
from contracts.embeddings import EmbeddingInput


def decode_embeddings(
    body: bytes, *, asked: EmbeddingInput, provider: str, model: str, dimensions: int | None = None
) -> EmbeddingReply:
    """The vectors in the body of a reply with status 200; `dimensions` is what was sent.

    Raises ProviderProtocolError for a body that does not hold one for each text, and the classified error for one that
    is an error.
    """
    data = load_vectors(body, provider=provider, model=model)
    rows = _rows(data, provider=provider, model=model)
    vectors = read_vectors(rows, count=len(asked.texts), provider=provider, model=model)
    return _reply(data, vectors, dimension_warnings(vectors, dimensions, provider=provider))


def decode_relayed(
    body: bytes, *, count: int, provider: str, model: str, dimensions: int | None = None
) -> EmbeddingReply:
    """The same of a body that goes on to the caller as it came: without its vectors, which are only counted.

    `count` is how many are due. A body that is no UTF-8 could not go on, and is unreadable.
    """
    try:
        data = json.loads(counted(body).decode("utf-8-sig"))
    except (ValueError, RecursionError):
        # Without the cause: it holds the body.
        raise unreadable("answered with a body that is not JSON", provider=provider, model=model) from None
    rows = _rows(data, provider=provider, model=model)
    length = read_length(rows, count=count, provider=provider, model=model)
    return _reply(data, (), length_warnings(length, dimensions, provider=provider))


def _rows(data: Any, *, provider: str, model: str) -> list[Any]:
    """What stands for the vectors, in the order of the texts."""
    error = error_document(data)
    if error is not None:
        raise in_band_error(error, provider=provider, model=model)
    entries = data.get("data") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise unreadable("answered without a list of vectors", provider=provider, model=model)
    rows = _in_order(entries)
    if rows is None:
        raise unreadable("answered vectors whose numbers are not those of the texts", provider=provider, model=model)
    return rows


def _reply(data: dict[str, Any], vectors: tuple[Vector, ...], warnings: tuple[str, ...]) -> EmbeddingReply:
    usage = data.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    named = data.get("model")
    return EmbeddingReply(
        vectors=vectors,
        model=named if isinstance(named, str) and named else None,
        usage=read_usage(usage),
        cost_usd=read_cost(_with_exact_cost(usage)),
        warnings=warnings,
    )


def _in_order(entries: list[dict[str, Any]]) -> list[Any] | None:
    """The vectors by their `index`; None when these are not 0, 1, 2 … in some order."""
    numbers = [entry.get("index") for entry in entries]
    if all(number is None for number in numbers):
        return [entry.get("embedding") for entry in entries]
    if not all(type(number) is int for number in numbers):
        return None
    by_number = {entry["index"]: entry.get("embedding") for entry in entries}
    if set(by_number) != set(range(len(entries))):
        return None
    return [by_number[number] for number in range(len(entries))]


def _with_exact_cost(usage: Mapping[str, Any]) -> Mapping[str, Any]:
    """A cost is a sum of money, so its digits are taken as they were written."""
    cost = usage.get("cost")
    return {**usage, "cost": Decimal(repr(cost))} if isinstance(cost, float) else usage
