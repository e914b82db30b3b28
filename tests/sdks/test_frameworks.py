"""Do frameworks that are built on OpenAI's SDK, pydantic-ai and LangChain, do the same through us?"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.sdks.running import output_of
from tests.sdks.targets import House, direct
from tests.sdks.vendor.server import Vendor

HERE = Path(__file__).parent
# Each program with the rows that it reaches beside the vendor itself, and where these ask the vendor.
FRAMEWORKS: dict[str, dict[str, str]] = {
    "pydantic_ai_agent": {"home": "/v1/responses", "claude": "/v1/messages"},
    "langchain_chain": {"home": "/v1/responses", "claude": "/v1/messages"},
    "embeddings": {
        "home": "/v1/embeddings",
        "google-like": "/v1beta/models/gemini-embedding-001:batchEmbedContents",
        "shed": "/api/embed",
    },
}


@pytest.mark.parametrize("program", FRAMEWORKS)
def test_framework_does_the_same_through_us(program: str, vendor: Vendor, house: House) -> None:
    """Tools, structured output, streams and vectors, to a vendor of their dialect and to those of others."""
    rows = FRAMEWORKS[program]
    given = json.dumps([target.variables for target in (direct(vendor), *(house.rows[row] for row in rows))])
    command = [sys.executable, str(HERE / "in_turn.py"), str(HERE / "frameworks" / f"{program}.py")]
    expected, *others = json.loads(output_of(command, HERE, given=given))
    assert expected.count("\n") > 5
    assert dict(zip(rows, others, strict=True)) == dict.fromkeys(rows, expected)
    assert {one.path for one in vendor.seen} >= set(rows.values())


def test_frameworks_are_all_run() -> None:
    """No program of the folder is forgotten."""
    assert {path.stem for path in (HERE / "frameworks").glob("*.py")} == FRAMEWORKS.keys()
