from asyncio import Semaphore
from dataclasses import dataclass
from typing import cast

from sqlalchemy.orm import Session, sessionmaker
from starlette.requests import HTTPConnection

from api.intake import Intake
from api.metrics import Scraper
from api.streams import Streams
from core.clock import Clock
from core.ports.webhooks import WebhookVerifier
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class AppState:
    """The resources of one API process.

    `sessions` serves the synchronous routes, and `snapshots` those that only read; `transactions` has a place for each
    request that may hold one. `streams` serves the event streams, with a place in `openings` for each that opens.
    `intake` stores the webhooks whose signature `verifier` (Stripe) or
    `room_verifier` (LiveKit) has checked. `scraper` has the process's numbers.
    """

    settings: Settings
    clock: Clock
    sessions: sessionmaker[Session]
    snapshots: sessionmaker[Session]
    transactions: Semaphore
    intake: Intake
    verifier: WebhookVerifier
    room_verifier: WebhookVerifier
    scraper: Scraper
    streams: Streams
    openings: Semaphore


def app_state_of(connection: HTTPConnection) -> AppState:
    """The state of the application that serves this connection. It exists only during the lifespan."""
    return cast("AppState", connection.app.state.aula)
