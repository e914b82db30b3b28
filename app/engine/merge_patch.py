"""How a JSON merge patch (RFC 7396) changes the configuration, and what a patch may not do by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.config import MASK, LLMProviderConfig
from contracts.errors import ConfigurationError
from contracts.providers import provider_name
from contracts.responses import FieldError

UPSTREAM_FIELDS = ("base_url", "type")
UPSTREAM_HINT = "set LLM_PROVIDER_SERVICE_ALLOW_UPSTREAM_EDITS=true to allow it at run time"


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


def apply(config: LLMProviderConfig, patch: Mapping[str, Any], *, may_edit_upstreams: bool) -> dict[str, Any]:
    """The patched configuration as JSON data, not validated yet. Raises what `explicit` raises."""
    current = plain(config)
    result: dict[str, Any] = merged(current, explicit(current, patch, may_edit_upstreams=may_edit_upstreams))
    return result


def explicit(current: Mapping[str, Any], patch: Mapping[str, Any], *, may_edit_upstreams: bool) -> dict[str, Any]:
    """What `patch` means for the configuration `current` (as `plain` gives it), as a patch that RFC 7396 suffices for.

    A masked secret leaves the secret as it is. A row whose address or kind changes loses its key and headers
    unless they are sent anew. `enabled_providers` sent back as it was read says nothing, so that whoever sends the
    whole configuration back can switch a row by its own `enabled`. Raises ConfigurationError for an upstream edit
    that is not allowed, and for a key that points elsewhere.
    """
    rows = _row_patches(patch)
    result = dict(patch)
    if _is_unchanged(patch.get("enabled_providers"), _enabled(current["providers"])):
        del result["enabled_providers"]
    errors = list(_pointers(rows))
    errors += [] if may_edit_upstreams else _upstream_edits(current, rows)
    if errors:
        raise refused(errors)
    if rows:
        known = current["providers"]
        result["providers"] = {name: _row_alone(known.get(name), _without_masks(row)) for name, row in rows.items()}
    return result


def refused(errors: list[FieldError]) -> ConfigurationError:
    """One error that lists `errors` and says the first of them, with its hint."""
    first = errors[0]
    where = f"{first.field}: " if first.field else ""
    hint = f" ({first.hint})" if first.hint else ""
    return ConfigurationError(where + first.message + hint, errors=errors)


def _row_patches(patch: Mapping[str, Any]) -> dict[str, Any]:
    rows = patch.get("providers")
    if not isinstance(rows, Mapping):
        return {}
    named = {provider_name(name): row for name, row in rows.items()}
    if len(named) < len(rows):
        raise refused([FieldError(field="providers", message="names one provider twice")])
    return named


def _enabled(rows: Mapping[str, Any]) -> list[str]:
    return [name for name, row in rows.items() if isinstance(row, Mapping) and row.get("enabled", True)]


def _is_unchanged(sent: Any, names: list[str]) -> bool:
    return isinstance(sent, list | tuple) and sorted(map(provider_name, sent)) == sorted(names)


def _without_masks(row: Any) -> Any:
    if not isinstance(row, Mapping):
        return row
    kept = {key: value for key, value in row.items() if not (key == "api_key" and value == MASK)}
    if isinstance(kept.get("headers"), Mapping):
        kept["headers"] = {key: value for key, value in kept["headers"].items() if value != MASK}
    return kept


def _row_alone(before: Any, row: Any) -> Any:
    """The patch of a row: one that moves it takes from it what was given to its old address."""
    if not isinstance(row, Mapping) or not isinstance(before, Mapping) or not _is_moved(before, row):
        return row
    sent = row.get("headers", {})
    kept = {**dict.fromkeys(before.get("headers") or {}), **sent} if isinstance(sent, Mapping) else sent
    return {"api_key": None, **row, "headers": kept}


def _is_moved(current: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return any(field in row and row[field] != current.get(field) for field in UPSTREAM_FIELDS)


def _upstream_edits(current: Mapping[str, Any], rows: Mapping[str, Any]) -> Iterator[FieldError]:
    for name, row in rows.items():
        if not isinstance(row, Mapping):
            continue
        before = current["providers"].get(name, {})
        for field in UPSTREAM_FIELDS:
            is_new_kind = field == "type" and not before
            if field in row and row[field] != before.get(field) and not is_new_kind:
                yield FieldError(
                    field=f"providers.{name}.{field}", message="may not be changed at run time", hint=UPSTREAM_HINT
                )


def _pointers(rows: Mapping[str, Any]) -> Iterator[FieldError]:
    """Whoever may move a row could read any file of this machine by sending it to a host of their own as a key."""
    for name, row in rows.items():
        key = row.get("api_key") if isinstance(row, Mapping) else None
        if isinstance(key, str) and key.strip().startswith(("env:", "file:")):
            message = "may not point to a variable or a file at run time"
            hint = "send the key itself, or put the pointer into the configuration file"
            yield FieldError(field=f"providers.{name}.api_key", message=message, hint=hint)
