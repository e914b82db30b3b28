"""The embedded model: llama.cpp in our own child process.

It gets no default limit on `max_tokens`: a small model may ramble to the end of its context window, which is its
finish reason `length`. The service's deadlines bound that, and a limit that nobody asked for would be a silent one.
"""

from __future__ import annotations

from app.providers.openai_dialect import OpenAIDialect
from app.providers.vendor import Vendor
from app.wires.openai_chat import EffortStyle, Quirks
from app.wires.openai_embeddings import EmbeddingQuirks
from contracts.providers import ProviderCapabilities, ProviderType

# Every other field of llama.cpp's is refused: a `grammar` can stop the one process that all callers share, and
# `repeat_last_n` makes it take 8 GB. So it speaks no caller's dialect (`wires`): their bytes may hold any field.
_OPTIONS = frozenset(
    {
        "ignore_eos",
        "logit_bias",
        "min_p",
        "mirostat",
        "mirostat_eta",
        "mirostat_tau",
        "repeat_penalty",
        "top_k",
        "typical_p",
    }
)

VENDOR = Vendor(
    kind=ProviderType.LOCAL,
    capabilities=ProviderCapabilities(tools=False, vision=False, reasoning=False),
    dialect=OpenAIDialect(
        # On loopback bytes cost nothing, and plain numbers can be read.
        embeddings=EmbeddingQuirks(encoding_format="float"),
        quirks=Quirks(
            max_tokens_field="max_tokens",
            effort_style=EffortStyle.NONE,
            # Its chat template has no place for tools: llama.cpp would answer prose to a caller who demands a call.
            takes_tools=False,
            # llama.cpp answers 500 to an image, which is the caller's fault and no outage.
            takes_images=False,
            takes_files=False,
            takes_refusals=False,
            unknown_fields=frozenset({"prompt_cache_key"}),
            compiles_schemas=True,
            options=_OPTIONS,
        ),
    ),
)
