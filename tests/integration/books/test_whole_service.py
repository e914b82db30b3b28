"""Do all witnesses of a thousand mixed requests say the same, to the token and to a billionth of a dollar?"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

import pytest

from contracts.usage_reports import UsageSums
from tests.integration.books.mixed_load import REQUESTS_IN_ALL, Books, Row, books_of_a_mixed_load, dollars
from tests.kit.broker import Broker, stated_servers

TOKENS = ("input_tokens", "output_tokens", "total_tokens", "cached_input_tokens", "reasoning_tokens")
# The label of a kind of token in the metrics.
KINDS = {"input": "input_tokens", "output": "output_tokens", "cached_input": "cached_input_tokens"}
NEAR = Decimal("1e-9")


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """What everybody says after one load."""
    broker = None if stated_servers() else Broker()
    servers = stated_servers() or (broker.servers if broker else "")
    yield asyncio.run(books_of_a_mixed_load(tmp_path_factory.mktemp("books"), servers))
    if broker is not None:
        broker.close()


def test_books_have_a_row_for_each_request_and_each_call(books: Books) -> None:
    """Refused, kept, shared and left ones too; every kind was among them."""
    assert len(books.requests) == books.told.requests >= REQUESTS_IN_ALL
    assert len({row["request_id"] for row in books.requests}) == len(books.requests)
    assert sum(row["calls"] for row in books.requests) == len(books.calls)
    told = {answer.request_id for answer in books.told.answers} | {error.request_id for error in books.told.errors}
    assert told <= {row["request_id"] for row in books.requests}
    outcomes = Counter(row["outcome"] for row in books.requests)
    assert set(outcomes) == {
        "success",
        "cancelled",
        "invalid_request",
        "provider_not_found",
        "provider_protocol",
        "provider_unavailable",
    }
    assert {row["cache"] for row in books.requests} == {"hit", "miss", "bypass", "coalesced"}


def test_books_count_what_the_vendor_charged_for(books: Books) -> None:
    """Every reply that was whole, and nothing twice; what was estimated is marked."""
    counted = [row for row in books.calls if row["provider"] != "mock" and not row["is_estimated"]]
    for name in ("input_tokens", "output_tokens", "cached_input_tokens", "reasoning_tokens"):
        assert sum(row[name] for row in counted) == sum(getattr(bill, name) for bill in books.bills)
    assert sum(row["total_tokens"] > 0 for row in counted) == len(books.bills)
    assert all(row["outcome"] != "success" for row in books.calls if row["is_estimated"])
    assert cost(counted) > 0
    assert all(row["cost_pico"] is not None for row in books.calls if row["total_tokens"])


def test_requests_hold_the_sums_of_their_calls(books: Books) -> None:
    """A row of a request is what it was billed, over all of its calls."""
    by_request = defaultdict(list)
    for call in books.calls:
        by_request[call["request"]].append(call)
    for row in books.requests:
        calls = by_request[row["id"]]
        assert [row[name] for name in TOKENS] == [sum(call[name] for call in calls) for name in TOKENS]
        assert dollars(row["cost_pico"]) == cost(calls, is_estimated=False)
        assert dollars(row["estimated_cost_pico"]) == cost(calls, is_estimated=True)


def test_report_is_the_sum_of_the_rows(books: Books) -> None:
    """In all, and by who was called."""
    check(books.reports["totals"].totals, books.calls)
    totals = books.reports["totals"].totals
    assert totals.requests == len(books.requests)
    assert totals.successes == sum(row["outcome"] == "success" for row in books.requests)
    assert totals.cancelled == sum(row["outcome"] == "cancelled" for row in books.requests)
    assert totals.failures == len(books.requests) - totals.successes - totals.cancelled
    assert (totals.cached, totals.coalesced) == tuple(
        sum(row["cache"] == kind for row in books.requests) for kind in ("hit", "coalesced")
    )
    for grouping in ("provider", "model"):
        groups = {group.key: group for group in books.reports[grouping].groups}
        for name in {row[grouping] for row in books.calls}:
            check(groups[name], [row for row in books.calls if row[grouping] == name])


def test_statistics_are_the_sum_of_the_rows(books: Books) -> None:
    """In all, and by provider."""
    said = books.statistics
    assert said.total_requests_processed == len(books.requests)
    assert said.total_successful_requests == sum(row["outcome"] == "success" for row in books.requests)
    assert said.total_cached_responses == sum(row["cache"] == "hit" for row in books.requests)
    assert said.total_tokens_used == sum(row["total_tokens"] for row in books.calls)
    assert said.total_input_tokens == sum(row["input_tokens"] for row in books.calls)
    assert said.total_output_tokens == sum(row["output_tokens"] for row in books.calls)
    assert said.total_cost_usd == cost(books.calls)
    for name, provider in said.providers.items():
        calls = [row for row in books.calls if row["provider"] == name]
        assert (provider.requests, provider.tokens) == (len(calls), sum(row["total_tokens"] for row in calls))
        assert provider.cost_usd == cost(calls)


def test_metrics_are_the_sum_of_the_rows(books: Books) -> None:
    """Calls by how they ended, tokens, money, and what became of requests at the cache."""
    by_status = Counter((row["provider"], row["error_type"] or row["outcome"]) for row in books.calls)
    shown: Counter[tuple[str, str]] = Counter()
    for (_, provider, status), count in books.page.series("llm_requests_total").items():
        shown[provider, status] += int(count)
    assert shown == by_status
    tokens: Counter[str] = Counter()
    for (_, _, kind), count in books.page.series("llm_tokens_used_total").items():
        tokens[kind] += int(count)
    assert {kind: tokens[kind] for kind in KINDS} == {
        kind: sum(row[name] for row in books.calls) for kind, name in KINDS.items()
    }
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for (_, provider), usd in books.page.series("llm_cost_dollars_total").items():
        spent[provider] += Decimal(usd)
    for provider in {row["provider"] for row in books.calls}:
        assert abs(spent[provider] - cost([row for row in books.calls if row["provider"] == provider])) < NEAR
    at_the_cache = {result: int(count) for (result,), count in books.page.series("llm_cache_requests_total").items()}
    assert at_the_cache == Counter(row["cache"] for row in books.requests)
    assert sum(books.page.series("llm_observer_dropped_total").values()) == 0
    assert books.page.value("llm_ledger_rows_lost_total") == 0


def test_events_are_one_of_each_sort_for_each_request_and_failure(books: Books) -> None:
    """Its beginning before its end, and one failure for each call that failed."""
    ids = {row["request_id"]: row for row in books.requests}
    for sort in ("request_started", "request_completed"):
        found = Counter(event["metadata"]["request_id"] for event in books.of(sort))
        assert found == dict.fromkeys(ids, 1)
    failed = Counter(row["error_type"] for row in books.calls if row["outcome"] == "failed")
    assert Counter(event["data"]["failure_type"] for event in books.of("failure")) == failed
    began = {event["metadata"]["request_id"]: event["event_timestamp"] for event in books.of("request_started")}
    for event in books.of("request_completed"):
        assert began[event["metadata"]["request_id"]] <= event["event_timestamp"]


def test_events_say_what_the_rows_say(books: Books) -> None:
    """An event tells of the answer: the row, without what was estimated for a cut call that another one replaced."""
    rows = {row["request_id"]: row for row in books.requests}
    cut = defaultdict(list)
    for call in books.calls:
        if call["outcome"] == "failed" and call["is_estimated"]:
            cut[call["request"]].append(call)
    for event in books.of("request_completed"):
        row, data = rows[event["metadata"]["request_id"]], event["data"]
        is_replaced = row["outcome"] == "success" and not row["is_stream"]
        replaced = cut[row["id"]] if is_replaced else []
        tokens = (data["token_usage"] or {}).get("total_tokens", 0)
        assert tokens + sum(call["total_tokens"] for call in replaced) == row["total_tokens"]
        paid = dollars(row["cost_pico"] + row["estimated_cost_pico"])
        assert abs(Decimal(str(data["cost_estimate"] or 0)) + cost(replaced) - paid) < NEAR
        assert (data["success"], data["cached"]) == (row["outcome"] == "success", row["cache"] == "hit")


def test_answers_cost_what_the_events_say(books: Books) -> None:
    """What a caller was told is what went to Kafka."""
    told = {event["metadata"]["request_id"]: event["data"]["cost_estimate"] for event in books.of("request_completed")}
    assert len(books.told.answers) > REQUESTS_IN_ALL / 2
    for answer in books.told.answers:
        assert answer.cost is not None
        assert abs(Decimal(str(told[answer.request_id] or 0)) - answer.cost.usd) < NEAR


def check(sums: UsageSums, calls: Sequence[Row]) -> None:
    """The part of a report that is about calls."""
    assert [getattr(sums, name) for name in TOKENS] == [sum(row[name] for row in calls) for name in TOKENS]
    assert (sums.calls, sums.failed_calls) == (len(calls), sum(row["outcome"] == "failed" for row in calls))
    assert sums.cost_usd == cost(calls, is_estimated=False)
    assert sums.estimated_cost_usd == cost(calls, is_estimated=True)
    assert sums.unpriced_calls == 0


def cost(calls: Sequence[Row], *, is_estimated: bool | None = None) -> Decimal:
    """US dollars of some calls, or of those of them whose tokens were estimated, or counted."""
    chosen = [row for row in calls if is_estimated is None or bool(row["is_estimated"]) == is_estimated]
    return dollars(sum(row["cost_pico"] or 0 for row in chosen))
