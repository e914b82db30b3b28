"""Is an answer one text with its counts, and nothing of it in doubt, as most are? Then it is read in one look.

To put one together piece by piece, with a look for each thing that it might say, takes three times as long. Whatever
says more, or says it in another way, is left to `ReplyAssembly` to judge, which would read these no otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from app.wires.json_text import mended_text
from app.wires.openai_chat.assembly import MODEL_NAME
from app.wires.openai_chat.finish import FINISH_REASONS
from app.wires.openai_chat.quirks import Quirks
from app.wires.openai_chat.usage import read_usage
from contracts.calls import Reply, new_reply
from contracts.chat import FinishReason, Role, new_message, new_text

# `annotations` and `role` are read by nobody.
_OF_A_TEXT = frozenset({"content", "role", "annotations"})
_OF_ITS_CHOICE = frozenset({"message", "finish_reason", "index"})


def text_reply(data: Any, quirks: Quirks, *, raw: str | None = None) -> Reply | None:
    """The answer that the completion `data` holds, which came as `raw`; None where all of it has to be looked at."""
    try:
        (choice,) = data["choices"]
        message, finish, counts = choice["message"], FINISH_REASONS[choice["finish_reason"]], data["usage"]
        text, model = message["content"], data["model"]
        usage = read_usage(counts)
        is_told_elsewhere = "error" in data or data.get("object") == "error" or choice.get("index")
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    if (
        is_told_elsewhere
        or usage is None
        or finish is FinishReason.TOOL_CALLS
        or type(text) is not str
        or not text
        or counts.get("total_tokens") != usage.total_tokens
        or (quirks.reports_cost and counts.get("cost") is not None)
        or not (_OF_A_TEXT.issuperset(message) or _adds_nothing(message, _OF_A_TEXT))
        or not (_OF_ITS_CHOICE.issuperset(choice) or _adds_nothing(choice, _OF_ITS_CHOICE))
        or type(model) is not str
        or not MODEL_NAME.fullmatch(model)
    ):
        return None
    part = new_text(text=text if text.isascii() else mended_text(text))
    return new_reply(
        message=new_message(role=Role.ASSISTANT, content=(part,)),
        finish_reason=finish,
        model=model,
        usage=usage,
        raw=raw,
    )


def _adds_nothing(document: Mapping[str, Any], known: Collection[str]) -> bool:
    """Whether all that it says beside what is `known` is that there is none of it."""
    for name, value in document.items():  # noqa: SIM110 - of nearly every answer: `all` is another call for each field
        if value is not None and name not in known:
            return False
    return True
