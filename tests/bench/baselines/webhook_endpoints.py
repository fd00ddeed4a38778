"""Two other webhook endpoints on the same Starlette; they verify and parse as Aula does."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import orjson
from celery import Celery
from sqlalchemy.dialects import postgresql
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.clock import utc_now
from core.settings import settings
from core.webhooks.new_event import NewEvent, merge_deliveries
from core.webhooks.parse import read_stripe_event
from core.wiring.gateways import webhook_verifier
from db.engine import INTAKE_POOL
from db.queries import query
from tests.bench import effects

_STORE = str(query("webhooks/store").compile(dialect=postgresql.psycopg.dialect())).encode()
_verifier = webhook_verifier(settings())
_celery = Celery("webhooks", broker=settings().redis_url)
_celery.conf.task_ignore_result = True
_pool = effects.make_pool(INTAKE_POOL)


@_celery.task(name="webhooks.process")
def process(body: str) -> None:
    """Never run: only sending it is measured."""


async def _event(request: Request) -> NewEvent:
    body = await request.body()
    _verifier.verify(body, request.headers["stripe-signature"], utc_now())
    return read_stripe_event(body)


async def send(request: Request) -> Response:
    """Verify and `delay()`, on the event loop: a thread for each call would be slower."""
    event = await _event(request)
    process.delay(event.body)
    return Response(b'{"received":true}', media_type="application/json")


async def insert(request: Request) -> Response:
    """One insert and one commit a request, on a pool as large as Aula's."""
    rows = merge_deliveries([await _event(request)])
    async with _pool.connection() as connection:
        await connection.execute(_STORE, {"events": orjson.dumps(rows).decode()})
    return Response(b'{"received":true}', media_type="application/json")


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncGenerator[None]:
    await _pool.open(wait=True)
    yield
    await _pool.close()


PATH = "/webhooks/stripe"
delay_app = Starlette(routes=[Route(PATH, send, methods=["POST"])])
insert_app = Starlette(routes=[Route(PATH, insert, methods=["POST"])], lifespan=lifespan)
