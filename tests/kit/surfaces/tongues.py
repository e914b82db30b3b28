"""Which dialect is spoken at a path? By how the path ends."""

from __future__ import annotations

from tests.kit.surfaces.openai_tongues import CHAT, RESPONSES
from tests.kit.surfaces.other_tongues import GEMINI, MESSAGES, OLLAMA

TONGUES = {
    "/chat/completions": CHAT,
    "/responses": RESPONSES,
    "/messages": MESSAGES,
    ":generateContent": GEMINI,
    ":streamGenerateContent": GEMINI,
    "/api/chat": OLLAMA,
}
