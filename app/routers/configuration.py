"""The live configuration: read, and changed by merge patches that apply whole or not at all."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from app.http.body import read_model
from app.http.described import IDS, answers, guarded, not_modified, ref, takes
from app.http.edge import ADMINISTRATORS_ONLY, Service
from app.http.json_answer import json_answer
from app.http.revisions import etag, expected_revision, is_known
from contracts import (
    ConfigurationConflictError,
    ConfigurationError,
    ConfigView,
    ILLMProviderService,
    LLMProviderConfig,
    LLMProviderConfigUpdate,
    MalformedRequestError,
    RequestTooLargeError,
    StoreUnavailableError,
    UnsupportedMediaTypeError,
)

router = APIRouter(tags=["configuration"], default_response_class=Response, dependencies=[ADMINISTRATORS_ONLY])

_VIEW = ConfigView(revision=7, config=LLMProviderConfig()).model_dump(mode="json")
_ANSWER = answers("The configuration in force; secrets are masked.", ref("ConfigView"), _VIEW, headers=(*IDS, "etag"))
_PATCHED: dict[str, Any] = {
    "responses": _ANSWER
    | guarded(
        MalformedRequestError,
        RequestTooLargeError,
        UnsupportedMediaTypeError,
        ConfigurationError,
        ConfigurationConflictError,
        StoreUnavailableError,
        admin=True,
    ),
    "openapi_extra": takes(
        "LLMProviderConfigUpdate",
        {
            "Fewer retries and one provider off": {"max_retries": 2, "providers": {"deepseek": {"enabled": False}}},
            "Take a change back": {"max_retries": None},
        },
    ),
}
IfMatch = Annotated[str | None, Header(description="The ETag that the patch was made for; 412 when it has passed.")]
IfNoneMatch = Annotated[str | None, Header(description="The ETag that the caller has; 304 when it still holds.")]


@router.get(
    "/config",
    operation_id="get_configuration",
    summary="Show the configuration",
    responses=_ANSWER | not_modified() | guarded(admin=True),
)
async def get_configuration(service: Service, if_none_match: IfNoneMatch = None) -> Response:
    """The configuration in force. Secrets read `**********`; the ETag is its revision."""
    view = await service.get_configuration()
    if if_none_match is not None and is_known(view.revision, if_none_match):
        return Response(status_code=304, headers={"etag": etag(view.revision)})
    return _answer(view)


@router.post("/config/update", operation_id="update_configuration", summary="Change the configuration", **_PATCHED)
async def update_configuration(request: Request, service: Service, if_match: IfMatch = None) -> Response:
    """Applies a JSON merge patch: validated whole, applied whole or not at all.

    Calls under way keep the configuration they began with. `If-Match` refuses a lost update. Where there is a
    database, the patch outlives the process, and every other one has it within a second.
    """
    return await _update(request, service, if_match)


@router.put("/config", operation_id="put_configuration", summary="Change the configuration (the same)", **_PATCHED)
async def put_configuration(request: Request, service: Service, if_match: IfMatch = None) -> Response:
    """The same as `POST /config/update`: the body is a merge patch here too, and what it leaves out stays."""
    return await _update(request, service, if_match)


async def _update(request: Request, service: ILLMProviderService, if_match: str | None) -> Response:
    patch = await read_model(request, LLMProviderConfigUpdate)
    expected = None
    if if_match is not None:
        expected = expected_revision((await service.get_configuration()).revision, if_match)
    return _answer(await service.update_configuration(patch, expected_revision=expected))


def _answer(view: ConfigView) -> Response:
    return json_answer(view, {"etag": etag(view.revision), "cache-control": "no-cache"})
