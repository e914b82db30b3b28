"""Do fifteen programs that were written for the vendors do the same through us, unchanged?"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.sdks.running import Run
from tests.sdks.targets import PROVIDER_OF_DIALECT, House, direct
from tests.sdks.vendor.server import Asked, Vendor

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))
PATHS = {
    "chat": "/v1/chat/completions",
    "messages": "/v1/messages",
    "gemini": "/v1beta/models/gemini-3.8-flash",
    "ollama": "/api/chat",
}
_CODE = re.compile(r"(?<=Error )(\d{3}) \S+$", re.MULTILINE)


@pytest.fixture(scope="session")
def printed_directly() -> dict[str, str]:
    """What each program prints that asks the vendor itself, once it has been run so."""
    return {}


def test_programs_are_five_of_each_surface() -> None:
    """Fifteen in all."""
    kinds = [program.stem.partition("_")[0] for program in PROGRAMS]
    assert {kind: kinds.count(kind) for kind in kinds} == {"chat": 5, "messages": 5, "responses": 5}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_program_does_the_same_through_us(
    program: Path, run: Run, vendor: Vendor, house: House, printed_directly: dict[str, str]
) -> None:
    """To a vendor of its own dialect: it prints the same, and the vendor is asked the same, as often."""
    expected = printed_directly[program.stem] = run(program, direct(vendor))
    asked = _bodies(vendor.seen)
    vendor.forget()
    row = "claude" if program.stem.startswith("messages") else "home"
    assert run(program, house.rows[row]) == expected
    assert _bodies(vendor.seen) == asked
    assert expected.count("\n") > 2


@pytest.mark.parametrize("dialect", PROVIDER_OF_DIALECT)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_program_reaches_vendors_of_other_dialects(
    program: Path, dialect: str, run: Run, vendor: Vendor, house: House, printed_directly: dict[str, str]
) -> None:
    """It prints the same words, figures and errors, whoever answers."""
    if program.stem not in printed_directly:
        printed_directly[program.stem] = run(program, direct(vendor))
        vendor.forget()
    printed = run(program, house.rows[PROVIDER_OF_DIALECT[dialect]])
    assert _content(printed, dialect) == _content(printed_directly[program.stem], dialect)
    assert {one.path.partition(":")[0] for one in vendor.seen} == {PATHS[dialect]}


def _content(printed: str, dialect: str) -> str:
    """What was printed, but for what the dialect has no word for: an error's code, and thoughts in chat completions."""
    printed = _CODE.sub(r"\1", printed)
    if dialect != "chat":
        return printed
    return "".join(line for line in printed.splitlines(keepends=True) if not line.startswith("thought: "))


def _bodies(seen: list[Asked]) -> list[str]:
    """What the vendor was asked, in no order; the service asks for the usage of every stream."""
    bodies = [{name: value for name, value in one.body.items() if name != "stream_options"} for one in seen]
    return sorted(json.dumps(body) for body in bodies)
