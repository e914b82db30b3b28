"""Does one stored patch make what many patches made one after the other, also over another file and environment?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.engine.merge_patch import apply, merged, plain
from app.engine.patch_composition import composed, replacing
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


def one_by_one(patches: list[dict[str, Any]], *, may_edit_upstreams: bool) -> list[LLMProviderConfig | None]:
    """What each of `patches` made, as a process without a database has it; None: it was refused."""
    made: list[LLMProviderConfig | None] = []
    now = BASE
    for patch in patches:
        try:
            now = config_from_json(apply(now, patch, may_edit_upstreams=may_edit_upstreams))
        except (ConfigurationError, ValidationError):
            made.append(None)
        else:
            made.append(now)
    return made


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


@settings(max_examples=300, deadline=None)
@given(patches=st.lists(_PATCH, min_size=1, max_size=5), may_edit_upstreams=st.booleans())
def test_stored_patch_makes_what_its_parts_made(patches: list[dict[str, Any]], may_edit_upstreams: bool) -> None:
    """Whatever was patched, removed, given anew and moved: after a restart it is as it was, keys and headers too."""
    patched = PatchedConfig(BASE, may_edit_upstreams=may_edit_upstreams)
    found: dict[str, Any] = {}
    for patch, expected in zip(patches, one_by_one(patches, may_edit_upstreams=may_edit_upstreams), strict=True):
        if expected is None:
            with pytest.raises(ConfigurationError):
                patched.following(found, patch)
        else:
            found, config = patched.following(found, patch)
            # But for the order of rows that were removed and given anew.
            assert plain(config) == plain(expected)
            assert patched.laid(found) == config


_JSON = st.recursive(
    st.sampled_from([1, 2, None]),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
_OBJECT = st.dictionaries(st.sampled_from("abc"), _JSON, max_size=3)


def _without_nulls(data: Any) -> Any:
    return merged({}, data)


@given(base=_OBJECT.map(_without_nulls), first=_OBJECT, second=_OBJECT)
def test_composed_patch_does_what_two_do(base: dict[str, Any], first: dict[str, Any], second: dict[str, Any]) -> None:
    """Also where the second gives anew what the first took away, which RFC 7396 alone cannot say."""
    both = composed(first, second, base=base, defaults={})
    assert _pruned(merged(base, both)) == _pruned(merged(merged(base, first), second))


def _pruned(data: Any) -> Any:
    """Without empty objects: to a patch they are the same as none."""
    if not isinstance(data, dict):
        return data
    kept = {key: _pruned(value) for key, value in data.items()}
    return {key: value for key, value in kept.items() if value != {}}


def test_composed_patch_keeps_nulls() -> None:
    """They say: the default, whatever file and environment say."""
    assert composed({"a": 1, "b": {"c": None}}, {"a": None}, base={}, defaults={}) == {"a": None, "b": {"c": None}}


def test_replacing_patch_leaves_nothing_of_what_was_there() -> None:
    """At every depth."""
    before, after = {"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"c": 4}, "e": 5}
    assert merged(before, replacing(before, after)) == after


def test_stored_patch_leaves_the_rest_to_file_and_environment() -> None:
    """A restart with another file: what no patch named is the new file's, what one named is the patch's."""
    found = stored(fixed(), {"max_retries": 4}, {"providers": {"openai": {"weight": 9}}}, {"max_retries": None})
    assert found == {"max_retries": None, "providers": {"openai": {"weight": 9}}}
    other = LLMProviderConfig.model_validate({**FILE, "max_retries": 5, "connect_timeout_seconds": 9})
    config = fixed(other).laid(found)
    assert (config.max_retries, config.connect_timeout_seconds, config.providers["openai"].weight) == (3, 9, 9)


def test_stored_patch_of_switched_rows_lets_each_be_switched_alone() -> None:
    """`enabled_providers` is carried out once; a row that is added to the file later is as the file has it."""
    found = stored(fixed(), {"enabled_providers": ["openai"]}, {"providers": {"own": {"enabled": True}}})
    assert fixed().laid(found).enabled_providers == ("openai", "own")
    rows = {**FILE["providers"], "later": {"type": "openai"}}
    assert "later" in fixed(LLMProviderConfig.model_validate({**FILE, "providers": rows})).laid(found).enabled_providers


def test_stored_patch_never_takes_a_key_to_another_address() -> None:
    """A key that was sent for one address is not there for the next, nor for the file's own when the row comes back."""
    moved = {"providers": {"openai": {"base_url": "http://127.0.0.1:2/v1", "api_key": "sk-2", "headers": {"x-2": "b"}}}}
    again = stored(editable(), moved, {"providers": {"openai": {"base_url": "http://127.0.0.1:3/v1"}}})
    home = stored(editable(), moved, {"providers": {"openai": {"base_url": None}}})
    for found in (again, home):
        row = editable().laid(found).providers["openai"]
        assert (row.api_key, row.headers) == (None, {})


def test_stored_patch_that_moves_a_row_is_refused_where_that_is_not_allowed() -> None:
    """Another process, or the one before the restart, was allowed to: this one sends nothing there."""
    found = stored(editable(), {"providers": {"own": {"base_url": "http://127.0.0.1:2/v1"}}})
    with pytest.raises(ConfigurationError, match=r"providers\.own\.base_url: was changed at run time") as refused:
        fixed().laid(found)
    assert "127.0.0.1" not in str(refused.value)
    moved_file = {**FILE["providers"], "own": {"type": "openai", "base_url": "http://127.0.0.1:2/v1"}}
    assert fixed(LLMProviderConfig.model_validate({**FILE, "providers": moved_file})).laid(found)


def test_stored_patch_that_removes_and_adds_a_row_needs_no_leave() -> None:
    """The row goes to its vendor's own address, without the key of the file's."""
    found = stored(fixed(), {"providers": {"own": None}}, {"providers": {"own": {"type": "deepseek"}}})
    row = fixed().laid(found).providers["own"]
    assert (row.type, row.base_url, row.api_key) == ("deepseek", None, None)


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
    assert after == {"max_retries": 2, "providers": {"own": None}}
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
