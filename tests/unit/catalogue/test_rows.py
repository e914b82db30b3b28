"""Is each row of the catalogue founded, reachable and complete?"""

from __future__ import annotations

import re
from datetime import date

import pytest

from app.catalogue import capabilities, context_window, default_model, is_known, max_output_tokens
from app.catalogue.capabilities import ModelRow, Source, VendorModels
from app.catalogue.lookup import VENDOR_MODELS, row_of
from app.catalogue.tiers import TIERS
from contracts.providers import ProviderType

ROWS = [(vendor, row) for vendor in VENDOR_MODELS for row in vendor.rows]
SOURCES = [source for group in (*VENDOR_MODELS, *TIERS) for source in group.sources]
HOSTED = [vendor.kind for vendor in VENDOR_MODELS if vendor.default_model and vendor.kind is not ProviderType.OLLAMA]
# An address without its scheme, the name and version of a package, or a file of ours.
FOUND_AT = re.compile(
    r"([\w.-]+\.[a-z]+/[\w./-]+|@?[\w/-]+ \d[\d.]*|xllamacpp|app/\S+\.py)( \(.+\))?|litellm.+second-hand.+"
)


def named(case: object) -> str | None:
    """What a case is called in the report."""
    if isinstance(case, VendorModels):
        return case.kind.value
    return case.examples[0] if isinstance(case, ModelRow) else None


def test_rows_are_there_for_each_kind_once() -> None:
    """No vendor is forgotten, and none has two tables."""
    assert sorted(vendor.kind for vendor in VENDOR_MODELS) == sorted(ProviderType)


@pytest.mark.parametrize("group", [*VENDOR_MODELS, *TIERS])
def test_rows_name_their_sources(group: object) -> None:
    """A table without a source would be a guess."""
    assert getattr(group, "sources", ())


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.where)
def test_sources_say_where_and_when(source: Source) -> None:
    """Each says where it was read, and the day; none in the time to come."""
    assert FOUND_AT.fullmatch(source.where)
    assert date(2026, 11, 1) <= source.read <= date(2026, 12, 31)


@pytest.mark.parametrize("vendor,row", ROWS, ids=named)
def test_row_is_the_first_match_of_its_examples(vendor: VendorModels, row: ModelRow) -> None:
    """No row hides another: each has models of its own, and they lead to it."""
    assert row.examples
    assert all(row_of(vendor.kind, example) is row for example in row.examples)


@pytest.mark.parametrize("vendor,row", ROWS, ids=named)
def test_row_is_sound(vendor: VendorModels, row: ModelRow) -> None:
    """An answer fits into the window; budgets rise; what is refused is a field of sampling."""
    can = row.can
    assert (can.max_output_tokens or 0) <= (can.context_window or can.max_output_tokens or 0)
    assert can.thinking_tokens is None or can.thinking_tokens[0] < can.thinking_tokens[1]
    fields = {"temperature", "top_p", "frequency_penalty", "presence_penalty", "stop", "seed"}
    assert can.refused_sampling | can.refused_while_reasoning <= fields
    assert len(set(can.efforts)) == len(can.efforts)
    assert "none" not in can.efforts


@pytest.mark.parametrize("kind", HOSTED)
def test_default_model_is_known_in_full(kind: ProviderType) -> None:
    """What is asked when nobody says is known: its window, its limit and what it can do."""
    model = default_model(kind)
    assert is_known(kind, model)
    assert context_window(model)
    assert max_output_tokens(kind, model)
    assert capabilities(kind, model).context_window == context_window(model)


def test_default_model_of_ollama_has_the_servers_window() -> None:
    """Its server gives a model the window that it was told to (`num_ctx`), and the catalogue claims none."""
    model = default_model(ProviderType.OLLAMA)
    can = capabilities(ProviderType.OLLAMA, model)
    assert is_known(ProviderType.OLLAMA, model)
    assert (can.context_window, can.max_output_tokens, can.vision, can.tools) == (None, None, False, True)


@pytest.mark.parametrize("vendor", VENDOR_MODELS, ids=named)
def test_unknown_model_gets_conservative_defaults(vendor: VendorModels) -> None:
    """No window, no limit, no prefill but the embedded server's, and nothing said to be refused."""
    can = capabilities(vendor.kind, "unheard-of")
    assert can == vendor.unknown
    assert (can.context_window, can.max_output_tokens) == (None, None)
    assert can.prefill is (vendor.kind is ProviderType.LOCAL)
    assert not can.refused_sampling | can.refused_while_reasoning
