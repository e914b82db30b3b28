"""Tests of the stores' own rules run on a loop whose time jumps; those with a real Redis are integration tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.kit.virtual_time import LOOP_FACTORIES


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop of every async test below this folder."""
    return LOOP_FACTORIES
