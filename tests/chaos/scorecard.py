"""What is printed: each scenario, what the caller saw, how often and when each candidate was tried, pass or fail?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

_WIDTHS = (62, 40, 44)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one scenario went. `seconds`: how long it played; `lost_seconds`: how many of them the machine took away."""

    name: str
    told: str
    rules: tuple[int, ...]
    public: int | None
    saw: str
    attempts: str
    seconds: float
    flaws: tuple[str, ...]
    lost_seconds: float = 0.0
    doubted: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Nothing was wrong."""
        return not self.flaws

    def after(self, earlier: Result | None) -> Result:
        """This result of a scenario that had been played before, where the machine took time away."""
        if earlier is None:
            return self
        flaws = "; ".join(earlier.flaws)
        return replace(self, doubted=(*earlier.doubted, f"{earlier.lost_seconds:.2f} s lost to the machine: {flaws}"))

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {**asdict(self), "passed": self.passed}


def attempts_text(seen: Sequence[dict[str, Any]]) -> str:
    """How often each row was tried, and when: seconds since the first."""
    first = seen[0]["at"] if seen else 0.0
    rows: dict[str, list[float]] = {}
    for one in seen:
        rows.setdefault(one["row"], []).append(one["at"] - first)
    return ", ".join(
        f"{row}×{len(times)} at {' '.join(f'{at:.2f}' for at in times[:4])}{' …' if len(times) > 4 else ''}"  # noqa: RUF001
        for row, times in rows.items()
    )


def exit_code(results: Sequence[Result]) -> int:
    """0 when all passed; 1 when one failed, or nothing was played."""
    return 0 if results and all(one.passed for one in results) else 1


def scorecard(results: Sequence[Result], *, faults: Mapping[int, str], failed_only: bool = False) -> str:
    """The table, with every flaw under its scenario, and a line for each public fault; `faults` are their names."""
    lines = [_line("scenario", "the caller saw", "the vendor saw", "result"), "-" * (sum(_WIDTHS) + 12)]
    for one in results:
        if failed_only and one.passed and not one.doubted:
            continue
        lines.append(_line(one.name, one.saw, one.attempts, "pass" if one.passed else "FAIL"))
        lines += [f"      ! {flaw}" for flaw in one.flaws]
        lines += [f"      ~ played again, for {doubt}" for doubt in one.doubted]
    lines += ["", *(_counted(number, name, results) for number, name in faults.items()), ""]
    passed = sum(one.passed for one in results)
    public = {one.public for one in results if one.public is not None}
    kept = public - {one.public for one in results if not one.passed}
    lines.append(f"{passed} of {len(results)} scenarios pass; {len(kept)} of the {len(public)} public faults played")
    return "\n".join(lines) + "\n"


def _counted(number: int, name: str, results: Sequence[Result]) -> str:
    own = [one for one in results if one.public == number]
    passed = sum(one.passed for one in own)
    return f"{number:>2}  {name:<26} {passed:>3} of {len(own):>3}{'' if passed == len(own) else '  FAIL'}"


def _line(*cells: str) -> str:
    *first, last = cells
    cut = (cell if len(cell) <= width else f"{cell[: width - 1]}…" for cell, width in zip(first, _WIDTHS, strict=True))
    return "  ".join([*(f"{cell:<{width}}" for cell, width in zip(cut, _WIDTHS, strict=True)), last])
