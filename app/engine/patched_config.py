"""What does the stored patch make of the configuration of file and environment, and the next patch of that?

The patch is stored, not the configuration: a restart with another file or environment takes over what no patch names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from app.engine import merge_patch
from app.engine.patch_composition import composed, replacing
from contracts.config import LLMProviderConfig, config_from_json, with_rows
from contracts.errors import ConfigurationError
from contracts.field_errors import field_errors
from contracts.providers import provider_name
from contracts.responses import FieldError


class PatchedConfig:
    """Lays patches over `config`, which is that of file and environment."""

    def __init__(self, config: LLMProviderConfig, *, may_edit_upstreams: bool) -> None:
        self.config = config
        self._may_edit_upstreams = may_edit_upstreams
        self._base = merge_patch.plain(config)
        self._defaults = merge_patch.plain(LLMProviderConfig())

    def laid(self, stored: Mapping[str, Any]) -> LLMProviderConfig:
        """The configuration that a stored patch makes. Raises ConfigurationError when it does not fit any more.

        What a row was allowed to be in another process, or before a restart, it need not be allowed to be here.
        """
        if not self._may_edit_upstreams and (errors := list(self._foreign_addresses(stored))):
            raise merge_patch.refused(errors)
        return _validated(self._merged(stored))

    def following(
        self, stored: Mapping[str, Any], patch: Mapping[str, Any]
    ) -> tuple[dict[str, Any], LLMProviderConfig]:
        """What is to be stored after `patch`, and the configuration that it makes.

        Where the stored patch does not fit any more, the new one may mend it. Raises ConfigurationError.
        """
        current = self._current(stored)
        asked = merge_patch.explicit(current, _as_json(patch), may_edit_upstreams=self._may_edit_upstreams)
        config = _validated(merge_patch.merged(current, asked))
        switches = _switches(asked.pop("enabled_providers", None), config)
        after = stored
        for part in (asked, switches):
            after = composed(after, part, base=self._base, defaults=self._defaults)
        if not self._makes(after, config):
            # Two spellings of one name (a price's, say) are two keys to a patch, and one to the configuration.
            after = replacing(self._base, merge_patch.plain(config))
        return dict(after), self.laid(after)

    def _current(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return merge_patch.plain(self.laid(stored))
        except ConfigurationError:
            return with_rows(self._merged(stored))

    def _merged(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        patch = merge_patch.explicit(self._base, stored, may_edit_upstreams=True)
        merged: dict[str, Any] = merge_patch.merged(self._base, patch)
        return merged

    def _makes(self, stored: Mapping[str, Any], config: LLMProviderConfig) -> bool:
        """But for the order of rows: one that was removed and given anew has its old place."""
        try:
            return merge_patch.plain(self.laid(stored)) == merge_patch.plain(config)
        except ConfigurationError:
            return False

    def _foreign_addresses(self, stored: Mapping[str, Any]) -> Iterator[FieldError]:
        """Rows that the patch sends elsewhere. A vendor's own address is none: who removes a row gets there too."""
        rows = stored.get("providers")
        for name, row in rows.items() if isinstance(rows, Mapping) else ():
            before = self._base["providers"].get(name, {})
            if not isinstance(row, Mapping):
                continue
            after = {**before, **row}
            stays = all(after.get(field) == before.get(field) for field in merge_patch.UPSTREAM_FIELDS)
            if after.get("base_url") is not None and not stays:
                message, hint = "was changed at run time, which is not allowed here", merge_patch.UPSTREAM_HINT
                yield FieldError(field=f"providers.{name}.base_url", message=message, hint=hint)


def _switches(names: Any, config: LLMProviderConfig) -> dict[str, Any]:
    """The shorthand carried out: a later patch may switch one of the rows by its own `enabled`."""
    if not isinstance(names, list):
        return {}
    wanted = {provider_name(name) for name in names}
    return {"providers": {name: {"enabled": name in wanted} for name in config.providers}}


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
        raise merge_patch.refused(field_errors(error, LLMProviderConfig, data)) from error
