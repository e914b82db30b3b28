"""What is wrong with JSON that somebody sent, in words for them: which field, which rule, and the nearest right name.

Values never appear: they are prompts and secrets. pydantic's tags for the branches of a union are left out of paths.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from contracts.broken_rule import BrokenRuleError
from contracts.known_names import known_names
from contracts.responses import FieldError

MAX_REPORTED = 20
_SHOWN_KEY_LENGTH = 64
# pydantic needs some microseconds for each fault that it lists, and a body of megabytes can hold a million.
MAX_EXAMINED = 1000
_UNKNOWN = {"extra_forbidden", "unexpected_keyword_argument"}
_MISSING = {"missing", "missing_argument", "missing_keyword_only_argument"}

_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "is required",
    "extra_forbidden": lambda _: "is not a known field",
    "unexpected_keyword_argument": lambda _: "is not a known field",
    "string_too_short": lambda ctx: f"must have at least {ctx['min_length']} character(s)",
    "string_too_long": lambda ctx: f"must have at most {ctx['max_length']} characters",
    "too_short": lambda ctx: f"must have at least {ctx['min_length']} {_counted(ctx)}(s)",
    "too_long": lambda ctx: f"must have at most {ctx['max_length']} {_counted(ctx)}s",
    "greater_than_equal": lambda ctx: f"must be at least {ctx['ge']}",
    "less_than_equal": lambda ctx: f"must be at most {ctx['le']}",
    "greater_than": lambda ctx: f"must be more than {ctx['gt']}",
    "less_than": lambda ctx: f"must be less than {ctx['lt']}",
    "string_pattern_mismatch": lambda ctx: _pattern_sentence(ctx["pattern"]),
    "enum": lambda ctx: f"must be {ctx['expected']}",
    "literal_error": lambda ctx: f"must be {ctx['expected']}",
    "union_tag_invalid": lambda ctx: f"has an unknown type: it must be one of {ctx['expected_tags']}",
    "union_tag_not_found": lambda ctx: f"needs {ctx['discriminator']}".replace("'", "`"),
    "value_error": lambda ctx: str(ctx["error"]),
    "finite_number": lambda _: "must be a finite number",
}
_PATTERNS = {
    r"\S": "must not be blank",
    r"^[!-.0-~]+$": "must be printable ASCII without spaces and slashes",
    r"^[\x20-\x7e]+$": "must be printable ASCII",
    r"^[\x21-\x7e]+$": "must be printable ASCII without spaces",
    r"^https?://": "must be an http or https address: bytes go into `data`, as base64",
}
_KINDS = {
    "string_type": "text",
    "string_sub_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "dataclass_type": "an object",
    "bool_parsing": "true or false",
}


def field_errors(error: ValidationError, model: type[BaseModel], data: Any, at: str = "") -> list[FieldError]:
    """What is wrong with `data`, which does not fit `model`; `at` is the path of `data` in the whole body."""
    return listed_faults(error, model, data, at)[0]


def listed_faults(
    error: ValidationError, model: type[BaseModel], data: Any, at: str = ""
) -> tuple[list[FieldError], int]:
    """The first faults of `data`, twenty at most, and how many there are."""
    found = error.error_count()
    if found > MAX_EXAMINED:
        return [FieldError(field=at, message=f"is wrong in {found} places, too many to list")], 1
    faults = [one for one in error.errors(include_url=False, include_input=False) if not _is_echo(one, data)]
    return [_field_error(fault, model, data, at) for fault in faults[:MAX_REPORTED]], len(faults)


def shown_key(key: str) -> str:
    """A key as it may be shown in an error: cut, and written so that it is valid text."""
    return key.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\u0000")[:_SHOWN_KEY_LENGTH]


def sentence(kind: str, ctx: Mapping[str, Any], fallback: str) -> str:
    """pydantic's error `kind` as the end of a sentence that begins with the field's name."""
    if kind in _KINDS:
        return f"must be {_KINDS[kind]}"
    write = _SENTENCES.get(kind)
    return write(ctx) if write else fallback


def _is_echo(fault: Any, data: Any) -> bool:
    """pydantic calls a tuple too short too when it is long enough, but its items are wrong."""
    if fault["type"] != "too_short":
        return False
    for part in _path(fault["loc"], data, fault["type"]):
        data = _below(data, part)
    return isinstance(data, list) and len(data) >= int(fault["ctx"]["min_length"])


def _field_error(one: Any, model: type[BaseModel], data: Any, at: str) -> FieldError:
    kind, ctx = one["type"], one.get("ctx", {})
    path = _path(one["loc"], data, kind)
    broken = ctx.get("error")
    if isinstance(broken, BrokenRuleError):
        return FieldError(field=_shown((at, *path, *broken.path)), message=broken.message, hint=broken.hint)
    if kind in _UNKNOWN:
        hint = _nearest(model, path, data)
        return FieldError(field=_shown((at, *path)), message=sentence(kind, ctx, ""), hint=hint)
    return FieldError(field=_shown((at, *path)), message=sentence(kind, ctx, one["msg"]))


def _shown(path: Sequence[int | str]) -> str:
    """`path` as text; its beginning may be a path already, or nothing."""
    at, *below = path
    return ".".join(part for part in (str(at), *(shown_key(str(part)) for part in below)) if part)


def _path(loc: tuple[int | str, ...], data: Any, kind: str) -> list[int | str]:
    """`loc` without the tags of union branches: those name no place in `data`."""
    path: list[int | str] = []
    node = data
    for position, part in enumerate(loc):
        is_last = position == len(loc) - 1
        if isinstance(part, int):
            is_place = isinstance(node, list)
        elif isinstance(node, dict) and (is_last or part != node.get("type")):
            is_place = part in node or (is_last and kind in _MISSING)
        else:
            is_place = False
        if is_place:
            path.append(part)
            node = _below(node, part)
    return path


def _below(node: Any, part: int | str) -> Any:
    if isinstance(node, list) and isinstance(part, int) and part < len(node):
        return node[part]
    return node.get(part) if isinstance(node, dict) else None


def _nearest(model: type[BaseModel], path: list[int | str], data: Any) -> str | None:
    names, synonyms = known_names(model, path[:-1], data)
    unknown = shown_key(str(path[-1]))
    if unknown in synonyms:
        return f"it is another name of {synonyms[unknown]}: give one of them"
    close = get_close_matches(unknown.lower(), sorted(names), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else None


def _counted(ctx: Mapping[str, Any]) -> str:
    """What a length counts: pydantic calls text a `Value` when a validator of ours stands before the limit."""
    return "character" if ctx.get("field_type") == "Value" else "item"


def _pattern_sentence(pattern: str) -> str:
    return _PATTERNS.get(pattern) or f"must match {re.sub(r'^[(]?[?]i[)]', '', pattern)}"
