"""Every endpoint, called by every kind of caller. An endpoint missing from CASES fails the first test."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from core.findings.kinds import Kind
from db.models import (
    Course,
    Finding,
    Gift,
    Job,
    Lesson,
    LoginSession,
    OfferState,
    Post,
    Profile,
    Replay,
    Seminar,
    SeminarGuest,
    Service,
    WebhookEvent,
)
from tests.support.api_harness import ApiHarness, User
from tests.support.fake_gateway import FakeGateway

CALLERS = ("visitor", "member", "teacher", "owner", "admin")
PUBLIC = (200, 200, 200, 200, 200)
SIGNED_IN = (401, 200, 200, 200, 200)
OWN_OFFER = (401, 403, 404, 200, 404)
OWN_OFFER_OR_OPERATOR = (401, 403, 404, 200, 200)
OPERATOR_ONLY = (401, 403, 403, 403, 200)
OWN_ORDER = (401, 404, 404, 200, 404)
OWN_OR_OPERATOR = (401, 404, 404, 200, 200)
UNSEEN_DRAFT = (404, 404, 404, 200, 404)
OWN_DRAFT = (401, 404, 404, 200, 404)

_REASON = {"reason": "asked for"}
_DRAFT = {"title": "Oils", "price_amount": 49_900, "currency": "SEK"}
_SEMINAR = {**_DRAFT, "starts_at": "2100-01-01T18:00:00+01:00", "ends_at": "2100-01-01T19:00:00+01:00", "capacity": 5}
_ACCOUNT = {"email": "new@aula.example", "password": "correct horse battery"}


@dataclass(frozen=True)
class Case:
    """One endpoint: the statuses that CALLERS get, in order, with a valid request."""

    endpoint: str
    statuses: tuple[int, int, int, int, int]
    body: Mapping[str, Any] | None = None
    with_order: bool = False


def with_success(statuses: tuple[int, ...], status: int) -> tuple[int, int, int, int, int]:
    """The same statuses, with `status` in place of 200."""
    first, second, third, fourth, fifth = (status if one == 200 else one for one in statuses)
    return first, second, third, fourth, fifth


CASES = (
    Case("POST /auth/register", with_success(PUBLIC, 202), {**_ACCOUNT, "display_name": "New"}),
    Case("POST /auth/login", with_success(PUBLIC, 401), {**_ACCOUNT, "email": "unknown@aula.example"}),
    Case("POST /auth/refresh", with_success(PUBLIC, 401), {"refresh_token": "unknown"}),
    Case("POST /auth/logout", with_success(PUBLIC, 204), {"refresh_token": "unknown"}),
    Case("POST /auth/verify", with_success(PUBLIC, 403), {"token": "unknown", "password": "wrong password"}),
    Case("POST /auth/verify/resend", with_success(PUBLIC, 202), {"email": "unknown@aula.example"}),
    Case("POST /auth/password/forgot", with_success(PUBLIC, 202), {"email": "unknown@aula.example"}),
    Case("POST /auth/password/reset", with_success(PUBLIC, 403), {"token": "unknown", "password": "correct horse"}),
    Case("POST /auth/email/confirm", with_success(PUBLIC, 403), {"token": "unknown"}),
    # Allowed for every user with the right password; this one is wrong.
    Case("POST /me/password", with_success(SIGNED_IN, 403), {"current_password": "wrong", "password": "correct horse"}),
    Case("POST /me/email", with_success(SIGNED_IN, 403), {"email": "new@aula.example", "password": "wrong"}),
    Case("GET /me/totp", SIGNED_IN),
    # Allowed for every user with the right password; this one is wrong, and nothing was started.
    Case("POST /me/totp", with_success(SIGNED_IN, 403), {"password": "wrong password"}),
    Case("POST /me/totp/confirm", with_success(SIGNED_IN, 409), {"code": "000000"}),
    Case("DELETE /me/totp", with_success(SIGNED_IN, 403), {"password": "wrong password", "code": "000000"}),
    Case("POST /me/totp/recovery-codes", with_success(SIGNED_IN, 403), {"password": "wrong", "code": "000000"}),
    Case("GET /me/sessions", SIGNED_IN),
    Case("DELETE /me/sessions", with_success(SIGNED_IN, 204)),
    Case("DELETE /me/sessions/{session_id}", (401, 404, 404, 204, 404)),
    Case("GET /me", SIGNED_IN),
    Case("PATCH /me", SIGNED_IN, {"display_name": "Other"}),
    # Allowed for every user with the right password; this one is wrong.
    Case("DELETE /me", with_success(SIGNED_IN, 403), {"password": "wrong password"}),
    Case("POST /me/export", with_success(SIGNED_IN, 202)),
    # Their archives are not made in this test.
    Case("GET /me/export", SIGNED_IN),
    Case("GET /me/export/archive", with_success(SIGNED_IN, 404)),
    Case("GET /me/courses", SIGNED_IN),
    Case("GET /me/orders", SIGNED_IN),
    Case("GET /courses", PUBLIC),
    Case("POST /courses", (401, 403, 201, 201, 201), _DRAFT),
    Case("GET /courses/{course_id}", UNSEEN_DRAFT),
    Case("PATCH /courses/{course_id}", OWN_OFFER, {"title": "Other"}),
    Case("POST /courses/{course_id}/publish", OWN_OFFER),
    Case("POST /courses/{course_id}/archive", OWN_OFFER),
    Case("GET /courses/{course_id}/lessons", UNSEEN_DRAFT),
    Case("GET /courses/{course_id}/lessons/{lesson_id}", UNSEEN_DRAFT),
    Case("POST /courses/{course_id}/lessons", with_success(OWN_OFFER, 201), {"title": "One"}),
    Case("PATCH /courses/{course_id}/lessons/{lesson_id}", OWN_OFFER, {"title": "Two"}),
    Case("DELETE /courses/{course_id}/lessons/{lesson_id}", with_success(OWN_OFFER, 204)),
    Case("PUT /courses/{course_id}/lessons/{lesson_id}/completion", with_success(OWN_DRAFT, 204)),
    Case("DELETE /courses/{course_id}/lessons/{lesson_id}/completion", with_success(OWN_DRAFT, 204)),
    Case("GET /courses/{course_id}/gifts", OWN_OFFER_OR_OPERATOR),
    Case("POST /courses/{course_id}/gifts", with_success(OWN_OFFER_OR_OPERATOR, 202), {"email": "new@aula.example"}),
    Case("DELETE /courses/{course_id}/gifts/{gift_id}", with_success(OWN_OFFER_OR_OPERATOR, 204)),
    Case("GET /services", PUBLIC),
    Case("POST /services", (401, 403, 201, 201, 201), {**_DRAFT, "duration_minutes": 60}),
    Case("GET /services/{service_id}", UNSEEN_DRAFT),
    Case("PATCH /services/{service_id}", OWN_OFFER, {"title": "Other"}),
    Case("POST /services/{service_id}/publish", OWN_OFFER),
    Case("POST /services/{service_id}/archive", OWN_OFFER),
    Case("GET /seminars", PUBLIC),
    Case("POST /seminars", (401, 403, 201, 201, 201), _SEMINAR),
    Case("POST /seminars/series", (401, 403, 201, 201, 201), {**_SEMINAR, "count": 2}),
    Case("GET /seminars/{seminar_id}", UNSEEN_DRAFT),
    Case("PATCH /seminars/{seminar_id}", OWN_OFFER, {"title": "Other"}),
    Case("POST /seminars/{seminar_id}/publish", OWN_OFFER),
    Case("POST /seminars/{seminar_id}/cancel", with_success(OWN_OFFER_OR_OPERATOR, 202), _REASON),
    # The teacher's own is not cancelled.
    Case("GET /seminars/{seminar_id}/cancellation", (401, 403, 404, 404, 404)),
    Case("GET /seminars/{seminar_id}/participants", OWN_OFFER),
    Case("GET /seminars/{seminar_id}/attendance", OWN_OFFER),
    Case("GET /seminars/{seminar_id}/guests", OWN_OFFER),
    Case("POST /seminars/{seminar_id}/guests", with_success(OWN_OFFER, 201), {"email": "new@aula.example"}),
    Case("DELETE /seminars/{seminar_id}/guests/{guest_id}", with_success(OWN_OFFER, 204)),
    # The seminar is a draft: there is no seat to take, to wait for or to give up.
    Case("POST /seminars/{seminar_id}/seat", with_success(SIGNED_IN, 404)),
    Case("DELETE /seminars/{seminar_id}/seat", with_success(SIGNED_IN, 404)),
    Case("POST /seminars/{seminar_id}/waitlist", with_success(SIGNED_IN, 404)),
    Case("GET /me/seminars", SIGNED_IN),
    Case("GET /me/calendar.ics", SIGNED_IN),
    # Its teacher comes too early, others find no draft.
    Case("POST /sfu/token", (401, 404, 404, 403, 404), {"seminar_id": "a seminar"}),
    Case("PUT /seminars/{seminar_id}/roles/{profile_id}", with_success(OWN_DRAFT, 204), {"role": "speaker"}),
    Case("POST /seminars/{seminar_id}/participants/{profile_id}/mute", with_success(OWN_DRAFT, 204)),
    Case("POST /seminars/{seminar_id}/bans", with_success(OWN_DRAFT, 204), {"profile_id": "a person"}),
    Case("DELETE /seminars/{seminar_id}/bans/{profile_id}", (401, 404, 404, 404, 404)),
    Case("POST /seminars/{seminar_id}/messages", (401, 404, 404, 403, 404), {"text": "Good evening!"}),
    Case("PUT /seminars/{seminar_id}/hand", (401, 404, 404, 403, 404), {"raised": True}),
    Case("GET /feed", PUBLIC),
    Case("POST /feed", (401, 403, 201, 201, 201), {"body": "News"}),
    Case("PATCH /feed/{post_id}", OWN_OFFER, {"body": "Old news"}),
    Case("DELETE /feed/{post_id}", with_success(OWN_OFFER, 204)),
    Case("POST /orders", with_success(SIGNED_IN, 201), {"items": ["a course"]}),
    Case("GET /orders/{order_id}", OWN_OR_OPERATOR, with_order=True),
    Case("GET /orders/{order_id}/events", OWN_OR_OPERATOR, with_order=True),
    Case("POST /orders/{order_id}/cancel", OWN_ORDER, with_order=True),
    # Allowed for the owner and for operators; the order is not paid.
    Case("POST /orders/{order_id}/refund", with_success(OWN_OR_OPERATOR, 409), {"reason": "x"}, with_order=True),
    Case(
        "POST /payments/stripe/create-session",
        OWN_ORDER,
        {"order_id": "an order", "ui_mode": "hosted_page"},
        with_order=True,
    ),
    # Tokens are ignored; the signature is missing.
    Case("POST /webhooks/stripe", with_success(PUBLIC, 400), {"id": "evt_1"}),
    Case("POST /webhooks/livekit", with_success(PUBLIC, 400), {"id": "EV_1"}),
    Case("GET /jobs/{job_id}", OWN_OR_OPERATOR),
    Case("GET /jobs/{job_id}/events", OWN_OR_OPERATOR),
    Case("POST /streams/tickets", with_success(OWN_OR_OPERATOR, 201), {"path": "/orders/{order_id}/events"}, True),
    Case("GET /admin/findings", OPERATOR_ONLY),
    Case("GET /admin/findings/{finding_id}", OPERATOR_ONLY),
    Case("POST /admin/findings/{finding_id}/{action}", OPERATOR_ONLY, _REASON),
    Case("GET /admin/orders", OPERATOR_ONLY),
    Case("GET /admin/orders/{order_id}", OPERATOR_ONLY, with_order=True),
    Case("GET /admin/orders/{order_id}/timeline", OPERATOR_ONLY, with_order=True),
    Case("GET /admin/jobs", OPERATOR_ONLY),
    Case("GET /admin/jobs/{job_id}", OPERATOR_ONLY),
    Case("POST /admin/jobs/{job_id}/cancel", OPERATOR_ONLY, _REASON),
    Case("POST /admin/jobs/{job_id}/replay", OPERATOR_ONLY, _REASON),
    Case("POST /admin/jobs/{job_id}/run-now", OPERATOR_ONLY, _REASON),
    Case("GET /admin/kinds", OPERATOR_ONLY),
    # No kinds and schedules are installed.
    Case("POST /admin/kinds/{kind}/pause", with_success(OPERATOR_ONLY, 404), _REASON),
    Case("POST /admin/kinds/{kind}/resume", with_success(OPERATOR_ONLY, 404), _REASON),
    Case(
        "PUT /admin/kinds/{kind}/limits",
        with_success(OPERATOR_ONLY, 404),
        {**_REASON, "max_running": 1, "max_per_key": None},
    ),
    Case("GET /admin/queues", OPERATOR_ONLY),
    Case("POST /admin/queues/{queue}/pause", with_success(OPERATOR_ONLY, 404), _REASON),
    Case("POST /admin/queues/{queue}/resume", with_success(OPERATOR_ONLY, 404), _REASON),
    Case("GET /admin/schedules", OPERATOR_ONLY),
    Case("POST /admin/schedules/{name}/pause", with_success(OPERATOR_ONLY, 404), _REASON),
    Case("POST /admin/schedules/{name}/resume", with_success(OPERATOR_ONLY, 404), _REASON),
    Case("POST /admin/schedules/{name}/run-now", with_success(OPERATOR_ONLY, 404), _REASON),
    Case("GET /admin/webhooks", OPERATOR_ONLY),
    Case("GET /admin/webhooks/{event_id}", OPERATOR_ONLY),
    Case("POST /admin/webhooks/{event_id}/replay", OPERATOR_ONLY, _REASON),
    Case("POST /admin/webhooks/{event_id}/ignore", OPERATOR_ONLY, _REASON),
    Case("POST /admin/replays", OPERATOR_ONLY, {**_REASON, "jobs": {"state": "dead"}, "dry_run": True}),
    Case("GET /admin/replays", OPERATOR_ONLY),
    Case("GET /admin/replays/{replay_id}", OPERATOR_ONLY),
    Case("POST /admin/replays/{replay_id}/pause", OPERATOR_ONLY, _REASON),
    Case("POST /admin/replays/{replay_id}/resume", OPERATOR_ONLY, _REASON),
    Case("POST /admin/replays/{replay_id}/cancel", OPERATOR_ONLY, _REASON),
    Case("GET /admin/audit", OPERATOR_ONLY),
    Case("GET /admin/audit/export", OPERATOR_ONLY),
    Case("GET /admin/audit/verification", OPERATOR_ONLY),
    Case("GET /admin/users", OPERATOR_ONLY),
    Case("GET /admin/users/{profile_id}", OPERATOR_ONLY),
    Case("PUT /admin/users/{profile_id}/role", OPERATOR_ONLY, {**_REASON, "role": "teacher"}),
    Case("GET /healthz", PUBLIC),
    # No relay is running.
    Case("GET /readyz", with_success(PUBLIC, 503)),
)


def test_every_endpoint_is_in_the_table(api: ApiHarness) -> None:
    served = {f"{method.upper()} {path}" for path, methods in api.app.openapi()["paths"].items() for method in methods}
    assert served == {case.endpoint for case in CASES}


@pytest.fixture(scope="module")
def users(api: ApiHarness) -> dict[str, User]:
    return {
        "member": api.user(),
        "teacher": api.user("teacher"),
        "owner": api.user("teacher"),
        "admin": api.user("admin"),
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.endpoint)
def test_each_caller_gets_the_status_in_the_table(api: ApiHarness, users: Mapping[str, User], case: Case) -> None:
    api.use_gateway(FakeGateway())
    visitor = api.visitor()
    method, path = case.endpoint.split(" ")
    got: list[int] = []
    for caller in CALLERS:
        ids = _make_rows(api, users["owner"], case)
        client = users[caller].http if caller in users else visitor
        answer = client.request(method, path.format(**ids), json=_body(api, users["owner"], case, ids))
        assert ("www-authenticate" in answer.headers) == (answer.status_code == 401)
        got.append(answer.status_code)
    assert tuple(got) == case.statuses


@pytest.fixture(scope="module")
def ended(api: ApiHarness) -> dict[str, User]:
    """Callers whose tokens are signed and not expired, but count no more."""
    found = {name: api.user("admin") for name in ("logged out", "demoted", "erased")}
    now = api.clock()
    with api.sessions.begin() as session:
        of = LoginSession.profile_id == found["logged out"].id
        session.execute(update(LoginSession).where(of).values(ended_at=now))
        session.get_one(Profile, found["demoted"].id).role = "member"
        session.get_one(Profile, found["erased"].id).erased_at = now
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.endpoint)
def test_a_token_that_counts_no_more_is_refused_wherever_a_token_is_read(
    api: ApiHarness, ended: Mapping[str, User], case: Case
) -> None:
    method, path = case.endpoint.split(" ")
    reads_token = {"bearer": []} in api.app.openapi()["paths"][path][method.lower()]["security"]
    address = re.sub(r"{\w+}", str(UUID(int=0)), path).replace(f"{UUID(int=0)}/{UUID(int=0)}", f"{UUID(int=0)}/dismiss")
    got = {name: user.http.request(method, address, json=case.body) for name, user in ended.items()}
    codes = {name: answer.json()["code"] for name, answer in got.items() if answer.status_code == 401}
    if reads_token:
        assert codes == dict.fromkeys(ended, "session_ended")
    else:
        assert {answer.status_code for answer in got.values()} == {case.statuses[0]}


def _course(api: ApiHarness, owner: User, state: OfferState) -> Course:
    return api.add(Course(teacher_id=owner.id, title="Oils", price_amount=300, currency="SEK", state=state))


def _make_rows(api: ApiHarness, owner: User, case: Case) -> dict[str, Any]:
    course = _course(api, owner, "draft")
    lesson = api.add(Lesson(course_id=course.id, position=1, title="One", body="Contents"))
    gift = api.add(Gift(course_id=course.id, email="receiver@aula.example", given_by=owner.id))
    service = api.add(
        Service(teacher_id=owner.id, title="Critique", duration_minutes=45, price_amount=300, currency="SEK")
    )
    starts_at = api.clock() + timedelta(days=7)
    seminar = api.add(
        Seminar(
            teacher_id=owner.id,
            title="Live",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            capacity=5,
            price_amount=300,
            currency="SEK",
        )
    )
    guest_profile = api.user()
    guest = api.add(SeminarGuest(seminar_id=seminar.id, email="guest@aula.example"))
    post = api.add(Post(author_id=owner.id, body="News"))
    job = api.add(Job(kind="mail.send", profile_id=owner.id, state="cancelled", finished_at=api.clock()))
    wanted = {"course_id": str(_course(api, owner, "published").id)}
    order_id = owner.place_order(wanted)["id"] if case.with_order else str(UUID(int=0))
    if case.endpoint == "GET /orders/{order_id}/events":
        # The stream of an order that has ended is short.
        api.set_order(order_id, state="expired")
    now = api.clock()
    login = api.add(LoginSession(profile_id=owner.id, created_at=now, used_at=now, expires_at=now + timedelta(days=90)))
    return {
        "session_id": login.id,
        "course_id": course.id,
        "lesson_id": lesson.id,
        "gift_id": gift.id,
        "service_id": service.id,
        "seminar_id": seminar.id,
        "guest_id": guest.id,
        "profile_id": guest_profile.id,
        "post_id": post.id,
        "job_id": job.id,
        "order_id": order_id,
        **(_operator_rows(api) if case.endpoint.split(" ")[1].startswith("/admin") else {}),
    }


def _operator_rows(api: ApiHarness) -> dict[str, Any]:
    event = WebhookEvent(
        provider="stripe", event_id=f"evt_{uuid4().hex}", type="a.b", occurred_at=api.clock(), body="{}"
    )
    replay = Replay(target="jobs", reason="x", rate=1, expected=1, until_id=uuid4(), state="paused")
    return {
        "finding_id": api.add(Finding(kind=Kind.JOB_DEAD, subject_id=uuid4())).id,
        "event_id": api.add(event).id,
        "replay_id": api.add(replay).id,
        "profile_id": api.user().id,
        "action": "dismiss",
        "kind": "mail.send",
        "queue": "mail",
        "name": "audit-seal",
    }


def _body(api: ApiHarness, owner: User, case: Case, ids: Mapping[str, Any]) -> dict[str, Any] | None:
    if case.body is None:
        return None
    body = dict(case.body)
    if "items" in body:
        body["items"] = [{"course_id": str(_course(api, owner, "published").id)}]
    if "order_id" in body:
        body["order_id"] = str(ids["order_id"])
    if "seminar_id" in body:
        body["seminar_id"] = str(ids["seminar_id"])
    if "profile_id" in body:
        body["profile_id"] = str(ids["profile_id"])
    if "path" in body:
        body["path"] = body["path"].format(**ids)
    return body
