"""How does the service compare? Measures, writes results.json, RESULTS.md and its two plots, and prints the tables.

    python -m benchmarks [--seconds 2] [--rounds 3] [--stream-seconds 3] [--quick] [--only NAME] [--into FOLDER]

results.json is not committed: its figures belong to the machine that measured them.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks import guard, kept, recording
from benchmarks.comparison import report
from benchmarks.comparison.figures import Budget
from benchmarks.comparison.measuring import Effort
from benchmarks.comparison.run import Run, compare

_FOLDER = Path(__file__).parent
_QUICK = Effort(seconds=1.0, rounds=1, stream_seconds=1.0)
_KEPT_CALLS, _GUARDED_CALLS = 5000, 20_000


def main() -> None:
    """Run the whole comparison: some forty minutes with the defaults, six with `--quick`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each step, after a second of warm-up")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median is told")
    parser.add_argument("--stream-seconds", type=float, default=3.0, help="for which streams are begun")
    parser.add_argument("--quick", action="store_true", help="one short round: does it run? Its figures are noise")
    parser.add_argument("--only", default="", help="beside the direct call and ours, those whose name holds this")
    parser.add_argument("--into", type=Path, default=_FOLDER, help="where results and plots are written")
    options = parser.parse_args()
    # What was started is ended however this ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    effort = _QUICK if options.quick else Effort(options.seconds, options.rounds, options.stream_seconds)
    options.into.mkdir(parents=True, exist_ok=True)
    run = compare(effort, only=options.only, budgets=_budgets)
    _write(run, options.into)
    print(report.document(run))


def _budgets() -> list[Budget]:
    """The parts of ours that may cost so much, measured in this process."""
    added, late = guard.measure(_GUARDED_CALLS)
    rows = [Budget("the guard around a healthy call, added", added, late, guard.BUDGET_MICROSECONDS)]
    rows += recording.measure()
    for row in kept.measure(_KEPT_CALLS):
        most = kept.BUDGETS_MICROSECONDS[row.store]
        rows.append(Budget(f"an answer kept in {row.store}, without HTTP", row.hit_p50_us, row.hit_p99_us, most))
    return rows


def _write(run: Run, folder: Path) -> None:
    told = asdict(run)
    (folder / "results.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    report.write(run, folder)


if __name__ == "__main__":
    main()
