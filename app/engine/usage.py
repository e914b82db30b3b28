"""What is asked of the books for a report, and how are two reports made into a summary?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.ports.books import BookReader
from contracts.errors import InvalidRequestError
from contracts.field_errors import field_errors
from contracts.responses import FieldError
from contracts.usage_reports import UsageGrouping, UsageQuery, UsageSummary, UsageSummaryQuery

Query = TypeVar("Query", bound=BaseModel)

_DEFAULT_PERIOD = "24h"
_PERIODS = {
    "1h": timedelta(hours=1),
    "24h": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}


def query_of(model: type[Query], values: Mapping[str, Any]) -> Query:
    """`values` as a query; what is None was not given. Raises InvalidRequestError, which names the field."""
    given = {name: value for name, value in values.items() if value is not None}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        wrong = field_errors(error, model, given)
        raise InvalidRequestError(f"{wrong[0].field}: {wrong[0].message}", errors=wrong) from None


async def summary_of(reader: BookReader, query: UsageSummaryQuery, now: datetime) -> UsageSummary:
    """The summary; `now` has a zone. Raises InvalidRequestError when it ends before it begins, StoreUnavailableError.

    Providers and models are read one after the other: what ends in between is in the second only.
    """
    period = query.period or (_DEFAULT_PERIOD if query.start is None else None)
    start = _in_utc(query.start) if query.start is not None else now - _PERIODS[period or _DEFAULT_PERIOD]
    end = _in_utc(query.end) if query.end is not None else now
    if end < start:
        field = "start" if query.end is None else "end"
        raise _query_error(field, "is in the future" if query.end is None else "is before start")
    asked = UsageQuery(start_date=start, end_date=end, key_id=query.key_id, tenant=query.tenant)
    by_provider = await reader.usage(asked.model_copy(update={"group_by": UsageGrouping.PROVIDER}))
    by_model = await reader.usage(asked.model_copy(update={"group_by": UsageGrouping.MODEL}))
    totals = by_provider.totals
    looked_up = totals.cached + totals.cache_misses
    return UsageSummary(
        period=period,
        start=by_provider.start_date or start,
        end=by_provider.end_date,
        totals=totals,
        total_tokens=totals.total_tokens,
        total_cost_usd=totals.cost_usd,
        cache_hit_rate=round(100 * totals.cached / looked_up, 2) if looked_up else None,
        by_provider=by_provider.groups,
        by_model=by_model.groups,
        generated_at=by_provider.generated_at,
    )


def _query_error(field: str, message: str) -> InvalidRequestError:
    return InvalidRequestError(f"{field}: {message}", errors=[FieldError(field=field, message=message)])


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
