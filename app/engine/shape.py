"""Has the answer the shape that was asked for? JSON, and valid under the caller's JSON Schema.

Checked here whatever the vendor promises: some enforce a schema only in part, some not at all. A caller's patterns run
on an engine that cannot explode, and nothing that a schema names is fetched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from app.engine.check_budget import BACKTRACK_LIMITS, Extent, backtracks_allowed, may_be_explained
from app.engine.schema_cost import SchemaCost, cost_of, excess
from app.engine.shape_cache import WeighedCache
from contracts.calls import Reply
from contracts.chat import FinishReason, ResponseFormat
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

_MOST_FAULTS = 8
# Calculating with longer ones takes milliseconds each.
_MOST_DIGITS = 100
# Measured: a compiled schema takes up to 22 times its text, and a pattern may grow to its limit.
_MOST_CACHED_BYTES = 32 * 2**20
_BYTES_PER_CHARACTER = 24
_BYTES_PER_PATTERN = 2**17
_LARGEST_PATTERN = 2**20
_FENCED = re.compile(r"```(?:json|JSON)?[ \t]*\n(.*)\n?```", re.DOTALL)
_SHOWN_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Shape:
    """What an answer must be: a JSON object, or valid under a schema. `names` are those that the schema itself says.

    `validators`: by the backtracks that they allow; those of any object are none. `is_demanded`: an answer that was
    cut or refused is of the wrong shape too, and a name that stands twice in an object is a fault: two values of it
    would be a choice of ours.
    """

    validators: Mapping[int, Any] = field(repr=False)
    names: frozenset[str] = field(default=frozenset(), repr=False)
    cost: SchemaCost = field(default=SchemaCost(0, 0, 0, 0), repr=False)
    is_demanded: bool = False

    def judges(self, reply: Reply) -> bool:
        """Whether `reply` must have this shape; unless it is demanded, only where it claims to be a whole answer."""
        return self.is_demanded or is_judged(reply)

    def faults(self, text: str) -> tuple[str, ...]:
        """What is wrong with `text`, the first few faults; empty when nothing is. Never quotes it."""
        try:
            pairs_hook = _once_each if self.is_demanded else None
            value = json.loads(text, parse_constant=_refuse, parse_int=_integer, object_pairs_hook=pairs_hook)
        except _LongNumberError:
            return (f"the answer holds a number of more than {_MOST_DIGITS} digits",)
        except (ValueError, RecursionError):
            return ("the answer is not JSON",)
        if not self.validators:
            return () if isinstance(value, dict) else ("the answer is no JSON object",)
        if not _is_text(text, value):
            return ("the answer holds half of a surrogate pair, which is no text",)
        extent = Extent.of(value, characters=len(text))
        backtracks = backtracks_allowed(extent, self.cost)
        if backtracks is None:
            return ("the answer is too large to be checked under its schema",)
        try:
            return self._broken_rules(self.validators[backtracks], value, extent)
        except (ValueError, RecursionError):
            return ("the answer is nested too deeply to be checked",)

    def _broken_rules(self, validator: Any, value: Any, extent: Extent) -> tuple[str, ...]:
        if validator.is_valid(value):
            return ()
        if not may_be_explained(extent, self.cost):
            return ("the answer breaks the schema",)
        errors = validator.iter_errors(value)
        return tuple(self._sentence(error) for error, _ in zip(errors, range(_MOST_FAULTS), strict=False))

    def _sentence(self, error: Any) -> str:
        steps = [str(step) if self._is_shown(step) else "*" for step in error.instance_path]
        return f"{'.'.join(steps) or 'the answer'} breaks the schema's {error.kind.name}"

    def _is_shown(self, step: str | int) -> bool:
        """A name that only the answer holds is the model's text, and may be anything."""
        return isinstance(step, int) or (step in self.names and _SHOWN_NAME.fullmatch(step) is not None)


def shape_of(wanted: ResponseFormat | None) -> Shape | None:
    """The shape that a request asks for; None when any text will do.

    Raises InvalidRequestError for what is no JSON Schema, or one that points outside itself.
    """
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json_object":
        return _ANY_OBJECT
    return _SHAPES.get(json.dumps(wanted.json_schema, sort_keys=True))


def is_judged(reply: Reply) -> bool:
    """Whether `reply` claims to be such an answer: one that was cut, refused or asks for tools does not."""
    return reply.finish_reason is FinishReason.STOP and not reply.message.tool_calls


def unfenced(text: str) -> str | None:
    """The inside of `text` when all of it stands in one Markdown fence, as many models like to answer."""
    fenced = _FENCED.fullmatch(text.strip())
    return fenced.group(1).strip() if fenced else None


_ANY_OBJECT = Shape({})


def _compiled(schema_text: str) -> Shape:
    schema = json.loads(schema_text)
    if too_much := excess(schema):
        raise _refused("response_format.json_schema", too_much)
    cost = cost_of(schema)
    limits = BACKTRACK_LIMITS if cost.backtracking else BACKTRACK_LIMITS[:1]
    try:
        validators = {limit: _validator(schema, limit) for limit in limits}
    except (ValueError, RecursionError) as error:
        raise _no_schema(error) from None
    return Shape(validators, frozenset(_names(schema)), cost)


def _validator(schema: Any, backtracks: int) -> Any:
    """Lookarounds need backtracking, which is counted; other patterns take time in proportion to the text."""
    # Only here: its 3 MB are for those who ask for a shape.
    import jsonschema_rs

    patterns = jsonschema_rs.FancyRegexOptions(
        backtrack_limit=backtracks, size_limit=_LARGEST_PATTERN, dfa_size_limit=_BYTES_PER_PATTERN
    )
    return jsonschema_rs.validator_for(schema, pattern_options=patterns, offline=True)


def _weight(schema_text: str, shape: Shape) -> int:
    one = len(schema_text) * _BYTES_PER_CHARACTER + shape.cost.patterns * _BYTES_PER_PATTERN
    return one * len(shape.validators)


_SHAPES = WeighedCache(_compiled, _weight, most_bytes=_MOST_CACHED_BYTES)


def _no_schema(error: Exception) -> InvalidRequestError:
    """Where in the schema it is wrong; the value that is wrong there is not said."""
    path = ".".join(str(step) for step in getattr(error, "instance_path", ()))
    where = f"response_format.json_schema.{path}" if path else "response_format.json_schema"
    message = "is not what a JSON Schema may hold there" if path else "is not a JSON Schema that can be checked"
    return _refused(where, message)


def _refused(field: str, message: str) -> InvalidRequestError:
    return InvalidRequestError(f"{field}: {message}", errors=[FieldError(field=field, message=message)])


def _names(node: Any) -> set[str]:
    """Every key in the schema: the names of properties among them."""
    found: set[str] = set()
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            found |= one.keys()
            stack.extend(one.values())
        elif isinstance(one, list):
            stack.extend(one)
    return found


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        msg = "a name stands twice in an object"
        raise ValueError(msg)
    return found


class _LongNumberError(ValueError):
    """An integer of more digits than are calculated with."""


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise _LongNumberError
    return int(digits)


def _is_text(text: str, value: Any) -> bool:
    """JSON can write half of a surrogate pair, and nobody who reads the answer could keep it."""
    if "\\ud" not in text.lower():
        return True
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(constant: str) -> NoReturn:
    msg = f"{constant} is no JSON"
    raise ValueError(msg)
