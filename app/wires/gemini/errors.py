"""Which error of ours is the vendor's error document?

`{"error": {code, message, status, details}}`. A reason or a quota in the details decides, else the status's name with
its message, else the bare status. The time to wait stands in the details (`RetryInfo`), not in a header.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.wires.error_classes import CONTENT_POLICY, QUOTA, ErrorClass, class_of_status
from app.wires.failed_reply import classified, is_plainly_a_code, load_failure, misplaced, read_message, timed
from app.wires.gemini.error_codes import STATUSES, class_of_reason, class_of_status_name
from app.wires.gemini.error_details import ErrorDetails, read_details
from contracts.errors import LLMProviderError


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDocument:
    """What the vendor says of a failure: `status` is the number in it, `name` the status's name."""

    message: str | None = field(default=None, repr=False)
    status: int | None = None
    name: str = ""
    details: ErrorDetails = field(default_factory=ErrorDetails)


def decode_error(
    status: int, headers: Mapping[str, str], body: bytes, *, provider: str, model: str | None, now: datetime
) -> LLMProviderError:
    """The error for a reply whose status is not 200. `headers` finds lower-case names; `now` is aware."""
    document = error_document(load_failure(body))
    wrong = misplaced(status, has_document=document is not None, provider=provider, model=model)
    if wrong is not None:
        return wrong
    error = _error(document or ErrorDocument(), status=status, provider=provider, model=model)
    return timed(error, headers, now=now)


def in_band_error(document: ErrorDocument, *, provider: str, model: str | None) -> LLMProviderError:
    """The error for a document that came inside a reply whose status was 200."""
    status = document.status if document.status is not None and document.status >= 400 else 200
    return _error(document, status=status, provider=provider, model=model)


def blocked_prompt(reason: Any, *, provider: str, model: str | None) -> LLMProviderError:
    """The error for a prompt that the vendor refused to answer at all: there is no candidate, so no answer ends."""
    shown = f", {reason}" if isinstance(reason, str) and is_plainly_a_code(reason) else ""
    detail = f"{provider} {CONTENT_POLICY.fact} (200{shown})"
    return CONTENT_POLICY.error(detail, provider=provider, model=model, upstream_status=200)


def error_document(data: Any) -> ErrorDocument | None:
    """The error in a decoded body, alone or as the one element of a list."""
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    error = data.get("error") if isinstance(data, dict) else None
    if isinstance(error, str) and error:
        return ErrorDocument(message=read_message(error))
    if not isinstance(error, dict):
        return None
    code, name = error.get("code"), error.get("status")
    return ErrorDocument(
        message=read_message(error.get("message")),
        status=code if isinstance(code, int) and not isinstance(code, bool) and 100 <= code < 600 else None,
        name=name if isinstance(name, str) else "",
        details=read_details(error.get("details")),
    )


def _error(document: ErrorDocument, *, status: int, provider: str, model: str | None) -> LLMProviderError:
    error = classified(
        _classify(document, status),
        status=status,
        provider=provider,
        model=model,
        message=document.message,
        codes=(*document.details.reasons, document.name),
        refused=document.details.fields,
    )
    error.retry_after = document.details.retry_after
    return error


def _classify(document: ErrorDocument, status: int) -> ErrorClass:
    by_reason = (class_of_reason(reason) for reason in document.details.reasons)
    kind = next((kind for kind in by_reason if kind is not None), None)
    if kind is None and document.details.is_daily_quota:
        kind = QUOTA
    kind = kind or class_of_status_name(document.name, document.message)
    return kind or class_of_status(status, STATUSES)
