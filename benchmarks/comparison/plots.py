"""How do the figures look? Two plots as SVG: latency against load, and requests a second for each core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

_WIDTH, _HEIGHT = 760, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 210, 40, 50
_COLOURS = ("#1b6ca8", "#d1495b", "#2e8b57", "#edae49", "#7b4fa3", "#555555", "#00a0a0", "#c06000")
_BAR, _NAMES = 30, 230


def lines(title: str, x_name: str, y_name: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Curves over two logarithmic axes; raises ValueError when there is no point, or one that is not positive."""
    points = [point for curve in series.values() for point in curve]
    x_axis, y_axis = (
        _Axis([x for x, _ in points], _LEFT, _WIDTH - _RIGHT),
        _Axis([y for _, y in points], _HEIGHT - _BOTTOM, _TOP),
    )
    drawn = [_text(_LEFT, 22, title, size=15), _text(_LEFT, _HEIGHT - 12, x_name), _text(8, _TOP - 8, y_name)]
    for x in sorted({x for x, _ in points}):
        drawn += [_line(x_axis.at(x), _TOP, x_axis.at(x), _HEIGHT - _BOTTOM)]
        drawn += [_text(x_axis.at(x) - 6, _HEIGHT - _BOTTOM + 18, f"{x:g}")]
    for y in y_axis.decades():
        drawn += [_line(_LEFT, y_axis.at(y), _WIDTH - _RIGHT, y_axis.at(y)), _text(14, y_axis.at(y) + 4, f"{y:g}")]
    for number, (name, curve) in enumerate(series.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(f"{x_axis.at(x):.1f},{y_axis.at(y):.1f}" for x, y in curve)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [f'<circle cx="{x_axis.at(x):.1f}" cy="{y_axis.at(y):.1f}" r="3" fill="{colour}"/>' for x, y in curve]
        drawn.append(_text(_WIDTH - _RIGHT + 12, _TOP + 16 + 20 * number, name, colour=colour))
    return _svg(_WIDTH, _HEIGHT, drawn)


def bars(title: str, figures: Mapping[str, float]) -> str:
    """A bar for each figure, the longest first, over a logarithmic axis; raises ValueError as `lines` does."""
    ordered = sorted(figures.items(), key=lambda item: -item[1])
    axis = _Axis([figure for _, figure in ordered], _NAMES, _WIDTH - 90)
    drawn = [_text(10, 22, title, size=15)]
    for number, (name, figure) in enumerate(ordered):
        y, width = _TOP + _BAR * number, axis.at(figure) - _NAMES
        drawn.append(
            f'<rect x="{_NAMES}" y="{y}" width="{max(1, width):.1f}" height="{_BAR - 8}" fill="{_COLOURS[0]}"/>'
        )
        drawn += [_text(10, y + 15, name), _text(_NAMES + max(1, width) + 6, y + 15, f"{figure:,.0f}")]
    return _svg(_WIDTH, _TOP + _BAR * len(ordered) + 10, drawn)


class _Axis:
    """A logarithmic axis of whole decades from one pixel to another."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        if not values or min(values) <= 0:
            msg = "a logarithmic axis needs positive values"
            raise ValueError(msg)
        self._low, self._high = floor(log10(min(values))), ceil(log10(max(values)))
        self._high = max(self._high, self._low + 1)
        self._begin, self._end = begin, end

    def at(self, value: float) -> float:
        share = (log10(value) - self._low) / (self._high - self._low)
        return self._begin + share * (self._end - self._begin)

    def decades(self) -> list[float]:
        return [10.0**exponent for exponent in range(self._low, self._high + 1)]


def _text(x: float, y: float, text: str, *, size: int = 12, colour: str = "#222222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#dddddd"/>'


def _svg(width: int, height: int, drawn: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">'
    return "\n".join([head, f'<rect width="{width}" height="{height}" fill="#ffffff"/>', *drawn, "</svg>", ""])
