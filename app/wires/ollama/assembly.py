"""What is the whole answer, as far as it is here?

One object for both ways: a plain reply and each line of a stream go through the same `take`, so both decode alike. It
returns what is new as deltas. Ollama ends with `stop` after tool calls too, and has no sign for a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.answer_json import unreadable
from app.wires.json_text import mended_text
from app.wires.ollama.errors import error_document, in_band_error
from app.wires.ollama.tool_calls import ToolCallAssembly
from app.wires.ollama.usage import read_usage
from contracts.calls import Reply
from contracts.chat import FinishReason, Message, Part, ReasoningPart, Role, TextPart, Usage
from contracts.deltas import Delta, ReasoningDelta, TextDelta
from contracts.errors import ProviderProtocolError, ProviderUnavailableError

_FINISH_REASONS = {"stop": FinishReason.STOP, "length": FinishReason.LENGTH}
# docs.ollama.com/api/generate: the answers to a call that holds no message.
_NO_ANSWER = {"load": "loaded the model and generated nothing", "unload": "unloaded the model and generated nothing"}


class ReplyAssembly:
    """One answer of `provider`, put together piece by piece."""

    def __init__(self, *, provider: str, model: str) -> None:
        self._provider = provider
        self._model = model
        self._served_model: str | None = None
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self._calls = ToolCallAssembly()
        self._has_message = False
        self._finish: FinishReason | None = None
        self.usage_so_far: Usage | None = None
        self._warnings: list[str] = []

    @property
    def is_finished(self) -> bool:
        """Whether `done` was seen: nothing comes after it."""
        return self._finish is not None

    def take(self, data: Any) -> list[Delta]:
        """What one decoded object adds; one without a message adds nothing.

        Raises the error that it holds, and ProviderProtocolError for another shape.
        """
        error = error_document(data)
        if error is not None:
            raise in_band_error(error, provider=self._provider, model=self._model)
        if not isinstance(data, dict):
            raise self.unreadable("sent something that is not a JSON object")
        if isinstance(data.get("model"), str) and data["model"]:
            self._served_model = data["model"]
        message = data.get("message")
        deltas: list[Delta] = []
        if isinstance(message, dict):
            self._has_message = True
            deltas = self._add(message, moment=data.get("created_at"))
        if data.get("done") is True:
            self._end(data)
        return deltas

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when `done` was not seen."""
        if self._finish is None:
            raise self.unreadable("ended its answer without a finish reason")
        called = self._finish is FinishReason.STOP and self._calls
        return Reply(
            message=Message(role=Role.ASSISTANT, content=self._parts()),
            finish_reason=FinishReason.TOOL_CALLS if called else self._finish,
            model=self._served_model,
            usage=self.usage_so_far,
            warnings=tuple(self._warnings),
        )

    def unreadable(self, fact: str) -> ProviderProtocolError:
        """The error for a reply of which `fact` is true."""
        return unreadable(fact, provider=self._provider, model=self._model)

    def _add(self, message: Mapping[str, Any], *, moment: Any) -> list[Delta]:
        deltas: list[Delta] = []
        thought, text = self._text_of(message, "thinking"), self._text_of(message, "content")
        if thought:
            self._thoughts.append(thought)
            deltas.append(ReasoningDelta(text=thought))
        if text:
            self._texts.append(text)
            deltas.append(TextDelta(text=text))
        try:
            deltas.extend(self._calls.add(message.get("tool_calls"), moment=moment))
        except ValueError as fact:
            raise self.unreadable(f"answered with tool calls that cannot be read: {fact}") from None
        return deltas

    def _end(self, data: Mapping[str, Any]) -> None:
        if not self._has_message:
            raise self.unreadable("answered without a message")
        reason = data.get("done_reason")
        if isinstance(reason, str) and reason in _NO_ANSWER:
            detail = f"{self._provider} {_NO_ANSWER[reason]}"
            raise ProviderUnavailableError(detail, provider=self._provider, model=self._model, upstream_status=200)
        known = _FINISH_REASONS.get(reason) if isinstance(reason, str) else None
        if known is None:
            # Old servers said only `done`.
            self._warnings.append(f"{self._provider} gave no finish reason that is known: taken as stop")
        self._finish = known or FinishReason.STOP
        if "prompt_eval_count" in data:
            self.usage_so_far = read_usage(data)
            if self.usage_so_far is None:
                self._warnings.append(f"the token counts of {self._provider} cannot be true and were not taken")

    def _parts(self) -> tuple[Part, ...]:
        parts: list[Part] = []
        if self._thoughts:
            parts.append(ReasoningPart(text="".join(self._thoughts), provider=self._provider))
        if self._texts:
            parts.append(TextPart(text="".join(self._texts)))
        return (*parts, *self._calls.parts())

    def _text_of(self, message: Mapping[str, Any], name: str) -> str:
        text = message.get(name)
        if text is None or isinstance(text, str):
            return mended_text(text or "")
        raise self.unreadable(f"answered with {name} that is not text")
