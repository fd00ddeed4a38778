"""The student's second part: learn, try what is not allowed, and ask for money back."""

from http import HTTPStatus

from scripts.smoke.scene import Part, Scene
from scripts.smoke.surprise import expect
from scripts.smoke.teaching import LESSONS, SERVICE_PRICE


def _read_lessons(scene: Scene) -> str:
    read = [scene.student.get(_lesson(scene, number))["title"] for number in range(len(LESSONS))]
    expect(read == list(LESSONS), f"the lessons {list(LESSONS)}", read)
    return f"{len(read)} lessons"


def _complete_lessons(scene: Scene) -> str:
    for number in range(2):
        scene.student.send("PUT", f"{_lesson(scene, number)}/completion")
    owned = scene.student.get("/me/courses")["items"]
    progress = [(one["course"]["id"], one["lessons_completed"], one["lessons"]) for one in owned]
    expect(progress == [(scene.course_id, 2, 3)], "one course, 2 of 3 lessons completed", progress)
    return "2 of 3"


def _order_of_another(scene: Scene) -> str:
    path = f"/orders/{scene.course_order}"
    for person in (scene.stranger, scene.teacher):
        person.is_refused(HTTPStatus.NOT_FOUND, "not_found", "GET", path)
    return scene.stranger.is_refused(HTTPStatus.NOT_FOUND, "not_found", "POST", f"{path}/cancel")


def _lesson_of_another(scene: Scene) -> str:
    return scene.stranger.is_refused(HTTPStatus.FORBIDDEN, "lesson_locked", "GET", _lesson(scene, 1))


def _course_of_the_teacher(scene: Scene) -> str:
    change = {"title": "Mine now"}
    return scene.student.is_refused(HTTPStatus.FORBIDDEN, "forbidden", "PATCH", f"/courses/{scene.course_id}", change)


def _refund_after_learning(scene: Scene) -> str:
    path, body = f"/orders/{scene.course_order}/refund", {"reason": "I know enough"}
    return scene.student.is_refused(HTTPStatus.CONFLICT, "refund_progress_over", "POST", path, body)


def _refund(scene: Scene) -> str:
    asked = scene.student.send("POST", f"/orders/{scene.service_order}/refund", {"reason": "no time"})
    expect(asked["amount"] == SERVICE_PRICE, "the refund is over the whole price", asked["amount"])
    order = scene.student.wait_for_order(scene.service_order, "refunded")
    expect(order["refunded_amount"] == SERVICE_PRICE, "all is refunded", order["refunded_amount"])
    return "the service's whole price"


def _lesson(scene: Scene, number: int) -> str:
    return f"/courses/{scene.course_id}/lessons/{scene.lesson_ids[number]}"


LEARNING: Part = {
    "read lessons": _read_lessons,
    "complete lessons": _complete_lessons,
    "another's order": _order_of_another,
    "another's lesson": _lesson_of_another,
    "the teacher's course": _course_of_the_teacher,
    "refund after learning": _refund_after_learning,
    "refund": _refund,
}
