"""Which content blocks have a part of ours, whole?

A block that says more than our part can hold (a document to be cited, a tool that another tool called, a picture among
stored files) is kept as it came, and only a vendor of this dialect can be asked. What was cited in an earlier answer is
not needed to read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FIELDS: dict[str, frozenset[str]] = {
    "text": frozenset({"type", "text", "cache_control", "citations"}),
    "image": frozenset({"type", "source", "cache_control"}),
    "document": frozenset({"type", "source", "title", "cache_control"}),
    "thinking": frozenset({"type", "thinking", "signature"}),
    "tool_use": frozenset({"type", "id", "name", "input", "cache_control"}),
    "tool_result": frozenset({"type", "tool_use_id", "content", "is_error", "cache_control"}),
}
_SOURCES: dict[str, dict[str, frozenset[str]]] = {
    "image": {"base64": frozenset({"type", "media_type", "data"}), "url": frozenset({"type", "url"})},
    "document": {
        "base64": frozenset({"type", "media_type", "data"}),
        "text": frozenset({"type", "media_type", "data"}),
        "url": frozenset({"type", "url"}),
        "file": frozenset({"type", "file_id"}),
    },
}
_LONGEST_TITLE = 256
# What a field says that could as well be absent: SDKs send an answer's blocks back with all their fields.
_NOTHING: tuple[Any, ...] = (None, [], {"type": "direct"}, {"enabled": False})


def is_known(kind: str) -> bool:
    """Whether blocks of this kind are known here."""
    return kind in _FIELDS


def has_part(block: Mapping[str, Any]) -> bool:
    """Whether one of our parts holds all of `block`; also for one that is wrong, so that its fault is found."""
    kind = block.get("type")
    if not isinstance(kind, str):
        return True
    return kind in _FIELDS and not says_more(block, _FIELDS[kind]) and _fits(kind, block)


def says_more(value: Mapping[str, Any], known: frozenset[str]) -> bool:
    """Whether `value` has more than the `known` fields."""
    return any(name not in known and below not in _NOTHING for name, below in value.items())


def _fits(kind: str, block: Mapping[str, Any]) -> bool:
    if kind in _SOURCES:
        title = block.get("title")
        return _has_source(kind, block.get("source")) and not (isinstance(title, str) and len(title) > _LONGEST_TITLE)
    if kind == "tool_result" and isinstance(block.get("content"), list):
        return all(_fits_result(item) for item in block["content"] if isinstance(item, Mapping))
    return True


def _has_source(kind: str, source: Any) -> bool:
    name = source.get("type") if isinstance(source, Mapping) else None
    if not isinstance(name, str):
        return True
    return name in _SOURCES[kind] and not says_more(source, _SOURCES[kind][name])


def _fits_result(item: Mapping[str, Any]) -> bool:
    return item.get("type") in ("text", "image", None) and has_part(item)
