"""The seminar: who has a seat gets in when the doors are open, nobody else does, and who came is known."""

from http import HTTPStatus
from typing import Final

from scripts.run.errors import RunFailedError
from scripts.run.meeting import meet
from scripts.smoke.scene import Part, Scene
from scripts.smoke.surprise import SurpriseError, expect

# The teacher and the student.
_WHO_CAME: Final = 2


def _seat(scene: Scene) -> str:
    def confirmed() -> bool | None:
        own = scene.student.get("/me/seminars")["items"]
        return any(one["seat"]["state"] == "confirmed" for one in own) or None

    scene.student.wait_for(confirmed, "the payment confirms the seat")
    left = scene.stranger.get(f"/seminars/{scene.seminar_id}")["seats_left"]
    expect(left == 1, "one of two seats is left", left)
    return "1 of 2 seats is left"


def _doors(scene: Scene) -> str:
    """The schedule looks once a minute; the operator lets it look now."""
    scene.operator.act("schedules", "run-now", "seminars-advance")

    def state() -> str | None:
        found = scene.student.get(f"/seminars/{scene.seminar_id}")["state"]
        return found if found == "open" else None

    scene.student.wait_for(state, "the doors are open")
    return "its room is made, its doors are open"


def _no_seat(scene: Scene) -> str:
    wanted = {"seminar_id": scene.seminar_id}
    return scene.stranger.is_refused(HTTPStatus.FORBIDDEN, "room_refused", "POST", "/sfu/token", wanted)


def _meet(scene: Scene) -> str:
    wanted = {"seminar_id": scene.seminar_id}
    host, attendee = (person.send("POST", "/sfu/token", wanted) for person in (scene.teacher, scene.student))
    try:
        return meet(host, attendee)
    except RunFailedError as error:
        raise SurpriseError("teacher and student meet in the room", str(error)) from error


def _attendance(scene: Scene) -> str:
    path = f"/seminars/{scene.seminar_id}/attendance"

    def both_left() -> bool | None:
        stays = scene.teacher.get(path)["items"]
        return len({stay["profile_id"] for stay in stays if stay["left_at"]}) == _WHO_CAME or None

    scene.teacher.wait_for(both_left, "LiveKit's webhooks tell of both stays")
    scene.student.is_refused(HTTPStatus.FORBIDDEN, "forbidden", "GET", path)
    return "two stays, told to the teacher alone"


MEETING: Part = {
    "seat": _seat,
    "doors open": _doors,
    "no seat, no token": _no_seat,
    "both join": _meet,
    "attendance": _attendance,
}
