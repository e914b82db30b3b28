"""Are compiled schemas kept by their weight?"""

from __future__ import annotations

import pytest

from app.engine.shape_cache import WeighedCache


def test_cache_makes_what_it_keeps_once_and_drops_the_longest_unused() -> None:
    """What was used last stays; all together never weigh more than is allowed."""
    made: list[str] = []
    cache = WeighedCache(lambda text: made.append(text) or len(text), lambda _, size: size, most_bytes=6)
    for text in ("aa", "bbb", "aa", "cc", "aa", "bbb"):
        assert cache.get(text) == len(text)
        assert cache.weight <= 6
    assert made == ["aa", "bbb", "cc", "bbb"]


def test_cache_gives_what_is_too_heavy_to_be_kept() -> None:
    """It is made again at each call, and nothing is left behind."""
    cache = WeighedCache(len, lambda _, size: size, most_bytes=6)
    assert cache.get("a" * 7) == 7
    assert cache.weight == 0


def test_cache_keeps_no_error() -> None:
    """What cannot be made is tried again."""
    cache = WeighedCache(int, lambda text, _: len(text), most_bytes=6)
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            cache.get("x")
    assert cache.weight == 0
