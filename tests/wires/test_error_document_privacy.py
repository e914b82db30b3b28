"""Do a vendor's words, which may quote a prompt or a key, stay out of every repr?"""

from __future__ import annotations

from typing import Any

import pytest

from app.wires.anthropic_messages.errors import ErrorDocument as AnthropicDocument
from app.wires.gemini.errors import ErrorDocument as GeminiDocument
from app.wires.ollama.errors import ErrorDocument as OllamaDocument
from app.wires.openai_chat.errors import ErrorDocument as OpenAIDocument

WORDS = "PRIVATEWORDS"


@pytest.mark.parametrize("document", [AnthropicDocument, GeminiDocument, OllamaDocument, OpenAIDocument])
def test_error_document_hides_the_vendors_words(document: Any) -> None:
    """A traceback with its locals shows reprs."""
    made = document(message=WORDS)
    assert made.message == WORDS
    assert WORDS not in repr(made)
