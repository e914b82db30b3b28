"""Which model did a caller mean who named one that nobody offers?"""

from __future__ import annotations

from difflib import get_close_matches

from contracts import Caller, ILLMProviderService, ModelNotFoundError

_MOST_SHOWN = 3
_SIMILAR = 0.6


async def advise(error: ModelNotFoundError, model: str, service: ILLMProviderService, caller: Caller) -> None:
    """Has `error`, that there is no `model`, name the nearest models that `caller` may use, if any are near."""
    near = await _nearest(model, service, caller)
    if near:
        error.args = (f"{error}; did you mean {', '.join(near)}?",)


async def _nearest(model: str, service: ILLMProviderService, caller: Caller) -> list[str]:
    known = await service.get_models(caller=caller)
    names = [info.id for info in known]
    if "/" in model:
        names += [candidate for info in known for candidate in info.candidates]
    return get_close_matches(model, dict.fromkeys(names), n=_MOST_SHOWN, cutoff=_SIMILAR)
