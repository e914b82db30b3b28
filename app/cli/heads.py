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

    _is_in_head = False
    _heads = 0
    _head_bytes = 0

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._is_in_head = True
        self._heads += 1
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self._is_in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Bytes have come in."""
        heads = self._heads
        super().data_received(data)
        if not self._is_in_head or heads != self._heads or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self.logger.warning("A request's head is larger than %d bytes.", MAX_HEAD_BYTES)
            self.send_400_response(f"The head of the request is larger than {MAX_HEAD_BYTES} bytes.")
