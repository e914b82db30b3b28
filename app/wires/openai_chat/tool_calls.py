"""Which tool call does a fragment belong to, and what is it called?

OpenAI numbers its calls by `index` and names each once by `id`. Others leave out the index (Gemini's compatible
endpoint), repeat one index for several calls (older Ollama), or send no id: all of them are told apart here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.wires.json_text import dump_json, mended_text
from contracts.chat import ToolCallPart
from contracts.deltas import ToolCallDelta


@dataclass(slots=True)
class _Call:
    number: int
    index: int | None
    vendor_id: str | None = None
    id: str = ""
    name: str = ""
    # Pieces: to lengthen one text by each of them would copy it as often.
    arguments: list[str] = field(default_factory=list, repr=False)
    is_announced: bool = False


class ToolCallAssembly:
    """The tool calls of one answer, in order. `reply_id` makes the ids that a vendor leaves out unlike other turns'."""

    def __init__(self) -> None:
        self.reply_id = ""
        self._calls: list[_Call] = []
        # So that a fragment finds its call at once, among any number: the last call of an index, the call of an id
        # under its index, and under None the first call of an id.
        self._by_index: dict[int, _Call] = {}
        self._by_id: dict[tuple[int | None, str], _Call] = {}

    def __bool__(self) -> bool:
        return any(call.name for call in self._calls)

    def add(self, fragments: Iterable[Mapping[str, Any]]) -> list[ToolCallDelta]:
        """Take fragments; their deltas come back once the call has a name."""
        deltas = (self._take(fragment) for fragment in fragments)
        return [delta for delta in deltas if delta is not None]

    def parts(self) -> tuple[ToolCallPart, ...]:
        """The calls that have a name."""
        named = (call for call in self._calls if call.name)
        return tuple(ToolCallPart(id=call.id, name=call.name, arguments="".join(call.arguments)) for call in named)

    def _take(self, fragment: Mapping[str, Any]) -> ToolCallDelta | None:
        function = fragment.get("function")
        function = function if isinstance(function, dict) else {}
        name, arguments = _text(function.get("name")), _arguments(function.get("arguments"))
        call = self._call_of(_index(fragment.get("index")), _text(fragment.get("id")) or None, name)
        call.name = call.name or name
        call.arguments.append(arguments)
        if not call.name:
            return None
        if call.is_announced:
            return ToolCallDelta(index=call.number, arguments=arguments) if arguments else None
        call.is_announced = True
        call.id = call.vendor_id or f"call_{self.reply_id}_{call.number}"
        return ToolCallDelta(index=call.number, id=call.id, name=call.name, arguments="".join(call.arguments))

    def _call_of(self, index: int | None, vendor_id: str | None, name: str) -> _Call:
        call = self._find(index, vendor_id, name)
        if call is None:
            call = _Call(number=len(self._calls), index=index)
            self._calls.append(call)
            if index is not None:
                self._by_index[index] = call
        if vendor_id is not None and call.vendor_id is None:
            call.vendor_id = vendor_id
            self._by_id[call.index, vendor_id] = call
            self._by_id.setdefault((None, vendor_id), call)
        return call

    def _find(self, index: int | None, vendor_id: str | None, name: str) -> _Call | None:
        if index is not None:
            last = self._by_index.get(index)
            is_unnamed = last is not None and last.vendor_id is None
            return last if vendor_id is None or is_unnamed else self._by_id.get((index, vendor_id))
        if vendor_id is not None:
            return self._by_id.get((None, vendor_id))
        # Neither number nor id: a name begins a call, anything else goes on with the last.
        return self._calls[-1] if self._calls and not (name and self._calls[-1].name) else None


def _index(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> str:
    return mended_text(value) if isinstance(value, str) else ""


def _arguments(value: Any) -> str:
    """The JSON text; some servers send the object itself."""
    if isinstance(value, dict):
        return dump_json(value).decode()
    return _text(value)
