from dataclasses import dataclass
from typing import cast

from sqlalchemy.orm import Session, sessionmaker
from starlette.requests import HTTPConnection

from api.intake import Intake
from api.pool import AsyncPool
from core.clock import Clock
from core.gateways.ports import WebhookVerifier
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Edge:
    """What one process of the HTTP edge holds while it runs.

    `sessions` serves the synchronous routes; `pool` event streams; `intake` stores the webhooks that
    `verifier` has found genuine.
    """

    settings: Settings
    clock: Clock
    sessions: sessionmaker[Session]
    pool: AsyncPool
    intake: Intake
    verifier: WebhookVerifier


def edge_of(connection: HTTPConnection) -> Edge:
    """The edge that serves this connection; it exists from the start of the lifespan to its end."""
    return cast("Edge", connection.app.state.edge)
