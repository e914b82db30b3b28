"""Is it remembered, and not for ever, whose a kept answer is?"""

from __future__ import annotations

from app.engine.kept_states import MAX_STATES, Keeper, KeptStates


def test_kept_states_know_row_and_tenant() -> None:
    """The last word counts; of what was never told nothing is known."""
    states = KeptStates()
    states.remember("r1", "alpha", "school")
    states.remember("r2", "beta", None)
    states.remember("r1", "beta", "office")
    assert [states.keeper(name) for name in ("r1", "r2", "r3")] == [
        Keeper("beta", "office"),
        Keeper("beta", None),
        None,
    ]


def test_kept_states_give_up_what_is_half() -> None:
    """Nobody may build on it, whoever he is."""
    states = KeptStates()
    states.remember("r1", "alpha", "school")
    states.give_up("r1")
    states.give_up("r2")
    assert states.keeper("r1") == states.keeper("r2") == Keeper(None, None)


def test_kept_states_are_the_newest() -> None:
    """The oldest goes first; one that is told again is new."""
    states = KeptStates()
    for number in range(MAX_STATES):
        states.remember(f"r{number}", "alpha", None)
    states.remember("r0", "alpha", None)
    states.remember("one more", "alpha", None)
    assert len(states) == MAX_STATES
    assert [states.keeper(name) is not None for name in ("r0", "r1", "r2", "one more")] == [True, False, True, True]


def test_kept_states_hold_no_ids() -> None:
    """Only digests, of any text that a vendor may send."""
    states = KeptStates()
    states.remember("resp_\ud800", "alpha", None)
    assert states.keeper("resp_\ud800") == Keeper("alpha", None)
    assert "resp_" not in repr(vars(states))
