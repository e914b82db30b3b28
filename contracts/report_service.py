"""The part of the contract that tells what was done: statistics, usage and the audit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime

from contracts.audit import AuditPage, AuditQuery
from contracts.providers import ProviderType
from contracts.reports import LLMServiceStatistics
from contracts.usage_reports import UsageGrouping, UsageReport, UsageSummary


class IReports(ABC):
    """Reads what was written, once what is on its way is written too."""

    @abstractmethod
    async def get_statistics(self) -> LLMServiceStatistics:
        """What this process did since the last reset."""

    @abstractmethod
    async def reset_statistics(self) -> LLMServiceStatistics:
        """Starts the statistics anew, and returns them as they are then."""

    @abstractmethod
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
        """Requests, tokens and cost from the ledger; see UsageQuery for what each of these means.

        A provider that is neither configured nor in the books is a ProviderNotFoundError. Raises InvalidRequestError,
        UsageAnalyticsDisabledError and StoreUnavailableError too.
        """

    @abstractmethod
    async def get_usage_summary(
        self,
        period: str | None = None,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        key_id: str | None = None,
        tenant: str | None = None,
    ) -> UsageSummary:
        """Usage of a `period` that ends now (1h, 24h, 7d or 30d), or from `start` to `end`, by provider and by model.

        Of all callers, or of one key, one tenant, or one key there.

        Raises InvalidRequestError, UsageAnalyticsDisabledError and StoreUnavailableError.
        """

    @abstractmethod
    async def get_audit(self, query: AuditQuery | None = None) -> AuditPage:
        """One page of who did what, the newest first. Raises InvalidRequestError and StoreUnavailableError."""
