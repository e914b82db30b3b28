"""How large may the head of a request be?

The parser (httptools) has no limit of its own: a head that never ends would fill the memory, before any key is asked.
"""

from __future__ import annotations

from app.cli.connection import Connection

MAX_HEAD_BYTES = 64 * 1024


class BoundedHeads(Connection):
    """A connection that answers 400 and closes once an unfinished head is larger than 64 KB.

    Counted from the read after the one in which it began: that one may hold the end of another request's body.
    One read brings 256 KB at most.
    """

    _head_bytes = 0

    def head_goes_on(self, size: int, *, is_new: bool) -> None:
        """See `Connection`."""
        if is_new or self.transport.is_closing():
            self._head_bytes = 0
            return
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            self.logger.warning("A request's head is larger than %d bytes.", MAX_HEAD_BYTES)
            self.send_400_response(f"The head of the request is larger than {MAX_HEAD_BYTES} bytes.")
