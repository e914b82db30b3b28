"""Which keys may be asked for, and does a key keep its secret to itself?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from contracts import KeyCreate, KeyCreated, KeyInfo, KeyQuery, KeyRotate
from contracts.redaction import without_keys

WRONG: list[dict[str, Any]] = [
    {"name": ""},
    {"name": " \t"},
    {"name": "n" * 101},
    {"name": "a\x00b"},
    {"name": "\ud800"},
    {"tenant": ""},
    {"tenant": "t" * 65},
    {"tenant": "a\x00b"},
    {"tags": ["t"] * 11},
    {"tags": [""]},
    {"tags": ["t" * 65]},
    {"models": []},
    {"models": ["a b"]},
    {"models": ["m"] * 101},
    {"providers": []},
    {"providers": ["open/ai"]},
    {"expires_at": 1_800_000_000},
    {"expires_at": "soon"},
    {"key": "mine"},
    {"scopes": ["admin"]},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_key_refuses_what_it_cannot_be(wrong: dict[str, Any]) -> None:
    """The field is named; one that it does not know is not passed over."""
    (field,) = wrong
    with pytest.raises(ValidationError) as refused:
        KeyCreate.model_validate({"name": "n", **wrong})
    assert refused.value.errors()[0]["loc"][0] == field


def test_key_takes_what_is_just_allowed() -> None:
    """The longest names, the most of them; `google` is `gemini`, a time without a zone is UTC."""
    asked = KeyCreate(
        name="ñ" * 100,
        tenant="t" * 64,
        tags=("t" * 64,) * 10,
        models=("google/gemini-4", "gpt", "smart", "openrouter/google/gemini-4"),
        providers=("google", "own"),
        expires_at=datetime(2027, 1, 1),  # noqa: DTZ001 - what is tested
    )
    assert asked.models == ("gemini/gemini-4", "gpt", "smart", "openrouter/google/gemini-4")
    assert (asked.providers, asked.expires_at) == (("gemini", "own"), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("seconds", [-1, 604_801, 1.5, "x", None])
def test_rotation_refuses_a_grace_that_is_none(seconds: Any) -> None:
    """A week is the longest."""
    with pytest.raises(ValidationError):
        KeyRotate.model_validate({"grace_seconds": seconds})
    assert KeyRotate(grace_seconds=604_800).grace_seconds == 604_800


@pytest.mark.parametrize("cursor", ["", "x", "key_", "key_" + "0" * 35, "key_" + "0" * 37, "key_" + "G" * 36])
def test_query_takes_no_cursor_that_was_made_up(cursor: str) -> None:
    """It is the id of a key."""
    with pytest.raises(ValidationError):
        KeyQuery(cursor=cursor)


def test_created_key_is_not_in_its_repr_and_is_redacted_anywhere() -> None:
    """Whoever logs it, or sends it to the wrong place, shows nothing; an id may be read."""
    created = KeyCreated.model_validate(KeyCreated.model_json_schema()["example"])
    secret = "llmps_" + "0123456789abcdef" * 4
    assert created.key not in repr(created.model_copy(update={"key": secret}))
    assert secret not in repr(created.model_copy(update={"key": secret}))
    assert without_keys(f"my {secret[:40]}, {secret}, and {secret[6:]}") == "my [redacted], [redacted], and [redacted]"
    assert without_keys(created.id) == created.id
    assert set(KeyCreated.model_fields) - set(KeyInfo.model_fields) == {"key"}
