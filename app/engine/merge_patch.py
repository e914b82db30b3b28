"""How does a JSON merge patch (RFC 7396) change data, and what is the configuration as such data?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.config import LLMProviderConfig


def plain(config: LLMProviderConfig) -> dict[str, Any]:
    """The configuration as JSON data with its secrets in clear: never shown, only patched and validated again."""
    data: dict[str, Any] = config.model_dump(mode="json", exclude={"enabled_providers"})
    for name, row in config.providers.items():
        data["providers"][name]["api_key"] = row.api_key.get_secret_value() if row.api_key else None
        data["providers"][name]["headers"] = {key: value.get_secret_value() for key, value in row.headers.items()}
    return data


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396: objects are merged, null removes, anything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def tidy(patch: Mapping[str, Any]) -> dict[str, Any]:
    """`patch` without objects that say nothing, and without nulls: what is laid over all else takes nothing back."""
    kept: dict[str, Any] = {}
    for key, value in patch.items():
        said = tidy(value) if isinstance(value, Mapping) else value
        if said is not None and said != {}:
            kept[key] = said
    return kept


def is_part(patch: Any, of: Any) -> bool:
    """Whether each member that `patch` names is named by `of` too, whatever it says there."""
    if not isinstance(patch, Mapping):
        return True
    return isinstance(of, Mapping) and all(key in of and is_part(value, of[key]) for key, value in patch.items())
