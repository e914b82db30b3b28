"""How does a usage report look as CSV (RFC 4180)? One row for each group, or one of totals.

A spreadsheet runs a cell that begins like a formula: text cells that do are given an apostrophe in front. Numbers are
left as they are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal

from starlette.responses import Response

from contracts import UsageReport, UsageSums

MEDIA_TYPE = "text/csv"
# The last four are the wide ones, which some spreadsheets take for the same.
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_COLUMNS = tuple(UsageSums.model_fields)
_MONEY_DIGITS = 12


def csv_answer(report: UsageReport) -> Response:
    """`report` as a file to be saved."""
    headers = {"content-disposition": f'attachment; filename="{_file_name(report)}"'}
    return Response(csv_text(report), headers=headers, media_type=MEDIA_TYPE)


def csv_text(report: UsageReport) -> str:
    """A head, and a row for each group; without groups one row, whose key is `total`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["key", *_COLUMNS])
    if report.group_by is None:
        writer.writerow(["total", *_figures(report.totals)])
    for group in report.groups:
        writer.writerow([_defused(group.key or ""), *_figures(group)])
    return text.getvalue()


def _figures(sums: UsageSums) -> Sequence[str]:
    return [_figure(getattr(sums, name)) for name in _COLUMNS]


def _figure(value: int | float | Decimal | None) -> str:
    if isinstance(value, Decimal):
        digits = f"{round(value, _MONEY_DIGITS):f}"
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "" if value is None else str(value)


def _defused(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_BEGINS) else text


def _file_name(report: UsageReport) -> str:
    days = [moment.date().isoformat() for moment in (report.start_date, report.end_date) if moment is not None]
    return "_".join(["usage", *days]) + ".csv"
