"""Does everyone come to their turn, in order, and nobody's many streams keep the loop for themselves?"""

from __future__ import annotations

import asyncio

from app.upstream.turns import MOST_A_TURN, Turns


class Waiting:
    """A reader that notes when it was woken."""

    def __init__(self, woken: list[tuple[int, int]], number: int, turn: list[int]) -> None:
        self.is_in_line = False
        self._woken, self._number, self._turn = woken, number, turn

    def wake(self) -> None:
        """Notes its number and the loop's turn."""
        self._woken.append((self._turn[0], self._number))


class Crowd:
    """So many readers, and the turns of the loop counted from now."""

    def __init__(self, size: int) -> None:
        self.woken: list[tuple[int, int]] = []
        self.turn = [0]
        self.readers = [Waiting(self.woken, number, self.turn) for number in range(size)]

    async def pass_turns(self, count: int) -> None:
        """The loop goes round so often."""
        for _ in range(count):
            await asyncio.sleep(0)
            self.turn[0] += 1


async def test_few_readers_are_woken_at_once() -> None:
    """Nobody waits for a turn who need not."""
    crowd, turns = Crowd(MOST_A_TURN), Turns()
    for reader in crowd.readers:
        turns.wake(reader)
    assert [number for _, number in crowd.woken] == list(range(MOST_A_TURN))


async def test_many_readers_take_turns_in_order() -> None:
    """Some each turn of the loop; between them others run."""
    crowd, turns = Crowd(3 * MOST_A_TURN + 1), Turns()
    for reader in crowd.readers:
        turns.wake(reader)
    await crowd.pass_turns(5)
    assert [number for _, number in crowd.woken] == list(range(3 * MOST_A_TURN + 1))
    each = [sum(turn == at for at, _ in crowd.woken) for turn in range(4)]
    # The first of the line have their turn before the test, which waits for the loop's next, has its own.
    assert each == [2 * MOST_A_TURN, MOST_A_TURN, 1, 0]


async def test_reader_stands_in_line_once() -> None:
    """What comes meanwhile is there when it is woken; then it may stand in line again."""
    crowd, turns = Crowd(MOST_A_TURN + 1), Turns()
    for reader in crowd.readers:
        turns.wake(reader)
    turns.wake(crowd.readers[-1])
    await crowd.pass_turns(3)
    assert [number for _, number in crowd.woken].count(MOST_A_TURN) == 1
    turns.wake(crowd.readers[-1])
    assert [number for _, number in crowd.woken].count(MOST_A_TURN) == 2


async def test_who_comes_late_waits_behind_those_in_line() -> None:
    """Nobody overtakes: a turn that the line fills leaves none for others."""
    crowd, turns = Crowd(2 * MOST_A_TURN + 1), Turns()
    for reader in crowd.readers[:-1]:
        turns.wake(reader)
    await crowd.pass_turns(1)
    turns.wake(crowd.readers[-1])
    assert [number for _, number in crowd.woken] == list(range(2 * MOST_A_TURN))
    await crowd.pass_turns(2)
    assert crowd.woken[-1][1] == 2 * MOST_A_TURN
