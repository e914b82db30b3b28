"""What is it that vectors shall be made of? A text or several, or what stands in their place."""

from __future__ import annotations

from typing import Any

from app.wires.demands import STRANGE
from app.wires.place import Place
from contracts.embeddings import MAX_EMBEDDING_TEXTS, EmbeddingInput

_TOKENS = "holds tokens, which only the model's own vendor can read: send text"
_NOTHING = EmbeddingInput(texts=())


def read_entries(place: Place) -> EmbeddingInput:
    """A text, a list of texts, a list of tokens, or a list of such lists; else what only some vendors know.

    Of tokens hundreds of thousands may come, so they are not looked at one by one.
    """
    if not isinstance(place.value, list):
        return EmbeddingInput(texts=(place.text(least=1) or "",))
    if place.value and _are_tokens(place.value):
        place.demand(_TOKENS)
        return EmbeddingInput(texts=(), token_counts=(len(place.value),))
    entries = place.entries(least=1, most=MAX_EMBEDDING_TEXTS)
    if any(isinstance(entry.value, str) for entry in entries):
        return EmbeddingInput(texts=tuple(_text(entry) for entry in entries))
    if entries:
        return EmbeddingInput(texts=(), token_counts=tuple(_tokens(entry, place) for entry in entries))
    return _NOTHING


def _text(entry: Place) -> str:
    if not entry.is_given:
        entry.wrong("must be text")
    return entry.text(least=1) or ""


def _tokens(entry: Place, whole: Place) -> int | None:
    """How many tokens it is; None for what is known to some vendors only, such as pictures."""
    if isinstance(entry.value, dict):
        whole.demand(STRANGE)
        return None
    if not isinstance(entry.value, list) or not _are_tokens(entry.value):
        entry.wrong("must be text, or a list of tokens")
        return None
    whole.demand(_TOKENS)
    return len(entry.value)


def _are_tokens(values: list[Any]) -> bool:
    return set(map(type, values)) == {int}
