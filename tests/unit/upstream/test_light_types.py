"""Are requests and replies that make their parts late the same as httpx2's own?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from app.upstream import FormedRequest, RequestForm, header_names, media_type, sent_headers
from app.upstream.light_types import UnreadReply, WholeReply, is_encoded

URL = httpx2.URL("https://vendor.example/v1/chat?a=b")
HOST = (b"Host", b"vendor.example")
JSON = (b"Content-Type", b"application/json")
GZIP = (b"Content-Encoding", b"gzip")
LENGTH = (b"Content-Length", b"2")


class Body(httpx2.AsyncByteStream):
    """A body of one piece that counts how often it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{}"

    async def aclose(self) -> None:
        """Count it."""
        self.closed += 1


def asked(method: str = "POST", *headers: tuple[bytes, bytes], agent: bytes = b"us/1") -> FormedRequest:
    """A request for two bytes of JSON, or a GET without any."""
    request = FormedRequest(RequestForm(method, URL, [HOST, *headers]), b"" if method == "GET" else b"{}")
    request.user_agent = agent
    return request


def reply(*headers: tuple[bytes, bytes], body: Body | None = None) -> UnreadReply:
    """A reply with these headers."""
    return UnreadReply(200, headers, body or Body(), asked())


@pytest.mark.parametrize(
    "method, headers, agent, lines",
    [
        ("POST", [], b"us/1", ["content-length: 2", "user-agent: us/1"]),
        ("GET", [], b"us/1", ["user-agent: us/1"]),
        ("POST", [(b"user-agent", b"own")], b"us/1", ["user-agent: own", "content-length: 2"]),
        ("POST", [], b"", ["content-length: 2"]),
    ],
)
async def test_request_says_the_same_by_its_bytes_and_as_httpx2s_type(
    method: str, headers: list[tuple[bytes, bytes]], agent: bytes, lines: list[str]
) -> None:
    """Whoever sends it; and what it asked before is still there when its headers are made."""
    request = asked(method, *headers, agent=agent)
    request.extensions["timeout"] = {"connect": 1.0}
    head = request.form.head
    assert head is not None
    bytes_sent = head.text + request.last_lines()
    assert bytes_sent.startswith(b"%b /v1/chat?a=b HTTP/1.1\r\nHost: vendor.example\r\n" % request.method.encode())
    assert bytes_sent.endswith(b"\r\n\r\n")
    said = bytes_sent.decode().lower().split("\r\n")[2:-2]
    assert [line for line in said if not line.startswith("accept-encoding")] == lines
    was_made = request.is_made
    assert [f"{name}: {value}" for name, value in request.headers.multi_items()][1:] == lines
    assert (was_made, request.is_made) == (False, True)
    assert await request.aread() == request.content
    assert request.extensions == {"timeout": {"connect": 1.0}}


def test_head_does_not_show_the_key_in_it() -> None:
    """A traceback's values, or a log line, may hold it."""
    assert "sk-1" not in repr(RequestForm("POST", URL, [(b"Authorization", b"Bearer sk-1")]).head)


def test_what_is_not_there_is_asked_for_in_vain() -> None:
    """Neither type passes for one that has everything."""
    for one in (asked(), reply(), WholeReply(reply(), b"{}")):
        with pytest.raises(AttributeError, match="has no appendix"):
            one.appendix  # noqa: B018 - asked for its error


@pytest.mark.parametrize(
    "headers, said",
    [
        ([JSON], "application/json"),
        ([(b"CONTENT-TYPE", b" Text/HTML ; charset=utf-8")], "text/html"),
        ([JSON, JSON], "application/json, application/json"),
        ([], ""),
    ],
)
def test_media_type_is_that_of_httpx2(headers: list[tuple[bytes, bytes]], said: str) -> None:
    """Whether the reply is one of ours or of a transport that knows only httpx2's."""
    others = httpx2.Response(200, headers=headers, stream=Body())
    assert media_type(reply(*headers)) == media_type(others) == said
    assert others.headers.get("content-type", "").partition(";")[0].strip().lower() == said


def test_headers_are_looked_through_without_being_made() -> None:
    """Their names are one text, and they stand as they came."""
    unread = reply(JSON, GZIP)
    whole = WholeReply(unread, b"{}")
    for one in (unread, whole, httpx2.Response(200, headers=[JSON, GZIP], stream=Body())):
        assert header_names(one) == b"content-type\ncontent-encoding"
        assert list(sent_headers(one)) == [JSON, GZIP]
        assert is_encoded(one)
    assert not unread.is_made
    assert not whole.is_made
    assert not is_encoded(reply(JSON))


def test_whole_reply_describes_the_body_that_it_has() -> None:
    """No longer the compressed one, of which it was made."""
    plain, packed = WholeReply(reply(JSON, LENGTH), b"{}"), WholeReply(reply(JSON, GZIP, LENGTH), b"{}")
    assert dict(plain.headers) == {"content-type": "application/json", "content-length": "2"}
    assert dict(packed.headers) == {"content-type": "application/json"}
    assert packed.json() == {}
    assert (packed.status_code, packed.request.url) == (200, URL)


@pytest.mark.parametrize("value, text", [(b"ok", "ok"), ("\u00fc".encode(), "\u00fc"), (b"\xfc", "\u00fc")])
def test_headers_are_read_in_the_encoding_that_they_have(value: bytes, text: str) -> None:
    """As httpx2 finds it out: ASCII, UTF-8, or else Latin-1."""
    assert WholeReply(reply((b"X-Name", value)), b"").headers["x-name"] == text


@pytest.mark.parametrize("is_made", [False, True])
async def test_closing_a_reply_closes_its_body(is_made: bool) -> None:
    """Whether or not anybody had asked for its headers."""
    body = Body()
    unread = reply(JSON, body=body)
    assert not is_made or unread.headers
    await unread.aclose()
    assert body.closed == 1
    assert unread.is_made is is_made


def test_body_that_is_given_is_what_the_reply_says() -> None:
    """Before and after somebody asks for its headers."""
    unread = reply(LENGTH)
    unread.content = b"{}"
    assert not unread.is_made
    assert (unread.json(), dict(unread.headers), unread.content) == ({}, {"content-length": "2"}, b"{}")


async def test_body_that_is_not_given_is_there_once_it_is_read() -> None:
    """Nobody gets nothing in its place."""
    unread = reply(LENGTH)
    with pytest.raises(httpx2.ResponseNotRead):
        unread.content  # noqa: B018 - asked for its error
    assert await unread.aread() == unread.content == b"{}"
