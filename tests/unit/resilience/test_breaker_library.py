"""Is pybreaker there whole, and Redis only for those who ask for it?"""

from __future__ import annotations

import importlib
import subprocess
import sys

import pybreaker

from app.resilience import breaker_library

_IMPORTS = """
import sys
from app.resilience.breaker_library import pybreaker
print(pybreaker.HAS_REDIS_SUPPORT, "redis" in sys.modules)
import redis
print(redis.Redis.__name__, sys.modules["pybreaker"] is pybreaker, pybreaker.CircuitBreaker(fail_max=2).current_state)
"""


def test_breaker_library_leaves_redis_to_others() -> None:
    """Its own import finds none; one that comes later does."""
    done = subprocess.run([sys.executable, "-c", _IMPORTS], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["False False", "Redis True closed"]


def test_breaker_library_is_the_one_that_is_there_already() -> None:
    """Whoever imported it before us shares it with us: an error of one is known to the other."""
    assert importlib.reload(breaker_library).pybreaker is pybreaker
