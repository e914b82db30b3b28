"""Is told what changed, all of it and nothing else, and no secret?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.engine.config_changes import changes, named_fields
from contracts import ConfigView, LLMProviderConfig

FIRST: dict[str, Any] = {
    "max_retries": 1,
    "models": {"fast": ["openai"]},
    "providers": {"openai": {"api_key": "first-secret", "headers": {"x-team": "second-secret", "x-old": "third"}}},
}


def view(revision: int, config: dict[str, Any]) -> ConfigView:
    """One revision."""
    return ConfigView(revision=revision, config=LLMProviderConfig.model_validate(config))


def changed(**fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `fields` changed."""
    return changes(view(1, FIRST), view(2, {**FIRST, **fields}))


def test_change_of_nothing_is_nothing() -> None:
    """But the revisions are told."""
    assert changes(view(3, FIRST), view(3, FIRST)) == ({"revision": 3}, {"revision": 3})


def test_change_shows_only_what_changed() -> None:
    """Before and after."""
    assert changed(max_retries=2) == ({"revision": 1, "max_retries": 1}, {"revision": 2, "max_retries": 2})


def test_change_shows_what_came_and_what_went() -> None:
    """On the side where it is."""
    before, after = changed(models={"smart": ["anthropic"]})
    assert list(before["models"]) == ["fast"]
    assert list(after["models"]) == ["smart"]


def test_change_of_a_secret_is_told_without_it() -> None:
    """Masked on both sides: that it changed is seen, not to what."""
    row = {"api_key": "fourth-secret", "headers": {"x-team": "fifth-secret", "x-new": "sixth-secret"}}
    before, after = changed(providers={"openai": row})
    mask = "**********"
    assert before["providers"] == {"openai": {"api_key": mask, "headers": {"x-team": mask, "x-old": mask}}}
    assert after["providers"] == {"openai": {"api_key": mask, "headers": {"x-team": mask, "x-new": mask}}}


def test_change_that_adds_a_row_masks_its_key() -> None:
    """The row is told whole, but for its secrets."""
    _, after = changed(providers={**FIRST["providers"], "mine": {"type": "openai", "api_key": "new-secret"}})
    assert after["providers"]["mine"]["type"] == "openai"
    assert "new-secret" not in json.dumps(after)


def test_change_of_a_switch_is_its_row_alone() -> None:
    """`enabled_providers`, which repeats it, is left out."""
    config = {**FIRST, "providers": {"openai": {**FIRST["providers"]["openai"], "enabled": False}}}
    assert changes(view(1, FIRST), view(2, config)) == (
        {"revision": 1, "providers": {"openai": {"enabled": True}}},
        {"revision": 2, "providers": {"openai": {"enabled": False}}},
    )


@pytest.mark.parametrize(
    "patch,named",
    [
        ({}, []),
        ({"max_retries": 9}, ["max_retries"]),
        ({"my-secret": 1, "another": 2}, ["[unknown]"]),
        ({"providers": 5}, ["providers"]),
        ({"providers": {"google": {"api_key": "k"}}}, ["providers.gemini.api_key"]),
        ({"providers": {"openai": {"my-secret": "k"}}}, ["providers.openai.[unknown]"]),
        ({"providers": {"my-secret": {"type": "openai"}}}, ["providers.[unknown].type"]),
        ({"providers": {"openai": None}}, ["providers.openai"]),
    ],
)
def test_named_fields_are_those_that_are_known(patch: dict[str, Any], named: list[str]) -> None:
    """What is no field may be a secret in the wrong place."""
    assert named_fields(patch, LLMProviderConfig()) == named
