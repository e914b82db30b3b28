"""How does an answer leave whose bytes are all there? In one step, where the server can write it so."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from functools import cached_property

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

# Of our own server (app/cli/exchange.py): the extension that its scopes name, and the type of the message. Whoever
# stands between with a `send` of his own takes it out of the scope, if he looks at what passes.
WHOLE_ANSWER = "llm.whole_answer"
_TYPE = "content-type: application/json"


class WholeAnswer(Response):
    """`body`, which is JSON; `headers` have names in lower case, and neither its length nor its type among them.

    The framework's own response looks for those two, and at what kind of thing its content is; and its headers are
    made bytes, listed and looked through again on their way. Here they are the lines that are written.
    """

    def __init__(self, body: bytes, headers: Mapping[str, str], *, status: int = 200) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self._lines = [*map(": ".join, headers.items()), _TYPE]

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override] # to be awaited
        """ASGI."""
        # Whoever asked for its headers may have changed them.
        is_plain = self.background is None and "raw_headers" not in self.__dict__
        if is_plain and WHOLE_ANSWER in scope.get("extensions", ()):
            return send({"type": WHOLE_ANSWER, "status": self.status_code, "lines": self._lines, "body": self.body})
        return super().__call__(scope, receive, send)

    @cached_property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:  # type: ignore[override] # made when somebody asks
        """As the framework has them, for every other server and for whoever looks at them."""
        pairs = (line.encode("latin-1").partition(b": ") for line in self._lines)
        return [*((name, value) for name, _, value in pairs), (b"content-length", b"%d" % len(self.body))]
