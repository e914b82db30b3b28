"""Who sends a request without being waited for? A transport that has a connection at hand, as ours mostly has.

Then only the answer is waited for, by whoever wants it: each coroutine in between would be one more to make and wake.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import httpx2

from app.upstream.light_types import FormedRequest

if TYPE_CHECKING:
    from app.upstream.connection import Reply


class PromptTransport(httpx2.AsyncBaseTransport):
    """One that can be asked in both ways."""

    @abstractmethod
    def begin(self, request: FormedRequest) -> Reply | None:
        """Its reply, of which nothing is here yet; None: nothing was sent, and it goes by `handle_async_request`.

        Who gives up before the reply is whole aborts it. Raises httpx2's exceptions.
        """
