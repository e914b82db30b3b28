"""Is an object that is quickly made the same as one that is made as dataclasses make it?"""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, asdict, dataclass, field, fields, replace
from typing import Any

import pytest

from app.engine.intake import Order
from app.ports import AttemptRecord, RequestRecord
from contracts.calls import ModelCall, Reply
from contracts.chat import Conversation, Usage
from contracts.quick_making import maker_of, quickly_made


def _pickled(made: Quick) -> Any:
    return pickle.loads(pickle.dumps(made))  # noqa: S301 - our own


@dataclass(frozen=True, slots=True)
class Plain:
    """As it is without."""

    first: int
    second: int
    third: str = "three"
    fourth: list[int] = field(default_factory=list)
    fifth: int = field(default=5, kw_only=True, repr=False)


@quickly_made
@dataclass(frozen=True, slots=True)
class Quick:
    """The same, quickly made."""

    first: int
    second: int
    third: str = "three"
    fourth: list[int] = field(default_factory=list)
    fifth: int = field(default=5, kw_only=True, repr=False)


@pytest.mark.parametrize(
    "given",
    [
        ((1, 2), {}),
        ((1, 2, "a", [4]), {"fifth": 6}),
        ((), {"first": 1, "second": 2, "fourth": None}),
        ((1,), {"second": 3}),
    ],
)
def test_objects_hold_what_they_were_given(given: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    """Given by position or by name, or left out, every field is what it would be without."""
    by_position, by_name = given
    made = Quick(*by_position, **by_name)
    assert type(made) is Quick
    assert asdict(made) == asdict(Plain(*by_position, **by_name))
    assert repr(made) == repr(Plain(*by_position, **by_name)).replace("Plain", "Quick")


@pytest.mark.parametrize(
    "given", [((), {}), ((1,), {}), ((1, 2, "a", [], 5), {}), ((1, 2), {"sixth": 6}), ((1, 2), {"first": 1})]
)
def test_objects_refuse_what_the_plain_ones_refuse(given: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    """A field that is missing, given twice, or unknown is a TypeError with the same words."""
    by_position, by_name = given
    told = []
    for kind in (Plain, Quick):
        with pytest.raises(TypeError) as refused:
            kind(*by_position, **by_name)
        told.append(str(refused.value))
    assert told[0].replace("Plain", "Quick") == told[1]


def test_objects_are_frozen() -> None:
    """No field of it may be written or deleted."""
    made = Quick(1, 2)
    with pytest.raises(FrozenInstanceError):
        made.second = 3  # type: ignore[misc]  # that is what is refused
    with pytest.raises(FrozenInstanceError):
        del made.second


def test_objects_draw_their_own_defaults() -> None:
    """Two objects share no list."""
    assert Quick(1, 2).fourth is not Quick(1, 2).fourth


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, replace, _pickled])
def test_objects_are_copied_and_compared_by_their_fields(copied: Callable[[Any], Any]) -> None:
    """A copy equals its original and has its hash."""
    made = Quick(1, 2, fourth=())  # type: ignore[arg-type]  # a list has no hash
    again = copied(made)
    assert (again, hash(again), type(again)) == (made, hash(made), Quick)
    assert again != Quick(1, 3, fourth=())  # type: ignore[arg-type]  # a list has no hash


def test_signatures_are_the_same() -> None:
    """Whoever reads how it is made reads the same names, in the same order and of the same kinds."""
    plain, quick = (
        [(one.name, one.kind) for one in inspect.signature(kind).parameters.values()] for kind in (Plain, Quick)
    )
    assert plain == quick


def test_classes_that_do_more_are_refused() -> None:
    """One that checks itself, or has a field that it works out, would do so no longer."""

    @dataclass(frozen=True, slots=True)
    class Checking:
        first: int

        def __post_init__(self) -> None:
            raise ValueError

    @dataclass(frozen=True, slots=True)
    class WorkedOut:
        first: int = field(init=False, default=1)

    @dataclass(frozen=True, slots=True)
    class Built(Plain):
        sixth: int = 6

    for kind in (Checking, WorkedOut, Built):
        for quick in (quickly_made, maker_of):
            with pytest.raises(TypeError, match="does more than to take its fields"):
                quick(kind)


@pytest.mark.parametrize("kind", [AttemptRecord, Conversation, ModelCall, Order, Reply, RequestRecord, Usage])
def test_what_every_request_makes_is_made_quickly(kind: type) -> None:
    """Those that every request makes are written field by field, each by its own name."""
    assert "_being_made" in vars(kind)["__init__"].__code__.co_names


@dataclass(slots=True, kw_only=True)
class Open:
    """One that may be written to."""

    first: int
    second: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class OpenBelow(Open):
    """One of these with a base."""

    first: int
    third: str = "three"


@pytest.mark.parametrize("kind", [Plain, Quick, Open, OpenBelow])
def test_makers_make_what_their_class_makes(kind: type[Any]) -> None:
    """Frozen or not, with a base or without: the same type, fields, defaults and refusals."""
    make = maker_of(kind)
    given: dict[str, Any] = {one.name: 1 for one in fields(kind) if one.default is one.default_factory is MISSING}
    assert type(make(**given)) is kind
    assert make(**given) == kind(**given)
    last = {fields(kind)[-1].name: [4]}
    assert make(**given | last) == kind(**given | last) != kind(**given)
    with pytest.raises(TypeError):
        make(**given, sixth=6)
    with pytest.raises(TypeError):
        make()


def test_what_makers_made_is_frozen_and_copied() -> None:
    """As what the class makes."""
    made = maker_of(Quick)(1, 2)
    with pytest.raises(FrozenInstanceError):
        made.second = 3  # type: ignore[misc]  # that is what is refused
    assert made.fourth is not maker_of(Quick)(1, 2).fourth
    assert _pickled(made) == copy.deepcopy(made) == made
