"""What did the caller say in a header?"""

from __future__ import annotations

from starlette.datastructures import Headers

from app.http.sent_headers import sent_in


def test_sent_headers_are_found_by_name() -> None:
    """Of one that was sent twice the first is found, as the framework finds it; what was not sent is not there."""
    headers = Headers(raw=[(b"a", b"1"), (b"b", b"2"), (b"a", b"3")])
    assert sent_in({"headers": headers.raw}) == {b"a": b"1", b"b": b"2"}
    assert headers["a"] == "1"
