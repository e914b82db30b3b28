"""What is a caller's key? Whose it is, what it may use, until when; the key itself is shown once, where it is made."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from contracts.providers import provider_name
from contracts.requests import ModelName, ProviderName, Tag
from contracts.text import WHOLE
from contracts.usage_reports import Moment

LONGEST_GRACE_SECONDS = 604_800
_MOST_NAMES = 100
_ID: dict[str, Any] = {"pattern": r"^key_[0-9a-f-]{36}$", "max_length": 40}

_EXAMPLE: dict[str, Any] = {
    "id": "key_01939f0d-7c3a-7b0e-9f64-d2a1b8c05e77",
    "name": "essay marker",
    "tenant": "school-7",
    "tags": ["essays"],
    "models": ["gpt-6-luna", "anthropic/claude-sonnet-5-5"],
    "providers": None,
    "hint": "llmps_…9a0c",
    "status": "active",
    "created_at": "2026-11-22T08:00:00Z",
    "created_by": "admin",
    "expires_at": "2027-11-22T00:00:00Z",
    "rotated_at": None,
    "revoked_at": None,
}


def _in_utc(moment: datetime) -> datetime:
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _by_row(name: str) -> str:
    """`google/gemini-4-pro` is asked as `gemini/gemini-4-pro`."""
    head, slash, tail = name.partition("/")
    return f"{provider_name(head)}/{tail}" if slash else name


Tenant = Annotated[str, Field(min_length=1, max_length=64), WHOLE]


class KeyStatus(StrEnum):
    """Whether a key opens anything now."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class KeyCreate(BaseModel):
    """A key that is to be made. `models` and `providers` left out: it may use all, those of later too."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "essay marker",
                    "tenant": "school-7",
                    "tags": ["essays"],
                    "models": ["gpt-6-luna", "anthropic/claude-sonnet-5-5"],
                    "expires_at": "2027-11-22",
                }
            ]
        },
    )

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S"), WHOLE] = Field(
        description="What it is for, in words for people."
    )
    tenant: Tenant | None = Field(default=None, description="Whom its usage is counted to; it shares no answers.")
    tags: Annotated[tuple[Tag, ...], Field(max_length=10)] = Field(
        default=(), description="Added to each of its requests."
    )
    models: (
        Annotated[
            tuple[Annotated[ModelName, AfterValidator(_by_row)], ...], Field(min_length=1, max_length=_MOST_NAMES)
        ]
        | None
    ) = Field(
        default=None,
        description="The models that it may use, as callers name them: a vendor's model, `provider/model`, or a "
        "logical name of the configuration.",
    )
    providers: Annotated[tuple[ProviderName, ...], Field(min_length=1, max_length=_MOST_NAMES)] | None = Field(
        default=None, description="The provider rows that it may use."
    )
    expires_at: Annotated[Moment, AfterValidator(_in_utc)] | None = Field(
        default=None, description="From when on it opens nothing; in the future. Without a zone it is UTC."
    )


class KeyRotate(BaseModel):
    """How a key gets a new secret. Everything else of it stays."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{"grace_seconds": 3600}]})

    grace_seconds: Annotated[int, Field(ge=0, le=LONGEST_GRACE_SECONDS)] = Field(
        default=0, description="How long the secrets of before still work, at most; 0: they end at once."
    )


class KeyInfo(BaseModel):
    """A key as it stands. Nothing in it opens anything."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": _EXAMPLE})

    id: str = Field(description="Names it in records and reports, and sorts by time.")
    name: str
    tenant: str | None = None
    tags: tuple[str, ...] = ()
    models: tuple[str, ...] | None = Field(default=None, description="Null: all.")
    providers: tuple[str, ...] | None = Field(default=None, description="Null: all.")
    hint: str = Field(description="How its newest secret begins and ends.")
    status: KeyStatus
    created_at: datetime
    created_by: str = Field(description="Id of the key that made it.")
    expires_at: datetime | None = None
    rotated_at: datetime | None = None
    revoked_at: datetime | None = None


class KeyCreated(KeyInfo):
    """A key with its secret, which nobody can show again: what is kept of it is a digest."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": {**_EXAMPLE, "key": f"llmps_{'0' * 60}9a0c"}})

    key: str = Field(repr=False, description="Sent as `Authorization: Bearer` or `x-api-key`.")


class KeyQuery(BaseModel):
    """Which keys are asked for. `cursor` is the `next_cursor` of the page before, asked with the same filters."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"tenant": "school-7", "status": "active"}]}
    )

    tenant: Tenant | None = Field(default=None, description="Whose.")
    status: KeyStatus | None = Field(default=None, description="How they stand now.")
    limit: Annotated[int, Field(ge=1, le=1000)] = Field(default=100, description="Most keys on a page.")
    cursor: Annotated[str, StringConstraints(**_ID)] | None = Field(
        default=None, description="The `next_cursor` of the page before."
    )


class KeyPage(BaseModel):
    """Keys, the newest first."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": {"keys": [_EXAMPLE], "next_cursor": None}})

    keys: list[KeyInfo]
    next_cursor: str | None = Field(default=None, description="What to ask the next page with; null: this is the last.")
