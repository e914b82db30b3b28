"""How does an answer leave whose bytes are all there? With headers that are bytes already, in one look at them."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

_TYPE = (b"content-type", b"application/json")


class WholeAnswer(Response):
    """`body`, which is JSON; `headers` have names in lower case, and neither its length nor its type among them.

    The framework's own response looks for those two, and at what kind of thing its content is.
    """

    def __init__(self, body: bytes, headers: Mapping[str, str], *, status: int = 200) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        self.raw_headers += ((b"content-length", b"%d" % len(body)), _TYPE)
