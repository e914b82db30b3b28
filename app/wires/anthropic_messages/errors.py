"""Which error of ours is the vendor's error document?

Code and status classify together; a message decides only for `invalid_request_error`, the code of everything from a
typing error to an empty account, and for `api_error` with a status that says it is no error of the API. Sources:
platform.claude.com, api/errors; SDK, types/shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.wires.anthropic_messages.error_codes import STATUSES, VAGUE_CODE, class_of_code, class_of_message
from app.wires.error_classes import INVALID, ErrorClass, class_of_status
from app.wires.failed_reply import classified, load_failure, misplaced, read_message, timed
from app.wires.vendor_words import read_words
from contracts.calls import Wire
from contracts.errors import LLMProviderError
from contracts.vendor_error import VendorError

_INVALID_CODE = "invalid_request_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDocument:
    """What the vendor says of a failure; `codes` are its machine-readable names, the most telling first.

    `words` are those that a caller of the dialect reads.
    """

    message: str | None = field(default=None, repr=False)
    codes: tuple[str, ...] = ()
    words: VendorError | None = None


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
    return _error(document, status=200, provider=provider, model=model)


def error_document(data: Any) -> ErrorDocument | None:
    """The error in a decoded body or event: `{"type": "error", "error": {"type", "message", "details"}}`."""
    error = data.get("error") if isinstance(data, dict) else None
    if not isinstance(error, dict):
        return None
    details = error.get("details")
    names = [details.get("error_code") if isinstance(details, dict) else None, error.get("type")]
    return ErrorDocument(
        message=read_message(error.get("message")),
        codes=tuple(name for name in names if isinstance(name, str) and name),
        words=read_words(error, Wire.ANTHROPIC_MESSAGES),
    )


def _error(document: ErrorDocument, *, status: int, provider: str, model: str | None) -> LLMProviderError:
    kind = _classify(document, status)
    return classified(
        kind,
        status=status,
        provider=provider,
        model=model,
        message=document.message,
        codes=document.codes,
        words=document.words,
    )


def _classify(document: ErrorDocument, status: int) -> ErrorClass:
    is_told_by_status = 400 <= status < 500
    for code in document.codes:
        kind = None if is_told_by_status and code == VAGUE_CODE else class_of_code(code)
        if kind is not None:
            return kind
    if status in (200, 400) and not {_INVALID_CODE, VAGUE_CODE}.isdisjoint(document.codes):
        return class_of_message(document.message or "") or INVALID
    return class_of_status(status, STATUSES)
