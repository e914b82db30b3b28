"""What is asked and answered where the audit keeps content, and the entries that it leaves."""

from __future__ import annotations

from typing import Any

from app.engine.auditing import Auditing
from app.engine.content_log import ContentLog
from app.engine.intake import Order, take_in
from contracts import AuditEntry, Caller, LLMProviderConfig, LLMRequest, LLMResponse, LLMTimeoutError, Scope
from tests.kit.fake_books import FakeBooks
from tests.kit.virtual_time import EPOCH, loop_clock

CALLER = Caller(key_id="key-1", scopes=frozenset({Scope.CALL}))
CONFIG = LLMProviderConfig()
EXAMPLE: Any = LLMResponse.model_config["json_schema_extra"]
RESPONSE = LLMResponse.model_validate(EXAMPLE["example"])
TIMEOUT = LLMTimeoutError("openai gave no answer in 30.0 s")


def order_of(**fields: Any) -> Order:
    """What one caller asks."""
    asked = LLMRequest.model_validate({"prompt": "Why?", "request_id": "r", "correlation_id": "c", **fields})
    return take_in(asked, CALLER, now=EPOCH, is_stream=False, config=CONFIG)


def written(books: FakeBooks) -> list[AuditEntry]:
    """The entries, in order."""
    return [entry.audit for entry in books.entries if entry.audit is not None]


def log_into(books: FakeBooks) -> ContentLog:
    """On the running loop."""
    return ContentLog(Auditing(books, loop_clock(), is_strict=False))
