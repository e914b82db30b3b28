"""Does an answer's head leave with its body, and everything that is written?"""

from __future__ import annotations

import asyncio
from typing import Any

from app.cli.held_heads import HeldHeads


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


def expecting(wire: Wire) -> HeldHeads:
    """Of a connection on which a request has begun."""
    held = HeldHeads(wire)
    held.expect_head()
    return held


async def test_head_leaves_with_the_first_piece_of_its_body() -> None:
    """In one write; what follows does not wait, nor does the next answer's body."""
    wire = Wire()
    held = expecting(wire)
    for _ in range(2):
        held.write(b"head ")
        assert wire.left == []
        held.write(b"body")
        held.write(b" more")
        assert wire.left == [b"head body", b" more"]
        await asyncio.sleep(0)
        assert wire.left == [b"head body", b" more"]
        wire.left.clear()
        held.expect_head()


async def test_head_waits_no_longer_than_the_turn() -> None:
    """A caller sees it though the body is long in coming."""
    wire = Wire()
    held = expecting(wire)
    held.write(b"head")
    await asyncio.sleep(0)
    assert wire.left == [b"head"]
    held.write(b"body")
    assert wire.left == [b"head", b"body"]


async def test_head_of_a_second_request_leaves_after_the_first_one() -> None:
    """Whatever was written, and in its order."""
    wire = Wire()
    held = expecting(wire)
    held.write(b"100 ")
    held.expect_head()
    held.write(b"head")
    held.close()
    assert wire.left == [b"100 ", b"head"]


async def test_head_before_a_close_leaves_first() -> None:
    """None is lost, and nothing comes after it."""
    wire = Wire()
    held = expecting(wire)
    held.write(b"last words")
    held.close()
    assert (wire.left, wire.is_closed) == ([b"last words"], True)
    held.write(b"too late")
    await asyncio.sleep(0)
    assert wire.left == [b"last words"]


async def test_head_before_the_end_of_one_direction_leaves_first() -> None:
    """In their order."""
    wire = Wire()
    held = expecting(wire)
    held.write(b"a")
    held.write_eof()
    assert wire.left == [b"a", b"<eof>"]


async def test_all_else_is_the_transports_own() -> None:
    """Whatever a server asks it."""
    wire = Wire()
    assert HeldHeads(wire).is_closing() is False
    wire.close()
    assert HeldHeads(wire).is_closing() is True
