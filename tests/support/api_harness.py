"""The whole application over HTTP, with helpers that make users and offers."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker
from starlette.types import ASGIApp

from api.gateways import get_payment_gateway
from api.main import create_app
from api.server import server_config
from core.accounts.tokens import issue
from core.identity import Identity, Role
from core.ports.payments import PaymentGateway
from core.settings import Settings
from db.engine import API_POOL, make_engine, make_sessions
from db.models import (
    Aal,
    AuditEvent,
    Base,
    Checkout,
    Course,
    Enrollment,
    Gift,
    IdempotencyKey,
    LoginSession,
    OfferState,
    Order,
    OrderItem,
    Profile,
    Seminar,
    SeminarSeat,
    Service,
)
from scripts.local.ports import free_port
from tests.support.documented import ProblemRecorder, documented_problems
from tests.support.waiting import wait_until

M = TypeVar("M", bound=Base)


@dataclass(slots=True)
class TestClock:
    """The wall clock, moved forward by `ahead`."""

    __test__ = False
    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True, slots=True)
class User:
    """A signed-in user and their HTTP client."""

    id: UUID
    email: str
    http: httpx.Client

    def post_order(self, *items: Mapping[str, object], key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else None
        return self.http.post("/orders", json={"items": list(items)}, headers=headers)

    def place_order(self, *items: Mapping[str, object]) -> dict[str, Any]:
        """The placed order; fails unless it was created."""
        answer = self.post_order(*items)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def checkout(self, order_id: str, ui_mode: str = "hosted_page", key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else None
        body = {"order_id": order_id, "ui_mode": ui_mode}
        return self.http.post("/payments/stripe/create-session", json=body, headers=headers)


@dataclass(slots=True)
class ApiHarness:
    """A running application, its database and its clock."""

    url: str
    app: FastAPI
    settings: Settings
    sessions: sessionmaker[Session]
    clock: TestClock
    _clients: list[httpx.Client] = field(default_factory=list[httpx.Client])

    def visitor(self, headers: Mapping[str, str] | None = None) -> httpx.Client:
        """A client without a token, closed with the harness."""
        client = httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=30)
        self._clients.append(client)
        return client

    def user(self, role: Role = "member") -> User:
        """A new user with a valid token."""
        email = f"{uuid4().hex}@aula.example"
        profile = self.add(
            Profile(
                email=email,
                password_hash="-",
                display_name="Test User",
                role=role,
                email_proven_at=self.clock(),
            )
        )
        return User(profile.id, email, self.visitor({"Authorization": f"Bearer {self.token(profile.id, role)}"}))

    def token(self, profile_id: UUID, role: Role, settings: Settings | None = None) -> str:
        """An access token of a new session; an operator's session has a second factor."""
        now = self.clock()
        aal: Aal = "aal2" if role == "admin" else "aal1"
        login = self.add(
            LoginSession(
                profile_id=profile_id, created_at=now, used_at=now, expires_at=now + timedelta(days=90), aal=aal
            )
        )
        return issue(settings or self.settings, Identity(profile_id, role, login.id, aal), now)

    def add(self, row: M) -> M:
        with self.sessions.begin() as session:
            session.add(row)
            session.flush()
            session.refresh(row)
        return row

    def enroll(self, profile_id: UUID, course_id: object) -> Enrollment:
        """Active access to a course, by a gift of its teacher."""
        with self.sessions.begin() as session:
            course, email = session.get_one(Course, UUID(str(course_id))), f"{uuid4().hex}@aula.example"
            gift = Gift(course_id=course.id, email=email, given_by=course.teacher_id, granted_at=self.clock())
            session.add(gift)
            session.flush()
            gift_id = gift.id
        return self.add(Enrollment(profile_id=profile_id, course_id=UUID(str(course_id)), gift_id=gift_id))

    def course(self, amount: int = 49_900, currency: str = "SEK", state: OfferState = "published") -> dict[str, object]:
        """An order item for a new course."""
        row = self.add(
            Course(teacher_id=self._teacher(), title="Oils", price_amount=amount, currency=currency, state=state)
        )
        return {"course_id": str(row.id)}

    def service(
        self, amount: int = 80_000, currency: str = "SEK", state: OfferState = "published", quantity: int = 1
    ) -> dict[str, object]:
        """An order item for a new service."""
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

    def seminar(self, capacity: int = 10, amount: int = 20_000, **values: object) -> dict[str, object]:
        """An order item for a new seminar, which begins in a week."""
        starts_at = self.clock() + timedelta(days=7)
        fields = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1), "state": "published", **values}
        teacher_id = fields.pop("teacher_id", None) or self._teacher()
        row = self.add(
            Seminar(
                teacher_id=teacher_id,
                title="Live",
                capacity=capacity,
                price_amount=amount,
                currency="SEK",
                **fields,
            )
        )
        return {"seminar_id": str(row.id)}

    def seats(self, item: Mapping[str, object]) -> Mapping[UUID, str]:
        """The states of a seminar's seats that are not released, by person."""
        own = (SeminarSeat.seminar_id == UUID(str(item["seminar_id"]))) & (SeminarSeat.state != "released")
        with self.sessions.begin() as session:
            return dict(session.execute(select(SeminarSeat.profile_id, SeminarSeat.state).where(own)).all())

    def order_row(self, order_id: str) -> Order:
        with self.sessions.begin() as session:
            return session.get_one(Order, UUID(order_id))

    def open_checkout(self, order_id: str) -> str | None:
        """The id of the session that is open for the order."""
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
        """Row counts of the tables that placing, paying and cancelling write."""
        tables = (Order, OrderItem, AuditEvent, IdempotencyKey)
        with self.sessions.begin() as session:
            return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]

    def audit_tags(self, order_id: str) -> list[str]:
        with self.sessions.begin() as session:
            wanted = select(AuditEvent.tag).where(AuditEvent.subject_id == UUID(order_id)).order_by(AuditEvent.id)
            return list(session.scalars(wanted))

    def use_gateway(self, gateway: PaymentGateway) -> None:
        self.app.dependency_overrides[get_payment_gateway] = lambda: gateway

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _teacher(self) -> UUID:
        return self.user("teacher").id


@contextmanager
def open_api(settings: Settings, clock: TestClock | None = None) -> Generator[ApiHarness]:
    """Serve the application on a free port until the context ends."""
    clock = clock or TestClock()
    app = create_app(settings, clock=clock)
    engine = make_engine(settings.database_url, API_POOL)
    recorder = ProblemRecorder(app)
    with served(recorder) as url:
        api = ApiHarness(url, app, settings, make_sessions(engine), clock)
        try:
            yield api
        finally:
            api.close()
            engine.dispose()
    undocumented = recorder.answered - documented_problems()
    assert not undocumented, f"the route must declare with @refuses: {sorted(undocumented)}"


@contextmanager
def served(app: ASGIApp) -> Generator[str]:
    """Serve an application in a thread on a free port; yields its address."""
    port = free_port()
    server = uvicorn.Server(server_config(app, port=port, proxies=()))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive(), "the application started")
    assert server.started, "the application did not start; see its log"
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
