"""What may a patch do to provider rows, and may it reach where keys are?"""

from __future__ import annotations

from typing import Any

import pytest

from app.engine.patched_config import PatchedConfig
from contracts import MASK, ConfigurationError, LLMProviderConfig

CONFIG = LLMProviderConfig.model_validate(
    {
        "max_retries": 1,
        "providers": {
            "openai": {"api_key": "sk-old", "headers": {"x-team": "a", "x-unit": "b"}},
            "own": {"type": "openai", "base_url": "http://127.0.0.1:1/v1", "api_key": "sk-own"},
        },
    }
)


def patched(patch: dict[str, Any], *, may_edit_upstreams: bool = False) -> LLMProviderConfig:
    """`CONFIG` after `patch`."""
    return PatchedConfig(CONFIG, may_edit_upstreams=may_edit_upstreams).following({}, patch)[1]


def key_of(config: LLMProviderConfig, name: str) -> str | None:
    """A row's key in clear."""
    key = config.providers[name].api_key
    return key.get_secret_value() if key else None


def refused(patch: dict[str, Any]) -> ConfigurationError:
    """The error of a patch that is not allowed at run time."""
    with pytest.raises(ConfigurationError) as caught:
        patched(patch)
    return caught.value


def test_patch_changes_only_what_it_names() -> None:
    """Everything else stays, null takes nothing back where nothing was changed, and an empty patch is none."""
    assert patched({"max_retries": 2}) == CONFIG.model_copy(update={"max_retries": 2})
    assert patched({"max_retries": None}) == CONFIG
    assert patched({}) == CONFIG


def test_patch_switches_a_row() -> None:
    """By its own `enabled`; the key is not touched."""
    config = patched({"providers": {"openai": {"enabled": False}}})
    assert "openai" not in config.enabled_providers
    assert key_of(config, "openai") == "sk-old"


def test_patch_knows_google() -> None:
    """The row is `gemini` whatever the patch calls it, and only one of both names at once."""
    assert patched({"providers": {"google": {"default_model": "m"}}}).providers["gemini"].default_model == "m"
    error = refused({"providers": {"google": {"enabled": False}, "gemini": {"enabled": True}}})
    assert str(error) == "providers: names one provider twice"


def test_masked_secrets_sent_back_change_nothing() -> None:
    """Whoever reads the configuration and sends it back leaves the keys as they are."""
    shown = CONFIG.model_dump(mode="json")
    assert shown["providers"]["openai"]["api_key"] == MASK
    assert patched(shown) == CONFIG


def test_masked_header_beside_a_new_one_stays() -> None:
    """Each header is a secret of its own."""
    headers = {"x-team": MASK, "x-unit": "d", "x-new": "c"}
    row = patched({"providers": {"openai": {"headers": headers}}}).providers["openai"]
    shown = {name: value.get_secret_value() for name, value in row.headers.items()}
    assert shown == {"x-team": "a", "x-unit": "d", "x-new": "c"}


def test_key_is_replaced() -> None:
    """By a new one; null leaves the row the key that file or environment give it."""
    assert key_of(patched({"providers": {"openai": {"api_key": "sk-new"}}}), "openai") == "sk-new"
    assert key_of(patched({"providers": {"openai": {"api_key": None}}}), "openai") == "sk-old"


def test_whole_configuration_sent_back_switches_a_row() -> None:
    """`enabled_providers` in it is what was read, so it does not undo the row's own `enabled`."""
    shown = CONFIG.model_dump(mode="json")
    shown["providers"]["openai"]["enabled"] = False
    assert "openai" not in patched(shown).enabled_providers


@pytest.mark.parametrize("names,on", [(["openai"], ("openai",)), ([], ()), (["google", "mock"], ("gemini", "mock"))])
def test_enabled_providers_that_differ_set_the_rows(names: list[str], on: tuple[str, ...]) -> None:
    """The shorthand works in a patch too, and empty means none."""
    assert patched({"enabled_providers": names}).enabled_providers == on


@pytest.mark.parametrize(
    "row,field",
    [
        ({"base_url": "http://evil.example/v1"}, "providers.openai.base_url"),
        ({"type": "deepseek"}, "providers.openai.type"),
        ({"type": "local", "base_url": "http://evil.example"}, "providers.openai.base_url"),
    ],
)
def test_upstream_edit_is_refused_without_the_flag(row: dict[str, Any], field: str) -> None:
    """Whoever may patch may not send the company's prompts and keys elsewhere."""
    error = refused({"providers": {"openai": row}})
    assert error.errors[0].field == field
    assert "LLM_PROVIDER_SERVICE_ALLOW_UPSTREAM_EDITS=true" in str(error.errors[0].hint)
    assert str(error.errors[0].hint) in str(error)


