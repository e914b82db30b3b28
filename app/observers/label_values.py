"""Which text may be the value of a label? Names of ours, bounded in number: each value is a series that is kept."""

from __future__ import annotations

from collections.abc import Callable

OTHER = "other"
MOST_VALUES = 500

KnowsModel = Callable[[str, str], bool]


class LabelValues:
    """The values of one label that were given out; from `most` on, what is new is `other`."""

    def __init__(self, most: int = MOST_VALUES) -> None:
        self._given: set[str] = {OTHER}
        self._most = most

    def bounded(self, value: str) -> str:
        """`value`, or `other`."""
        if value not in self._given:
            if len(self._given) >= self._most:
                return OTHER
            self._given.add(value)
        return value


class ModelLabels:
    """Values of `provider` and `model`. A model that a caller made up is `other`: it is the caller's text."""

    def __init__(self, knows_model: KnowsModel) -> None:
        self._knows_model = knows_model
        self._providers = LabelValues()
        self._models = LabelValues()

    def provider(self, name: str) -> str:
        """The value for a provider row."""
        return self._providers.bounded(name)

    def model(self, provider: str, model: str) -> str:
        """The value for a model of that row."""
        return self._models.bounded(model) if self._knows_model(provider, model) else OTHER
