"""Which model did a caller mean who named one that nobody offers?"""

from __future__ import annotations

from difflib import get_close_matches
from types import TracebackType

from contracts import Caller, ILLMProviderService, ModelNotFoundError

_MOST_SHOWN = 3
_SIMILAR = 0.6


class Advised:
    """Has a ModelNotFoundError from within name the nearest models that the caller may use, if any are near."""

    __slots__ = ("_caller", "_model", "_service")

    def __init__(self, model: str, service: ILLMProviderService, caller: Caller) -> None:
        self._model = model
        self._service = service
        self._caller = caller

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if isinstance(error, ModelNotFoundError):
            near = await _nearest(self._model, self._service, self._caller)
            if near:
                error.args = (f"{error}; did you mean {', '.join(near)}?",)


async def _nearest(model: str, service: ILLMProviderService, caller: Caller) -> list[str]:
    known = await service.get_models(caller=caller)
    names = [info.id for info in known]
    if "/" in model:
        names += [candidate for info in known for candidate in info.candidates]
    return get_close_matches(model, dict.fromkeys(names), n=_MOST_SHOWN, cutoff=_SIMILAR)
