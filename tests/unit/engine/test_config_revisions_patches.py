"""Does one stored patch make what many patches made one after the other, also over another file and environment?"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.merge_patch import merged, plain, tidy
from app.engine.patched_config import PatchedConfig
from contracts import MASK, ConfigurationError, LLMProviderConfig
from contracts.config import config_from_json

FILE: dict[str, Any] = {
    "max_retries": 1,
    "circuit_breaker": {"failure_threshold": 7},
    "model_aliases": {"old": "new"},
    "providers": {
        "openai": {"api_key": "sk-file", "headers": {"x-team": "a"}, "weight": 3},
        "own": {"type": "openai", "base_url": "http://127.0.0.1:1/v1", "api_key": "sk-own"},
    },
}
BASE = LLMProviderConfig.model_validate(FILE)

_ROW = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["openai", "deepseek"]),
            "enabled": st.sampled_from([True, False, None]),
            "weight": st.sampled_from([2.5, None]),
            "base_url": st.sampled_from(["http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1", None]),
            "api_key": st.sampled_from(["sk-a", "sk-b", MASK, None]),
            "headers": st.one_of(
                st.none(), st.dictionaries(st.sampled_from(["x-team", "x-b"]), st.sampled_from(["1", MASK, None]))
            ),
        },
    ),
)
_PRICE = st.fixed_dictionaries({"input": st.just(1), "output": st.sampled_from([2, 3])})
_PATCH = st.fixed_dictionaries(
    {},
    optional={
        "max_retries": st.sampled_from([0, 4, None]),
        "circuit_breaker": st.one_of(
            st.none(), st.fixed_dictionaries({}, optional={"success_threshold": st.sampled_from([5, None])})
        ),
        "model_aliases": st.one_of(
            st.none(), st.dictionaries(st.sampled_from(["old", "b"]), st.sampled_from(["m", None]))
        ),
        "enabled_providers": st.one_of(st.none(), st.lists(st.sampled_from(["openai", "google", "own"]), unique=True)),
        "prices": st.one_of(
            st.none(),
            st.dictionaries(st.sampled_from(["google/m", "gemini/m"]), st.one_of(st.none(), _PRICE)),
        ),
        "providers": st.one_of(st.none(), st.dictionaries(st.sampled_from(["openai", "own", "google", "more"]), _ROW)),
    },
)


def stored(patched: PatchedConfig, *patches: dict[str, Any]) -> dict[str, Any]:
    """What is stored after all of `patches`."""
    found: dict[str, Any] = {}
    for patch in patches:
        found, _ = patched.following(found, patch)
    return found


def editable(config: LLMProviderConfig = BASE) -> PatchedConfig:
    """Rows may be moved."""
    return PatchedConfig(config, may_edit_upstreams=True)


def fixed(config: LLMProviderConfig = BASE) -> PatchedConfig:
    """Rows may not be moved."""
    return PatchedConfig(config, may_edit_upstreams=False)


def places(config: LLMProviderConfig) -> dict[str, tuple[str, str | None]]:
    """Of each row: of which kind it is, and where."""
    return {name: (row.type.value, row.base_url) for name, row in config.providers.items()}


def keys(config: LLMProviderConfig) -> dict[str, str | None]:
    """Of each row."""
    return {name: row.api_key and row.api_key.get_secret_value() for name, row in config.providers.items()}


@settings(max_examples=300, deadline=None)
@given(patches=st.lists(_PATCH, min_size=1, max_size=5), may_edit_upstreams=st.booleans())
def test_stored_patch_makes_what_its_parts_made(patches: list[dict[str, Any]], may_edit_upstreams: bool) -> None:
    """Each field is what was said last, or the file's; nothing is stored that says nothing."""
    patched = PatchedConfig(BASE, may_edit_upstreams=may_edit_upstreams)
    found: dict[str, Any] = {}
    said: dict[str, Any] = {}
    for patch in patches:
        try:
            found, config = patched.following(found, patch)
        except ConfigurationError:
            continue
        said = merged(said, {name: patch[name] for name in ("max_retries", "circuit_breaker") if name in patch})
        expected = config_from_json(merged(plain(BASE), said))
        assert (config.max_retries, config.circuit_breaker) == (expected.max_retries, expected.circuit_breaker)
        assert patched.laid(found) == config
        assert tidy(found) == found


_MOVES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["openai", "deepseek", None]),
        "base_url": st.sampled_from(["http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1", None]),
        "api_key": st.sampled_from(["sk-a", MASK, None]),
    },
)
_MOVING = st.fixed_dictionaries({"providers": st.dictionaries(st.sampled_from(["openai", "own"]), _MOVES, min_size=1)})


