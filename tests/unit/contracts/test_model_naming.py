"""What of a vendor's body may a key not use that is limited to models?"""

from __future__ import annotations

from typing import Any

import pytest

from contracts.caller import Caller, Scope
from contracts.errors import CallerForbiddenError
from contracts.model_naming import check_no_other_model

KNOWN = {
    "fallbacks",
    "functions",
    "input",
    "instructions",
    "messages",
    "metadata",
    "moderation",
    "prompt",
    "reasoning",
    "text",
    "tools",
}
MODEL_SCHEMA = {"type": "object", "properties": {"model": {"type": "string"}}}


def limited(*models: str) -> Caller:
    """A caller whose key may use these models only."""
    return Caller(key_id="key_1", scopes=frozenset({Scope.CALL}), models=frozenset(models))


SUSPICIOUS: list[tuple[dict[str, Any], str]] = [
    ({"models": ["b"]}, "models"),
    ({"route": "fallback"}, "route"),
    ({"preset": "p"}, "preset"),
    ({"Reasoning": {}}, "Reasoning"),
    ({"prompt": {"id": "p1"}}, "prompt"),
    ({"fallbacks": [{"model": "b"}]}, "fallbacks"),
    ({"reasoning": {"model": "b"}}, "reasoning.model"),
    ({"reasoning": {"a": [{"b": {"Fallbacks": []}}]}}, "reasoning.a.0.b.Fallbacks"),
    ({"moderation": {"model": "b"}}, "moderation.model"),
    ({"text": {"model": "b", "format": {"model": "mine"}}}, "text.model"),
    ({"tools": [{"type": "image_generation", "model": "b"}]}, "tools.0.model"),
    (
        {"tools": [{"type": "function", "name": "f", "parameters": {}}, {"type": "function", "MODEL": "b"}]},
        "tools.1.MODEL",
    ),
    ({"tools": [{"type": "x:subagent", "parameters": {"small_model": "b"}}]}, "tools.0.parameters.small_model"),
    ({"tools": ({"type": ["function"], "parameters": {"model": "b"}},)}, "tools.0.parameters.model"),
    ({"input": [{"type": "message"}, {"tools": [{"type": "advisor", "model": "b"}]}]}, "input.1.tools.0.model"),
    ({"messages": [{"role": "x", "tools": [{"type": "advisor", "model": "b"}]}]}, "messages.0.tools.0.model"),
]


@pytest.mark.parametrize("fields,path", SUSPICIOUS)
def test_what_could_name_another_model_is_refused_by_name(fields: dict[str, Any], path: str) -> None:
    """The error says whose key, and the path with what is laid before it; never a value."""
    with pytest.raises(CallerForbiddenError) as refused:
        check_no_other_model(fields, known=KNOWN, caller=limited("a"), prefix="vendor_options.row.")
    assert str(refused.value) == (
        f"the key key_1 is limited to models and may not use vendor_options.row.{path}: "
        "it could make the vendor ask another model"
    )


@pytest.mark.parametrize("fields,_", SUSPICIOUS)
def test_key_that_is_limited_to_providers_may_use_all(fields: dict[str, Any], _: str) -> None:
    """At his rows every model is his."""
    caller = Caller(key_id="key_1", scopes=frozenset({Scope.CALL}), providers=frozenset({"row"}))
    check_no_other_model(fields, known=KNOWN, caller=caller)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"input": "which model is this?", "messages": [{"role": "user", "content": {"model": "b"}}, "x", {}]},
        {"instructions": {"model": "b"}, "metadata": {"model": "b"}, "text": {"format": {"schema": MODEL_SCHEMA}}},
        {"text": "which model?"},
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": MODEL_SCHEMA}}]},
        {"tools": [{"name": "f", "input_schema": MODEL_SCHEMA, "input_examples": [{"model": "b"}]}]},
        {"tools": [{"type": "custom", "name": "f", "output_schema": MODEL_SCHEMA}]},
        {"tools": [{"functionDeclarations": [{"name": "f", "parameters": MODEL_SCHEMA}]}]},
        {"functions": [{"name": "f", "parameters": MODEL_SCHEMA}]},
        {"reasoning": {"effort": "low", "response_schema": MODEL_SCHEMA, "summary": "a model"}},
        {"input": [{"type": "mcp_list_tools", "tools": [{"name": "f", "input_schema": MODEL_SCHEMA}]}]},
    ],
)
def test_what_is_the_callers_own_may_speak_of_models(fields: dict[str, Any]) -> None:
    """His words and his schemas: no vendor takes a name out of them."""
    check_no_other_model(fields, known=KNOWN, caller=limited("a"))


def test_long_name_is_cut_in_the_error() -> None:
    """It is the caller's to choose."""
    with pytest.raises(CallerForbiddenError) as refused:
        check_no_other_model({"x" * 5000: 1}, known=KNOWN, caller=limited("a"))
    assert len(str(refused.value)) < 400
