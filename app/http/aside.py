"""Where is a body read? On the event loop; a large one in a thread, so that nobody else waits until it is read.

The interpreter's lock is shared, but a thread gives it back every few milliseconds: the loop gets its turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

Read = TypeVar("Read")

# Read in some milliseconds, whatever stands in it; a thread costs a tenth of one.
MANY_BYTES = 2**18


async def read_aside(size_bytes: int, read: Callable[[], Read]) -> Read:
    """What `read` makes of a body of so many bytes. Raises what it raises; when cancelled, it reads on for nobody."""
    return read() if size_bytes <= MANY_BYTES else await asyncio.to_thread(read)
