"""The base of every error: what each carries, and what it says to whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from contracts.fault import Fault
from contracts.redaction import redact

if TYPE_CHECKING:
    from contracts.responses import Attempt, FieldError
    from contracts.vendor_error import VendorError


class LLMProviderError(Exception):
    """Base of the tree. `retry_after` is in seconds, `provider` a row's name, `upstream_status` the vendor's.

    `reached_vendor`: for all we know, so it may be billed. `vendor_error` is for callers of the vendor's dialect only.
    """

    status: ClassVar[int] = 500
    error_type: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"
    fault: ClassVar[Fault] = Fault.SERVICE
    is_retryable: ClassVar[bool] = False

    def __init__(
        self,
        detail: str = "",
        *,
        provider: str | None = None,
        model: str | None = None,
        retry_after: float | None = None,
        upstream_status: int | None = None,
        vendor_message: str | None = None,
        vendor_error: VendorError | None = None,
        errors: Sequence[FieldError] = (),
        attempts: Sequence[Attempt] = (),
        request_id: str | None = None,
        correlation_id: str | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.provider, self.model = provider, model
        self.retry_after, self.upstream_status = retry_after, upstream_status
        self.vendor_message = redact(vendor_message) if vendor_message else None
        self.vendor_error = vendor_error
        self.errors, self.attempts = tuple(errors), tuple(attempts)
        self.request_id, self.correlation_id = request_id, correlation_id
        self.retry_is_pointless = False
        self.was_sent = True
        self.reached_vendor = True

    @property
    def detail(self) -> str:
        """What the caller reads: our sentence, and for the caller's own fault the vendor's words behind it."""
        if self.fault is Fault.CALLER and self.vendor_message:
            return f"{self}: {self.vendor_message}"
        return str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), self.args, self.__dict__)
