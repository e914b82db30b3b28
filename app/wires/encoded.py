"""What every wire makes of a conversation: a body, and what the body does not hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.wires.inbound import OWN_FIELD
from contracts.errors import InvalidRequestError
from contracts.field_errors import shown_key
from contracts.quick_making import quickly_made
from contracts.responses import FieldError


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A request body, and one sentence for each thing that it does not hold; `unsupported`: the parameters of these."""

    body: dict[str, Any] = field(repr=False)
    warnings: tuple[str, ...] = ()
    unsupported: tuple[FieldError, ...] = ()


def with_options(
    body: dict[str, Any], options: Mapping[str, Any], *, provider: str, reserved: tuple[str, ...]
) -> dict[str, Any]:
    """`options` of the caller laid over `body`, deep.

    Raises InvalidRequestError for a field of `reserved`, in whatever case: some servers tell no cases apart.
    """
    if not options:
        return dict(body)
    taken = {name.casefold(): name for name in (*reserved, OWN_FIELD)}
    for given in options:
        name = taken.get(given.casefold())
        if name is not None:
            path = f"vendor_options.{provider}.{shown_key(given)}"
            reason = "it is the service's own" if name == OWN_FIELD else f"the service itself sets {name}"
            raise InvalidRequestError(
                f"{path} is not allowed: {reason}",
                provider=provider,
                errors=[FieldError(field=path, message="set by the service itself")],
            )
    return _merged(body, options)


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in over.items():
        below = merged.get(name)
        merged[name] = _merged(below, value) if isinstance(below, dict) and isinstance(value, Mapping) else value
    return merged
