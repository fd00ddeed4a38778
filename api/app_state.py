from dataclasses import dataclass
from typing import cast

from sqlalchemy.orm import Session, sessionmaker
from starlette.requests import HTTPConnection

from api.intake import Intake
from api.pool import AsyncPool
from core.clock import Clock
from core.ports.webhooks import WebhookVerifier
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class AppState:
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


def app_state_of(connection: HTTPConnection) -> AppState:
    """The edge that serves this connection; it exists from the start of the lifespan to its end."""
    return cast("AppState", connection.app.state.aula)
