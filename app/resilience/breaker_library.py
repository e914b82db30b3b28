"""What is pybreaker without what it imports for nobody? The same, 8 MB and a tenth of a second lighter.

At its import it takes the Redis client in, and with that an SDK for metrics, for a storage of circuits that nothing
here uses. It does without where Redis is not installed; here it is, for those who name one, and it finds none. Only
its own imports are answered so: whoever else asks for Redis, now or later, gets it.
"""

from __future__ import annotations

import builtins
import sys
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import pybreaker

__all__ = ["pybreaker"]

_NAME = "pybreaker"


def _load() -> ModuleType:
    if _NAME in sys.modules:
        return sys.modules[_NAME]
    spec = cast(ModuleSpec, find_spec(_NAME))
    module = module_from_spec(spec)
    vars(module)["__builtins__"] = {**vars(builtins), "__import__": _import}
    sys.modules[_NAME] = module
    cast(Loader, spec.loader).exec_module(module)
    return module


def _import(name: str, *more: Any) -> ModuleType:
    if name.partition(".")[0] == "redis":
        raise ImportError(name=name)
    return builtins.__import__(name, *more)


if not TYPE_CHECKING:
    pybreaker = _load()
