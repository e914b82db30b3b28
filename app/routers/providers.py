"""Who can serve: every provider row as it stands, and switching it on and off."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.http.described import answers, example_of, guarded, ref
from app.http.edge import ADMINISTRATORS_ONLY, CallerOfKey, ProviderInPath, Service
from app.http.json_answer import json_answer, json_list
from contracts import (
    CallerForbiddenError,
    ILLMProviderService,
    ProviderInfo,
    ProviderNotFoundError,
    ProviderOverview,
    ProviderToggle,
    StoreUnavailableError,
)

router = APIRouter(tags=["providers"], default_response_class=Response)

_INFO = example_of(ProviderInfo)
_OVERVIEW = example_of(ProviderOverview)
_TOGGLE = {"provider": "openai", "enabled": True, "message": "openai is enabled"}


@router.get(
    "/providers",
    operation_id="list_providers",
    summary="List the providers",
    responses=answers(
        "Every row, in the configuration's order.", {"type": "array", "items": ref("ProviderInfo")}, [_INFO]
    )
    | guarded(),
)
async def list_providers(service: Service, caller: CallerOfKey) -> Response:
    """Every provider row that the key may use: whether it can be used and why not, its models, circuit and figures."""
    return json_list(await service.get_providers(caller=caller))


@router.get(
    "/api/v1/providers",
    operation_id="get_provider_overview",
    summary="Show all providers at a glance",
    responses=answers("Every row, and how one is chosen.", ref("ProviderOverview"), _OVERVIEW) | guarded(),
)
async def get_provider_overview(service: Service, caller: CallerOfKey) -> Response:
    """Every provider row that the key may use: status, circuit, latency and failures in a row; who is asked first."""
    return json_answer(await service.get_provider_overview(caller=caller))


@router.get(
    "/providers/{provider}",
    operation_id="get_provider",
    summary="Show one provider",
    responses=answers("The row.", ref("ProviderInfo"), _INFO) | guarded(CallerForbiddenError, ProviderNotFoundError),
)
async def get_provider(provider: ProviderInPath, service: Service, caller: CallerOfKey) -> Response:
    """One provider row as it stands now."""
    return json_answer(await service.get_provider_info(provider, caller=caller))


@router.post(
    "/providers/{provider}/enable",
    operation_id="enable_provider",
    summary="Switch a provider on",
    dependencies=[ADMINISTRATORS_ONLY],
    responses=answers("It is on.", ref("ProviderToggle"), _TOGGLE)
    | guarded(ProviderNotFoundError, StoreUnavailableError, admin=True),
)
async def enable_provider(provider: ProviderInPath, service: Service) -> Response:
    """Sets the row's `enabled` in the live configuration; the next request may use it."""
    await service.enable_provider(provider)
    return json_answer(await _toggle(provider, service))


@router.post(
    "/providers/{provider}/disable",
    operation_id="disable_provider",
    summary="Switch a provider off",
    dependencies=[ADMINISTRATORS_ONLY],
    responses=answers(
        "It is off.", ref("ProviderToggle"), {**_TOGGLE, "enabled": False, "message": "openai is disabled"}
    )
    | guarded(ProviderNotFoundError, StoreUnavailableError, admin=True),
)
async def disable_provider(provider: ProviderInPath, service: Service) -> Response:
    """Clears the row's `enabled` in the live configuration; calls under way go on to their end."""
    await service.disable_provider(provider)
    return json_answer(await _toggle(provider, service))


async def _toggle(provider: str, service: ILLMProviderService) -> ProviderToggle:
    info = await service.get_provider_info(provider)
    message = f"{info.name} is {'enabled' if info.enabled else 'disabled'}"
    if info.enabled and info.unusable_reason:
        message += f", but cannot be used: {info.unusable_reason}"
    return ProviderToggle(provider=info.name, enabled=info.enabled, message=message)
