"""What does the configuration say of one row?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contracts.calls import Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFacts:
    """The facts of a row. `models` empty: every model known of its kind, and the default one.

    `only_model`: the row serves this one under any name, so that another name must be refused here.
    `pull_command` fetches a model to a server of the user's own. `wires` are the dialects in which the row takes a
    caller's body as it came.
    """

    name: str
    default_model: str
    default_embedding_model: str | None = None
    models: tuple[str, ...] = ()
    unusable_reason: Callable[[], str | None] = lambda: None
    only_model: str | None = None
    pull_command: str | None = None
    owns_upstream: bool = False
    wires: frozenset[Wire] = frozenset()
