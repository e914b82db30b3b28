"""Which ASGI app is served? Ours: made without I/O; settings, gate and service come with its lifespan."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware

from app import __version__
from app.http.auth import Gate
from app.http.bare_app import BareApp
from app.http.direct_routes import DirectRoutes
from app.http.docs import install_docs
from app.http.draining import wind_down
from app.http.edge import Edge, Phase, StreamPace
from app.http.head import HeadMiddleware
from app.http.openapi import install_openapi
from app.http.passage import Passage
from app.http.problems import install_problems
from app.http.start import StartMiddleware
from app.log_lines import are_written, write_lines
from app.routers import ROUTERS, TAGS
from app.service import LLMProviderService
from app.settings import Settings, load_settings
from app.surfaces.dialect_errors import speak_dialect
from app.surfaces.document.components import components
from contracts import ILLMProviderService

_DESCRIPTION = (
    "One service between applications and every language-model vendor: it sends a request to the best provider, goes "
    "on to the next when that one fails, and answers with one whole answer or one clear error, within its deadline.\n\n"
    "**Who may call.** A key goes as `Authorization: Bearer <key>` or `x-api-key: <key>`. With no key configured, "
    "only requests made on the service's own machine are served, and those with a key made by `POST /api/v1/keys`.\n\n"
    "**Errors** are `application/problem+json` (RFC 9457), with an `error_type` to act on and the ids to look the "
    "request up by; below `/v1`, where the vendors' own SDKs call, they are what those SDKs read.\n\n"
    "**SDKs you have.** OpenAI's work with `base_url` `…/v1`, Anthropic's with the service's address: see "
    "`chat_completions`, `responses`, `messages`. The key that they send is the service's, and goes to no vendor."
)


def create_app(
    settings: Settings | None = None,
    *,
    service: ILLMProviderService | None = None,
    pace: StreamPace | None = None,
) -> BareApp:
    """The app. Settings come from the environment when none are given, and the service is built from them.

    Read from there, they keep the books in the state folder where no database is named, and where no log is set up yet,
    it is as they say.

    Its lifespan starts and stops the service, also a given one. How it is ended before that, `app.http.draining` tells.
    """
    edge = Edge(pace=pace or StreamPace())
    endpoints = [route for router in ROUTERS for route in router.routes]

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        told = settings or _settings_of_process()
        edge.ready_service = service or LLMProviderService(settings=told)
        await edge.ready_service.start()
        if isinstance(edge.ready_service, LLMProviderService):
            edge.witness = edge.ready_service.witnesses
            edge.warden = edge.ready_service.refusals
        edge.gate = _gate(told, edge.ready_service)
        edge.phase = Phase.RUNNING
        try:
            yield
        finally:
            edge.drain()
            await edge.ready_service.stop()

    app = BareApp(
        title="LLM Provider Service",
        summary="One API in front of every language-model vendor.",
        description=_DESCRIPTION,
        version=__version__,
        license_info={"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        openapi_tags=TAGS,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Spans and metrics are the observers' business; FastAPI's own would look for a provider at every request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        middleware=[
            Middleware(Passage, edge=edge, speak=speak_dialect, direct=DirectRoutes(endpoints)),
            Middleware(StartMiddleware),
            Middleware(HeadMiddleware),
        ],
    )
    app.state.edge = edge
    install_problems(app, endpoints)
    for router in ROUTERS:
        app.include_router(router)
    install_docs(app)
    install_openapi(app, ROUTERS, components)
    return app


async def ending(app: FastAPI, *, drain_seconds: float, stream_drain_seconds: float) -> None:
    """Winds `app` down before its lifespan ends: see `app.http.draining`."""
    edge: Edge = app.state.edge
    await wind_down(edge, drain_seconds=drain_seconds, stream_drain_seconds=stream_drain_seconds)


def _settings_of_process() -> Settings:
    """Of one whose server is not our command, which would have said where its log goes."""
    told = load_settings().with_default_database()
    if not are_written():
        write_lines(told.log_level, told.log_format)
    return told


def _gate(settings: Settings, service: ILLMProviderService) -> Gate:
    admin = settings.admin_api_key
    return Gate(
        admin_key=admin.get_secret_value() if admin else None,
        caller_keys=[key.get_secret_value() for key in settings.api_keys],
        metrics_token=settings.metrics_token.get_secret_value() if settings.metrics_token else None,
        allow_anonymous=settings.allow_anonymous_callers,
        verifier=service.key_verifier if isinstance(service, LLMProviderService) else None,
    )


app = create_app()
