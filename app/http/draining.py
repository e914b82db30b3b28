"""How does the edge end? First it is ready no more, then it takes no new calls, then it cuts those still under way.

The process's own part, signals and sockets, is the command's.
"""

from __future__ import annotations

import asyncio
import logging

from app.http.edge import Edge

# Time for the last words of those who were cut.
LAST_WORDS_SECONDS = 1.0
_log = logging.getLogger(__name__)


async def wind_down(edge: Edge, *, drain_seconds: float, stream_drain_seconds: float) -> None:
    """Ends the edge in order. Calls are taken for `drain_seconds` more, so that balancers can see that `/readyz` is
    503; those under way then have `stream_drain_seconds`. Cancelled, it cuts them at once.
    """
    edge.drain()
    try:
        _log.info("draining: calls are taken for %g s more", drain_seconds)
        await asyncio.sleep(drain_seconds)
        edge.close()
        _log.info("closed to new calls: %d under way may end within %g s", len(edge.under_way), stream_drain_seconds)
        await edge.under_way.is_over(within_seconds=stream_drain_seconds)
    finally:
        edge.close()
        if edge.under_way:
            _log.warning("%d calls did not end in time and are cut", len(edge.under_way))
            edge.under_way.cut()
    await edge.under_way.is_over(within_seconds=LAST_WORDS_SECONDS)
