"""Has the answer the shape that was asked for? JSON, and valid under the caller's JSON Schema.

Checked here whatever the vendor promises: some enforce a schema only in part, some not at all. A caller's patterns run
on an engine that cannot explode, and nothing that a schema names is fetched.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NoReturn

import jsonschema_rs

from app.engine.schema_cost import excess
from contracts.calls import Reply
from contracts.chat import FinishReason, ResponseFormat
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

_MOST_FAULTS = 8
# Lookarounds need backtracking, which the engine counts; every other pattern takes time in proportion to the text.
_PATTERNS = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000, size_limit=2**20, dfa_size_limit=2**20)
_FENCED = re.compile(r"```(?:json|JSON)?[ \t]*\n(.*)\n?```", re.DOTALL)
_SHOWN_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Shape:
    """What an answer must be: a JSON object, or valid under a schema. `names` are those that the schema itself says.

    `is_demanded`: an answer that was cut or refused is of the wrong shape too, and a name that stands twice in an
    object is a fault: two values of it would be a choice of ours.
    """

    validator: Any = field(repr=False)
    names: frozenset[str] = field(default=frozenset(), repr=False)
    is_demanded: bool = False

    def judges(self, reply: Reply) -> bool:
        """Whether `reply` must have this shape; unless it is demanded, only where it claims to be a whole answer."""
        return self.is_demanded or is_judged(reply)

    def faults(self, text: str) -> tuple[str, ...]:
        """What is wrong with `text`, the first few faults; empty when nothing is. Never quotes it."""
        try:
            pairs_hook = _once_each if self.is_demanded else None
            value = json.loads(text, parse_constant=_refuse, object_pairs_hook=pairs_hook)
        except (ValueError, RecursionError):
            return ("the answer is not JSON",)
        if self.validator is None:
            return () if isinstance(value, dict) else ("the answer is no JSON object",)
        try:
            errors = self.validator.iter_errors(value)
            return tuple(self._sentence(error) for error, _ in zip(errors, range(_MOST_FAULTS), strict=False))
        except (ValueError, RecursionError):
            return ("the answer is nested too deeply to be checked",)

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
    return _compiled(json.dumps(wanted.json_schema, sort_keys=True))


def is_judged(reply: Reply) -> bool:
    """Whether `reply` claims to be such an answer: one that was cut, refused or asks for tools does not."""
    return reply.finish_reason is FinishReason.STOP and not reply.message.tool_calls


def unfenced(text: str) -> str | None:
    """The inside of `text` when all of it stands in one Markdown fence, as many models like to answer."""
    fenced = _FENCED.fullmatch(text.strip())
    return fenced.group(1).strip() if fenced else None


_ANY_OBJECT = Shape(None)


@lru_cache(maxsize=256)
def _compiled(schema_text: str) -> Shape:
    schema = json.loads(schema_text)
    if too_much := excess(schema):
        raise _refused("response_format.json_schema", too_much)
    try:
        validator = jsonschema_rs.validator_for(schema, pattern_options=_PATTERNS, offline=True)
    except (ValueError, RecursionError) as error:
        raise _no_schema(error) from None
    return Shape(validator, frozenset(_names(schema)))


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


def _refuse(constant: str) -> NoReturn:
    msg = f"{constant} is no JSON"
    raise ValueError(msg)
