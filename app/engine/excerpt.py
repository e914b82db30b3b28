"""What of a request, an answer or a configuration may stand in the audit? Its shape, without keys, up to a size."""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from contracts.redaction import without_keys

EXCERPT_BYTES = 16_384
_DEEPEST = 40
# What stands around and between values in JSON: brackets, and `: ` and `, `.
_BRACKETS, _COLON, _COMMA, _QUOTES = 2, 2, 2, 2
_KEY_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.*"
# No language has a word of so many letters. What is behind its beginning is not looked at: an image may have 20 MB.
_ENCODED = re.compile(r"(data:[a-z0-9.+-]{1,64}/[a-z0-9.+-]{1,64};base64,)?[A-Za-z0-9+/_-]{1024}")


def excerpt(
    told: Mapping[str, Any], hide: Callable[[str], str] = without_keys, *, limit: int = EXCERPT_BYTES
) -> dict[str, Any]:
    """`told` as JSON data, which is some `limit` bytes when it is written, escapes and all; `"cut": true` is added
    where something was left out.

    Each text, names too, is as `hide` shows it: without what is shaped like a key. Of what is base64, images and
    files, only the size is told. Dataclasses become objects without their empty fields. What is left out is never
    looked at, so a large request costs no more than a small one.
    """
    pen = _Pen(limit, hide)
    copied = pen.copy(told, 0)
    return {**copied, "cut": True} if pen.has_cut else dict(copied)


class _Pen:
    """Writes until its ink is used up."""

    def __init__(self, limit: int, hide: Callable[[str], str]) -> None:
        self._left = limit
        self._hide = hide
        self.has_cut = False

    def copy(self, value: Any, depth: int) -> Any:
        if isinstance(value, Enum):
            value = value.value
        if value is None or isinstance(value, bool | int | float):
            return self._number(value)
        if depth > _DEEPEST:
            self.has_cut = True
            return None
        if is_dataclass(value):
            named = {field.name: getattr(value, field.name) for field in fields(value)}
            return self._names({name: one for name, one in named.items() if not _is_empty(one)}, depth)
        if isinstance(value, Mapping):
            return self._names(value, depth)
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            return self._items(value, depth)
        return self._text(_without_encoded(str(value)))

    def _number(self, value: float | None) -> float | str | None:
        if isinstance(value, float) and not math.isfinite(value):
            return self._text(str(value))
        self._left -= len(json.dumps(value))
        return value

    def _names(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        copied = {}
        self._left -= _BRACKETS
        for name, one in value.items():
            if self._is_dry():
                break
            shown = self._text(str(name))
            self._left -= _COLON + _COMMA
            self.has_cut = self.has_cut or shown in copied
            copied[shown] = self.copy(one, depth + 1)
        return copied

    def _items(self, value: Sequence[Any], depth: int) -> list[Any]:
        copied = []
        self._left -= _BRACKETS
        for one in value:
            if self._is_dry():
                break
            self._left -= _COMMA
            copied.append(self.copy(one, depth + 1))
        return copied

    def _is_dry(self) -> bool:
        if self._left <= 0:
            self.has_cut = True
        return self._left <= 0

    def _text(self, text: str) -> str:
        room = max(self._left - _QUOTES, 0)
        # Nothing has more characters than bytes, so what is behind need not be written.
        size = _written_bytes(text[: room + 1])
        if size <= room:
            self._left -= size + _QUOTES
            return self._hide(text)
        kept = text[: bisect_right(range(room + 1), room, key=lambda length: _written_bytes(text[:length])) - 1]
        self._left, self.has_cut = 0, True
        # Half of a key is shaped like none.
        return self._hide(kept.rstrip(_KEY_CHARACTERS)) + "…"


def _written_bytes(text: str) -> int:
    """In the rows: JSON in ASCII, without its quotes."""
    return len(json.dumps(text)) - _QUOTES


def _without_encoded(text: str) -> str:
    found = _ENCODED.match(text)
    if found is None:
        return text
    scheme = found[1] or ""
    digits = len(text) - len(scheme) - text.count("=", -2)
    return f"{scheme}[base64 of {digits * 3 // 4} bytes]"


def _is_empty(value: Any) -> bool:
    return value is None or value is False or (hasattr(value, "__len__") and len(value) == 0)
