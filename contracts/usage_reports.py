"""Who spent what, when, on which model: what may be asked of the ledger, and what it answers."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from contracts.broken_rule import BrokenRuleError
from contracts.requests import AnyTag, ModelName, ProviderName
from contracts.responses import Money
from contracts.text import WHOLE

# Files beside the zones: what a machine is set to, and clocks that count leap seconds.
_NO_PLACES = {"localtime", "posixrules", "Factory"}
_OTHER_CLOCKS = ("right/", "posix/")
_BEGINS_WITH_A_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[Tt ]|$)")


def _read_date(value: Any) -> Any:
    """Text as a time; a bare number is refused: whether it counts seconds or milliseconds would be a guess."""
    if not isinstance(value, str | int | float):
        return value
    try:
        if isinstance(value, str) and _BEGINS_WITH_A_DATE.match(value):
            return datetime.fromisoformat(value.upper())
    except ValueError:
        pass
    msg = "must be a date or a time, as `2026-11-01` or `2026-11-01T08:00:00Z`"
    raise ValueError(msg)


def _check_zone(name: str) -> str:
    try:
        if name in _NO_PLACES or name.startswith(_OTHER_CLOCKS):
            raise ValueError
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        msg = "must be a name of the time zone database, as `Europe/Stockholm`"
        raise ValueError(msg) from None
    return name


Moment = Annotated[
    datetime,
    BeforeValidator(_read_date),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}),
]


KeyId = Annotated[str, Field(min_length=1, max_length=64), WHOLE]
TenantName = Annotated[str, Field(min_length=1, max_length=256), WHOLE]


class UsageGrouping(StrEnum):
    """What the sums are split by."""

    DAY = "day"
    HOUR = "hour"
    PROVIDER = "provider"
    MODEL = "model"
    KEY = "key"
    TENANT = "tenant"
    TAG = "tag"


class UsageQuery(BaseModel):
    """Which requests are summed up: those that began from `start_date` (included) to `end_date` (not included).

    A date without a time is its midnight, one without a zone is in `timezone`. Sums are kept by the minute, those of
    tags by the hour (of UTC): a date inside of one takes in all of it, and the report says from when to when it is.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"start_date": "2026-11-01", "end_date": "2026-12-01", "group_by": "model"}],
        },
    )

    start_date: Moment | None = Field(default=None, description="Default: the first request.")
    end_date: Moment | None = Field(default=None, description="Default: now.")
    provider: ProviderName | None = Field(
        default=None, description="Only calls to this provider row, and requests that it answered."
    )
    model: ModelName | None = Field(default=None, description="Only calls to this model, and requests it answered.")
    key_id: KeyId | None = Field(default=None, description="Only requests by this key; not together with tags.")
    tenant: TenantName | None = Field(default=None, description="Only requests by keys of this tenant.")
    tag: AnyTag | None = Field(
        default=None, description="Only requests with this tag. Tags beyond an hour's first thousand are `(other)`."
    )
    group_by: UsageGrouping | None = Field(
        default=None, description="Split by this. With `tag`, a request counts under each of its tags."
    )
    timezone: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_check_zone)] = Field(
        default="UTC", description="Whose days and hours: a name of the time zone database, e.g. `Europe/Stockholm`."
    )

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        start, end = self.starts_at(), self.ends_at()
        if start is not None and end is not None and end < start:
            raise BrokenRuleError(("end_date",), "is before start_date")
        if self.is_by_tag and (self.key_id is not None or self.group_by is UsageGrouping.KEY):
            field = "group_by" if self.key_id is None else "key_id"
            raise BrokenRuleError((field,), "cannot be by key where tags are asked for: their sums are not kept by key")
        return self

    @property
    def is_by_tag(self) -> bool:
        """Whether the sums of tags are read."""
        return self.tag is not None or self.group_by is UsageGrouping.TAG

    def starts_at(self) -> datetime | None:
        """`start_date` with its zone."""
        return self._in_zone(self.start_date)

    def ends_at(self) -> datetime | None:
        """`end_date` with its zone."""
        return self._in_zone(self.end_date)

    def _in_zone(self, moment: datetime | None) -> datetime | None:
        if moment is None or moment.tzinfo is not None:
            return moment
        return moment.replace(tzinfo=ZoneInfo(self.timezone))


