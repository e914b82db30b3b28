"""Does a merge patch do what RFC 7396 says, and is nothing of the configuration lost as data?"""

from __future__ import annotations

from typing import Any

import pytest

from app.engine.merge_patch import is_part, merged, plain, tidy
from contracts import LLMProviderConfig
from contracts.config import config_from_json

# RFC 7396, appendix A: original, patch, result.
RFC: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]
CONFIG = LLMProviderConfig.model_validate(
    {
        "max_retries": 1,
        "providers": {
            "openai": {"api_key": "sk-old", "headers": {"x-team": "a", "x-unit": "b"}},
            "own": {"type": "openai", "base_url": "http://127.0.0.1:1/v1", "api_key": "sk-own"},
        },
    }
)


@pytest.mark.parametrize("original,patch,result", RFC)
def test_merge_gives_the_results_of_the_rfc(original: Any, patch: Any, result: Any) -> None:
    """Its own examples; the original is left alone."""
    before = repr(original)
    assert merged(original, patch) == result
    assert repr(original) == before


def test_plain_configuration_is_the_configuration() -> None:
    """Written out and read again, nothing is lost: keys, headers and switched rows neither."""
    assert config_from_json(plain(CONFIG)) == CONFIG


def test_tidy_patch_says_the_same_without_words_that_say_nothing() -> None:
    """Nulls and empty objects, at every depth of objects; what stands in a list is a value."""
    patch = {"a": None, "b": {"c": None}, "d": [None, {}], "e": {"f": {}, "g": 0}, "h": False}
    assert tidy(patch) == {"d": [None, {}], "e": {"g": 0}, "h": False}


@pytest.mark.parametrize(
    "patch,of,is_it",
    [
        ({}, {}, True),
        ({"a": 1}, {"a": 2}, True),
        ({"a": 1}, {}, False),
        ({"a": {"b": 1}}, {"a": {"b": 2, "c": 3}, "d": 4}, True),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, False),
        ({"a": {"b": 1}}, {"a": 1}, False),
    ],
)
def test_part_of_a_patch_is_one_that_names_no_more(patch: Any, of: Any, is_it: bool) -> None:
    """Whatever the values are."""
    assert is_part(patch, of) is is_it
