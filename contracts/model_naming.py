"""Which part of a vendor's body could name a model beside `model`?

Whoever may ask some models only must not reach another by a list of stand-ins, a plugin, a preset of the vendor's or a
tool that is a model itself. New fields come every month, so a field is trusted when it is known, not until it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from contracts.caller import Caller
from contracts.errors import CallerForbiddenError
from contracts.field_errors import shown_key

# Known fields that name models, or what a vendor keeps with a model in it.
_NAMING = frozenset({"fallbacks", "prompt"})
_SAID = frozenset({"input", "messages"})
# What stands in these is of the caller's own making: words, schemas and names that no vendor reads as a model's.
_OWN_WORDS = frozenset({"format", "functions", "instructions", "labels", "metadata", "response_format", "system"})
# In these the schema of the answer.
_WITH_FORMAT = frozenset({"output_config", "text"})
_SCHEMAS = frozenset({"responseJsonSchema", "responseSchema", "response_json_schema", "response_schema"})
# The same in a tool that the caller runs himself.
_OWN_TOOL = frozenset({"function", "input_examples", "input_schema", "output_schema", "parameters"})
_OWN_TOOL_TYPES = (None, "custom", "function")


def check_no_other_model(
    fields: Mapping[str, Any], *, known: Collection[str], caller: Caller, prefix: str = ""
) -> None:
    """Looks through `fields`, members of a vendor's body, if the key of `caller` is limited to models.

    `known` are the names of fields that a dialect has; `prefix` is laid before a path in the error. Raises
    CallerForbiddenError, which names the first part that could name another model.
    """
    if caller.models is None:
        return
    path = next(_suspicious(fields, known), None)
    if path is not None:
        raise CallerForbiddenError(
            f"the key {caller.key_id} is limited to models and may not use {prefix}{path}: "
            "it could make the vendor ask another model"
        )


def _suspicious(fields: Mapping[str, Any], known: Collection[str]) -> Iterator[str]:
    for name, value in fields.items():
        if name not in known or name in _NAMING:
            yield shown_key(name)
        elif name in _SAID:
            yield from _tools_said(value, name)
        elif name not in _OWN_WORDS:
            has_format = name in _WITH_FORMAT and isinstance(value, Mapping)
            yield from _names({**value, "format": None} if has_format else value, name)


def _tools_said(turns: Any, path: str) -> Iterator[str]:
    """A turn may bring tools of its own."""
    for number, turn in enumerate(turns if isinstance(turns, list | tuple) else ()):
        if isinstance(turn, Mapping) and "tools" in turn:
            yield from _names(turn["tools"], f"{path}.{number}.tools")


def _names(value: Any, path: str) -> Iterator[str]:
    """The paths below `path` whose names speak of a model, in whatever case."""
    if isinstance(value, Mapping):
        own = _SCHEMAS | _OWN_TOOL if value.get("type") in _OWN_TOOL_TYPES else _SCHEMAS
        for name, below in value.items():
            folded, there = name.casefold(), f"{path}.{shown_key(name)}"
            if "model" in folded or folded == "fallbacks":
                yield there
            elif name not in own:
                yield from _names(below, there)
    elif isinstance(value, list | tuple):
        for number, below in enumerate(value):
            yield from _names(below, f"{path}.{number}")
