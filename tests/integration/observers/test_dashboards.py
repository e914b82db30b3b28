"""Does everything that the dashboard and the alerts ask for exist in what the service tells?"""

from __future__ import annotations

import re

import pytest

from tests.integration.observers.promql import Named, Query, alerts, dashboard, legends, named, queries
from tests.kit.metrics_page import Page

# Never in a run in which nothing is lost, or leaned on; their series have these labels when they are there.
_RARE = {"llm_dependency_up": {"dependency"}, "llm_unpriced_calls_total": {"provider", "model"}}


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.where)
def test_dashboard_query_names_what_the_service_tells(query: Query, page: Page) -> None:
    """Each metric has series with each label that is asked of it; what is no PromQL is not parsed at all."""
    asked = named(query.text)
    assert asked
    for one in asked:
        labels = page.labels(one.metric) or _RARE.get(one.metric, set())
        known = {name for name, _ in page.values} | set(_RARE)
        assert one.metric in known, f"{query.where}: no metric {one.metric}"
        assert one.labels <= labels, f"{query.where}: {one.metric} has no label {one.labels - labels}"


@pytest.mark.parametrize("title,query,shown", legends())
def test_dashboard_legend_shows_labels_that_its_query_keeps(title: str, query: str, shown: set[str]) -> None:
    """An aggregation drops every label that it does not group by."""
    kept = re.search(r"by \(([^)]*)\)", query)
    assert shown <= ({label.strip() for label in kept[1].split(",")} if kept else set()), title


def test_dashboard_is_one_that_grafana_takes() -> None:
    """Each panel has its own number and place, a title, and a data source that the reader chooses."""
    board = dashboard()
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}) == len(panels)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    assert {variable["name"] for variable in board["templating"]["list"]} == {"datasource", "provider"}
    assert all(panel["datasource"]["uid"] == "${datasource}" for panel in panels if panel["type"] != "row")


def test_alerts_say_what_is_wrong_and_how_bad() -> None:
    """Each has a name of its own, a severity, and what to look at."""
    rules = alerts()
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert set(rule["annotations"]) == {"summary", "description"}
        assert rule["labels"]["severity"] in ("warning", "critical")
        grouped = {label for one in named(rule["expr"]) for label in one.labels}
        shown = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        assert shown <= grouped


def test_dashboards_watch_every_metric_of_the_service(page: Page) -> None:
    """What is told and never looked at is not worth telling."""
    asked = {one.metric for query in queries() for one in named(query.text)}
    told = {name for name, _ in page.values if name.startswith("llm_") and not name.endswith(("_count", "_sum"))}
    assert told <= asked


def test_promql_reading_finds_a_wrong_name_and_a_wrong_label() -> None:
    """The check can fail: a label in a matcher or a grouping is asked of what is below it."""
    asked = named('sum by (provider) (rate(llm_x_total{status="a"}[5m])) / (max(llm_y offset 1d) > 2)')
    assert asked == {Named("llm_x_total", frozenset({"provider", "status"})), Named("llm_y", frozenset())}
    with pytest.raises(ValueError, match="parenthesis"):
        named("sum(rate(llm_x_total[5m])")
