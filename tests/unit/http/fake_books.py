"""The part of a fake service that the books would answer: examples, and what was asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts import (
    AuditPage,
    AuditQuery,
    ILLMProviderService,
    ProviderType,
    UsageGrouping,
    UsageReport,
    UsageSummary,
)

REPORT = UsageReport.model_validate(UsageReport.model_json_schema()["example"])
SUMMARY = UsageSummary.model_validate(UsageSummary.model_json_schema()["example"])
PAGE = AuditPage.model_validate(AuditPage.model_json_schema()["example"])


class FakeBooks(ILLMProviderService):
    """`books_fault` is raised instead of an answer; `asked_of_books` is what was given last, without what was not."""

    books_fault: Exception | None = None
    usage_report: UsageReport = REPORT

    def __init__(self) -> None:
        self.asked_of_books: dict[str, Any] = {}

    async def get_usage_report(
        self,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        *,
        provider: str | ProviderType | None = None,
        model: str | None = None,
        key_id: str | None = None,
        tenant: str | None = None,
        tag: str | None = None,
        group_by: UsageGrouping | str | None = None,
        timezone: str = "UTC",
    ) -> UsageReport:
        dates = {"start_date": start_date, "end_date": end_date}
        names = {"provider": provider, "model": model, "key_id": key_id, "tenant": tenant, "tag": tag}
        self._note({**dates, **names, "group_by": group_by, "timezone": timezone})
        return self.usage_report

    async def get_usage_summary(
        self,
        period: str | None = None,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        key_id: str | None = None,
        tenant: str | None = None,
    ) -> UsageSummary:
        self._note({"period": period, "start": start, "end": end, "key_id": key_id, "tenant": tenant})
        return SUMMARY

    async def get_audit(self, query: AuditQuery | None = None) -> AuditPage:
        self._note(dict(query or AuditQuery()))
        return PAGE

    def _note(self, asked: dict[str, Any]) -> None:
        if self.books_fault is not None:
            raise self.books_fault
        self.asked_of_books = {name: value for name, value in asked.items() if value is not None}
