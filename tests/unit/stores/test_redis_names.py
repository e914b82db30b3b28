"""Can one answer's name be another's, or match a pattern that does not mean it?"""

from __future__ import annotations

import re

from hypothesis import given

from app.ports import CacheKey
from app.stores.redis_names import ANSWERS, PROBES, name_of, pattern_of
from tests.kit.answers import KEYS, key


def test_name_says_whose_answer_it_is() -> None:
    """Readable in redis-cli; what would be a sign of the name or of a glob is encoded."""
    assert name_of(key("d1")) == "llm-provider-service:cache:v1:openai:gpt-5-mini:d1"
    hostile = key("d1", provider="a:b", model="org/*?[x]\\")
    assert name_of(hostile) == "llm-provider-service:cache:v1:a%3Ab:org%2F%2A%3F%5Bx%5D%5C:d1"


def test_pattern_means_all_or_some() -> None:
    """The same encoding, and a star for what is not said."""
    assert pattern_of(None, None) == "llm-provider-service:cache:v1:*:*:*"
    assert pattern_of("a:b", None) == "llm-provider-service:cache:v1:a%3Ab:*:*"
    assert pattern_of(None, "m*") == "llm-provider-service:cache:v1:*:m%2A:*"
    assert not PROBES.startswith(ANSWERS)


def matches(pattern: str, name: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name, re.DOTALL) is not None


@given(KEYS, KEYS)
def test_pattern_matches_those_that_it_means(one: CacheKey, other: CacheKey) -> None:
    """And no other, whatever somebody calls a provider or a model."""
    one = CacheKey(provider=one.provider, model=one.model, digest="0a")
    other = CacheKey(provider=other.provider, model=other.model, digest="0b")
    assert name_of(one) != name_of(other)
    for provider, model in ((None, None), (one.provider, None), (None, one.model), (one.provider, one.model)):
        pattern = pattern_of(provider, model)
        assert matches(pattern, name_of(one))
        is_meant = provider in {None, other.provider} and model in {None, other.model}
        assert matches(pattern, name_of(other)) is is_meant
