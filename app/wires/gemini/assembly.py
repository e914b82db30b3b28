"""What is the whole answer, as far as it is here?

A stream's chunk and a plain reply have the same shape, so both go through `take`, which returns what is new as deltas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.wires.answer_json import unreadable
from app.wires.gemini.errors import blocked_prompt
from app.wires.gemini.finish import FAILED_FINISHES, FINISH_REASONS, HOPELESS_FINISHES, NO_FINISH
from app.wires.gemini.pieces import Pieces
from app.wires.gemini.usage import read_usage
from app.wires.token_counts import contradicts, take_counts
from contracts.calls import Reply
from contracts.chat import FinishReason, Message, Role, Usage, UsageSource
from contracts.deltas import Delta
from contracts.errors import ProviderProtocolError, ProviderUnavailableError


class ReplyAssembly:
    """One answer of `provider`, put together chunk by chunk."""

    def __init__(self, *, provider: str, model: str) -> None:
        self._provider = provider
        self._model = model
        self._served_model: str | None = None
        self._pieces = Pieces(provider)
        self._finish: FinishReason | None = None
        self._usage: dict[str, Any] = {}
        self._total: Any = None
        self._is_counted = True
        self._has_false_counts = False
        self._warnings: list[str] = []

    @property
    def is_finished(self) -> bool:
        """Whether a finish reason was seen."""
        return self._finish is not None

    @property
    def usage_so_far(self) -> Usage | None:
        """What the vendor has said of it by now."""
        return read_usage(self._usage) if self._usage else None

    def take(self, document: Mapping[str, Any]) -> list[Delta]:
        """Take a reply or chunk.

        Raises ContentPolicyError when the vendor refused to answer the prompt at all, ProviderUnavailableError for a
        finish reason that says that it gave up, and ProviderProtocolError for another shape than this dialect's.
        """
        self._note(document)
        candidate = self._candidate(document)
        if candidate is None:
            return []
        content = candidate.get("content")
        parts = content.get("parts") if isinstance(content, dict) else None
        try:
            deltas = self._pieces.add(parts or [])
        except ValueError as exc:
            raise self.unreadable(f"answered with {exc}") from None
        if candidate.get("finishReason") not in NO_FINISH:
            self._take_finish(candidate["finishReason"])
        return deltas

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when no finish reason was seen."""
        if self._finish is None:
            raise self.unreadable("ended its answer without a finish reason")
        usage = self.usage_so_far
        if self._has_false_counts or (self._usage and usage is None):
            self._warn(f"the token counts of {self._provider} cannot be true and were not taken")
        if usage is not None and contradicts(self._total, usage):
            self._warn(
                f"the total of tokens that {self._provider} counted is not the sum of its parts, which was taken"
            )
        if usage is not None and not self._is_counted:
            usage = replace(usage, source=UsageSource.ESTIMATED)
        return Reply(
            message=Message(role=Role.ASSISTANT, content=self._pieces.parts()),
            finish_reason=self._finish_reason(self._finish),
            model=self._served_model,
            usage=usage,
            warnings=tuple(self._warnings),
        )

    def unreadable(self, fact: str) -> ProviderProtocolError:
        """The error for a reply of which `fact` is true."""
        return unreadable(fact, provider=self._provider, model=self._model)

    def _note(self, document: Mapping[str, Any]) -> None:
        model, reply_id, usage = (document.get(name) for name in ("modelVersion", "responseId", "usageMetadata"))
        if isinstance(model, str) and model:
            self._served_model = model.removeprefix("models/")
        if isinstance(reply_id, str):
            self._pieces.reply_id = reply_id
        if isinstance(usage, dict):
            # Counts are those of the answer so far, and a chunk may hold some of them only.
            self._total = usage.get("totalTokenCount") or self._total
            self._is_counted = take_counts(self._usage, {**usage, "totalTokenCount": None})
            self._has_false_counts = self._has_false_counts or not self._is_counted
        feedback = document.get("promptFeedback")
        reason = feedback.get("blockReason") if isinstance(feedback, dict) else None
        if reason:
            raise blocked_prompt(reason, provider=self._provider, model=self._model)

    def _candidate(self, document: Mapping[str, Any]) -> Mapping[str, Any] | None:
        candidates = document.get("candidates") or []
        if not isinstance(candidates, list) or not all(isinstance(one, dict) for one in candidates):
            raise self.unreadable("answered with candidates that are not a list of objects")
        first = [one for one in candidates if not one.get("index")]
        if len(first) < len(candidates):
            self._warn(f"{self._provider} answered with more than one candidate: the first was taken")
        return first[0] if first else None

    def _take_finish(self, reason: Any) -> None:
        name = reason if isinstance(reason, str) else ""
        fact = FAILED_FINISHES.get(name) or HOPELESS_FINISHES.get(name)
        if fact is not None:
            error = ProviderUnavailableError(
                f"{self._provider} {fact} before the answer was whole ({name})",
                provider=self._provider,
                model=self._model,
                upstream_status=200,
            )
            error.retry_is_pointless = name in HOPELESS_FINISHES
            raise error
        if name not in FINISH_REASONS:
            self._warn(f"{self._provider} gave a finish reason that is not known: taken as stop")
        self._finish = FINISH_REASONS.get(name, FinishReason.STOP)

    def _finish_reason(self, finish: FinishReason) -> FinishReason:
        """Calls end with STOP, too."""
        return FinishReason.TOOL_CALLS if finish is FinishReason.STOP and self._pieces.has_calls else finish

    def _warn(self, sentence: str) -> None:
        if sentence not in self._warnings:
            self._warnings.append(sentence)