@settings(max_examples=300, deadline=None)
@given(patches=st.lists(_MOVING, min_size=2, max_size=5))
def test_stored_patch_sends_each_key_only_where_it_was_given(patches: list[dict[str, Any]]) -> None:
    """Whatever was patched, taken back, given anew and moved: a key is known to no other kind and address."""
    patched = editable()
    found: dict[str, Any] = {}
    given_for = {(name, key): {places(BASE)[name]} for name, key in keys(BASE).items() if key}
    for number, patch in enumerate(patches):
        rows = patch.get("providers") or {}
        asked = {**patch, "providers": {name: _numbered(row, number) for name, row in rows.items()}}
        try:
            found, config = patched.following(found, asked)
        except ConfigurationError:
            continue
        for name, key in keys(config).items():
            if key and key.endswith(f"-{number}"):
                given_for.setdefault((name, key), set()).add(places(config)[name])
            assert key is None or places(config)[name] in given_for[name, key]


def _numbered(row: Any, number: int) -> Any:
    """Each patch has keys of its own."""
    if not isinstance(row, dict) or row.get("api_key") in (None, MASK):
        return row
    return {**row, "api_key": f"{row['api_key']}-{number}"}


@settings(max_examples=200, deadline=None)
@given(patches=st.lists(_PATCH, min_size=1, max_size=4))
def test_nulls_for_all_that_was_said_leave_nothing(patches: list[dict[str, Any]]) -> None:
    """Then file and environment say all, also another file at the next start."""
    found = editable_after(patches)
    names = ["max_retries", "circuit_breaker", "model_aliases", "enabled_providers", "prices", "providers"]
    after, config = editable().following(found, dict.fromkeys(names))
    assert (after, config) == ({}, BASE)


def editable_after(patches: list[dict[str, Any]]) -> dict[str, Any]:
    """What is stored after those of `patches` that are no fault."""
    found: dict[str, Any] = {}
    for patch in patches:
        with suppress(ConfigurationError):
            found, _ = editable().following(found, patch)
    return found


def test_stored_patch_leaves_the_rest_to_file_and_environment() -> None:
    """A restart with another file: what no patch named is the new file's, what one named is the patch's."""
    found = stored(fixed(), {"max_retries": 4}, {"providers": {"openai": {"weight": 9}}}, {"max_retries": None})
    assert found == {"providers": {"openai": {"weight": 9}}}
    other = LLMProviderConfig.model_validate({**FILE, "max_retries": 5, "connect_timeout_seconds": 9})
    config = fixed(other).laid(found)
    assert (config.max_retries, config.connect_timeout_seconds, config.providers["openai"].weight) == (5, 9, 9)


@pytest.mark.parametrize(
    "changed",
    [
        {"max_retries": 4},
        {"fallback_order": ["own", "openai"]},
        {"circuit_breaker": {"failure_threshold": 2}},
        {"model_aliases": {"old": "other", "more": "m"}},
        {"providers": {"own": {"weight": 2, "api_key": "sk-patched", "headers": {"x-new": "1"}}}},
        {"providers": {"more": {"type": "openai"}}},
        {"enabled_providers": ["openai"]},
    ],
)
def test_null_takes_a_change_back(changed: dict[str, Any]) -> None:
    """The field is the file's again, this one's and the next one's, not the default; an added row is gone."""
    found = stored(fixed(), changed, dict.fromkeys(changed))
    assert (found, fixed().laid(found)) == ({}, BASE)
    inner = {name: dict.fromkeys(value) if isinstance(value, dict) else None for name, value in changed.items()}
    found = stored(fixed(), {**changed, "max_batch_size": 7}, inner)
    assert found == {"max_batch_size": 7}


def test_null_of_enabled_providers_leaves_rows_that_are_switched_beside_it() -> None:
    """All switches are the file's again, but for the one that the same patch sets."""
    found = stored(
        fixed(),
        {"enabled_providers": [], "providers": {"openai": {"weight": 2}}},
        {"enabled_providers": None, "providers": {"mock": {"enabled": True}}},
    )
    assert found == {"providers": {"openai": {"weight": 2}, "mock": {"enabled": True}}}


def test_null_that_earlier_versions_stored_says_nothing() -> None:
    """What is stored is laid over file and environment, and takes nothing from them."""
    assert fixed().laid({"max_retries": None, "providers": {"own": None, "openai": {"api_key": None}}}) == BASE


def test_stored_patch_has_a_largest_size() -> None:
    """All that was changed at run time together, however small the last change was."""
    found = stored(fixed(), {"model_aliases": {f"{number:0200}": "m" * 200 for number in range(2000)}})
    with pytest.raises(ConfigurationError, match="larger than 1 MB together"):
        fixed().following(found, {"model_aliases": {f"x{number:0200}": "m" * 200 for number in range(500)}})