def test_new_row_has_no_address_of_its_own_without_the_flag() -> None:
    """A second account of a known kind may be added, at the vendor's own address."""
    assert patched({"providers": {"second": {"type": "openai", "api_key": "sk"}}}).providers["second"].base_url is None
    evil = {"type": "openai", "base_url": "http://evil.example"}
    assert refused({"providers": {"second": evil}}).errors[0].field == "providers.second.base_url"
    assert refused({"providers": {" openai ": evil}}).errors[0].field == "providers.openai.base_url"


def test_unchanged_address_is_no_edit() -> None:
    """Sent back as it is, it passes."""
    row = {"base_url": "http://127.0.0.1:1/v1", "type": "openai", "api_key": MASK}
    assert patched({"providers": {"own": row}}) == CONFIG


@pytest.mark.parametrize("may_edit_upstreams", [False, True])
@pytest.mark.parametrize("key", ["env:AWS_SECRET", "file:/etc/shadow", " file:/etc/shadow", "\tenv:HOME"])
def test_key_may_not_point_elsewhere_at_run_time(key: str, may_edit_upstreams: bool) -> None:
    """Otherwise a patch could send any file or variable of the machine to a vendor, or to a host of its own."""
    with pytest.raises(ConfigurationError) as caught:
        patched({"providers": {"openai": {"api_key": key}}}, may_edit_upstreams=may_edit_upstreams)
    assert caught.value.errors[0].field == "providers.openai.api_key"
    assert key.strip() not in str(caught.value)


@pytest.mark.parametrize("row", [{"base_url": "http://127.0.0.1:2/v1"}, {"type": "deepseek"}])
def test_moved_row_drops_its_secrets(row: dict[str, Any]) -> None:
    """With the flag: keys were given to the old address, and the new one must not learn them."""
    masked = {**row, "api_key": MASK, "headers": {"x-team": MASK}}
    config = patched({"providers": {"openai": masked}}, may_edit_upstreams=True)
    assert (key_of(config, "openai"), config.providers["openai"].headers) == (None, {})
    assert key_of(config, "own") == "sk-own"


def test_moved_row_takes_secrets_that_are_sent_anew() -> None:
    """The new key goes to the new address, and the old headers nowhere."""
    row = {"base_url": "http://127.0.0.1:2/v1", "api_key": "sk-new", "headers": {"x-new": "c"}}
    config = patched({"providers": {"openai": row}}, may_edit_upstreams=True)
    assert key_of(config, "openai") == "sk-new"
    assert set(config.providers["openai"].headers) == {"x-new"}


def test_row_of_file_and_defaults_cannot_be_removed() -> None:
    """Null takes back what patches said of it, and they said nothing: whoever wants it gone disables it."""
    assert patched({"providers": {"own": None, "openai": None}}) == CONFIG
    assert patched({"providers": None}) == CONFIG


@pytest.mark.parametrize("rows", ["openai", 5, [], ["openai"], False])
def test_rows_that_are_no_object_fail_validation(rows: Any) -> None:
    """They put no row back to its default."""
    assert refused({"providers": rows}).errors[0].field == "providers"


def test_row_that_is_no_object_fails_validation() -> None:
    """A key in the place of a row is no row."""
    assert refused({"providers": {"openai": "sk-new"}}).errors[0].field == "providers.openai"


@pytest.mark.parametrize(
    "patch,field,hint",
    [
        ({"max_retry": None}, "max_retry", "did you mean max_retries?"),
        ({"providers": {"openai": {"api_ky": None}}}, "providers.openai.api_ky", "did you mean api_key?"),
        ({"providers": {"own": {"api_ky": None, "weight": 2}}}, "providers.own.api_ky", "did you mean api_key?"),
    ],
)
def test_null_of_a_field_that_is_none_is_refused(patch: dict[str, Any], field: str, hint: str) -> None:
    """A slip of the pen takes nothing back, and is told."""
    (error,) = refused(patch).errors
    assert (error.field, error.hint) == (field, hint)
