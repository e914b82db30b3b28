"""Is a word that is quickly read the same as any other?"""

from __future__ import annotations

import pickle
from enum import StrEnum

import pytest
from pydantic import TypeAdapter

from contracts import AttemptOutcome, CacheResult, FinishReason, Role, UsageSource


@pytest.mark.parametrize("words", [AttemptOutcome, CacheResult, FinishReason, Role, UsageSource])
def test_values_are_what_they_are_without(words: type[StrEnum]) -> None:
    """Plain texts, by which the same member is found; written by pydantic and pickled as ever."""
    assert list(words)
    for word in words:
        assert type(word.value) is str
        assert word.value == str(word) == TypeAdapter(words).dump_python(word, mode="json")
        assert words(word.value) is word is pickle.loads(pickle.dumps(word))  # noqa: S301 - our own
        assert words.__members__[word.name] is word
