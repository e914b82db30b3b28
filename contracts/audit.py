"""Who did what to the service: entries of the audit, and how they are looked for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from contracts.text import Name
from contracts.usage_reports import Moment

_EXAMPLE: dict[str, Any] = {
    "id": "01939f0d-7c3a-7b0e-9f64-d2a1b8c05e77",
    "at": "2026-11-21T20:45:00Z",
    "actor": "admin",
    "address": "127.0.0.1",
    "action": "provider.disable",
    "target": "deepseek",
    "outcome": "success",
    "before": {"enabled": True},
    "after": {"enabled": False},
    "request_id": "req_01939f0d7c3a7b0e9f64d2a1b8c05e77",
    "correlation_id": "ops-17",
}


class AuditEntry(BaseModel):
    """One administrative action, or one request whose content is logged (only by the switch for that).

    `before` and `after` hold what changed, secrets masked; `cut` is true in one of which something was left out.
    """

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": _EXAMPLE})

    id: str = Field(description="A UUID of version 7: sorts by time.")
    at: datetime
    actor: str = Field(description="Id of the key that was used; never the key.")
    address: str | None = Field(default=None, description="Where the request came from.")
    action: str = Field(description="What was done, e.g. `config.update`.")
    target: str | None = Field(default=None, description="To what, e.g. a provider.")
    outcome: str = Field(
        description="`success`, `cancelled` or the error_type; `begun` (strict durability only): kept before the "
        "action is done, and followed by an entry of the same request with its end."
    )
    before: Any = Field(default=None, repr=False, description="Of `request.content`: what was asked.")
    after: Any = Field(
        default=None, repr=False, description="Of `request.content`: what was answered; of what failed: what was asked."
    )
    request_id: str | None = None
    correlation_id: str | None = None


class AuditQuery(BaseModel):
    """Which entries are asked for. `cursor` is the `next_cursor` of the page before, asked with the same filters."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"action": "config", "limit": 50}]}
    )

    start: Moment | None = Field(default=None, description="Not before; without a zone it is UTC.")
    end: Moment | None = Field(default=None, description="Before; without a zone it is UTC.")
    actor: Name | None = Field(default=None, description="Id of the key that was used.")
    action: Name | None = Field(
        default=None, description="The action, or its first words: `config` finds `config.update` too."
    )
    target: Name | None = Field(default=None, description="What it was done to.")
    request_id: Name | None = Field(default=None, description="The request that did it.")
    correlation_id: Name | None = Field(default=None, description="The work that it belongs to.")
    limit: Annotated[int, Field(ge=1, le=1000)] = Field(default=100, description="Most entries on a page.")
    cursor: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        default=None, description="The `next_cursor` of the page before."
    )


class AuditPage(BaseModel):
    """Entries, the newest first."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": {"entries": [_EXAMPLE], "next_cursor": None}})

    entries: list[AuditEntry]
    next_cursor: str | None = Field(default=None, description="What to ask the next page with; null: this is the last.")
