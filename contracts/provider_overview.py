"""All providers at a glance: how each stands, who is asked first, and by which strategy one is chosen."""

from __future__ import annotations

from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field

from contracts.providers import ProviderInfo
from contracts.selection_strategy import SelectionStrategy

_INFO = cast(dict[str, Any], ProviderInfo.model_config["json_schema_extra"])
_STANDING: dict[str, Any] = {**_INFO["example"], "failures": 0}


class ProviderStanding(ProviderInfo):
    """One provider row as it stands now, and how often in a row it failed."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": _STANDING})

    failures: int = Field(
        description="Failed requests in a row of its worst model, as `/api/v1/circuit-breakers` counts them; 0 while "
        "circuits are switched off."
    )


class ProviderOverview(BaseModel):
    """Every provider row as it stands now, and how the service chooses among them."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {"providers": [_STANDING], "default_provider": "local", "selection_strategy": "priority"}
        },
    )

    providers: list[ProviderStanding] = Field(description="In the configuration's order.")
    default_provider: str | None = Field(
        default=None,
        description="The first usable row of the order, which the strategy `priority` tries first when nobody is "
        "named; null: no row is usable.",
    )
    selection_strategy: SelectionStrategy
