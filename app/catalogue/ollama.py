"""What can the models of Ollama's library do, each with any tag?

Their windows and limits are of the server's choosing (`num_ctx`), and so are not known here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from app.catalogue.capabilities import ModelCapabilities, ModelRow, Source, Thinking, VendorModels
from contracts.providers import ProviderType

_READ = date(2026, 11, 21)
_SOURCES = (
    Source("docs.ollama.com/capabilities/thinking", _READ),
    Source("docs.ollama.com/capabilities/structured-outputs", _READ),
    Source("ollama.com/library (each model's marks: tools, vision, thinking)", _READ),
)

_ANY = ModelCapabilities(files=False)
_TEXT = replace(_ANY, vision=False)
_TAG = r"(:.*)?"

OLLAMA = VendorModels(
    kind=ProviderType.OLLAMA,
    default_model="llama3.2",
    sources=_SOURCES,
    unknown=replace(_ANY, thinking=Thinking.ASKED),
    rows=(
        # It always thinks; it cannot be told to stop.
        ModelRow(
            pattern=r"gpt-oss" + _TAG,
            can=replace(_TEXT, thinking=Thinking.ALWAYS, efforts=("low", "medium", "high")),
            examples=("gpt-oss", "gpt-oss:20b"),
        ),
        ModelRow(
            pattern=r"(qwen3|deepseek-r1|deepseek-v3\.1)" + _TAG,
            can=replace(_TEXT, thinking=Thinking.DEFAULT),
            examples=("qwen3:8b", "deepseek-r1"),
        ),
        ModelRow(
            pattern=r"(llama3\.[123]|mistral(-nemo)?|mixtral|qwen2(\.5)?(-coder)?|qwen3-coder|smollm2)" + _TAG,
            can=_TEXT,
            examples=("llama3.2", "llama3.2:1b", "mistral", "qwen2.5-coder:7b"),
        ),
        ModelRow(
            pattern=r"gemma3:(270m|1b).*|(llama3|gemma2?|phi[34]|smollm|tinyllama)" + _TAG,
            can=replace(_TEXT, tools=False),
            examples=("llama3", "gemma2:9b", "gemma3:1b"),
        ),
        ModelRow(
            pattern=r"(llama3\.2-vision|gemma3|llava|qwen2\.5vl)" + _TAG,
            can=replace(_ANY, tools=False),
            examples=("llama3.2-vision", "gemma3:4b", "llava"),
        ),
        ModelRow(pattern=r"(llama4|mistral-small)" + _TAG, can=_ANY, examples=("llama4", "mistral-small:24b")),
    ),
)
