from collections.abc import Generator
from datetime import timedelta
from uuid import UUID

import pytest

from api.gateways import get_room_gateway
from tasks import runtime
from tests.support.fake_rooms import FakeRooms
from tests.support.hall import Hall
from tests.support.jobs import do
from tests.support.refund_harness import RefundHarness

MINUTE = timedelta(minutes=1)


@pytest.fixture
def hall(shop: RefundHarness, monkeypatch: pytest.MonkeyPatch) -> Generator[Hall]:
    teacher, now = shop.api.user("teacher"), shop.api.clock().replace(microsecond=0)
    rooms = FakeRooms()
    item = shop.api.seminar(starts_at=now - MINUTE, ends_at=now + 60 * MINUTE, teacher_id=teacher.id)
    buyer = shop.buy(item).buyer
    seminar_id = UUID(str(item["seminar_id"]))
    do(
        shop.sessions,
        "update app.seminars set state = 'open', room_name = 'seminar-' || id where id = :id",
        id=seminar_id,
    )
    # The ids of stays and events are the same in each test.
    do(shop.sessions, "delete from app.attendance")
    do(shop.sessions, "delete from app.webhook_events where provider = 'livekit'")
    do(shop.sessions, "update app.seminars set state = 'closed' where state = 'open' and id <> :id", id=seminar_id)
    monkeypatch.setattr(runtime, "rooms", lambda: rooms)
    shop.api.app.dependency_overrides[get_room_gateway] = lambda: rooms
    yield Hall(shop, rooms, seminar_id, teacher, buyer, now)
    del shop.api.app.dependency_overrides[get_room_gateway]
