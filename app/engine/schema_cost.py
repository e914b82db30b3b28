"""What may checking an answer under a schema cost? A few hundred bytes of references can ask for years of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

# An answer is checked on the event loop: a million steps are some ten milliseconds.
MAX_STEPS = 1_000_000
# Each is compiled when the schema is first seen, the worst of them in two milliseconds.
MAX_PATTERNS = 100

_DEFINITIONS = ("$defs", "definitions")
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_ANCHORS = ("$anchor", "$dynamicAnchor", "$id", "id")
# What stands below them is visited once to check it and twice more to know what it has looked at; nested ones multiply.
_UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")
_VISITS_FOR_UNEVALUATED = 3
# Names in a list (`enum`, `required`) are cheaper than subschemas.
_NAMES_PER_STEP = 4
_BACKTRACKING = re.compile(r"\(\?[=!<>(]|\\[1-9kgGK]|[*+?}]\+")


@dataclass(frozen=True, slots=True)
class SchemaCost:
    """What one value may cost under a schema.

    `steps`: subschemas visited when every reference is followed, each turn of a circle once. `turns`: how often it
    refers back to where it came from. `patterns`, and how many of them need backtracking.
    """

    steps: int
    turns: int
    patterns: int
    backtracking: int


def cost_of(schema: Mapping[str, Any]) -> SchemaCost:
    """What `schema` costs. Raises RecursionError for one that is nested too deeply."""
    steps, turns = _Walk(schema).from_root()
    patterns = list(_patterns(schema))
    backtracking = sum(_BACKTRACKING.search(pattern) is not None for pattern in patterns)
    return SchemaCost(steps, turns, len(patterns), backtracking)


def excess(schema: Mapping[str, Any]) -> str | None:
    """Why the schema is not taken, as the end of a sentence; None when it is."""
    try:
        cost = cost_of(schema)
    except RecursionError:
        return "is nested too deeply to be checked"
    if cost.patterns > MAX_PATTERNS:
        return f"holds {cost.patterns} patterns: at most {MAX_PATTERNS} are taken"
    if _moves_its_root(schema):
        return "holds references together with an $id below its top: leave the inner $id out"
    if cost.steps > MAX_STEPS:
        return "refers to itself so often that checking an answer would take too long"
    return None


class _Walk:
    """Counts steps and turns; what a reference leads to is counted once and known from then on."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._anchors = {
            node[name].removeprefix("#"): node
            for node in _objects(root)
            for name in _ANCHORS
            if isinstance(node.get(name), str)
        }
        # By identity: one place has many spellings.
        self._known: dict[int, tuple[int, int]] = {}

    def from_root(self) -> tuple[int, int]:
        return self._of_target(self._root)

    def _of(self, node: Any) -> tuple[int, int]:
        if isinstance(node, list):
            return _total(len(node) // _NAMES_PER_STEP, map(self._of, node))
        if not isinstance(node, dict):
            return 0, 0
        steps, turns = _total(1, (self._of(value) for name, value in node.items() if name not in _DEFINITIONS))
        referred = (node[name] for name in _REFERENCES if isinstance(node.get(name), str))
        steps, turns = _total(steps, [(0, turns), *(self._of_target(self._found(reference)) for reference in referred)])
        if any(name in node for name in _UNEVALUATED):
            steps *= _VISITS_FOR_UNEVALUATED
        return steps, turns

    def _of_target(self, node: Any) -> tuple[int, int]:
        if id(node) not in self._known:
            self._known[id(node)] = (0, 1)
            steps, turns = self._of(node)
            self._known[id(node)] = min(steps, MAX_STEPS + 1), min(turns, MAX_STEPS + 1)
        return self._known[id(node)]

    def _found(self, reference: str) -> Any:
        name, *path = unquote(reference.removeprefix("#")).split("/")
        node: Any = self._anchors.get(name) if name else self._root
        for step in path:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(node, list):
                node = node[int(key)] if key.isdecimal() and int(key) < len(node) else None
            else:
                node = node.get(key) if isinstance(node, dict) else None
        return node


def _total(steps: int, parts: Any) -> tuple[int, int]:
    turns = 0
    for more_steps, more_turns in parts:
        steps += more_steps
        turns += more_turns
    return steps, turns


def _moves_its_root(schema: Mapping[str, Any]) -> bool:
    """Whether `#/…` may mean another place than it says: below an inner `$id` it starts there."""
    nodes = _objects(schema)
    refers = any(isinstance(node.get(name), str) for node in nodes for name in _REFERENCES)
    name = "id" if "draft-04" in str(schema.get("$schema")) else "$id"
    inner = (node.get(name) for node in nodes if node is not schema)
    return refers and any(isinstance(one, str) and not one.startswith("#") for one in inner)


def _patterns(schema: Any) -> Iterator[str]:
    for node in _objects(schema):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        if isinstance(node.get("patternProperties"), dict):
            yield from node["patternProperties"]


def _objects(root: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            found.append(node)
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return found
