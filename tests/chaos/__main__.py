"""`python -m tests.chaos`: plays every scenario and prints the scorecard; exit code 1 when one fails.

`--short`: short limits, less than 25 s. Without it: the service's defaults, in real minutes. `--soak 20`: random faults
for twenty of them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.pace import FULL, SHORT
from tests.chaos.runner import run
from tests.chaos.scenarios import PUBLIC, scenarios
from tests.chaos.scorecard import exit_code, scorecard
from tests.chaos.soak import soak


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays, prints, and gives the exit code: 0 all passed, 1 one failed, 2 nothing was played."""
    parser = argparse.ArgumentParser("python -m tests.chaos", description="Misbehaving vendors, and what callers see.")
    parser.add_argument("--short", action="store_true", help="short limits, for every test run")
    parser.add_argument("--only", metavar="TEXT", action="append", default=[], help="scenarios whose names hold this")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the results there too")
    parser.add_argument("--failed", action="store_true", help="print what failed alone")
    parser.add_argument("--soak", metavar="MINUTES", type=float, help="random faults for so long instead of scenarios")
    parser.add_argument("--seed", type=int, default=1, help="of the soak's random choices")
    given = parser.parse_args(arguments)
    pace = SHORT if given.short else FULL
    chosen = [one for one in scenarios(pace) if not given.only or any(text in one.name for text in given.only)]
    if not chosen:
        parser.error(f"no scenario's name holds {given.only}")
    began = time.monotonic()
    results = [asyncio.run(soak(given.soak, given.seed))] if given.soak else asyncio.run(run(pace, chosen))
    if given.json is not None:
        given.json.write_text(json.dumps([one.as_json() for one in results], indent=2), encoding="utf-8")
    sys.stdout.write(scorecard(results, faults={} if given.soak else PUBLIC, failed_only=given.failed))
    sys.stdout.write(f"{time.monotonic() - began:.1f} s\n")
    return exit_code(results)


if __name__ == "__main__":
    sys.exit(main())
