"""What can OpenAI's models do?

Windows are those of the price library, output limits and features those of the models' pages; the deployment checklist
says which sampling is refused and which tools need /responses. For GPT-5.4 and 5.5 the latter is second-hand.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from app.catalogue.capabilities import (
    ModelCapabilities,
    ModelRow,
    Source,
    StructuredOutput,
    Thinking,
    VendorModels,
)
from contracts.providers import ProviderType

_READ = date(2026, 11, 21)
_SOURCES = (
    Source("genai-prices 0.2.3", _READ),
    Source("developers.openai.com/api/docs/models", _READ),
    Source("developers.openai.com/api/docs/guides/latest-model", _READ),
    Source("developers.openai.com/api/docs/guides/deployment-checklist", _READ),
    Source("openai 3 (types.shared.ChatModel)", _READ),
    Source("litellm's model_prices_and_context_window.json (second-hand, compared)", _READ),
)

_DATE = r"(-\d{4}-\d{2}-\d{2})?"
_REFUSED = frozenset({"temperature", "top_p", "frequency_penalty", "presence_penalty", "stop"})
_CLASSIC = ("low", "medium", "high")
_TO_MAX = ("low", "medium", "high", "xhigh", "max")

_REASONING = ModelCapabilities(max_output_tokens=128_000, refused_while_reasoning=_REFUSED)
_GPT_5 = replace(_REASONING, context_window=400_000)
_GPT_6 = replace(
    _REASONING, context_window=1_050_000, thinking=Thinking.DEFAULT, efforts=_TO_MAX, tools_need_no_effort=True
)
_O_SERIES = replace(
    _REASONING, context_window=200_000, max_output_tokens=100_000, thinking=Thinking.ALWAYS, efforts=_CLASSIC
)
_TEXT_ONLY = ModelCapabilities(vision=False, files=False)


def _asked(window: int, *efforts: str, needs_no_effort: bool = False) -> ModelCapabilities:
    return replace(
        _REASONING,
        context_window=window,
        thinking=Thinking.ASKED,
        efforts=efforts,
        tools_need_no_effort=needs_no_effort,
    )


OPENAI = VendorModels(
    kind=ProviderType.OPENAI,
    default_model="gpt-6-luna",
    sources=_SOURCES,
    # Behind `base_url` it may be anybody's, so it gets all that it is asked.
    unknown=ModelCapabilities(thinking=Thinking.ASKED),
    rows=(
        ModelRow(
            pattern=r"gpt-5([.-][123])?-chat(-latest)?|gpt-5[.-]3",
            can=ModelCapabilities(context_window=128_000, max_output_tokens=16_384),
            examples=("gpt-5-chat-latest", "gpt-5.3"),
        ),
        ModelRow(
            pattern=r"gpt-5-pro" + _DATE,
            can=replace(_GPT_5, max_output_tokens=272_000, thinking=Thinking.ALWAYS, efforts=("high",)),
            examples=("gpt-5-pro",),
        ),
        ModelRow(
            pattern=r"gpt-5(-mini|-nano|-codex)?" + _DATE,
            can=replace(_GPT_5, thinking=Thinking.ALWAYS, efforts=("minimal", *_CLASSIC)),
            examples=("gpt-5", "gpt-5-mini", "gpt-5-nano-2025-08-07"),
        ),
        ModelRow(
            pattern=r"gpt-5[.-]1(-.*)?",
            can=_asked(400_000, *_CLASSIC),
            examples=("gpt-5.1", "gpt-5.1-2025-11-13"),
        ),
        ModelRow(
            pattern=r"gpt-5[.-]2-pro" + _DATE,
            can=replace(_GPT_5, thinking=Thinking.ALWAYS, efforts=("medium", "high", "xhigh")),
            examples=("gpt-5.2-pro",),
        ),
        ModelRow(
            pattern=r"gpt-5[.-][23](-.*)?",
            can=_asked(400_000, *_CLASSIC, "xhigh"),
            examples=("gpt-5.2", "gpt-5.3-codex"),
        ),
        ModelRow(
            pattern=r"gpt-5[.-]4-(mini|nano)" + _DATE,
            can=_asked(400_000, *_CLASSIC, "xhigh", needs_no_effort=True),
            examples=("gpt-5.4-mini", "gpt-5.4-nano"),
        ),
        ModelRow(
            pattern=r"gpt-5[.-][45]-pro" + _DATE,
            can=replace(
                _REASONING,
                context_window=1_000_000,
                thinking=Thinking.ALWAYS,
                efforts=("medium", "high", "xhigh"),
                structured_output=StructuredOutput.NONE,
                tools_need_no_effort=True,
            ),
            examples=("gpt-5.4-pro", "gpt-5.5-pro-2026-04-23"),
        ),
        ModelRow(
            pattern=r"gpt-5[.-]4(-.*)?",
            can=_asked(1_050_000, *_CLASSIC, "xhigh", needs_no_effort=True),
            examples=("gpt-5.4", "gpt-5.4-2026-03-05"),
        ),
        ModelRow(
            pattern=r"gpt-5[.-]5(-.*)?",
            can=_asked(1_000_000, *_CLASSIC, "xhigh", needs_no_effort=True),
            examples=("gpt-5.5", "gpt-5.5-2026-04-23"),
        ),
        ModelRow(
            pattern=r"gpt-5[.-]6(-luna|-sol|-terra)?" + _DATE,
            can=replace(_GPT_6, efforts=(*_CLASSIC, "xhigh")),
            examples=("gpt-5.6-luna", "gpt-5.6-terra"),
        ),
        ModelRow(
            pattern=r"gpt-6-(luna|sol)" + _DATE + r"|gpt-6\.1-terra" + _DATE,
            can=_GPT_6,
            examples=("gpt-6-luna", "gpt-6-sol", "gpt-6.1-terra", "gpt-6-luna-2026-09-15"),
        ),
        # "Using GPT-6": these two do not take effort none, and tools on /responses only.
        ModelRow(
            pattern=r"gpt-6-astra" + _DATE + r"|gpt-6\.1-sol" + _DATE,
            can=replace(_GPT_6, thinking=Thinking.ALWAYS),
            examples=("gpt-6-astra", "gpt-6.1-sol"),
        ),
        # What came later reasons as the newest known do; how much it holds is not known.
        ModelRow(
            pattern=r"gpt-(5\.[6-9]|[6-9](\.\d)?)(-.*)?",
            can=replace(_GPT_6, context_window=None, max_output_tokens=None, efforts=()),
            examples=("gpt-6-cyber", "gpt-6.2-sol", "gpt-7"),
        ),
        ModelRow(
            pattern=r"o1-(mini|preview).*",
            can=replace(
                _O_SERIES,
                context_window=128_000,
                max_output_tokens=32_768,
                efforts=(),
                tools=False,
                vision=False,
                files=False,
                structured_output=StructuredOutput.NONE,
            ),
            examples=("o1-mini", "o1-preview-2024-09-12"),
        ),
        ModelRow(
            pattern=r"o3-mini(-.*)?",
            can=replace(_O_SERIES, vision=False, files=False),
            examples=("o3-mini", "o3-mini-2025-01-31"),
        ),
        ModelRow(pattern=r"o\d+(-.*)?", can=_O_SERIES, examples=("o1", "o3", "o4-mini")),
        ModelRow(
            pattern=r"(ft:)?gpt-4\.1.*",
            can=ModelCapabilities(context_window=1_000_000, max_output_tokens=32_768),
            examples=("gpt-4.1", "gpt-4.1-mini", "ft:gpt-4.1-2025-04-14:acme"),
        ),
        ModelRow(
            pattern=r"gpt-4o-2024-05-13",
            can=ModelCapabilities(
                context_window=128_000, max_output_tokens=4_096, structured_output=StructuredOutput.JSON
            ),
            examples=("gpt-4o-2024-05-13",),
        ),
        ModelRow(
            pattern=r"chatgpt-4o.*",
            can=ModelCapabilities(
                context_window=128_000,
                max_output_tokens=16_384,
                tools=False,
                structured_output=StructuredOutput.NONE,
            ),
            examples=("chatgpt-4o-latest",),
        ),
        ModelRow(
            pattern=r"(ft:)?gpt-4o.*",
            can=ModelCapabilities(context_window=128_000, max_output_tokens=16_384),
            examples=("gpt-4o", "gpt-4o-mini", "ft:gpt-4o-2024-08-06:acme"),
        ),
        ModelRow(
            pattern=r"gpt-4-turbo.*",
            can=ModelCapabilities(
                context_window=128_000, max_output_tokens=4_096, structured_output=StructuredOutput.JSON
            ),
            examples=("gpt-4-turbo", "gpt-4-turbo-2024-04-09"),
        ),
        ModelRow(
            pattern=r"gpt-4-32k.*",
            can=replace(_TEXT_ONLY, context_window=32_000, structured_output=StructuredOutput.NONE),
            examples=("gpt-4-32k",),
        ),
        ModelRow(
            pattern=r"gpt-4(-\d{4})?",
            can=replace(
                _TEXT_ONLY, context_window=8_192, max_output_tokens=8_192, structured_output=StructuredOutput.NONE
            ),
            examples=("gpt-4", "gpt-4-0613"),
        ),
        ModelRow(
            pattern=r"(ft:)?gpt-3\.5-turbo.*",
            can=replace(
                _TEXT_ONLY, context_window=16_385, max_output_tokens=4_096, structured_output=StructuredOutput.JSON
            ),
            examples=("gpt-3.5-turbo", "gpt-3.5-turbo-0125"),
        ),
        # Open weights: served by others, who take every sampling field.
        ModelRow(
            pattern=r"gpt-oss-.*",
            can=replace(_TEXT_ONLY, context_window=131_072, thinking=Thinking.DEFAULT, efforts=_CLASSIC),
            examples=("gpt-oss-20b", "gpt-oss-120b"),
        ),
        ModelRow(pattern=r"ft:.*", can=ModelCapabilities(), examples=("ft:babbage-002:acme",)),
    ),
)
