"""Who is calling: resolved once at the edge, carried everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a key opens: `call` the model calls and provider lists, `metrics` their page, `admin` everything."""

    CALL = "call"
    METRICS = "metrics"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A caller's identity. `key_id` names the key without being it; `tags` are added to each of its requests.

    `models` and `providers` are all that it may use, the models as callers name them; None: everything.
    """

    key_id: str
    scopes: frozenset[Scope]
    tenant: str | None = None
    tags: tuple[str, ...] = ()
    models: frozenset[str] | None = None
    providers: frozenset[str] | None = None

    def may(self, scope: Scope) -> bool:
        """Whether this caller holds `scope`; an administrator holds every scope."""
        return scope in self.scopes or Scope.ADMIN in self.scopes

    @property
    def is_limited(self) -> bool:
        """Whether there are models or providers that it may not use."""
        return self.models is not None or self.providers is not None


IN_PROCESS_CALLER = Caller(key_id="in-process", scopes=frozenset(Scope))
