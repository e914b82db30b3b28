"""Does the service have every method of its contract, with the signature that the contract prints?"""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from app.service import LLMProviderService
from contracts import Caller, ILLMProviderService, Scope

METHODS = sorted(ILLMProviderService.__abstractmethods__)


def test_interface_cannot_be_instantiated() -> None:
    """It is a contract."""
    kind: Any = ILLMProviderService
    with pytest.raises(TypeError, match="abstract"):
        kind()


def test_interface_has_no_method_that_is_optional() -> None:
    """Everything public is abstract, so nobody inherits a stub."""
    parts = [part for part in ILLMProviderService.__mro__ if part.__module__.startswith("contracts")]
    public = [name for part in parts for name in vars(part) if not name.startswith("_")]
    assert sorted(public) == METHODS


@pytest.mark.parametrize("name", METHODS)
def test_service_implements_the_method(name: str) -> None:
    """By the same parameters, as a coroutine where the contract says so, and documented."""
    promised, made = getattr(ILLMProviderService, name), getattr(LLMProviderService, name)
    assert not getattr(made, "__isabstractmethod__", False)
    assert inspect.signature(made) == inspect.signature(promised)
    assert inspect.iscoroutinefunction(made) == inspect.iscoroutinefunction(promised) == (name != "is_running")
    assert promised.__doc__


@pytest.mark.parametrize(
    "scopes,calls,administers",
    [({Scope.CALL}, True, False), ({Scope.ADMIN}, True, True), (set(), False, False), (set(Scope), True, True)],
)
def test_caller_holds_its_scopes(scopes: set[Scope], calls: bool, administers: bool) -> None:
    """An administrator may do everything, a caller only call."""
    caller = Caller(key_id="k", scopes=frozenset(scopes))
    assert (caller.may(Scope.CALL), caller.may(Scope.ADMIN)) == (calls, administers)
