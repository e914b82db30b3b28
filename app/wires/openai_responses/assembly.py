"""What is the whole answer, as far as it is here?

One object for both ways: a plain reply is taken as the end of a stream without a beginning, so both decode alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.wires.answer_json import unreadable
from app.wires.json_text import mended_text
from app.wires.openai_chat.errors import error_document, in_band_error
from app.wires.openai_responses.answer_parts import answer_parts, has_citations
from app.wires.openai_responses.ending import (
    CANCELLED,
    COMPLETED,
    FAILED,
    INCOMPLETE,
    UNFINISHED,
    incomplete_reason,
)
from app.wires.openai_responses.output import Output
from app.wires.openai_responses.usage import read_usage
from app.wires.token_counts import contradicts, lasting
from contracts.calls import Reply
from contracts.chat import FinishReason, Message, Part, RefusalPart, Role, ToolCallPart, Usage
from contracts.deltas import Delta
from contracts.errors import ProviderProtocolError, ProviderUnavailableError

# The served model stands in a header, in statistics and in the answer.
_MODEL_NAME = re.compile(r"[!-~](?:[ -~]{0,254}[!-~])?")


class ReplyAssembly:
    """One answer of `provider`, put together event by event."""

    def __init__(self, *, provider: str, model: str) -> None:
        self.output = Output()
        self._provider = provider
        self._model = model
        self._served_model: str | None = None
        self._finish: FinishReason | None = None
        self.usage_so_far: Usage | None = None
        self._warnings: list[str] = []

    @property
    def is_finished(self) -> bool:
        """Whether the end of the answer was seen."""
        return self._finish is not None

    def note(self, response: Mapping[str, Any]) -> None:
        """Take model, id and usage from a response."""
        model, reply_id, usage = response.get("model"), response.get("id"), response.get("usage")
        if isinstance(model, str) and model:
            self._take_model(model)
        if isinstance(reply_id, str):
            self.output.reply_id = mended_text(reply_id)
        if isinstance(usage, dict):
            self._take_usage(usage)

    def finish(self, response: Mapping[str, Any], *, status: str | None) -> list[Delta]:
        """Take the whole response. `status` is what a stream's last event says; None: this is all there is.

        Raises the classified error for one that failed, ProviderProtocolError for one that is not of this dialect, and
        ValueError for an item that JSON cannot say.
        """
        own = response.get("status")
        is_all, status = status is None, own if isinstance(own, str) else status
        self._check(response, status)
        self.note(response)
        if is_all and not isinstance(response.get("output"), list):
            raise self.unreadable("answered without output")
        deltas = self.output.settle(self._items(response))
        self._finish = self._finish_of(response, status)
        return deltas

    def warn(self, sentence: str) -> None:
        """Add a warning, once."""
        if sentence not in self._warnings:
            self._warnings.append(sentence)

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when its end was not seen."""
        if self._finish is None:
            raise self.unreadable("ended its answer without saying that it is whole")
        parts = self._parts()
        return Reply(
            message=Message(role=Role.ASSISTANT, content=parts),
            finish_reason=_finish_reason(self._finish, parts),
            model=self._served_model,
            usage=self.usage_so_far,
            warnings=tuple(self._warnings),
            id=self.output.reply_id or None,
            item_ids=self.output.item_ids(),
        )

    def unreadable(self, fact: str) -> ProviderProtocolError:
        """The error for a reply of which `fact` is true."""
        return unreadable(fact, provider=self._provider, model=self._model)

    def _check(self, response: Mapping[str, Any], status: str | None) -> None:
        error = error_document(response)
        if error is not None:
            raise in_band_error(error, provider=self._provider, model=self._model)
        if status in (FAILED, CANCELLED):
            detail = f"{self._provider} gave up ({status}) before the answer was whole"
            raise ProviderUnavailableError(detail, provider=self._provider, model=self._model, upstream_status=200)
        if status in UNFINISHED:
            raise self.unreadable("answered before its answer was whole")

    def _items(self, response: Mapping[str, Any]) -> list[dict[str, Any]]:
        items = response.get("output") or []
        if not isinstance(items, list) or not all(is_item(item) for item in items):
            raise self.unreadable("answered with output that is not a list of items")
        return items

    def _finish_of(self, response: Mapping[str, Any], status: str | None) -> FinishReason:
        if status == INCOMPLETE:
            reason = incomplete_reason(response)
            if reason is None:
                self.warn(f"{self._provider} cut its answer for a reason that is not known: taken as length")
            return reason or FinishReason.LENGTH
        if status != COMPLETED:
            self.warn(f"{self._provider} gave a status that is not known: taken as completed")
        return FinishReason.STOP

    def _parts(self) -> tuple[Part, ...]:
        if self.output.differs:
            self.warn(f"the whole answer of {self._provider} is not what it streamed: the whole was taken")
        items = self.output.whole()
        if has_citations(items):
            self.warn(f"citations of {self._provider} were not taken")
        try:
            return answer_parts(items, provider=self._provider)
        except ValueError:
            # Without the cause: it may hold the answer's text.
            raise self.unreadable("answered with an item that cannot be read") from None

    def _take_usage(self, data: Mapping[str, Any]) -> None:
        now = read_usage(data)
        self.usage_so_far = lasting(self.usage_so_far, now)
        if now is None or self.usage_so_far is not now:
            self.warn(f"the token counts of {self._provider} cannot be true and were not taken")
        elif contradicts(data.get("total_tokens"), now):
            self.warn(f"the total of tokens that {self._provider} counted is not the sum of its parts, which was taken")

    def _take_model(self, name: str) -> None:
        if _MODEL_NAME.fullmatch(name):
            self._served_model = name
        else:
            self.warn(f"{self._provider} named its model in a way that cannot be passed on: the one asked for is named")


def is_item(item: Any) -> bool:
    """Whether `item` is an object that says of what kind it is."""
    return isinstance(item, dict) and isinstance(item.get("type"), str)


def _finish_reason(finish: FinishReason, parts: tuple[Part, ...]) -> FinishReason:
    """A whole answer may be a refusal, or ask for tools: its parts say so."""
    if finish is not FinishReason.STOP:
        return finish
    if any(isinstance(part, RefusalPart) for part in parts):
        return FinishReason.CONTENT_FILTER
    return FinishReason.TOOL_CALLS if any(isinstance(part, ToolCallPart) for part in parts) else finish
