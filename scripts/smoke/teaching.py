"""The teacher's part: an account, a course, a service, a seminar, a post."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from scripts.smoke.scene import Part, Scene
from scripts.smoke.surprise import expect

COURSE_PRICE: Final = 19_900
SERVICE_PRICE: Final = 45_000
SEMINAR_PRICE: Final = 15_000
_COURSE: Final = {"title": "Smoke test", "price_amount": COURSE_PRICE, "currency": "SEK", "refund_max_progress": 30}
_SERVICE: Final = {"title": "Smoke hour", "duration_minutes": 60, "price_amount": SERVICE_PRICE, "currency": "SEK"}
_SEMINAR: Final = {"title": "Smoke seminar", "capacity": 2, "price_amount": SEMINAR_PRICE, "currency": "SEK"}
# Within the 15 minutes before the start: the doors can open, and seats are still sold.
_BEFORE_START: Final = timedelta(minutes=14)
_LENGTH: Final = timedelta(hours=1)
_POST: Final = "The smoke test's course is open."
# The first one is a preview.
LESSONS: Final = ("One", "Two", "Three")


def _register(scene: Scene) -> str:
    return scene.teacher.register()


def _prove_address(scene: Scene) -> str:
    return scene.teacher.prove_address()


def _member_may_not_teach(scene: Scene) -> str:
    scene.teacher.log_in()
    return scene.teacher.is_refused(HTTPStatus.FORBIDDEN, "forbidden", "POST", "/courses", _COURSE)


def _operator(scene: Scene) -> str:
    return scene.operator.enter()


def _become_teacher(scene: Scene) -> str:
    scene.operator.act("users", "set-role", scene.teacher.email, "teacher")
    said = scene.teacher.log_in()
    expect(said == "as teacher", "the account is a teacher's", said)
    return "by aula users set-role"


def _write_course(scene: Scene) -> str:
    scene.course_id = scene.teacher.send("POST", "/courses", _COURSE)["id"]
    for title in LESSONS:
        lesson = {"title": title, "body": f"Lesson {title}.", "is_preview": title == LESSONS[0]}
        made = scene.teacher.send("POST", f"/courses/{scene.course_id}/lessons", lesson)
        scene.lesson_ids.append(made["id"])
    return f"{len(LESSONS)} lessons"


def _publish_course(scene: Scene) -> str:
    path = f"/courses/{scene.course_id}"
    scene.stranger.is_refused(HTTPStatus.NOT_FOUND, "not_found", "GET", path)
    scene.teacher.send("POST", f"{path}/publish")
    shown = scene.stranger.get(path)
    expect(shown["price_amount"] == _COURSE["price_amount"], "everybody sees the course and its price", shown)
    return "seen by everybody, a draft by nobody"


def _publish_service(scene: Scene) -> str:
    scene.service_id = scene.teacher.send("POST", "/services", _SERVICE)["id"]
    scene.teacher.send("POST", f"/services/{scene.service_id}/publish")
    shown = scene.stranger.get(f"/services/{scene.service_id}")
    expect(shown["state"] == "published", "the service is published", shown)
    return "seen by everybody"


def _publish_seminar(scene: Scene) -> str:
    starts_at = datetime.now(UTC) + _BEFORE_START
    times = {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + _LENGTH).isoformat()}
    scene.seminar_id = scene.teacher.send("POST", "/seminars", {**_SEMINAR, **times})["id"]
    scene.teacher.send("POST", f"/seminars/{scene.seminar_id}/publish")
    shown = scene.stranger.get(f"/seminars/{scene.seminar_id}")
    expect(shown["seats_left"] == _SEMINAR["capacity"], "everybody sees its seats", shown)
    return f"{shown['seats_left']} seats"


def _post(scene: Scene) -> str:
    made = scene.teacher.send("POST", "/feed", {"body": _POST})
    newest = scene.stranger.get("/feed", limit="100")["items"]
    expect(made["id"] in {post["id"] for post in newest}, "the post is in the feed", "it is not there")
    return "in everybody's feed"


TEACHING: Part = {
    "register": _register,
    "prove address": _prove_address,
    "member may not teach": _member_may_not_teach,
    "operator": _operator,
    "become a teacher": _become_teacher,
    "write course": _write_course,
    "publish course": _publish_course,
    "publish service": _publish_service,
    "publish seminar": _publish_seminar,
    "post in the feed": _post,
}
