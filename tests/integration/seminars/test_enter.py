"""Who gets a token for a seminar's room, when and as what; and who reads why not."""

from collections.abc import Generator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest

from api.gateways import get_room_gateway
from core.ports.errors import GatewayUnavailable
from core.settings import DEVELOPMENT_LIVEKIT_SECRET, Settings
from db.models import SeminarBan
from tests.support.api_harness import User, open_api
from tests.support.fake_rooms import FakeRooms
from tests.support.jobs import do
from tests.support.problems import assert_problem
from tests.support.refund_harness import RefundHarness
from tests.support.webhook_harness import dispute_event

MINUTE = timedelta(minutes=1)


@pytest.fixture
def rooms(shop: RefundHarness) -> Generator[FakeRooms]:
    fake = FakeRooms()
    shop.api.app.dependency_overrides[get_room_gateway] = lambda: fake
    yield fake
    del shop.api.app.dependency_overrides[get_room_gateway]


def opened(
    shop: RefundHarness, before: timedelta = 5 * MINUTE, *, capacity: int = 10, teacher: User | None = None
) -> dict[str, object]:
    """A seminar that begins so soon."""
    starts_at = shop.api.clock() + before
    teacher_id = teacher.id if teacher else None
    return shop.api.seminar(capacity, starts_at=starts_at, ends_at=starts_at + 60 * MINUTE, teacher_id=teacher_id)


def ask(user: User, item: dict[str, object]) -> httpx.Response:
    return user.http.post("/sfu/token", json={"seminar_id": item["seminar_id"]})


