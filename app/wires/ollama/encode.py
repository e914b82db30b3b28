"""How does a conversation become a body for POST /api/chat?

What Ollama cannot be told is either refused with InvalidRequestError, where the answer would be another one without it,
or left out and named in `warnings`. Nothing is left out silently.

Left alone, Ollama cuts a conversation that is longer than its context (`num_ctx`, of the server's choosing) and answers
200 from what is left. `truncate` and `shift` false make it refuse instead (ollama/ollama, api/types.go `ChatRequest`,
since 0.12.6); an older server ignores them and cuts, which its reply does not show. Who wants the cut says so in
`vendor_options`, where `options.num_ctx` and `keep_alive` also belong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.cache_marks import note_key, note_marks
from app.wires.encoded import Encoded, with_options
from app.wires.notes import Notes
from app.wires.ollama.messages import encode_messages
from app.wires.ollama.shapes import encode_format, encode_think, encode_tools
from contracts.chat import Conversation, Sampling
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

RESERVED_FIELDS = ("model", "messages", "stream")


def encode_request(
    conversation: Conversation,
    *,
    provider: str,
    model: str,
    stream: bool,
    think_levels: tuple[str, ...] | None = (),
    options: Mapping[str, Any] | None = None,
) -> Encoded:
    """The body. `think_levels` as in `encode_think`; `options` are laid over it last.

    Raises InvalidRequestError for what Ollama cannot be asked.
    """
    notes = Notes()
    body: dict[str, Any] = {
        "model": model,
        "messages": encode_messages(conversation.messages, provider=provider, notes=notes),
        # Without the field it streams.
        "stream": stream,
        "truncate": False,
        "shift": False,
    }
    sampling = _sampling(conversation.sampling)
    if sampling:
        body["options"] = sampling
    body |= _tools(conversation, provider, notes)
    body |= encode_format(conversation.response_format, provider=provider, model=model, notes=notes)
    body |= encode_think(conversation.reasoning_effort, think_levels, model=model, notes=notes)
    note_marks(conversation, provider=provider, notes=notes)
    note_key(conversation, provider=provider, notes=notes)
    return Encoded(
        body=with_options(body, options or {}, provider=provider, reserved=RESERVED_FIELDS),
        warnings=notes.warnings,
        unsupported=notes.unsupported,
    )


def _sampling(sampling: Sampling) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "num_predict": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "stop": list(sampling.stop) or None,
        "seed": sampling.seed,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _tools(conversation: Conversation, provider: str, notes: Notes) -> dict[str, Any]:
    choice = conversation.tool_choice
    if choice is not None and choice.mode in ("required", "tool"):
        raise InvalidRequestError(
            f"{provider} cannot be made to call a tool, and tool_choice {choice.mode} demands it",
            provider=provider,
            errors=[FieldError(field="tool_choice", message="not possible with this provider")],
        )
    if not conversation.tools or (choice is not None and choice.mode == "none"):
        return {}
    if conversation.parallel_tool_calls is False:
        notes.leave_out("parallel_tool_calls", f"parallel_tool_calls was not sent: {provider} does not know it")
    return {"tools": encode_tools(conversation.tools, provider=provider, notes=notes)}
