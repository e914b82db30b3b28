"""What is asked of a contender, at which of its doors?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks.comparison.paces import Pace

PROMPT = "Say how a bridge carries a load, in one paragraph."
JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Ask:
    """One POST to this machine."""

    port: int
    path: str
    body: str
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)

    def request(self, *, closes: bool = False) -> bytes:
        """The request as it goes over the wire; `closes` asks for the connection to end with the answer."""
        body = self.body.encode()
        headers = {"host": f"127.0.0.1:{self.port}", **self.headers, "content-length": str(len(body))}
        if closes:
            headers["connection"] = "close"
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST {self.path} HTTP/1.1\r\n{head}\r\n".encode() + body


@dataclass(frozen=True)
class Surface:
    """One door of a contender. `plain` and `streamed` give what to send there to be answered at a pace, None: at once.

    A surface that is not `is_main` is measured where it differs from the main ones, not everywhere. `streamed` is None
    where there is nothing to stream.
    """

    name: str
    plain: Callable[[Pace | None], Ask]
    streamed: Callable[[Pace], Ask] | None
    is_main: bool = True
