"""What those who lead a seminar do in its room, and what everybody says there."""

import json
from uuid import uuid4

import pytest

from core.ports.errors import GatewayNotFound
from core.ports.rooms import RoomParticipant
from core.seminars.leading import MAX_HELPERS
from tests.support.api_harness import User
from tests.support.hall import Hall
from tests.support.problems import assert_problem


def role(hall: Hall, leader: User, person: User, name: str) -> int:
    return leader.http.put(f"/seminars/{hall.seminar_id}/roles/{person.id}", json={"role": name}).status_code


def role_in_token(hall: Hall, person: User) -> str:
    return person.http.post("/sfu/token", json={"seminar_id": str(hall.seminar_id)}).json()["role"]


def test_a_teacher_lets_people_speak_and_lead_and_takes_it_back(hall: Hall) -> None:
    for name in ("speaker", "co_host", "attendee"):
        assert role(hall, hall.teacher, hall.buyer, name) == 204
        hall.run()
        assert hall.rooms.calls[-1] == f"change {hall.room} {hall.buyer.id} {name}"
        assert role_in_token(hall, hall.buyer) == name


def test_who_speaks_needs_no_seat(hall: Hall) -> None:
    speaker = hall.shop.api.user()
    assert role(hall, hall.teacher, speaker, "speaker") == 204
    assert role_in_token(hall, speaker) == "speaker"


def test_the_last_of_two_changes_stays(hall: Hall) -> None:
    role(hall, hall.teacher, hall.buyer, "speaker")
    role(hall, hall.teacher, hall.buyer, "attendee")
    hall.run()
    assert [call for call in hall.rooms.calls if call.startswith("change")][-1].endswith("attendee")


def test_a_co_host_lets_people_speak_but_not_lead(hall: Hall) -> None:
    co_host, other = hall.shop.api.user(), hall.shop.api.user()
    assert role(hall, hall.teacher, co_host, "co_host") == 204
    assert role(hall, hall.teacher, other, "co_host") == 204
    assert role(hall, co_host, hall.buyer, "speaker") == 204
    assert role(hall, co_host, hall.buyer, "co_host") == 409
    assert role(hall, co_host, other, "attendee") == 409
    assert role(hall, co_host, hall.teacher, "attendee") == 409
    assert role(hall, hall.buyer, other, "attendee") == 404
    bans = f"/seminars/{hall.seminar_id}/bans"
    assert_problem(co_host.http.post(bans, json={"profile_id": str(hall.teacher.id)}), 409, "leader_protected")
    assert_problem(hall.teacher.http.post(bans, json={"profile_id": str(uuid4())}), 404, "not_found")


def test_helpers_have_a_bound(hall: Hall) -> None:
    people = [hall.shop.api.user() for _ in range(MAX_HELPERS + 1)]
    assert [role(hall, hall.teacher, one, "speaker") for one in people] == [204] * MAX_HELPERS + [409]


def test_who_is_sent_out_stays_out_until_the_teacher_forgives(hall: Hall) -> None:
    path = f"/seminars/{hall.seminar_id}/bans"
    role(hall, hall.teacher, hall.buyer, "speaker")
    assert hall.teacher.http.post(path, json={"profile_id": str(hall.buyer.id)}).status_code == 204
    assert hall.teacher.http.post(path, json={"profile_id": str(hall.buyer.id)}).status_code == 204
    hall.run()
    assert hall.rooms.calls.count(f"remove {hall.room} {hall.buyer.id}") >= 1
    token = hall.buyer.http.post("/sfu/token", json={"seminar_id": str(hall.seminar_id)})
    assert assert_problem(token, 403, "room_refused")["reason"] == "banned"
    assert hall.teacher.http.delete(f"{path}/{hall.buyer.id}").status_code == 204
    assert_problem(hall.teacher.http.delete(f"{path}/{hall.buyer.id}"), 404, "not_found")
    # What was given before the ban is gone.
    assert role_in_token(hall, hall.buyer) == "attendee"


def test_a_host_mutes(hall: Hall) -> None:
    path = f"/seminars/{hall.seminar_id}/participants/{hall.buyer.id}/mute"
    assert_problem(hall.buyer.http.post(path), 404, "not_found")
    assert hall.teacher.http.post(path).status_code == 204
    hall.run()
    assert hall.rooms.calls == [f"mute {hall.room} {hall.buyer.id}"]


def test_everyone_in_the_room_hears_who_says_what(hall: Hall) -> None:
    path = f"/seminars/{hall.seminar_id}"
    assert hall.buyer.http.post(f"{path}/messages", json={"text": "Good evening!"}).status_code == 204
    assert hall.buyer.http.put(f"{path}/hand", json={"raised": True}).status_code == 204
    said, shown = (call.removeprefix(f"send {hall.room} ").partition(" ") for call in hall.rooms.calls)
    name = hall.buyer.http.get("/me").json()["display_name"]
    assert (said[0], json.loads(said[2])) == (
        "chat",
        {"from": str(hall.buyer.id), "name": name, "text": "Good evening!"},
    )
    assert (shown[0], json.loads(shown[2])) == ("hand", {"from": str(hall.buyer.id), "name": name, "raised": True})


@pytest.mark.parametrize("text", ["", "a" * 501, "two\nlines", 7])
def test_what_is_no_message_is_refused_by_name(hall: Hall, text: object) -> None:
    answer = hall.buyer.http.post(f"/seminars/{hall.seminar_id}/messages", json={"text": text})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "text"
    assert hall.rooms.calls == []


def test_without_a_right_to_be_there_nobody_says_anything(hall: Hall) -> None:
    answer = hall.shop.api.user().http.post(f"/seminars/{hall.seminar_id}/messages", json={"text": "Hello"})
    assert assert_problem(answer, 403, "room_refused")["reason"] == "not_entitled"
    hall.rooms.fault = GatewayNotFound("gone")
    answer = hall.buyer.http.post(f"/seminars/{hall.seminar_id}/messages", json={"text": "Hello"})
    assert_problem(answer, 503, "room_unavailable")


def test_a_full_room_refuses_all_but_those_in_it(hall: Hall) -> None:
    hall.rooms.there = [RoomParticipant(str(uuid4()), f"PA_{place}", hall.now) for place in range(15)]
    answer = hall.buyer.http.post("/sfu/token", json={"seminar_id": str(hall.seminar_id)})
    assert assert_problem(answer, 403, "room_refused")["reason"] == "full"
    assert hall.shop.webhooks.audit_tags(hall.seminar_id)[-1] == "seminars:seminar:entry_refused"
    hall.rooms.there[0] = RoomParticipant(str(hall.buyer.id), "PA_0", hall.now)
    assert role_in_token(hall, hall.buyer) == "attendee"