def claims(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return jwt.decode(answer.json()["token"], DEVELOPMENT_LIVEKIT_SECRET, algorithms=["HS256"])


def refused(shop: RefundHarness, user: User, item: dict[str, object]) -> str:
    """The reason, which is also in the audit log."""
    reason = assert_problem(ask(user, item), 403, "room_refused")["reason"]
    assert audited(shop, item)[-1] == "seminars:seminar:entry_refused"
    return reason


def audited(shop: RefundHarness, item: dict[str, object]) -> list[str]:
    return shop.webhooks.audit_tags(UUID(str(item["seminar_id"])))


def test_who_has_a_seat_comes_in_as_an_attendee(shop: RefundHarness, rooms: FakeRooms) -> None:
    item = opened(shop)
    buyer = shop.buy(item).buyer
    answer = ask(buyer, item)
    token, room = claims(answer), f"seminar-{item['seminar_id']}"
    assert (token["sub"], token["video"]["room"], token["video"]["canPublish"]) == (str(buyer.id), room, False)
    assert "roomAdmin" not in token["video"]
    assert (answer.json()["role"], answer.json()["room"]) == ("attendee", room)
    assert token["exp"] - token["nbf"] == 300
    assert list(rooms.plans) == [room]
    assert audited(shop, item)[-1] == "seminars:seminar:entry_granted"


def test_the_teacher_comes_in_before_the_doors_open_and_leads(shop: RefundHarness, rooms: FakeRooms) -> None:
    teacher = shop.api.user("teacher")
    item = opened(shop, 29 * MINUTE, teacher=teacher)
    video = claims(ask(teacher, item))["video"]
    assert (video["roomAdmin"], video["canPublish"]) == (True, True)
    assert not {"roomCreate", "roomList", "roomRecord"} & video.keys()
    assert rooms.calls == ["create"]


@pytest.mark.usefixtures("rooms")
def test_without_a_seat_nobody_comes_in(shop: RefundHarness) -> None:
    item = opened(shop, capacity=1)
    assert refused(shop, shop.api.user(), item) == "not_entitled"
    held = shop.place(item)
    assert refused(shop, held.buyer, item) == "not_entitled"
    assert refused(shop, shop.api.user("teacher"), item) == "not_entitled"


@pytest.mark.usefixtures("rooms")
def test_whose_money_went_back_does_not_come_in(shop: RefundHarness) -> None:
    item = opened(shop)
    bought = shop.buy(item)
    assert bought.ask().status_code == 202
    shop.run()
    assert refused(shop, bought.buyer, item) == "refunded"
    disputed = shop.buy(item)
    shop.tell(dispute_event(disputed.purchase))
    assert refused(shop, disputed.buyer, item) == "refunded"


@pytest.mark.usefixtures("rooms")
def test_a_guest_who_was_taken_off_the_list_does_not_come_in(shop: RefundHarness) -> None:
    teacher, guest = shop.api.user("teacher"), shop.api.user()
    item = opened(shop, teacher=teacher)
    path = f"/seminars/{item['seminar_id']}"
    assert teacher.http.post(f"{path}/guests", json={"email": guest.email}).status_code == 201
    assert guest.http.post(f"{path}/seat").status_code == 200
    claims(ask(guest, item))
    do(shop.sessions, "delete from app.seminar_guests")
    assert refused(shop, guest, item) == "not_entitled"


@pytest.mark.usefixtures("rooms")
def test_who_was_sent_out_does_not_come_back(shop: RefundHarness) -> None:
    item = opened(shop)
    buyer = shop.buy(item).buyer
    teacher = shop.api.user("teacher")
    shop.api.add(SeminarBan(seminar_id=UUID(str(item["seminar_id"])), profile_id=buyer.id, banned_by=teacher.id))
    assert refused(shop, buyer, item) == "banned"


@pytest.mark.usefixtures("rooms")
@pytest.mark.parametrize(
    ("before", "state", "reason"),
    [
        (16 * MINUTE, "published", "too_early"),
        (-61 * MINUTE, "open", "ended"),
        (5 * MINUTE, "closed", "ended"),
        (5 * MINUTE, "cancelled", "cancelled"),
    ],
)
def test_nobody_comes_in_at_the_wrong_time(shop: RefundHarness, before: timedelta, state: str, reason: str) -> None:
    item = opened(shop)
    buyer = shop.buy(item).buyer
    starts_at = shop.api.clock() + before
    moved = "update app.seminars set state = :state, starts_at = :at, ends_at = :end where id = :id"
    do(shop.sessions, moved, state=state, at=starts_at, end=starts_at + 60 * MINUTE, id=item["seminar_id"])
    assert refused(shop, buyer, item) == reason


@pytest.mark.usefixtures("rooms")
def test_an_unknown_seminar_and_a_strangers_draft_are_not_found(shop: RefundHarness) -> None:
    user = shop.api.user()
    assert_problem(ask(user, {"seminar_id": str(uuid4())}), 404, "not_found")
    assert_problem(ask(user, shop.api.seminar(state="draft")), 404, "not_found")


def test_a_server_of_rooms_that_is_down_is_told(shop: RefundHarness, rooms: FakeRooms) -> None:
    item = opened(shop)
    buyer = shop.buy(item).buyer
    rooms.fault = GatewayUnavailable("down")
    answer = ask(buyer, item)
    assert_problem(answer, 503, "room_unavailable")
    assert answer.headers["retry-after"] == "2"


def test_a_person_asks_for_some_tokens_a_minute(database_url: str) -> None:
    with open_api(Settings(env="test", database_url=database_url, rate_limit_attempts=2)) as api:
        api.clock.ahead -= timedelta(seconds=api.clock().second)
        one, other = api.user(), api.user()
        answers = [ask(one, {"seminar_id": str(uuid4())}).status_code for _ in range(3)]
        assert answers == [404, 404, 429]
        assert ask(other, {"seminar_id": str(uuid4())}).status_code == 404


def test_the_room_is_made_again_when_it_is_gone(shop: RefundHarness, rooms: FakeRooms) -> None:
    item = opened(shop)
    buyer = shop.buy(item).buyer
    ask(buyer, item)
    rooms.plans.clear()
    ask(buyer, item)
    assert list(rooms.plans) == [f"seminar-{item['seminar_id']}"]
