"""Who is to blame for an error?"""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """Whose fault an error is: it decides whether a breaker counts it and whether the next candidate is tried."""

    CALLER = "caller"
    PROVIDER = "provider"
    POLICY = "policy"
    SERVICE = "service"
