"""How do httpx2's requests and replies cost nothing of what nobody asks of them?

httpx2's types describe themselves anew for each call: their headers alone are normalised one by one, copied and tried
in several encodings. What a plain call needs of them is known here. So httpx2's own constructor runs only when somebody
asks for what it makes: a proxy's transport, an error's decoder, a test. A call took 47 us before, from the bytes of its
body to those of the reply, and takes 16 so; the socket and the loop have 5 of them.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Sequence
from functools import cached_property
from typing import Any

import httpx2

from app.upstream.reply_head import read_headers
from app.upstream.request_head import Head, request_head

ENCODING = b"content-encoding"
_HEADERS_OF_THE_ENCODED_BODY = (ENCODING, b"content-length", b"transfer-encoding")


class _MadeWhenAsked:
    """Runs `_make` when an attribute is asked for that is not there yet."""

    is_made = False

    def __getattr__(self, name: str) -> Any:
        if self.is_made:
            raise AttributeError(f"{type(self).__name__} has no {name}")
        self.is_made = True
        self._make()
        return getattr(self, name)

    def _make(self) -> None:
        """Let httpx2's constructor make it."""


class RequestForm:
    """What all requests of one kind have in common."""

    def __init__(self, method: str, url: httpx2.URL, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.method = method
        self.url = url
        self.headers = tuple(headers)
        self.server = url.scheme, url.netloc, url.userinfo
        self.names_agent = any(name.lower() == b"user-agent" for name, _ in self.headers)

    @cached_property
    def head(self) -> Head | None:
        """As `request_head`, without what differs from request to request."""
        return request_head(self.method, self.url, self.headers)


class FormedRequest(_MadeWhenAsked, httpx2.Request):
    """A request of which the `form` says all but the body, and the `user_agent`, where it names none itself."""

    user_agent = b""

    def __init__(self, form: RequestForm, body: bytes) -> None:
        self.form = form
        self.method = form.method
        self.url = form.url
        self.extensions = {}
        self.body = body

    @property
    def content(self) -> bytes:
        """The whole body."""
        return self.body

    def last_lines(self) -> bytes:
        """The end of its head: what the form does not say of it, and the empty line."""
        agent = b"User-Agent: %b\r\n" % self.user_agent if self.user_agent and not self.form.names_agent else b""
        if self.body or self.method != "GET":
            return b"Content-Length: %d\r\n%b\r\n" % (len(self.body), agent)
        return b"%b\r\n" % agent

    def _make(self) -> None:
        own = [line.partition(b": ") for line in self.last_lines().splitlines()[:-1]]
        httpx2.Request.__init__(
            self,
            self.method,
            self.url,
            headers=[*self.form.headers, *[(name, value) for name, _, value in own]],
            stream=httpx2.ByteStream(self.body),
            extensions=self.extensions,
        )


class LightReply(_MadeWhenAsked, httpx2.Response):
    """What is known of the headers of both: see `header_names` and `sent_headers`."""

    names: bytes

    @property
    def sent_headers(self) -> Sequence[tuple[bytes, bytes]]:
        """All of them, as they came."""
        raise NotImplementedError


class UnreadReply(LightReply):
    """A reply whose body is still to come by `stream`, unless it is given as its `content`."""

    def __init__(
        self,
        status: int,
        headers: Sequence[tuple[bytes, bytes]],
        stream: httpx2.AsyncByteStream,
        request: httpx2.Request,
    ) -> None:
        self.status_code = status
        self.stream = stream
        self.names = _joined(headers)
        self._headers = headers
        self._unread = stream
        self._asked = request

    @property
    def sent_headers(self) -> Sequence[tuple[bytes, bytes]]:
        """All of them, as they came."""
        return self._headers

    @cached_property
    def content(self) -> bytes:
        """The whole body, once it is here. To whoever was given it an attribute like others, which nobody computes."""
        return super().content

    def aclose(self) -> Coroutine[Any, Any, None]:
        """Close the connection, unless the reply is whole."""
        return super().aclose() if self.is_made else self._unread.aclose()

    def _make(self) -> None:
        body: bytes | None = self.__dict__.get("content")
        stream = self._unread if body is None else httpx2.ByteStream(body)
        httpx2.Response.__init__(self, self.status_code, headers=self.sent_headers, stream=stream, request=self._asked)


class HeadedReply(UnreadReply):
    """One of which the `head` is at hand as it came, and the headers in it are read when somebody asks for them."""

    def __init__(self, status: int, head: bytes, stream: httpx2.AsyncByteStream, request: httpx2.Request) -> None:
        self.status_code = status
        self.stream = self._unread = stream
        # With their values, among which hardly anybody looks for a name, and who finds one looks closer.
        self.names = head.lower()
        self._head = head
        self._asked = request

    @property
    def sent_headers(self) -> Sequence[tuple[bytes, bytes]]:
        """All of them, as they came."""
        return read_headers(self._head)


class WholeReply(LightReply):
    """`reply` with its decompressed `body` at hand, and the headers that fit that."""

    def __init__(self, reply: httpx2.Response, body: bytes) -> None:
        self.status_code = reply.status_code
        self.names = header_names(reply)
        self._reply = reply
        self._body = body

    @property
    def sent_headers(self) -> Sequence[tuple[bytes, bytes]]:
        """All of them, as they came."""
        return sent_headers(self._reply)

    @property
    def content(self) -> bytes:
        """The whole body."""
        return self._body

    def _make(self) -> None:
        kept = self.sent_headers
        if is_encoded(self):
            kept = [pair for pair in kept if pair[0].lower() not in _HEADERS_OF_THE_ENCODED_BODY]
        httpx2.Response.__init__(
            self,
            self.status_code,
            headers=kept,
            stream=httpx2.ByteStream(self._body),
            request=self._reply.request,
            extensions=self._reply.extensions,
        )


def sent_headers(reply: httpx2.Response) -> Sequence[tuple[bytes, bytes]]:
    """All its headers, as they came."""
    return reply.sent_headers if isinstance(reply, LightReply) else reply.headers.raw


def header_names(reply: httpx2.Response) -> bytes:
    """The names of all its headers, in lower case, a line each: asked whether one of them may be there."""
    return reply.names if isinstance(reply, LightReply) else _joined(reply.headers.raw)


def media_type(reply: httpx2.Response) -> str:
    """What its body is said to be, in lower case; empty: nothing is said."""
    said = b", ".join([value for name, value in sent_headers(reply) if name.lower() == b"content-type"])
    return said.partition(b";")[0].strip().lower().decode("latin-1")


def is_encoded(reply: httpx2.Response) -> bool:
    """Whether its body is compressed, or may be."""
    return ENCODING in header_names(reply)


def _joined(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    return b"\n".join([name for name, _ in headers]).lower()
