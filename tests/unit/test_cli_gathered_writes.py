"""Does what is written in one turn of the loop leave together, and all of it?"""

from __future__ import annotations

import asyncio
from typing import Any

from app.cli.gathered_writes import gathering


class Wire(asyncio.Transport):
    """Remembers what left, and how."""

    def __init__(self) -> None:
        super().__init__()
        self.left: list[bytes] = []
        self.is_closed = False

    def write(self, data: Any) -> None:
        """It leaves."""
        self.left.append(bytes(data))

    def write_eof(self) -> None:
        """No more will."""
        self.left.append(b"<eof>")

    def close(self) -> None:
        """Nothing leaves any more."""
        self.is_closed = True

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.is_closed


async def test_writes_of_one_turn_leave_together() -> None:
    """At its end; those of the next one by themselves."""
    wire = Wire()
    gathered = gathering(wire)
    gathered.write(b"head ")
    gathered.write(b"body")
    assert wire.left == []
    await asyncio.sleep(0)
    gathered.write(b"next")
    await asyncio.sleep(0)
    assert wire.left == [b"head body", b"next"]


async def test_writes_before_a_close_leave_first() -> None:
    """None is lost, and none comes after it."""
    wire = Wire()
    gathered = gathering(wire)
    gathered.write(b"last words")
    gathered.close()
    assert (wire.left, wire.is_closed) == ([b"last words"], True)
    gathered.write(b"too late")
    await asyncio.sleep(0)
    assert wire.left == [b"last words"]


async def test_writes_before_the_end_of_one_direction_leave_first() -> None:
    """In their order."""
    wire = Wire()
    gathered = gathering(wire)
    gathered.write(b"a")
    gathered.write_eof()
    assert wire.left == [b"a", b"<eof>"]


async def test_all_else_is_the_transports_own() -> None:
    """Whatever a server asks it."""
    wire = Wire()
    assert gathering(wire).is_closing() is False
    wire.close()
    assert gathering(wire).is_closing() is True
