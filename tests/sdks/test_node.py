"""Does OpenAI's SDK for Node, as it is in the registry, do the same through us as at the vendor itself?"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.kit.node import node_commands
from tests.sdks.running import output_of
from tests.sdks.targets import House, direct
from tests.sdks.vendor.server import Vendor

FOLDER = Path(__file__).parent / "node"
PROGRAMS = sorted(path.name for path in FOLDER.glob("*.mjs"))
_INSTALL_SECONDS = 120


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs beside the SDK that `package.json` pins. Fails with what is lacking."""
    folder = tmp_path_factory.mktemp("node")
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
    options = (
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
        "--ignore-scripts",
        "--loglevel=error",
        "--prefer-offline",
    )
    output_of([*node_commands()[1], "install", *options], folder, seconds=_INSTALL_SECONDS)
    return folder


@pytest.mark.parametrize("program", PROGRAMS)
def test_node_program_does_the_same_through_us(program: str, installed: Path, vendor: Vendor, house: House) -> None:
    """To a vendor of its dialect, and to one of another."""
    expected = output_of([*node_commands()[0], program], installed, direct(vendor))
    assert expected.count("\n") > 2
    for row in ("home", "claude"):
        vendor.forget()
        assert output_of([*node_commands()[0], program], installed, house.rows[row]) == expected
        assert vendor.seen
