"""One row for every model, with valid foreign keys."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from db.models import (
    Attendance,
    AuditAnchor,
    AuditEvent,
    Base,
    BookEntry,
    Checkout,
    Course,
    Dispute,
    Enrollment,
    Export,
    Finding,
    Gift,
    IdempotencyKey,
    Job,
    JobAttempt,
    JobKind,
    Lesson,
    LessonCompletion,
    LoginSession,
    MailMessage,
    OneTimeToken,
    Order,
    OrderItem,
    Payment,
    Post,
    Profile,
    ProviderCursor,
    RateLimit,
    RecoveryCode,
    RefreshToken,
    Refund,
    RefundItem,
    Replay,
    Schedule,
    Seminar,
    SeminarBan,
    SeminarGuest,
    SeminarRole,
    SeminarSeat,
    Service,
    Subscription,
    TotpFactor,
    WebhookAttempt,
    WebhookEvent,
)

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


def add_one_of_each(session: Session) -> list[Base]:
    """Insert rows one by one, because without relationships SQLAlchemy does not know their order."""
    rows = _one_of_each()
    for row in rows:
        session.add(row)
        session.flush()
    return rows


def _one_of_each() -> list[Base]:
    profile = Profile(
        id=uuid4(), email="astrid@aula.example", password_hash="hash", display_name="Åstrid", role="teacher"
    )
    return [profile, *_offers(profile), *_jobs(profile), *_webhooks(), *_books(), *_accounts(profile)]


def _accounts(profile: Profile) -> list[Base]:
    login = LoginSession(
        id=uuid4(), profile_id=profile.id, created_at=NOON, used_at=NOON, expires_at=NOON + timedelta(90)
    )
    return [
        login,
        RefreshToken(
            profile_id=profile.id, session_id=login.id, token_hash=bytes(range(32)), expires_at=NOON + timedelta(30)
        ),
        TotpFactor(profile_id=profile.id, secret=b"sealed", started_at=NOON, confirmed_at=NOON, last_step=1),
        RecoveryCode(profile_id=profile.id, code_hash=bytes(range(32)), created_at=NOON),
        OneTimeToken(
            profile_id=profile.id,
            purpose="reset_password",
            email="astrid@aula.example",
            created_at=NOON,
            expires_at=NOON + timedelta(hours=1),
        ),
        Export(profile_id=profile.id, requested_at=NOON),
        RateLimit(bucket="login:127.0.0.1", window_start=NOON),
        IdempotencyKey(
            profile_id=profile.id,
            key="key",
            request_hash=b"\x00" * 32,
            status=201,
            headers={"location": "/orders/1"},
            body={"å": [1, None, {"b": True}]},
        ),
        MailMessage(dedupe_key="receipt:1", template="receipt", profile_id=profile.id, params={"total": 9900}),
        Replay(target="jobs", reason="mended", created_by=profile.id, rate=10, expected=2, until_id=uuid4()),
        AuditEvent(
            tag="api:order:placed", actor_id=profile.id, subject_id=uuid4(), seq=1, hash=b"\xff" * 32, sealed_at=NOON
        ),
        AuditAnchor(
            number=1,
            entries=1,
            hash=b"\xff" * 32,
            made_at=NOON,
            key="f" * 64,
            signature=b"\xff" * 64,
            mailed=True,
            stored_at=NOON,
        ),
        Subscription(profile_id=profile.id, provider_subscription_id="sub_1", state="active"),
    ]


def _offers(profile: Profile) -> list[Base]:
    course = Course(id=uuid4(), teacher_id=profile.id, title="Väva", price_amount=9900, currency="SEK")
    course.lessons = [Lesson(id=uuid4(), position=1, title="Varp", is_preview=True)]
    service = Service(
        id=uuid4(), teacher_id=profile.id, title="Samtal", duration_minutes=45, price_amount=50000, currency="SEK"
    )
    seminar = Seminar(
        id=uuid4(),
        teacher_id=profile.id,
        title="Direkt",
        starts_at=NOON,
        ends_at=NOON + timedelta(hours=1),
        capacity=10,
        price_amount=100,
        currency="SEK",
    )
    post = Post(author_id=profile.id, course_id=course.id, body="Hej")
    completion = LessonCompletion(profile_id=profile.id, lesson_id=course.lessons[0].id)
    return [course, *course.lessons, completion, service, seminar, post, *_purchase(profile, course, service, seminar)]


def _purchase(profile: Profile, course: Course, service: Service, seminar: Seminar) -> list[Base]:
    items = [
        OrderItem(id=uuid4(), course_id=course.id, title=course.title, unit_amount=9900),
        OrderItem(id=uuid4(), service_id=service.id, title=service.title, unit_amount=50000, quantity=2),
        OrderItem(id=uuid4(), seminar_id=seminar.id, title=seminar.title, unit_amount=100),
    ]
    order = Order(id=uuid4(), profile_id=profile.id, total_amount=110000, currency="SEK", expires_at=NOON)
    order.items = items
    payment = Payment(
        id=uuid4(),
        order_id=order.id,
        provider_payment_id="pi_1",
        state="succeeded",
        amount=110000,
        currency="SEK",
        livemode=False,
    )
    refund = Refund(
        id=uuid4(),
        payment_id=payment.id,
        provider_payment_id="pi_1",
        state="requested",
        amount=100,
        currency="SEK",
    )
    return [
        order,
        *items,
        payment,
        refund,
        RefundItem(refund_id=refund.id, order_item_id=items[2].id, amount=100),
        Checkout(order_id=payment.order_id, number=1, session_id="cs_1", ui_mode="elements", expires_at=NOON),
        Finding(kind="second_payment", subject_id=payment.id, order_id=order.id, details={"amount": 1}),
        Dispute(
            payment_id=payment.id,
            provider_payment_id="pi_1",
            provider_dispute_id="dp_1",
            state="open",
            amount=100,
            currency="SEK",
        ),
        Enrollment(profile_id=profile.id, course_id=course.id, order_item_id=items[0].id, purchase_number=1),
        Gift(course_id=course.id, email=profile.email, given_by=profile.id),
        # One that counts would change the seminar.
        SeminarSeat(seminar_id=seminar.id, profile_id=profile.id, order_item_id=items[2].id, state="released"),
        SeminarGuest(seminar_id=seminar.id, email=profile.email),
        SeminarBan(seminar_id=seminar.id, profile_id=profile.id, banned_by=profile.id),
        SeminarRole(seminar_id=seminar.id, profile_id=profile.id, role="speaker", given_by=profile.id),
        Attendance(seminar_id=seminar.id, profile_id=profile.id, joined_at=NOON),
    ]


def _books() -> list[Base]:
    return [
        BookEntry(
            transaction_id="txn_1",
            kind="payment",
            object_id="ch_1",
            provider_payment_id="pi_1",
            order_id=uuid4(),
            amount=110000,
            currency="SEK",
            fee_amount=1830,
            settled_amount=110000,
            settled_currency="SEK",
            booked_at=NOON,
        ),
        ProviderCursor(name="events", began_at=NOON, reached_at=NOON, until=NOON + timedelta(1), after="evt_1"),
    ]


def _jobs(profile: Profile) -> list[Base]:
    job = Job(
        id=uuid4(), kind="orders.fulfil", profile_id=profile.id, payload={"order": "1"}, run_at=NOON, progress=None
    )
    return [
        job,
        JobAttempt(job_id=job.id, lease_version=1, error="ValueError: no"),
        JobKind(kind="orders.fulfil", queue="orders"),
        Schedule(name="orders.expire", kind="orders.expire", every=timedelta(minutes=1, microseconds=5)),
    ]


def _webhooks() -> list[Base]:
    event = WebhookEvent(
        id=uuid4(),
        provider="stripe",
        event_id="evt_1",
        type="checkout.session.completed",
        occurred_at=NOON,
        body='{"id": "evt_1"}',
        data={"order_id": "1"},
    )
    return [event, WebhookAttempt(webhook_event_id=event.id, error="KeyError: amount")]
