"""What is a caller told for whom no provider is left?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contracts.errors import (
    CallerForbiddenError,
    InvalidRequestError,
    LLMProviderError,
    ModelNotFoundError,
    ProviderDisabledError,
    ProviderUnavailableError,
)


def nobody_for(model: str | None, refusals: Sequence[LLMProviderError], *, is_named: bool) -> LLMProviderError:
    """The refusal of the provider that the caller named (`is_named`), else all that can be mended."""
    telling = [refusal for refusal in refusals if not isinstance(refusal, ModelNotFoundError | CallerForbiddenError)]
    # Where something that the caller may use could be mended, that is told; the rest would not help him.
    forbidden = next((refusal for refusal in refusals if isinstance(refusal, CallerForbiddenError)), None)
    if not telling and forbidden is not None:
        return forbidden
    if not telling:
        unknown = f"no provider is known to offer the model {model}"
        return ModelNotFoundError(f"{unknown}: one that does all the same is named as PROVIDER/{model}", model=model)
    if len(telling) == 1 or is_named:
        return telling[0]
    lasting = ProviderDisabledError | InvalidRequestError
    mendable = _unique(str(refusal) for refusal in telling if not isinstance(refusal, lasting))
    unfit = _unique(str(refusal) for refusal in telling if isinstance(refusal, InvalidRequestError))
    fields = {error.field: error for refusal in telling for error in refusal.errors}
    # What no dialect but the caller's can say is named to the caller, whatever else could be mended here.
    if unfit and (fields or not mendable):
        return InvalidRequestError("no provider can serve this: " + "; ".join(unfit), errors=tuple(fields.values()))
    return ProviderUnavailableError("no provider is usable: " + "; ".join(mendable or _unique(map(str, telling))))


def _unique(sentences: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(sentences))
