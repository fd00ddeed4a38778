"""The FastAPI application; `python -m api` serves it."""

from asyncio import Semaphore
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

from api import problems
from api.app_state import AppState
from api.body_limit import BodyLimitMiddleware
from api.cross_origin import cross_origin
from api.intake import Intake
from api.methods import MethodMiddleware
from api.metrics import Metrics, Scraper
from api.openapi import DESCRIPTION, DocumentedAPI
from api.pool import make_pool
from api.requests import RequestMiddleware
from api.routes import (
    api_docs,
    app_page,
    auth,
    courses,
    exports,
    feed,
    gifts,
    health,
    jobs,
    landing,
    lessons,
    link_pages,
    me,
    orders,
    passwords,
    payments,
    problem_pages,
    registration,
    rooms,
    seats,
    second_factor,
    seminar_page,
    seminars,
    services,
    sessions,
    sfu,
    site,
    streams,
    webhooks,
)
from api.routes import metrics as metrics_routes
from api.routes.admin import router as admin
from api.streams import OPENINGS, STREAMS, Streams
from core.clock import Clock, utc_now
from core.logs import configure_logs
from core.settings import Settings
from core.settings import settings as environment
from core.wiring.gateways import room_webhook_verifier, webhook_verifier
from db.engine import (
    API_POOL,
    API_TRANSACTIONS,
    METRICS_POOL,
    STREAMS_POOL,
    make_engine,
    make_sessions,
    make_snapshots,
)
from db.limits import REQUEST_WAITS

ROUTERS = (
    registration.router,
    auth.router,
    passwords.router,
    sessions.router,
    second_factor.router,
    me.router,
    exports.router,
    courses.router,
    lessons.router,
    gifts.router,
    services.router,
    seminars.router,
    seats.router,
    sfu.router,
    rooms.router,
    feed.router,
    orders.router,
    payments.router,
    jobs.router,
    streams.router,
    admin.router,
    landing.router,
    site.router,
    app_page.router,
    seminar_page.router,
    link_pages.router,
    problem_pages.router,
    api_docs.router,
    health.router,
    metrics_routes.router,
)


class Aula(DocumentedAPI):
    """The application. The webhook endpoint bypasses FastAPI's middleware and routing, which would double its cost."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if webhooks.is_delivery(scope):
            await webhooks.serve(self.state.aula, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


@asynccontextmanager
async def _resources(settings: Settings, clock: Clock, metrics: Metrics) -> AsyncGenerator[AppState]:
    engine = make_engine(settings.database_url, API_POOL, REQUEST_WAITS)
    own_engine = make_engine(settings.database_url, METRICS_POOL, REQUEST_WAITS)
    streams_engine = make_engine(settings.database_url, STREAMS_POOL, REQUEST_WAITS)
    pool = make_pool(settings.database_url)
    await pool.open(wait=False)
    try:
        async with Intake(pool) as intake, Streams(make_snapshots(streams_engine), clock) as streams:
            yield AppState(
                settings=settings,
                clock=clock,
                sessions=make_sessions(engine),
                snapshots=make_snapshots(engine),
                transactions=Semaphore(API_TRANSACTIONS),
                intake=intake,
                verifier=webhook_verifier(settings),
                room_verifier=room_webhook_verifier(settings),
                scraper=Scraper(metrics, clock, engine, pool, make_sessions(own_engine)),
                streams=streams,
                openings=Semaphore(OPENINGS),
            )
    finally:
        await pool.close()
        for one in (engine, own_engine, streams_engine):
            one.dispose()


def create_app(settings: Settings | None = None, *, clock: Clock = utc_now) -> FastAPI:
    """Make the application; `settings` default to the environment's. The lifespan opens and closes its pools."""
    chosen = settings or environment()
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[dict[str, Streams]]:
        configure_logs()
        async with _resources(chosen, clock, metrics) as app.state.aula:
            # The connections end the streams when the process is told to end (api/connection.py).
            yield {STREAMS: app.state.aula.streams}

    app = Aula(
        title="Aula",
        summary="Courses, bookable services and live seminars.",
        description=DESCRIPTION,
        version="0.1.0",
        license_info={"name": "MIT", "identifier": "MIT"},
        servers=[{"url": chosen.public_url}],
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    # The last added is the outermost.
    app.add_middleware(BodyLimitMiddleware)
    app.add_middleware(MethodMiddleware, routes_of=app)
    if chosen.origins:
        app.add_middleware(CORSMiddleware, **cross_origin(chosen.origins))
    app.add_middleware(RequestMiddleware, metrics=metrics, https=chosen.public_url.startswith("https://"))
    return app


app = create_app()
