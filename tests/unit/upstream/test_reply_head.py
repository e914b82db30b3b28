"""Is the head that is kept for later read for what it is, and does it hold all names that are asked of it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.upstream.reply_head import head_in, read_headers

HEAD = b"HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 9\r\n\r\n"
READ = [(b"X-One", b"1"), (b"Content-Length", b"9")]
INTERIM = b"HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\n"
BODIES = (b"", b"\0\r\n\r\n\0", b"X-Two: 2\n\n", b"123456789junk", b"123456789" + HEAD, b"123456789" + INTERIM)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("begin", [b"", b"\r\n", b"\r\n\r\n", INTERIM, b"\r\n" + INTERIM + INTERIM])
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_head_in_what_came_is_read_for_what_it_is(begin: bytes, line_end: bytes, body: bytes) -> None:
    """Whatever stands before it and behind it, and however its lines end."""
    head = head_in(begin + HEAD.replace(b"\r\n", line_end) + body)
    assert read_headers(head) == READ
    assert b"content-length" in head.lower()


@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
@pytest.mark.parametrize("status", [b"200", b"304", b"404", b"500"])
def test_head_of_a_usual_reply_is_kept_without_its_body(version: bytes, status: bytes) -> None:
    """A stream lives for long, and its first piece need not."""
    head = HEAD.replace(b"HTTP/1.1 200", version + b" " + status)
    assert head_in(head + b"\0" * 100) == head


@given(names=st.lists(st.from_regex(rb"[A-Za-z][A-Za-z-]{0,12}", fullmatch=True), max_size=6), body=st.binary())
def test_every_name_of_a_head_is_found_in_it(names: list[bytes], body: bytes) -> None:
    """A header that nobody finds is none to us."""
    lines = b"".join(b"X-%b: v\r\n" % name for name in names)
    head = head_in(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n" + body)
    assert read_headers(head) == [(b"X-" + name, b"v") for name in names]
    assert all(b"x-" + name.lower() in head.lower() for name in names)


@pytest.mark.parametrize("begin", [b"", INTERIM])
def test_nul_in_a_header_is_refused(begin: bytes) -> None:
    """It is read as the end of a text by others."""
    with pytest.raises(ValueError, match="not HTTP"):
        head_in(begin + HEAD.replace(b"1\r\nContent", b"a\0b\r\nContent"))
