"""One vendor and one service for all programs, and a look at the service's log when one of them fails."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from tests.sdks.running import run
from tests.sdks.targets import House, opened
from tests.sdks.vendor.server import Vendor, serving

__all__ = ["run"]
_LOG_CHARACTERS = 8_000


@pytest.fixture(scope="session")
def listening() -> Iterator[Vendor]:
    """The vendor."""
    with serving() as vendor:
        yield vendor


@pytest.fixture
def vendor(listening: Vendor) -> Vendor:
    """The vendor, which remembers nothing of the test before."""
    listening.forget()
    return listening


@pytest.fixture(scope="session")
def house(listening: Vendor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The service in front of it."""
    with opened(tmp_path_factory.mktemp("house"), listening) as house:
        yield house


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails shows what the service has written."""
    report = yield
    house = getattr(item, "funcargs", {}).get("house")
    if report.failed and isinstance(house, House):
        report.sections.append(("log of the service", house.service.log.text[-_LOG_CHARACTERS:]))
    return report
