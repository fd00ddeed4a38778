"""A shop for tests: the whole application over HTTP, with people and offers to fill it."""

from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from api.gateways import get_payment_gateway
from api.main import create_app
from core.accounts.tokens import issue
from core.identity import Identity, Role
from core.ports.payments import PaymentGateway
from core.settings import Settings
from db.engine import API_POOL, make_engine, make_sessions
from db.models import AuditEvent, Base, Checkout, Course, IdempotencyKey, OfferState, Order, OrderItem, Profile, Service
from scripts.local.ports import free_port
from tests.support.waiting import wait_until

T = TypeVar("T")
M = TypeVar("M", bound=Base)


@dataclass(slots=True)
class TestClock:
    """The wall clock, moved on by hand."""

    __test__ = False
    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in."""

    id: UUID
    email: str
    http: httpx.Client

    def order(self, *items: Mapping[str, object], key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else None
        return self.http.post("/orders", json={"items": list(items)}, headers=headers)

    def ordered(self, *items: Mapping[str, object]) -> dict[str, Any]:
        answer = self.order(*items)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def checkout(self, order_id: str, ui_mode: str = "hosted_page", key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else None
        body = {"order_id": order_id, "ui_mode": ui_mode}
        return self.http.post("/payments/stripe/create-session", json=body, headers=headers)


@dataclass(slots=True)
class Shop:
    url: str
    app: FastAPI
    settings: Settings
    sessions: sessionmaker[Session]
    clock: TestClock
    _clients: list[httpx.Client] = field(default_factory=list[httpx.Client])

    def visitor(self, headers: Mapping[str, str] | None = None) -> httpx.Client:
        client = httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=30)
        self._clients.append(client)
        return client

    def person(self, role: Role = "member") -> Person:
        email = f"{uuid4().hex}@aula.example"
        profile = self.add(Profile(email=email, password_hash="-", display_name="Somebody", role=role))
        token = issue(self.settings, Identity(profile.id, role), self.clock())
        return Person(profile.id, email, self.visitor({"Authorization": f"Bearer {token}"}))

    def add(self, row: M) -> M:
        with self.sessions.begin() as session:
            session.add(row)
            session.flush()
            session.refresh(row)
        return row

    def course(self, amount: int = 49_900, currency: str = "SEK", state: OfferState = "published") -> dict[str, object]:
        """An item that wants a new course."""
        row = self.add(
            Course(teacher_id=self._teacher(), title="Oils", price_amount=amount, currency=currency, state=state)
        )
        return {"course_id": str(row.id)}

    def service(
        self, amount: int = 80_000, currency: str = "SEK", state: OfferState = "published", quantity: int = 1
    ) -> dict[str, object]:
        """An item that wants a new service, so many times."""
        row = self.add(
            Service(
                teacher_id=self._teacher(),
                title="Critique",
                duration_minutes=45,
                price_amount=amount,
                currency=currency,
                state=state,
            )
        )
        return {"service_id": str(row.id), "quantity": quantity}

    def order_row(self, order_id: str) -> Order:
        with self.sessions.begin() as session:
            return session.get_one(Order, UUID(order_id))

    def open_checkout(self, order_id: str) -> str | None:
        """The session of the order's open checkout."""
        is_open = (Checkout.order_id == UUID(order_id)) & Checkout.closed_at.is_(None)
        with self.sessions.begin() as session:
            return session.scalar(select(Checkout.session_id).where(is_open))

    def close_checkout(self, order_id: str) -> None:
        with self.sessions.begin() as session:
            session.execute(update(Checkout).where(Checkout.order_id == UUID(order_id)).values(closed_at=self.clock()))

    def set_order(self, order_id: str, **values: object) -> None:
        with self.sessions.begin() as session:
            order = session.get_one(Order, UUID(order_id))
            for name, value in values.items():
                setattr(order, name, value)

    def counts(self) -> Sequence[int]:
        """Rows of everything that placing, paying and cancelling write."""
        tables = (Order, OrderItem, AuditEvent, IdempotencyKey)
        with self.sessions.begin() as session:
            return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]

    def tags(self, order_id: str) -> list[str]:
        with self.sessions.begin() as session:
            wanted = select(AuditEvent.tag).where(AuditEvent.subject_id == UUID(order_id)).order_by(AuditEvent.id)
            return list(session.scalars(wanted))

    def use_gateway(self, gateway: PaymentGateway) -> None:
        self.app.dependency_overrides[get_payment_gateway] = lambda: gateway

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _teacher(self) -> UUID:
        return self.person("teacher").id


@contextmanager
def open_shop(settings: Settings) -> Generator[Shop]:
    clock = TestClock()
    app = create_app(settings, clock=clock)
    engine = make_engine(settings.database_url, API_POOL)
    with _served(app) as url:
        shop = Shop(url, app, settings, make_sessions(engine), clock)
        try:
            yield shop
        finally:
            shop.close()
            engine.dispose()


@contextmanager
def _served(app: FastAPI) -> Generator[str]:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", ws="none"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive(), "the application started")
    assert server.started, "the application did not start: its log says why"
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def at_once(*calls: Callable[[], T]) -> list[T]:
    """What each call gives, all begun at the same moment."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        barrier.wait(timeout=10)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
