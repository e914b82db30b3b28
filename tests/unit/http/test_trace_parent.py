"""Which trace does a caller's header name?"""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from app.http.trace_parent import trace_id_of, trace_parent_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    "value,found",
    [
        (f"00-{TRACE}-00f067aa0ba902b7-01", TRACE),
        (f"01-{TRACE}-00f067aa0ba902b7-01-more", TRACE),
        (f"ff-{TRACE}-00f067aa0ba902b7-01", None),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-00f067aa0ba902b7-01", None),
        (TRACE, None),
        ("", None),
    ],
)
def test_trace_id_is_read_from_a_good_header_only(value: str, found: str | None) -> None:
    """By the W3C's form; anything else is no trace."""
    assert trace_id_of(Headers({"traceparent": value})) == found


def test_trace_id_is_none_without_a_header() -> None:
    """None is made up."""
    assert trace_id_of(Headers({})) is None


@pytest.mark.parametrize("flags,is_sampled", [("00", False), ("01", True), ("02", False), ("03", True), ("ff", True)])
def test_trace_parent_has_the_caller_s_span_and_whether_it_is_kept(flags: str, is_sampled: bool) -> None:
    """The lowest bit alone says so."""
    found = trace_parent_of(Headers({"traceparent": f"00-{TRACE}-00f067aa0ba902b7-{flags}"}))
    assert found == (TRACE, "00f067aa0ba902b7", is_sampled)
