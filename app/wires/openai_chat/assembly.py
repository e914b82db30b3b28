"""What is the whole answer, as far as it is here?

One object for both ways: a plain reply's `message` and each `delta` of a stream go through the same `add`, so both
decode alike. It returns what is new as deltas.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.wires.answer_json import unreadable
from app.wires.json_text import mended_text
from app.wires.openai_chat.finish import FAILED_FINISHES, FINISH_REASONS
from app.wires.openai_chat.quirks import Quirks
from app.wires.openai_chat.reasoning import REASONING_FIELDS, ReasoningAssembly
from app.wires.openai_chat.tool_calls import ToolCallAssembly
from app.wires.openai_chat.usage import read_cost, read_usage
from app.wires.token_counts import contradicts, lasting
from contracts.calls import Reply
from contracts.chat import FinishReason, Message, Part, RefusalPart, Role, TextPart, Usage
from contracts.deltas import Delta, TextDelta, ToolCallDelta
from contracts.errors import ProviderProtocolError, ProviderUnavailableError

# The served model stands in a header, in statistics and in the answer.
MODEL_NAME = re.compile(r"[!-~](?:[ -~]{0,254}[!-~])?")


class ReplyAssembly:
    """One answer of `provider`, put together piece by piece."""

    __slots__ = (
        "_calls",
        "_cost",
        "_finish",
        "_model",
        "_provider",
        "_quirks",
        "_reasoning",
        "_refusals",
        "_reply_id",
        "_served_model",
        "_texts",
        "_warnings",
        "usage_so_far",
    )

    def __init__(self, *, provider: str, model: str, quirks: Quirks) -> None:
        self._provider = provider
        self._model = model
        self._quirks = quirks
        self._served_model: str | None = None
        self._texts: list[str] = []
        self._refusals: list[str] = []
        self._reply_id = ""
        # Most answers have neither.
        self._reasoning: ReasoningAssembly | None = None
        self._calls: ToolCallAssembly | None = None
        self._finish: FinishReason | None = None
        self.usage_so_far: Usage | None = None
        self._cost: Decimal | None = None
        self._warnings: list[str] = []

    @property
    def is_finished(self) -> bool:
        """Whether a finish reason was seen."""
        return self._finish is not None

    def note(self, document: Mapping[str, Any]) -> None:
        """Take model, id and usage from a reply or chunk."""
        model, reply_id, usage = document.get("model"), document.get("id"), document.get("usage")
        # Every chunk of a stream names both again.
        if isinstance(model, str) and model and model != self._served_model:
            self._take_model(model)
        if isinstance(reply_id, str) and reply_id != self._reply_id:
            self._reply_id = mended_text(reply_id)
        if isinstance(usage, dict):
            self._take_usage(usage)

    def add(self, message: Mapping[str, Any]) -> list[Delta]:
        """Take a `delta` or a whole `message`. Raises ProviderProtocolError when it is not of this dialect's shape."""
        deltas: list[Delta] = []
        if not message.keys().isdisjoint(REASONING_FIELDS):
            self._reasoning = self._reasoning or ReasoningAssembly()
            deltas += self._reasoning.add(message)
        content = message.get("content")
        text = content if isinstance(content, str) else self._text_of(content)
        if text:
            deltas += self.add_text(text)
        if message.get("refusal") is not None:
            deltas += self._refused(mended_text(self._text_of(message["refusal"])))
        if "tool_calls" in message or "function_call" in message:
            deltas += self._called(message)
        return deltas

    def add_text(self, text: str) -> list[Delta]:
        """Take what is a message's text and all that it says."""
        if not text:
            return []
        if not text.isascii():
            text = mended_text(text)
        self._texts.append(text)
        return [TextDelta(text=text)]

    def finish(self, reason: Any) -> None:
        """Take a finish reason. Raises ProviderUnavailableError for one that says that the vendor gave up."""
        known = FINISH_REASONS.get(reason) if isinstance(reason, str) else None
        if known is not None:
            self._finish = known
            return
        if isinstance(reason, str) and reason in FAILED_FINISHES:
            detail = f"{self._provider} {FAILED_FINISHES[reason]} before the answer was whole"
            raise ProviderUnavailableError(detail, provider=self._provider, model=self._model, upstream_status=200)
        self.warn(f"{self._provider} gave a finish reason that is not known: taken as stop")
        self._finish = FinishReason.STOP

    def warn(self, sentence: str) -> None:
        """Add a warning, once."""
        if sentence not in self._warnings:
            self._warnings.append(sentence)

    def warn_of_more_choices(self) -> None:
        """Add the warning that the vendor said more than it was asked for."""
        self.warn(f"{self._provider} answered with more than one choice: the first was taken")

    def reply(self, *, raw: str | None = None) -> Reply:
        """The whole answer, which came as `raw`. Raises ProviderProtocolError when no finish reason was seen."""
        if self._finish is None:
            raise self.unreadable("ended its answer without a finish reason")
        return Reply(
            message=Message(role=Role.ASSISTANT, content=self._parts()),
            finish_reason=self._finish_reason(self._finish),
            model=self._served_model,
            usage=self.usage_so_far,
            cost_usd=self._cost,
            warnings=tuple(self._warnings),
            raw=raw,
        )

    def unreadable(self, fact: str) -> ProviderProtocolError:
        """The error for a reply of which `fact` is true."""
        return unreadable(fact, provider=self._provider, model=self._model)

    def _parts(self) -> tuple[Part, ...]:
        try:
            parts: list[Part] = [*self._reasoning.parts(self._provider)] if self._reasoning else []
        except ValueError:
            raise self.unreadable("answered with reasoning that JSON cannot say") from None
        if self._texts:
            parts.append(TextPart(text="".join(self._texts)))
        if self._refusals:
            parts.append(RefusalPart(text="".join(self._refusals)))
        return (*parts, *self._calls.parts()) if self._calls else tuple(parts)

    def _finish_reason(self, finish: FinishReason) -> FinishReason:
        """What it was in truth: some servers end with `stop` whatever came before."""
        if finish is FinishReason.STOP and self._refusals:
            return FinishReason.CONTENT_FILTER
        if finish is FinishReason.STOP and self._calls:
            return FinishReason.TOOL_CALLS
        if finish is FinishReason.TOOL_CALLS and not self._calls:
            return FinishReason.STOP
        return finish

    def _take_model(self, name: str) -> None:
        if MODEL_NAME.fullmatch(name):
            self._served_model = name
        else:
            self.warn(f"{self._provider} named its model in a way that cannot be passed on: the one asked for is named")

    def _take_usage(self, data: Mapping[str, Any]) -> None:
        now = read_usage(data)
        self.usage_so_far = now if self.usage_so_far is None else lasting(self.usage_so_far, now)
        if now is None or self.usage_so_far is not now:
            self.warn(f"the token counts of {self._provider} cannot be true and were not taken")
        elif contradicts(data.get("total_tokens"), now):
            self.warn(f"the total of tokens that {self._provider} counted is not the sum of its parts, which was taken")
        if self._quirks.reports_cost and data.get("cost") is not None:
            self._take_cost(read_cost(data))

    def _take_cost(self, cost: Decimal | None) -> None:
        if cost is None:
            self.warn(f"the cost that {self._provider} gave cannot be true and was not taken")
        else:
            self._cost = cost

    def _refused(self, refusal: str) -> list[Delta]:
        if not refusal:
            return []
        self._refusals.append(refusal)
        return [TextDelta(text=refusal, is_refusal=True)]

    def _called(self, message: Mapping[str, Any]) -> list[ToolCallDelta]:
        self._calls = ToolCallAssembly() if self._calls is None else self._calls
        self._calls.reply_id = self._reply_id
        try:
            return self._calls.add(self._calls_of(message))
        except ValueError:
            raise self.unreadable("answered with tool arguments that JSON cannot say") from None

    def _text_of(self, content: Any) -> str:
        if content is None or isinstance(content, str):
            return content or ""
        if isinstance(content, list):
            texts = (part.get("text") for part in content if isinstance(part, dict))
            return "".join(text for text in texts if isinstance(text, str))
        raise self.unreadable("answered with content that is neither text nor a list")

    def _calls_of(self, message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        calls = message.get("tool_calls") or []
        legacy = message.get("function_call")
        if isinstance(legacy, dict):
            calls = [{"index": 0, "function": legacy}]
        if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
            raise self.unreadable("answered with tool calls that are not a list of objects")
        return calls