_SUMS: dict[str, Any] = {
    "requests": 1200,
    "successes": 1193,
    "failures": 5,
    "cancelled": 2,
    "cached": 300,
    "cache_misses": 700,
    "coalesced": 12,
    "fallbacks": 9,
    "calls": 905,
    "failed_calls": 17,
    "input_tokens": 410233,
    "output_tokens": 98114,
    "total_tokens": 508347,
    "cached_input_tokens": 120000,
    "cache_write_tokens": 0,
    "reasoning_tokens": 20110,
    "cost_usd": 1.84217715,
    "estimated_cost_usd": 0.00214,
    "unpriced_calls": 0,
    "average_response_time_ms": 641.207,
}


class UsageSums(BaseModel):
    """Sums over requests, and over the calls to vendors that they took. Tokens and cost are of all calls, failed too.

    `cost_usd` is what vendors reported or prices say of counted tokens; `estimated_cost_usd` is that of calls that
    were cut or cancelled, and is not in it. `unpriced_calls` used tokens of a model whose price is not known.
    """

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": _SUMS})

    requests: int = Field(default=0, description="Of a provider or model: those that it answered.")
    successes: int = 0
    failures: int = 0
    cancelled: int = Field(default=0, description="Their callers left.")
    cached: int = Field(default=0, description="Answered from the cache.")
    cache_misses: int = Field(default=0, description="Looked for in the cache and not found.")
    coalesced: int = Field(default=0, description="Answered by the call of an identical request.")
    fallbacks: int = Field(default=0, description="Answered by another candidate than the first.")
    calls: int = Field(default=0, description="Calls to vendors.")
    failed_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: Money
    estimated_cost_usd: Money
    unpriced_calls: int = 0
    average_response_time_ms: float | None = Field(default=None, description="Of successes; null without any.")


class UsageGroup(UsageSums):
    """The sums of one day, hour, provider, model, key, tenant or tag. `key` is null for requests without one.

    A day's key is its date, an hour's its beginning with the zone's offset then.
    """

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": {**_SUMS, "key": "gpt-6-luna"}})

    key: str | None


class UsageReport(BaseModel):
    """The report; an empty range has empty sums. Groups are by time, or the dearest first; empty ones are left out."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "start_date": "2026-11-01T00:00:00Z",
                "end_date": "2026-12-01T00:00:00Z",
                "timezone": "UTC",
                "filters": {"provider": "openai"},
                "group_by": "model",
                "totals": _SUMS,
                "groups": [{**_SUMS, "key": "gpt-6-luna"}],
                "generated_at": "2026-12-01T06:00:00Z",
            }
        },
    )

    start_date: datetime | None = Field(description="Included. Null: all, and there is nothing.")
    end_date: datetime = Field(description="Not included.")
    timezone: str
    filters: dict[str, str] = Field(description="Those that were given.")
    group_by: UsageGrouping | None
    totals: UsageSums
    groups: list[UsageGroup] = Field(default_factory=list)
    generated_at: datetime


class UsageSummaryQuery(BaseModel):
    """What is summed up: a period that ends now, or the time from `start` to `end`; neither: the last day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    period: Literal["1h", "24h", "7d", "30d"] | None = Field(default=None, description="It ends now. Default: 24h.")
    start: Moment | None = Field(default=None, description="Included; without a zone it is UTC.")
    end: Moment | None = Field(default=None, description="Not included; default: now.")
    key_id: KeyId | None = Field(default=None, description="Only requests by this key.")
    tenant: TenantName | None = Field(default=None, description="Only requests by keys of this tenant.")

    @model_validator(mode="after")
    def _check_one_way(self) -> Self:
        if self.period is not None and (self.start is not None or self.end is not None):
            raise BrokenRuleError(("period",), "cannot be given with start or end")
        if self.start is None and self.end is not None:
            raise BrokenRuleError(("start",), "is needed with end")
        return self


class UsageSummary(BaseModel):
    """Usage of a period in short; of one key or tenant, where one was asked for."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "period": "24h",
                "start": "2026-11-20T20:45:00Z",
                "end": "2026-11-21T20:45:00Z",
                "totals": _SUMS,
                "total_tokens": 508347,
                "total_cost_usd": 1.84217715,
                "cache_hit_rate": 30.0,
                "by_provider": [{**_SUMS, "key": "openai"}],
                "by_model": [{**_SUMS, "key": "gpt-6-luna"}],
                "generated_at": "2026-11-21T20:45:00Z",
            }
        },
    )

    period: str | None = None
    start: datetime
    end: datetime
    totals: UsageSums
    total_tokens: int
    total_cost_usd: Money = Field(description="Without what is estimated.")
    cache_hit_rate: float | None = Field(
        default=None, description="Percent of what was looked for in the cache; null: nothing was."
    )
    by_provider: list[UsageGroup] = Field(description="Key null: requests that nobody answered.")
    by_model: list[UsageGroup]
    generated_at: datetime
