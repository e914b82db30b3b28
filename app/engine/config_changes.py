"""What did a change of the configuration change, in words that hold no secret?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.engine.merge_patch import plain
from contracts.config import ConfigView, LLMProviderConfig, ProviderConfig
from contracts.providers import provider_name

_UNKNOWN = "[unknown]"
_MOST_NAMED = 200


def changes(before: ConfigView, after: ConfigView) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both revisions' numbers, and of each what is not alike in the other. A secret that changed is masked in both."""
    old, new = _differing(plain(before.config), plain(after.config), _shown(before.config), _shown(after.config))
    return {"revision": before.revision, **old}, {"revision": after.revision, **new}


def named_fields(patch: Mapping[str, Any], config: LLMProviderConfig) -> list[str]:
    """The fields that `patch` names, as far as the configuration knows them.

    What it does not know is `[unknown]`: a field that is none may be a secret in the wrong place.
    """
    return list(dict.fromkeys(_paths(patch, config)))[:_MOST_NAMED]


def _differing(
    old: Mapping[str, Any], new: Mapping[str, Any], shown_old: Mapping[str, Any], shown_new: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    left: dict[str, Any] = {}
    right: dict[str, Any] = {}
    for name in dict.fromkeys((*old, *new)):
        if name in old and name in new:
            if old[name] == new[name]:
                continue
            if isinstance(old[name], dict) and isinstance(new[name], dict):
                left[name], right[name] = _differing(old[name], new[name], shown_old[name], shown_new[name])
                continue
        if name in old:
            left[name] = shown_old[name]
        if name in new:
            right[name] = shown_new[name]
    return left, right


def _shown(config: LLMProviderConfig) -> dict[str, Any]:
    return config.model_dump(mode="json", exclude={"enabled_providers"})


def _paths(patch: Mapping[str, Any], config: LLMProviderConfig) -> Iterator[str]:
    for name, value in patch.items():
        if name not in LLMProviderConfig.model_fields:
            yield _UNKNOWN
        elif name == "providers" and isinstance(value, Mapping):
            for row, fields in value.items():
                known = provider_name(row)
                yield from _paths_of_row(known if known in config.providers else _UNKNOWN, fields)
        else:
            yield name


def _paths_of_row(row: str, fields: Any) -> Iterator[str]:
    if not isinstance(fields, Mapping) or not fields:
        yield f"providers.{row}"
        return
    for name in fields:
        yield f"providers.{row}.{name if name in ProviderConfig.model_fields else _UNKNOWN}"
