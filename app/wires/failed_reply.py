"""Which error of ours is a reply that a vendor failed with? What is the same in all dialects.

A dialect reads the document and finds its class; the words and fields of the error, and what the status and the headers
alone say, are made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app.wires.error_classes import ErrorClass
from app.wires.json_text import load_json
from app.wires.retry_after import retry_after_seconds
from contracts.errors import AuthenticationError, InvalidRequestError, LLMProviderError, ProviderProtocolError
from contracts.fault import Fault
from contracts.redaction import VENDOR_MESSAGE_LIMIT, redact
from contracts.responses import FieldError
from contracts.vendor_error import VendorError

_SAFE_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_LONGEST_MESSAGE = VENDOR_MESSAGE_LIMIT * 4
_LONGEST_FIELD = 200


def load_failure(body: bytes) -> Any:
    """The JSON value of a failed reply's body; None when it is none."""
    try:
        return load_json(body)
    except ValueError:
        return None


def read_message(value: Any) -> str | None:
    """A vendor's own words, cut; None when there are none."""
    return value[:_LONGEST_MESSAGE] if isinstance(value, str) and value else None


def misplaced(
    status: int, *, has_document: bool, provider: str, model: str | None, advice: str = "check its base_url"
) -> ProviderProtocolError | None:
    """The error for a `status` that cannot be the answer of a vendor; None when it can."""
    if 300 <= status < 400:
        fact = f"a redirect, and redirects are not followed: {advice}"
    elif status < 300:
        fact = "which is neither an answer nor an error"
    elif status in (404, 405) and not has_document:
        fact = f"but no error document: {advice}"
    else:
        return None
    return ProviderProtocolError(
        f"{provider} answered {status}, {fact}", provider=provider, model=model, upstream_status=status
    )


def classified(
    kind: ErrorClass,
    *,
    status: int,
    provider: str,
    model: str | None,
    message: str | None,
    codes: Iterable[str] = (),
    refused: Iterable[str] = (),
    covers_row: bool = True,
    remedy: str = "",
    words: VendorError | None = None,
) -> LLMProviderError:
    """The error of `kind` for a reply with `status` in which the vendor said `message`.

    Of `codes` the first that is plainly one is shown. `refused`: the fields that an invalid request is about.
    `covers_row` False: with another model the key may be good. `remedy` goes on after the detail.
    `words` are the vendor's own, kept with a fault of the caller's.
    """
    named = ", ".join([str(status), *[code for code in codes if is_plainly_a_code(code)][:1]])
    fields: dict[str, Any] = {
        "provider": provider,
        "model": model,
        "upstream_status": status,
        "vendor_message": message,
    }
    if kind.error.fault is Fault.CALLER:
        fields["vendor_error"] = words
    if issubclass(kind.error, AuthenticationError):
        fields["covers_row"] = kind.covers_row and covers_row
    if issubclass(kind.error, InvalidRequestError):
        fields["errors"] = [
            FieldError(field=redact(name[:_LONGEST_FIELD]), message="refused by the vendor") for name in refused
        ]
    return kind.error(f"{provider} {kind.fact} ({named}){remedy}", **fields)


def timed(error: LLMProviderError, headers: Mapping[str, str], *, now: datetime) -> LLMProviderError:
    """`error` with what `headers` (lower-case names) say of asking again, where it does not know that yet."""
    if error.retry_after is None:
        error.retry_after = retry_after_seconds(headers, now=now)
    error.retry_is_pointless = headers.get("x-should-retry") == "false"
    return error


def is_plainly_a_code(code: str) -> bool:
    """Whether `code` may stand in an error's text, which must never hold what a caller wrote, nor a key."""
    # A careless vendor, or a proxy before it, may put our key there.
    return _SAFE_CODE.fullmatch(code) is not None and redact(code) == code
