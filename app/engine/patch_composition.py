"""Which one merge patch does the work of two that were made one after the other?

RFC 7396 alone has none for an object that was removed and then given anew: its merge patches cannot say "this, and
nothing of what was there". So such an object is spelled out, with a null for each field that it shall not inherit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def composed(first: Mapping[str, Any], second: Mapping[str, Any], *, base: Any, defaults: Any) -> dict[str, Any]:
    """A patch that makes of `base` what `second` makes of what `first` makes of it; nulls are kept.

    `defaults` is what stands in the place of what a null took away.
    """
    result = dict(first)
    for key, value in second.items():
        below, default = _at(base, key), _at(defaults, key)
        before = first.get(key, {})
        if not isinstance(value, Mapping):
            result[key] = value
        elif isinstance(before, Mapping):
            result[key] = composed(before, value, base=below, defaults=default)
        else:
            kept = default if isinstance(default, Mapping) else {}
            result[key] = replacing(below, composed(kept, value, base=kept, defaults=default))
    return result


def replacing(target: Any, value: Any) -> Any:
    """A patch that makes `value` of `target`, whole: nothing that only `target` has is left."""
    if not isinstance(target, Mapping) or not isinstance(value, Mapping):
        return value
    gone = {key: None for key in target if key not in value}
    return gone | {key: replacing(target.get(key), one) for key, one in value.items()}


def _at(data: Any, key: str) -> Any:
    return data.get(key) if isinstance(data, Mapping) else None
