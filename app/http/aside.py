"""Where is a body read? On the event loop; a large one in a thread, so that nobody else waits until it is read.

The interpreter's lock is shared, but a thread gives it back every few milliseconds: the loop gets its turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Read = TypeVar("Read")

# Read in some milliseconds, whatever stands in it; a thread costs a tenth of one.
MANY_BYTES = 2**18


async def read_aside(size_bytes: int, read: Callable[Given, Read], *given: Given.args, **named: Given.kwargs) -> Read:
    """What `read` makes of a body of so many bytes, and of what else it is given.

    Raises what it raises; when cancelled, it reads on for nobody.
    """
    if size_bytes <= MANY_BYTES:
        return read(*given, **named)
    return await asyncio.to_thread(read, *given, **named)
