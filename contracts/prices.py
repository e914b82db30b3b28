"""What does an operator pay for a model: by a contract of their own, or for a machine of their own?"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

from contracts.providers import provider_name

HIGHEST_CALL_USD = 1000
"""No call costs more: a figure beyond it, a vendor's or one that counts or prices give, is no price at all."""


def _named(key: str) -> str:
    name, slash, model = key.partition("/")
    return provider_name(name) + slash + model


# A provider row, or `provider/model` of one.
PricedName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=320, pattern=r"^[a-z0-9][a-z0-9_-]*(/\S+)?$"),
    AfterValidator(_named),
]

# At most 14 digits, so that a JSON number holds each exactly.
_AsNumber = PlainSerializer(float, return_type=float, when_used="json")
PerMillion = Annotated[Decimal, Field(ge=0, le=10_000, decimal_places=9, allow_inf_nan=False), _AsNumber]
PerRequest = Annotated[Decimal, Field(ge=0, le=HIGHEST_CALL_USD, decimal_places=9, allow_inf_nan=False), _AsNumber]


class TokenPrices(BaseModel):
    """US dollars per million tokens of each class; zero for what costs nothing. A price that is given goes before all
    others, a vendor's own figure too. A call for more than 1,000 dollars is one whose price is unknown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: PerMillion
    output: PerMillion
    cached_input: PerMillion | None = Field(
        default=None, description="Input that the vendor read from its cache. Default: as `input`."
    )
    cache_write: PerMillion | None = Field(
        default=None, description="Input that the vendor wrote to its cache. Default: as `input`."
    )
    cache_write_1h: PerMillion | None = Field(
        default=None, description="The part of it that is kept for an hour. Default: as `cache_write`."
    )
    reasoning: PerMillion | None = Field(
        default=None, description="Output that the model only thought. Default: as `output`."
    )
    per_request_usd: PerRequest = Field(default=Decimal(0), description="US dollars for each call, beside its tokens.")
