"""What does the stored patch make of the configuration of file and environment, and the next patch of that?

The patch is stored, not the configuration: a restart with another file or environment takes over what no patch names.
A null takes what earlier patches said out of the stored one, which holds no null itself: the field is that of file and
environment again, whatever they say by then. So what only they say cannot be taken away here: a row is disabled.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from app.engine.merge_patch import is_part, merged, plain, tidy
from app.engine.row_patches import (
    UPSTREAM_FIELDS,
    UPSTREAM_HINT,
    pointers,
    refused,
    rows_of,
    spelled,
    without_masks,
    without_secrets_of,
)
from contracts.config import LLMProviderConfig, config_from_json, with_rows
from contracts.errors import ConfigurationError
from contracts.field_errors import field_errors
from contracts.provider_config import ProviderConfig
from contracts.providers import provider_name
from contracts.responses import FieldError

_LARGEST_STORED_BYTES = 1_000_000


class PatchedConfig:
    """Lays patches over `config`, which is that of file and environment."""

    def __init__(self, config: LLMProviderConfig, *, may_edit_upstreams: bool) -> None:
        self.config = config
        self._may_edit_upstreams = may_edit_upstreams
        self._base = plain(config)

    def laid(self, stored: Mapping[str, Any]) -> LLMProviderConfig:
        """The configuration that a stored patch makes. Raises ConfigurationError when it does not fit any more.

        What a row was allowed to be in another process, or before a restart, it need not be allowed to be here.
        """
        patch = tidy(spelled(stored))
        if not self._may_edit_upstreams and (errors := list(self._foreign_addresses(patch))):
            raise refused(errors)
        return _validated(self._over_base(patch))

    def following(
        self, stored: Mapping[str, Any], patch: Mapping[str, Any]
    ) -> tuple[dict[str, Any], LLMProviderConfig]:
        """What is to be stored after `patch`, and the configuration that it makes.

        Where the stored patch does not fit any more, the new one may mend it. Raises ConfigurationError, also when
        more than 1 MB would have to be stored.
        """
        before, asked = tidy(spelled(stored)), spelled(_as_json(patch))
        if asked.get("enabled_providers", ...) is None:
            before = merged(before, {"providers": {name: {"enabled": None} for name in _objects(rows_of(before))}})
        asked = self._explicit(before, asked)
        after = merged(before, asked)
        config = _validated(_with_unknown(self._over_base(after), asked, before))
        after = tidy(merged(after, _switches(after.pop("enabled_providers", None), config)))
        if len(json.dumps(after, ensure_ascii=False).encode(errors="replace")) > _LARGEST_STORED_BYTES:
            raise ConfigurationError("the changes made at run time would be larger than 1 MB together: use the file")
        return after, self.laid(after)

    def takes_back(self, stored: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Whether `after` leaves to file and environment what `stored` said, be it the same as they say now."""
        return not is_part(tidy(spelled(stored)), after)

    def _explicit(self, before: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
        """What `patch` means, as a patch on what is stored that RFC 7396 suffices for.

        A masked secret leaves the secret as it is. A row whose address or kind changes loses its key and headers
        unless they are sent anew. `enabled_providers` sent back as it was read says nothing, so that whoever sends
        the whole configuration back can switch a row by its own `enabled`. Raises ConfigurationError for an upstream
        edit that is not allowed, and for a key that points elsewhere.
        """
        result = dict(patch)
        if _is_unchanged(patch.get("enabled_providers"), with_rows(self._over_base(before))):
            del result["enabled_providers"]
        rows = {name: without_masks(row) for name, row in rows_of(patch).items()}
        errors = list(pointers(rows))
        following = merged(before, {"providers": rows})
        for name, row in _objects(rows).items():
            was, will = self._address(before, name), self._address(following, name)
            if was != will:
                errors += [] if self._may_edit_upstreams else self._edits(name, was, will)
                rows[name] = without_secrets_of(rows_of(before).get(name), row)
        if errors:
            raise refused(errors)
        return {**result, "providers": rows} if rows else result

    def _address(self, stored: Mapping[str, Any], name: str) -> dict[str, Any]:
        """Where a row is, and of which kind, with `stored` laid over its row of file and environment."""
        row = merged(rows_of(self._base).get(name), rows_of(stored).get(name, {}))
        return {field: row.get(field) for field in UPSTREAM_FIELDS} if isinstance(row, Mapping) else {}

    def _edits(self, name: str, was: Mapping[str, Any], will: Mapping[str, Any]) -> Iterator[FieldError]:
        """Home again, to where file and environment have a row, is always allowed; and a new row must be of a kind."""
        home = self._address({}, name)
        for field, value in will.items():
            is_new_kind = field == "type" and was.get("type") is None
            if value not in (was.get(field), home[field]) and not is_new_kind:
                where, message = f"providers.{name}.{field}", "may not be changed at run time"
                yield FieldError(field=where, message=message, hint=UPSTREAM_HINT)

    def _over_base(self, patch: Mapping[str, Any]) -> dict[str, Any]:
        """As JSON data. What file and environment give a row for its address goes to no other one."""
        base = dict(self._base)
        if moved := [name for name in rows_of(patch) if self._address(patch, name) != self._address({}, name)]:
            base["providers"] = dict(base["providers"])
            for name in set(moved) & set(base["providers"]):
                base["providers"][name] = {**base["providers"][name], "api_key": None, "headers": {}}
        data: dict[str, Any] = merged(base, patch)
        return data

    def _foreign_addresses(self, stored: Mapping[str, Any]) -> Iterator[FieldError]:
        """Rows that the patch sends elsewhere. A vendor's own address is none."""
        for name in rows_of(stored):
            there = self._address(stored, name)
            if there.get("base_url") is not None and there != self._address({}, name):
                message = "was changed at run time, which is not allowed here"
                yield FieldError(field=f"providers.{name}.base_url", message=message, hint=UPSTREAM_HINT)


def _objects(rows: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {name: row for name, row in rows.items() if isinstance(row, Mapping)}


def _is_unchanged(sent: Any, data: Mapping[str, Any]) -> bool:
    names = [name for name, row in _objects(rows_of(data)).items() if row.get("enabled", True)]
    return isinstance(sent, list) and sorted(provider_name(name) for name in sent) == sorted(names)


def _switches(names: Any, config: LLMProviderConfig) -> dict[str, Any]:
    """The shorthand carried out: a later patch may switch one of the rows by its own `enabled`."""
    if names is None:
        return {}
    wanted = {provider_name(name) for name in names}
    return {"providers": {name: {"enabled": name in wanted} for name in config.providers}}


def _with_unknown(data: dict[str, Any], asked: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """`data` with the nulls of fields that are none and that nothing said before: a slip, not something taken back."""
    result = _with_nulls(data, asked, before, LLMProviderConfig)
    rows = rows_of(result)
    for name, row in _objects(rows_of(asked)).items():
        changed = _with_nulls(rows[name], row, rows_of(before).get(name, {}), ProviderConfig)
        rows = {**rows, name: changed}
    return {**result, "providers": rows} if rows else result


def _with_nulls(data: Any, asked: Mapping[str, Any], before: Any, model: type[BaseModel]) -> dict[str, Any]:
    said = before if isinstance(before, Mapping) else {}
    nulls = (name for name, value in asked.items() if value is None)
    return {**data, **dict.fromkeys(name for name in nulls if name not in said and name not in model.model_fields)}


def _as_json(patch: Mapping[str, Any]) -> dict[str, Any]:
    """As it will be read from the database."""
    try:
        data: dict[str, Any] = json.loads(json.dumps(patch))
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigurationError("the patch holds a value that JSON cannot say") from error
    return data


def _validated(data: dict[str, Any]) -> LLMProviderConfig:
    try:
        return config_from_json(data)
    except ValidationError as error:
        raise refused(field_errors(error, LLMProviderConfig, data)) from error
