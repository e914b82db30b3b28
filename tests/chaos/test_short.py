"""Does the service keep its promise? Every scenario, with short limits: `make chaos` plays them with its own."""

from __future__ import annotations

import json
from pathlib import Path

from tests.chaos.__main__ import main


def test_scorecard_passes_with_short_limits(tmp_path: Path) -> None:
    """Every scenario passes: what fails is listed with its reason."""
    file = tmp_path / "chaos.json"
    code = main(["--short", "--failed", "--json", str(file)])
    failed = [f"{one['name']}: {one['flaws']}" for one in json.loads(file.read_text()) if not one["passed"]]
    assert failed == []
    assert code == 0
