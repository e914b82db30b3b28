"""What can each vendor be asked, and how is it sent? The README's table, and the golden files behind its cells.

`python -m tests.referees.matrix` prints the table; with `--write` it renews README.md and the golden files, whose
difference then wants a look.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts.errors import InvalidRequestError
from contracts.providers import ProviderType
from tests.referees.feature import Feature
from tests.referees.feature_table import FEATURES
from tests.referees.our_side import exchange_of
from tests.referees.wire_json import plain_json
from tests.wires.vendor_cases import GOLDEN, VENDORS, model_of

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN, END = "<!-- features:begin -->", "<!-- features:end -->"
# `mock` is no vendor: it answers whatever it is asked.
COLUMNS = tuple(name for name in VENDORS if name != ProviderType.MOCK)
# The golden replies of OpenAI are of a model without the other endpoint; its default model knows both.
_MODELS = {"openai": "gpt-6-luna"}
AS_ASKED, OTHERWISE, REFUSED = "✓", "◐", "–"  # noqa: RUF001 (not the sign of a minus)


def recorded(name: str) -> dict[str, dict[str, Any]]:
    """Every feature as the vendor `name` is asked it: path, body and warnings, or the words of the refusal."""
    return {feature.name: _asked(name, feature) for feature in FEATURES}


def golden_file(name: str) -> Path:
    """Where `recorded(name)` is kept."""
    return GOLDEN / name / "features.json"


def golden_text(found: dict[str, dict[str, Any]]) -> str:
    """JSON with one feature a line, so that a difference shows which one changed."""
    lines = (f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in found.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def table(found: dict[str, dict[str, dict[str, Any]]]) -> str:
    """The README's table; `found` is `recorded` by vendor."""
    models = ", ".join(f"`{_model(name)}`" for name in found)
    legend = f"{AS_ASKED} sent as asked · {OTHERWISE} sent in another way or left out, and `warnings` say so"
    lines = [
        f"| | {' | '.join(found)} |",
        f"|---|{':-:|' * len(found)}",
        *(f"| {row} | {' | '.join(_cell(row, found[name]) for name in found)} |" for row in _rows()),
        "",
        f"{legend} · {REFUSED} refused.",
        f"Asked of {models}; another model may take more or less.",
    ]
    return "\n".join(lines)


def with_table(readme: str, text: str) -> str:
    """`readme` with `text` between the marks. Raises ValueError when they are not there."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        msg = "README.md has no marks for the table of features"
        raise ValueError(msg)
    return f"{before}{BEGIN}\n{text}\n{END}{after}"


def _asked(name: str, feature: Feature) -> dict[str, Any]:
    try:
        exchange = exchange_of(feature.call(name), name=name, model=_model(name), stream=feature.is_stream)
    except InvalidRequestError as error:
        return {"refused": str(error)}
    encoded = exchange.encoded
    return {"path": exchange.path, "body": plain_json(encoded.body), "warnings": list(encoded.warnings)}


def _model(name: str) -> str:
    return _MODELS.get(name, model_of(name))


def _rows() -> Iterator[str]:
    yield from dict.fromkeys(feature.row for feature in FEATURES)


def _cell(row: str, found: dict[str, dict[str, Any]]) -> str:
    marks = {_mark(found[feature.name]) for feature in FEATURES if feature.row == row}
    return marks.pop() if len(marks) == 1 else OTHERWISE


def _mark(one: dict[str, Any]) -> str:
    if "refused" in one:
        return REFUSED
    return OTHERWISE if one["warnings"] else AS_ASKED


def main() -> None:
    """Prints the table, or renews what is made of it."""
    found = {name: recorded(name) for name in COLUMNS}
    if "--write" not in sys.argv[1:]:
        sys.stdout.write(table(found) + "\n")
        return
    for name, one in found.items():
        golden_file(name).write_text(golden_text(one), encoding="utf-8")
    README.write_text(with_table(README.read_text(encoding="utf-8"), table(found)), encoding="utf-8")


if __name__ == "__main__":
    main()
