"""Callers' keys: made, listed, given a new secret, and ended."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from app.http.body import read_model
from app.http.described import BODY_ERRORS, answers, example_of, guarded, ref, takes
from app.http.edge import ADMINISTRATORS_ONLY, Service
from app.http.json_answer import json_answer
from contracts import (
    KeyCreate,
    KeyCreated,
    KeyEndedError,
    KeyInfo,
    KeyNotFoundError,
    KeyPage,
    KeyQuery,
    KeyRotate,
    ProviderNotFoundError,
    StoreUnavailableError,
)

router = APIRouter(tags=["keys"], default_response_class=Response, dependencies=[ADMINISTRATORS_ONLY])

_INFO = example_of(KeyInfo)
_CREATED = example_of(KeyCreated)
_REVOKED = {**_INFO, "status": "revoked", "revoked_at": "2026-11-23T06:30:00Z"}
# A secret is no one's to keep on the way.
_UNKEPT = {"cache-control": "no-store"}
KeyInPath = Annotated[str, Path(description="Id of a key, not the key.", examples=[_INFO["id"]])]


@router.post(
    "/api/v1/keys",
    operation_id="create_key",
    summary="Make a key",
    status_code=201,
    responses=answers("The key, with its secret.", ref("KeyCreated"), _CREATED, status=201)
    | guarded(*BODY_ERRORS, ProviderNotFoundError, StoreUnavailableError, admin=True),
    openapi_extra=takes(
        "KeyCreate",
        {
            "For one model": {"name": "essay marker", "tenant": "school-7", "models": ["gpt-6-luna"]},
            "For all, until a day": {"name": "search", "expires_at": "2027-11-22"},
        },
    ),
)
async def create_key(request: Request, service: Service) -> Response:
    """A key that opens the calling endpoints, in every process within a second. Its secret is shown here only."""
    created = await service.create_key(await read_model(request, KeyCreate))
    return json_answer(created, _UNKEPT, status=201)


@router.get(
    "/api/v1/keys",
    operation_id="list_keys",
    summary="List the keys",
    responses=answers("A page of keys.", ref("KeyPage"), example_of(KeyPage))
    | guarded(StoreUnavailableError, admin=True),
)
async def list_keys(service: Service, query: Annotated[KeyQuery, Query()]) -> Response:
    """Every key that was made by `POST /api/v1/keys`, the newest first, those that have ended too."""
    return json_answer(await service.list_keys(query))


@router.get(
    "/api/v1/keys/{key_id}",
    operation_id="get_key",
    summary="Show one key",
    responses=answers("The key.", ref("KeyInfo"), _INFO) | guarded(KeyNotFoundError, StoreUnavailableError, admin=True),
)
async def get_key(key_id: KeyInPath, service: Service) -> Response:
    """Whose it is, what it may use, and whether it still opens anything."""
    return json_answer(await service.get_key(key_id))


@router.post(
    "/api/v1/keys/{key_id}/rotate",
    operation_id="rotate_key",
    summary="Give a key a new secret",
    responses=answers("The key, with its new secret.", ref("KeyCreated"), _CREATED)
    | guarded(*BODY_ERRORS, KeyNotFoundError, KeyEndedError, StoreUnavailableError, admin=True),
    openapi_extra=takes("KeyRotate", {"At once": {}, "With a day to change over": {"grace_seconds": 86_400}}),
)
async def rotate_key(key_id: KeyInPath, request: Request, service: Service) -> Response:
    """A new secret for the same key; those of before end now, or work for `grace_seconds` more at most."""
    asked = await read_model(request, KeyRotate)
    return json_answer(await service.rotate_key(key_id, asked), _UNKEPT)


@router.post(
    "/api/v1/keys/{key_id}/revoke",
    operation_id="revoke_key",
    summary="Revoke a key",
    responses=answers("The key, ended.", ref("KeyInfo"), _REVOKED)
    | guarded(KeyNotFoundError, StoreUnavailableError, admin=True),
)
async def revoke_key(key_id: KeyInPath, service: Service) -> Response:
    """Ends the key for good, in every process within a second; calls under way go on to their end."""
    return json_answer(await service.revoke_key(key_id))
