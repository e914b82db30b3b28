"""How is one text after another written into the same document? The rest is the same for every token: it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any

from app.wires.json_text import dump_json


class TextFrame:
    """The JSON of `document` around its member `name`, which is empty in it, and the last of that name."""

    __slots__ = ("_after", "_before")

    def __init__(self, document: Mapping[str, Any], name: str) -> None:
        # Within a text the quotes would be escaped: this can only be a member.
        self._before, member, self._after = dump_json(document).decode().rpartition(f'"{name}":""')
        self._before += member.removesuffix('""')

    def around(self, text: str) -> str:
        """The document with `text` in its place, letter by letter as `dump_json` would write it."""
        # Of the others, half a character has a form of its own.
        written = encode_basestring(text) if text.isascii() else dump_json(text).decode()
        return f"{self._before}{written}{self._after}"
