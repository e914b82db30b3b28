"""Which headers of a caller go on to vendors? A short list; everything else of a caller's stays here."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import Request

from app.http.sent_headers import SENT, sent_in
from contracts import CALLER_HEADERS, FieldError, InvalidRequestError

_LONGEST = 1024
_NAMES = frozenset(name.encode() for name in CALLER_HEADERS)


def vendor_headers_of(request: Request) -> dict[str, str]:
    """The same of a whole request; of most there are none."""
    scope = request.scope
    return {} if _NAMES.isdisjoint(scope.get(SENT) or sent_in(scope)) else vendor_headers(request.headers)


def vendor_headers(headers: Headers) -> dict[str, str]:
    """Those of `CALLER_HEADERS` that were sent. Raises InvalidRequestError for one that could not be sent on."""
    found = {name: ", ".join(headers.getlist(name)) for name in CALLER_HEADERS if name in headers}
    for name, value in found.items():
        if not (value.isascii() and value.isprintable() and len(value) <= _LONGEST):
            message = f"must be printable ASCII of at most {_LONGEST} characters"
            raise InvalidRequestError(f"{name}: {message}", errors=[FieldError(field=name, message=message)])
    return found
