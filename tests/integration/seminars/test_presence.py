"""Who was in a seminar's room: told by LiveKit in any order, asked for where it did not tell, and who must leave."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest
from celery.exceptions import Retry
from sqlalchemy import select

from core.jobs.enqueue import enqueue
from core.messages import AlignParticipant, ReadRoom
from core.ports.errors import GatewayUnavailable
from core.ports.rooms import RoomParticipant
from core.seminars.advance import advance
from db.models import SeminarBan, WebhookEvent
from tests.support.hall import Hall
from tests.support.jobs import value
from tests.support.room_events import room_event

MINUTE = timedelta(minutes=1)


def event_states(hall: Hall) -> list[tuple[str, str | None]]:
    with hall.shop.sessions() as session:
        rows = session.execute(
            select(WebhookEvent.state, WebhookEvent.outcome).where(WebhookEvent.provider == "livekit")
        )
        return [(row.state, row.outcome) for row in rows]


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_stays_are_the_same_in_whatever_order_they_are_told(hall: Hall, order: tuple[int, ...]) -> None:
    person, now = hall.buyer.id, hall.now
    events = [
        room_event("participant_joined", hall.seminar_id, person, now, sid="PA_1"),
        room_event("participant_left", hall.seminar_id, person, now + 5 * MINUTE, sid="PA_1", joined_at=now),
        room_event("participant_joined", hall.seminar_id, person, now + 7 * MINUTE, sid="PA_2"),
        room_event(
            "participant_connection_aborted",
            hall.seminar_id,
            person,
            now + 9 * MINUTE,
            sid="PA_2",
            joined_at=now + 7 * MINUTE,
        ),
    ]
    hall.tell(*(events[place] for place in order))
    hall.tell(*events)
    assert hall.stays() == [(person, 0, 5), (person, 7, 9)]
    assert {state for state, _ in event_states(hall)} == {"processed"}
    assert hall.rooms.calls == []


def test_the_end_of_a_room_ends_its_stays_but_not_later_ones(hall: Hall) -> None:
    person = hall.buyer.id
    hall.tell(
        room_event("participant_joined", hall.seminar_id, person, hall.now, sid="PA_1"),
        room_event("participant_joined", hall.seminar_id, person, hall.now + 9 * MINUTE, sid="PA_2"),
        room_event("room_finished", hall.seminar_id, None, hall.now + 5 * MINUTE),
    )
    assert hall.stays() == [(person, 0, 5), (person, 9, None)]


def test_strangers_and_other_rooms_are_ignored(hall: Hall) -> None:
    hall.tell(
        room_event("participant_joined", UUID(int=1), hall.buyer.id, hall.now, sid="PA_1"),
        room_event("participant_joined", hall.seminar_id, UUID(int=2), hall.now, sid="PA_2"),
        room_event("participant_left", hall.seminar_id, UUID(int=2), hall.now, sid="PA_3"),
        room_event("room_finished", UUID(int=1), None, hall.now),
        room_event("track_published", hall.seminar_id, hall.buyer.id, hall.now),
    )
    assert {state for state, _ in event_states(hall)} == {"ignored"}
    assert hall.stays() == []


def test_who_has_no_right_is_sent_out_on_joining(hall: Hall) -> None:
    stranger = hall.shop.api.user()
    hall.rooms.there = [RoomParticipant(str(stranger.id), "PA_1", hall.now)]
    hall.tell(room_event("participant_joined", hall.seminar_id, stranger.id, hall.now, sid="PA_1"))
    assert hall.rooms.there == []
    assert hall.shop.webhooks.audit_tags(hall.seminar_id)[-1] == "seminars:participant:removed"


def test_whose_money_goes_back_is_sent_out(hall: Hall) -> None:
    order_id = hall.buyer.http.get("/me/orders").json()["items"][0]["id"]
    assert hall.buyer.http.post(f"/orders/{order_id}/refund", json={}).status_code == 202
    hall.rooms.there = [RoomParticipant(str(hall.buyer.id), "PA_1", hall.now)]
    hall.run()
    assert hall.rooms.there == []


def test_a_guest_who_is_taken_off_the_list_is_sent_out(hall: Hall) -> None:
    guest, path = hall.shop.api.user(), f"/seminars/{hall.seminar_id}"
    made = hall.teacher.http.post(f"{path}/guests", json={"email": guest.email}).json()
    assert guest.http.post(f"{path}/seat").status_code == 200
    hall.run()
    hall.rooms.there = [RoomParticipant(str(guest.id), "PA_1", hall.now)]
    assert hall.teacher.http.delete(f"{path}/guests/{made['id']}").status_code == 204
    hall.run()
    assert hall.rooms.there == []


def test_what_was_not_told_is_read_each_minute(hall: Hall) -> None:
    person, banned = hall.buyer.id, hall.shop.api.user()
    hall.shop.api.add(SeminarBan(seminar_id=hall.seminar_id, profile_id=banned.id, banned_by=hall.teacher.id))
    hall.tell(room_event("participant_joined", hall.seminar_id, person, hall.now - 3 * MINUTE, sid="PA_1"))
    hall.rooms.there = [
        RoomParticipant(str(person), "PA_2", hall.now - MINUTE),
        RoomParticipant(str(banned.id), "PA_3", hall.now - MINUTE),
        RoomParticipant("a camera of the hall", "PA_4", hall.now - MINUTE),
    ]
    with hall.shop.sessions.begin() as session:
        advance(session, hall.now)
        advance(session, hall.now)
    enqueued = "select count(*) from app.jobs where kind = 'seminars.read_room' and payload ->> 'seminar_id' = :id"
    assert value(hall.shop.sessions, enqueued, id=str(hall.seminar_id)) == 1
    hall.run()
    first, second, _ = hall.stays()
    assert (first[0], first[1], first[2] is not None) == (person, -3, True)
    assert second == (person, -1, None)
    assert [one.identity for one in hall.rooms.there] == [str(person), "a camera of the hall"]


def test_a_server_of_rooms_that_is_down_is_asked_again_later(hall: Hall) -> None:
    hall.rooms.fault = GatewayUnavailable("down")
    align = AlignParticipant(seminar_id=hall.seminar_id, profile_id=hall.buyer.id)
    for message in (ReadRoom(seminar_id=hall.seminar_id), align):
        with hall.shop.sessions.begin() as session:
            enqueue(session, message)
        with pytest.raises(Retry):
            hall.run()
    states = "select count(*) from app.jobs where kind like 'seminars.%' and state = 'pending' and attempts = 0"
    assert value(hall.shop.sessions, states) == 2


def test_the_teacher_reads_who_came(hall: Hall) -> None:
    hall.tell(
        room_event("participant_joined", hall.seminar_id, hall.buyer.id, hall.now, sid="PA_1"),
        room_event("participant_left", hall.seminar_id, hall.buyer.id, hall.now + 5 * MINUTE, sid="PA_1"),
        room_event("participant_joined", hall.seminar_id, hall.buyer.id, hall.now + 7 * MINUTE, sid="PA_2"),
    )
    path = f"/seminars/{hall.seminar_id}/attendance"
    again, first = hall.teacher.http.get(path).json()["items"]
    assert (again["profile_id"], again["left_at"]) == (str(hall.buyer.id), None)
    assert first["left_at"] > first["joined_at"]
    assert hall.teacher.http.get(path, params={"limit": 1}).json()["next_cursor"]
    assert hall.shop.api.user("teacher").http.get(path).status_code == 404