def test_patch_that_takes_back_what_the_file_says_too_is_one() -> None:
    """At the next start the file may say something else."""
    found = stored(fixed(), {"max_retries": 4}, {"max_retries": 1})
    after, config = fixed().following(found, {"max_retries": None})
    assert (config, fixed().takes_back(found, after)) == (BASE, True)
    after, _ = fixed().following(found, {"max_retries": 1, "max_batch_size": None})
    assert not fixed().takes_back(found, after)


def test_stored_patch_of_switched_rows_lets_each_be_switched_alone() -> None:
    """`enabled_providers` is carried out once; a row that is added to the file later is as the file has it."""
    found = stored(fixed(), {"enabled_providers": ["openai"]}, {"providers": {"own": {"enabled": True}}})
    assert fixed().laid(found).enabled_providers == ("openai", "own")
    rows = {**FILE["providers"], "later": {"type": "openai"}}
    assert "later" in fixed(LLMProviderConfig.model_validate({**FILE, "providers": rows})).laid(found).enabled_providers


def test_stored_patch_never_takes_a_key_to_another_address() -> None:
    """A key that was sent for one address is not there for the next; home again the row has the file's."""
    moved = {"providers": {"openai": {"base_url": "http://127.0.0.1:2/v1", "api_key": "sk-2", "headers": {"x-2": "b"}}}}
    again = stored(editable(), moved, {"providers": {"openai": {"base_url": "http://127.0.0.1:3/v1"}}})
    home = stored(editable(), moved, {"providers": {"openai": {"base_url": None}}})
    row = editable().laid(again).providers["openai"]
    assert (row.api_key, row.headers) == (None, {})
    assert (home, editable().laid(home)) == ({}, BASE)


def test_stored_patch_that_moves_a_row_is_refused_where_that_is_not_allowed() -> None:
    """Another process, or the one before the restart, was allowed to: this one sends nothing there."""
    found = stored(editable(), {"providers": {"own": {"base_url": "http://127.0.0.1:2/v1"}}})
    with pytest.raises(ConfigurationError, match=r"providers\.own\.base_url: was changed at run time") as refused:
        fixed().laid(found)
    assert "127.0.0.1" not in str(refused.value)
    moved_file = {**FILE["providers"], "own": {"type": "openai", "base_url": "http://127.0.0.1:2/v1"}}
    assert fixed(LLMProviderConfig.model_validate({**FILE, "providers": moved_file})).laid(found)


def test_row_that_was_moved_may_always_come_home() -> None:
    """Also where none may be moved any more: that is how it is mended."""
    found = stored(editable(), {"providers": {"own": {"base_url": "http://127.0.0.1:2/v1", "weight": 2}}})
    after, config = fixed().following(found, {"providers": {"own": {"base_url": None}}})
    assert (after, config.providers["own"].weight) == ({"providers": {"own": {"weight": 2}}}, 2)
    assert keys(config)["own"] == "sk-own"
    assert fixed().following(found, {"providers": {"own": None}}) == ({}, BASE)


def test_stored_patch_without_its_row_can_be_mended() -> None:
    """The file had the row, and has it no more: the error names it, and the next patch may take it out, or give it."""
    found = stored(fixed(), {"providers": {"own": {"weight": 2}}})
    rows = {"openai": FILE["providers"]["openai"]}
    here = fixed(LLMProviderConfig.model_validate({"providers": rows}))
    with pytest.raises(ConfigurationError, match=r"providers\.own\.type"):
        here.laid(found)
    with pytest.raises(ConfigurationError, match=r"providers\.own\.type"):
        here.following(found, {"max_retries": 2})
    after, config = here.following(found, {"max_retries": 2, "providers": {"own": None}})
    assert (config.max_retries, "own" in config.providers) == (2, False)
    assert after == {"max_retries": 2}
    movable = editable(here.config)
    _, config = movable.following(found, {"providers": {"own": {"type": "mock"}}})
    assert (config.providers["own"].type, config.providers["own"].weight) == ("mock", 2)


@pytest.mark.parametrize("patch", [{"max_retries": object()}, {"x": {1, 2}}])
def test_patch_that_is_no_json_is_refused(patch: dict[str, Any]) -> None:
    """It could not be stored."""
    with pytest.raises(ConfigurationError, match="a value that JSON cannot say"):
        fixed().following({}, patch)


def test_patch_of_names_with_two_spellings_is_stored_by_what_it_makes() -> None:
    """`google/m` and `gemini/m` are one price: taken away under the other name, it stays away."""
    prices = {"google/m": {"input": 1, "output": 1}}
    found = stored(fixed(), {"prices": prices}, {"prices": {"gemini/m": None}})
    assert fixed().laid(found).prices == {}
    changed = stored(fixed(), {"prices": prices}, {"prices": {"gemini/m": {"input": 2}}})
    assert fixed().laid(changed).prices["gemini/m"].input == 2
