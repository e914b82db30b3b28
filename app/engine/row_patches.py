"""What may a patch say of a provider row, under which names, and what does it say when it sends masks back?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.config import MASK
from contracts.errors import ConfigurationError
from contracts.providers import provider_name
from contracts.responses import FieldError

UPSTREAM_FIELDS = ("base_url", "type")
UPSTREAM_HINT = "set LLM_PROVIDER_SERVICE_ALLOW_UPSTREAM_EDITS=true to allow it at run time"


def refused(errors: list[FieldError]) -> ConfigurationError:
    """One error that lists `errors` and says the first of them, with its hint."""
    first = errors[0]
    where = f"{first.field}: " if first.field else ""
    hint = f" ({first.hint})" if first.hint else ""
    return ConfigurationError(where + first.message + hint, errors=errors)


def rows_of(patch: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands under `providers`; nothing where that is no object."""
    rows = patch.get("providers")
    return rows if isinstance(rows, Mapping) else {}


def spelled(patch: Mapping[str, Any]) -> dict[str, Any]:
    """`patch` with the names of rows, and of what they cost, in the spelling that the configuration has.

    To a patch `google` and `gemini` would be two keys. Raises ConfigurationError for one that names a row twice.
    """
    result = dict(patch)
    for field in ("providers", "prices"):
        named = patch.get(field)
        if isinstance(named, Mapping):
            result[field] = {_spelling(name): value for name, value in named.items()}
            if len(result[field]) < len(named):
                raise refused([FieldError(field=field, message="names one provider twice")])
    return result


def without_masks(row: Any) -> Any:
    """A masked secret that is sent back says nothing: what it stands for stays."""
    if not isinstance(row, Mapping):
        return row
    kept = {key: value for key, value in row.items() if not (key == "api_key" and value == MASK)}
    if isinstance(kept.get("headers"), Mapping):
        kept["headers"] = {key: value for key, value in kept["headers"].items() if value != MASK}
    return kept


def without_secrets_of(before: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    """The patch of a row that moves it: it takes what `before` says of key and headers, unless it sends them anew."""
    sent = row.get("headers", {})
    old = before.get("headers") if isinstance(before, Mapping) else None
    kept = {**dict.fromkeys(old or ()), **sent} if isinstance(sent, Mapping) else sent
    return {"api_key": None, **row, "headers": kept}


def pointers(rows: Mapping[str, Any]) -> Iterator[FieldError]:
    """Whoever may move a row could read any file of this machine by sending it to a host of their own as a key."""
    for name, row in rows.items():
        key = row.get("api_key") if isinstance(row, Mapping) else None
        if isinstance(key, str) and key.strip().startswith(("env:", "file:")):
            message = "may not point to a variable or a file at run time"
            hint = "send the key itself, or put the pointer into the configuration file"
            yield FieldError(field=f"providers.{name}.api_key", message=message, hint=hint)


def _spelling(name: str) -> str:
    row, slash, model = name.partition("/")
    return provider_name(row) + slash + model
