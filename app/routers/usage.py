"""Who spent what: reports over the ledger, as JSON or CSV, and the summary of a period."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.http.body import read_model
from app.http.described import BODY_ERRORS, answers, example_of, guarded, ref, takes
from app.http.edge import ADMINISTRATORS_ONLY, Service
from app.http.json_answer import json_answer
from app.http.usage_csv import MEDIA_TYPE, csv_answer, csv_text
from contracts import (
    KeyId,
    Moment,
    ProviderNotFoundError,
    StoreUnavailableError,
    TenantName,
    UsageAnalyticsDisabledError,
    UsageQuery,
    UsageReport,
    UsageSummary,
)

router = APIRouter(tags=["usage"], default_response_class=Response, dependencies=[ADMINISTRATORS_ONLY])

_REPORT: dict[str, Any] = example_of(UsageReport)
_SUMMARY = example_of(UsageSummary)
_REPORTED = answers("The sums.", ref("UsageReport"), _REPORT)
_REPORTED[200]["content"][MEDIA_TYPE] = {
    "schema": {"type": "string"},
    "example": csv_text(UsageReport.model_validate(_REPORT)),
}
_ERRORS = (UsageAnalyticsDisabledError, StoreUnavailableError)


@router.post(
    "/reports/usage",
    operation_id="get_usage_report",
    summary="Report the usage",
    responses=_REPORTED | guarded(*BODY_ERRORS, ProviderNotFoundError, *_ERRORS, admin=True),
    openapi_extra=takes(
        "UsageQuery",
        {
            "A month by model": {"start_date": "2026-11-01", "end_date": "2026-12-01", "group_by": "model"},
            "Days of a provider, in Stockholm": {
                "provider": "openai",
                "group_by": "day",
                "timezone": "Europe/Stockholm",
            },
            "All there is": {},
        },
    ),
)
async def get_usage_report(
    request: Request,
    service: Service,
    format: Annotated[  # noqa: A002 - the parameter's name in the URL
        Literal["json", "csv"], Query(description="csv: a table, one row for each group.")
    ] = "json",
) -> Response:
    """Requests, tokens and cost of a time, from the ledger: in all, and split by what `group_by` names."""
    query = await read_model(request, UsageQuery)
    report = await service.get_usage_report(**dict(query))
    return csv_answer(report) if format == "csv" else json_answer(report)


@router.get(
    "/api/v1/usage/summary",
    operation_id="get_usage_summary",
    summary="Sum up a period",
    responses=answers("The usage in short.", ref("UsageSummary"), _SUMMARY) | guarded(*_ERRORS, admin=True),
)
async def get_usage_summary(
    service: Service,
    period: Annotated[Literal["1h", "24h", "7d", "30d"] | None, Query(description="It ends now. Default: 24h.")] = None,
    start: Annotated[
        Moment | None, Query(description="Instead of a period: from when; without a zone it is UTC.")
    ] = None,
    end: Annotated[Moment | None, Query(description="Until when, which is not included; default: now.")] = None,
    key_id: Annotated[KeyId | None, Query(description="Only requests by this key.")] = None,
    tenant: Annotated[TenantName | None, Query(description="Only requests by keys of this tenant.")] = None,
) -> Response:
    """Requests, tokens, cost and cache hits of a period or a time, by provider and by model."""
    summary = await service.get_usage_summary(period, start=start, end=end, key_id=key_id, tenant=tenant)
    return json_answer(summary)
