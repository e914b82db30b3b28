"""Are the plots drawings that a browser can read, with everything in its place?"""

from __future__ import annotations

import re

import pytest

from benchmarks.comparison.plots import bars, lines


def attributes(element: str, name: str, drawing: str) -> list[float]:
    return [float(value) for value in re.findall(rf'<{element} [^>]*\b{name}="([^"]+)"', drawing)]


def texts(drawing: str) -> list[str]:
    return re.findall(r"<text [^>]*>([^<]*)</text>", drawing)


def test_lines_place_points_on_logarithmic_axes() -> None:
    """Ten times as much is equally far, wherever it begins; more milliseconds stand higher."""
    drawing = lines("t", "x", "y", {"a & b": [(1, 1), (10, 10), (100, 100)]})
    x1, x2, x3 = attributes("circle", "cx", drawing)
    y1, y2, y3 = attributes("circle", "cy", drawing)
    assert x2 - x1 == pytest.approx(x3 - x2)
    assert y1 - y2 == pytest.approx(y2 - y3)
    assert x1 < x2
    assert y1 > y2
    assert "a &amp; b" in texts(drawing)


def test_bars_stand_in_order_of_their_figures() -> None:
    """The longest first, each with its figure."""
    drawing = bars("t", {"slow": 10, "fast": 1000})
    _, first, second = attributes("rect", "width", drawing)
    assert first > second
    assert texts(drawing) == ["t", "fast", "1,000", "slow", "10"]


@pytest.mark.parametrize("figures", [{}, {"a": 0.0}, {"a": -1.0}])
def test_bars_without_positive_figures_are_refused(figures: dict[str, float]) -> None:
    """A logarithmic axis has no place for them."""
    with pytest.raises(ValueError, match="positive"):
        bars("t", figures)
