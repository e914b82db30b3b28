"""What does a query of a dashboard or an alert name? Read by the parser of Prometheus' language."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import promql_parser as promql
import yaml

FOLDER = Path(__file__).parents[3] / "dashboards"
# What Grafana fills in before it asks.
_VARIABLES = {"$__rate_interval": "5m", "$provider": ".*"}


@dataclass(frozen=True)
class Query:
    """One, under the title of its panel or the name of its alert."""

    where: str
    text: str


@dataclass(frozen=True)
class Named:
    """A metric as a query names it, and the labels by which it chooses or groups."""

    metric: str
    labels: frozenset[str]


def dashboard() -> dict[str, Any]:
    """The Grafana dashboard."""
    board: dict[str, Any] = json.loads((FOLDER / "grafana.json").read_text(encoding="utf-8"))
    return board


def alerts() -> list[dict[str, Any]]:
    """The rules for Prometheus."""
    groups = yaml.safe_load((FOLDER / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def queries() -> list[Query]:
    """All of them, with what Grafana fills in."""
    panels = [panel for panel in dashboard()["panels"] if panel["type"] != "row"]
    asked = [Query(panel["title"], target["expr"]) for panel in panels for target in panel["targets"]]
    asked += [Query(rule["alert"], rule["expr"]) for rule in alerts()]
    return [Query(query.where, _filled(query.text)) for query in asked]


def named(text: str) -> set[Named]:
    """The metrics of a query with the labels that each must have. Raises ValueError when it is no PromQL."""
    found: set[Named] = set()
    _walk(promql.parse(text), frozenset(), found)
    return found


def _filled(text: str) -> str:
    for name, value in _VARIABLES.items():
        text = text.replace(name, value)
    return text


def _walk(node: Any, grouped: frozenset[str], found: set[Named]) -> None:
    """`grouped`: the labels by which an aggregation above groups, which what is below must therefore have."""
    if isinstance(node, promql.VectorSelector):
        chosen = {matcher.name for matcher in node.matchers.matchers}
        found.add(Named(node.name, grouped | chosen))
    elif isinstance(node, promql.MatrixSelector):
        _walk(node.vector_selector, grouped, found)
    elif isinstance(node, promql.AggregateExpr):
        by = frozenset(node.modifier.labels) if node.modifier is not None else frozenset()
        _walk(node.expr, by, found)
    elif isinstance(node, promql.BinaryExpr):
        _walk(node.lhs, grouped, found)
        _walk(node.rhs, grouped, found)
    elif isinstance(node, promql.Call):
        for argument in node.args:
            _walk(argument, grouped, found)
    elif isinstance(node, promql.ParenExpr | promql.UnaryExpr | promql.SubqueryExpr):
        _walk(node.expr, grouped, found)
    elif not isinstance(node, promql.NumberLiteral | promql.StringLiteral):
        msg = f"a kind of expression that this does not know: {type(node).__name__}"
        raise TypeError(msg)


def legends() -> list[tuple[str, str, set[str]]]:
    """Title, query and the labels that a panel's legend shows."""
    panels = [panel for panel in dashboard()["panels"] if panel["type"] != "row"]
    return [
        (panel["title"], _filled(target["expr"]), set(re.findall(r"{{(\w+)}}", target["legendFormat"])))
        for panel in panels
        for target in panel["targets"]
    ]
