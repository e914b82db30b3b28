"""Which version of the dialect does a caller speak? Source: platform.claude.com/docs/en/api/versioning, and the SDK.

A version is a day: 2023-06-01 for years, 2026-10-21 since anthropic 2. A later one is taken too, for a new SDK must not
fail before it has asked anything; what is no day is no version.
"""

from __future__ import annotations

from datetime import date

from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

VERSION_HEADER = "anthropic-version"
VERSION_PATTERN = r"^20\d\d-[01]\d-[0-3]\d$"
_FIRST = date(2023, 1, 1)


def check_version(sent: str) -> None:
    """Raises InvalidRequestError for what is no version."""
    try:
        is_version = date.fromisoformat(sent.strip()) >= _FIRST and "-" in sent
    except ValueError:
        is_version = False
    if not is_version:
        message = "must be a version, a day such as 2023-06-01"
        errors = [FieldError(field=VERSION_HEADER, message=message)]
        raise InvalidRequestError(f"{VERSION_HEADER}: {message}", errors=errors)
