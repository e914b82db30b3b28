"""What does the head of a reply say, where nobody has read its headers one by one yet?

Most replies are asked no more than whether a header of some name may be there: their heads stay the bytes that they
are. To take each of five headers from the parser took two thirds of its time (2.5 against 0.8 us), of 25 five sixths.
"""

from __future__ import annotations

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

# Servers that are read now must be read here: aiohttp, which the other calls go through, grants the same three.
_LENIENT = {
    "lenient_headers": True,
    "lenient_optional_cr_before_lf": True,
    "lenient_spaces_after_chunk_size": True,
}
FIRST_FINAL_STATUS = 200
# What begins so begins with the head of the reply itself, and not with one that only announces it (1xx).
_FINAL = tuple(b"HTTP/1.%d %d" % (minor, hundreds) for minor in (1, 0) for hundreds in (2, 4, 5, 3))
_END = b"\r\n\r\n"


def reply_parser(reader: object) -> HttpResponseParser:
    """The parser of one connection's replies, which tells `reader` of them."""
    parser = HttpResponseParser(reader)
    parser.set_dangerous_leniencies(**_LENIENT)
    return parser


def head_in(received: bytes) -> bytes:
    """What of `received`, which the parser found to hold a whole head, may be of that head: mostly no more than it.

    Raises ValueError for a NUL in a header.
    """
    end = received.find(_END)
    if end >= 0 and received.startswith(_FINAL):
        head = received[: end + 4]
        if b"\0" not in head:
            return head
    read_headers(received)
    return received


def read_headers(received: bytes) -> list[tuple[bytes, bytes]]:
    """The headers of the reply whose head `received` holds. Raises ValueError for a NUL in one."""
    reader = _HeaderReader()
    try:
        reader.parser.feed_data(received)
    except (HttpParserError, HttpParserUpgrade):
        if not reader.has_all:
            raise ValueError("a header that is not HTTP") from None
    finally:
        # They hold each other.
        del reader.parser
    return reader.headers


class _HeaderReader:
    """Takes the headers of one reply."""

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.has_all = False
        self.parser = reply_parser(self)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header, or a trailer, which nobody here reads."""
        if self.has_all:
            return
        if b"\0" in value:
            raise ValueError
        self.headers.append((name, value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        """A head is whole; one of 1xx only announces another."""
        if self.parser.get_status_code() >= FIRST_FINAL_STATUS:
            self.has_all = True
        elif not self.has_all:
            self.headers.clear()
