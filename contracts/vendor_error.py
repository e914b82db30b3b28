"""In which words did a vendor refuse a request? For callers of its own dialect, who know them from its documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from contracts.calls import Wire

Word = str | int | bool | None
Detail = Word | tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorError:
    """The machine-readable words of a vendor's error; its message stands with the error itself.

    `wire`: whose document it was; all of OpenAI's dialects have the same one, which is that of `openai_chat`. `param`
    is the path of the field that is wrong, `details` what Anthropic says besides: words and figures, no prose.
    """

    wire: Wire
    type: str
    code: str | None = None
    param: str | None = field(default=None, repr=False)
    details: Mapping[str, Detail] | None = field(default=None, repr=False)

    def shown(self, show: Callable[[str], str]) -> VendorError:
        """The same with each of its texts as `show` gives it."""
        details = None
        if self.details is not None:
            details = {show(name): _shown(value, show) for name, value in self.details.items()}
        return replace(
            self,
            type=show(self.type),
            code=show(self.code) if self.code is not None else None,
            param=show(self.param) if self.param is not None else None,
            details=details,
        )


def _shown(value: Detail, show: Callable[[str], str]) -> Detail:
    if isinstance(value, tuple):
        return tuple(show(one) if isinstance(one, str) else one for one in value)
    return show(value) if isinstance(value, str) else value
