"""What of a request, an answer or a configuration may stand in the audit? Its shape, without keys, up to a size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from contracts.redaction import without_keys

EXCERPT_BYTES = 16_384
_DEEPEST = 40
# What a number, or the frame around a name or a text, counts.
_FRAME = 8
_KEY_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.*"


def excerpt(told: Mapping[str, Any], *, limit: int = EXCERPT_BYTES) -> dict[str, Any]:
    """`told` as JSON data of about `limit` bytes at most; `"cut": true` is added where something was left out.

    Everything that is shaped like a key is replaced by `[redacted]`, in names too. Dataclasses become objects without
    their empty fields. What is left out is never looked at, so a large request costs no more than a small one.
    """
    pen = _Pen(limit)
    copied = pen.copy(told, 0)
    return {**copied, "cut": True} if pen.has_cut else dict(copied)


class _Pen:
    """Writes until its ink is used up."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self.has_cut = False

    def copy(self, value: Any, depth: int) -> Any:
        self._left -= _FRAME
        if isinstance(value, Enum):
            value = value.value
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else str(value)
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
        return self._text(str(value))

    def _names(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        copied = {}
        for name, one in value.items():
            if self._is_dry():
                break
            shown = self._text(str(name))
            self.has_cut = self.has_cut or shown in copied
            copied[shown] = self.copy(one, depth + 1)
        return copied

    def _items(self, value: Sequence[Any], depth: int) -> list[Any]:
        copied = []
        for one in value:
            if self._is_dry():
                break
            copied.append(self.copy(one, depth + 1))
        return copied

    def _is_dry(self) -> bool:
        if self._left <= 0:
            self.has_cut = True
        return self._left <= 0

    def _text(self, text: str) -> str:
        # Nothing has more characters than bytes, so what is behind need not be encoded.
        data = text[: max(self._left, 0) + 1].encode("utf-8", "surrogatepass")
        if len(data) <= self._left:
            self._left -= len(data)
            return without_keys(text)
        kept = data[: max(self._left, 0)].decode("utf-8", "ignore")
        self._left, self.has_cut = 0, True
        # Half of a key is shaped like none.
        return without_keys(kept.rstrip(_KEY_CHARACTERS)) + "…"


def _is_empty(value: Any) -> bool:
    return value is None or value is False or (hasattr(value, "__len__") and len(value) == 0)
