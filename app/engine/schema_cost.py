"""Could checking an answer under a schema take too long? A few hundred bytes of references can ask for years of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# An answer is checked on the event loop: a million steps are some ten milliseconds.
MAX_STEPS = 1_000_000
# Each is compiled when the schema is first seen, the worst of them in two milliseconds.
MAX_PATTERNS = 100


def excess(schema: Mapping[str, Any]) -> str | None:
    """Why the schema is not taken, as the end of a sentence; None when it is."""
    patterns = sum("pattern" in node for node in _objects(schema)) + sum(
        len(node["patternProperties"]) for node in _objects(schema) if isinstance(node.get("patternProperties"), dict)
    )
    if patterns > MAX_PATTERNS:
        return f"holds {patterns} patterns: at most {MAX_PATTERNS} are taken"
    try:
        steps = _Steps(schema).of(schema)
    except RecursionError:
        return "is nested too deeply to be checked"
    return "refers to itself so often that checking an answer would take too long" if steps > MAX_STEPS else None


class _Steps:
    """How many subschemas are visited when every reference is followed, each turn of a circle once."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._known: dict[str, int] = {}

    def of(self, node: Any) -> int:
        if isinstance(node, list):
            return sum(map(self.of, node))
        if not isinstance(node, dict):
            return 0
        below = sum(self.of(value) for name, value in node.items() if name not in ("$defs", "definitions"))
        reference = node.get("$ref")
        return 1 + below + (self._of_reference(reference) if isinstance(reference, str) else 0)

    def _of_reference(self, reference: str) -> int:
        if reference not in self._known:
            self._known[reference] = 0
            self._known[reference] = min(self.of(self._found(reference)), MAX_STEPS + 1)
        return self._known[reference]

    def _found(self, reference: str) -> Any:
        node: Any = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            node = node.get(name) if isinstance(node, dict) else None
        return node


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
