"""How does the service compare? Measures, writes results.json, RESULTS.md and its two plots, and prints the tables.

    python -m benchmarks [--seconds 2] [--rounds 3] [--stream-seconds 3] [--only NAME]

results.json is not committed: its figures belong to the machine that measured them.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from benchmarks import kept
from benchmarks.comparison import report
from benchmarks.comparison.measuring import Effort
from benchmarks.comparison.run import Run, compare

_FOLDER = Path(__file__).parent
_KEPT_CALLS = 5000


def main() -> None:
    """Run the whole comparison: some twenty minutes with the defaults."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each step, after a second of warm-up")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median is told")
    parser.add_argument("--stream-seconds", type=float, default=3.0, help="for which streams are begun")
    parser.add_argument("--only", default="", help="beside the direct call and ours, those whose name holds this")
    options = parser.parse_args()
    effort = Effort(options.seconds, options.rounds, options.stream_seconds)
    run = compare(effort, only=options.only, kept=lambda: kept.table(kept.measure(_KEPT_CALLS)))
    _write(run)
    print(report.document(run))


def _write(run: Run) -> None:
    told = asdict(run)
    (_FOLDER / "results.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    report.write(run, _FOLDER)


if __name__ == "__main__":
    main()
