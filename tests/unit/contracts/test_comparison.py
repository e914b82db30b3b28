"""Which comparisons may be asked?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from contracts import ComparisonRequest, ComparisonResponse
from contracts.field_errors import field_errors

GOOD: dict[str, Any] = {"user_prompt": "Which?", "essay_a": "x", "essay_b": "y"}


def errors_of(data: dict[str, Any]) -> dict[str, str | None]:
    """The wrong fields with their hints."""
    with pytest.raises(ValidationError) as caught:
        ComparisonRequest.model_validate_json(json.dumps(data), strict=True)
    return {one.field: one.hint for one in field_errors(caught.value, ComparisonRequest, data)}


@pytest.mark.parametrize(
    "changes,field",
    [
        ({"essay_a": ""}, "essay_a"),
        ({"essay_b": " \n"}, "essay_b"),
        ({"essay_b": None}, "essay_b"),
        ({"essay_a": "x\x00"}, "essay_a"),
        ({"essay_a": "x" * 1_000_001}, "essay_a"),
        ({"user_prompt": ""}, "user_prompt"),
        ({"temperature_override": 2.1}, "temperature_override"),
        ({"max_tokens_override": 0}, "max_tokens_override"),
        ({"llm_config_overrides": {"temperature_override": -1}}, "llm_config_overrides.temperature_override"),
        ({"metadata": {"prompt_sha256": "mine"}}, "metadata.prompt_sha256"),
        ({"metadata": {"x": "y" * 20_000}}, "metadata"),
        ({"correlation_id": ""}, "correlation_id"),
        ({"check_order": "yes"}, "check_order"),
    ],
)
def test_comparison_request_that_breaks_a_rule_names_the_field(changes: dict[str, Any], field: str) -> None:
    """One sentence for one place."""
    assert list(errors_of({**GOOD, **changes})) == [field]


@pytest.mark.parametrize("name", ["user_prompt", "essay_a", "essay_b"])
def test_comparison_request_needs_all_three_texts(name: str) -> None:
    """One-sided essays are no comparison."""
    assert list(errors_of({key: value for key, value in GOOD.items() if key != name})) == [name]


def test_comparison_request_with_an_unknown_override_gets_a_hint() -> None:
    """Flat and nested."""
    assert errors_of({**GOOD, "temprature_override": 1}) == {
        "temprature_override": "did you mean temperature_override?"
    }
    nested = {**GOOD, "llm_config_overrides": {"model_overide": "m"}}
    assert errors_of(nested) == {"llm_config_overrides.model_overide": "did you mean model_override?"}


def test_comparison_request_of_the_seed_is_accepted() -> None:
    """What seed A's client sends, letter by letter; essays of a million characters too."""
    sent = {
        **GOOD,
        "provider": "anthropic",
        "correlation_id": "7f2f5a0e-5d0f-4a86-9d3e-0e6a1c2b3d4e",
        "model_override": "claude-3-opus-20240229",
        "temperature_override": 0.7,
    }
    request = ComparisonRequest.model_validate_json(json.dumps(sent), strict=True)
    assert (request.provider, request.use_cache, request.check_order) == ("anthropic", None, False)
    assert ComparisonRequest.model_validate({**GOOD, "essay_a": "x" * 1_000_000})


def test_comparison_texts_stand_in_no_repr() -> None:
    """Essays, prompts and justifications are private."""
    words = dict.fromkeys(GOOD, "PRIVATE")
    nested = {"system_prompt_override": "PRIVATE"}
    request = ComparisonRequest.model_validate(
        {**words, **nested, "llm_config_overrides": nested, "metadata": {"k": "PRIVATE"}}
    )
    example = ComparisonResponse.model_json_schema()["example"]
    private = {"justification": "PRIVATE", "reasoning": "PRIVATE", "metadata": {"k": "PRIVATE"}}
    assert "PRIVATE" not in f"{request!r} {ComparisonResponse.model_validate({**example, **private})!r}"
